//! The guest is deleted, disabled or reset while a sign-in is under way, at every step of it.

use guestpass::Server;
use guestpass::browser::Browser;
use serde_json::{Value, json};

use super::super::help::*;
use crate::support::*;

/// The pages on Frank's way to a code, in order; the last one asks for the application's sake.
const PAGES: [&str; 5] = [
    "Verify your email",
    "Enter code",
    "Review permissions",
    "Terms of use",
    "Permissions requested",
];

/// Answers pages until the one with that heading is there.
async fn go_to(server: &Server, frank: &mut Browser<'_>, heading: &str) {
    for page in PAGES {
        assert_eq!(frank.heading(), page, "{}", frank.text());
        if page == heading {
            return;
        }
        match page {
            "Enter code" => {
                let code = code_for(server, FRANK).await;
                frank.submit(&[("otc", &code)], None).await
            }
            _ => frank.submit(&[("accept", "1")], None).await,
        };
    }
}

/// Opens the way in, and goes to the page.
async fn frank_at<'s>(server: &'s Server, entry: &str, page: &str) -> Browser<'s> {
    let mut frank = server.browser();
    match entry {
        "mail" => frank.open(&accept_link(server, FRANK, CONTOSO).await).await,
        _ => {
            let hybrid = ("response_type", "code id_token");
            let way = authorize(CONTOSO, &[("login_hint", FRANK), NEEDS_CONSENT, hybrid]);
            frank.open(&way).await
        }
    };
    go_to(server, &mut frank, page).await;
    frank
}

/// Goes on as somebody who has noticed nothing, to wherever it leads.
async fn go_on(server: &Server, frank: &mut Browser<'_>) {
    if frank.heading() == "Verify your email" {
        frank.submit(&[], None).await;
    }
    if frank.heading() == "Enter code" {
        let code = code_for(server, FRANK).await;
        frank.submit(&[("otc", &code)], None).await;
    }
    agree_to_all(server, frank, FRANK).await;
}

/// The pages of one way in: by mail, nobody asks for an application's sake.
fn pages(entry: &str) -> &'static [&'static str] {
    if entry == "mail" { &PAGES[..4] } else { &PAGES }
}

#[tokio::test]
async fn a_guest_who_was_deleted_gets_no_further() {
    for entry in ["mail", "direct"] {
        for page in pages(entry) {
            let server = server().await;
            let mut frank = frank_at(&server, entry, page).await;
            befalls(&server, "deleted", 6, FRANK).await;
            go_on(&server, &mut frank).await;
            let reason = if entry == "mail" { "invitation-invalid: " } else { "AADSTS50020: " };
            assert_stopped(&frank, 400, reason);
            // Nothing has made the guest anew, and another invitation starts from the beginning.
            let again = invite(&server, FRANK, json!({})).await.json();
            let id = again["invitedUser"]["id"].as_str().unwrap();
            let before = guest(&server, id).await;
            assert_eq!(before["externalUserState"], "PendingAcceptance");
            let here = frank.url().to_owned();
            frank.open(&here).await;
            assert_nothing_issued(&frank);
            assert_eq!(guest(&server, id).await, before, "{entry} {page}");
        }
    }
}

#[tokio::test]
async fn a_guest_who_was_disabled_gets_no_further_until_enabled() {
    for entry in ["mail", "direct"] {
        for page in pages(entry) {
            let server = server().await;
            let mut frank = frank_at(&server, entry, page).await;
            let resume = format!("/{CONTOSO}/resume/{}", sign_in_of(&frank));
            befalls(&server, "disabled", 6, FRANK).await;
            let before = seen(&server, 6).await;
            go_on(&server, &mut frank).await;
            assert_stopped(&frank, 400, "AADSTS500571: ");
            assert_eq!(seen(&server, 6).await, before, "{entry} {page}");
            let accepted = *page == "Permissions requested";
            let state = if accepted { "Accepted" } else { "PendingAcceptance" };
            assert_eq!(before["externalUserState"], state, "{entry} {page}");
            befalls(&server, "enabled", 6, FRANK).await;
            frank.open(&resume).await;
            go_on(&server, &mut frank).await;
            assert_eq!(state_of(&server, 6).await, "Accepted", "{page}: {}", frank.text());
        }
    }
}

/// The application's consent is not put on record for somebody who is refused.
#[tokio::test]
async fn a_guest_who_was_disabled_consents_to_nothing() {
    let server = server().await;
    let mut frank = frank_at(&server, "direct", "Permissions requested").await;
    befalls(&server, "disabled", 6, FRANK).await;
    frank.submit(&[], None).await;
    assert_stopped(&frank, 400, "AADSTS500571: ");
    befalls(&server, "enabled", 6, FRANK).await;
    frank.open(&authorize(CONTOSO, &[NEEDS_CONSENT])).await;
    assert_eq!(frank.heading(), "Permissions requested", "{}", frank.text());
}

#[tokio::test]
async fn a_guest_who_was_reset_needs_the_new_mail() {
    for page in pages("mail") {
        let server = server().await;
        let mut frank = frank_at(&server, "mail", page).await;
        befalls(&server, "reset", 6, FRANK).await;
        let before = seen(&server, 6).await;
        go_on(&server, &mut frank).await;
        assert_stopped(&frank, 400, "invitation-invalid: ");
        assert_untouched(&server, 6, &before).await;
        let mut frank = server.browser();
        frank.open(&accept_link(&server, FRANK, CONTOSO).await).await;
        go_on(&server, &mut frank).await;
        assert_eq!(state_of(&server, 6).await, "Accepted", "{page}: {}", frank.text());
    }
}

/// What was agreed to before a reset does not count after it.
async fn assert_reset_ends_it_at(page: &str) {
    let server = server().await;
    let mut frank = frank_at(&server, "direct", page).await;
    befalls(&server, "reset", 6, FRANK).await;
    let before = seen(&server, 6).await;
    frank.submit(&[], Some("accept")).await;
    assert_not_in(&frank);
    assert_untouched(&server, 6, &before).await;
    let mut frank = server.browser();
    frank.open(&authorize(CONTOSO, &[("login_hint", FRANK)])).await;
    go_to(&server, &mut frank, "Review permissions").await;
    agree_to_all(&server, &mut frank, FRANK).await;
    assert!(frank.parameter("code").is_some(), "{page}: {}", frank.text());
}

#[tokio::test]
async fn a_guest_who_was_reset_before_the_terms_agrees_anew() {
    assert_reset_ends_it_at("Terms of use").await;
}

#[tokio::test]
async fn a_guest_who_was_reset_before_the_applications_consent_agrees_anew() {
    assert_reset_ends_it_at("Permissions requested").await;
}

/// Neither a code nor an id token, and a reason: pending, or not the one who is invited now.
fn assert_not_in(frank: &Browser<'_>) {
    assert_nothing_issued(frank);
    assert!(frank.parameter("id_token").is_none(), "{}", frank.url());
    let reason = frank.parameter("error_description").or_else(|| frank.alert());
    let reason = reason.unwrap_or_else(|| panic!("no refusal: {} {}", frank.url(), frank.text()));
    let known = ["AADSTS50014: ", "AADSTS50020: ", "sign-in-gone: ", "invitation-invalid: "];
    assert!(known.iter().any(|known| reason.starts_with(known)), "{reason}");
}

/// The guest is now somebody else's: who was proven before must not be bound.
#[tokio::test]
async fn a_guest_who_was_reset_to_another_address_is_not_bound_to_the_old_one() {
    let new = "new@northwind.example";
    for page in &PAGES[2..] {
        let server = server().await;
        let mut frank = frank_at(&server, "direct", page).await;
        let mails = json!({"otherMails": [new], "mail": new});
        let path = format!("/v1.0/users/{}", contoso_guest(6));
        let token = daemon_token(&server).await;
        assert_eq!(patch(&server, &path, &token, &mails).await.status, 204);
        befalls(&server, "reset", 6, new).await;
        let before: Value = seen(&server, 6).await;
        go_on(&server, &mut frank).await;
        assert_not_in(&frank);
        assert_untouched(&server, 6, &before).await;
        let mut owner = server.browser();
        owner.open(&accept_link(&server, new, CONTOSO).await).await;
        agree_to_all(&server, &mut owner, new).await;
        let bound = seen(&server, 6).await;
        assert_eq!(bound["externalUserState"], "Accepted", "{page}: {}", owner.text());
        assert_eq!(bound["identities"][0]["issuerAssignedId"], new);
    }
}

/// The same while the guest is away at another provider.
#[tokio::test]
async fn a_guest_who_changed_while_at_google_gets_no_further() {
    for (story, reason) in
        [("deleted", "AADSTS50020: "), ("disabled", "AADSTS500571: "), ("reset", "")]
    {
        let server = server().await;
        let mut dave = server.browser();
        let answer = answer_of_google(&server, &mut dave, "s").await;
        befalls(&server, story, 3, DAVE).await;
        dave.open(&answer).await;
        if story == "reset" {
            // Nothing was agreed to before: everything is still asked.
            assert_eq!(dave.heading(), "Review permissions", "{}", dave.text());
            assert_eq!(state_of(&server, 3).await, "PendingAcceptance");
        } else {
            assert_stopped(&dave, 400, reason);
            dave.open(&answer).await;
            assert_stopped(&dave, 403, "forged-request: ");
        }
    }
}
