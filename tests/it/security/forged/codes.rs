//! Authorization codes that come twice, from elsewhere or to somewhere else.

use std::sync::Arc;

use axum::http::Method;
use guestpass::Server;
use serde_json::json;
use tokio::task::JoinSet;

use super::super::help::*;
use crate::support::*;

const PORTAL: &str = "fab21ca0-0000-4000-8000-0000000000b1";
const PORTAL_CALLBACK: &str = "http://localhost:3001/auth/callback";

async fn code_of(server: &Server, name: &str) -> String {
    signed_in(server, name).await.parameter("code").unwrap()
}

/// A refusal of the token endpoint that holds no token.
fn assert_no_grant(answer: &Answer, number: u32) {
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(answer.json()["error"], "invalid_grant", "{}", answer.body);
    assert_eq!(answer.json()["error_codes"], json!([number]), "{}", answer.body);
    assert_worthless(&answer.body);
}

#[tokio::test]
async fn a_code_that_comes_again_takes_back_what_it_gave() {
    let server = server().await;
    let code = code_of(&server, FRANK).await;
    let tokens = redeem(&server, &code, &[]).await.json();
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(with_token(&server, Method::GET, "/oidc/userinfo", access).await.status, 200);
    assert_no_grant(&redeem(&server, &code, &[]).await, 54005);
    for path in ["/oidc/userinfo", "/v1.0/me"] {
        assert_eq!(with_token(&server, Method::GET, path, access).await.status, 401, "{path}");
    }
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ("client_id", WEB),
        ("client_secret", WEB_SECRET),
    ];
    let path = format!("/{CONTOSO}/oauth2/v2.0/token");
    assert_no_grant(&post_form(&server, &path, &refresh).await, 50173);
    // Frank himself is as he was, and can sign in again.
    let code = code_of(&server, FRANK).await;
    assert_eq!(redeem(&server, &code, &[]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_at_two_replicas_at_once_succeeds_at_most_once() {
    let folder = tempfile::tempdir().unwrap();
    let servers = replicas(&folder).await;
    for _ in 0..8 {
        let code = code_of(&servers[0], ALICE).await;
        let mut racers = JoinSet::new();
        for n in 0..16 {
            let (server, code): (Arc<Server>, _) = (servers[n % 2].clone(), code.clone());
            racers.spawn(async move { redeem(&server, &code, &[]).await });
        }
        let answers = racers.join_all().await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!(won.len(), 1);
        for answer in lost {
            assert_no_grant(answer, 54005);
        }
        let access = won[0].json()["access_token"].as_str().unwrap().to_owned();
        let userinfo = with_token(&servers[1], Method::GET, "/oidc/userinfo", &access).await;
        assert_eq!(userinfo.status, 401, "the replay has revoked it everywhere");
    }
}

#[tokio::test]
async fn a_code_of_one_tenant_is_none_at_another() {
    let server = server().await;
    let client = [("client_id", PORTAL), ("redirect_uri", PORTAL_CALLBACK)];
    let secret = ("client_secret", "fabrikam-portal-secret");
    let mut alice = server.browser();
    alice.open(&authorize(CONTOSO, &client)).await;
    agree_to_all(&server, &mut alice, ALICE).await;
    let code = alice.parameter("code").unwrap_or_else(|| panic!("{}", alice.text()));
    let changes = [client[0], client[1], secret];
    for elsewhere in [FABRIKAM, TAILSPIN, WOODGROVE] {
        assert_no_grant(&redeem_at(&server, elsewhere, &code, &changes).await, 700_005);
    }
    let unknown = redeem_at(&server, "nowhere.example", &code, &changes).await;
    assert_eq!((unknown.status, &unknown.json()["error_codes"]), (400, &json!([90002])));
    let tokens = redeem_at(&server, CONTOSO, &code, &changes).await;
    assert_eq!(tokens.status, 200, "none of that used it up: {}", tokens.body);
    assert_eq!(claims(&tokens.json()["id_token"])["tid"], CONTOSO);
}

#[tokio::test]
async fn a_code_for_one_client_is_none_for_another() {
    let server = server().await;
    let code = code_of(&server, FRANK).await;
    let portal = [("client_id", PORTAL), ("client_secret", "fabrikam-portal-secret")];
    assert_no_grant(&redeem(&server, &code, &portal).await, 70000);
    let daemon = [
        ("client_id", "c0a70500-0000-4000-8000-0000000000a5"),
        ("client_secret", "contoso-daemon-secret"),
    ];
    assert_no_grant(&redeem(&server, &code, &daemon).await, 70000);
    let public =
        [("client_id", "c0a70500-0000-4000-8000-0000000000a3"), ("client_secret", "<absent>")];
    assert_no_grant(&redeem(&server, &code, &public).await, 70000);
    for (changes, number) in [
        ([("client_secret", "fabrikam-portal-secret")], 7_000_215),
        ([("client_secret", "<absent>")], 7_000_218),
    ] {
        let refused = redeem(&server, &code, &changes).await;
        assert_eq!((refused.status, &refused.json()["error_codes"]), (401, &json!([number])));
        assert_worthless(&refused.body);
    }
    assert_eq!(redeem(&server, &code, &[]).await.status, 200, "the right client still can");
}

/// A code of one sign-in in the callback of another: PKCE tells them apart.
#[tokio::test]
async fn a_code_that_was_injected_into_another_sign_in_is_none() {
    let server = server().await;
    let mut alice = signed_in(&server, ALICE).await;
    let mut codes = Vec::new();
    for challenge in [
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
    ] {
        let pkce = [("code_challenge", challenge), ("code_challenge_method", "S256")];
        alice.open(&authorize(CONTOSO, &pkce)).await;
        codes.push(alice.parameter("code").unwrap());
    }
    let verifier = [("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")];
    assert_no_grant(&redeem(&server, &codes[1], &verifier).await, 501_481);
    assert_eq!(redeem(&server, &codes[0], &verifier).await.status, 200);
}

/// The mock Google's own codes are bound to its own request, and good once.
#[tokio::test]
async fn a_code_of_google_is_good_once_and_only_with_its_verifier() {
    let server = server().await;
    let before = seen(&server, 3).await;
    let mut dave = server.browser();
    let answer = answer_of_google(&server, &mut dave, "s").await;
    let code = url::Url::parse(&answer).unwrap();
    let code = code.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let callback = format!("{}/te/{CONTOSO}/oauth2/authresp", server.origin());
    for (client, status) in [("x", 401), ("guestpass-broker.apps.googleusercontent.example", 401)] {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", callback.as_str()),
            ("client_id", client),
            ("client_secret", "guessed"),
            ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        ];
        let refused = post_form(&server, "/idp/google/token", &pairs).await;
        assert_eq!(refused.status, status, "{}", refused.body);
        assert_worthless(&refused.body);
    }
    assert_untouched(&server, 3, &before).await;
    dave.open(&answer).await;
    assert_eq!(dave.heading(), "Review permissions", "{}", dave.text());
}
