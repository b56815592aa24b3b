//! Redemption by the link of the invitation mail.

use axum::http::Method;
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn frank_redeems_by_email_and_lands_in_my_apps() {
    let server = server().await;
    let mut browser = server.browser();
    browser.open(&accept_link(&server, "frank@northwind.example", CONTOSO).await).await;
    type_passcode(&server, &mut browser, "frank@northwind.example").await;
    assert_eq!(browser.heading(), "Review permissions");
    browser.submit(&[], None).await;
    browser.submit(&[], Some("accept")).await;
    assert_eq!(browser.heading(), "My Apps", "{}", browser.text());
    assert!(browser.text().contains("Contoso Web"));
    assert_eq!(state_of(&server, 6).await, "Accepted");
    let frank = guest(&server, "c0a70500-0000-4000-8000-000000000106").await;
    assert_eq!(
        frank["identities"],
        json!([
            {"signInType": "federated", "issuer": "mail",
             "issuerAssignedId": "frank@northwind.example"},
            {"signInType": "userPrincipalName", "issuer": "contoso.onmicrosoft.com",
             "issuerAssignedId": "frank_northwind.example#EXT#@contoso.onmicrosoft.com"},
        ])
    );
    // An ordinary sign-in in the same browser gives the code at once.
    browser.open(&authorize(CONTOSO, &[])).await;
    assert!(browser.parameter("code").is_some(), "{} {}", browser.url(), browser.text());
}

#[tokio::test]
async fn bob_redeems_by_email_at_home_and_comes_back() {
    let server = server().await;
    let mut browser = server.browser();
    browser.open(&accept_link(&server, "bob@fabrikam.example", CONTOSO).await).await;
    assert_eq!(browser.heading(), "Enter password", "{}", browser.text());
    assert!(browser.url().contains(FABRIKAM), "{}", browser.url());
    browser.submit(&[("passwd", "guestpass")], None).await;
    assert_eq!(browser.heading(), "Stay signed in?");
    browser.submit(&[], None).await;
    assert_eq!(browser.heading(), "Review permissions", "{}", browser.text());
    agree_to_all(&server, &mut browser, "bob@fabrikam.example").await;
    assert_eq!(browser.heading(), "My Apps", "{}", browser.text());
    assert_eq!(state_of(&server, 1).await, "Accepted");
    browser.open(&authorize(CONTOSO, &[("client_info", "1")])).await;
    let code = browser.parameter("code").expect("the code at once");
    let tokens = redeem(&server, &code, &[]).await.json();
    let id = claims(&tokens["id_token"]);
    assert_eq!(id["idp"], format!("https://sts.windows.net/{FABRIKAM}/"));
    assert_eq!(id["preferred_username"], "bob@fabrikam.example");
    assert_eq!(id["oid"], "c0a70500-0000-4000-8000-000000000101");
    let info = tokens["client_info"].as_str().unwrap();
    let info = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, info);
    let info: serde_json::Value = serde_json::from_slice(&info.unwrap()).unwrap();
    assert_eq!(info, json!({"uid": "fab21ca0-0000-4000-8000-000000000001", "utid": FABRIKAM}));
}

#[tokio::test]
async fn a_link_is_a_way_back_after_redemption() {
    let server = server().await;
    let link = accept_link(&server, "frank@northwind.example", CONTOSO).await;
    let mut browser = server.browser();
    browser.open(&link).await;
    agree_to_all(&server, &mut browser, "frank@northwind.example").await;
    assert_eq!(browser.heading(), "My Apps");
    browser.open(&link).await;
    assert_eq!(browser.heading(), "My Apps", "{}", browser.text());
    // In another browser it asks for a sign-in, and shows no consent page again.
    let mut other = server.browser();
    other.open(&link).await;
    type_name(&mut other, "frank@northwind.example").await;
    type_passcode(&server, &mut other, "frank@northwind.example").await;
    assert_eq!(other.heading(), "My Apps", "{}", other.text());
}

#[tokio::test]
async fn a_ticket_still_redeems_after_five_years() {
    let server = server().await;
    let link = accept_link(&server, "frank@northwind.example", CONTOSO).await;
    server.broker().clock().advance("P5Y".parse().unwrap()).unwrap();
    let mut browser = server.browser();
    browser.open(&link).await;
    agree_to_all(&server, &mut browser, "frank@northwind.example").await;
    assert_eq!(browser.heading(), "My Apps", "{}", browser.text());
}

#[tokio::test]
async fn a_ticket_dies_with_the_guest_and_with_a_newer_invitation() {
    let server = server().await;
    let token = daemon_token(&server).await;
    let old = accept_link(&server, "frank@northwind.example", CONTOSO).await;
    let body = json!({
        "invitedUserEmailAddress": "frank@northwind.example",
        "inviteRedirectUrl": "http://localhost:3000/",
        "sendInvitationMessage": true,
    });
    let again = post_json(&server, "/v1.0/invitations", &token, &body).await;
    assert_eq!(again.status, 201, "{}", again.body);
    assert_eq!(again.json()["invitedUser"]["id"], "c0a70500-0000-4000-8000-000000000106");
    let mut browser = server.browser();
    browser.open(&old).await;
    assert_eq!(browser.status(), 400, "{}", browser.text());
    assert!(browser.alert().unwrap().starts_with("invitation-invalid"));
    let new = accept_link(&server, "frank@northwind.example", CONTOSO).await;
    browser.open(&new).await;
    assert_eq!(browser.heading(), "Verify your email");
    // Deleted while the sign-in is under way: the next step is refused, and so is the link.
    let id = "/v1.0/users/c0a70500-0000-4000-8000-000000000106";
    assert_eq!(with_token(&server, Method::DELETE, id, &token).await.status, 204);
    browser.submit(&[], None).await;
    assert_eq!(browser.status(), 400, "{}", browser.text());
    browser.open(&new).await;
    assert_eq!(browser.status(), 400);
}

#[tokio::test]
async fn the_acceptance_portal_has_a_switch() {
    let server = server().await;
    let token = daemon_token(&server).await;
    let link = accept_link(&server, "frank@northwind.example", CONTOSO).await;
    let portal = "/v1.0/servicePrincipals(appId='4660504c-45b3-4674-a709-71951a6b0763')";
    let off = patch(&server, portal, &token, &json!({"accountEnabled": false})).await;
    assert_eq!(off.status, 204, "{}", off.body);
    let mut browser = server.browser();
    browser.open(&link).await;
    assert_eq!(browser.status(), 400);
    let page = browser.text();
    assert!(browser.alert().unwrap().starts_with("AADSTS7000112"), "{page}");
    assert!(page.contains("Enabled for users to sign-in?"), "{page}");
    assert!(page.contains("Microsoft Invitation Acceptance Portal"), "{page}");
    assert_eq!(state_of(&server, 6).await, "PendingAcceptance");
    // The direct link is not affected.
    let mut direct = server.browser();
    direct.open(&authorize(CONTOSO, &[("login_hint", "bob@fabrikam.example")])).await;
    assert_eq!(direct.heading(), "Enter password", "{}", direct.text());
    patch(&server, portal, &token, &json!({"accountEnabled": true})).await;
    browser.open(&link).await;
    assert_eq!(browser.heading(), "Verify your email", "{}", browser.text());
}

#[tokio::test]
async fn a_decline_changes_nothing_and_says_so() {
    let server = server().await;
    let link = accept_link(&server, "frank@northwind.example", CONTOSO).await;
    for decline_at in ["Review permissions", "Terms of use"] {
        let mut browser = server.browser();
        browser.open(&link).await;
        type_passcode(&server, &mut browser, "frank@northwind.example").await;
        if decline_at == "Terms of use" {
            browser.submit(&[], None).await;
        }
        assert_eq!(browser.heading(), decline_at);
        browser.submit(&[], Some("back")).await;
        assert!(browser.text().contains("still pending"), "{}", browser.text());
        assert_eq!(state_of(&server, 6).await, "PendingAcceptance");
    }
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[("login_hint", "frank@northwind.example")])).await;
    type_passcode(&server, &mut browser, "frank@northwind.example").await;
    browser.submit(&[], Some("back")).await;
    assert_eq!(browser.parameter("error").unwrap(), "access_denied");
    assert!(browser.parameter("error_description").unwrap().contains("AADSTS65004"));
    // The session is there, the guest is pending: nothing may be shown, so it is an error.
    browser.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
    assert_eq!(browser.parameter("error").unwrap(), "interaction_required");
}

#[tokio::test]
async fn somebody_elses_session_is_never_used_silently() {
    let server = server().await;
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    agree_to_all(&server, &mut browser, "alice@contoso.example").await;
    assert!(browser.parameter("code").is_some(), "{}", browser.text());
    browser.open(&accept_link(&server, "frank@northwind.example", CONTOSO).await).await;
    assert!(browser.text().contains("alice@contoso.example"), "{}", browser.text());
    assert!(browser.text().contains("frank@northwind.example"));
    browser.submit(&[], None).await;
    type_passcode(&server, &mut browser, "frank@northwind.example").await;
    agree_to_all(&server, &mut browser, "frank@northwind.example").await;
    assert_eq!(browser.heading(), "My Apps", "{}", browser.text());
    assert!(browser.text().contains("frank@northwind.example"));
    assert_eq!(state_of(&server, 6).await, "Accepted");
}

#[tokio::test]
async fn inviteredirecturl_is_where_the_guest_lands() {
    let server = server().await;
    let token = daemon_token(&server).await;
    let body = json!({
        "invitedUserEmailAddress": "new@northwind.example",
        "inviteRedirectUrl": "http://localhost:3000/welcome?x=1",
        "invitedUserDisplayName": "New Person",
    });
    let invited = post_json(&server, "/v1.0/invitations", &token, &body).await;
    assert_eq!(invited.status, 201, "{}", invited.body);
    let invited = invited.json();
    let id = invited["invitedUser"]["id"].as_str().unwrap();
    let before = guest(&server, id).await;
    assert_eq!(before["userPrincipalName"], "new_northwind.example#EXT#@contoso.onmicrosoft.com");
    assert_eq!(before["userType"], "Guest");
    assert_eq!(before["creationType"], "Invitation");
    assert_eq!(before["externalUserState"], "PendingAcceptance");
    assert_eq!(before["displayName"], "New Person");
    assert_eq!(before["proxyAddresses"], json!(["SMTP:new@northwind.example"]));
    assert_eq!(before["otherMails"], json!(["new@northwind.example"]));
    assert_eq!(before["mail"], "new@northwind.example");
    let inbox = get(&server, "/_guestpass/inbox?to=new@northwind.example").await.json();
    assert_eq!(inbox, json!([]), "no mail unless asked for");
    let mut browser = server.browser();
    browser.open(invited["inviteRedeemUrl"].as_str().unwrap()).await;
    agree_to_all(&server, &mut browser, "new@northwind.example").await;
    assert_eq!(browser.url(), "http://localhost:3000/welcome?x=1", "{}", browser.text());
}
