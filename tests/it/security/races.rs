//! What happens to a guest while a token is on its way: whichever comes first, no token outlives it.

use std::sync::Arc;

use axum::http::Method;
use guestpass::Server;
use serde_json::{Value, json};

use super::help::*;
use crate::support::*;

const STORIES: [&str; 3] = ["reset", "disabled", "deleted"];

/// Two requests at the same time, at two replicas.
async fn at_the_same_time<A: Send + 'static, B: Send + 'static>(
    first: impl Future<Output = A> + Send + 'static,
    second: impl Future<Output = B> + Send + 'static,
) -> (A, B) {
    let barrier = Arc::new(tokio::sync::Barrier::new(2));
    let other = barrier.clone();
    let first = tokio::spawn(async move {
        barrier.wait().await;
        first.await
    });
    let second = tokio::spawn(async move {
        other.wait().await;
        second.await
    });
    (first.await.unwrap(), second.await.unwrap())
}

/// Whatever was answered, nothing of it is worth anything once the other request was answered, too.
async fn assert_dead(servers: &[Arc<Server>], answer: &Answer, story: &str) {
    assert!(matches!(answer.status, 200 | 400), "{story}: {}", answer.body);
    if answer.status == 400 {
        assert_eq!(answer.json()["error"], "invalid_grant", "{story}: {}", answer.body);
        return assert_worthless(&answer.body);
    }
    let tokens: Value = answer.json();
    for server in servers {
        let access = tokens["access_token"].as_str().unwrap();
        for path in ["/oidc/userinfo", "/v1.0/me"] {
            let answer = with_token(server, Method::GET, path, access).await;
            assert_eq!(answer.status, 401, "{story} {path}: {}", answer.body);
        }
        let again = refresh(server, tokens["refresh_token"].as_str().unwrap(), &[]).await;
        assert_eq!(again.json()["error"], "invalid_grant", "{story}: {}", again.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_is_redeemed_while_the_guest_goes_gives_nothing_that_lives() {
    for story in STORIES {
        for _ in 0..4 {
            let folder = tempfile::tempdir().unwrap();
            let servers = replicas(&folder).await;
            let code = signed_in(&servers[0], FRANK).await.parameter("code").unwrap();
            let (here, there) = (servers[0].clone(), servers[1].clone());
            let redeeming = async move { redeem(&here, &code, &[]).await };
            let going = async move { befalls(&there, story, 6, FRANK).await };
            let (answer, ()) = at_the_same_time(redeeming, going).await;
            assert_dead(&servers, &answer, story).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refreshed_while_the_guest_goes_gives_nothing_that_lives() {
    for story in STORIES {
        for _ in 0..4 {
            let folder = tempfile::tempdir().unwrap();
            let servers = replicas(&folder).await;
            let code = signed_in(&servers[0], FRANK).await.parameter("code").unwrap();
            let tokens = redeem(&servers[0], &code, &[]).await.json();
            let token = tokens["refresh_token"].as_str().unwrap().to_owned();
            let (here, there) = (servers[0].clone(), servers[1].clone());
            let refreshing = async move { refresh(&here, &token, &[]).await };
            let going = async move { befalls(&there, story, 6, FRANK).await };
            let (answer, ()) = at_the_same_time(refreshing, going).await;
            assert_dead(&servers, &answer, story).await;
        }
    }
}

/// Frank accepts the last page while the redemption is reset: he is redeemed and reset, or reset and
/// refused; a code in his hands is void.
#[tokio::test(flavor = "multi_thread")]
async fn a_redemption_that_is_completed_while_it_is_reset_leaves_a_pending_guest_or_a_new_one() {
    for _ in 0..6 {
        let folder = tempfile::tempdir().unwrap();
        let servers = replicas(&folder).await;
        let frank = forms::at(&servers[0], "terms-of-use").await;
        let accept = Post::of(&servers[0], &frank, &[("accept", "1")]);
        let resume = format!("/{CONTOSO}/resume/{}", sign_in_of(&frank));
        let (here, there) = (servers[0].clone(), servers[1].clone());
        let accepting = async move {
            let accepted = accept.send(&here).await;
            assert!(matches!(accepted.status, 303 | 400), "{}", accepted.body);
            accept.open(&here, &resume).await
        };
        let resetting = async move { befalls(&there, "reset", 6, FRANK).await };
        let (answer, ()) = at_the_same_time(accepting, resetting).await;
        assert_eq!(state_of(&servers[1], 6).await, "PendingAcceptance", "{}", answer.body);
        let location = answer.header("location");
        let url = url::Url::parse(location).ok();
        let code = url.and_then(|url| {
            let found = url.query_pairs().find(|(name, _)| name == "code");
            found.map(|(_, code)| code.into_owned())
        });
        if let Some(code) = code {
            let redeemed = redeem(&servers[1], &code, &[]).await;
            assert_eq!(redeemed.json()["error"], "invalid_grant", "{}", redeemed.body);
            assert_worthless(&redeemed.body);
        }
    }
}

/// Between the code and the token the tenant changes its mind about the application, not the guest.
#[tokio::test]
async fn an_application_that_is_closed_before_the_token_gets_none() {
    for (change, number) in [
        (json!({"accountEnabled": false}), 7_000_112),
        (json!({"appRoleAssignmentRequired": true}), 50105),
    ] {
        let server = server().await;
        let code = signed_in(&server, FRANK).await.parameter("code").unwrap();
        let other = signed_in(&server, FRANK).await.parameter("code").unwrap();
        let tokens = redeem(&server, &other, &[]).await.json();
        let web = format!("/v1.0/servicePrincipals(appId='{WEB}')");
        let changed = patch(&server, &web, &daemon_token(&server).await, &change).await;
        assert!((200..300).contains(&changed.status), "{}", changed.body);
        let answer = redeem(&server, &code, &[]).await;
        assert_eq!((answer.status, &answer.json()["error_codes"]), (400, &json!([number])));
        assert_worthless(&answer.body);
        let answer = refresh(&server, tokens["refresh_token"].as_str().unwrap(), &[]).await;
        assert_eq!((answer.status, &answer.json()["error_codes"]), (400, &json!([number])));
        assert_worthless(&answer.body);
    }
}
