//! What real providers tell, and what they can be asked: an address at the userinfo endpoint only, as
//! many do (OIDC Core §5.4), and prompts that they know.

use guestpass::Server;
use serde_json::{Value, json};

use crate::provider::{Instead, Provider};
use crate::support::*;

const DAVE: &str = "dave@gmail.com";

/// A provider in the Google slot whose id tokens name no address.
async fn silent() -> (Provider, Server) {
    let google = Provider::start().await;
    google.claims(|claims| {
        for name in ["email", "email_verified", "name"] {
            claims.remove(name);
        }
    });
    let server = server_of(&google.as_google()).await;
    (google, server)
}

fn dave() -> Value {
    json!({"sub": "subject-of-dave", "email": DAVE, "email_verified": true, "name": "Dave"})
}

#[tokio::test]
async fn an_address_at_the_userinfo_endpoint_is_as_good() {
    let (google, server) = silent().await;
    google.instead("/userinfo", Instead::json(&dave()));
    let mut browser = google.sign_in(&server, DAVE).await;
    agree_to_all(&server, &mut browser, DAVE).await;
    let code = browser.parameter("code").unwrap_or_else(|| panic!("{}", browser.text()));
    let id = claims(&redeem(&server, &code, &[]).await.json()["id_token"]);
    assert_eq!((&id["idp"], &id["email"]), (&json!("google.com"), &json!(DAVE)));
    let dave = guest(&server, "c0a70500-0000-4000-8000-000000000103").await;
    assert_eq!(dave["identities"][0]["issuerAssignedId"], "subject-of-dave");
    assert_eq!(google.calls("/userinfo"), 1);
}

#[tokio::test]
async fn it_is_asked_only_for_what_the_token_does_not_say() {
    let google = Provider::start().await;
    let server = server_of(&google.as_google()).await;
    let browser = google.sign_in(&server, DAVE).await;
    assert_eq!(browser.heading(), "Review permissions", "{}", browser.text());
    assert_eq!(google.calls("/userinfo"), 0);
}

#[tokio::test]
async fn what_it_says_is_judged_like_the_token() {
    let unverified = json!({"sub": "subject-of-dave", "email": DAVE, "email_verified": false});
    let unsaid = json!({"sub": "subject-of-dave", "email": DAVE});
    let other = json!({"sub": "somebody", "email": DAVE, "email_verified": true});
    let page = Instead::json(&json!({})).header("content-type", "text/html");
    let big = json!({"sub": "subject-of-dave", "email": DAVE, "x": "x".repeat(2 << 20)});
    for (answer, code) in [
        (Instead::json(&unverified), "AADSTS50020"),
        (Instead::json(&unsaid), "AADSTS50020"),
        (Instead::json(&dave()).status(403), "AADSTS50020"),
        (Instead::json(&other), "AADSTS90123"),
        (Instead::json(&json!({"email": DAVE})), "AADSTS40008"),
        (page, "AADSTS40008"),
        (Instead::json(&dave()).status(302).header("location", "/elsewhere"), "AADSTS40008"),
        (Instead::json(&big), "AADSTS40010"),
        (Instead::json(&dave()).status(503), "AADSTS40010"),
    ] {
        let (google, server) = silent().await;
        let described = format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body));
        google.instead("/userinfo", answer);
        let browser = google.sign_in(&server, DAVE).await;
        let described = &described[..described.len().min(120)];
        assert!(browser.text().contains(code), "{described}: {}", browser.text());
        assert_eq!(state_of(&server, 3).await, "PendingAcceptance", "{described}");
        assert_eq!(get(&server, "/_guestpass/health").await.status, 200);
    }
}

#[tokio::test]
async fn a_provider_is_asked_to_select_an_account_only_if_it_can() {
    for (prompts, expected) in [
        (json!(["none", "login", "select_account"]), "select_account"),
        (json!(["none", "login"]), "login"),
        (Value::Null, "login"),
    ] {
        let google = Provider::start().await;
        let mut metadata = google.metadata();
        if !prompts.is_null() {
            metadata.insert("prompt_values_supported".to_owned(), prompts);
        }
        let path = "/.well-known/openid-configuration";
        google.instead(path, Instead::json(&Value::Object(metadata)));
        let server = server_of(&google.as_google()).await;
        let mut browser = server.browser();
        browser.open(&authorize(CONTOSO, &[])).await;
        browser.submit_form(1, &[("provider", "google")], None).await;
        assert!(browser.url().starts_with(&google.issuer), "{}", browser.text());
        assert_eq!(browser.parameter("prompt").as_deref(), Some(expected));
    }
}

/// The control API trusts whoever can reach it, so no provider may have us call ourselves.
#[tokio::test]
async fn an_endpoint_that_is_this_servers_is_not_called() {
    for name in ["token_endpoint", "userinfo_endpoint", "jwks_uri"] {
        for host in ["localhost", "LOCALHOST"] {
            let google = Provider::start().await;
            let server = server_of(&google.as_google()).await;
            let id = "c0a70500-0000-4000-8000-000000000103";
            let token = daemon_token(&server).await;
            let change = json!({"displayName": "Changed"});
            let path = format!("/v1.0/users/{id}");
            assert_eq!(patch(&server, &path, &token, &change).await.status, 204);
            let own = server.origin().replace("localhost", host);
            let mut metadata = google.metadata();
            metadata.insert(name.to_owned(), json!(format!("{own}/_guestpass/reset")));
            let path = "/.well-known/openid-configuration";
            google.instead(path, Instead::json(&Value::Object(metadata)));
            let mut browser = server.browser();
            browser.open(&authorize(CONTOSO, &[("login_hint", DAVE)])).await;
            if browser.url().starts_with(&google.issuer) {
                let answer = google.answer_to(&browser);
                browser.open(&answer).await;
            }
            assert_eq!(guest(&server, id).await["displayName"], "Changed", "{name} at {host}");
            if name != "userinfo_endpoint" {
                assert!(browser.text().contains("AADSTS40010"), "{}", browser.text());
            }
        }
    }
}

/// The invitation link binds an account whatever its address; that makes the address no truer.
#[tokio::test]
async fn an_address_that_nobody_verified_is_in_no_token() {
    for verified in [true, false] {
        let google = Provider::start().await;
        google.claims(move |claims| drop(claims.insert("email_verified".into(), json!(verified))));
        let server = server_of(&google.as_google()).await;
        let mut browser = server.browser();
        browser.open(&accept_link(&server, DAVE, CONTOSO).await).await;
        let answer = google.answer_to(&browser);
        browser.open(&answer).await;
        agree_to_all(&server, &mut browser, DAVE).await;
        assert_eq!(state_of(&server, 3).await, "Accepted", "{}", browser.text());
        browser.open(&authorize(CONTOSO, &[])).await;
        let code = browser.parameter("code").unwrap();
        let id = claims(&redeem(&server, &code, &[]).await.json()["id_token"]);
        assert_eq!(id.contains_key("email"), verified, "{id:?}");
    }
}
