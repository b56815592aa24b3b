//! A provider that is taken away while a guest is there, or taken away and made again: whatever
//! comes back from the old one is no answer. And an answer is taken once, before its code is shown.

use std::sync::Arc;

use axum::http::Method;
use guestpass::Server;
use guestpass::browser::Browser;
use serde_json::{Value, json};

use super::help::*;
use crate::provider::{Instead, Provider};
use crate::sign_up::{pressed, world};
use crate::support::*;

const NETWORKS: &str = "/v1.0/identity/identityProviders";
const FEDERATIONS: &str = "/v1.0/directory/federationConfigurations";
const KIND: &str = "microsoft.graph.samlOrWsFedExternalDomainFederation";
const AGAIN: &str = "has set it up anew";

async fn configurable(world: &str) -> Server {
    server_of(&with_permissions(world, &["IdentityProvider.ReadWrite.All"])).await
}

async fn remove(server: &Server, path: &str) {
    let token = daemon_token(server).await;
    let answer = with_token(server, Method::DELETE, path, &token).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
}

async fn make(server: &Server, path: &str, body: &Value) {
    let token = daemon_token(server).await;
    let answer = post_json(server, path, &token, body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
}

/// The registration that the real provider of these tests knows.
fn registration(network: &str) -> Value {
    json!({"@odata.type": "microsoft.graph.socialIdentityProvider", "displayName": network,
        "identityProviderType": network, "clientId": crate::provider::CLIENT,
        "clientSecret": crate::provider::SECRET})
}

fn assert_refused(browser: &Browser<'_>, why: &str) {
    assert_stopped(browser, 400, "AADSTS90123: ");
    assert!(browser.text().contains(why), "{}", browser.text());
}

#[tokio::test]
async fn rp_22_an_answer_of_a_provider_that_was_taken_away_redeems_no_code() {
    let provider = Provider::start().await;
    let server = configurable(&provider.as_google()).await;
    let before = seen(&server, 3).await;
    let google = format!("{NETWORKS}/Google-OAUTH");
    let (mut dave, answer) = provider.ask(&server, DAVE).await;
    remove(&server, &google).await;
    dave.open(&answer).await;
    assert_refused(&dave, "has taken it away");
    // Twice the same name is two configurations, the world's and an administrator's or two of theirs.
    for _ in 0..2 {
        make(&server, NETWORKS, &registration("Google")).await;
        let (mut dave, answer) = provider.ask(&server, DAVE).await;
        remove(&server, &google).await;
        make(&server, NETWORKS, &registration("Google")).await;
        dave.open(&answer).await;
        assert_refused(&dave, AGAIN);
        remove(&server, &google).await;
    }
    assert_eq!(provider.calls("/token"), 0);
    assert_untouched(&server, 3, &before).await;
}

#[tokio::test]
async fn rp_22_a_provider_that_was_made_again_is_asked_again() {
    let provider = Provider::start().await;
    let server = configurable(&provider.as_google()).await;
    let google = format!("{NETWORKS}/Google-OAUTH");
    let (mut dave, answer) = provider.ask(&server, DAVE).await;
    remove(&server, &google).await;
    make(&server, NETWORKS, &registration("Google")).await;
    dave.open(&answer).await;
    assert_refused(&dave, AGAIN);
    assert_eq!(provider.calls("/token"), 0);
    dave.open(&dave.link("Use another account").expect("a way to start again")).await;
    type_name(&mut dave, DAVE).await;
    let answer = provider.answer_to(&dave);
    // What is only changed of it is still the same.
    let token = daemon_token(&server).await;
    let renamed = patch(&server, &google, &token, &json!({"displayName": "Our Google"})).await;
    assert_eq!(renamed.status, 204, "{}", renamed.body);
    dave.open(&answer).await;
    assert_eq!(dave.heading(), "Review permissions", "{}", dave.text());
}

#[tokio::test]
async fn rp_22_so_it_is_with_facebook_where_people_sign_themselves_up() {
    let server = configurable(&world()).await;
    let mut fay = pressed(&server, "facebook").await;
    remove(&server, &format!("{NETWORKS}/Facebook-OAUTH")).await;
    make(&server, NETWORKS, &registration("Facebook")).await;
    agree_to_all(&server, &mut fay, FAY).await;
    assert_refused(&fay, AGAIN);
}

#[tokio::test]
async fn rp_22_so_it_is_with_saml_and_ws_fed() {
    let domains = [("litware.example", "saml", ERIN, 4), ("adatum.example", "wsFed", HEIDI, 5)];
    for (domain, protocol, name, number) in domains {
        let server = configurable(guestpass::config::world::DEFAULT).await;
        let token = daemon_token(&server).await;
        let before = seen(&server, number).await;
        let filter = format!("domains/any(x:%20x/id%20eq%20'{domain}')");
        let path = format!("{FEDERATIONS}/{KIND}?$filter={filter}");
        let found = with_token(&server, Method::GET, &path, &token).await.json();
        let found = &found["value"][0];
        let own = found["id"].as_str().expect("a federation");
        let keys = guestpass::jose::KeySet::development().unwrap();
        let same = json!({"issuerUri": found["issuerUri"], "domains": [{"id": domain}],
            "preferredAuthenticationProtocol": protocol,
            "passiveSignInUri": format!("https://{domain}/signin"),
            "signingCertificate": keys.google.certificate()});

        let (mut early, mut late) = (server.browser(), server.browser());
        for browser in [&mut early, &mut late] {
            browser.open(&authorize(CONTOSO, &[("login_hint", name)])).await;
            browser.submit(&[("UserName", name), ("Password", "guestpass")], None).await;
            assert_eq!(browser.heading(), "Going back to the application", "{}", browser.text());
        }
        remove(&server, &format!("{FEDERATIONS}/{own}")).await;
        early.submit(&[], None).await;
        assert_stopped(&early, 400, "AADSTS50107: ");
        make(&server, &format!("{FEDERATIONS}/{KIND}"), &same).await;
        late.submit(&[], None).await;
        assert_refused(&late, AGAIN);
        assert_untouched(&server, number, &before).await;
    }
}

/// A real provider may revoke what it gave if it sees a code again (RFC 6749 §4.1.2).
#[tokio::test]
async fn of_many_answers_at_once_one_redeems_the_code() {
    let provider = Provider::start().await;
    let server = Arc::new(server_of(&provider.as_google()).await);
    let (dave, answer) = provider.ask(&server, DAVE).await;
    let cookie = dave.cookie(BROWSER).unwrap().to_owned();
    let mut answers = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let (server, answer, cookie) = (server.clone(), answer.clone(), cookie.clone());
        answers.spawn(async move {
            let mut tab = server.browser();
            tab.set_cookie(BROWSER, &cookie);
            tab.open(&answer).await;
            (tab.status(), tab.heading(), tab.alert())
        });
    }
    let answers = answers.join_all().await;
    let (taken, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|(status, ..)| *status == 200);
    assert_eq!(taken.len(), 1, "{taken:?} {refused:?}");
    assert_eq!(taken[0].1, "Review permissions");
    for (status, _, alert) in refused {
        assert_eq!(status, 403);
        assert!(alert.unwrap().starts_with("forged-request: "));
    }
    assert_eq!(provider.calls("/token"), 1);
}

#[tokio::test]
async fn a_code_that_could_not_be_redeemed_is_not_sent_again_and_the_sign_in_starts_again() {
    let provider = Provider::start().await;
    let server = server_of(&provider.as_google()).await;
    let before = seen(&server, 3).await;
    let (mut dave, answer) = provider.ask(&server, DAVE).await;
    provider.instead("/token", Instead::json(&json!({})).status(500));
    dave.open(&answer).await;
    assert_stopped(&dave, 503, "AADSTS40010: ");
    let again = dave.link("Use another account").expect("a way to start again");
    provider.repent();
    dave.open(&answer).await;
    assert_stopped(&dave, 403, "forged-request: ");
    assert_eq!(provider.calls("/token"), 1);
    assert_untouched(&server, 3, &before).await;
    dave.open(&again).await;
    type_name(&mut dave, DAVE).await;
    let answer = provider.answer_to(&dave);
    dave.open(&answer).await;
    assert_eq!(dave.heading(), "Review permissions", "{}", dave.text());
}
