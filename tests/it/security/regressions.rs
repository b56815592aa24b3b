//! What an attack once got through.

use axum::http::Method;
use guestpass::Server;
use serde_json::json;

use super::wire::{raw, status};
use crate::support::*;

const BOB: &str = "bob@fabrikam.example";
const EVE: &str = "eve@northwind.example";
const BOBS: &str = "/v1.0/users/c0a70500-0000-4000-8000-000000000101";
const PORTAL: &str = "fab21ca0-0000-4000-8000-0000000000b1";
const PORTAL_CALLBACK: &str = "http://localhost:3001/auth/callback";

fn portal(authority: &str, more: &[(&str, &str)]) -> String {
    let mut changes =
        vec![("client_id", PORTAL), ("redirect_uri", PORTAL_CALLBACK), ("scope", "openid")];
    changes.extend(more);
    authorize(authority, &changes)
}

fn advance(server: &Server, span: &str) {
    server.broker().clock().advance(span.parse().unwrap()).unwrap();
}

async fn reset(server: &Server, address: &str) -> Answer {
    let token = daemon_token(server).await;
    let body = json!({
        "invitedUserEmailAddress": address,
        "inviteRedirectUrl": "https://app.example",
        "invitedUser": {"id": "c0a70500-0000-4000-8000-000000000101"},
        "resetRedemption": true,
        "sendInvitationMessage": true,
    });
    post_json(server, "/v1.0/invitations", &token, &body).await
}

#[tokio::test]
async fn after_a_reset_to_a_new_address_the_old_one_means_nobody() {
    let server = server().await;
    signed_in(&server, BOB).await;
    let token = daemon_token(&server).await;
    let moved = patch(&server, BOBS, &token, &json!({"otherMails": [EVE]})).await;
    assert_eq!(moved.status, 204, "{}", moved.body);
    assert_eq!(reset(&server, EVE).await.status, 201);
    let mut bob = server.browser();
    bob.open(&authorize(CONTOSO, &[])).await;
    agree_to_all(&server, &mut bob, BOB).await;
    assert!(!bob.url().starts_with(CALLBACK), "{}", bob.url());
    assert!(bob.alert().unwrap().contains("AADSTS50020"), "{}", bob.text());
    assert_eq!(state_of(&server, 1).await, "PendingAcceptance");
    // Inviting the old address again does not invite Eve's object.
    let body = json!({"invitedUserEmailAddress": BOB, "inviteRedirectUrl": "https://app.example"});
    let again = post_json(&server, "/v1.0/invitations", &token, &body).await;
    assert_eq!(again.status, 400, "{}", again.body);
    // Eve's link redeems, and she reads the terms herself.
    let mut eve = server.browser();
    eve.open(&accept_link(&server, EVE, CONTOSO).await).await;
    type_passcode(&server, &mut eve, EVE).await;
    eve.submit(&[], None).await;
    assert_eq!(eve.heading(), "Terms of use", "{}", eve.text());
}

#[tokio::test]
async fn a_session_from_before_a_reset_is_dead() {
    let server = server().await;
    let mut dave = signed_in(&server, BOB).await;
    assert_eq!(reset(&server, BOB).await.status, 201);
    dave.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
    assert_eq!(dave.parameter("error").unwrap(), "login_required");
    dave.open(&authorize(CONTOSO, &[])).await;
    assert!(dave.has_id("i0116"), "{}", dave.text());
}

#[tokio::test]
async fn a_microsoft_account_is_signed_in_at_common_but_not_at_organizations() {
    let server = server().await;
    let mut carol = server.browser();
    carol.open(&portal("common", &[])).await;
    agree_to_all(&server, &mut carol, "carol@outlook.com").await;
    assert!(carol.parameter("code").is_some(), "{}", carol.text());
    carol.open(&portal("organizations", &[("prompt", "none")])).await;
    assert_eq!(carol.parameter("error").unwrap(), "login_required");
    carol.open(&portal("organizations", &[])).await;
    assert!(carol.has_id("i0116"), "{} {}", carol.url(), carol.text());
}

#[tokio::test]
async fn a_session_that_is_not_on_the_page_cannot_be_picked() {
    let server = server().await;
    let mut bob = server.browser();
    bob.open(&portal(CONTOSO, &[])).await;
    agree_to_all(&server, &mut bob, "frank@northwind.example").await;
    let code = bob.parameter("code").expect("a code");
    let changes = [
        ("client_id", PORTAL),
        ("client_secret", "fabrikam-portal-secret"),
        ("redirect_uri", PORTAL_CALLBACK),
    ];
    let tokens = redeem(&server, &code, &changes).await.json();
    let sid = claims(&tokens["id_token"])["sid"].as_str().expect("a sid").to_owned();
    bob.open(&portal("common", &[("prompt", "select_account")])).await;
    let action = bob.forms()[0].action.clone();
    let picking = action.rsplit_once('/').unwrap().0.to_owned() + "/pick-account";
    let mut hidden = bob.forms()[0].hidden.clone();
    hidden.push(("session".to_owned(), sid));
    bob.post(&picking, &hidden).await;
    assert!(bob.parameter("code").is_none(), "{}", bob.url());
}

#[tokio::test]
async fn fresh_means_fresh_at_home_too() {
    let server = server().await;
    for ask in [("max_age", "60"), ("max_age", "0"), ("prompt", "login")] {
        let mut bob = signed_in(&server, BOB).await;
        advance(&server, "PT2H");
        bob.open(&authorize(CONTOSO, &[ask])).await;
        type_name(&mut bob, BOB).await;
        assert_eq!(bob.heading(), "Enter password", "{ask:?}: {}", bob.text());
    }
}

#[tokio::test]
async fn auth_time_is_when_the_password_was_typed() {
    let server = server().await;
    let mut bob = server.browser();
    bob.open(&portal("organizations", &[])).await;
    agree_to_all(&server, &mut bob, BOB).await;
    let typed = server.broker().clock().now().as_second();
    advance(&server, "PT2H");
    // His home answers silently: the sign-in is as old as it is there.
    bob.open(&authorize(CONTOSO, &[("claims", r#"{"id_token":{"auth_time":null}}"#)])).await;
    agree_to_all(&server, &mut bob, BOB).await;
    let code = bob.parameter("code").expect("a code");
    let tokens = redeem(&server, &code, &[]).await.json();
    let at = claims(&tokens["id_token"])["auth_time"].as_i64().expect("a time");
    assert!((at - typed).abs() <= 60, "{at} is not about {typed}");
}

#[tokio::test]
async fn a_stale_account_that_is_picked_is_asked_for_its_password() {
    let server = server().await;
    let mut alice = signed_in(&server, "alice@contoso.example").await;
    advance(&server, "PT2H");
    let stale = [("max_age", "60"), ("prompt", "select_account")];
    alice.open(&authorize(CONTOSO, &stale)).await;
    assert_eq!(alice.heading(), "Pick an account", "{}", alice.text());
    let sid = alice.html().split("name=\"session\" value=\"").nth(1).unwrap();
    let sid = sid.split('"').next().unwrap().to_owned();
    alice.submit(&[("session", &sid)], None).await;
    assert_eq!(alice.heading(), "Enter password", "{} {}", alice.url(), alice.text());
}

#[tokio::test]
async fn one_account_with_two_open_invitations_redeems_one_of_them() {
    let server = server().await;
    let token = daemon_token_of(
        &server,
        WOODGROVE,
        "30006000-0000-4000-8000-0000000000a5",
        "woodgrove-daemon-secret",
    )
    .await;
    let mut browsers = Vec::new();
    for address in [BOB, "robert@fabrikam.example"] {
        let body = json!({"invitedUserEmailAddress": address, "sendInvitationMessage": true,
                          "inviteRedirectUrl": "https://app.example"});
        let invited = post_json(&server, "/v1.0/invitations", &token, &body).await;
        assert_eq!(invited.status, 201, "{}", invited.body);
        let mut browser = server.browser();
        browser.open(&accept_link(&server, address, WOODGROVE).await).await;
        // Both are opened with Olivia's account, which is free at Woodgrove (alias rule).
        if browser.heading() == "Enter password" {
            browser.submit(&[], Some("back")).await;
        }
        type_name(&mut browser, "olivia@fabrikam.example").await;
        browser.submit(&[("passwd", "guestpass")], None).await;
        browser.submit(&[], None).await;
        assert_eq!(browser.heading(), "Review permissions", "{}", browser.text());
        browsers.push(browser);
    }
    let mut refused = 0;
    for browser in &mut browsers {
        agree_to_all(&server, browser, "olivia@fabrikam.example").await;
        assert_ne!(browser.status(), 500, "{}", browser.text());
        refused += u32::from(browser.alert().is_some());
    }
    assert_eq!(refused, 1);
}

#[tokio::test]
async fn the_clock_stays_where_lifetimes_fit_behind_it() {
    let server = server().await;
    let origin = ("origin", server.origin());
    let kind = ("content-type", "application/json");
    for body in [
        r#"{"set":"9999-12-30T22:00:00.999999999Z"}"#,
        r#"{"advance":"P8000Y"}"#,
        r#"{"set":"1969-12-31T23:59:59Z"}"#,
    ] {
        let answer = send(&server, Method::POST, "/_guestpass/clock", &[origin, kind], body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_token_is_sent_in_one_way_and_a_header_once() {
    let server = server().await;
    let token = daemon_token(&server).await;
    let bearer = format!("Bearer {token}");
    let headers =
        [("authorization", bearer.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let body = format!("access_token={token}");
    let both = send(&server, Method::POST, "/oidc/userinfo", &headers, body).await;
    assert_eq!(both.status, 400, "{}", both.body);
    assert_eq!(both.json()["error"], "invalid_request");
    let host = server.origin().trim_start_matches("http://").to_owned();
    for twice in [
        format!("Authorization: {bearer}\r\nAuthorization: {bearer}\r\n"),
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n".to_owned(),
    ] {
        let request = format!(
            "GET /v1.0/users HTTP/1.1\r\nHost: {host}\r\n{twice}\
                               Connection: close\r\n\r\n0\r\n\r\n"
        );
        assert_eq!(status(&raw(&server, request.as_bytes()).await), 400, "{twice}");
    }
}

#[tokio::test]
async fn an_address_with_characters_nobody_sees_is_another_string() {
    let server = server().await;
    let token = daemon_token(&server).await;
    for domain in ["fabri\u{200b}kam.example", "fabri\u{ad}kam.example", "\u{feff}fabrikam.example"]
    {
        let address = format!("new@{domain}");
        let body = json!({"invitedUserEmailAddress": address,
                          "inviteRedirectUrl": "https://app.example"});
        let answer = post_json(&server, "/v1.0/invitations", &token, &body).await;
        assert_eq!(answer.status, 400, "{address:?}: {}", answer.body);
    }
    for url in
        ["https:///evil.example", "http://:pw@evil.example/", "https://a.example\\@evil.example/"]
    {
        let body = json!({"invitedUserEmailAddress": "new@x.example", "inviteRedirectUrl": url});
        let answer = post_json(&server, "/v1.0/invitations", &token, &body).await;
        assert_eq!(answer.status, 400, "{url}: {}", answer.body);
    }
}
