//! Steps that are skipped, repeated or reordered: the prose rows of the catalogue.

use axum::http::Method;
use guestpass::Server;
use guestpass::browser::Browser;
use serde_json::{Value, json};

use super::help::*;
use crate::support::*;

/// Frank's invitation, just opened.
async fn opened(server: &Server) -> (Browser<'_>, String, Value) {
    let mut frank = server.browser();
    frank.open(&accept_link(server, FRANK, CONTOSO).await).await;
    let id = sign_in_of(&frank);
    (frank, id, seen(server, 6).await)
}

async fn assert_frank_can_finish(server: &Server, frank: &mut Browser<'_>, id: &str) {
    frank.open(&format!("/{CONTOSO}/resume/{id}")).await;
    agree_to_all(server, frank, FRANK).await;
    assert_eq!(state_of(server, 6).await, "Accepted", "{}", frank.text());
}

#[tokio::test]
async fn step_01_a_consent_page_cannot_be_opened_before_the_sign_in() {
    let server = server().await;
    let mut frank = server.browser();
    frank.open(&authorize(CONTOSO, &[])).await;
    let id = sign_in_of(&frank);
    let before = seen(&server, 6).await;
    for view in
        ["", "?view=consent", "?view=review-permissions", "?view=terms-of-use", "?step=done"]
    {
        frank.open(&format!("/{CONTOSO}/resume/{id}{view}")).await;
        assert_eq!((frank.status(), frank.heading().as_str()), (200, "Sign in"), "{view}");
    }
    for step in ["review-permissions", "terms-of-use", "app-consent", "stay-signed-in"] {
        let page =
            Post::forged(&server, &frank, (&id, step), &[]).send_as(&server, Method::GET).await;
        assert_eq!(page.status, 405, "{step} has no address of its own");
    }
    assert_untouched(&server, 6, &before).await;
    agree_to_all(&server, &mut frank, FRANK).await;
    assert!(frank.parameter("code").is_some(), "{}", frank.text());
}

#[tokio::test]
async fn step_03_terms_cannot_be_accepted_before_the_permissions() {
    let server = server().await;
    let (mut frank, id, before) = opened(&server).await;
    type_passcode(&server, &mut frank, FRANK).await;
    assert_eq!(frank.heading(), "Review permissions");
    let other = forms::at(&server, "terms-of-use").await;
    let terms = Post::of(&server, &other, &[]).value("terms").to_owned();
    let fields = [("accept", "1"), ("terms", terms.as_str())];
    let skipped = Post::forged(&server, &frank, (&id, "terms-of-use"), &fields).send(&server).await;
    assert_refused(&skipped, 403, "out-of-order");
    assert!(skipped.body.contains("at &#39;review-permissions&#39;"), "{}", skipped.body);
    assert_untouched(&server, 6, &before).await;
    frank.submit(&[], None).await;
    assert_eq!(frank.heading(), "Terms of use", "they were not accepted in passing");
    assert_frank_can_finish(&server, &mut frank, &id).await;
}

#[tokio::test]
async fn step_04_the_last_step_cannot_come_first() {
    let server = server().await;
    let (mut frank, id, before) = opened(&server).await;
    for step in ["review-permissions", "terms-of-use", "app-consent", "stay-signed-in"] {
        let accept = [("accept", "1")];
        let skipped = Post::forged(&server, &frank, (&id, step), &accept).send(&server).await;
        assert_refused(&skipped, 403, "out-of-order");
        assert_untouched(&server, 6, &before).await;
    }
    let done = Post::forged(&server, &frank, (&id, "done"), &[]).send(&server).await;
    assert_refused(&done, 404, "not-found");
    assert_untouched(&server, 6, &before).await;
    assert_frank_can_finish(&server, &mut frank, &id).await;
}

#[tokio::test]
async fn step_06_an_empty_form_stays_on_the_step() {
    let server = server().await;
    let before = seen(&server, 1).await;
    let mut bob = server.browser();
    bob.open(&accept_link(&server, BOB, CONTOSO).await).await;
    assert_eq!(bob.heading(), "Enter password", "at home: {}", bob.text());
    let id = sign_in_behind(&bob);
    assert_eq!(told(&server, &id).await["step"], "upstream");
    for fields in [&[][..], &[("accept", "1"), ("code", "x"), ("email", BOB)]] {
        let empty = Post::forged(&server, &bob, (&id, "upstream"), fields).send(&server).await;
        assert_eq!(empty.status, 303, "{}", empty.body);
        bob.open(empty.header("location")).await;
        assert_eq!(bob.heading(), "Enter password", "the same step again: {}", bob.text());
        assert_eq!(told(&server, &id).await["step"], "upstream");
    }
    assert_untouched(&server, 1, &before).await;
    agree_to_all(&server, &mut bob, BOB).await;
    assert_eq!(state_of(&server, 1).await, "Accepted", "{}", bob.text());
}

#[tokio::test]
async fn step_06_an_empty_form_of_any_step_moves_nothing() {
    let server = forms::server().await;
    for step in forms::ALL {
        let mut browser = forms::at(&server, step).await;
        let mut empty = Post::of(&server, &browser, &[]);
        for (name, _) in forms::honest(step) {
            empty = empty.without(name);
        }
        let answer = empty.send(&server).await;
        match answer.status {
            200 => assert!(answer.body.contains("role=\"alert\""), "{step}: {}", answer.body),
            303 => {
                let heading = browser.heading();
                browser.open(answer.header("location")).await;
                assert_eq!(browser.heading(), heading, "{step}: {}", browser.text());
                assert_nothing_issued(&browser);
            }
            other => panic!("{step}: {other} {}", answer.body),
        }
    }
    assert_eq!(state_of(&server, 6).await, "PendingAcceptance");
}

#[tokio::test]
async fn step_07_a_sign_in_belongs_to_the_browser_it_was_started_in() {
    let server = server().await;
    let (mut frank, id, before) = opened(&server).await;
    let bob = forms::at(&server, "sign-in").await;
    let send = Post::of(&server, &frank, &[]).sent_by(&bob);
    assert_refused(&send.send(&server).await, 403, "forged-request");
    // Even with a token that fits Bob's browser.
    let send = Post::forged(&server, &bob, (&id, "send-code"), &[("send", "1")]);
    assert_refused(&send.send(&server).await, 403, "sign-in-gone");
    assert_eq!(told(&server, &id).await["step"], "send-code", "nothing was mailed");
    assert_untouched(&server, 6, &before).await;
    assert_frank_can_finish(&server, &mut frank, &id).await;
}

#[tokio::test]
async fn step_08_the_ids_of_a_redemption_and_a_sign_in_are_not_swapped() {
    let server = server().await;
    let (mut frank, redemption, before) = opened(&server).await;
    let honest = Post::of(&server, &frank, &[]);
    frank.open(&authorize(CONTOSO, &[("login_hint", FRANK)])).await;
    let sign_in = sign_in_of(&frank);
    assert_ne!(sign_in, redemption);
    let mut swapped = honest.clone();
    swapped.path = swapped.path.replace(&redemption, &sign_in);
    assert_refused(&swapped.send(&server).await, 403, "forged-request");
    let mut swapped = Post::of(&server, &frank, &[]);
    swapped.path = swapped.path.replace(&sign_in, &redemption);
    assert_refused(&swapped.send(&server).await, 403, "forged-request");
    // A redemption runs under its tenant and nowhere else.
    for elsewhere in ["common", "organizations", TAILSPIN, FABRIKAM] {
        frank.open(&format!("/{elsewhere}/resume/{redemption}")).await;
        assert_stopped(&frank, 403, "sign-in-gone: ");
    }
    assert_untouched(&server, 6, &before).await;
    assert_frank_can_finish(&server, &mut frank, &redemption).await;
}

#[tokio::test]
async fn step_09_a_second_accept_after_the_back_button_changes_nothing_more() {
    let server = server().await;
    let (mut frank, id, before) = opened(&server).await;
    type_passcode(&server, &mut frank, FRANK).await;
    let review = Post::of(&server, &frank, &[]);
    frank.submit(&[], None).await;
    let terms = Post::of(&server, &frank, &[("accept", "1")]);
    for _ in 0..2 {
        let again = review.send(&server).await;
        assert_eq!(again.status, 303, "{}", again.body);
        frank.open(again.header("location")).await;
        assert_eq!(frank.heading(), "Terms of use", "{}", frank.text());
        assert_untouched(&server, 6, &before).await;
    }
    frank.submit(&[], Some("accept")).await;
    assert_eq!(frank.heading(), "My Apps", "{}", frank.text());
    let accepted = seen(&server, 6).await;
    assert_eq!(accepted["externalUserState"], "Accepted");
    for earlier in [review, terms] {
        let again = earlier.send(&server).await;
        frank.open(again.header("location")).await;
        assert_eq!(frank.heading(), "This sign-in is complete", "{}", frank.text());
        assert_nothing_issued(&frank);
    }
    assert_eq!(seen(&server, 6).await, accepted);
    assert_eq!(told(&server, &id).await["state"], "ended");
}

#[tokio::test]
async fn step_14_a_sign_in_that_took_too_long_starts_again() {
    let server = server_at_rest().await;
    let (mut frank, id, before) = opened(&server).await;
    type_passcode(&server, &mut frank, FRANK).await;
    let accept = Post::of(&server, &frank, &[]);
    advance(&server, "PT2H");
    let late = accept.send(&server).await;
    assert_refused(&late, 403, "sign-in-gone");
    assert!(late.body.contains("Start again from the application"), "{}", late.body);
    frank.open(&format!("/{CONTOSO}/resume/{id}")).await;
    assert_stopped(&frank, 403, "sign-in-gone: ");
    assert_untouched(&server, 6, &before).await;
    let (mut frank, id, _) = opened(&server).await;
    assert_frank_can_finish(&server, &mut frank, &id).await;
}

#[tokio::test]
async fn step_15_nothing_is_issued_silently_while_terms_are_pending() {
    let world = guestpass::config::world::DEFAULT;
    let world = world.replacen("accepted_by = [\"olivia@fabrikam.example\"]\n", "", 1);
    let server = server_of(&world).await;
    let mut olivia = server.browser();
    olivia.open(&authorize(CONTOSO, &[("login_hint", OLIVIA)])).await;
    olivia.submit(&[("passwd", "guestpass")], None).await;
    olivia.submit(&[], None).await;
    assert_eq!(olivia.heading(), "Terms of use", "she has redeemed: {}", olivia.text());
    for response_type in ["code", "code id_token", "id_token"] {
        let silent = [("prompt", "none"), ("response_type", response_type)];
        olivia.open(&authorize(CONTOSO, &silent)).await;
        assert_eq!(olivia.parameter("error").unwrap(), "interaction_required", "{response_type}");
        assert!(olivia.parameter("error_description").unwrap().starts_with("AADSTS50014"));
        assert!(olivia.parameter("code").is_none() && olivia.parameter("id_token").is_none());
    }
    olivia.open(&authorize(CONTOSO, &[])).await;
    olivia.submit(&[], Some("accept")).await;
    assert!(olivia.parameter("code").is_some(), "{}", olivia.text());
}

/// A code that was used for tokens, and one that was not.
async fn tokens_and_code(server: &Server) -> (Value, String) {
    let mut frank = server.browser();
    frank.open(&authorize(CONTOSO, &[("login_hint", FRANK)])).await;
    agree_to_all(server, &mut frank, FRANK).await;
    let tokens = redeem(server, &frank.parameter("code").unwrap(), &[]).await.json();
    frank.open(&authorize(CONTOSO, &[])).await;
    (tokens, frank.parameter("code").unwrap())
}

async fn assert_no_tokens(server: &Server, (tokens, code): &(Value, String), number: u32) {
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ("client_id", WEB),
        ("client_secret", WEB_SECRET),
    ];
    let token = format!("/{CONTOSO}/oauth2/v2.0/token");
    for answer in [redeem(server, code, &[]).await, post_form(server, &token, &refresh).await] {
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert_eq!(answer.json()["error"], "invalid_grant", "{}", answer.body);
        assert_eq!(answer.json()["error_codes"], json!([number]), "{}", answer.body);
        assert_worthless(&answer.body);
    }
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(with_token(server, Method::GET, "/oidc/userinfo", access).await.status, 401);
}

#[tokio::test]
async fn step_16_a_guest_who_was_reset_gets_no_tokens() {
    let server = server().await;
    let held = tokens_and_code(&server).await;
    befalls(&server, "reset", 6, FRANK).await;
    let before = seen(&server, 6).await;
    assert_no_tokens(&server, &held, 50014).await;
    assert_untouched(&server, 6, &before).await;
}

/// Whoever redeems next is another person perhaps: what the one before holds does not come to life.
#[tokio::test]
async fn step_16_tokens_from_before_a_reset_stay_dead_after_the_next_redemption() {
    let server = server().await;
    let held = tokens_and_code(&server).await;
    befalls(&server, "reset", 6, FRANK).await;
    let mut next = server.browser();
    next.open(&accept_link(&server, FRANK, CONTOSO).await).await;
    agree_to_all(&server, &mut next, FRANK).await;
    assert_eq!(state_of(&server, 6).await, "Accepted", "{}", next.text());
    assert_no_tokens(&server, &held, 50173).await;
}

#[tokio::test]
async fn step_18_a_guest_who_was_disabled_gets_no_tokens() {
    let server = server().await;
    let held = tokens_and_code(&server).await;
    befalls(&server, "disabled", 6, FRANK).await;
    assert_no_tokens(&server, &held, 500_571).await;
    // Nothing of it was used up: enabled again, the code is good.
    befalls(&server, "enabled", 6, FRANK).await;
    assert_eq!(redeem(&server, &held.1, &[]).await.status, 200);
}
