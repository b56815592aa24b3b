//! Signing keys over time: rotation, what was signed before, other servers of the same store.

use axum::body::Body;
use axum::http::Method;
use guestpass::clock::Clock;
use guestpass::jose::KeySet;
use guestpass::server::Server;
use jiff::Span;
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet};
use openidconnect::{ClientId, IssuerUrl, Nonce};
use serde_json::{Value, json};

use crate::support::*;
use crate::tokens::code_of;

const KEYS: &str = "/contoso.example/discovery/v2.0/keys";

async fn kids(server: &Server, path: &str) -> Vec<String> {
    let document = get(server, path).await.json();
    let keys = document["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

async fn rotate(server: &Server) -> Value {
    let answer = send(server, Method::POST, "/_guestpass/keys/rotate", &[], Body::empty()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn kid_of(token: &Value) -> String {
    let header = token.as_str().unwrap().split('.').next().unwrap();
    let plain = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let header = base64::Engine::decode(&plain, header).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

async fn userinfo(server: &Server, token: &str) -> u16 {
    with_token(server, Method::GET, "/oidc/userinfo", token).await.status
}

fn a_clock() -> Clock {
    Clock::fixed("2026-01-01T12:00:00Z".parse().unwrap())
}

#[tokio::test]
async fn a_rotation_signs_at_once_and_keeps_what_was_signed() {
    let server = server().await;
    let old = kids(&server, KEYS).await;
    let code = code_of(&server, "olivia@fabrikam.example", &[]).await;
    let before = redeem(&server, &code, &[]).await.json();
    assert_eq!(
        [kid_of(&before["access_token"]), kid_of(&before["id_token"])],
        [&*old[0], &*old[0]]
    );
    let told = rotate(&server).await;
    let names: Vec<_> =
        told["keys"].as_array().unwrap().iter().map(|k| k["name"].clone()).collect();
    assert_eq!(names, ["work", "consumer", "google", "litware", "adatum"]);
    assert_eq!(told["keys"][0]["replaces"], old[0]);
    let new = told["keys"][0]["kid"].as_str().unwrap();
    // Both are told, the new one first; so it is for Microsoft accounts and the built-in Google.
    assert_eq!(kids(&server, KEYS).await, [new, &old[0]]);
    assert_eq!(kids(&server, "/consumers/discovery/keys").await.len(), 2);
    assert_eq!(kids(&server, "/common/discovery/v2.0/keys").await.len(), 4);
    assert_eq!(kids(&server, "/idp/google/certs").await.len(), 2);
    // What was signed before is still worth something.
    assert_eq!(userinfo(&server, before["access_token"].as_str().unwrap()).await, 200);
    let after = refresh(&server, before["refresh_token"].as_str().unwrap(), &[]).await.json();
    assert_eq!([kid_of(&after["access_token"]), kid_of(&after["id_token"])], [new, new]);
    assert_eq!(userinfo(&server, after["access_token"].as_str().unwrap()).await, 200);
    // `sub` is pairwise, and hangs on no key.
    for token in ["access_token", "id_token"] {
        assert_eq!(claims(&before[token])["sub"], claims(&after[token])["sub"], "{token}");
    }
    // An older id token is still a hint.
    let hint = before["id_token"].as_str().unwrap();
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[("id_token_hint", hint), ("prompt", "none")])).await;
    assert_eq!(browser.parameter("error").unwrap(), "login_required", "{}", browser.url());
}

#[tokio::test]
async fn an_old_key_is_gone_when_no_token_of_it_can_live() {
    let clock = a_clock();
    let server = Server::builder().clock(clock.clone()).start().await.unwrap();
    let old = kids(&server, KEYS).await;
    let code = code_of(&server, "olivia@fabrikam.example", &[]).await;
    let tokens = redeem(&server, &code, &[]).await.json();
    // A token of the old key that would live for a week: only the key can be its end.
    let mut long = claims(&tokens["access_token"]);
    long.insert("exp".into(), json!(clock.now().as_second() + 7 * 24 * 3600));
    let key = KeySet::development().unwrap().work;
    assert_eq!(key.kid(), old[0]);
    let long = key.sign(&long);
    rotate(&server).await;
    assert_eq!(userinfo(&server, &long).await, 200);
    // As long as an access token may live at most, by an application's lifetime policy: a day.
    clock.advance(Span::new().hours(24)).unwrap();
    assert_eq!(kids(&server, KEYS).await.len(), 2);
    assert_eq!(userinfo(&server, &long).await, 200);
    clock.advance(Span::new().minutes(5)).unwrap();
    let left = kids(&server, KEYS).await;
    assert!(left.len() == 1 && left[0] != old[0], "{left:?}");
    assert_eq!(userinfo(&server, &long).await, 401);
    // A second rotation brings nothing back.
    rotate(&server).await;
    let left = kids(&server, KEYS).await;
    assert!(left.len() == 2 && !left.contains(&old[0]), "{left:?}");
    assert_eq!(userinfo(&server, &long).await, 401);
}

#[tokio::test]
async fn a_reset_leaves_the_keys() {
    let server = server().await;
    rotate(&server).await;
    let before = kids(&server, KEYS).await;
    let answer = send(&server, Method::POST, "/_guestpass/reset", &[], Body::empty()).await;
    assert_eq!(answer.status, 204);
    assert_eq!(kids(&server, KEYS).await, before);
    assert_eq!(kid_of(&json!(daemon_token(&server).await)), before[0]);
    rotate(&server).await;
    assert_eq!(kids(&server, KEYS).await[1..], before);
}

#[tokio::test]
async fn rotated_keys_outlive_the_server_with_its_store_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guests.db");
    let start = || Server::builder().store_file(&path).issuer_origin("http://login.example");
    let server = start().start().await.unwrap();
    let token = daemon_token(&server).await;
    rotate(&server).await;
    let rotated = kids(&server, KEYS).await;
    server.stop().await;
    let server = start().start().await.unwrap();
    assert_eq!(kids(&server, KEYS).await, rotated);
    assert_eq!(kid_of(&json!(daemon_token(&server).await)), rotated[0]);
    assert_eq!(with_token(&server, Method::GET, "/v1.0/users", &token).await.status, 200);
    server.stop().await;
    // The private keys are not to be had from the file alone.
    let bytes = std::fs::read(&path).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("PRIVATE KEY"));
    // Keys that are installed anew sign from then on; what signed before is kept.
    let other = KeySet::generate().unwrap();
    let kid = other.work.kid().to_owned();
    let server = start().keys(other).start().await.unwrap();
    let now = kids(&server, KEYS).await;
    assert_eq!(now.len(), 3);
    assert_eq!((&now[0], &now[1]), (&kid, &rotated[0]));
    assert_eq!(with_token(&server, Method::GET, "/v1.0/users", &token).await.status, 200);
}

#[tokio::test]
async fn servers_of_one_store_take_up_each_others_keys() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guests.db");
    let start = || Server::builder().store_file(&path).issuer_origin("http://login.example");
    let (one, two) = (start().start().await.unwrap(), start().start().await.unwrap());
    let code = code_of(&one, "alice@contoso.example", &[]).await;
    let old = redeem(&one, &code, &[]).await.json();
    rotate(&one).await;
    // The other one has not been asked for its keys yet, and takes what it has never seen.
    let new = refresh(&one, old["refresh_token"].as_str().unwrap(), &[]).await.json();
    assert_ne!(kid_of(&old["access_token"]), kid_of(&new["access_token"]));
    assert_eq!(userinfo(&two, new["access_token"].as_str().unwrap()).await, 200);
    assert_eq!(userinfo(&two, old["access_token"].as_str().unwrap()).await, 200);
    rotate(&two).await;
    // Its key document tells a key before anybody has seen a token of it.
    assert_eq!(kids(&one, KEYS).await, kids(&two, KEYS).await);
    assert_eq!(kids(&one, KEYS).await.len(), 3);
}

/// A client that keeps the key document, as every library does.
struct CachingClient {
    issuer: String,
    keys: CoreJsonWebKeySet,
    fetched: u32,
}

impl CachingClient {
    async fn of(server: &Server) -> Self {
        let issuer = format!("{}/{CONTOSO}/v2.0", server.origin());
        Self { issuer, keys: Self::read(server).await, fetched: 1 }
    }

    async fn read(server: &Server) -> CoreJsonWebKeySet {
        serde_json::from_str(&get(server, KEYS).await.body).unwrap()
    }

    /// Verifies, and reads the keys anew if that fails.
    async fn takes(&mut self, server: &Server, id_token: &Value) -> bool {
        if self.verifies(id_token) {
            return true;
        }
        self.keys = Self::read(server).await;
        self.fetched += 1;
        self.verifies(id_token)
    }

    fn verifies(&self, id_token: &Value) -> bool {
        let issuer = IssuerUrl::new(self.issuer.clone()).unwrap();
        let verifier = CoreIdTokenVerifier::new_public_client(
            ClientId::new(WEB.to_owned()),
            issuer,
            self.keys.clone(),
        );
        let token: CoreIdToken = serde_json::from_value(id_token.clone()).unwrap();
        token.claims(&verifier, |_: Option<&Nonce>| Ok(())).is_ok()
    }
}

#[tokio::test]
async fn a_client_that_reads_the_keys_anew_goes_on() {
    let server = server().await;
    let code = code_of(&server, "olivia@fabrikam.example", &[]).await;
    let old = redeem(&server, &code, &[]).await.json();
    let mut client = CachingClient::of(&server).await;
    assert!(client.takes(&server, &old["id_token"]).await);
    rotate(&server).await;
    let new = refresh(&server, old["refresh_token"].as_str().unwrap(), &[]).await.json();
    assert_eq!(client.fetched, 1);
    assert!(client.takes(&server, &new["id_token"]).await);
    assert!(client.takes(&server, &old["id_token"]).await);
    assert_eq!(client.fetched, 2, "once, for the key it did not know");
}

#[tokio::test]
async fn a_guests_home_may_rotate_between_two_sign_ins() {
    let server = server().await;
    for round in 0..2 {
        for guest in ["bob@fabrikam.example", "carol@outlook.com", "dave@gmail.com"] {
            let code = code_of(&server, guest, &[]).await;
            let answer = redeem(&server, &code, &[]).await;
            assert_eq!(answer.status, 200, "{guest} in round {round}: {}", answer.body);
        }
        rotate(&server).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tokens_are_signed_while_keys_are_rotated() {
    let server = std::sync::Arc::new(server().await);
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (server, stop) = (server.clone(), stop.clone());
            tokio::spawn(async move {
                let mut tokens = Vec::new();
                while !stop.load(std::sync::atomic::Ordering::Relaxed) || tokens.len() < 3 {
                    tokens.push(daemon_token(&server).await);
                }
                tokens
            })
        })
        .collect();
    for _ in 0..3 {
        rotate(&server).await;
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let known = kids(&server, KEYS).await;
    assert_eq!(known.len(), 4);
    let mut of_key = std::collections::BTreeMap::new();
    for client in clients {
        of_key
            .extend(client.await.unwrap().into_iter().map(|token| (kid_of(&json!(token)), token)));
    }
    assert!(of_key.len() > 1, "tokens were signed before and after");
    for (kid, token) in of_key {
        assert!(known.contains(&kid));
        assert_eq!(with_token(&server, Method::GET, "/v1.0/users", &token).await.status, 200);
    }
}

#[tokio::test]
async fn nobody_rotates_from_another_site_or_by_a_link() {
    let server = server().await;
    let before = kids(&server, KEYS).await;
    let path = "/_guestpass/keys/rotate";
    let foreign = [("origin", "https://evil.example")];
    assert_eq!(send(&server, Method::POST, path, &foreign, Body::empty()).await.status, 403);
    assert_eq!(get(&server, path).await.status, 405);
    assert_eq!(kids(&server, KEYS).await, before);
}
