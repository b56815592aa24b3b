//! A refresh token of one tenant at another's token endpoint: how MSAL switches tenants.

use guestpass::Server;
use serde_json::{Value, json};

use crate::support::*;

const PORTAL: &str = "fab21ca0-0000-4000-8000-0000000000b1";
const PORTAL_SECRET: &str = "fabrikam-portal-secret";
const PORTAL_CALLBACK: &str = "http://localhost:3001/auth/callback";

/// Signs Bob in at an authority and gives the tokens.
async fn bob(server: &Server, authority: &str) -> Value {
    let changes = [
        ("client_id", PORTAL),
        ("redirect_uri", PORTAL_CALLBACK),
        ("scope", "openid profile offline_access"),
        ("client_info", "1"),
    ];
    let mut browser = server.browser();
    browser.open(&authorize(authority, &changes)).await;
    agree_to_all(server, &mut browser, "bob@fabrikam.example").await;
    let code = browser.parameter("code").unwrap_or_else(|| panic!("{}", browser.text()));
    let client = [
        ("client_id", PORTAL),
        ("client_secret", PORTAL_SECRET),
        ("redirect_uri", PORTAL_CALLBACK),
    ];
    let answer = redeem_at(server, authority, &code, &client).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

async fn refresh_at(server: &Server, authority: &str, tokens: &Value) -> Answer {
    let pairs = [
        ("grant_type", "refresh_token"),
        ("client_id", PORTAL),
        ("client_secret", PORTAL_SECRET),
        ("client_info", "1"),
        ("refresh_token", tokens["refresh_token"].as_str().expect("a refresh token")),
    ];
    post_form(server, &format!("/{authority}/oauth2/v2.0/token"), &pairs).await
}

#[tokio::test]
async fn a_home_refresh_token_becomes_the_guests_once_redeemed() {
    let server = server().await;
    let home = bob(&server, "organizations").await;
    assert_eq!(claims(&home["id_token"])["tid"], FABRIKAM);

    let pending = refresh_at(&server, CONTOSO, &home).await;
    assert_eq!(pending.status, 400, "{}", pending.body);
    assert_eq!(pending.json()["error"], "interaction_required");
    assert_eq!(pending.json()["error_codes"], json!([50014]));
    assert!(pending.body.contains("to the tenant 'Contoso' yet"), "{}", pending.body);

    let direct = bob(&server, CONTOSO).await;
    let switched = refresh_at(&server, CONTOSO, &home).await;
    assert_eq!(switched.status, 200, "{}", switched.body);
    let switched = switched.json();
    let (at_home, here) = (claims(&home["id_token"]), claims(&switched["id_token"]));
    assert_eq!(here["tid"], CONTOSO);
    assert_eq!(here["iss"], format!("{}/{CONTOSO}/v2.0", server.origin()));
    assert_eq!(here["oid"], "c0a70500-0000-4000-8000-000000000101");
    assert_ne!(here["sub"], at_home["sub"]);
    assert_eq!(here["sub"], claims(&direct["id_token"])["sub"], "as when he signs in there");
    assert_eq!(switched["client_info"], home["client_info"], "one account in MSAL's eyes");

    // What came back is good at both, and the access token at userinfo.
    assert_eq!(refresh_at(&server, FABRIKAM, &switched).await.status, 200);
    assert_eq!(refresh_at(&server, CONTOSO, &switched).await.status, 200);
    let token = switched["access_token"].as_str().unwrap();
    let info = with_token(&server, axum::http::Method::GET, "/oidc/userinfo", token).await;
    assert_eq!(info.json()["sub"], here["sub"], "{}", info.body);
}

#[tokio::test]
async fn a_guests_refresh_token_is_good_at_home() {
    let server = server().await;
    let direct = bob(&server, CONTOSO).await;
    let home = refresh_at(&server, FABRIKAM, &direct).await;
    assert_eq!(home.status, 200, "{}", home.body);
    assert_eq!(claims(&home.json()["id_token"])["oid"], "fab21ca0-0000-4000-8000-000000000001");
}

#[tokio::test]
async fn without_an_object_there_is_50020_and_no_token() {
    let server = server().await;
    let home = bob(&server, "organizations").await;
    let answer = refresh_at(&server, WOODGROVE, &home).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(answer.json()["error_codes"], json!([50020]));
    assert!(answer.json()["access_token"].is_null());
}

#[tokio::test]
async fn a_deleted_disabled_or_reset_guest_gets_nothing_by_the_home_token() {
    let path = "/v1.0/users/c0a70500-0000-4000-8000-000000000101";
    for what in ["deleted", "disabled", "reset"] {
        let server = server().await;
        let home = bob(&server, "organizations").await;
        bob(&server, CONTOSO).await;
        let switched = refresh_at(&server, CONTOSO, &home).await.json();
        let token = daemon_token(&server).await;
        let done = match what {
            "deleted" => with_token(&server, axum::http::Method::DELETE, path, &token).await.status,
            "disabled" => {
                patch(&server, path, &token, &json!({"accountEnabled": false})).await.status
            }
            _ => {
                let body = json!({
                    "invitedUserEmailAddress": "bob@fabrikam.example",
                    "inviteRedirectUrl": "https://app.example",
                    "invitedUser": {"id": "c0a70500-0000-4000-8000-000000000101"},
                    "resetRedemption": true,
                });
                post_json(&server, "/v1.0/invitations", &token, &body).await.status
            }
        };
        assert!((200..300).contains(&done), "{what}: {done}");
        for tokens in [&home, &switched] {
            let answer = refresh_at(&server, CONTOSO, tokens).await;
            assert_eq!(answer.status, 400, "{what}: {}", answer.body);
            assert!(answer.json()["access_token"].is_null(), "{what}");
        }
        let token = switched["access_token"].as_str().unwrap();
        let info = with_token(&server, axum::http::Method::GET, "/oidc/userinfo", token).await;
        assert_eq!(info.status, 401, "{what}: {}", info.body);
        // At home nothing has happened.
        assert_eq!(refresh_at(&server, FABRIKAM, &home).await.status, 200, "{what}");
    }
}

#[tokio::test]
async fn a_passcode_guest_is_at_home_nowhere() {
    let server = server().await;
    let mut browser = server.browser();
    let changes = [
        ("client_id", PORTAL),
        ("redirect_uri", PORTAL_CALLBACK),
        ("scope", "openid offline_access"),
    ];
    browser.open(&authorize(CONTOSO, &changes)).await;
    agree_to_all(&server, &mut browser, "frank@northwind.example").await;
    let code = browser.parameter("code").expect("a code");
    let client = [
        ("client_id", PORTAL),
        ("client_secret", PORTAL_SECRET),
        ("redirect_uri", PORTAL_CALLBACK),
    ];
    let tokens = redeem_at(&server, CONTOSO, &code, &client).await.json();
    let answer = refresh_at(&server, WOODGROVE, &tokens).await;
    assert_eq!(answer.json()["error_codes"], json!([700005]), "{}", answer.body);
}
