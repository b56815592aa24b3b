//! Tenant, guest, ticket, sign-in and cookies that do not belong together.

use std::sync::Arc;

use guestpass::Server;
use serde_json::{Value, json};

use super::super::help::*;
use crate::support::*;

/// The three parts of an invitation link: tenant, invitation and ticket.
type Parts = [String; 3];

fn parts(link: &str) -> Parts {
    let url = url::Url::parse(link).unwrap();
    ["tenant", "user", "ticket"]
        .map(|wanted| url.query_pairs().find(|(name, _)| name == wanted).unwrap().1.into_owned())
}

fn link(server: &Server, [tenant, user, ticket]: &Parts) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("tenant", tenant).append_pair("user", user).append_pair("ticket", ticket);
    format!("{}/invitations/redeem/?{}&ver=2.0", server.origin(), query.finish())
}

async fn tailspin_guest(server: &Server, number: u32) -> Value {
    let client = "7a115000-0000-4000-8000-0000000000a5";
    let token = daemon_token_of(server, TAILSPIN, client, "tailspin-daemon-secret").await;
    let path = format!(
        "/v1.0/users/7a115000-0000-4000-8000-0000000001{number:02}\
                        ?$select=externalUserState,externalUserStateChangeDateTime,identities"
    );
    with_token(server, axum::http::Method::GET, &path, &token).await.json()
}

#[tokio::test]
async fn tenant_guest_and_ticket_of_different_invitations_open_nothing() {
    let server = server().await;
    let franks = parts(&accept_link(&server, FRANK, CONTOSO).await);
    let before = [seen(&server, 1).await, seen(&server, 6).await, tailspin_guest(&server, 6).await];
    let bobs = parts(&accept_link(&server, BOB, CONTOSO).await);
    let elsewhere = parts(&accept_link(&server, FRANK, TAILSPIN).await);
    let mut opened = 0;
    for other in [&bobs, &elsewhere] {
        // Each part of one of the two, in every way.
        for mix in 1..7_usize {
            let pick =
                |part: usize| if mix >> part & 1 == 0 { &franks } else { other }[part].clone();
            let mixed = [pick(0), pick(1), pick(2)];
            if mixed == franks || mixed == *other {
                continue;
            }
            let mut browser = server.browser();
            browser.open(&link(&server, &mixed)).await;
            assert_stopped(&browser, 400, "invitation-invalid: ");
            assert!(browser.forms().is_empty());
            opened += 1;
        }
    }
    assert!(opened >= 8, "{opened}");
    // The guest's object id is not the invitation's.
    let mut by_guest = franks.clone();
    by_guest[1] = contoso_guest(6);
    let mut browser = server.browser();
    browser.open(&link(&server, &by_guest)).await;
    assert_stopped(&browser, 400, "invitation-invalid: ");
    let after = [seen(&server, 1).await, seen(&server, 6).await, tailspin_guest(&server, 6).await];
    assert_eq!(after, before);
    // A GUID is the same in upper case; the ticket is not.
    let [tenant, user, ticket] = franks;
    let upper = [tenant.to_uppercase(), user.to_uppercase(), ticket.clone()];
    browser.open(&link(&server, &upper)).await;
    assert_eq!(browser.heading(), "Verify your email", "{}", browser.text());
    browser.open(&link(&server, &[tenant, user, ticket.to_uppercase()])).await;
    assert_stopped(&browser, 400, "invitation-invalid: ");
}

#[tokio::test]
async fn a_redemption_cannot_be_moved_into_another_browser() {
    let server = server().await;
    let mut frank = server.browser();
    frank.open(&accept_link(&server, FRANK, CONTOSO).await).await;
    let (id, before) = (sign_in_of(&frank), seen(&server, 6).await);
    // Somebody else is signed in, and has a sign-in of her own under way.
    let mut grace = server.browser();
    grace.open(&authorize(CONTOSO, &[("login_hint", OLIVIA)])).await;
    agree_to_all(&server, &mut grace, OLIVIA).await;
    assert!(grace.parameter("code").is_some(), "{}", grace.text());
    grace.open(&authorize(CONTOSO, &[("prompt", "select_account")])).await;
    let own = sign_in_of(&grace);
    for step in ["send-code", "passcode", "pick-account", "review-permissions", "terms-of-use"] {
        let moved = Post::forged(&server, &grace, (&id, step), &[("accept", "1"), ("send", "1")]);
        assert_refused(&moved.send(&server).await, 403, "sign-in-gone");
        // Her own sign-in does not become his by naming him.
        let fields = [("accept", "1"), ("user", &contoso_guest(6)), ("interaction", id.as_str())];
        let named = Post::forged(&server, &grace, (&own, step), &fields).send(&server).await;
        assert!(matches!(named.status, 303 | 403), "{step}: {}", named.body);
        assert!(!named.header("location").contains("code="));
    }
    grace.open(&format!("/{CONTOSO}/resume/{id}")).await;
    assert_stopped(&grace, 403, "sign-in-gone: ");
    assert_untouched(&server, 6, &before).await;
    type_passcode(&server, &mut frank, FRANK).await;
    agree_to_all(&server, &mut frank, FRANK).await;
    assert_eq!(state_of(&server, 6).await, "Accepted");
}

#[tokio::test]
async fn a_link_opened_by_another_guest_binds_nobody_silently() {
    let server = server().await;
    let invited = invite(&server, FRANK, json!({})).await.json();
    let wrapped = invited["inviteRedeemUrl"].as_str().unwrap().to_owned();
    let before = seen(&server, 6).await;
    let mut olivia = signed_in(&server, OLIVIA).await;
    let sid = olivia.parameter("session_state").unwrap();
    olivia.open(&wrapped).await;
    assert_eq!(olivia.heading(), "This invitation is for somebody else", "{}", olivia.text());
    let (id, hers) = (sign_in_of(&olivia), [("session", sid.as_str())]);
    let pick = Post::forged(&server, &olivia, (&id, "pick-account"), &hers).send(&server).await;
    assert_refused(&pick, 400, "invitation-wrong-account");
    assert_untouched(&server, 6, &before).await;
    // The wrapper leads to our own invitations and nowhere else.
    let inner = url::Url::parse(&wrapped).unwrap().query_pairs().next().unwrap().1.into_owned();
    let evil = inner.replace(server.origin(), "https://evil.example");
    for target in
        [evil, format!("{}@evil.example/", server.origin()), format!("{}/myapps", server.origin())]
    {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let path = format!("/redeem?{}", query.append_pair("rd", &target).finish());
        let answer = get(&server, &path).await;
        assert_refused(&answer, 400, "invitation-invalid");
    }
    assert_untouched(&server, 6, &before).await;
}

/// Bob's mail of Woodgrove, opened by him and by Grace: whoever accepts first is bound, and only
/// that one.
#[tokio::test(flavor = "multi_thread")]
async fn one_invitation_that_two_people_accept_at_once_binds_one_of_them() {
    for _ in 0..4 {
        let server = Arc::new(server().await);
        let client = "30006000-0000-4000-8000-0000000000a5";
        let token = daemon_token_of(&server, WOODGROVE, client, "woodgrove-daemon-secret").await;
        let landing = "http://localhost:3001/";
        let body = json!({"invitedUserEmailAddress": BOB, "inviteRedirectUrl": landing});
        let invited = post_json(&server, "/v1.0/invitations", &token, &body).await.json();
        let (mut people, mut posts) = (Vec::new(), Vec::new());
        for name in [BOB, GRACE] {
            let mut browser = server.browser();
            browser.open(invited["inviteRedeemUrl"].as_str().unwrap()).await;
            if name == GRACE {
                browser.submit(&[], Some("back")).await;
                type_name(&mut browser, name).await;
                browser.submit(&[("account", "aad")], None).await;
            }
            browser.submit(&[("passwd", "guestpass")], None).await;
            browser.submit(&[], None).await;
            browser.submit(&[], None).await;
            browser.submit(&[], Some("open")).await;
            assert_eq!(browser.heading(), "Terms of use", "{name}: {}", browser.text());
            posts.push((server.clone(), Post::of(&server, &browser, &[("accept", "1")])));
            people.push((name, browser));
        }
        for answer in at_once(posts).await {
            assert_eq!(answer.status, 303, "{}", answer.body);
        }
        let mut resumed = tokio::task::JoinSet::new();
        for (name, browser) in &people {
            let resume = format!("/{WOODGROVE}/resume/{}", sign_in_of(browser));
            let cookies = Post::of(&server, browser, &[]);
            let (server, name) = (server.clone(), *name);
            resumed.spawn(async move { (name, cookies.open(&server, &resume).await) });
        }
        let answers = resumed.join_all().await;
        let (won, lost): (Vec<_>, Vec<_>) =
            answers.iter().partition(|(_, answer)| answer.header("location") == landing);
        assert_eq!((won.len(), lost.len()), (1, 1), "{answers:#?}");
        assert_refused(&lost[0].1, 400, "wrong-account");
        let path = format!("/v1.0/users/{}", invited["invitedUser"]["id"].as_str().unwrap());
        let path = format!("{path}?$select=externalUserState,mail");
        let bound = with_token(&server, axum::http::Method::GET, &path, &token).await.json();
        assert_eq!(bound["externalUserState"], "Accepted", "{}", won[0].0);
    }
}

/// Grace's work account and her Microsoft account have one address, and may be two people's. The
/// guest is bound to the one that accepts first; the other was proven too, but is not the guest.
#[tokio::test]
async fn an_account_that_comes_second_gets_no_token_for_the_guest() {
    for page in ["Review permissions", "Terms of use"] {
        let server = server().await;
        let mut both = Vec::new();
        for tile in ["msa", "aad"] {
            let mut browser = server.browser();
            let hybrid = ("response_type", "code id_token");
            browser
                .open(&authorize(CONTOSO, &[("login_hint", GRACE), hybrid, NEEDS_CONSENT]))
                .await;
            browser.submit(&[("account", tile)], None).await;
            browser.submit(&[("passwd", "guestpass")], None).await;
            if browser.heading() == "Stay signed in?" {
                browser.submit(&[], None).await;
            }
            both.push(browser);
        }
        let (mut first, mut second) = (both.remove(1), both.remove(0));
        if page != "Review permissions" {
            second.submit(&[], None).await;
            assert_eq!(second.heading(), "Terms of use", "{}", second.text());
        }
        agree_to_all(&server, &mut first, GRACE).await;
        assert!(first.parameter("code").is_some(), "{}", first.text());
        let bound = seen(&server, 7).await;
        assert_eq!(bound["identities"][0]["issuer"], "ExternalAzureAD");
        agree_to_all(&server, &mut second, GRACE).await;
        assert!(second.parameter("id_token").is_none(), "{page}: {}", second.url());
        assert_stopped(&second, 400, "wrong-account: ");
        assert_eq!(seen(&server, 7).await, bound, "{page}");
    }
}

/// Who has proven the invited address and then closed the page is nobody else.
#[tokio::test]
async fn the_invited_guest_herself_may_open_the_link_again() {
    for button in [None, Some("back")] {
        let server = server().await;
        let link = accept_link(&server, FRANK, CONTOSO).await;
        let mut frank = server.browser();
        frank.open(&link).await;
        type_passcode(&server, &mut frank, FRANK).await;
        if button.is_some() {
            frank.submit(&[], button).await;
        }
        frank.open(&link).await;
        assert_eq!(frank.heading(), "Review permissions", "{}", frank.text());
        agree_to_all(&server, &mut frank, FRANK).await;
        assert_eq!(state_of(&server, 6).await, "Accepted", "{}", frank.text());
    }
}

#[tokio::test]
async fn a_sign_in_of_one_tenant_does_not_run_under_another() {
    let server = server().await;
    for (step, number) in [("send-code", 6), ("review-permissions", 6), ("terms-of-use", 6)] {
        let mut frank = forms::at(&server, step).await;
        let (id, before) = (sign_in_of(&frank), seen(&server, number).await);
        let told_before = told(&server, &id).await;
        let honest = Post::of(&server, &frank, forms::honest(step));
        for elsewhere in [TAILSPIN, FABRIKAM, "common", "organizations", "nowhere.example"] {
            let mut moved = honest.clone();
            moved.path = moved.path.replace(CONTOSO, elsewhere);
            assert_refused(&moved.send(&server).await, 403, "sign-in-gone");
            frank.open(&format!("/{elsewhere}/resume/{id}")).await;
            assert_stopped(&frank, 403, "sign-in-gone: ");
        }
        assert_eq!(told(&server, &id).await, told_before);
        assert_untouched(&server, number, &before).await;
        assert_eq!(honest.send(&server).await.status, 303, "{step} goes on where it belongs");
    }
}

#[tokio::test]
async fn two_cookies_for_one_thing_are_none() {
    let server = server().await;
    let before = seen(&server, 6).await;
    let frank = forms::at(&server, "review-permissions").await;
    let alice = signed_in(&server, ALICE).await;
    let honest = Post::of(&server, &frank, &[]);
    // Two browsers: the form belongs to neither.
    let doubled = honest.clone().cookie(BROWSER, alice.cookie(BROWSER).unwrap());
    assert_refused(&doubled.send(&server).await, 403, "forged-request");
    // Two sessions: nobody is signed in.
    let doubled = honest.clone().cookie(SESSION, alice.cookie(SESSION).unwrap());
    assert_refused(&doubled.send(&server).await, 403, "sign-in-gone");
    // Another person's session in the place of the own one.
    let mut swapped = frank;
    swapped.set_cookie(SESSION, alice.cookie(SESSION).unwrap());
    let with_hers = honest.clone().sent_by(&swapped);
    assert_refused(&with_hers.send(&server).await, 403, "sign-in-gone");
    assert_untouched(&server, 6, &before).await;
    assert_eq!(honest.send(&server).await.status, 303);
}
