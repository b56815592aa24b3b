//! Answers of SAML and WS-Fed providers at `/login.srf`: the good ones, and each way to be wrong.

use std::sync::Arc;

use guestpass::Server;
use guestpass::browser::Browser;
use jiff::SignedDuration;

use super::partner::{
    ADATUM, Answer, Asked, ERIN, HEIDI, LITWARE, answer, ask, ask_again, issued, keys, post,
    refused, token, world,
};
use crate::support::{agree_to_all, server_of, state_of};

async fn started() -> Server {
    server_of(&world()).await
}

/// Erin's provider answers as `edit` has it.
async fn answered(server: &Server, edit: impl Fn(&mut Answer)) -> (Browser<'_>, Asked) {
    let (mut browser, asked) = ask(server, ERIN).await;
    let mut made = answer(server, &asked);
    edit(&mut made);
    post(&mut browser, &made.signed_by(&keys().litware), &asked.state).await;
    (browser, asked)
}

/// Checks that the answer is refused, nothing has come of it, and the person can try again.
async fn is_refused(edit: impl Fn(&mut Answer), number: u32, why: &str) {
    let server = started().await;
    let (mut browser, _) = answered(&server, edit).await;
    refused(&browser, number, why);
    assert_eq!(state_of(&server, 4).await, "PendingAcceptance");
    let asked = ask_again(&mut browser, ERIN).await;
    let good = answer(&server, &asked).signed_by(&keys().litware);
    post(&mut browser, &good, &asked.state).await;
    agree_to_all(&server, &mut browser, ERIN).await;
    assert!(browser.parameter("code").is_some(), "{}", browser.text());
}

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

#[tokio::test]
async fn a_good_answer_signs_in_and_is_about_the_account_not_the_address() {
    let server = started().await;
    let (mut browser, asked) = answered(&server, |_| {}).await;
    assert_eq!(asked.reply_to, format!("{}/login.srf", server.origin()));
    assert_eq!(asked.audience, format!("{}/{}/", server.origin(), crate::support::CONTOSO));
    agree_to_all(&server, &mut browser, ERIN).await;
    assert!(browser.parameter("code").is_some(), "{}", browser.text());
    let object = crate::support::guest(&server, "c0a70500-0000-4000-8000-000000000104").await;
    assert_eq!(object["identities"][0]["issuer"], LITWARE);
    assert_eq!(object["identities"][0]["issuerAssignedId"], "erin-for-good");
    // Whoever has the address next is another person.
    let (browser, _) = answered(&server, |a| a.sign_in.name = "another-erin".to_owned()).await;
    assert!(browser.parameter("code").is_none() && browser.status() >= 400, "{}", browser.text());
}

#[tokio::test]
async fn saml_48_a_response_that_comes_twice_is_good_once() {
    let server = started().await;
    let (mut browser, asked) = ask(&server, ERIN).await;
    let first = answer(&server, &asked);
    post(&mut browser, &first.signed_by(&keys().litware), &asked.state).await;
    assert_eq!(browser.heading(), "Review permissions", "{}", browser.text());
    post(&mut browser, &first.signed_by(&keys().litware), &asked.state).await;
    refused(&browser, 50008, "it may have been used before");
    // In another sign-in it answers another request.
    let (mut browser, other) = ask(&server, ERIN).await;
    post(&mut browser, &first.signed_by(&keys().litware), &other.state).await;
    refused(&browser, 50008, "answers another request");
    // The same assertion in a response that fits.
    let other = ask_again(&mut browser, ERIN).await;
    let mut second = answer(&server, &other);
    second.sign_in.id.clone_from(&first.sign_in.id);
    post(&mut browser, &second.signed_by(&keys().litware), &other.state).await;
    refused(&browser, 50008, "the assertion was used before");
}

#[tokio::test]
async fn a_token_of_ws_federation_is_good_once_although_it_answers_no_request() {
    let server = started().await;
    let (mut browser, asked) = ask(&server, HEIDI).await;
    let result = issued(&token(&server, &asked), &keys().adatum);
    post(&mut browser, &result, &asked.state).await;
    assert_eq!(browser.heading(), "Review permissions", "{}", browser.text());
    let (mut thief, other) = ask(&server, HEIDI).await;
    post(&mut thief, &result, &other.state).await;
    refused(&thief, 50008, "the assertion was used before");
    // As long as it could still be taken.
    server.broker().clock().advance("PT64M".parse().unwrap()).unwrap();
    server.broker().sweep().await.unwrap();
    let (mut thief, other) = ask(&server, HEIDI).await;
    post(&mut thief, &result, &other.state).await;
    refused(&thief, 50008, "the assertion was used before");
    server.broker().clock().advance("PT2M".parse().unwrap()).unwrap();
    server.broker().sweep().await.unwrap();
    let (mut thief, other) = ask(&server, HEIDI).await;
    post(&mut thief, &result, &other.state).await;
    refused(&thief, 50008, "expired");
}

/// At three replicas: the second one may find the first at any point of its way.
#[tokio::test(flavor = "multi_thread")]
async fn saml_49_a_response_that_comes_many_times_at_once_signs_in_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.db");
    let origin = "http://sso.guestpass.example";
    let start = || Server::builder().world(world()).origin(origin).store_file(&file).start();
    let mut servers = Vec::new();
    for _ in 0..3 {
        servers.push(Arc::new(start().await.unwrap()));
    }
    let server = servers[0].clone();
    let mut browser = Browser::new(&server, origin);
    let asked = ask_again(&mut browser, ERIN).await;
    let xml = answer(&server, &asked).signed_by(&keys().litware);
    let name = "guestpass_browser";
    let cookie = browser.cookie(name).expect("a browser's cookie").to_owned();
    drop(browser);
    let mut posts = tokio::task::JoinSet::new();
    for number in 0..32 {
        let (server, cookie) = (servers[number % 3].clone(), cookie.clone());
        let (xml, state) = (xml.clone(), asked.state.clone());
        posts.spawn(async move {
            let mut browser = Browser::new(&server, origin);
            browser.set_cookie(name, &cookie);
            post(&mut browser, &xml, &state).await;
            browser.heading() == "Review permissions"
        });
    }
    let taken = posts.join_all().await;
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 1);
}

#[tokio::test]
async fn an_answer_to_another_browser_is_refused() {
    let server = started().await;
    let (_victim, asked) = ask(&server, ERIN).await;
    let good = answer(&server, &asked).signed_by(&keys().litware);
    let mut attacker = server.browser();
    post(&mut attacker, &good, &asked.state).await;
    // On http the page posts itself once more, in case the cookie was held back.
    assert_eq!(attacker.heading(), "Going back to the application");
    attacker.submit(&[], None).await;
    refused(&attacker, 50008, "in this browser");
    // With a sign-in of its own.
    let (mut attacker, own) = ask(&server, ERIN).await;
    post(&mut attacker, &good, &asked.state).await;
    refused(&attacker, 50008, "in this browser");
    post(&mut attacker, &good, &own.state).await;
    refused(&attacker, 50008, "answers another request");
}

#[tokio::test]
async fn an_answer_for_another_audience_is_refused() {
    let tailspin = |a: &mut Answer| {
        a.sign_in.audience =
            a.sign_in.audience.replace(crate::support::CONTOSO, crate::support::TAILSPIN);
    };
    is_refused(tailspin, 50008, "udience").await;
}

#[tokio::test]
async fn an_answer_that_was_sent_elsewhere_is_refused() {
    let elsewhere =
        |a: &mut Answer| a.envelope.destination = "https://sp.example/login.srf".to_owned();
    is_refused(elsewhere, 50008, "https://sp.example/login.srf").await;
}

#[tokio::test]
async fn an_answer_that_is_late_or_early_is_refused_beyond_five_minutes() {
    let made = |by: SignedDuration| move |a: &mut Answer| a.envelope.now += by;
    is_refused(made(minutes(-66)), 50008, "expired").await;
    is_refused(made(minutes(6)), 50008, "not").await;
    for by in [-1, 4] {
        let server = started().await;
        let (browser, _) = answered(&server, made(minutes(by))).await;
        assert_eq!(browser.heading(), "Review permissions", "{by}: {}", browser.text());
    }
}

#[tokio::test]
async fn an_answer_that_nobody_signed_is_refused() {
    let server = started().await;
    let (mut browser, asked) = ask(&server, ERIN).await;
    let signed = answer(&server, &asked).signed_by(&keys().litware);
    let start = signed.find("<ds:Signature ").unwrap();
    let end = signed.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
    let unsigned = format!("{}{}", &signed[..start], &signed[end..]);
    post(&mut browser, &unsigned, &asked.state).await;
    refused(&browser, 50008, "signed");
    let (mut browser, asked) = ask(&server, HEIDI).await;
    let signed = issued(&token(&server, &asked), &keys().adatum);
    let start = signed.find("<ds:Signature ").unwrap();
    let end = signed.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
    let unsigned = format!("{}{}", &signed[..start], &signed[end..]);
    post(&mut browser, &unsigned, &asked.state).await;
    refused(&browser, 50008, "signed");
}

#[tokio::test]
async fn a_signature_of_another_kind_is_refused_with_the_one_that_is_wanted() {
    let server = started().await;
    let (mut browser, asked) = ask(&server, ERIN).await;
    let signed = answer(&server, &asked).signed_by(&keys().litware);
    let sha1 = signed.replace(
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
    );
    post(&mut browser, &sha1, &asked.state).await;
    refused(&browser, 50006, "has to sign with RSA and SHA-256");
}

/// Another tenant's provider, as itself and under the name of the one that was asked.
#[tokio::test]
async fn an_answer_of_another_tenants_provider_is_refused() {
    is_refused(|a| a.envelope.issuer = ADATUM.to_owned(), 50107, ADATUM).await;
    let server = started().await;
    let (mut browser, asked) = ask(&server, ERIN).await;
    let forged = answer(&server, &asked).signed_by(&keys().adatum);
    post(&mut browser, &forged, &asked.state).await;
    refused(&browser, 5_000_811, "signingCertificate");
    // A provider of the other protocol answers for the one that was asked.
    let (mut browser, asked) = ask(&server, ERIN).await;
    let other = issued(&token(&server, &asked), &keys().adatum);
    post(&mut browser, &other, &asked.state).await;
    refused(&browser, 50107, LITWARE);
}

#[tokio::test]
async fn a_provider_is_trusted_for_its_domains_only() {
    for address in
        ["erin@contoso.example", "erin@evil.litware.example", "erin@litware.example.evil"]
    {
        let other = |a: &mut Answer| a.sign_in.claims[0].values = vec![address.to_owned()];
        is_refused(other, 5_000_819, "Email address claim").await;
    }
    is_refused(|a| a.sign_in.claims.clear(), 5_000_819, "Email address claim").await;
    let named = |a: &mut Answer| a.sign_in.claims[0].name = "emailAddress".to_owned();
    is_refused(named, 5_000_819, "identity/claims/emailaddress").await;
}

#[tokio::test]
async fn an_account_needs_a_name_that_lasts() {
    let transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
    is_refused(|a| a.sign_in.format = transient.to_owned(), 50008, "persistent").await;
    let server = started().await;
    let (mut browser, asked) = ask(&server, HEIDI).await;
    let mut nameless = token(&server, &asked);
    nameless.claims.remove(0);
    post(&mut browser, &issued(&nameless, &keys().adatum), &asked.state).await;
    refused(&browser, 90020, "ImmutableID");
}

#[tokio::test]
async fn a_provider_that_says_no_is_quoted() {
    let server = started().await;
    let (mut browser, asked) = ask(&server, ERIN).await;
    let made = answer(&server, &asked);
    let no = guestpass::federation::saml::answer::refused(
        &made.envelope,
        ("Responder", "AuthnFailed"),
        "<b>No</b>",
        &keys().litware,
    );
    post(&mut browser, &no.unwrap(), &asked.state).await;
    refused(&browser, 90123, "AuthnFailed");
    assert!(!browser.html().contains("<b>No"), "{}", browser.html());
}
