//! Sign-out: the modules of the OpenID Foundation's conformance suite, by their names (RP-Initiated
//! Logout and Front-Channel Logout plans).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guestpass::Server;
use serde_json::{Value, json};

use super::help::*;
use super::logout::{BACK, DONE, asks, refuses};
use crate::sign_out::{SPA, id_token, logout, telling, told};
use crate::support::*;

#[tokio::test]
async fn oidcc_rp_initiated_logout_discovery_endpoint_verification() {
    let server = server().await;
    for tenant in [CONTOSO, "common", "contoso.example"] {
        let path = format!("/{tenant}/v2.0/.well-known/openid-configuration");
        let document = get(&server, &path).await.json();
        let endpoint = document["end_session_endpoint"].as_str().unwrap();
        assert!(endpoint.starts_with(server.origin()), "{endpoint}");
        assert_eq!(document["frontchannel_logout_supported"], true);
        let path = endpoint.strip_prefix(server.origin()).unwrap();
        assert_eq!(get(&server, path).await.status, 200, "nobody is signed in");
    }
}

#[tokio::test]
async fn oidcc_rp_initiated_logout() {
    let server = server().await;
    let mut alice = signed_in(&server, ALICE).await;
    let hint = id_token(&server, &mut alice, ALICE).await;
    for method in ["GET", "POST"] {
        let pairs =
            [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BACK), ("state", "s")];
        match method {
            "GET" => alice.open(&logout(CONTOSO, &pairs)).await,
            _ => {
                let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
                alice.post(&format!("/{CONTOSO}/oauth2/v2.0/logout"), &pairs).await
            }
        };
        assert_eq!(alice.url(), "http://localhost:3000/?state=s", "{}", alice.text());
        assert!(!is_signed_in(&mut alice).await);
        // Nobody is signed in now: the second time there is nothing to ask either.
    }
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri() {
    let server = server().await;
    for target in [
        "https://evil.example/",
        "http://localhost:3000/other",
        "http://localhost:3000/auth/callback/",
        "http://localhost.evil.example:3000/",
        "http://localhost:3000@evil.example/",
        "javascript:alert(1)",
        "//evil.example/",
        "https://localhost:3000/",
    ] {
        let mut alice = signed_in(&server, ALICE).await;
        let hint = id_token(&server, &mut alice, ALICE).await;
        let pairs = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", target)];
        alice.open(&logout(CONTOSO, &pairs)).await;
        assert!(alice.url().starts_with(server.origin()), "{target}: {}", alice.url());
        assert_eq!(alice.heading(), DONE, "{target}: {}", alice.text());
        assert!(alice.text().contains("is not registered"), "{}", alice.text());
        assert!(alice.link("Continue").is_none());
    }
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri() {
    let server = server().await;
    let mut alice = signed_in(&server, ALICE).await;
    let hint = id_token(&server, &mut alice, ALICE).await;
    let added = "http://localhost:3000/?foo=bar";
    let pairs = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", added)];
    alice.open(&logout(CONTOSO, &pairs)).await;
    assert_eq!(alice.heading(), DONE, "{}", alice.text());
}

fn forged(token: &str, header: &Value) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    format!("{}.{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), parts[1], parts[2])
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_modified_id_token_hint() {
    let server = server().await;
    let mut alice = signed_in(&server, ALICE).await;
    let hint = id_token(&server, &mut alice, ALICE).await;
    let parts: Vec<&str> = hint.split('.').collect();
    let mut changed = claims(&hint.clone().into());
    changed.insert("exp".into(), json!(1));
    let changed = URL_SAFE_NO_PAD.encode(serde_json::to_string(&changed).unwrap());
    let header = guestpass::jose::claims_unverified(&format!("x.{}.x", parts[0])).unwrap();
    let mut none = header.clone();
    none.insert("alg".into(), json!("none"));
    let mut symmetric = header.clone();
    symmetric.insert("alg".into(), json!("HS256"));
    for wrong in [
        format!("{}.{changed}.{}", parts[0], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.{}", parts[0], parts[1], parts[0]),
        forged(&hint, &none.into()),
        forged(&hint, &symmetric.into()),
    ] {
        let pairs = [("id_token_hint", wrong.as_str()), ("post_logout_redirect_uri", BACK)];
        refuses(&server, &mut alice, &pairs, "AADSTS501461: ").await;
    }
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_id_token_hint() {
    let server = server().await;
    let foreign = Server::builder().keys(guestpass::jose::KeySet::generate().unwrap()).start();
    let foreign = foreign.await.unwrap();
    let mut there = signed_in(&foreign, ALICE).await;
    let foreign = id_token(&foreign, &mut there, ALICE).await;
    let mut alice = signed_in(&server, ALICE).await;
    for wrong in ["x", "a.b.c", foreign.as_str()] {
        let pairs = [("id_token_hint", wrong), ("post_logout_redirect_uri", BACK)];
        refuses(&server, &mut alice, &pairs, "AADSTS501461: ").await;
    }
    // An access token is none, although we signed it.
    alice.open(&authorize(CONTOSO, &[])).await;
    let code = alice.parameter("code").unwrap();
    let tokens = redeem(&server, &code, &[]).await.json();
    let access = tokens["access_token"].as_str().unwrap();
    refuses(&server, &mut alice, &[("id_token_hint", access)], "AADSTS501461: ").await;
    // Nor is a token of another tenant, or another client than the one that says it asks.
    let hint = tokens["id_token"].as_str().unwrap();
    let pairs = [("id_token_hint", hint), ("client_id", SPA)];
    refuses(&server, &mut alice, &pairs, "AADSTS501461: ").await;
    alice.open(&logout(TAILSPIN, &[("id_token_hint", hint)])).await;
    assert!(alice.alert().unwrap().starts_with("AADSTS501461: "), "{}", alice.text());
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_id_token_hint() {
    let server = server().await;
    asks(&server, &[("post_logout_redirect_uri", BACK), ("state", "s")]).await;
    // Once the person says yes, the address still has to be a registered one.
    for (target, arrives) in [(BACK, true), ("https://evil.example/", false)] {
        let mut alice = signed_in(&server, ALICE).await;
        alice.open(&logout(CONTOSO, &[("post_logout_redirect_uri", target)])).await;
        alice.submit(&[], None).await;
        assert_eq!(alice.url() == BACK, arrives, "{}", alice.url());
        assert!(!is_signed_in(&mut alice).await);
    }
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_params() {
    asks(&server().await, &[]).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_only_state() {
    asks(&server().await, &[("state", "s")]).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_state() {
    let server = server().await;
    let mut alice = signed_in(&server, ALICE).await;
    let hint = id_token(&server, &mut alice, ALICE).await;
    let pairs = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BACK)];
    alice.open(&logout(CONTOSO, &pairs)).await;
    assert_eq!(alice.url(), BACK, "{}", alice.text());
    assert!(!is_signed_in(&mut alice).await);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri() {
    let server = server().await;
    let mut alice = signed_in(&server, ALICE).await;
    let hint = id_token(&server, &mut alice, ALICE).await;
    alice.open(&logout(CONTOSO, &[("id_token_hint", &hint), ("state", "s")])).await;
    assert_eq!(alice.heading(), DONE, "{}", alice.text());
    assert!(!is_signed_in(&mut alice).await);
}

#[tokio::test]
async fn oidcc_frontchannel_rp_initiated_logout() {
    let server = telling().await;
    let mut alice = signed_in(&server, ALICE).await;
    let hint = id_token(&server, &mut alice, ALICE).await;
    let pairs =
        [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BACK), ("state", "s")];
    alice.open(&logout(CONTOSO, &pairs)).await;
    let told = told(alice.html());
    assert_eq!(told.len(), 1, "{told:?}");
    let told = url::Url::parse(&told[0]).unwrap();
    let value = |name: &str| told.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned();
    let claims = claims(&hint.into());
    assert_eq!(claims["iss"], value("iss"));
    assert_eq!(claims["sid"], value("sid"));
    assert_eq!(alice.link("Continue").unwrap(), "http://localhost:3000/?state=s");
    assert!(!is_signed_in(&mut alice).await);
}
