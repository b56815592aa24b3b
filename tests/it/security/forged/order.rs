//! Steps before their time, after it, in the wrong order and twice.

use guestpass::Server;
use guestpass::browser::Browser;

use super::super::help::*;
use crate::support::*;

const STEPS: [&str; 18] = [
    "sign-in",
    "sign-up",
    "organization",
    "pick-account",
    "choose-account",
    "continue-as",
    "password",
    "send-code",
    "passcode",
    "upstream",
    "create-account",
    "verify-address",
    "attributes",
    "review-permissions",
    "terms-of-use",
    "app-consent",
    "confirm-device",
    "stay-signed-in",
];

/// Every field that any step reads, as an attacker would fill them in.
const EVERYTHING: [(&str, &str); 9] = [
    ("accept", "1"),
    ("account", "aad"),
    ("organization", "Contoso"),
    ("otc", "00000000"),
    ("passwd", "guestpass"),
    ("session", "other"),
    ("existing", "1"),
    ("open", "1"),
    ("terms", "x@1"),
];

/// How far into a sign-in a step is: who, proof, details, review, terms, consent, the device, "Stay
/// signed in?".
fn part(step: &str) -> usize {
    let at = STEPS.iter().position(|known| *known == step).unwrap();
    [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7][at]
}

/// Contoso's forms on Frank's way, and the browser at each of them.
async fn franks_way(server: &Server) -> Vec<(&'static str, Browser<'_>)> {
    let mut all = Vec::new();
    for step in ["sign-in", "send-code", "passcode", "review-permissions", "terms-of-use"] {
        all.push((step, forms::at(server, step).await));
    }
    all
}

#[tokio::test]
async fn a_step_that_lies_ahead_is_refused() {
    let server = server().await;
    let before = seen(&server, 6).await;
    for (step, frank) in franks_way(&server).await {
        let id = sign_in_of(&frank);
        let told_before = told(&server, &id).await;
        for ahead in STEPS.iter().filter(|other| part(other) > part(step)) {
            let post = Post::forged(&server, &frank, (&id, ahead), &EVERYTHING);
            let answer = post.send(&server).await;
            assert_refused(&answer, 403, "out-of-order");
            assert_eq!(told(&server, &id).await, told_before, "{step}: {ahead} has moved it");
        }
        assert_untouched(&server, 6, &before).await;
    }
}

#[tokio::test]
async fn a_step_that_lies_behind_changes_nothing() {
    let server = server().await;
    let before = seen(&server, 6).await;
    for (step, mut frank) in franks_way(&server).await {
        let id = sign_in_of(&frank);
        let (heading, told_before) = (frank.heading(), told(&server, &id).await);
        for behind in STEPS.iter().filter(|other| part(other) < part(step)) {
            let post = Post::forged(&server, &frank, (&id, behind), &EVERYTHING);
            let answer = post.field("loginfmt", ALICE).field("back", "1").send(&server).await;
            assert_eq!(answer.status, 303, "{step}: {behind} {}", answer.body);
            assert!(!signs_in(&answer));
            frank.open(answer.header("location")).await;
            assert_eq!(frank.heading(), heading, "{step}: {behind} {}", frank.text());
            assert_eq!(told(&server, &id).await, told_before, "{step}: {behind} has moved it");
        }
        assert_untouched(&server, 6, &before).await;
    }
}

/// The other ways of proving an identity are no way around the one that discovery chose.
#[tokio::test]
async fn another_proof_than_the_chosen_one_is_refused() {
    let server = server().await;
    let before = seen(&server, 6).await;
    for at in ["send-code", "passcode"] {
        let frank = forms::at(&server, at).await;
        let id = sign_in_of(&frank);
        // The page before, sent once more, is no other way.
        let others = STEPS.iter().filter(|other| part(other) == 1 && **other != at);
        for other in others.filter(|other| **other != "send-code") {
            let post = Post::forged(&server, &frank, (&id, other), &EVERYTHING);
            assert_refused(&post.send(&server).await, 403, "out-of-order");
        }
    }
    assert_untouched(&server, 6, &before).await;
    // Nor is a mailed code for somebody who signs in at another tenant.
    let before = seen(&server, 1).await;
    let mut bob = server.browser();
    bob.open(&authorize(CONTOSO, &[("login_hint", BOB)])).await;
    let id = sign_in_behind(&bob);
    for other in ["password", "send-code", "passcode", "create-account", "verify-address"] {
        let post = Post::forged(&server, &bob, (&id, other), &EVERYTHING);
        assert_refused(&post.send(&server).await, 403, "out-of-order");
    }
    assert_untouched(&server, 1, &before).await;
    agree_to_all(&server, &mut bob, BOB).await;
    assert!(bob.parameter("code").is_some(), "{}", bob.text());
}

#[tokio::test]
async fn each_step_twice_is_each_step_once() {
    let server = server().await;
    let mut frank = server.browser();
    frank.open(&authorize(CONTOSO, &[("state", "once"), NEEDS_CONSENT])).await;
    let id = sign_in_of(&frank);
    let twice = async |frank: &mut Browser<'_>, fields: &[(&str, &str)]| {
        let post = Post::of(&server, frank, fields);
        let first = post.send(&server).await;
        assert_eq!(first.status, 303, "{}", first.body);
        if signs_in(&first) {
            let cookie = first.header("set-cookie").split(';').next().unwrap();
            frank.set_cookie(SESSION, cookie.split_once('=').unwrap().1);
        }
        frank.open(first.header("location")).await;
        let second = post.clone().sent_by(frank).send(&server).await;
        assert_eq!(second.status, 303, "{}", second.body);
        assert!(!signs_in(&second), "nobody is signed in again");
        assert!(second.header("location").starts_with(&format!("/{CONTOSO}/resume/{id}")));
    };
    twice(&mut frank, &[("loginfmt", FRANK)]).await;
    assert_eq!(frank.heading(), "Verify your email", "{}", frank.text());
    twice(&mut frank, &[]).await;
    let code = code_for(&server, FRANK).await;
    twice(&mut frank, &[("otc", &code)]).await;
    assert_eq!(frank.heading(), "Review permissions", "{}", frank.text());
    twice(&mut frank, &[]).await;
    assert_eq!(frank.heading(), "Terms of use", "{}", frank.text());
    twice(&mut frank, &[("accept", "1")]).await;
    assert_eq!(frank.heading(), "Permissions requested", "{}", frank.text());
    let accepted = seen(&server, 6).await;
    twice(&mut frank, &[]).await;
    assert!(frank.parameter("code").is_some(), "one code: {}", frank.text());
    assert_eq!(seen(&server, 6).await, accepted, "nothing was accepted again");
    let trace = told(&server, &id).await["trace"].as_array().unwrap().clone();
    for rule in ["review-permissions", "terms-of-use", "redeemed", "app-consent"] {
        let noted = trace.iter().filter(|e| e["rule"] == rule && e["verdict"] == "noted").count();
        assert_eq!(noted, 1, "{rule}: {trace:#?}");
    }
}

/// One person in two tabs is no attack: both arrive, and the guest is accepted once.
#[tokio::test]
async fn two_tabs_of_one_person_both_arrive() {
    let server = server().await;
    let mut frank = server.browser();
    let mut resumes = Vec::new();
    for tab in ["first", "second"] {
        frank.open(&authorize(CONTOSO, &[("login_hint", FRANK), ("state", tab)])).await;
        resumes.push(format!("/{CONTOSO}/resume/{}", sign_in_of(&frank)));
    }
    for resume in &resumes {
        frank.open(resume).await;
        type_passcode(&server, &mut frank, FRANK).await;
        assert_eq!(frank.heading(), "Review permissions", "{}", frank.text());
    }
    let mut accepted = Vec::new();
    for (resume, tab) in resumes.iter().zip(["first", "second"]) {
        frank.open(resume).await;
        agree_to_all(&server, &mut frank, FRANK).await;
        assert_eq!(frank.parameter("state").as_deref(), Some(tab), "{}", frank.text());
        let code = frank.parameter("code").unwrap();
        assert_eq!(redeem(&server, &code, &[]).await.status, 200, "{tab}");
        accepted.push(seen(&server, 6).await);
    }
    assert_eq!(accepted[0], accepted[1]);
}

#[tokio::test]
async fn a_sign_in_that_is_over_gives_nothing_more() {
    let server = server().await;
    let mut frank = forms::at(&server, "terms-of-use").await;
    let id = sign_in_of(&frank);
    frank.submit(&[], Some("accept")).await;
    let code = frank.parameter("code").unwrap();
    let (accepted, ended) = (seen(&server, 6).await, told(&server, &id).await);
    for step in STEPS {
        let post = Post::forged(&server, &frank, (&id, step), &EVERYTHING);
        let answer = post.field("loginfmt", ALICE).send(&server).await;
        assert_eq!(answer.status, 303, "{step}: {}", answer.body);
        assert!(!signs_in(&answer), "{step}");
        frank.open(answer.header("location")).await;
        assert_eq!(frank.heading(), "This sign-in is complete", "{step}: {}", frank.text());
        assert_nothing_issued(&frank);
    }
    for view in ["?view=another", "?view=organization"] {
        frank.open(&format!("/{CONTOSO}/resume/{id}{view}")).await;
        assert_eq!(frank.heading(), "This sign-in is complete", "{}", frank.text());
    }
    assert_eq!(seen(&server, 6).await, accepted);
    assert_eq!(told(&server, &id).await, ended);
    assert_eq!(redeem(&server, &code, &[]).await.status, 200, "the one code is good");
}

#[tokio::test]
async fn a_sign_in_that_was_declined_gives_nothing_more() {
    let server = server().await;
    let before = seen(&server, 6).await;
    for step in ["review-permissions", "terms-of-use"] {
        let mut frank = forms::at(&server, step).await;
        let accept = Post::of(&server, &frank, &[("accept", "1")]);
        frank.submit(&[], Some("back")).await;
        assert_eq!(frank.parameter("error").unwrap(), "access_denied");
        let late = accept.send(&server).await;
        frank.open(late.header("location")).await;
        assert_eq!(frank.heading(), "You didn't accept", "{}", frank.text());
        assert_nothing_issued(&frank);
        assert_untouched(&server, 6, &before).await;
    }
}
