//! Tenants, objects and tickets that are somebody else's, and what nobody is told: the prose rows of
//! the catalogue.

use axum::http::Method;
use guestpass::Server;
use guestpass::jose::KeySet;
use serde_json::{Value, json};

use super::help::*;
use crate::support::*;

const PORTAL: &str = "fab21ca0-0000-4000-8000-0000000000b1";
const PORTAL_CALLBACK: &str = "http://localhost:3001/auth/callback";

fn portal(authority: &str) -> String {
    authorize(authority, &[("client_id", PORTAL), ("redirect_uri", PORTAL_CALLBACK)])
}

async fn portal_code(server: &Server, authority: &str, name: &str) -> String {
    let mut browser = server.browser();
    browser.open(&portal(authority)).await;
    agree_to_all(server, &mut browser, name).await;
    browser.parameter("code").unwrap_or_else(|| panic!("{}", browser.text()))
}

async fn portal_tokens(server: &Server, authority: &str, code: &str) -> Answer {
    let client = [
        ("client_id", PORTAL),
        ("client_secret", "fabrikam-portal-secret"),
        ("redirect_uri", PORTAL_CALLBACK),
    ];
    redeem_at(server, authority, code, &client).await
}

async fn daemon_of_woodgrove(server: &Server) -> String {
    let client = "30006000-0000-4000-8000-0000000000a5";
    daemon_token_of(server, WOODGROVE, client, "woodgrove-daemon-secret").await
}

/// A token with other claims under a genuine signature, as nobody but the server can make it.
fn signed(token: &str, change: impl Fn(&mut serde_json::Map<String, Value>)) -> String {
    let mut claims = claims(&json!(token));
    change(&mut claims);
    KeySet::development().unwrap().work.sign(&claims)
}

#[tokio::test]
async fn ten_01_an_access_token_of_one_tenant_is_none_at_another() {
    let server = server().await;
    let app = daemon_token(&server).await;
    let person = member_token(&server, ALICE, "openid User.Read").await;
    // Graph and userinfo take the tenant from the token: another tenant's objects are not there.
    let wendy = "/v1.0/users/30006000-0000-4000-8000-000000000001";
    assert_eq!(with_token(&server, Method::GET, wendy, &app).await.status, 404);
    let users = with_token(&server, Method::GET, "/v1.0/users", &app).await.json();
    for user in users["value"].as_array().unwrap() {
        assert!(user["id"].as_str().unwrap().starts_with("c0a70500-"), "{user}");
    }
    // A token that names another tenant, even if it is signed, is nobody's.
    for token in [&app, &person] {
        assert_ne!(with_token(&server, Method::GET, "/v1.0/users", token).await.status, 401);
        let (issuer, key) = (format!("{}/{WOODGROVE}/v2.0", server.origin()), "iss");
        for moved in [
            signed(token, |claims| drop(claims.insert("tid".into(), json!(WOODGROVE)))),
            signed(token, |claims| drop(claims.insert(key.into(), json!(issuer)))),
            signed(token, |claims| {
                claims.insert("tid".into(), json!(WOODGROVE));
                claims.insert(key.into(), json!(issuer));
            }),
        ] {
            for path in ["/v1.0/users", "/v1.0/me", "/oidc/userinfo"] {
                let answer = with_token(&server, Method::GET, path, &moved).await;
                assert_eq!(answer.status, 401, "{path}: {}", answer.body);
            }
        }
    }
}

#[tokio::test]
async fn ten_02_a_code_of_one_tenant_is_none_at_another() {
    let server = server().await;
    let code = portal_code(&server, CONTOSO, BOB).await;
    for elsewhere in [FABRIKAM, TAILSPIN, WOODGROVE, "consumers"] {
        let answer = portal_tokens(&server, elsewhere, &code).await;
        assert_eq!(answer.json()["error"], "invalid_grant", "{elsewhere}: {}", answer.body);
        assert_eq!(answer.json()["error_codes"], json!([700_005]), "{elsewhere}");
        assert_worthless(&answer.body);
    }
    assert_eq!(portal_tokens(&server, CONTOSO, &code).await.status, 200);
}

/// A person's own refresh token is good where the person is; nobody is anybody elsewhere.
#[tokio::test]
async fn ten_03_a_refresh_token_of_one_tenant_brings_nobody_into_another() {
    let server = server().await;
    let code = portal_code(&server, CONTOSO, FRANK).await;
    let tokens = portal_tokens(&server, CONTOSO, &code).await.json();
    for elsewhere in [TAILSPIN, WOODGROVE, FABRIKAM, "consumers", "nowhere.example"] {
        let pairs = [
            ("grant_type", "refresh_token"),
            ("client_id", PORTAL),
            ("client_secret", "fabrikam-portal-secret"),
            ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ];
        let path = format!("/{elsewhere}/oauth2/v2.0/token");
        let answer = post_form(&server, &path, &pairs).await;
        assert_eq!(answer.status, 400, "{elsewhere}: {}", answer.body);
        let error = if elsewhere.contains('.') { "invalid_request" } else { "invalid_grant" };
        assert_eq!(answer.json()["error"], error, "{elsewhere}: {}", answer.body);
        assert_worthless(&answer.body);
    }
    // A client of one tenant is unknown at another's endpoint, whoever holds the token.
    let code = signed_in(&server, ALICE).await.parameter("code").unwrap();
    let tokens = redeem(&server, &code, &[]).await.json();
    let pairs = [
        ("grant_type", "refresh_token"),
        ("client_id", WEB),
        ("client_secret", WEB_SECRET),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ];
    let answer = post_form(&server, &format!("/{TAILSPIN}/oauth2/v2.0/token"), &pairs).await;
    assert_eq!(answer.json()["error_codes"], json!([700_016]), "{}", answer.body);
    assert_worthless(&answer.body);
}

#[tokio::test]
async fn ten_05_a_token_of_common_names_the_real_tenant() {
    let server = server().await;
    for (authority, name, tenant) in [
        ("common", BOB, FABRIKAM),
        ("organizations", ALICE, CONTOSO),
        ("consumers", "carol@outlook.com", "9188040d-6c67-4c5b-b112-36a304b66dad"),
    ] {
        let code = portal_code(&server, authority, name).await;
        let tokens = portal_tokens(&server, authority, &code).await.json();
        for token in ["id_token", "access_token"] {
            let claims = claims(&tokens[token]);
            assert_eq!(claims["tid"], tenant, "{authority}");
            assert_eq!(claims["iss"], format!("{}/{tenant}/v2.0", server.origin()));
        }
        // A token that says otherwise is none, and neither is the template of the metadata.
        for issuer in [authority, "{tenantid}"] {
            let issuer = format!("{}/{issuer}/v2.0", server.origin());
            let forged = signed(tokens["access_token"].as_str().unwrap(), |claims| {
                claims.insert("iss".into(), json!(issuer));
            });
            let answer = with_token(&server, Method::GET, "/oidc/userinfo", &forged).await;
            assert_eq!(answer.status, 401, "{issuer}");
        }
    }
}

#[tokio::test]
async fn ten_06_objects_of_another_tenant_are_not_there_to_be_changed() {
    let server = server().await;
    let contosos = daemon_token(&server).await;
    let adele = member_token(&server, "adele@contoso.example", "openid User.Read").await;
    let body = json!({"displayName": "Mallory", "accountEnabled": false});
    for id in ["30006000-0000-4000-8000-000000000001", "7a115000-0000-4000-8000-000000000106"] {
        let path = format!("/v1.0/users/{id}");
        for answer in [
            patch(&server, &path, &contosos, &body).await,
            with_token(&server, Method::DELETE, &path, &contosos).await,
        ] {
            assert_eq!(answer.status, 404, "{}", answer.body);
        }
        assert_ne!(patch(&server, &path, &adele, &body).await.status, 204);
    }
    let wendy = "/v1.0/users/30006000-0000-4000-8000-000000000001?$select=displayName";
    let still = with_token(&server, Method::GET, wendy, &daemon_of_woodgrove(&server).await).await;
    assert!(still.json()["displayName"].as_str().unwrap().starts_with("Wendy"), "{}", still.body);
}

#[tokio::test]
async fn ten_08_a_tenant_has_one_canonical_form() {
    let server = server().await;
    let document = |t: &str| format!("/{t}/v2.0/.well-known/openid-configuration");
    let canonical = get(&server, &document(CONTOSO)).await;
    for same in [CONTOSO.to_uppercase(), "CONTOSO.example".into(), "contoso.onmicrosoft.com".into()]
    {
        let answer = get(&server, &document(&same)).await;
        assert_eq!((answer.status, &answer.body), (200, &canonical.body), "{same}");
    }
    let plain = CONTOSO.replace('-', "");
    for other in [
        format!("%7B{CONTOSO}%7D"),
        plain.clone(),
        format!("urn:uuid:{CONTOSO}"),
        format!("{CONTOSO}%20"),
        format!("{CONTOSO}."),
        "contoso.example.".to_owned(),
        "cont\u{043e}so.example".replace('\u{043e}', "%D0%BE"),
        "Common".to_owned(),
        "x".repeat(4096),
    ] {
        let answer = get(&server, &document(&other)).await;
        assert_eq!(answer.status, 400, "{other}: {}", answer.body);
        assert_eq!(answer.json()["error"], "invalid_tenant", "{other}");
        let code = signed_in(&server, ALICE).await.parameter("code").unwrap();
        let token = redeem_at(&server, &other, &code, &[]).await;
        assert_eq!(token.status, 400, "{other}: {}", token.body);
    }
}

/// A ticket that was redeemed leads to an ordinary sign-in, which shows no address either.
#[tokio::test]
async fn enum_04_no_address_is_told_to_whoever_holds_an_old_or_guessed_ticket() {
    let server = server().await;
    let link = accept_link(&server, FRANK, CONTOSO).await;
    let mut frank = server.browser();
    frank.open(&link).await;
    agree_to_all(&server, &mut frank, FRANK).await;
    assert_eq!(state_of(&server, 6).await, "Accepted");
    for link in [link.clone(), link.replace("ticket=", "ticket=x"), link.replace("user=", "user=0")]
    {
        let mut stranger = server.browser();
        stranger.open(&link).await;
        assert_nothing_issued(&stranger);
        let page = stranger.html();
        assert!(!page.contains(FRANK) && !page.contains("Frank"), "{link}: {}", stranger.text());
        let mut alice = signed_in(&server, ALICE).await;
        alice.open(&link).await;
        assert!(!alice.html().contains(FRANK), "{link}: {}", alice.text());
    }
}

#[tokio::test]
async fn enum_05_another_tenants_objects_are_as_unknown_as_those_of_nobody() {
    let server = server().await;
    let token = daemon_token(&server).await;
    let unknown = "30006000-0000-4000-8000-00000000beef";
    let foreign = [
        "30006000-0000-4000-8000-000000000001",
        "7a115000-0000-4000-8000-000000000106",
        "fab21ca0-0000-4000-8000-000000000001",
    ];
    let answer = |path: String, method: Method| {
        let (server, token) = (&server, &token);
        async move {
            let answer = with_token(server, method, &path, token).await;
            let mut body = answer.json();
            body["error"]["innerError"] = Value::Null;
            (answer.status, body)
        }
    };
    for id in foreign {
        for method in [Method::GET, Method::DELETE] {
            let (status, body) = answer(format!("/v1.0/users/{id}"), method.clone()).await;
            let (_, nobodys) = answer(format!("/v1.0/users/{unknown}"), method).await;
            assert_eq!(status, 404);
            let text = body.to_string().replace(id, unknown);
            assert_eq!(text, nobodys.to_string());
        }
    }
}
