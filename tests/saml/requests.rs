//! `AuthnRequest`: ours to a provider, a service provider's to us.

use guestpass::federation::Certificate;
use guestpass::federation::saml::request::{Asking, AuthnRequest};
use guestpass::federation::xmldsig::Trust;

use crate::help::{ADDRESS, AUDIENCE, cut, key, now, replaced, sign, strangers_key};

const DESTINATION: &str = "https://idp.litware.example/sso";

fn asking() -> String {
    let asking = Asking {
        id: "_request",
        issuer: AUDIENCE,
        destination: DESTINATION,
        reply_to: ADDRESS,
        force: false,
        now: now(),
    };
    asking.to_xml()
}

#[test]
fn reads_what_it_asks() {
    let request = AuthnRequest::read(&asking()).unwrap();
    assert_eq!((request.id.as_str(), request.issuer.as_str()), ("_request", AUDIENCE));
    assert_eq!(request.destination.as_deref(), Some(DESTINATION));
    assert_eq!(request.reply_to.as_deref(), Some(ADDRESS));
    assert_eq!(request.format.as_deref(), Some(guestpass::federation::PERSISTENT));
    assert!(!request.force && !request.passive && !request.signed);
    let forced = replaced(&asking(), " ID=", " ForceAuthn=\"1\" IsPassive=\"true\" ID=", 1);
    let request = AuthnRequest::read(&forced).unwrap();
    assert!(request.force && request.passive);
}

/// As node-saml and pysaml2 write them.
#[test]
fn reads_what_others_ask() {
    let xml = r#"<?xml version="1.0"?>
<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_8d4f" Version="2.0"
    IssueInstant="2026-06-01T12:00:00.000Z" ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
    Destination="http://localhost:8080/idp/litware/saml" AssertionConsumerServiceIndex="1">
  <saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">onelogin_saml</saml:Issuer>
  <saml:Subject xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><saml:NameID>erin@litware.example</saml:NameID></saml:Subject>
  <samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress" SPNameQualifier="sp" AllowCreate="true"/>
  <samlp:RequestedAuthnContext Comparison="exact">
    <saml:AuthnContextClassRef xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef>
  </samlp:RequestedAuthnContext>
</samlp:AuthnRequest>"#;
    let request = AuthnRequest::read(xml).unwrap();
    assert_eq!(request.issuer, "onelogin_saml");
    assert_eq!((request.reply_index, request.reply_to.as_deref()), (Some(1), None));
    assert_eq!(request.subject.as_deref(), Some("erin@litware.example"));
    assert_eq!(request.qualifier.as_deref(), Some("sp"));
    assert_eq!(request.contexts.len(), 1);
}

#[test]
fn refuses_what_is_no_request() {
    let (issuer, bare) = cut(&asking(), "<saml:Issuer>", "</saml:Issuer>");
    for wrong in [
        String::new(),
        bare,
        asking().replace("AuthnRequest", "LogoutRequest"),
        asking().replace("SAML:2.0:protocol", "SAML:1.0:protocol"),
        replaced(&asking(), "Version=\"2.0\"", "Version=\"1.1\"", 1),
        replaced(&asking(), " ID=\"_request\"", "", 1),
        replaced(&asking(), "2026-06-01T12:00:00.000Z", "yesterday", 1),
        replaced(&asking(), " ID=", " ForceAuthn=\"yes\" ID=", 1),
        replaced(&asking(), " ID=", " AssertionConsumerServiceIndex=\"x\" ID=", 1),
        replaced(&asking(), "bindings:HTTP-POST", "bindings:HTTP-Artifact", 1),
        replaced(&asking(), &issuer, &format!("{issuer}{issuer}"), 1),
        replaced(
            &asking(),
            "</samlp:AuthnRequest>",
            "<samlp:RequestedAuthnContext Comparison=\"minimum\"/></samlp:AuthnRequest>",
            1,
        ),
        replaced(&asking(), "</samlp:AuthnRequest>", "<!-- x --></samlp:AuthnRequest>", 1),
    ] {
        assert!(AuthnRequest::read(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn believes_a_signature_of_the_service_provider_only() {
    let certificates = [Certificate::of(key()).unwrap()];
    let trust = Trust { certificates: &certificates, accept_sha1: false };
    let signed = sign(&asking(), "_request", key());
    assert!(AuthnRequest::read(&signed).unwrap().signed);
    let request = AuthnRequest::signed_by(&signed, trust).unwrap();
    assert_eq!(request, AuthnRequest { signed: true, ..AuthnRequest::read(&asking()).unwrap() });
    let moved = replaced(&signed, ADDRESS, "https://evil.example/acs", 1);
    for wrong in [asking(), moved, sign(&asking(), "_request", strangers_key())] {
        assert!(AuthnRequest::signed_by(&wrong, trust).is_err(), "{wrong}");
    }
}

/// What a request says is kept while somebody signs in, and a deflated one may hold 256 KiB.
#[test]
fn refuses_to_keep_more_than_anybody_says() {
    let with = |more: &str| {
        replaced(&asking(), "</samlp:AuthnRequest>", &format!("{more}</samlp:AuthnRequest>"), 1)
    };
    let format = |value: &str| replaced(&asking(), guestpass::federation::PERSISTENT, value, 1);
    let id = |value: &str| replaced(&asking(), "\"_request\"", &format!("\"{value}\""), 1);
    let issuer = |value: &str| {
        replaced(
            &asking(),
            &format!("<saml:Issuer>{AUDIENCE}"),
            &format!("<saml:Issuer>{value}"),
            1,
        )
    };
    let qualifier = |value: &str| {
        replaced(&asking(), "AllowCreate=", &format!("SPNameQualifier=\"{value}\" AllowCreate="), 1)
    };
    let subject = |value: &str| {
        let subject = format!("<saml:Subject><saml:NameID>{value}</saml:NameID></saml:Subject>");
        replaced(&asking(), "<samlp:NameIDPolicy", &format!("{subject}<samlp:NameIDPolicy"), 1)
    };
    let contexts = |classes: &[&str]| {
        let class = |class: &&str| {
            format!("<saml:AuthnContextClassRef>{class}</saml:AuthnContextClassRef>")
        };
        let classes: String = classes.iter().map(class).collect();
        with(&format!("<samlp:RequestedAuthnContext>{classes}</samlp:RequestedAuthnContext>"))
    };
    let of = |length: usize| "a".repeat(length);
    for good in [
        id(&of(256)),
        id("_8d4f.-Z"),
        format(&of(1024)),
        issuer(&of(1024)),
        qualifier(&of(1024)),
        subject(&of(1024)),
        contexts(&[&of(256)]),
        contexts(&["urn:x"; 20]),
    ] {
        AuthnRequest::read(&good).unwrap();
    }
    let index = "AssertionConsumerServiceIndex=\"0\" ID=";
    for (wrong, what) in [
        (id(&of(257)), "ID"),
        (id("1abc"), "ID"),
        (id("a b"), "ID"),
        (id("{a}"), "ID"),
        (format(&of(1025)), "Format"),
        (issuer(&of(1025)), "Issuer"),
        (qualifier(&of(1025)), "SPNameQualifier"),
        (subject(&of(1025)), "Subject"),
        (contexts(&[&of(257)]), "RequestedAuthnContext"),
        (contexts(&["urn:x"; 21]), "RequestedAuthnContext"),
        (replaced(&asking(), "ID=", index, 1), "Index"),
    ] {
        let fault = AuthnRequest::read(&wrong).unwrap_err().to_string();
        assert!(fault.contains(what) && fault.len() < 200, "{fault}");
    }
}
