//! Codes and refresh tokens that come twice, and endpoints that are not there: the prose rows of the
//! catalogue.

use std::sync::Arc;

use axum::http::Method;
use guestpass::Server;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::help::*;
use crate::support::*;

/// The default world with rotation of refresh tokens at Contoso Web.
fn rotating() -> String {
    let (secret, rotates) =
        ("secret = \"contoso-web-secret\"\n", "refresh_token_rotation = true\n");
    let world = guestpass::config::world::DEFAULT;
    assert!(world.contains(secret));
    world.replacen(secret, &format!("{secret}{rotates}"), 1)
}

/// Servers with one store.
async fn cluster(folder: &tempfile::TempDir, world: &str, size: usize) -> Vec<Arc<Server>> {
    let mut servers = Vec::new();
    for _ in 0..size {
        let file = folder.path().join("store.db");
        let server = Server::builder().world(world).store_file(file).start().await;
        servers.push(Arc::new(server.expect("a server starts")));
    }
    servers
}

async fn tokens_of(server: &Server, name: &str) -> Value {
    let code = signed_in(server, name).await.parameter("code").unwrap();
    let answer = redeem(server, &code, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn refresh_token(tokens: &Value) -> &str {
    tokens["refresh_token"].as_str().expect("a refresh token")
}

fn assert_no_grant(answer: &Answer, number: u32) {
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(answer.json()["error"], "invalid_grant", "{}", answer.body);
    assert_eq!(answer.json()["error_codes"], json!([number]), "{}", answer.body);
    assert_worthless(&answer.body);
}

async fn status_of(server: &Server, path: &str, tokens: &Value) -> u16 {
    let access = tokens["access_token"].as_str().unwrap();
    with_token(server, Method::GET, path, access).await.status
}

/// `oidcc-codereuse` and `oidcc-codereuse-30seconds`.
#[tokio::test]
async fn tok_01_a_second_redemption_kills_what_the_first_one_gave() {
    for later in ["PT0S", "PT1S", "PT30S", "PT31S", "PT1H"] {
        let server = server().await;
        let code = signed_in(&server, FRANK).await.parameter("code").unwrap();
        let tokens = redeem(&server, &code, &[]).await.json();
        let second = refresh(&server, refresh_token(&tokens), &[]).await.json();
        advance(&server, later);
        assert_no_grant(&redeem(&server, &code, &[]).await, 54005);
        for tokens in [&tokens, &second] {
            assert_eq!(status_of(&server, "/oidc/userinfo", tokens).await, 401, "{later}");
            assert_eq!(status_of(&server, "/v1.0/me", tokens).await, 401, "{later}");
            assert_no_grant(&refresh(&server, refresh_token(tokens), &[]).await, 50173);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tok_02_of_sixty_four_redemptions_at_three_replicas_one_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    let servers = cluster(&folder, guestpass::config::world::DEFAULT, 3).await;
    for _ in 0..4 {
        let code = signed_in(&servers[0], ALICE).await.parameter("code").unwrap();
        let mut racers = JoinSet::new();
        for n in 0..64 {
            let (server, code) = (servers[n % 3].clone(), code.clone());
            racers.spawn(async move { redeem(&server, &code, &[]).await });
        }
        let answers = racers.join_all().await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!((won.len(), lost.len()), (1, 63));
        for answer in lost {
            assert_no_grant(answer, 54005);
        }
        // The replay has revoked what the winner got, on every replica alike.
        for server in &servers {
            assert_eq!(status_of(server, "/oidc/userinfo", &won[0].json()).await, 401);
            assert_no_grant(&refresh(server, refresh_token(&won[0].json()), &[]).await, 50173);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tok_30_of_thirty_two_refreshes_at_three_replicas_one_succeeds_where_tokens_rotate() {
    let folder = tempfile::tempdir().unwrap();
    let servers = cluster(&folder, &rotating(), 3).await;
    for _ in 0..4 {
        let tokens = tokens_of(&servers[0], ALICE).await;
        let mut racers = JoinSet::new();
        for n in 0..32 {
            let (server, token) = (servers[n % 3].clone(), refresh_token(&tokens).to_owned());
            racers.spawn(async move { refresh(&server, &token, &[]).await });
        }
        let answers = racers.join_all().await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!((won.len(), lost.len()), (1, 31));
        for answer in lost {
            assert_no_grant(answer, 50173);
        }
        // The reuse is noticed in the race, too: the winner's successor is dead.
        for server in &servers {
            assert_no_grant(&refresh(server, refresh_token(&won[0].json()), &[]).await, 50173);
            assert_eq!(status_of(server, "/oidc/userinfo", &won[0].json()).await, 401);
        }
    }
}

#[tokio::test]
async fn tok_33_where_tokens_rotate_the_token_decides_and_not_the_second() {
    let clock = guestpass::clock::Clock::fixed("2026-01-01T00:00:00Z".parse().unwrap());
    let server = Server::builder().world(rotating()).clock(clock).start().await.unwrap();
    let first = tokens_of(&server, ALICE).await;
    let second = refresh(&server, refresh_token(&first), &[]).await.json();
    let third = refresh(&server, refresh_token(&second), &[]).await;
    assert_eq!(third.status, 200, "{}", third.body);
    // All within one second of a clock that stands still.
    assert_no_grant(&refresh(&server, refresh_token(&first), &[]).await, 50173);
    let third = third.json();
    assert_no_grant(&refresh(&server, refresh_token(&third), &[]).await, 50173);
    assert_eq!(status_of(&server, "/v1.0/me", &third).await, 401);
    // Another sign-in is another family, and another client's reuse is none.
    let other = tokens_of(&server, ALICE).await;
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token(&other)),
        ("client_id", "fab21ca0-0000-4000-8000-0000000000b1"),
        ("client_secret", "fabrikam-portal-secret"),
    ];
    let path = format!("/{CONTOSO}/oauth2/v2.0/token");
    assert_no_grant(&post_form(&server, &path, &pairs).await, 70000);
    assert_eq!(refresh(&server, refresh_token(&other), &[]).await.status, 200);
}

/// Entra's own way, without the setting: the old token lives on.
#[tokio::test]
async fn without_rotation_an_old_refresh_token_stays_good() {
    let server = server().await;
    let first = tokens_of(&server, ALICE).await;
    for _ in 0..3 {
        assert_eq!(refresh(&server, refresh_token(&first), &[]).await.status, 200);
    }
}

/// Entra has none of these endpoints, and neither names them in its metadata.
async fn is_absent(path: &str, metadata: &str, body: &[(&str, &str)]) {
    let server = server().await;
    let tokens = tokens_of(&server, ALICE).await;
    let mut body = body.to_vec();
    body.push(("token", refresh_token(&tokens)));
    let answer = post_form(&server, &format!("/{CONTOSO}/oauth2/v2.0/{path}"), &body).await;
    assert_eq!(answer.status, 404, "{}", answer.body);
    assert_eq!(answer.json()["error"], "invalid_request", "{}", answer.body);
    for version in ["/v2.0", ""] {
        let document = format!("/{CONTOSO}{version}/.well-known/openid-configuration");
        let document = get(&server, &document).await.json();
        assert!(document.get(metadata).is_none(), "{document}");
    }
    assert_eq!(
        refresh(&server, refresh_token(&tokens), &[]).await.status,
        200,
        "nothing has happened"
    );
}

const PORTAL: [(&str, &str); 2] = [
    ("client_id", "fab21ca0-0000-4000-8000-0000000000b1"),
    ("client_secret", "fabrikam-portal-secret"),
];

#[tokio::test]
async fn tok_42_nobody_revokes_another_clients_token_for_there_is_no_revocation() {
    is_absent("revoke", "revocation_endpoint", &PORTAL).await;
}

#[tokio::test]
async fn tok_43_an_unknown_token_is_not_revoked_for_there_is_no_revocation() {
    let server = server().await;
    let pairs = [PORTAL[0], PORTAL[1], ("token", "garbage")];
    let answer = post_form(&server, &format!("/{CONTOSO}/oauth2/v2.0/revoke"), &pairs).await;
    assert_eq!(answer.status, 404, "{}", answer.body);
}

#[tokio::test]
async fn tok_46_nobody_learns_about_a_token_for_there_is_no_introspection() {
    is_absent("introspect", "introspection_endpoint", &[]).await;
    is_absent("introspect", "introspection_endpoint", &PORTAL).await;
}

#[tokio::test]
async fn tok_48_a_request_is_not_pushed_for_there_is_no_par() {
    let body = [PORTAL[0], PORTAL[1], ("request_uri", "urn:x")];
    is_absent("par", "pushed_authorization_request_endpoint", &body).await;
}

#[tokio::test]
async fn tok_49_a_pushed_request_is_none() {
    let server = server().await;
    let uri = "urn:ietf:params:oauth:request_uri:x";
    let mut browser = server.browser();
    let alone = format!("/{CONTOSO}/oauth2/v2.0/authorize?client_id={WEB}&request_uri={uri}");
    browser.open(&alone).await;
    assert_stopped(&browser, 400, "AADSTS900971: ");
    browser.open(&authorize(CONTOSO, &[("request_uri", uri)])).await;
    assert_eq!(browser.parameter("error").unwrap(), "request_uri_not_supported");
    assert_eq!(browser.parameter("state").unwrap(), "state-1");
}
