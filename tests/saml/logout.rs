//! Single logout: only whoever is trusted ends a session.

use guestpass::federation::Certificate;
use guestpass::federation::saml::binding::{
    Carried, Direction, from_form, from_query, redirect, to_form,
};
use guestpass::federation::saml::logout::{
    LogoutFault, LogoutRequest, LogoutResponse, claimed_issuer,
};
use guestpass::federation::xmldsig::Trust;
use guestpass::jose::SigningKey;
use guestpass::protocol::params::Params;
use jiff::SignedDuration;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::help::{ISSUER, NAME, key, now, replaced, sign, strangers_key};

const ADDRESS: &str = "http://localhost:8080/saml2/logout";

fn request() -> LogoutRequest {
    LogoutRequest {
        id: "_logout".to_owned(),
        issuer: ISSUER.to_owned(),
        name: NAME.to_owned(),
        format: Some(guestpass::federation::PERSISTENT.to_owned()),
        sessions: vec!["_session".to_owned(), "_other".to_owned()],
    }
}

fn in_query(xml: &str, direction: Direction, key: Option<&SigningKey>) -> Carried {
    let address = redirect(ADDRESS, direction, xml, Some("state"), key);
    from_query(address.split_once('?').unwrap().1, direction).unwrap()
}

fn verify(carried: &Carried, minutes: i64) -> Result<LogoutRequest, LogoutFault> {
    let certificates = [Certificate::of(key()).unwrap()];
    let trust = Trust { certificates: &certificates, accept_sha1: false };
    let now = now().checked_add(SignedDuration::from_mins(minutes)).unwrap();
    LogoutRequest::verify(carried, ISSUER, trust, ADDRESS, now)
}

/// A message in a form.
fn in_form(xml: &str) -> Carried {
    let field = utf8_percent_encode(&to_form(xml), NON_ALPHANUMERIC).to_string();
    let form = Params::parse(&format!("SAMLRequest={field}")).unwrap();
    from_form(&form, Direction::Request).unwrap()
}

#[test]
fn takes_a_signed_request_in_either_binding() {
    let xml = request().to_xml(ADDRESS, now());
    assert_eq!(claimed_issuer(&xml).unwrap(), ISSUER);
    let carried = in_query(&xml, Direction::Request, Some(key()));
    assert_eq!(verify(&carried, 0).unwrap(), request());
    assert_eq!(verify(&in_form(&sign(&xml, "_logout", key())), 0).unwrap(), request());
}

/// As the Shibboleth SP asks by default (Core §3.2.1).
#[test]
fn extensions_are_passed_over_in_their_place() {
    let extensions = "<samlp:Extensions><aslo:Asynchronous \
                      xmlns:aslo=\"urn:oasis:names:tc:SAML:2.0:protocol:ext:async-slo\"/>\
                      </samlp:Extensions>";
    let xml = request().to_xml(ADDRESS, now());
    let before = |name: &str| replaced(&xml, name, &format!("{extensions}{name}"), 1);
    let good = before("<saml:NameID ");
    assert_eq!(verify(&in_query(&good, Direction::Request, Some(key())), 0).unwrap(), request());
    assert_eq!(verify(&in_form(&sign(&good, "_logout", key())), 0).unwrap(), request());
    for wrong in [
        before("<saml:Issuer>"),
        before("</samlp:LogoutRequest>"),
        replaced(&good, extensions, &extensions.repeat(2), 1),
    ] {
        let fault = verify(&in_query(&wrong, Direction::Request, Some(key())), 0).unwrap_err();
        assert!(matches!(fault, LogoutFault::Message(_)), "{fault:?} {wrong}");
    }
    let certificates = [Certificate::of(key()).unwrap()];
    let trust = Trust { certificates: &certificates, accept_sha1: false };
    let response = done(true);
    let xml = response.to_xml(ADDRESS, now());
    let xml = replaced(&xml, "<samlp:Status>", &format!("{extensions}<samlp:Status>"), 1);
    let carried = in_query(&xml, Direction::Response, Some(key()));
    let read = LogoutResponse::verify(&carried, ISSUER, trust, ADDRESS, now());
    assert_eq!(read.unwrap(), response);
}

/// What is wrong is said: the signature, or what it was made over.
#[test]
fn a_message_of_the_wrong_shape_is_no_wrong_signature() {
    let xml = request().to_xml(ADDRESS, now());
    let signed = |xml: &str| verify(&in_query(xml, Direction::Request, Some(key())), 0);
    for wrong in [
        replaced(&xml, "saml:NameID", "saml:BaseID", 2),
        replaced(&xml, ADDRESS, "https://other.example", 1),
        replaced(&xml, ISSUER, "https://other.example", 1),
        replaced(&xml, "2026-06-01", "2026-05-01", 1),
        replaced(&xml, "_session", " _session", 1),
    ] {
        let fault = signed(&wrong).unwrap_err();
        assert!(matches!(fault, LogoutFault::Message(_)), "{fault:?} {wrong}");
    }
    for wrong in [
        in_form(&xml),
        in_form(&sign(&xml, "_logout", strangers_key())),
        in_query(&xml, Direction::Request, Some(strangers_key())),
    ] {
        let fault = verify(&wrong, 0).unwrap_err();
        assert!(matches!(fault, LogoutFault::Signature(_)), "{fault:?} {}", wrong.xml());
    }
}

#[test]
fn refuses_a_request_that_is_not_the_providers() {
    let xml = request().to_xml(ADDRESS, now());
    let signed = sign(&xml, "_logout", key());
    for wrong in [
        in_form(&xml),
        in_query(&xml, Direction::Request, None),
        in_query(&xml, Direction::Request, Some(strangers_key())),
        in_form(&sign(&xml, "_logout", strangers_key())),
        in_form(&replaced(&signed, NAME, "somebody", 1)),
        in_form(&replaced(&signed, "_session", "_another", 1)),
        in_query(&xml.replace(ISSUER, "https://other.example"), Direction::Request, Some(key())),
        in_query(&xml.replace(ADDRESS, "https://other.example"), Direction::Request, Some(key())),
        in_query(&xml.replace("LogoutRequest", "LogoutResponse"), Direction::Request, Some(key())),
        in_query(
            &xml.replace("samlp:SessionIndex", "samlp:Session"),
            Direction::Request,
            Some(key()),
        ),
    ] {
        assert!(verify(&wrong, 0).is_err(), "{}", wrong.xml());
    }
}

#[test]
fn a_request_holds_for_ten_minutes() {
    let carried = in_query(&request().to_xml(ADDRESS, now()), Direction::Request, Some(key()));
    let found = [-6, -5, 9, 10].map(|minutes| verify(&carried, minutes).is_ok());
    assert_eq!(found, [false, true, true, false]);
}

fn done(complete: bool) -> LogoutResponse {
    LogoutResponse {
        id: "_done".to_owned(),
        issuer: ISSUER.to_owned(),
        in_response_to: Some("_logout".to_owned()),
        complete,
    }
}

#[test]
fn says_and_reads_how_it_went() {
    let certificates = [Certificate::of(key()).unwrap()];
    let trust = Trust { certificates: &certificates, accept_sha1: false };
    for complete in [true, false] {
        let response = done(complete);
        let xml = response.to_xml(ADDRESS, now());
        let verify =
            |carried: &Carried| LogoutResponse::verify(carried, ISSUER, trust, ADDRESS, now());
        let carried = in_query(&xml, Direction::Response, Some(key()));
        assert_eq!(verify(&carried).unwrap(), response);
        assert!(verify(&in_query(&xml, Direction::Response, Some(strangers_key()))).is_err());
        assert!(verify(&in_form(&xml)).is_err());
    }
}
