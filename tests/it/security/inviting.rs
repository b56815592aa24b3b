//! Making invitations through Graph: the prose rows of the catalogue.

use serde_json::json;

use super::super::help::*;
use crate::support::*;

#[tokio::test]
async fn inv_15_a_script_is_no_redirect_url() {
    let server = server().await;
    for url in ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "vbscript:x"] {
        let refused =
            invite(&server, "new@northwind.example", json!({"inviteRedirectUrl": url})).await;
        assert_eq!(refused.status, 400, "{url}");
        assert!(refused.body.contains("absolute http or https URL"), "{}", refused.body);
    }
}

#[tokio::test]
async fn inv_16_an_address_without_a_scheme_is_no_redirect_url() {
    let server = server().await;
    for url in ["//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "/"]
    {
        let refused =
            invite(&server, "new@northwind.example", json!({"inviteRedirectUrl": url})).await;
        assert_eq!(refused.status, 400, "{url}");
        assert!(refused.body.contains("absolute http or https URL"), "{}", refused.body);
    }
}

#[tokio::test]
async fn inv_18_an_address_with_a_line_break_is_none() {
    let server = server().await;
    for address in ["a@x.example\r\nBcc: all@y.example", "a@x.example\nBcc: all@y.example"] {
        let refused = invite(&server, address, json!({})).await;
        assert_eq!(refused.status, 400, "{address:?}");
        assert!(refused.body.contains("not valid"), "{}", refused.body);
    }
    let inbox = get(&server, "/_guestpass/inbox?to=all@y.example").await.json();
    assert_eq!(inbox, json!([]), "nothing was mailed");
}

#[tokio::test]
async fn inv_23_a_message_of_five_megabytes_is_too_large() {
    let server = server().await;
    let message = json!({"invitedUserMessageInfo": {"customizedMessageBody": "x".repeat(5 << 20)}});
    let refused = invite(&server, "new@northwind.example", message).await;
    assert_eq!(refused.status, 413, "{}", refused.body);
}

#[tokio::test]
async fn inv_24_ten_thousand_copies_are_too_many() {
    let server = server().await;
    let one = json!({"emailAddress": {"address": "a@b.example"}});
    let message = json!({"invitedUserMessageInfo": {"ccRecipients": vec![one; 10_000]}});
    let refused = invite(&server, "new@northwind.example", message).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("Only one copy recipient"), "{}", refused.body);
    let inbox = get(&server, "/_guestpass/inbox?to=a@b.example").await.json();
    assert_eq!(inbox, json!([]));
}

#[tokio::test]
async fn inv_26_a_member_cannot_be_invited() {
    let server = server().await;
    let refused = invite(&server, ALICE, json!({})).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("Invitee is in inviter tenant"), "{}", refused.body);
}

#[tokio::test]
async fn inv_27_only_an_administrator_invites_members() {
    let server = server().await;
    let token = member_token(&server, ALICE, "openid User.Invite.All").await;
    let body = json!({
        "invitedUserEmailAddress": "new@northwind.example",
        "inviteRedirectUrl": "http://localhost:3000/",
        "invitedUserType": "Member",
    });
    let refused = post_json(&server, "/v1.0/invitations", &token, &body).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json()["error"]["code"], "Authorization_RequestDenied");
    let guest = invite(&server, "new@northwind.example", json!({})).await;
    assert_eq!(guest.status, 201, "no guest was left behind: {}", guest.body);
}

#[tokio::test]
async fn inv_28_an_id_in_the_body_chooses_nobody() {
    let server = server().await;
    let before = seen(&server, 6).await;
    let frank = contoso_guest(6);
    let forged = json!({"userId": frank, "id": frank, "invitedUser": {"id": frank}});
    let invited = invite(&server, "new@northwind.example", forged).await;
    assert_eq!(invited.status, 201, "{}", invited.body);
    let invited = invited.json();
    assert_ne!(invited["invitedUser"]["id"], frank.as_str());
    assert_ne!(invited["id"], frank.as_str());
    assert_untouched(&server, 6, &before).await;
}
