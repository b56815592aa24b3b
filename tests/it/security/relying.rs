//! guestpass as a relying party, toward a provider that lies: the prose rows of the catalogue.

use axum::http::Method;
use guestpass::Server;
use serde_json::{Map, Value, json};

use super::help::*;
use super::wire::{raw, status};
use crate::provider::{Instead, Provider};
use crate::support::*;

const METADATA: &str = "/.well-known/openid-configuration";
const SCRIPT: &str = "<script>alert(1)</script>";

async fn google() -> (Provider, Server) {
    let provider = Provider::start().await;
    let server = server_of(&provider.as_google()).await;
    (provider, server)
}

/// The callback with one parameter changed, or without it.
fn with(answer: &str, name: &str, value: Option<&str>) -> String {
    let mut url = url::Url::parse(answer).unwrap();
    let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    pairs.retain(|(known, _)| known != name);
    pairs.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url.into()
}

#[tokio::test]
async fn rp_01_an_answer_without_a_state_is_none() {
    let (provider, server) = google().await;
    let before = seen(&server, 3).await;
    let (mut dave, answer) = provider.ask(&server, DAVE).await;
    for state in [None, Some(""), Some("x")] {
        dave.open(&with(&answer, "state", state)).await;
        assert_stopped(&dave, 403, "forged-request: ");
    }
    assert_eq!(provider.calls("/token"), 0);
    assert_untouched(&server, 3, &before).await;
    dave.open(&answer).await;
    assert_eq!(dave.heading(), "Review permissions", "{}", dave.text());
}

#[tokio::test]
async fn rp_03_an_answer_that_comes_again_is_none() {
    let (provider, server) = google().await;
    let (mut dave, answer) = provider.ask(&server, DAVE).await;
    dave.open(&answer).await;
    assert_eq!(provider.calls("/token"), 1);
    for _ in 0..3 {
        dave.open(&answer).await;
        assert_stopped(&dave, 403, "forged-request: ");
    }
    let mut thief = server.browser();
    thief.open(&answer).await;
    assert_stopped(&thief, 403, "sign-in-gone: ");
    assert_eq!(provider.calls("/token"), 1);
}

/// Every tenant has a callback of its own, and a state belongs to one sign-in at one provider.
#[tokio::test]
async fn rp_04_an_answer_at_another_callback_is_none() {
    let (provider, server) = google().await;
    let before = seen(&server, 3).await;
    let (mut dave, answer) = provider.ask(&server, DAVE).await;
    for elsewhere in [TAILSPIN, WOODGROVE, FABRIKAM, "common", "contoso.example"] {
        dave.open(&answer.replace(CONTOSO, elsewhere)).await;
        assert_nothing_issued(&dave);
        assert_eq!(dave.status(), 403, "{elsewhere}: {}", dave.text());
    }
    assert_eq!(provider.calls("/token"), 0);
    assert_untouched(&server, 3, &before).await;
}

#[tokio::test]
async fn rp_05_an_answer_of_another_issuer_is_refused_before_the_code_is_shown() {
    for issuer in ["https://evil.example", "x", "https://accounts.google.com"] {
        let (provider, server) = google().await;
        let (mut dave, answer) = provider.ask(&server, DAVE).await;
        let issuers = [issuer.to_owned(), format!("{}/", provider.issuer)];
        dave.open(&with(&answer, "iss", Some(&issuers[usize::from(issuer == "x")]))).await;
        assert_stopped(&dave, 400, "AADSTS90123: ");
        assert_eq!(provider.calls("/token"), 0, "the code was not sent anywhere");
    }
    // A provider that says it names itself has to (RFC 9207 §2.4).
    let provider = Provider::start().await;
    let mut document = provider.metadata();
    document.insert("authorization_response_iss_parameter_supported".into(), json!(true));
    provider.instead(METADATA, Instead::json(&json!(document)));
    let server = server_of(&provider.as_google()).await;
    let (mut dave, answer) = provider.ask(&server, DAVE).await;
    dave.open(&answer).await;
    assert_stopped(&dave, 400, "AADSTS90123: ");
    assert_eq!(provider.calls("/token"), 0);
    let (mut dave, answer) = provider.ask(&server, DAVE).await;
    dave.open(&with(&answer, "iss", Some(&provider.issuer))).await;
    assert_eq!(dave.heading(), "Review permissions", "{}", dave.text());
}

#[tokio::test]
async fn rp_07_a_code_and_an_error_together_are_an_error() {
    let (provider, server) = google().await;
    let (mut dave, answer) = provider.ask(&server, DAVE).await;
    dave.open(&with(&answer, "error", Some("access_denied"))).await;
    assert_stopped(&dave, 400, "AADSTS90123: ");
    assert_eq!(provider.calls("/token"), 0);
}

#[tokio::test]
async fn rp_08_what_a_provider_says_is_shown_as_text_and_the_sign_in_starts_again() {
    let (provider, server) = google().await;
    for (error, description) in [
        ("access_denied", SCRIPT.to_owned()),
        (SCRIPT, "x".to_owned()),
        ("a\r\nSet-Cookie: x=y", "a\r\nb".to_owned()),
        ("access_denied", "x".repeat(8_000)),
    ] {
        let (mut dave, answer) = provider.ask(&server, DAVE).await;
        let answer = with(&answer, "error", Some(error));
        dave.open(&with(&answer, "error_description", Some(&description))).await;
        assert_stopped(&dave, 400, "AADSTS90123: ");
        assert!(!dave.html().contains("<script"), "{}", dave.html());
        assert!(dave.header("set-cookie").is_none_or(|cookie| !cookie.contains("x=y")));
        assert!(dave.html().len() < 10_000, "{} bytes", dave.html().len());
        let again = dave.link("Use another account").expect("a way to start again");
        dave.open(&again).await;
        type_name(&mut dave, DAVE).await;
        let answer = provider.answer_to(&dave);
        dave.open(&answer).await;
        assert_eq!(dave.heading(), "Review permissions", "{}", dave.text());
    }
}

#[tokio::test]
async fn rp_10_a_code_of_a_megabyte_is_not_read() {
    let (provider, server) = google().await;
    let (dave, answer) = provider.ask(&server, DAVE).await;
    let path = answer.strip_prefix(server.origin()).unwrap();
    let path = path.replace("a-code", &"c".repeat(1024 * 1024));
    let host = server.origin().trim_start_matches("http://");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let answer = raw(&server, request.as_bytes()).await;
    assert!(matches!(status(&answer), 414 | 431), "{answer}");
    assert_eq!(provider.calls("/token"), 0);
    assert!(dave.cookie(SESSION).is_none());
}

/// The broker asks for an answer in the query, so that a cookie with `SameSite=Lax` comes along. A
/// posted answer is not taken, with or without the cookie.
#[tokio::test]
async fn rp_12_a_posted_answer_is_not_taken_and_the_state_never_left_out() {
    let (provider, server) = google().await;
    let before = seen(&server, 3).await;
    let (mut dave, answer) = provider.ask(&server, DAVE).await;
    let asked = dave.url().to_owned();
    assert!(!asked.contains("response_mode=form_post"), "{asked}");
    let (path, query) = answer.strip_prefix(server.origin()).unwrap().split_once('?').unwrap();
    let cookie = format!("{BROWSER}={}", dave.cookie(BROWSER).unwrap());
    for cookie in ["", cookie.as_str()] {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", provider.issuer.as_str()),
            ("cookie", cookie),
        ];
        let posted = send(&server, Method::POST, path, &headers, query.to_owned()).await;
        assert_eq!(posted.status, 405, "{}", posted.body);
    }
    assert_eq!(provider.calls("/token"), 0);
    assert_untouched(&server, 3, &before).await;
    dave.open(&answer).await;
    assert_eq!(dave.heading(), "Review permissions", "{}", dave.text());
}

/// Metadata that is not the configured issuer's, or leads elsewhere than to the web.
#[tokio::test]
async fn rp_14_metadata_of_an_issuer_that_differs_by_a_slash_is_anothers() {
    let provider = Provider::start().await;
    let issuer = provider.issuer.clone();
    let token = format!("{issuer}/token");
    for (name, value) in [
        ("issuer", format!("{issuer}/")),
        ("issuer", issuer.replace("http:", "HTTP:")),
        ("issuer", issuer.replace("127.0.0.1", "localhost")),
        ("issuer", format!("{issuer}/v2.0")),
        ("issuer", "https://accounts.google.com".to_owned()),
        ("authorization_endpoint", "javascript:alert(1)".to_owned()),
        ("authorization_endpoint", "data:text/html,x".to_owned()),
        ("token_endpoint", "file:///etc/passwd".to_owned()),
        ("token_endpoint", token.replace("http://", "http://user:pw@")),
        ("jwks_uri", "ftp://127.0.0.1/keys".to_owned()),
        ("jwks_uri", "keys".to_owned()),
        // RP-8: plain http at home only, and a sign-out leads to the web, too.
        ("authorization_endpoint", "http://evil.example/authorize".to_owned()),
        ("token_endpoint", "http://up.example/token".to_owned()),
        ("jwks_uri", "http://up.example/keys".to_owned()),
        ("userinfo_endpoint", "http://up.example/userinfo".to_owned()),
        ("end_session_endpoint", "http://evil.example/logout".to_owned()),
        ("end_session_endpoint", "javascript:alert(1)".to_owned()),
        ("end_session_endpoint", "mailto:x@example.org".to_owned()),
    ] {
        let mut document = provider.metadata();
        document.insert(name.to_owned(), json!(value));
        provider.instead(METADATA, Instead::json(&json!(document)));
        let server = server_of(&provider.as_google()).await;
        let mut dave = server.browser();
        dave.open(&authorize(CONTOSO, &[("login_hint", DAVE)])).await;
        assert_stopped(&dave, 502, "AADSTS40008: ");
        assert_eq!(provider.calls("/token"), 0, "{name} {value}");
    }
}

/// A provider in a container has one name for the broker and another for the browser.
#[tokio::test]
async fn plain_http_is_followed_on_the_issuers_own_host_and_on_loopback() {
    let provider = Provider::start().await;
    let mut document = provider.metadata();
    let browsers = provider.issuer.replace("127.0.0.1", "localhost");
    document.insert("authorization_endpoint".to_owned(), json!(format!("{browsers}/authorize")));
    let logout = json!("https://logout.example/all");
    document.insert("end_session_endpoint".to_owned(), logout);
    provider.instead(METADATA, Instead::json(&json!(document)));
    let server = server_of(&provider.as_google()).await;
    let mut dave = server.browser();
    dave.open(&authorize(CONTOSO, &[("login_hint", DAVE)])).await;
    assert!(dave.url().starts_with(&format!("{browsers}/authorize?")), "{}", dave.text());
}

async fn assert_refused_token(claims: impl Fn(&mut Map<String, Value>) + Send + 'static) {
    let (provider, server) = google().await;
    let before = seen(&server, 3).await;
    provider.claims(claims);
    let mut dave = provider.sign_in(&server, DAVE).await;
    assert_eq!(dave.status(), 400, "{}", dave.text());
    assert_nothing_issued(&dave);
    assert!(!is_signed_in(&mut dave).await);
    assert_untouched(&server, 3, &before).await;
}

#[tokio::test]
async fn rp_17_an_unsigned_token_is_none() {
    let (provider, server) = google().await;
    provider.forge(|_, claims| {
        let encode =
            |text: String| base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, text);
        let header = encode(json!({"alg": "none"}).to_string());
        format!("{header}.{}.", encode(json!(claims).to_string()))
    });
    let dave = provider.sign_in(&server, DAVE).await;
    assert_stopped(&dave, 400, "AADSTS90123: ");
}

#[tokio::test]
async fn rp_18_a_token_that_does_not_say_when_it_was_issued_is_none() {
    assert_refused_token(|claims| drop(claims.remove("iat"))).await;
}

/// Nothing is asked of the userinfo endpoint: what it would say cannot be mixed up with the token.
#[tokio::test]
async fn rp_19_userinfo_of_another_subject_is_not_even_read() {
    let (provider, server) = google().await;
    let other = json!({"sub": "another", "email": "vera@gmail.com", "email_verified": true});
    provider.instead("/userinfo", Instead::json(&other));
    let mut dave = provider.sign_in(&server, DAVE).await;
    agree_to_all(&server, &mut dave, DAVE).await;
    assert!(dave.parameter("code").is_some(), "{}", dave.text());
    assert_eq!(provider.calls("/userinfo"), 0);
    assert_eq!(seen(&server, 3).await["identities"][0]["issuerAssignedId"], "subject-of-dave");
}

#[tokio::test]
async fn rp_22_an_answer_from_before_a_reset_of_the_world_is_none() {
    let (provider, server) = google().await;
    let (mut dave, answer) = provider.ask(&server, DAVE).await;
    server.broker().reset().await.unwrap();
    let before = seen(&server, 3).await;
    dave.open(&answer).await;
    assert_stopped(&dave, 403, "sign-in-gone: ");
    assert_eq!(provider.calls("/token"), 0);
    assert_untouched(&server, 3, &before).await;
}

#[tokio::test]
async fn rp_25_an_address_is_verified_only_if_the_provider_says_true() {
    for verified in [json!("true"), json!(1), json!("yes"), json!(false), Value::Null] {
        assert_refused_token(move |claims| {
            claims.insert("email_verified".into(), verified.clone());
        })
        .await;
    }
    assert_refused_token(|claims| drop(claims.remove("email_verified"))).await;
}

#[tokio::test]
async fn rp_26_several_addresses_are_none() {
    for email in [json!([DAVE]), json!([DAVE, "vera@gmail.com"]), json!({"value": DAVE}), json!(5)]
    {
        assert_refused_token(move |claims| drop(claims.insert("email".into(), email.clone())))
            .await;
    }
}

#[tokio::test]
async fn rp_27_an_address_with_two_at_signs_is_none() {
    for email in [
        "dave@gmail.com@evil.example",
        "dave@evil.example@gmail.com",
        "dave@@gmail.com",
        "dave@gmail.com,vera@gmail.com",
        "dave@gmail.com\r\nvera@gmail.com",
        "\"dave@gmail.com\"@evil.example",
        "Dave <dave@gmail.com>",
        "dave@gmail.com ",
        "",
    ] {
        assert_refused_token(move |claims| drop(claims.insert("email".into(), email.into()))).await;
    }
}
