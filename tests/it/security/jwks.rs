//! Key sets of a provider: the prose rows of the catalogue.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guestpass::Server;
use guestpass::jose::SigningKey;
use serde_json::{Value, json};

use super::help::*;
use super::weak::Weak;
use crate::provider::{Instead, Provider, SECRET, key, other_key};
use crate::support::*;

async fn of(provider: &Provider) -> Server {
    server_of(&provider.as_google()).await
}

fn keys(provider: &Provider, keys: &[Value]) {
    provider.instead("/keys", Instead::json(&json!({ "keys": keys })));
}

/// Dave signs in, up to the first page of the redemption.
async fn is_taken(provider: &Provider, server: &Server) -> bool {
    let before = seen(server, 3).await;
    let dave = provider.sign_in(server, DAVE).await;
    assert_untouched(server, 3, &before).await;
    let taken = dave.heading() == "Review permissions";
    assert!(taken || dave.alert().is_some(), "{}", dave.text());
    taken
}

/// The provider cannot be used at all, and says why on a page.
async fn assert_unusable(provider: &Provider, why: &str) {
    let server = of(provider).await;
    let mut dave = server.browser();
    dave.open(&authorize(CONTOSO, &[("login_hint", DAVE)])).await;
    assert!(matches!(dave.status(), 502 | 503), "{} {}", dave.status(), dave.text());
    assert!(dave.text().contains(why), "{}", dave.text());
    assert_nothing_issued(&dave);
}

fn rsa(bits: usize, exponent: &str) -> Value {
    let modulus = vec![0xff; bits / 8];
    let modulus = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, modulus);
    json!({"kty": "RSA", "use": "sig", "kid": "k", "n": modulus, "e": exponent})
}

#[tokio::test]
async fn jwks_01_ten_thousand_keys_are_too_many() {
    let provider = Provider::start().await;
    let mut many = vec![json!({"kty": "EC"}); 9_999];
    many.push(key().public().jwk(None));
    keys(&provider, &many);
    assert_unusable(&provider, "more than 100 keys").await;
}

#[tokio::test]
async fn jwks_02_twenty_megabytes_are_not_read() {
    let provider = Provider::start().await;
    let mut own = key().public().jwk(None);
    own["padding"] = "x".repeat(20 * 1024 * 1024).into();
    keys(&provider, &[own]);
    assert_unusable(&provider, "sent too much").await;
}

#[tokio::test]
async fn jwks_04_a_symmetric_key_is_no_public_key() {
    let provider = Provider::start().await;
    let secret = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, SECRET);
    let shared = json!({"kty": "oct", "kid": "k", "alg": "HS256", "k": secret});
    for set in [vec![shared.clone()], vec![key().public().jwk(None), shared]] {
        keys(&provider, &set);
        assert_unusable(&provider, "gives a secret key away").await;
    }
}

#[tokio::test]
async fn jwks_05_a_private_key_is_no_public_key() {
    let provider = Provider::start().await;
    for member in ["d", "p", "q", "dp", "dq", "qi"] {
        let mut own = key().public().jwk(None);
        own[member] = "AQAB".into();
        keys(&provider, &[own]);
        assert_unusable(&provider, "gives a secret key away").await;
    }
}

#[tokio::test]
async fn jwks_07_a_key_that_costs_too_much_or_too_little_is_not_used() {
    let provider = Provider::start().await;
    for bits in [512, 1024, 16384] {
        keys(&provider, &[rsa(bits, "AQAB")]);
        provider.forge(|_, claims| {
            let mut token = key().sign(&claims);
            token.truncate(token.rfind('.').unwrap() + 1);
            token + &"A".repeat(342)
        });
        let server = of(&provider).await;
        assert!(!is_taken(&provider, &server).await, "{bits}");
    }
}

/// `jwks-06`: a small modulus is as weak with zeros in front of it. The signature is genuine.
#[tokio::test]
async fn jwks_06_a_weak_key_is_not_used_however_it_is_written() {
    for zeros in [0, 128, 256] {
        let (provider, weak) = (Provider::start().await, Weak::new());
        keys(&provider, &[weak.jwk(zeros)]);
        provider.forge(move |_, claims| weak.sign(&claims));
        assert!(!is_taken(&provider, &of(&provider).await).await, "{zeros} zeros");
    }
    // Nor is a strong one stronger for it, and some write one zero (as a signed number has it).
    let provider = Provider::start().await;
    let mut own = key().public().jwk(None);
    let modulus = URL_SAFE_NO_PAD.decode(own["n"].as_str().unwrap()).unwrap();
    own["n"] = json!(URL_SAFE_NO_PAD.encode([&[0][..], &modulus].concat()));
    keys(&provider, &[own]);
    assert!(is_taken(&provider, &of(&provider).await).await);
}

/// RFC 7517 §4.2 to §4.4: what a key says that it is for.
#[tokio::test]
async fn a_key_that_is_not_for_verifying_verifies_nothing() {
    for (member, value, taken) in [
        ("key_ops", json!(["verify"]), true),
        ("key_ops", json!(["sign"]), false),
        ("key_ops", json!(["encrypt", "wrapKey"]), false),
        ("key_ops", json!("verify"), false),
        ("use", json!("enc"), false),
        ("use", json!(["sig"]), false),
        ("alg", json!("RS256"), true),
        ("alg", json!("RS512"), false),
        ("alg", json!(256), false),
    ] {
        let provider = Provider::start().await;
        let mut own = key().public().jwk(None);
        own.as_object_mut().unwrap().remove("use");
        own[member] = value.clone();
        keys(&provider, &[own]);
        assert_eq!(is_taken(&provider, &of(&provider).await).await, taken, "{member} {value}");
    }
}

#[tokio::test]
async fn jwks_08_a_key_with_exponent_one_is_not_used() {
    let provider = Provider::start().await;
    for exponent in ["AQ", "AAE", "Ag", ""] {
        let mut own = key().public().jwk(None);
        own["e"] = exponent.into();
        keys(&provider, &[own]);
        let server = of(&provider).await;
        assert!(!is_taken(&provider, &server).await, "{exponent}");
    }
}

#[tokio::test]
async fn jwks_10_of_two_keys_with_one_name_the_only_one_that_fits_is_used() {
    let provider = Provider::start().await;
    let own = key().public().jwk(None);
    let curve = json!({"kty": "EC", "use": "sig", "kid": own["kid"], "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
    keys(&provider, &[curve, own.clone()]);
    assert!(is_taken(&provider, &of(&provider).await).await);
    let mut other = other_key().public().jwk(None);
    other["kid"] = own["kid"].clone();
    keys(&provider, &[own, other]);
    assert!(!is_taken(&provider, &of(&provider).await).await);
}

/// A token without `kid`, signed by a key.
fn nameless(key: &SigningKey, claims: &serde_json::Map<String, Value>) -> String {
    let encode =
        |text: String| base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, text);
    let input = format!(
        "{}.{}",
        encode(json!({"alg": "RS256"}).to_string()),
        encode(json!(claims).to_string())
    );
    let signature = key.sign_bytes(input.as_bytes());
    let signature = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, signature);
    format!("{input}.{signature}")
}

#[tokio::test]
async fn jwks_11_without_a_name_the_only_key_is_meant() {
    let provider = Provider::start().await;
    provider.forge(|key, claims| nameless(key, &claims));
    assert!(is_taken(&provider, &of(&provider).await).await);
    let both = [key().public().jwk(None), other_key().public().jwk(None)];
    keys(&provider, &both);
    assert!(!is_taken(&provider, &of(&provider).await).await);
}

/// `oidcc-client-test-signing-key-rotation-just-before-signing`.
#[tokio::test]
async fn jwks_15_a_key_that_is_new_is_asked_for_once_a_minute() {
    let provider = Provider::start().await;
    let server = of(&provider).await;
    let (mut dave, answer) = provider.ask(&server, DAVE).await;
    assert_eq!(provider.calls("/keys"), 1);
    provider.rotate(other_key());
    dave.open(&answer).await;
    assert_eq!(dave.heading(), "Review permissions", "{}", dave.text());
    assert_eq!(provider.calls("/keys"), 2);
    // Tokens under keys that never were do not make it ask more often.
    provider.forge(|_, claims| {
        SigningKey::from_pem(&guestpass::jose::generate("nobody").unwrap()).unwrap().sign(&claims)
    });
    for _ in 0..5 {
        assert!(!is_taken(&provider, &server).await);
    }
    assert_eq!(provider.calls("/keys"), 2);
    advance(&server, "PT61S");
    for _ in 0..5 {
        assert!(!is_taken(&provider, &server).await);
    }
    assert_eq!(provider.calls("/keys"), 3);
    // A minute later a real rotation is noticed again.
    advance(&server, "PT61S");
    provider.repent();
    provider.rotate(key());
    assert!(is_taken(&provider, &server).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_meet_a_new_key_at_once_ask_once_and_all_come_in() {
    let provider = Arc::new(Provider::start().await);
    // Everybody needs an answer with the same nonce: it is left to the last who asked.
    let server = Arc::new(of(&provider).await);
    let (mut dave, answer) = provider.ask(&server, DAVE).await;
    provider.rotate(other_key());
    let mut others = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let server = server.clone();
        others.spawn(async move {
            // Nonces differ, so these fail; what they may not do is ask again and again.
            let mut browser = server.browser();
            browser.open(&authorize(CONTOSO, &[("login_hint", DAVE)])).await;
            let asked = url::Url::parse(browser.url()).unwrap();
            let state = asked.query_pairs().find(|(name, _)| name == "state").unwrap().1;
            let callback = format!("/te/{CONTOSO}/oauth2/authresp?code=x&state={state}");
            browser.open(&callback).await;
            browser.status()
        });
    }
    dave.open(&answer).await;
    assert_eq!(dave.heading(), "Review permissions", "{}", dave.text());
    for status in others.join_all().await {
        assert_eq!(status, 400);
    }
    assert_eq!(provider.calls("/keys"), 2);
}

#[tokio::test]
async fn jwks_17_while_the_keys_cannot_be_read_the_old_ones_serve_for_a_day() {
    let provider = Provider::start().await;
    let server = of(&provider).await;
    assert!(is_taken(&provider, &server).await);
    provider.instead("/keys", Instead::json(&json!({})).status(503));
    provider.instead("/.well-known/openid-configuration", Instead::json(&json!({})).status(503));
    advance(&server, "PT23H");
    provider.set_clock(server.broker().clock().now().as_second());
    assert!(is_taken(&provider, &server).await);
    advance(&server, "PT2H");
    let mut dave = server.browser();
    dave.open(&authorize(CONTOSO, &[("login_hint", DAVE)])).await;
    assert_eq!(dave.status(), 503, "{}", dave.text());
}

#[tokio::test]
async fn jwks_19_no_provider_has_its_keys_kept_for_years() {
    let provider = Provider::start().await;
    for (path, document) in [
        ("/keys", json!({"keys": [key().public().jwk(None)]})),
        ("/.well-known/openid-configuration", json!(provider.metadata())),
    ] {
        let forever = Instead::json(&document).header("cache-control", "public, max-age=315360000");
        provider.instead(path, forever);
    }
    let server = of(&provider).await;
    assert!(is_taken(&provider, &server).await);
    advance(&server, "PT24H1S");
    // The old key was withdrawn meanwhile.
    provider.set_clock(server.broker().clock().now().as_second());
    keys(&provider, &[other_key().public().jwk(None)]);
    assert!(!is_taken(&provider, &server).await);
    provider.rotate(other_key());
    assert!(is_taken(&provider, &server).await);
}
