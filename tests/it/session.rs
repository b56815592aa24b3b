//! Sessions, sign-out, limits on guessing.

use axum::http::Method;
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn a_passcode_session_lasts_a_day_and_a_kept_one_ninety() {
    let server = server().await;
    let mut frank = signed_in(&server, "frank@northwind.example").await;
    let mut alice = signed_in(&server, "alice@contoso.example").await;
    let advance = |span: &str| server.broker().clock().advance(span.parse().unwrap()).unwrap();
    advance("PT23H");
    for browser in [&mut frank, &mut alice] {
        browser.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
        assert!(browser.parameter("code").is_some(), "{}", browser.url());
    }
    advance("PT2H");
    frank.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
    assert_eq!(frank.parameter("error").unwrap(), "login_required");
    alice.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
    assert!(alice.parameter("code").is_some(), "she stays signed in: {}", alice.url());
}

#[tokio::test]
async fn the_session_id_changes_with_each_sign_in_and_the_old_one_is_dead() {
    let server = server().await;
    let mut browser = signed_in(&server, "alice@contoso.example").await;
    let first = browser.cookie("guestpass_session").unwrap().to_owned();
    browser.open(&authorize(CONTOSO, &[("prompt", "login")])).await;
    agree_to_all(&server, &mut browser, "frank@northwind.example").await;
    let second = browser.cookie("guestpass_session").unwrap().to_owned();
    assert_ne!(first, second);
    let mut planted = server.browser();
    planted.set_cookie("guestpass_session", &first);
    planted.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
    assert_eq!(planted.parameter("error").unwrap(), "login_required");
}

#[tokio::test]
async fn a_session_of_one_tenant_is_none_at_another() {
    let server = server().await;
    let mut browser = signed_in(&server, "frank@northwind.example").await;
    browser.open("/myapps/tailspin.example").await;
    assert!(browser.has_id("i0116"), "{}", browser.text());
}

#[tokio::test]
async fn signing_out_ends_the_session_and_goes_to_registered_places_only() {
    let server = server().await;
    for (target, followed) in [
        ("http://localhost:3000/", true),
        ("https://evil.example/", false),
        ("http://localhost:3000/?added=1", false),
    ] {
        let mut browser = signed_in(&server, "alice@contoso.example").await;
        let session = browser.cookie("guestpass_session").unwrap().to_owned();
        let target_encoded: String =
            url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
        browser
            .open(&format!(
                "/{CONTOSO}/oauth2/v2.0/logout?post_logout_redirect_uri={target_encoded}&state=s"
            ))
            .await;
        assert_eq!(browser.heading(), "Do you want to sign out?", "{}", browser.text());
        browser.submit(&[], None).await;
        if followed {
            assert_eq!(browser.url(), "http://localhost:3000/?state=s");
        } else {
            assert_eq!(browser.heading(), "You signed out of your account");
        }
        browser.set_cookie("guestpass_session", &session);
        browser.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
        assert_eq!(browser.parameter("error").unwrap(), "login_required");
    }
}

#[tokio::test]
async fn a_passcode_has_five_tries_and_thirty_minutes() {
    let server = server().await;
    let name = "frank@northwind.example";
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[("login_hint", name)])).await;
    browser.submit(&[], None).await;
    let first = code_for(&server, name).await;
    for tries in 1..=5 {
        browser.submit(&[("otc", "00000000")], None).await;
        assert_eq!(browser.status(), if tries < 5 { 200 } else { 429 }, "{}", browser.text());
    }
    let forced = browser.forms()[0].clone();
    browser.submit(&[("otc", &first)], None).await;
    assert_eq!(browser.status(), 429, "the right code is too late: {}", browser.text());
    assert_eq!(forced.names, ["otc", "back"]);
    browser.submit_form(1, &[("resend", "1")], None).await;
    let second = code_for(&server, name).await;
    assert_ne!(first, second);
    browser.submit(&[("otc", &first)], None).await;
    assert!(browser.alert().unwrap().contains("didn't work"), "the old code is replaced");
    server.broker().clock().advance("PT31M".parse().unwrap()).unwrap();
    browser.submit(&[("otc", &second)], None).await;
    assert!(browser.alert().unwrap().contains("expired"), "{}", browser.text());
    browser.submit_form(1, &[("resend", "1")], None).await;
    let third = code_for(&server, name).await;
    let spaced = format!(" {} {} ", &third[..4], &third[4..]);
    browser.submit(&[("otc", &spaced)], None).await;
    assert_eq!(browser.heading(), "Review permissions", "{}", browser.text());
}

#[tokio::test]
async fn an_address_locks_after_twenty_wrong_guesses_and_unlocks_by_itself() {
    let server = server().await;
    let password = |word: &'static str| {
        let server = &server;
        async move {
            let mut browser = server.browser();
            browser.open(&authorize(CONTOSO, &[("login_hint", "alice@contoso.example")])).await;
            browser.submit(&[("passwd", word)], None).await;
            (browser.status(), browser.alert())
        }
    };
    for _ in 0..20 {
        let (status, alert) = password("wrong").await;
        assert_eq!(status, 200);
        assert!(alert.unwrap().contains("invalid username or password"));
    }
    let (status, alert) = password("guestpass").await;
    assert_eq!(status, 429);
    assert!(alert.unwrap().contains("locked"));
    server.broker().clock().advance("PT10M1S".parse().unwrap()).unwrap();
    assert_eq!(password("guestpass").await, (200, None));
}

#[tokio::test]
async fn right_answers_are_never_limited() {
    let server = server().await;
    for _ in 0..60 {
        let mut browser = server.browser();
        browser.open(&authorize(CONTOSO, &[("login_hint", "frank@northwind.example")])).await;
        agree_to_all(&server, &mut browser, "frank@northwind.example").await;
        assert!(browser.parameter("code").is_some(), "{}", browser.text());
    }
}

#[tokio::test]
async fn guessed_tickets_are_limited_and_right_ones_are_not() {
    let server = server().await;
    let right = accept_link(&server, "frank@northwind.example", CONTOSO).await;
    let cut = &right[..right.len() - "&ver=2.0".len() - 1];
    let mut statuses = Vec::new();
    for _ in 0..25 {
        let mut browser = server.browser();
        browser.open(cut).await;
        statuses.push(browser.status());
    }
    assert_eq!(statuses.iter().filter(|s| **s == 400).count(), 20);
    assert_eq!(statuses.iter().filter(|s| **s == 429).count(), 5);
    let mut browser = server.browser();
    browser.open(&right).await;
    assert_eq!(browser.heading(), "Verify your email");
}

#[tokio::test]
async fn the_control_api_advances_resets_and_tells() {
    let server = server().await;
    let kind = [("content-type", "application/json")];
    let health = get(&server, "/_guestpass/health").await.json();
    assert_eq!((&health["status"], &health["store"]), (&json!("ok"), &json!("memory")));
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    type_name(&mut browser, "frank@northwind.example").await;
    let id = browser.header("x-guestpass-interaction").unwrap().to_owned();
    let told = get(&server, &format!("/_guestpass/interactions/{id}")).await.json();
    assert_eq!((&told["state"], &told["step"]), (&json!("proving"), &json!("send-code")));
    assert!(told["trace"].as_array().unwrap().iter().any(|e| e["rule"] == "one-time-passcode"));
    let set = r#"{"set":"2030-01-01T00:00:00Z"}"#;
    let set = send(&server, Method::POST, "/_guestpass/clock", &kind, set).await.json();
    assert!(set["now"].as_str().unwrap().starts_with("2030-01-01T00:00"), "{set}");
    for wrong in ["{}", r#"{"advance":"x"}"#, r#"{"advance":"P9999Y"}"#, r#"{"set":1}"#, "["] {
        let answer = send(&server, Method::POST, "/_guestpass/clock", &kind, wrong).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
    // The sign-in began four years ago and is gone; a new one is as good.
    browser.open(&authorize(CONTOSO, &[])).await;
    agree_to_all(&server, &mut browser, "frank@northwind.example").await;
    assert_eq!(state_of(&server, 6).await, "Accepted");
    let reset = send(&server, Method::POST, "/_guestpass/reset", &kind, "").await;
    assert_eq!(reset.status, 204);
    assert_eq!(state_of(&server, 6).await, "PendingAcceptance");
    assert_eq!(get(&server, &format!("/_guestpass/interactions/{id}")).await.status, 404);
    for foreign in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        let refused = send(&server, Method::POST, "/_guestpass/reset", &[foreign], "").await;
        assert_eq!(refused.status, 403, "{foreign:?}");
    }
}
