//! Where and by whom codes and refresh tokens are redeemed: the first path segment, and the client.

use guestpass::Server;
use guestpass::config::world::DEFAULT;
use serde_json::{Value, json};

use crate::support::*;

const PORTAL: (&str, &str) = ("fab21ca0-0000-4000-8000-0000000000b1", "fabrikam-portal-secret");
const PORTAL_CALLBACK: &str = "http://localhost:3001/auth/callback";
const BOB: &str = "bob@fabrikam.example";

/// A code of Fabrikam's multi-tenant portal.
async fn code(server: &Server, authority: &str, name: &str) -> String {
    let changes = [
        ("client_id", PORTAL.0),
        ("redirect_uri", PORTAL_CALLBACK),
        ("scope", "openid profile offline_access"),
    ];
    let mut browser = server.browser();
    browser.open(&authorize(authority, &changes)).await;
    agree_to_all(server, &mut browser, name).await;
    browser.parameter("code").unwrap_or_else(|| panic!("{}", browser.text()))
}

async fn redeem_portal(server: &Server, authority: &str, code: &str) -> Answer {
    let client =
        [("client_id", PORTAL.0), ("client_secret", PORTAL.1), ("redirect_uri", PORTAL_CALLBACK)];
    redeem_at(server, authority, code, &client).await
}

async fn refresh(
    server: &Server,
    authority: &str,
    (client, secret): (&str, &str),
    tokens: &Value,
) -> Answer {
    let mut pairs = vec![
        ("grant_type", "refresh_token"),
        ("client_id", client),
        ("client_secret", secret),
        ("refresh_token", tokens["refresh_token"].as_str().expect("a refresh token")),
    ];
    pairs.retain(|(_, value)| !value.is_empty());
    post_form(server, &format!("/{authority}/oauth2/v2.0/token"), &pairs).await
}

fn number(answer: &Answer) -> u64 {
    assert_ne!(answer.status, 200, "{}", answer.body);
    assert!(answer.json().get("access_token").is_none(), "{}", answer.body);
    answer.json()["error_codes"][0].as_u64().unwrap_or_default()
}

#[tokio::test]
async fn a_single_tenant_application_gets_nothing_where_no_tenant_is_named() {
    let server = server().await;
    for authority in ["common", "organizations"] {
        let mut browser = signed_in(&server, "alice@contoso.example").await;
        let first = browser.parameter("code").unwrap();
        let tokens = redeem(&server, &first, &[]).await.json();
        browser.open(&authorize(CONTOSO, &[])).await;
        let code = browser.parameter("code").unwrap();
        let answer = redeem_at(&server, authority, &code, &[]).await;
        assert_eq!(number(&answer), 50194, "{authority}");
        let answer = refresh(&server, authority, (WEB, WEB_SECRET), &tokens).await;
        assert_eq!(number(&answer), 50194, "{authority}");
        // Nothing is lost by it.
        assert_eq!(redeem(&server, &code, &[]).await.status, 200, "{authority}");
        let answer = refresh(&server, CONTOSO, (WEB, WEB_SECRET), &tokens).await;
        assert_eq!(answer.status, 200, "{authority}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_code_is_redeemed_at_its_tenant_or_where_none_is_named() {
    // Libraries redeem at `/common` though the sign-in named a tenant (microsoft-identity-web#2035).
    let server = server().await;
    for (issued, redeemed, fits) in [
        (CONTOSO, CONTOSO, true),
        (CONTOSO, "contoso.example", true),
        ("contoso.example", CONTOSO, true),
        (CONTOSO, "common", true),
        (CONTOSO, "organizations", true),
        (CONTOSO, FABRIKAM, false),
        ("organizations", "organizations", true),
        ("organizations", FABRIKAM, true),
        ("organizations", CONTOSO, false),
        ("organizations", "common", true),
        ("common", "common", true),
        ("common", FABRIKAM, true),
        ("common", CONTOSO, false),
    ] {
        let code = code(&server, issued, BOB).await;
        let answer = redeem_portal(&server, redeemed, &code).await;
        match fits {
            true => assert_eq!(answer.status, 200, "{issued} {redeemed}: {}", answer.body),
            false => assert_eq!(number(&answer), 700_005, "{issued} {redeemed}"),
        }
    }
}

#[tokio::test]
async fn a_guests_refresh_token_is_no_guests_where_no_tenant_is_named() {
    let server = server().await;
    for (name, organizations, common) in [
        (BOB, Ok(FABRIKAM), Ok(FABRIKAM)),
        ("frank@northwind.example", Err(700_005), Err(700_005)),
        ("carol@outlook.com", Err(500_202), Err(500_202)),
        ("alice@contoso.example", Ok(CONTOSO), Ok(CONTOSO)),
    ] {
        let code = code(&server, CONTOSO, name).await;
        let tokens = redeem_portal(&server, CONTOSO, &code).await.json();
        assert_eq!(claims(&tokens["id_token"])["tid"], CONTOSO, "{name}");
        for (authority, expected) in [("organizations", organizations), ("common", common)] {
            let answer = refresh(&server, authority, PORTAL, &tokens).await;
            match expected {
                Ok(tenant) => {
                    assert_eq!(answer.status, 200, "{name} {authority}: {}", answer.body);
                    let tid = &claims(&answer.json()["id_token"])["tid"];
                    assert_eq!(tid, tenant, "{name} {authority}");
                }
                Err(refusal) => assert_eq!(number(&answer), refusal, "{name} {authority}"),
            }
        }
        let here = refresh(&server, CONTOSO, PORTAL, &tokens).await;
        assert_eq!(here.status, 200, "{name}: {}", here.body);
    }
}

#[tokio::test]
async fn whoever_began_with_a_secret_refreshes_with_it() {
    let secret = "secret = \"contoso-web-secret\"";
    assert!(DEFAULT.contains(secret));
    let both = format!("{secret}\nis_fallback_public_client = true");
    let server = server_of(&DEFAULT.replacen(secret, &both, 1)).await;
    let browser = signed_in(&server, "alice@contoso.example").await;
    let confidential = redeem(&server, &browser.parameter("code").unwrap(), &[]).await.json();
    let typed = [
        ("grant_type", "password"),
        ("client_id", WEB),
        ("username", "alice@contoso.example"),
        ("password", "guestpass"),
        ("scope", "openid offline_access User.Read"),
    ];
    let public = post_form(&server, &format!("/{CONTOSO}/oauth2/v2.0/token"), &typed).await.json();
    for (tokens, secret, refused) in [
        (&confidential, "", Some(7_000_218)),
        (&confidential, WEB_SECRET, None),
        (&public, "", None),
        (&public, WEB_SECRET, None),
    ] {
        let answer = refresh(&server, CONTOSO, (WEB, secret), tokens).await;
        match refused {
            Some(refusal) => assert_eq!(number(&answer), refusal),
            None => assert_eq!(answer.status, 200, "{}", answer.body),
        }
    }
}

#[tokio::test]
async fn an_access_token_from_before_a_reset_stays_dead() {
    let server = server().await;
    let home = code(&server, "organizations", BOB).await;
    let home = redeem_portal(&server, "organizations", &home).await.json();
    code(&server, CONTOSO, BOB).await;
    let before = refresh(&server, CONTOSO, PORTAL, &home).await.json();
    let me = |tokens: &Value| {
        let token = tokens["access_token"].as_str().unwrap().to_owned();
        let server = &server;
        async move { with_token(server, axum::http::Method::GET, "/oidc/userinfo", &token).await.status }
    };
    assert_eq!(me(&before).await, 200);
    let reset = json!({
        "invitedUserEmailAddress": BOB,
        "inviteRedirectUrl": "https://app.example",
        "invitedUser": {"id": "c0a70500-0000-4000-8000-000000000101"},
        "resetRedemption": true,
    });
    let token = daemon_token(&server).await;
    assert_eq!(post_json(&server, "/v1.0/invitations", &token, &reset).await.status, 201);
    assert_eq!(me(&before).await, 401);
    // He redeems again, and takes the family of his home there again.
    code(&server, CONTOSO, BOB).await;
    let after = refresh(&server, CONTOSO, PORTAL, &home).await.json();
    assert_eq!(me(&after).await, 200);
    assert_eq!(me(&before).await, 401, "what was issued before is of another redemption");
}
