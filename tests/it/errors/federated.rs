//! What is wrong with the answers of SAML and WS-Fed providers.

use axum::body::Body;
use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guestpass::Server;
use guestpass::browser::Browser;
use guestpass::federation::wsfed::token::Issued;
use guestpass::federation::wsfed::{PASSWORD_11, result};
use guestpass::federation::{Claim, EMAIL_CLAIM};
use jiff::SignedDuration;

use super::{WORLD, stopped};
use crate::support::*;

const ERIN: &str = "erin@litware.example";
const HEIDI: &str = "heidi@adatum.example";
const SAML: &str = "SAMLResponse";
const WS_FED: &str = "wresult";

/// A browser on the page with which the provider sends a guest of Contoso back, as somebody there.
async fn answered<'s>(server: &'s Server, guest: &str, there: &str) -> Browser<'s> {
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    type_name(&mut browser, guest).await;
    assert!(browser.has_id("userNameInput"), "{}", browser.text());
    browser.submit(&[("UserName", there), ("Password", "guestpass")], None).await;
    assert_eq!(browser.heading(), "Going back to the application", "{}", browser.text());
    browser
}

/// The document that the provider sends in a field.
fn document(browser: &Browser<'_>, field: &str) -> String {
    let forms = browser.forms();
    let fields = &forms.first().expect("a form").hidden;
    let value = &fields.iter().find(|(name, _)| name == field).expect("the field").1;
    match field {
        SAML => String::from_utf8(STANDARD.decode(value).unwrap()).unwrap(),
        _ => value.clone(),
    }
}

async fn changed(guest: &str, field: &str, change: impl Fn(&str) -> String, code: &str) {
    let server = server().await;
    let mut browser = answered(&server, guest, guest).await;
    let before = document(&browser, field);
    let after = change(&before);
    assert_ne!(after, before, "nothing was changed");
    let after = if field == SAML { STANDARD.encode(after) } else { after };
    browser.submit(&[(field, &after)], None).await;
    stopped(&browser, code);
}

#[tokio::test]
async fn a_changed_assertion_is_refused() {
    let victim = |xml: &str| xml.replace(ERIN, "ceo@litware.example");
    changed(ERIN, SAML, victim, "AADSTS50006").await;
    let victim = |xml: &str| xml.replace(HEIDI, "ceo@adatum.example");
    changed(HEIDI, WS_FED, victim, "AADSTS50008").await;
}

#[tokio::test]
async fn a_key_that_is_not_registered_is_refused() {
    let server = server().await;
    let mut browser = answered(&server, ERIN, ERIN).await;
    // The answer is on its way, signed with a key that is replaced meanwhile.
    let rotate = "/_guestpass/keys/rotate";
    let rotated = send(&server, Method::POST, rotate, &[], Body::empty()).await;
    assert_eq!(rotated.status, 200, "{}", rotated.body);
    browser.submit(&[], None).await;
    stopped(&browser, "AADSTS5000811");
}

#[tokio::test]
async fn another_document_is_no_answer() {
    let request = |_: &str| {
        "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_1\" \
         Version=\"2.0\" IssueInstant=\"2026-01-01T00:00:00Z\"/>"
            .to_owned()
    };
    changed(ERIN, SAML, request, "AADSTS7500514").await;
    changed(ERIN, SAML, |_| "<?xml version=\"1.0\"?><!DOCTYPE a><a/>".into(), "AADSTS7500525")
        .await;
    changed(HEIDI, WS_FED, |_| "no document".to_owned(), "AADSTS20012").await;
}

#[tokio::test]
async fn an_address_of_another_domain_is_not_believed() {
    let erin = "[[federation_account]]\nbuiltin = \"litware\"\n";
    let eve = format!("{erin}address = \"eve@northwind.example\"\n\n{erin}");
    assert!(WORLD.contains(erin));
    let server = server_of(&WORLD.replacen(erin, &eve, 1)).await;
    let mut browser = answered(&server, ERIN, "eve@northwind.example").await;
    browser.submit(&[], None).await;
    stopped(&browser, "AADSTS5000819");
}

#[tokio::test]
async fn what_nobody_asked_for_is_not_taken() {
    let server = server().await;
    for (pairs, code) in [
        (vec![], "AADSTS90081"),
        (vec![("wa", "wsignin1.0")], "AADSTS90013"),
        (vec![("wa", "wattr1.0"), ("wresult", "x")], "AADSTS20012"),
        (vec![(SAML, "%")], "AADSTS7500525"),
        (vec![("wa", "wsignin1.0"), ("wresult", "x")], "AADSTS50107"),
        (vec![("wa", "wsignin1.0"), ("wresult", "x"), ("wctx", UNKNOWN)], "AADSTS50008"),
    ] {
        let mut pairs: Vec<_> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        pairs.push(("guestpass_again".to_owned(), "1".to_owned()));
        let mut browser = server.browser();
        browser.post("/login.srf", &pairs).await;
        stopped(&browser, code);
    }
}

const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000.x";

#[tokio::test]
async fn a_person_without_immutable_id_is_nobody() {
    let server = server().await;
    let mut browser = answered(&server, HEIDI, HEIDI).await;
    let sent = document(&browser, WS_FED);
    let text = |tag: &str| {
        let (_, rest) = sent.split_once(&format!(":{tag}>")).expect("the element");
        rest.split_once('<').expect("its end").0.to_owned()
    };
    let now = server.broker().clock().now();
    let token = Issued {
        id: "_token".to_owned(),
        issuer: "https://sts.adatum.example/adfs/services/trust".to_owned(),
        audience: text("Audience"),
        name: "heidi".to_owned(),
        format: "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified".to_owned(),
        now,
        lifetime: SignedDuration::from_mins(60),
        signed_in_at: now,
        method: PASSWORD_11.to_owned(),
        claims: vec![Claim { name: EMAIL_CLAIM.to_owned(), values: vec![HEIDI.to_owned()] }],
    };
    let token = result::issue(&token, &server.broker().keys().current.adatum).unwrap();
    browser.submit(&[(WS_FED, &token)], None).await;
    stopped(&browser, "AADSTS90020");
}
