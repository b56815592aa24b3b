//! Invitations: the prose rows of the catalogue.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::Method;
use guestpass::Server;
use guestpass::entropy::Entropy;
use serde_json::json;

use super::help::*;
use crate::support::*;

#[path = "inviting.rs"]
mod inviting;

/// The link with another value of one parameter.
fn with(link: &str, name: &str, value: &str) -> String {
    let mut url = url::Url::parse(link).unwrap();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let other = |(known, old): &(String, String)| {
        let value = if known == name { value.to_owned() } else { old.clone() };
        (known.clone(), value)
    };
    url.query_pairs_mut().clear().extend_pairs(pairs.iter().map(other));
    url.into()
}

fn ticket_of(link: &str) -> String {
    let url = url::Url::parse(link).unwrap();
    url.query_pairs().find(|(name, _)| name == "ticket").unwrap().1.into_owned()
}

/// Opens a link that is none, and says that it is refused like every other one.
async fn assert_no_link(server: &Server, link: &str) {
    let mut browser = server.browser();
    browser.open(link).await;
    assert_stopped(&browser, 400, "invitation-invalid: ");
    assert!(browser.forms().is_empty(), "{}", browser.text());
}

/// Frank's link, and Frank before it was used.
async fn franks(server: &Server) -> (String, serde_json::Value) {
    (accept_link(server, FRANK, CONTOSO).await, seen(server, 6).await)
}

async fn assert_redeems(server: &Server, link: &str) {
    let mut frank = server.browser();
    frank.open(link).await;
    agree_to_all(server, &mut frank, FRANK).await;
    assert_eq!(state_of(server, 6).await, "Accepted", "{}", frank.text());
}

#[tokio::test]
async fn inv_01_guessed_tickets_get_one_page_and_a_limit_and_right_ones_none() {
    let server = server_at_rest().await;
    let (link, before) = franks(&server).await;
    let entropy = Entropy::system();
    let mut answers = BTreeMap::new();
    for n in 0..10_000 {
        let guess = with(&link, "ticket", &entropy.token()[..22]);
        // Every other guess is for an invitation that does not exist.
        let guess =
            if n % 2 == 0 { guess } else { with(&guess, "user", &entropy.guid().to_string()) };
        let path = guess.strip_prefix(server.origin()).unwrap();
        let own = [("cookie", "guestpass_browser=0123456789012345678901234567890123456789012")];
        let answer = send(&server, Method::GET, path, &own, "").await;
        assert_worthless(&answer.body);
        let page = answer.body.split("<details>").next().unwrap().to_owned();
        *answers.entry((answer.status, page)).or_insert(0) += 1;
    }
    let counts: Vec<_> = answers.iter().map(|((status, _), count)| (*status, *count)).collect();
    assert_eq!(counts, [(400, 20), (429, 9_980)], "one page each: {answers:#?}");
    assert_untouched(&server, 6, &before).await;
    assert_redeems(&server, &link).await;
    advance(&server, "PT10M");
    assert_no_link(&server, &with(&link, "ticket", "x")).await;
}

#[tokio::test]
async fn inv_02_a_ticket_without_its_last_letter_is_none() {
    let server = server().await;
    let (link, before) = franks(&server).await;
    let ticket = ticket_of(&link);
    for short in [&ticket[..ticket.len() - 1], &ticket[1..], ""] {
        assert_no_link(&server, &with(&link, "ticket", short)).await;
    }
    assert_untouched(&server, 6, &before).await;
    assert_redeems(&server, &link).await;
}

#[tokio::test]
async fn inv_04_a_ticket_with_something_behind_it_is_none() {
    let server = server().await;
    let (link, before) = franks(&server).await;
    let ticket = ticket_of(&link);
    for longer in [".", "\0", " ", "=", "/", "%00"] {
        assert_no_link(&server, &with(&link, "ticket", &format!("{ticket}{longer}"))).await;
    }
    // Another letter case, and a second ticket beside the right one.
    assert_no_link(&server, &with(&link, "ticket", &ticket.to_uppercase())).await;
    assert_no_link(&server, &format!("{link}&ticket=x")).await;
    assert_untouched(&server, 6, &before).await;
    assert_redeems(&server, &link).await;
}

#[tokio::test]
async fn inv_05_a_ticket_of_one_tenant_is_none_at_another() {
    let server = server().await;
    let (link, before) = franks(&server).await;
    for tenant in [TAILSPIN, WOODGROVE, FABRIKAM, "contoso.example", "common", ""] {
        assert_no_link(&server, &with(&link, "tenant", tenant)).await;
    }
    assert_untouched(&server, 6, &before).await;
    assert_redeems(&server, &link).await;
}

#[tokio::test]
async fn inv_06_a_ticket_dies_with_its_configured_lifetime_to_the_second() {
    let world = guestpass::config::world::DEFAULT.replacen(
        "redemption_profile = \"classic\"",
        "redemption_profile = \"classic\"\ninvitation_lifetime = \"PT720H\"",
        1,
    );
    let clock = guestpass::clock::Clock::fixed("2026-01-01T00:00:00Z".parse().unwrap());
    let server = Server::builder().world(world).clock(clock).start().await.unwrap();
    advance(&server, "PT1S");
    let invited = invite(&server, FRANK, json!({})).await;
    assert_eq!(invited.status, 201, "{}", invited.body);
    let (link, before) = franks(&server).await;
    advance(&server, "PT719H59M59S");
    let mut frank = server.browser();
    frank.open(&link).await;
    assert_eq!(frank.heading(), "Verify your email", "{}", frank.text());
    type_passcode(&server, &mut frank, FRANK).await;
    assert_eq!(frank.heading(), "Review permissions", "{}", frank.text());
    advance(&server, "PT2S");
    // At once: nothing has been swept, and a sign-in that is under way ends too.
    assert_no_link(&server, &link).await;
    frank.submit(&[], None).await;
    assert_stopped(&frank, 400, "invitation-invalid: ");
    assert_untouched(&server, 6, &before).await;
}

#[tokio::test]
async fn inv_09_a_ticket_dies_with_the_guest() {
    let server = server().await;
    let (link, _) = franks(&server).await;
    befalls(&server, "deleted", 6, FRANK).await;
    assert_no_link(&server, &link).await;
    // The next guest of that address is another one, with another ticket.
    let invited = invite(&server, FRANK, json!({})).await.json();
    let id = invited["invitedUser"]["id"].as_str().unwrap();
    let before = guest(&server, id).await;
    assert_no_link(&server, &link).await;
    assert_eq!(guest(&server, id).await, before);
}

#[tokio::test]
async fn inv_10_after_a_reset_only_the_new_ticket_works() {
    let server = server().await;
    let (old, _) = franks(&server).await;
    assert_redeems(&server, &old).await;
    befalls(&server, "reset", 6, FRANK).await;
    let (new, before) = franks(&server).await;
    assert_ne!(old, new);
    assert_eq!(before["externalUserState"], "PendingAcceptance");
    assert_eq!(before["identities"].as_array().unwrap().len(), 1, "nobody is bound to it");
    assert_no_link(&server, &old).await;
    assert_untouched(&server, 6, &before).await;
    assert_redeems(&server, &new).await;
}

/// Bob's mail of Woodgrove, forwarded: Grace has an account of the same provider.
#[tokio::test]
async fn inv_11_another_account_of_the_chosen_provider_may_be_bound_by_the_mail() {
    let server = server().await;
    let client = "30006000-0000-4000-8000-0000000000a5";
    let token = daemon_token_of(&server, WOODGROVE, client, "woodgrove-daemon-secret").await;
    let body =
        json!({"invitedUserEmailAddress": BOB, "inviteRedirectUrl": "http://localhost:3001/"});
    let invited = post_json(&server, "/v1.0/invitations", &token, &body).await.json();
    let mut grace = server.browser();
    grace.open(invited["inviteRedeemUrl"].as_str().unwrap()).await;
    grace.submit(&[], Some("back")).await;
    type_name(&mut grace, GRACE).await;
    grace.submit(&[("account", "aad")], None).await;
    grace.submit(&[("passwd", "guestpass")], None).await;
    agree_to_all(&server, &mut grace, GRACE).await;
    assert_eq!(grace.url(), "http://localhost:3001/", "{}", grace.text());
    let path = format!("/v1.0/users/{}", invited["invitedUser"]["id"].as_str().unwrap());
    let select = "?$select=identities,externalUserState,mail";
    let bound = with_token(&server, Method::GET, &format!("{path}{select}"), &token).await.json();
    assert_eq!(bound["externalUserState"], "Accepted");
    assert_eq!(bound["mail"], BOB, "the guest stays the one who was invited");
    // The trace names whom it has linked.
    let resumed =
        grace.hops.iter().find_map(|hop| hop.url.split_once(WOODGROVE)?.1.split_once("/resume/"));
    let id = resumed.expect("a sign-in at Woodgrove").1;
    let trace = told(&server, id).await["trace"].to_string();
    assert!(
        trace.contains("invited bob@fabrikam.example, linked grace@fabrikam.example"),
        "{trace}"
    );
}

/// Whoever is in the tenant already.
#[tokio::test]
async fn inv_11_members_and_guests_cannot_take_a_forwarded_mail() {
    let server = server().await;
    let before = seen(&server, 1).await;
    for name in [GRACE, OLIVIA] {
        let mut other = server.browser();
        other.open(&accept_link(&server, BOB, CONTOSO).await).await;
        other.submit(&[], Some("back")).await;
        type_name(&mut other, name).await;
        if other.has_id("aadTile") {
            other.submit(&[("account", "aad")], None).await;
        }
        other.submit(&[("passwd", "guestpass")], None).await;
        agree_to_all(&server, &mut other, name).await;
        assert_stopped(&other, 400, "invitation-wrong-account: ");
        assert!(other.text().contains(name), "{}", other.text());
        assert_untouched(&server, 1, &before).await;
    }
    // A member is asked; her session is not taken even if she picks it.
    let mut alice = signed_in(&server, ALICE).await;
    let sid = alice.parameter("session_state").unwrap();
    alice.open(&accept_link(&server, BOB, CONTOSO).await).await;
    assert_eq!(alice.heading(), "This invitation is for somebody else", "{}", alice.text());
    let (id, mine) = (sign_in_of(&alice), [("session", sid.as_str())]);
    let pick = Post::forged(&server, &alice, (&id, "pick-account"), &mine).send(&server).await;
    assert_refused(&pick, 400, "invitation-wrong-account");
    assert_untouched(&server, 1, &before).await;
}

/// The mail link of a passcode guest, forwarded: the code goes to the guest whatever is posted.
#[tokio::test]
async fn inv_11_a_passcode_goes_only_to_the_invited_address() {
    let server = server().await;
    let (link, before) = franks(&server).await;
    let mut eve = server.browser();
    eve.open(&link).await;
    eve.submit(&[], Some("back")).await;
    assert_eq!(eve.heading(), "Verify your email", "{}", eve.text());
    let name = "eve@evil.example";
    let sign_in = (sign_in_of(&eve), [("loginfmt", name)]);
    let typed =
        Post::forged(&server, &eve, (&sign_in.0, "sign-in"), &sign_in.1).send(&server).await;
    assert_eq!(typed.status, 303, "who it is for was settled by the link");
    eve.submit(&[("loginfmt", name), ("address", name), ("email", name), ("to", name)], None).await;
    assert!(eve.text().contains(FRANK), "{}", eve.text());
    let inbox = get(&server, &format!("/_guestpass/inbox?to={name}")).await.json();
    assert_eq!(inbox, json!([]));
    assert_eq!(code_for(&server, FRANK).await.len(), 8);
    assert_untouched(&server, 6, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn inv_13_a_double_click_on_accept_is_one_acceptance() {
    let server = Arc::new(server().await);
    let mut frank = server.browser();
    frank.open(&accept_link(&server, FRANK, CONTOSO).await).await;
    type_passcode(&server, &mut frank, FRANK).await;
    let id = sign_in_of(&frank);
    for accepted in ["review-permissions", "terms-of-use"] {
        let accept = Post::of(&server, &frank, &[("accept", "1")]);
        assert!(accept.path.ends_with(accepted), "{}", accept.path);
        let clicks = (0..8).map(|_| (server.clone(), accept.clone())).collect();
        for answer in at_once(clicks).await {
            assert_eq!(answer.status, 303, "{}", answer.body);
            frank.open(answer.header("location")).await;
            assert_eq!(frank.status(), 200, "{}", frank.text());
        }
    }
    let told = told(&server, &id).await;
    assert_eq!(told["state"], "ended");
    let rules = told["trace"].as_array().unwrap().iter().map(|entry| entry["rule"].clone());
    assert_eq!(rules.filter(|rule| rule == "redeemed").count(), 1, "{told}");
    assert_eq!(state_of(&server, 6).await, "Accepted");
}
