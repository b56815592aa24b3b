//! `/v1.0/identity/identityProviders`: the social networks that a tenant lets in.

use axum::http::Method;
use guestpass::Server;
use serde_json::{Value, json};

use crate::support::*;

const BASE: &str = "/v1.0/identity/identityProviders";

async fn configurable() -> Server {
    let world = guestpass::config::world::DEFAULT;
    server_of(&with_permissions(world, &["IdentityProvider.ReadWrite.All"])).await
}

async fn ids(server: &Server, token: &str) -> Vec<String> {
    let answer = with_token(server, Method::GET, BASE, token).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let providers = answer.json()["value"].as_array().unwrap().clone();
    providers.iter().map(|provider| provider["id"].as_str().unwrap().to_owned()).collect()
}

fn google(secret: &str) -> Value {
    json!({"@odata.type": "microsoft.graph.socialIdentityProvider", "displayName": "Login with Google",
        "identityProviderType": "Google", "clientId": "00000000.apps.example", "clientSecret": secret})
}

async fn decided_by(server: &Server, address: &str) -> String {
    let path =
        format!("/_guestpass/explain?tenant=contoso.example&email={address}&entry=direct-link");
    get(server, &path).await.json()["decided_by"].as_str().unwrap().to_owned()
}

/// Google federation, "How do I remove Google federation?": guests who redeemed with it are locked
/// out until the redemption is reset.
#[tokio::test]
async fn taking_google_away_locks_its_guests_out_until_they_are_reset() {
    let server = configurable().await;
    let token = daemon_token(&server).await;
    let built_in = ["AADSignup-OAUTH", "MSASignup-OAUTH", "EmailOtpSignup-OAUTH"];
    let with_google: Vec<_> = built_in.into_iter().chain(["Google-OAUTH"]).collect();
    assert_eq!(ids(&server, &token).await, with_google);
    drop(signed_in(&server, "dave@gmail.com").await);
    assert_eq!(state_of(&server, 3).await, "Accepted");

    let one = format!("{BASE}/Google-OAUTH");
    assert_eq!(with_token(&server, Method::DELETE, &one, &token).await.status, 204);
    assert_eq!(ids(&server, &token).await, built_in);
    assert_eq!(with_token(&server, Method::GET, &one, &token).await.status, 404);
    let mut dave = server.browser();
    dave.open(&authorize(CONTOSO, &[])).await;
    assert!(!dave.text().contains("Sign in with Google"), "{}", dave.text());
    type_name(&mut dave, "dave@gmail.com").await;
    assert_eq!(dave.status(), 400);
    assert!(dave.text().contains("Turn google.com on again"), "{}", dave.text());
    // Who has not redeemed yet is not bound to Google.
    assert_eq!(decided_by(&server, "vera2@gmail.com").await, "one-time-passcode");

    let created = post_json(&server, BASE, &token, &google("s3cret")).await;
    assert_eq!(created.status, 201, "{}", created.body);
    assert_eq!(created.json()["id"], "Google-OAUTH");
    assert_eq!(created.json()["clientSecret"], "****");
    assert_eq!(decided_by(&server, "dave@gmail.com").await, "already-redeemed");
    drop(signed_in(&server, "dave@gmail.com").await);
}

#[tokio::test]
async fn a_registration_is_read_and_changed_but_its_secret_is_not_shown() {
    let server = configurable().await;
    let token = daemon_token(&server).await;
    let one = format!("{BASE}/Google-OAUTH");
    let change = json!({"@odata.type": "#microsoft.graph.socialIdentityProvider",
        "clientId": "mine", "clientSecret": "another-s3cret", "displayName": "Our Google"});
    assert_eq!(patch(&server, &one, &token, &change).await.status, 204);
    let read = with_token(&server, Method::GET, &one, &token).await;
    let expected = json!({"@odata.type": "#microsoft.graph.socialIdentityProvider",
        "id": "Google-OAUTH", "displayName": "Our Google", "identityProviderType": "Google",
        "clientId": "mine", "clientSecret": "****"});
    assert_eq!(read.json(), expected);
    let built_in =
        with_token(&server, Method::GET, &format!("{BASE}/MSASignup-OAUTH"), &token).await;
    assert_eq!(built_in.json()["identityProviderType"], "MicrosoftAccount");
    // The built-in Google knows the broker, whatever an administrator has registered.
    drop(signed_in(&server, "dave@gmail.com").await);
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let server = configurable().await;
    let token = daemon_token(&server).await;
    let before = with_token(&server, Method::GET, BASE, &token).await.json();
    let mut amazon = google("x");
    amazon["identityProviderType"] = json!("Amazon");
    let mut nameless = google("x");
    nameless["clientId"] = json!("");
    let no_secret = json!({"identityProviderType": "Facebook", "clientId": "x"});
    for body in [amazon, nameless, no_secret, google("again"), json!([])] {
        let answer = post_json(&server, BASE, &token, &body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
    }
    let built_in = format!("{BASE}/AADSignup-OAUTH");
    assert_eq!(with_token(&server, Method::DELETE, &built_in, &token).await.status, 400);
    assert_eq!(patch(&server, &built_in, &token, &json!({"displayName": "x"})).await.status, 400);
    let facebook = format!("{BASE}/Facebook-OAUTH");
    assert_eq!(with_token(&server, Method::DELETE, &facebook, &token).await.status, 404);
    assert_eq!(with_token(&server, Method::GET, BASE, &token).await.json(), before);
}

#[tokio::test]
async fn permission_and_tenant_are_the_callers() {
    let server = configurable().await;
    let other = daemon_token_of(
        &server,
        TAILSPIN,
        "7a115000-0000-4000-8000-0000000000a5",
        "tailspin-daemon-secret",
    )
    .await;
    assert_eq!(with_token(&server, Method::GET, BASE, &other).await.status, 403);
    assert_eq!(post_json(&server, BASE, &other, &google("x")).await.status, 403);
    let one = format!("{BASE}/Google-OAUTH");
    assert_eq!(with_token(&server, Method::DELETE, &one, &other).await.status, 403);
    assert_eq!(with_token(&server, Method::GET, BASE, "").await.status, 401);
    assert_eq!(decided_by(&server, "dave@gmail.com").await, "google-federation");
}
