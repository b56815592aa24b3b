//! Accounts that are made on the way.

use serde_json::json;

use crate::support::*;

async fn open<'s>(server: &'s guestpass::Server, name: &str) -> guestpass::browser::Browser<'s> {
    let mut browser = server.browser();
    browser.open(&accept_link(server, name, TAILSPIN).await).await;
    browser
}

async fn tailspin_guest(server: &guestpass::Server, number: u32) -> serde_json::Value {
    let daemon = "7a115000-0000-4000-8000-0000000000a5";
    let token = daemon_token_of(server, TAILSPIN, daemon, "tailspin-daemon-secret").await;
    let path = format!(
        "/v1.0/users/7a115000-0000-4000-8000-0000000001{number:02}?$select=externalUserState,identities"
    );
    with_token(server, axum::http::Method::GET, &path, &token).await.json()
}

#[tokio::test]
async fn frank_makes_an_unmanaged_account() {
    let server = server().await;
    let mut browser = open(&server, "frank@northwind.example").await;
    assert_eq!(browser.heading(), "Create a work account", "{}", browser.text());
    browser.submit(&[("passwd", "short")], None).await;
    assert!(browser.alert().unwrap().contains("8 to 256"), "{}", browser.text());
    browser.submit(&[("passwd", "frank's password")], None).await;
    assert_eq!(browser.heading(), "Enter code");
    browser.submit(&[("otc", "00000000")], None).await;
    assert!(browser.alert().unwrap().contains("didn't work"));
    let code = code_for(&server, "frank@northwind.example").await;
    browser.submit(&[("otc", &code)], None).await;
    assert_eq!(browser.heading(), "Enter password", "at the new home: {}", browser.text());
    browser.submit(&[("passwd", "frank's password")], None).await;
    agree_to_all(&server, &mut browser, "frank@northwind.example").await;
    assert_eq!(browser.heading(), "My Apps", "{}", browser.text());
    let frank = tailspin_guest(&server, 6).await;
    assert_eq!(frank["externalUserState"], "Accepted");
    assert_eq!(frank["identities"][0]["issuer"], "ExternalAzureAD");
    // Discovery finds the new account from now on, everywhere.
    let path = format!(
        "/_guestpass/explain?tenant={CONTOSO}&email=frank@northwind.example&entry=direct-link"
    );
    let explained = get(&server, &path).await.json();
    assert_eq!(explained["outcome"]["identity_provider"], "ExternalAzureAD");
}

#[tokio::test]
async fn dave_makes_a_microsoft_account() {
    let server = server().await;
    let mut browser = open(&server, "dave@gmail.com").await;
    assert_eq!(browser.heading(), "Create a Microsoft account", "{}", browser.text());
    browser.submit(&[("passwd", "dave's password")], None).await;
    let code = code_for(&server, "dave@gmail.com").await;
    browser.submit(&[("otc", &code)], None).await;
    browser.submit(&[("passwd", "dave's password")], None).await;
    agree_to_all(&server, &mut browser, "dave@gmail.com").await;
    assert_eq!(browser.heading(), "My Apps", "{}", browser.text());
    assert_eq!(tailspin_guest(&server, 3).await["identities"][0]["issuer"], "MicrosoftAccount");
}

#[tokio::test]
async fn carol_is_offered_the_account_that_she_has() {
    let server = server().await;
    let mut browser = open(&server, "carol@outlook.com").await;
    assert_eq!(browser.heading(), "Create a Microsoft account", "{}", browser.text());
    assert!(browser.has_id("useExisting"));
    browser.submit_form(1, &[("existing", "1")], None).await;
    assert_eq!(browser.heading(), "Enter password", "{}", browser.text());
    browser.submit(&[("passwd", "guestpass")], None).await;
    agree_to_all(&server, &mut browser, "carol@outlook.com").await;
    assert_eq!(browser.heading(), "My Apps", "{}", browser.text());
    assert_eq!(tailspin_guest(&server, 2).await["identities"][0]["issuer"], "MicrosoftAccount");
}

#[tokio::test]
async fn a_domain_that_is_closed_or_federated_is_refused() {
    let world = guestpass::config::world::DEFAULT
        .replacen(
            "frank@northwind.example\"\ndisplay_name = \"Frank Osei\"",
            "nobody@fabrikam.example\"\ndisplay_name = \"Nobody\"",
            2,
        )
        .replacen(
            "heidi@adatum.example\"\ndisplay_name = \"Heidi Braun\"",
            "nobody@corp.fabrikam.example\"\ndisplay_name = \"Nobody\"",
            2,
        );
    let server = server_of(&world).await;
    for name in ["nobody@fabrikam.example", "nobody@corp.fabrikam.example"] {
        let browser = open(&server, name).await;
        assert_eq!(browser.status(), 400, "{}", browser.text());
        assert!(browser.text().contains("unmanaged-account-refused"), "{}", browser.text());
        assert!(browser.alert().unwrap().starts_with("AADSTS50020"));
    }
    assert_eq!(tailspin_guest(&server, 6).await["externalUserState"], "PendingAcceptance");
}

#[tokio::test]
async fn somebody_joins_an_unmanaged_tenant_that_exists() {
    let server = server().await;
    let token = tara_token(&server).await;
    let body = json!({
        "invitedUserEmailAddress": "new@proseware.example",
        "inviteRedirectUrl": "http://localhost:3001/",
        "sendInvitationMessage": true,
    });
    let invited = post_json(&server, "/v1.0/invitations", &token, &body).await;
    assert_eq!(invited.status, 201, "{}", invited.body);
    let mut browser = open(&server, "new@proseware.example").await;
    assert_eq!(browser.heading(), "Create a work account", "{}", browser.text());
    browser.submit(&[("passwd", "a new password")], None).await;
    let code = code_for(&server, "new@proseware.example").await;
    browser.submit(&[("otc", &code)], None).await;
    assert!(browser.url().contains("920ec0de-0000-4000-8000-00000000920e"), "{}", browser.url());
    browser.submit(&[("passwd", "a new password")], None).await;
    agree_to_all(&server, &mut browser, "new@proseware.example").await;
    assert_eq!(browser.url(), "http://localhost:3001/", "{}", browser.text());
}

/// Tara, the administrator of Tailspin, gets a token that may invite, through Fabrikam Portal.
async fn tara_token(server: &guestpass::Server) -> String {
    let mut browser = server.browser();
    let portal = [
        ("client_id", "fab21ca0-0000-4000-8000-0000000000b1"),
        ("redirect_uri", "http://localhost:3001/auth/callback"),
        ("scope", "openid User.Invite.All"),
    ];
    browser.open(&authorize(TAILSPIN, &portal)).await;
    agree_to_all(server, &mut browser, "tara@tailspin.example").await;
    let code = browser.parameter("code").unwrap_or_else(|| panic!("{}", browser.text()));
    let changes = [
        ("client_id", "fab21ca0-0000-4000-8000-0000000000b1"),
        ("client_secret", "fabrikam-portal-secret"),
        ("redirect_uri", "http://localhost:3001/auth/callback"),
    ];
    let answer = redeem_at(server, TAILSPIN, &code, &changes).await;
    answer.json()["access_token"].as_str().unwrap().to_owned()
}
