//! The device authorization grant: a device waits while a person signs in elsewhere.

use guestpass::Server;
use guestpass::browser::Browser;
use serde_json::{Value, json};

use crate::support::*;
use crate::tokens::CLI;

const FRANK: &str = "frank@northwind.example";

pub(crate) async fn start(server: &Server) -> Value {
    let pairs = [("client_id", CLI), ("scope", "openid profile email offline_access User.Read")];
    let answer = post_form(server, &format!("/{CONTOSO}/oauth2/v2.0/devicecode"), &pairs).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

async fn poll(server: &Server, device: &Value) -> Answer {
    poll_as(server, device, CLI, "urn:ietf:params:oauth:grant-type:device_code").await
}

async fn poll_as(server: &Server, device: &Value, client: &str, grant: &str) -> Answer {
    let code = device["device_code"].as_str().expect("a device code");
    let pairs = [("grant_type", grant), ("client_id", client), ("device_code", code)];
    post_form(server, &format!("/{CONTOSO}/oauth2/v2.0/token"), &pairs).await
}

fn assert_refused(answer: &Answer, error: &str, number: u32) {
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(answer.json()["error"], error, "{}", answer.body);
    assert_eq!(answer.json()["error_codes"], json!([number]));
    assert!(answer.json()["access_token"].is_null());
}

/// Types the code of the device on its page.
pub(crate) async fn type_code<'s>(server: &'s Server, device: &Value) -> Browser<'s> {
    let mut browser = server.browser();
    let page = device["verification_uri"].as_str().expect("a page");
    browser.open(page).await;
    assert_eq!(browser.heading(), "Enter code", "{}", browser.text());
    let code = device["user_code"].as_str().expect("a user code");
    browser.submit(&[("otc", code)], None).await;
    browser
}

#[tokio::test]
async fn frank_redeems_in_the_browser_and_the_device_gets_his_tokens() {
    let server = server().await;
    let device = start(&server).await;
    assert_eq!(device["expires_in"], 900);
    assert_eq!(device["user_code"].as_str().unwrap().len(), 9);
    assert!(device["message"].as_str().unwrap().contains(device["user_code"].as_str().unwrap()));
    assert!(device.get("verification_uri_complete").is_none(), "Entra sends none");
    assert_refused(&poll(&server, &device).await, "authorization_pending", 70016);

    let mut browser = type_code(&server, &device).await;
    agree_to_all(&server, &mut browser, FRANK).await;
    assert!(browser.heading().starts_with("Are you trying to sign in"), "{}", browser.text());
    assert_eq!(state_of(&server, 6).await, "Accepted");
    assert_refused(&poll(&server, &device).await, "authorization_pending", 70016);
    browser.submit(&[], None).await;
    assert_eq!(browser.heading(), "You have signed in", "{}", browser.text());

    let answer = poll_as(&server, &device, CLI, "device_code").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let tokens = answer.json();
    let id = claims(&tokens["id_token"]);
    assert_eq!(id["oid"], "c0a70500-0000-4000-8000-000000000106");
    assert_eq!(id["idp"], "mail");
    assert!(tokens["refresh_token"].is_string() && tokens["client_info"].is_string());
    // Once, and a replay revokes.
    assert_refused(&poll(&server, &device).await, "invalid_grant", 54005);
    let token = tokens["access_token"].as_str().unwrap();
    let info = with_token(&server, axum::http::Method::GET, "/oidc/userinfo", token).await;
    assert_eq!(info.status, 401, "{}", info.body);
}

#[tokio::test]
async fn until_the_guest_has_redeemed_and_confirmed_there_is_no_token() {
    let server = server().await;
    let device = start(&server).await;
    let mut browser = type_code(&server, &device).await;
    type_name(&mut browser, FRANK).await;
    type_passcode(&server, &mut browser, FRANK).await;
    assert_eq!(browser.heading(), "Review permissions");
    assert_refused(&poll(&server, &device).await, "authorization_pending", 70016);
    // The confirmation cannot be sent ahead of its page.
    let resume = browser.url().replace("/resume/", "/signin/");
    let canary = browser.forms()[0].hidden.iter().find(|(n, _)| n == "canary").cloned().unwrap();
    let pairs = [canary, ("accept".to_owned(), "1".to_owned())];
    browser.post(&format!("{resume}/confirm-device"), &pairs).await;
    assert_eq!(browser.status(), 403, "{}", browser.text());
    assert_refused(&poll(&server, &device).await, "authorization_pending", 70016);
    assert_eq!(state_of(&server, 6).await, "PendingAcceptance");
}

#[tokio::test]
async fn a_declined_device_is_told() {
    let server = server().await;
    let device = start(&server).await;
    let mut browser = type_code(&server, &device).await;
    agree_to_all(&server, &mut browser, "alice@contoso.example").await;
    browser.submit(&[], Some("back")).await;
    assert_eq!(browser.heading(), "The device was not signed in", "{}", browser.text());
    assert_refused(&poll(&server, &device).await, "authorization_declined", 70020);
}

#[tokio::test]
async fn tok_38_codes_expire_and_are_not_guessed_for_ever() {
    let server = server().await;
    let device = start(&server).await;
    let forged = json!({"device_code": "1.forged"});
    assert_refused(&poll(&server, &forged).await, "bad_verification_code", 70018);
    server.broker().clock().advance("PT16M".parse().unwrap()).unwrap();
    assert_refused(&poll(&server, &device).await, "expired_token", 70019);
    let late = type_code(&server, &device).await;
    assert!(late.alert().is_some(), "{}", late.text());
    let mut guesser = server.browser();
    guesser.open("/common/oauth2/deviceauth").await;
    for guess in 0..25 {
        guesser.submit(&[("otc", &format!("GUESS{guess}"))], None).await;
    }
    assert_eq!(guesser.status(), 429, "{}", guesser.text());
}

#[tokio::test]
async fn a_user_code_is_read_as_people_type_it() {
    let server = server().await;
    let mut device = start(&server).await;
    let code = device["user_code"].as_str().unwrap().to_lowercase();
    device["user_code"] = format!(" {}-{} ", &code[..4], &code[4..]).into();
    let browser = type_code(&server, &device).await;
    assert!(browser.has_id("i0116"), "{}", browser.text());
}

#[tokio::test]
async fn a_device_code_is_no_authorization_code() {
    let server = server().await;
    let device = start(&server).await;
    let mut browser = type_code(&server, &device).await;
    agree_to_all(&server, &mut browser, "alice@contoso.example").await;
    browser.submit(&[], None).await;
    agree_to_all(&server, &mut browser, "alice@contoso.example").await;
    assert_eq!(browser.heading(), "You have signed in");
    let code = device["device_code"].as_str().unwrap();
    for redirect in ["", "http://localhost"] {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("client_id", CLI),
            ("code", code),
            ("redirect_uri", redirect),
        ];
        let path = format!("/{CONTOSO}/oauth2/v2.0/token");
        let answer = post_form(&server, &path, &pairs).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
    }
    assert_eq!(poll(&server, &device).await.status, 200, "the device is none the worse");
}

#[tokio::test]
async fn tok_36_a_device_code_belongs_to_its_client() {
    let server = server().await;
    let device = start(&server).await;
    let code = device["device_code"].as_str().unwrap();
    for approved in [false, true] {
        if approved {
            let mut browser = type_code(&server, &device).await;
            agree_to_all(&server, &mut browser, FRANK).await;
            browser.submit(&[], None).await;
        }
        let other = [
            ("grant_type", "device_code"),
            ("client_id", WEB),
            ("client_secret", WEB_SECRET),
            ("device_code", code),
        ];
        let path = format!("/{CONTOSO}/oauth2/v2.0/token");
        let answer = post_form(&server, &path, &other).await;
        assert_eq!(answer.json()["error"], "invalid_grant", "{}", answer.body);
    }
    assert_eq!(poll(&server, &device).await.status, 200, "its own client still gets tokens");
}

#[tokio::test]
async fn ten_12_a_device_code_belongs_to_its_tenant() {
    let server = server().await;
    let device = start(&server).await;
    let code = device["device_code"].as_str().unwrap();
    let pairs = [("grant_type", "device_code"), ("client_id", CLI), ("device_code", code)];
    for tenant in [TAILSPIN, "common", "organizations"] {
        let answer = post_form(&server, &format!("/{tenant}/oauth2/v2.0/token"), &pairs).await;
        assert_refused(&answer, "invalid_grant", 700005);
    }
}

#[tokio::test]
async fn a_guest_who_is_gone_before_the_device_polls_gets_it_nothing() {
    for what in ["deleted", "disabled"] {
        let server = server().await;
        let device = start(&server).await;
        let mut browser = type_code(&server, &device).await;
        agree_to_all(&server, &mut browser, FRANK).await;
        browser.submit(&[], None).await;
        assert_eq!(browser.heading(), "You have signed in", "{}", browser.text());
        let token = daemon_token(&server).await;
        let frank = "/v1.0/users/c0a70500-0000-4000-8000-000000000106";
        match what {
            "deleted" => with_token(&server, axum::http::Method::DELETE, frank, &token).await,
            _ => patch(&server, frank, &token, &json!({"accountEnabled": false})).await,
        };
        let answer = poll(&server, &device).await;
        assert_eq!(answer.json()["error"], "invalid_grant", "{what}: {}", answer.body);
        assert!(answer.json()["access_token"].is_null(), "{what}");
    }
}

#[tokio::test]
async fn a_link_cannot_type_the_code_and_another_site_cannot_send_it() {
    let server = server().await;
    let device = start(&server).await;
    let code = device["user_code"].as_str().unwrap();
    let mut victim = server.browser();
    victim.open(&format!("/common/oauth2/deviceauth?otc={code}")).await;
    assert_eq!(victim.heading(), "Enter code", "{}", victim.text());
    let pairs = [("otc".to_owned(), code.to_owned())];
    victim.post("/common/oauth2/deviceauth", &pairs).await;
    assert_eq!(victim.status(), 403, "{}", victim.text());
    let mut attacker = server.browser();
    attacker.open("/common/oauth2/deviceauth").await;
    let mut forged = attacker.forms()[0].hidden.clone();
    forged.extend(pairs);
    victim.post("/common/oauth2/deviceauth", &forged).await;
    assert_eq!(victim.status(), 403, "{}", victim.text());
}

#[tokio::test]
async fn after_many_wrong_codes_a_right_one_is_not_compared() {
    let server = server().await;
    let device = start(&server).await;
    let right = device["user_code"].as_str().unwrap();
    let mut browser = server.browser();
    for _ in 0..20 {
        browser.open("/common/oauth2/deviceauth").await;
        browser.submit(&[("otc", "AAAAAAAAA")], None).await;
        assert!(!browser.text().contains("Too many"), "{}", browser.text());
    }
    browser.open("/common/oauth2/deviceauth").await;
    browser.submit(&[("otc", right)], None).await;
    assert_eq!(browser.status(), 429, "{}", browser.text());
    assert!(browser.text().contains("wrong codes"), "{}", browser.text());
    server.broker().clock().advance("PT10M1S".parse().unwrap()).unwrap();
    browser.open("/common/oauth2/deviceauth").await;
    browser.submit(&[("otc", right)], None).await;
    assert!(browser.has_id("i0116"), "{}", browser.text());
}
