//! The built-in Litware and Adatum, toward service providers that are not guestpass.

use guestpass::Server;
use guestpass::browser::{Browser, Form};
use guestpass::config::world::DEFAULT;
use guestpass::directory::BuiltInFederation::{self, Adatum, Litware};
use guestpass::federation::saml::binding::{Direction, from_query, redirect};
use guestpass::federation::saml::logout::{LogoutRequest, LogoutResponse};
use guestpass::federation::saml::request::Asking;
use guestpass::federation::saml::response;
use guestpass::federation::wsfed::{request, result};
use guestpass::federation::xmldsig::Trust;
use guestpass::federation::{Expected, PERSISTENT, Realm, VerifiedToken, metadata};
use guestpass::upstream::idp;

use super::partner::{ERIN, HEIDI};
use crate::support::{get, server, server_of};
use crate::xmlsec1::{here, verifies_by};

const SP: &str = "https://sp.example/metadata";
const ACS: &str = "https://sp.example/acs";
const OTHER_ACS: &str = "https://sp.example/other";
const SLO: &str = "https://sp.example/slo";

async fn with_service_providers() -> Server {
    let party = |builtin: &str| {
        format!(
            "\n[[federation_service_provider]]\nbuiltin = \"{builtin}\"\nentity_id = \"{SP}\"\n\
             reply_to = [\"{ACS}\", \"{OTHER_ACS}\"]\nlogout_url = \"{SLO}\"\n"
        )
    };
    server_of(&format!("{DEFAULT}{}{}", party("litware"), party("adatum"))).await
}

/// A provider as its metadata describes it.
async fn described(server: &Server, at: BuiltInFederation) -> (Realm, metadata::ProviderRole) {
    let answer = get(server, &format!("/idp/{}/metadata", at.name())).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/samlmetadata+xml");
    let now = server.broker().clock().now();
    let read = metadata::read(&answer.body, Some(at.entity_id()), None, now).unwrap();
    let role = read.provider.unwrap();
    let realm = Realm {
        issuer: read.entity_id,
        certificates: role.certificates.clone(),
        domains: vec!["litware.example".parse().unwrap(), "adatum.example".parse().unwrap()],
        accept_sha1: false,
        want_assertions_signed: true,
    };
    (realm, role)
}

fn asking<'a>(server: &Server, sign_on: &'a str, reply_to: &'a str) -> Asking<'a> {
    let now = server.broker().clock().now();
    Asking { id: "_request", issuer: SP, destination: sign_on, reply_to, force: false, now }
}

/// Types name and password, and gives the form that would go to the service provider.
async fn signed_in(browser: &mut Browser<'_>, name: &str) -> Form {
    assert!(browser.has_id("userNameInput"), "{}", browser.text());
    browser.submit(&[("UserName", name), ("Password", "guestpass")], None).await;
    assert_eq!(browser.heading(), "Going back to the application", "{}", browser.text());
    browser.forms().remove(0)
}

fn field<'f>(form: &'f Form, name: &str) -> &'f str {
    let found = form.hidden.iter().find(|(known, _)| known == name);
    found.map_or("", |(_, value)| value.as_str())
}

fn judged(
    server: &Server,
    realm: &Realm,
    form: &Form,
) -> Result<VerifiedToken, guestpass::federation::Refusal> {
    let audiences = [SP.to_owned()];
    let now = server.broker().clock().now();
    let address = form.action.as_str();
    let request = Some("_request");
    let expected = Expected { realm, audiences: &audiences, address, request, now };
    match field(form, "wa") {
        "wsignin1.0" => {
            result::verify(field(form, "wresult"), &Expected { request: None, ..expected })
        }
        _ => response::verify(&response::decode(field(form, "SAMLResponse"))?, &expected),
    }
}

#[tokio::test]
async fn litware_answers_a_service_provider_where_it_is_registered() {
    let server = with_service_providers().await;
    let (realm, role) = described(&server, Litware).await;
    let sign_on = role.sign_on.unwrap();
    assert_eq!(sign_on, idp::sign_on(Litware, server.origin()));
    for reply_to in [ACS, OTHER_ACS] {
        let xml = asking(&server, &sign_on, reply_to).to_xml();
        let mut browser = server.browser();
        browser.open(&redirect(&sign_on, Direction::Request, &xml, Some("relay&1"), None)).await;
        let form = signed_in(&mut browser, ERIN).await;
        assert_eq!((form.action.as_str(), field(&form, "RelayState")), (reply_to, "relay&1"));
        let account = judged(&server, &realm, &form).unwrap().account(&realm).unwrap();
        assert_eq!(account.email.as_str(), ERIN);
        // The same person has the same name at every sign-in.
        assert_eq!(account.subject.len(), 36, "{}", account.subject);
    }
    for (issuer, reply_to) in [(SP, "https://evil.example/acs"), ("https://evil.example", ACS)] {
        let xml = Asking { issuer, ..asking(&server, &sign_on, reply_to) }.to_xml();
        let mut browser = server.browser();
        browser.open(&redirect(&sign_on, Direction::Request, &xml, None, None)).await;
        assert_eq!(browser.status(), 400, "{}", browser.text());
        assert!(browser.text().contains("evil.example"), "{}", browser.text());
    }
}

#[tokio::test]
async fn adatum_answers_a_relying_party() {
    let server = with_service_providers().await;
    let (realm, role) = described(&server, Adatum).await;
    let passive = role.passive.unwrap();
    let asking = request::SignIn {
        realm: SP.to_owned(),
        reply_to: None,
        context: Some("ctx=1&x".to_owned()),
        fresh: None,
        home: None,
        method: None,
        hint: Some(HEIDI.to_owned()),
    };
    let mut browser = server.browser();
    browser.open(&asking.address(&passive, server.broker().clock().now())).await;
    let form = signed_in(&mut browser, HEIDI).await;
    assert_eq!((form.action.as_str(), field(&form, "wctx")), (ACS, "ctx=1&x"));
    let account = judged(&server, &realm, &form).unwrap().account(&realm).unwrap();
    assert_eq!(account.email.as_str(), HEIDI);
    // A sign-out leads back to a registered address, and nowhere else.
    let evil = "https://evil.example/";
    for (reply_to, lands) in [(OTHER_ACS, OTHER_ACS), (SLO, SLO), (evil, "/idp/adatum")] {
        browser.open(&request::sign_out(&passive, SP, Some(reply_to))).await;
        assert!(browser.url().ends_with(lands), "{}", browser.url());
    }
}

#[tokio::test]
async fn a_wrong_password_gives_no_answer_and_counts() {
    let server = server().await;
    let mut browser = server.browser();
    browser
        .open(&crate::support::authorize(crate::support::CONTOSO, &[("login_hint", ERIN)]))
        .await;
    for name in [ERIN, "nobody@litware.example", HEIDI, "no address"] {
        browser.submit(&[("UserName", name), ("Password", "wrong")], None).await;
        assert!(browser.alert().is_some(), "{name}: {}", browser.text());
    }
    for _ in 0..20 {
        browser.submit(&[("UserName", ERIN), ("Password", "wrong")], None).await;
    }
    browser.submit(&[("UserName", ERIN), ("Password", "guestpass")], None).await;
    assert!(browser.alert().unwrap().contains("locked"), "{}", browser.text());
}

/// Otherwise anybody could lock anybody's password and passcodes out, at a provider of theirs.
#[tokio::test]
async fn wrong_passwords_at_a_provider_lock_nobody_out_elsewhere() {
    let server = server().await;
    let authorize = crate::support::authorize(crate::support::CONTOSO, &[("login_hint", ERIN)]);
    let alice = "alice@contoso.example";
    let frank = "frank@northwind.example";
    let mut browser = server.browser();
    browser.open(&authorize).await;
    for name in [alice, frank] {
        for _ in 0..21 {
            browser.submit(&[("UserName", name), ("Password", "wrong")], None).await;
        }
        assert!(browser.alert().unwrap().contains("locked"), "{name}: {}", browser.text());
    }
    for name in [alice, frank] {
        drop(crate::support::signed_in(&server, name).await);
    }
    // Nor at another provider.
    let mut other = server.browser();
    other.open(&crate::support::authorize(crate::support::CONTOSO, &[("login_hint", HEIDI)])).await;
    other.submit(&[("UserName", frank), ("Password", "wrong")], None).await;
    assert!(!other.alert().unwrap().contains("locked"), "{}", other.text());
}

#[tokio::test]
async fn a_sign_in_belongs_to_its_browser_and_is_answered_once() {
    let server = server().await;
    let mut browser = server.browser();
    browser
        .open(&crate::support::authorize(crate::support::CONTOSO, &[("login_hint", ERIN)]))
        .await;
    let form = browser.forms().remove(0);
    let pairs = [
        form.hidden,
        vec![
            ("UserName".to_owned(), ERIN.to_owned()),
            ("Password".to_owned(), "guestpass".to_owned()),
        ],
    ]
    .concat();
    let mut thief = server.browser();
    thief.post(&form.action, &pairs).await;
    assert_eq!(thief.status(), 403, "{}", thief.text());
    browser.post(&form.action, &pairs).await;
    assert_eq!(browser.heading(), "Going back to the application");
    browser.post(&form.action, &pairs).await;
    assert_eq!(browser.status(), 403, "{}", browser.text());
}

#[tokio::test]
async fn passive_requests_are_refused_by_a_signed_answer() {
    let server = with_service_providers().await;
    let (realm, role) = described(&server, Litware).await;
    let sign_on = role.sign_on.unwrap();
    let xml = asking(&server, &sign_on, ACS).to_xml();
    let xml = xml.replacen(" ID=", " IsPassive=\"true\" ID=", 1);
    let mut browser = server.browser();
    browser.open(&redirect(&sign_on, Direction::Request, &xml, None, None)).await;
    let refused = judged(&server, &realm, &browser.forms()[0]).unwrap_err();
    assert!(refused.to_string().contains("NoPassive"), "{refused}");
}

/// Core §3.3.2.2.1 and §3.4.1.1: what cannot be had is said at once, and not replaced silently.
#[tokio::test]
async fn litware_does_what_it_was_asked_or_says_that_it_cannot() {
    let server = with_service_providers().await;
    let (realm, role) = described(&server, Litware).await;
    let sign_on = role.sign_on.unwrap();
    let classes = "urn:oasis:names:tc:SAML:2.0:ac:classes:";
    let x509 = format!("{classes}X509");
    let [password, protected, unspecified] =
        ["Password", "PasswordProtectedTransport", "unspecified"].map(|n| format!("{classes}{n}"));
    let v1 = "urn:oasis:names:tc:SAML:1.1:nameid-format:";
    let v2 = "urn:oasis:names:tc:SAML:2.0:nameid-format:";
    let [persistent, transient] = ["persistent", "transient"].map(|name| format!("{v2}{name}"));
    let [email, any] = ["emailAddress", "unspecified"].map(|name| format!("{v1}{name}"));
    let kerberos = format!("{v2}kerberos");
    let asked = |format: &str, contexts: &[&String]| {
        let xml = asking(&server, &sign_on, ACS).to_xml();
        let policy = match format {
            "" => String::new(),
            format => format!("<samlp:NameIDPolicy Format=\"{format}\"/>"),
        };
        let names = contexts
            .iter()
            .map(|c| format!("<saml:AuthnContextClassRef>{c}</saml:AuthnContextClassRef>"));
        let names = names.collect::<String>();
        let contexts = match names.as_str() {
            "" => String::new(),
            names => format!(
                "<samlp:RequestedAuthnContext Comparison=\"exact\">{names}</samlp:RequestedAuthnContext>"
            ),
        };
        let own = format!("<samlp:NameIDPolicy Format=\"{persistent}\" AllowCreate=\"true\"/>");
        assert!(xml.contains(&own), "{xml}");
        let xml = xml.replace(&own, &format!("{policy}{contexts}"));
        redirect(&sign_on, Direction::Request, &xml, None, None)
    };
    for (format, contexts, given, used) in [
        ("", &[][..], &persistent, &password),
        (&any, &[&unspecified], &persistent, &unspecified),
        (&persistent, &[&x509, &protected], &persistent, &protected),
        (&transient, &[&password], &transient, &password),
        (&email, &[&protected, &password], &email, &protected),
    ] {
        let mut browser = server.browser();
        browser.open(&asked(format, contexts)).await;
        let form = signed_in(&mut browser, ERIN).await;
        let token = judged(&server, &realm, &form).unwrap();
        assert_eq!(token.context(), Some(used.as_str()), "{format} {contexts:?}");
        assert_eq!(token.subject().unwrap().format.as_ref(), Some(given), "{contexts:?}");
    }
    for (format, contexts, status, names) in [
        ("", &[&x509][..], "Responder, NoAuthnContext", &x509),
        (&email, &[&x509], "Responder, NoAuthnContext", &x509),
        (&kerberos, &[&password], "Requester, InvalidNameIDPolicy", &kerberos),
    ] {
        let mut browser = server.browser();
        browser.open(&asked(format, contexts)).await;
        let refused = judged(&server, &realm, &browser.forms()[0]).unwrap_err().to_string();
        assert!(refused.contains(status) && refused.contains(names.as_str()), "{refused}");
    }
}

/// Nobody has to sign in to ask, and what is asked is kept for as long as a sign-in may last.
#[tokio::test]
async fn what_is_kept_of_a_request_is_bounded() {
    let server = with_service_providers().await;
    let sign_on = described(&server, Litware).await.1.sign_on.unwrap();
    let passive = described(&server, Adatum).await.1.passive.unwrap();
    let xml = asking(&server, &sign_on, ACS).to_xml();
    let long = "a".repeat(250_000);
    let subject = format!("<saml:Subject><saml:NameID>{long}</saml:NameID></saml:Subject>");
    let mut wrong = vec![
        xml.replace("_request", &long),
        xml.replace(PERSISTENT, &long),
        xml.replace("<samlp:NameIDPolicy", &format!("{subject}<samlp:NameIDPolicy")),
        xml.replace("ID=\"_request\"", "ID=\"_request\" AssertionConsumerServiceIndex=\"0\""),
    ]
    .into_iter()
    .map(|xml| redirect(&sign_on, Direction::Request, &xml, None, None))
    .collect::<Vec<_>>();
    let hint = "a".repeat(1025);
    let asked = redirect(&sign_on, Direction::Request, &xml, None, None);
    let query = format!("wa=wsignin1.0&wtrealm={SP}");
    for name in ["login_hint", "username"] {
        wrong.push(format!("{asked}&{name}={hint}"));
        wrong.push(format!("{passive}?{query}&{name}={hint}"));
    }
    wrong.push(format!("{passive}?{query}&wctx={}", "a".repeat(4097)));
    wrong.push(redirect(&sign_on, Direction::Request, &xml, Some(&"a".repeat(2049)), None));
    for address in wrong {
        let mut browser = server.browser();
        browser.open(&address).await;
        assert_eq!(browser.status(), 400, "{address:.200}");
        assert!(
            browser.html().len() < 20_000 && !browser.has_id("userNameInput"),
            "{address:.200}"
        );
    }
    let mut browser = server.browser();
    browser.open(&format!("{asked}&login_hint={}", &hint[..1024])).await;
    assert!(browser.has_id("userNameInput"), "{}", browser.text());
}

#[tokio::test]
async fn a_logout_is_answered_signed_at_the_registered_address() {
    let server = with_service_providers().await;
    let (realm, role) = described(&server, Litware).await;
    let logout = role.logout.unwrap();
    let now = server.broker().clock().now();
    let asking = |issuer: &str| LogoutRequest {
        id: "_logout".to_owned(),
        issuer: issuer.to_owned(),
        name: "erin".to_owned(),
        format: None,
        sessions: Vec::new(),
    };
    let mut browser = server.browser();
    let xml = asking(SP).to_xml(&logout, now);
    browser.open(&redirect(&logout, Direction::Request, &xml, Some("relay"), None)).await;
    let (address, query) = browser.url().split_once('?').unwrap();
    assert_eq!(address, SLO);
    let carried = from_query(query, Direction::Response).unwrap();
    assert_eq!(carried.relay_state(), Some("relay"));
    let trust = Trust { certificates: &realm.certificates, accept_sha1: false };
    let answer = LogoutResponse::verify(&carried, Litware.entity_id(), trust, SLO, now).unwrap();
    assert!(answer.complete);
    assert_eq!(answer.in_response_to.as_deref(), Some("_logout"));
    let xml = asking("https://evil.example").to_xml(&logout, now);
    browser.open(&redirect(&logout, Direction::Request, &xml, None, None)).await;
    assert_eq!(browser.status(), 400, "{}", browser.text());
}

/// Verified with the provider's key, and no longer when `from` is changed into `to`.
#[track_caller]
fn accepted_by_xmlsec1(at: BuiltInFederation, xml: &str, parent: &str, from: &str, to: &str) {
    let key = here(&format!("keys/INSECURE-{}.pem", at.name()));
    let Some(verified) = verifies_by(key.to_str().unwrap(), xml, parent) else { return };
    assert!(verified, "{xml}");
    assert!(xml.contains(from), "{from} in {xml}");
    let changed = xml.replace(from, to);
    assert_eq!(verifies_by(key.to_str().unwrap(), &changed, parent), Some(false));
}

#[tokio::test]
async fn xmlsec1_verifies_every_document_of_both() {
    let server = server().await;
    for (at, name, parents) in
        [(Litware, ERIN, ["Assertion", "Response"].as_slice()), (Adatum, HEIDI, &["Assertion"])]
    {
        let metadata = get(&server, &format!("/idp/{}/metadata", at.name())).await.body;
        accepted_by_xmlsec1(at, &metadata, "EntityDescriptor", "/idp/", "/evil/");
        let mut browser = server.browser();
        let hint = [("login_hint", name)];
        browser.open(&crate::support::authorize(crate::support::CONTOSO, &hint)).await;
        let form = signed_in(&mut browser, name).await;
        let xml = match field(&form, "wresult") {
            "" => response::decode(field(&form, "SAMLResponse")).unwrap(),
            result => result.to_owned(),
        };
        for parent in parents {
            accepted_by_xmlsec1(at, &xml, parent, name, "olivia@fabrikam.example");
        }
    }
}
