//! Guests who sign in elsewhere: another tenant, a Microsoft account, Google.

use serde_json::json;

use crate::support::*;

async fn signs_in_directly(name: &str, number: u32, idp: &str, identity: serde_json::Value) {
    let server = server().await;
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    type_name(&mut browser, name).await;
    agree_to_all(&server, &mut browser, name).await;
    let code = browser.parameter("code").unwrap_or_else(|| panic!("{}", browser.text()));
    let tokens = redeem(&server, &code, &[]).await.json();
    let id = claims(&tokens["id_token"]);
    assert_eq!(id["idp"], idp);
    assert_eq!(id["preferred_username"], name);
    assert_eq!(id["email"], name);
    let oid = format!("c0a70500-0000-4000-8000-0000000001{number:02}");
    assert_eq!(id["oid"], oid);
    assert_eq!(guest(&server, &oid).await["identities"][0], identity);
}

#[tokio::test]
async fn bob_signs_in_at_fabrikam() {
    let identity =
        json!({"signInType": "federated", "issuer": "ExternalAzureAD", "issuerAssignedId": null});
    let idp = format!("https://sts.windows.net/{FABRIKAM}/");
    signs_in_directly("bob@fabrikam.example", 1, &idp, identity).await;
}

#[tokio::test]
async fn judy_signs_in_at_an_unmanaged_tenant() {
    let identity =
        json!({"signInType": "federated", "issuer": "ExternalAzureAD", "issuerAssignedId": null});
    let idp = "https://sts.windows.net/920ec0de-0000-4000-8000-00000000920e/";
    signs_in_directly("judy@proseware.example", 8, idp, identity).await;
}

#[tokio::test]
async fn carol_signs_in_with_her_microsoft_account() {
    let identity =
        json!({"signInType": "federated", "issuer": "MicrosoftAccount", "issuerAssignedId": null});
    signs_in_directly("carol@outlook.com", 2, "live.com", identity).await;
}

#[tokio::test]
async fn dave_signs_in_at_google() {
    let identity = json!({"signInType": "federated", "issuer": "google.com",
                          "issuerAssignedId": "100000000000000000001"});
    signs_in_directly("dave@gmail.com", 3, "google.com", identity).await;
}

#[tokio::test]
async fn dave_redeems_by_email_through_google() {
    let server = server().await;
    let mut browser = server.browser();
    browser.open(&accept_link(&server, "dave@gmail.com", CONTOSO).await).await;
    assert!(browser.has_id("identifierId"), "{}", browser.text());
    assert!(browser.html().contains("value=\"dave@gmail.com\""), "prefilled");
    agree_to_all(&server, &mut browser, "dave@gmail.com").await;
    assert_eq!(browser.heading(), "My Apps", "{}", browser.text());
    assert_eq!(state_of(&server, 3).await, "Accepted");
}

#[tokio::test]
async fn vera_needs_the_invitation_link() {
    let server = server().await;
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    type_name(&mut browser, "vera@gmail.com").await;
    assert_eq!(browser.status(), 400);
    assert!(browser.text().contains("contact-conflict"), "{}", browser.text());
    // The provider's button finds nobody either: no proxy address.
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    browser.submit_form(1, &[("provider", "google")], None).await;
    agree_to_all(&server, &mut browser, "vera@gmail.com").await;
    assert_eq!(browser.status(), 400, "{}", browser.text());
    assert!(browser.alert().unwrap().starts_with("AADSTS50020"));
    assert_eq!(state_of(&server, 10).await, "PendingAcceptance");
    let mut browser = server.browser();
    browser.open(&accept_link(&server, "vera@gmail.com", CONTOSO).await).await;
    agree_to_all(&server, &mut browser, "vera@gmail.com").await;
    assert_eq!(browser.heading(), "My Apps", "{}", browser.text());
    assert_eq!(state_of(&server, 10).await, "Accepted");
    // From then on the direct link finds her, by Google's subject.
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    type_name(&mut browser, "vera@gmail.com").await;
    agree_to_all(&server, &mut browser, "vera@gmail.com").await;
    assert!(browser.parameter("code").is_some(), "{}", browser.text());
}

#[tokio::test]
async fn a_provider_button_only_chooses_the_provider() {
    let server = server().await;
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    assert!(browser.text().contains("Sign in with Google"), "{}", browser.text());
    browser.submit_form(1, &[("provider", "google")], None).await;
    agree_to_all(&server, &mut browser, "dave@gmail.com").await;
    assert!(browser.parameter("code").is_some(), "{}", browser.text());
    assert_eq!(state_of(&server, 3).await, "Accepted");
}

#[tokio::test]
async fn grace_chooses_and_the_choice_stays() {
    for (tile, idp) in
        [("aad", format!("https://sts.windows.net/{FABRIKAM}/")), ("msa", "live.com".into())]
    {
        let server = server().await;
        let mut browser = server.browser();
        browser.open(&authorize(CONTOSO, &[])).await;
        type_name(&mut browser, "grace@fabrikam.example").await;
        for id in ["aadTile", "msaTile", "aadTileTitle", "msaTileTitle"] {
            assert!(browser.has_id(id), "{id}: {}", browser.text());
        }
        browser.submit(&[("account", tile)], None).await;
        agree_to_all(&server, &mut browser, "grace@fabrikam.example").await;
        let code = browser.parameter("code").unwrap_or_else(|| panic!("{}", browser.text()));
        let tokens = redeem(&server, &code, &[]).await.json();
        assert_eq!(claims(&tokens["id_token"])["idp"], idp);
        let mut again = server.browser();
        again.open(&authorize(CONTOSO, &[])).await;
        type_name(&mut again, "grace@fabrikam.example").await;
        assert_eq!(again.heading(), "Enter password", "{}", again.text());
    }
}

#[tokio::test]
async fn an_alias_is_bound_by_the_link_and_refused_without_it() {
    let server = server().await;
    let token = daemon_token(&server).await;
    let body = json!({
        "invitedUserEmailAddress": "robert@fabrikam.example",
        "inviteRedirectUrl": "http://localhost:3000/",
        "sendInvitationMessage": true,
    });
    // Bob himself is not invited in this story.
    let bob = "/v1.0/users/c0a70500-0000-4000-8000-000000000101";
    with_token(&server, axum::http::Method::DELETE, bob, &token).await;
    let invited = post_json(&server, "/v1.0/invitations", &token, &body).await.json();
    let robert = invited["invitedUser"]["id"].as_str().unwrap().to_owned();

    let mut direct = server.browser();
    direct.open(&authorize(CONTOSO, &[])).await;
    type_name(&mut direct, "robert@fabrikam.example").await;
    // The alias is no sign-in name at home: it stays in the box.
    assert!(direct.has_id("i0116"), "{}", direct.text());
    agree_to_all(&server, &mut direct, "bob@fabrikam.example").await;
    assert_eq!(direct.status(), 400, "{}", direct.text());
    assert!(direct.alert().unwrap().starts_with("AADSTS50020"));
    assert_eq!(guest(&server, &robert).await["externalUserState"], "PendingAcceptance");

    let mut browser = server.browser();
    browser.open(&accept_link(&server, "robert@fabrikam.example", CONTOSO).await).await;
    agree_to_all(&server, &mut browser, "bob@fabrikam.example").await;
    assert_eq!(browser.url(), "http://localhost:3000/", "{}", browser.text());
    assert_eq!(guest(&server, &robert).await["externalUserState"], "Accepted");

    // Bob is known by his subject from now on, whichever of the two names he types.
    for name in ["bob@fabrikam.example", "robert@fabrikam.example"] {
        let mut later = server.browser();
        later.open(&authorize(CONTOSO, &[])).await;
        type_name(&mut later, name).await;
        agree_to_all(&server, &mut later, "bob@fabrikam.example").await;
        let code = later.parameter("code").unwrap_or_else(|| panic!("{name}: {}", later.text()));
        let tokens = redeem(&server, &code, &[]).await.json();
        let id = claims(&tokens["id_token"]);
        assert_eq!(id["oid"], robert.as_str());
        assert_eq!(id["preferred_username"], "bob@fabrikam.example");
    }
}

#[tokio::test]
async fn a_guest_of_the_tenant_cannot_take_anothers_invitation() {
    for taken in ["grace@fabrikam.example", "olivia@fabrikam.example"] {
        let server = server().await;
        let mut browser = server.browser();
        browser.open(&accept_link(&server, "bob@fabrikam.example", CONTOSO).await).await;
        browser.submit(&[], Some("back")).await;
        type_name(&mut browser, taken).await;
        agree_to_all(&server, &mut browser, taken).await;
        assert_eq!(browser.status(), 400, "{}", browser.text());
        let alert = browser.alert().unwrap();
        assert!(alert.starts_with("invitation-wrong-account"), "{alert}");
        assert_eq!(state_of(&server, 1).await, "PendingAcceptance");
        // Another account may be tried, and the right one gets through.
        let retry = browser.link("Use another account").expect("a way to try another");
        browser.open(&retry).await;
        assert_eq!(browser.heading(), "Pick an account", "{}", browser.text());
        browser.submit(&[("session", "other")], None).await;
        agree_to_all(&server, &mut browser, "bob@fabrikam.example").await;
        assert_eq!(browser.heading(), "My Apps", "{}", browser.text());
        assert_eq!(state_of(&server, 1).await, "Accepted");
    }
}

#[tokio::test]
async fn an_embedded_web_view_is_refused_by_google() {
    let server = server().await;
    let mut browser = server.browser();
    browser.user_agent = "Mozilla/5.0 (Linux; Android 13; wv) AppleWebKit/537.36".to_owned();
    browser.open(&authorize(CONTOSO, &[("login_hint", "dave@gmail.com")])).await;
    assert_eq!(browser.status(), 403, "{}", browser.text());
    assert!(browser.text().contains("disallowed_useragent"), "{}", browser.text());
}
