//! Single sign-out: who may ask for it, who is told, and where the browser goes.

use guestpass::browser::Browser;
use guestpass::federation::saml::binding::{self, Direction};
use guestpass::federation::saml::logout::{LogoutRequest, LogoutResponse};
use guestpass::federation::xmldsig::Trust;
use guestpass::jose::{KeySet, SigningKey};
use guestpass::server::Server;

use super::help::*;
use crate::sign_out::{logout, opened, told};
use crate::support::*;

const SLO: &str = "https://sp.example/slo";
const CAREFUL: &str = "https://careful.example";

/// The path of a `LogoutRequest`.
fn to_logout(server: &Server, issuer: &str, name: &str, key: Option<&SigningKey>) -> String {
    to_logout_of(server, (issuer, name), (REQUEST, &[]), key)
}

/// The same with an id, and with sessions that are meant.
fn to_logout_of(
    server: &Server,
    (issuer, name): (&str, &str),
    (id, sessions): (&str, &[&str]),
    key: Option<&SigningKey>,
) -> String {
    let request = LogoutRequest {
        id: id.to_owned(),
        issuer: issuer.to_owned(),
        name: name.to_owned(),
        format: None,
        sessions: sessions.iter().map(|&session| session.to_owned()).collect(),
    };
    let path = format!("/{CONTOSO}/saml2");
    let address = format!("{}{path}", server.origin());
    let xml = request.to_xml(&address, server.broker().clock().now());
    binding::redirect(&path, Direction::Request, &xml, Some(STATE), key)
}

/// A browser in which Alice is signed in to an application.
async fn alice_at<'s>(server: &'s Server, issuer: &str) -> Browser<'s> {
    let mut browser = server.browser();
    let ask = asking(issuer, "", "");
    let keys = KeySet::development().unwrap();
    let key = (issuer == CAREFUL).then_some(&*keys.google);
    let path = format!("/{CONTOSO}/saml2");
    browser.open(&binding::redirect(&path, Direction::Request, &ask, None, key)).await;
    agree_to_all(server, &mut browser, ALICE).await;
    assert!(posted(&browser).is_some(), "{}", browser.text());
    browser
}

async fn is_signed_in(browser: &mut Browser<'_>) -> bool {
    browser.open(&to_saml(CONTOSO, &asking(EXPENSES, "IsPassive=\"1\"", ""))).await;
    !posted(browser).unwrap().xml().contains("NoPassive")
}

/// What an address of ours carries, read as the application reads it.
async fn check_response(server: &Server, address: &str) {
    let (to, query) = address.split_once('?').unwrap();
    assert_eq!(to, SLO);
    let carried = binding::from_query(query, Direction::Response).unwrap();
    assert_eq!(carried.relay_state(), Some(STATE));
    let realm = contoso(server).await;
    let trust = Trust { certificates: &realm.certificates, accept_sha1: false };
    let now = server.broker().clock().now();
    let response = LogoutResponse::verify(&carried, &realm.issuer, trust, SLO, now).unwrap();
    assert!(response.complete);
    assert_eq!(response.in_response_to.as_deref(), Some(REQUEST));
}

#[tokio::test]
async fn a_request_that_anybody_can_have_sent_asks_first() {
    let server = sign_on_server().await;
    let mut browser = alice_at(&server, EXPENSES).await;
    let path = to_logout(&server, EXPENSES, ALICE, None);
    browser.open(&path).await;
    assert_eq!(browser.heading(), "Do you want to sign out?", "{}", browser.text());
    assert!(browser.html().contains("is not signed with one of the"), "{}", browser.html());
    assert!(is_signed_in(&mut browser).await);
    browser.open(&path).await;
    browser.submit(&[], Some("back")).await;
    assert!(is_signed_in(&mut browser).await);
    browser.open(&path).await;
    browser.submit(&[], None).await;
    check_response(&server, browser.url()).await;
    assert!(!is_signed_in(&mut browser).await);
    // Nobody is left to sign out: the application hears that, too.
    browser.open(&path).await;
    check_response(&server, browser.url()).await;
}

#[tokio::test]
async fn the_page_of_an_application_that_was_signed_in_to_may_ask() {
    let server = sign_on_server().await;
    let path = to_logout(&server, EXPENSES, ALICE, None);
    for (referer, asks) in [("https://sp.example/account", false), ("https://x.example/", true)] {
        let mut browser = alice_at(&server, EXPENSES).await;
        let answer = opened(&server, &browser, &path, &[("referer", referer)]).await;
        assert_eq!(answer.body.contains("Do you want to sign out?"), asks, "{}", answer.body);
        assert_eq!(is_signed_in(&mut browser).await, asks);
        if !asks {
            check_response(&server, answer.header("location")).await;
        }
    }
}

#[tokio::test]
async fn a_signed_request_needs_no_question_for_the_person_it_names() {
    let server = sign_on_server().await;
    let keys = KeySet::development().unwrap();
    let signed = |name: &str| to_logout(&server, CAREFUL, name, Some(&keys.google));
    let mut browser = alice_at(&server, CAREFUL).await;
    browser.open(&signed("bob@fabrikam.example")).await;
    assert_eq!(browser.heading(), "Do you want to sign out?", "{}", browser.text());
    refused(&server, &to_logout(&server, CAREFUL, ALICE, Some(&keys.work)), 50006).await;
    assert!(is_signed_in(&mut browser).await);
    browser.open(&signed(ALICE)).await;
    assert_eq!(browser.heading(), "You signed out of your account", "{}", browser.text());
    let told = told(browser.html());
    assert!(told.len() == 1 && told[0].starts_with(SLO), "{told:?}");
    assert!(!is_signed_in(&mut browser).await);
}

/// The Shibboleth SP says that it does not wait for an answer, and gets one.
#[tokio::test]
async fn a_signed_request_may_carry_extensions() {
    let server = sign_on_server().await;
    let keys = KeySet::development().unwrap();
    let path = to_logout(&server, CAREFUL, ALICE, None);
    let carried = binding::from_query(path.split_once('?').unwrap().1, Direction::Request).unwrap();
    let signed = |edit: &dyn Fn(&str) -> String| {
        let (path, _) = path.split_once('?').unwrap();
        let xml = edit(carried.xml());
        assert_ne!(xml, carried.xml());
        binding::redirect(path, Direction::Request, &xml, Some(STATE), Some(&keys.google))
    };
    let extensions = "<samlp:Extensions><aslo:Asynchronous \
                      xmlns:aslo=\"urn:oasis:names:tc:SAML:2.0:protocol:ext:async-slo\"/>\
                      </samlp:Extensions><saml:NameID";
    // One in the wrong place is a mistake in the message, not in its signature.
    let end = format!("{}</samlp:LogoutRequest>", extensions.replace("<saml:NameID", ""));
    let misplaced = signed(&|xml| xml.replace("</samlp:LogoutRequest>", &end));
    let mut browser = alice_at(&server, CAREFUL).await;
    let shown = refused(&server, &misplaced, 75005).await;
    assert!(shown.body.contains("Extensions has no place there"), "{}", shown.body);
    browser.open(&signed(&|xml| xml.replace("<saml:NameID", extensions))).await;
    assert_eq!(browser.heading(), "You signed out of your account", "{}", browser.text());
    assert!(!is_signed_in(&mut browser).await);
}

/// Whoever sees a signed request (a log, a history) must not have it for every later session.
#[tokio::test]
async fn a_signed_request_is_good_once() {
    let server = sign_on_server().await;
    let keys = KeySet::development().unwrap();
    let key = Some(&*keys.google);
    let path = to_logout(&server, CAREFUL, ALICE, key);
    let mut browser = alice_at(&server, CAREFUL).await;
    browser.open(&path).await;
    assert_eq!(browser.heading(), "You signed out of your account", "{}", browser.text());
    let mut browser = alice_at(&server, CAREFUL).await;
    browser.open(&path).await;
    assert_eq!(browser.heading(), "Do you want to sign out?", "{}", browser.text());
    assert!(browser.html().contains("is signed, but came before"), "{}", browser.html());
    assert!(is_signed_in(&mut browser).await);
    browser.open(&to_logout_of(&server, (CAREFUL, ALICE), ("_another", &[]), key)).await;
    assert_eq!(browser.heading(), "You signed out of your account", "{}", browser.text());
}

#[tokio::test]
async fn a_request_for_another_session_does_not_end_this_one() {
    let server = sign_on_server().await;
    let keys = KeySet::development().unwrap();
    let other = format!("_{}", uuid::Uuid::from_u128(7));
    for (number, (issuer, key, referer)) in [
        (CAREFUL, Some(&*keys.google), "https://x.example/"),
        (EXPENSES, None, "https://sp.example/account"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut browser = alice_at(&server, issuer).await;
        let token = posted(&browser).unwrap().xml();
        let this = token.split("SessionIndex=\"").nth(1).unwrap().split('"').next().unwrap();
        for (round, (sessions, asks)) in
            [(&[other.as_str()][..], true), (&[other.as_str(), this][..], false)]
                .into_iter()
                .enumerate()
        {
            let id = format!("_{number}{round}");
            let path = to_logout_of(&server, (issuer, ALICE), (&id, sessions), key);
            let answer = opened(&server, &browser, &path, &[("referer", referer)]).await;
            assert_eq!(answer.body.contains("Do you want to sign out?"), asks, "{}", answer.body);
            assert_eq!(answer.body.contains("and is for another session"), asks, "{}", answer.body);
            assert_eq!(is_signed_in(&mut browser).await, asks, "{issuer} {sessions:?}");
        }
    }
}

#[tokio::test]
async fn every_application_is_told_by_its_own_protocol() {
    let server = sign_on_server().await;
    let mut browser = server.browser();
    let persistent = asking(EXPENSES, "", &policy("2.0:nameid-format:persistent"));
    browser.open(&to_saml(CONTOSO, &persistent)).await;
    agree_to_all(&server, &mut browser, OLIVIA).await;
    let token = judged(&server, &posted(&browser).unwrap(), EXPENSES).await;
    let sites = format!("/{CONTOSO}/wsfed?wa=wsignin1.0&wtrealm=urn:sites:contoso");
    browser.open(&sites).await;
    assert!(posted(&browser).is_some(), "{}", browser.text());
    browser.open(&logout(CONTOSO, &[])).await;
    browser.submit(&[], None).await;
    let told = told(browser.html());
    assert_eq!(told.len(), 2, "{told:?}");
    let (to, query) = told.iter().find_map(|address| address.split_once("?SAML")).unwrap();
    assert_eq!(to, SLO);
    let carried = binding::from_query(&format!("SAML{query}"), Direction::Request).unwrap();
    let realm = contoso(&server).await;
    let trust = Trust { certificates: &realm.certificates, accept_sha1: false };
    let now = server.broker().clock().now();
    let request = LogoutRequest::verify(&carried, &realm.issuer, trust, SLO, now).unwrap();
    assert_eq!(request.name, token.subject().unwrap().name);
    assert_eq!(request.format, token.subject().unwrap().format);
    assert_eq!(request.sessions, [token.session_index().unwrap()]);
    let clean_up = "https://sites.example/_layouts/signout?wa=wsignoutcleanup1.0".to_owned();
    assert!(told.contains(&clean_up), "{told:?}");
}

#[tokio::test]
async fn a_sign_out_over_ws_federation_goes_only_where_it_may() {
    let server = sign_on_server().await;
    let out = |wa: &str, more: &str| format!("/{CONTOSO}/wsfed?wa={wa}{more}");
    let registered = format!("&wtrealm={EXPENSES}&wreply={ACS}");
    for (path, lands) in [
        (out("wsignout1.0", &registered), Some(ACS)),
        (out("wsignout1.0", &format!("&wreply={ACS}")), Some(ACS)),
        (out("wsignout1.0", "&wreply=https://evil.example/"), None),
        (out("wsignoutcleanup1.0", ""), None),
    ] {
        let mut browser = alice_at(&server, EXPENSES).await;
        browser.open(&path).await;
        assert_eq!(browser.heading(), "Do you want to sign out?", "{}", browser.text());
        assert!(browser.html().contains("the request does not come from a page of an"));
        assert!(!browser.html().contains("id_token_hint"), "{}", browser.html());
        browser.submit(&[], None).await;
        assert!(!browser.url().contains("evil.example"), "{}", browser.url());
        // The page tells Expenses in a frame, and then goes on.
        assert_eq!(told(browser.html()).len(), 1, "{}", browser.html());
        let goes_on = lands.is_some_and(|to| browser.html().contains(to));
        assert_eq!(goes_on, lands.is_some(), "{}", browser.html());
        assert!(!is_signed_in(&mut browser).await);
    }
    refused(&server, &out("wsignout1.0", "&wtrealm=https://nobody.example"), 700016).await;
}

#[tokio::test]
async fn bad_logouts_end_nothing() {
    let server = sign_on_server().await;
    let mut browser = alice_at(&server, EXPENSES).await;
    let path = to_logout(&server, EXPENSES, ALICE, None);
    let (_, query) = path.split_once('?').unwrap();
    let xml = binding::from_query(query, Direction::Request).unwrap().xml().to_owned();
    for (broken, number) in [
        (xml.replace(EXPENSES, "https://nobody.example"), 700016),
        (xml.replace("/saml2\"", "/saml3\""), 75008),
        (xml.replace("Version=\"2.0\"", "Version=\"1.0\""), 75005),
        (xml.replace("NameID", "BaseID"), 75005),
        (xml.replace(REQUEST, "1"), 75005),
    ] {
        assert_ne!(broken, xml);
        refused(&server, &to_saml(CONTOSO, &broken), number).await;
    }
    // An application's answer to being told ends nothing either.
    let response = "<samlp:LogoutResponse xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
                    ID=\"_a\" Version=\"2.0\" IssueInstant=\"2026-01-01T00:00:00Z\"><Issuer \
                    xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\">https://sp.example/metadata\
                    </Issuer></samlp:LogoutResponse>";
    let path =
        binding::redirect(&format!("/{CONTOSO}/saml2"), Direction::Response, response, None, None);
    browser.open(&path).await;
    assert_eq!((browser.status(), browser.heading().as_str()), (200, "An application answered"));
    assert!(is_signed_in(&mut browser).await);
}
