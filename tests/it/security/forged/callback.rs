//! A provider's answer that nobody asked for, that another browser asked for, or that comes twice.

use super::super::help::*;
use crate::support::*;

/// The callback with other parameters: `name=value` pairs in place of the known ones.
fn bent(answer: &str, changes: &[(&str, &str)]) -> String {
    let mut url = url::Url::parse(answer).unwrap();
    let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    pairs.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    pairs.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    pairs.retain(|(_, value)| !value.is_empty());
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url.into()
}

fn parameter(answer: &str, name: &str) -> String {
    let url = url::Url::parse(answer).unwrap();
    url.query_pairs().find(|(known, _)| known == name).unwrap().1.into_owned()
}

#[tokio::test]
async fn an_answer_to_no_sign_in_is_refused() {
    let server = server().await;
    let before = seen(&server, 3).await;
    let callback = format!("/te/{CONTOSO}/oauth2/authresp");
    let unknown = server.broker().entropy().guid();
    for (query, reason) in [
        (String::new(), "forged-request"),
        ("?code=x".to_owned(), "forged-request"),
        ("?code=x&state=".to_owned(), "forged-request"),
        ("?code=x&state=x".to_owned(), "forged-request"),
        (format!("?code=x&state={unknown}"), "forged-request"),
        (format!("?code=x&state={unknown}.x"), "sign-in-gone"),
        (format!("?error=access_denied&state={unknown}.x"), "sign-in-gone"),
    ] {
        let mut browser = server.browser();
        browser.open(&format!("{callback}{query}")).await;
        assert_stopped(&browser, 403, reason);
        assert!(browser.cookie(SESSION).is_none(), "{query}");
    }
    assert_untouched(&server, 3, &before).await;
}

#[tokio::test]
async fn an_answer_for_another_browser_is_refused() {
    let server = server().await;
    let before = seen(&server, 3).await;
    let mut dave = server.browser();
    let answer = answer_of_google(&server, &mut dave, "s").await;
    // A stranger, somebody who is in the middle of a sign-in, somebody who waits for Google too.
    let mut waiting = server.browser();
    answer_of_google(&server, &mut waiting, "s").await;
    for mut thief in [server.browser(), forms::at(&server, "password").await, waiting] {
        thief.open(&answer).await;
        assert_stopped(&thief, 403, "sign-in-gone: ");
        assert!(thief.cookie(SESSION).is_none());
    }
    assert_untouched(&server, 3, &before).await;
    dave.open(&answer).await;
    agree_to_all(&server, &mut dave, DAVE).await;
    assert!(dave.parameter("code").is_some(), "{}", dave.text());
}

#[tokio::test]
async fn an_answer_that_comes_twice_counts_once() {
    let server = server().await;
    let before = seen(&server, 3).await;
    let mut dave = server.browser();
    let answer = answer_of_google(&server, &mut dave, "s").await;
    dave.open(&answer).await;
    assert_eq!(dave.heading(), "Review permissions", "{}", dave.text());
    let session = dave.cookie(SESSION).unwrap().to_owned();
    let (resume, review) = (dave.url().to_owned(), Post::of(&server, &dave, &[]));
    for replay in [answer.clone(), bent(&answer, &[("code", "1.x")])] {
        dave.open(&replay).await;
        assert_stopped(&dave, 403, "forged-request: ");
        assert_eq!(dave.cookie(SESSION), Some(session.as_str()));
        assert_untouched(&server, 3, &before).await;
    }
    dave.open(&resume).await;
    assert_eq!(Post::of(&server, &dave, &[]).path, review.path, "where Dave was");
    agree_to_all(&server, &mut dave, DAVE).await;
    assert!(dave.parameter("code").is_some(), "{}", dave.text());
    // After the end, too.
    dave.open(&answer).await;
    assert_stopped(&dave, 403, "forged-request: ");
}

#[tokio::test]
async fn answers_of_two_sign_ins_of_one_browser_are_not_exchanged() {
    let server = server().await;
    let before = seen(&server, 3).await;
    let mut dave = server.browser();
    let first = answer_of_google(&server, &mut dave, "first").await;
    let second = answer_of_google(&server, &mut dave, "second").await;
    let [state, other] = [&first, &second].map(|answer| parameter(answer, "state"));
    // One sign-in's id with the other's secret, and half of it.
    let id = state.split('.').next().unwrap();
    let secret = other.split_once('.').unwrap().1;
    for mixed in [format!("{id}.{secret}"), format!("{id}."), format!("{state}x")] {
        dave.open(&bent(&first, &[("state", &mixed)])).await;
        assert_stopped(&dave, 403, "forged-request: ");
    }
    // The second's right state with the first's code: Google's code is bound to the other PKCE.
    dave.open(&bent(&second, &[("code", &parameter(&first, "code"))])).await;
    assert_stopped(&dave, 400, "AADSTS90123: ");
    assert!(dave.cookie(SESSION).is_none());
    assert_untouched(&server, 3, &before).await;
    // The first one can still be finished, and answers to its own client.
    dave.open(&first).await;
    agree_to_all(&server, &mut dave, DAVE).await;
    assert_eq!(dave.parameter("state").unwrap(), "first");
    assert!(dave.parameter("code").is_some(), "{}", dave.text());
}

#[tokio::test]
async fn an_answer_to_another_tenant_or_from_another_provider_is_refused() {
    let server = server().await;
    let before = seen(&server, 3).await;
    let mut dave = server.browser();
    let answer = answer_of_google(&server, &mut dave, "s").await;
    for tenant in [TAILSPIN, "contoso.example", "common"] {
        dave.open(&answer.replace(CONTOSO, tenant)).await;
        assert_stopped(&dave, 403, "forged-request: ");
    }
    for twice in ["&state=x", "&code=x"] {
        dave.open(&format!("{answer}{twice}")).await;
        assert_stopped(&dave, 403, "forged-request: ");
    }
    assert_untouched(&server, 3, &before).await;
    // None of that touched the sign-in; a mixed-up issuer does, and it starts over.
    let other = format!("{}/{FABRIKAM}/v2.0", server.origin());
    dave.open(&bent(&answer, &[("iss", &other)])).await;
    assert_stopped(&dave, 400, "AADSTS90123: ");
    assert!(dave.text().contains("another provider has answered"), "{}", dave.text());
    assert!(dave.cookie(SESSION).is_none());
    assert_untouched(&server, 3, &before).await;
    dave.open(&answer).await;
    assert_stopped(&dave, 403, "forged-request: ");
}

#[tokio::test]
async fn a_provider_that_says_no_changes_nothing_and_the_guest_may_try_again() {
    let server = server().await;
    let before = seen(&server, 3).await;
    let mut dave = server.browser();
    let answer = answer_of_google(&server, &mut dave, "s").await;
    let description = "<script>alert(1)</script>";
    let no = [("code", ""), ("error", "access_denied"), ("error_description", description)];
    // Only the browser that was sent there can bring the answer.
    let mut thief = server.browser();
    thief.open(&bent(&answer, &no)).await;
    assert_stopped(&thief, 403, "sign-in-gone: ");
    dave.open(&bent(&answer, &no)).await;
    assert_stopped(&dave, 400, "AADSTS90123: ");
    assert!(dave.text().contains("it answered 'access_denied'"), "{}", dave.text());
    assert!(!dave.html().contains(description));
    assert_untouched(&server, 3, &before).await;
    // The code that was issued besides is no good any more for this sign-in.
    dave.open(&answer).await;
    assert_stopped(&dave, 403, "forged-request: ");
    let mut dave = server.browser();
    dave.open(&authorize(CONTOSO, &[("login_hint", DAVE)])).await;
    agree_to_all(&server, &mut dave, DAVE).await;
    assert!(dave.parameter("code").is_some(), "{}", dave.text());
}

#[tokio::test]
async fn a_resume_address_opens_nothing_in_another_browser() {
    let server = server().await;
    for (step, number) in [("send-code", 6), ("review-permissions", 6), ("terms-of-use", 6)] {
        let mut owner = forms::at(&server, step).await;
        let before = seen(&server, number).await;
        let resume = format!("/{CONTOSO}/resume/{}", sign_in_of(&owner));
        let another = forms::at(&server, "sign-in").await;
        for mut thief in [server.browser(), another, forms::at(&server, step).await] {
            for view in ["", "?view=another", "?view=options"] {
                thief.open(&format!("{resume}{view}")).await;
                assert_stopped(&thief, 403, "sign-in-gone: ");
            }
        }
        // The session alone is not the browser either.
        if let Some(session) = owner.cookie(SESSION) {
            let mut thief = server.browser();
            thief.set_cookie(SESSION, session);
            thief.open(&resume).await;
            assert_stopped(&thief, 403, "sign-in-gone: ");
        }
        assert_untouched(&server, number, &before).await;
        owner.open(&resume).await;
        assert_eq!(Post::of(&server, &owner, &[]).path.rsplit('/').next(), Some(step));
    }
}
