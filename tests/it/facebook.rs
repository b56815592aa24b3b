//! The built-in Facebook, and what an invited guest can and cannot do with it.

use guestpass::Server;
use serde_json::{Value, json};

use crate::support::*;

/// The default world with Facebook at Contoso, accounts there, and Fay as a pending guest.
fn world(setting: &str) -> String {
    let world = guestpass::config::world::DEFAULT;
    let line = "privacy_statement_url = \"https://contoso.example/privacy\"\n";
    let guest = "[[tenant.guest]]\nid = \"c0a70500-0000-4000-8000-000000000104\"";
    assert!(world.contains(line) && world.contains(guest));
    let fay = "[[tenant.guest]]\nid = \"c0a70500-0000-4000-8000-000000000151\"\n\
               invited_user_email_address = \"fay@example.org\"\ninvitation = true\n\n";
    let world = world.replacen(line, &format!("{line}facebook = true\n{setting}"), 1);
    let world = world.replacen(guest, &format!("{fay}{guest}"), 1);
    format!(
        "{world}\n[[facebook_account]]\nid = \"1000000000000001\"\naddress = \"fay@example.org\"\n\
         display_name = \"Fay Reed\"\n\n[[facebook_account]]\nphone = \"+1 555 0100\"\n"
    )
}

async fn explain(server: &Server, tenant: &str, address: &str, entry: &str) -> Value {
    let path = format!("/_guestpass/explain?tenant={tenant}&email={address}&entry={entry}");
    get(server, &path).await.json()
}

fn said_of_facebook(explained: &Value) -> Vec<String> {
    let trace = explained["trace"].as_array().unwrap().iter();
    let said = trace.filter(|entry| entry["rule"] == "facebook-account");
    said.map(|entry| entry["because"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_invitation_is_not_redeemed_with_facebook_and_explain_says_why() {
    let server = server_of(&world("")).await;
    for entry in ["direct-link", "email-link"] {
        let explained = explain(&server, CONTOSO, "fay@example.org", entry).await;
        assert_eq!(explained["outcome"]["identity_provider"], "mail");
        let said = said_of_facebook(&explained);
        assert_eq!(said.len(), 1);
        assert!(
            said[0].contains("redeems no invitation (facebook_invitations is off)"),
            "{said:?}"
        );
    }
    // A tenant without Facebook says nothing of it.
    let explained = explain(&server, WOODGROVE, "fay@example.org", "direct-link").await;
    assert!(said_of_facebook(&explained).is_empty());
    // The button leads to Facebook, but an address that nobody verified binds nobody.
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    assert!(browser.text().contains("Sign in with Facebook"), "{}", browser.text());
    browser.submit_form(2, &[("provider", "facebook")], None).await;
    agree_to_all(&server, &mut browser, "fay@example.org").await;
    assert!(browser.alert().unwrap().starts_with("AADSTS50020"), "{}", browser.text());
}

#[tokio::test]
async fn by_the_setting_the_invitation_mail_is_redeemed_with_facebook() {
    let server = server_of(&world("facebook_invitations = true\n")).await;
    let direct = explain(&server, CONTOSO, "fay@example.org", "direct-link").await;
    assert_eq!(direct["outcome"]["identity_provider"], "mail");
    assert!(said_of_facebook(&direct)[0].contains("verifies no address"), "{direct}");
    let email = explain(&server, CONTOSO, "fay@example.org", "email-link").await;
    assert_eq!(email["decided_by"], "facebook-account");
    assert_eq!(email["outcome"]["identity_provider"], "facebook.com");

    let mut browser = server.browser();
    browser.open(&accept_link(&server, "fay@example.org", CONTOSO).await).await;
    assert_eq!(browser.heading(), "Log in", "{}", browser.text());
    assert!(browser.html().contains("value=\"fay@example.org\""), "prefilled");
    agree_to_all(&server, &mut browser, "fay@example.org").await;
    assert_eq!(browser.heading(), "My Apps", "{}", browser.text());
    let fay = guest(&server, "c0a70500-0000-4000-8000-000000000151").await;
    assert_eq!(fay["externalUserState"], "Accepted");
    let identity = json!({"signInType": "federated", "issuer": "facebook.com",
        "issuerAssignedId": "1000000000000001"});
    assert_eq!(fay["identities"][0], identity);

    // From then on she is known by Facebook's subject, and her address is still nobody's word.
    let mut again = server.browser();
    again.open(&authorize(CONTOSO, &[])).await;
    type_name(&mut again, "fay@example.org").await;
    agree_to_all(&server, &mut again, "fay@example.org").await;
    let code = again.parameter("code").unwrap_or_else(|| panic!("{}", again.text()));
    let tokens = redeem(&server, &code, &[]).await.json();
    let id = claims(&tokens["id_token"]);
    assert_eq!(id["idp"], "facebook.com");
    assert_eq!(id["oid"], "c0a70500-0000-4000-8000-000000000151");
    assert!(id.get("email").is_none(), "nobody has verified it: {id:?}");
}

#[tokio::test]
async fn facebook_asks_for_both_at_once_and_then_whether_it_may_tell() {
    let server = server_of(&world("facebook_invitations = true\n")).await;
    let mut browser = server.browser();
    browser.open(&accept_link(&server, "fay@example.org", CONTOSO).await).await;
    for wrong in [("fay@example.org", "wrong"), ("nobody@example.org", "guestpass"), ("", "")] {
        browser.submit(&[("email", wrong.0), ("pass", wrong.1)], None).await;
        assert_eq!((browser.status(), browser.heading().as_str()), (200, "Log in"), "{wrong:?}");
        assert!(browser.alert().is_some());
    }
    // By telephone number, however it is written.
    browser.submit(&[("email", "+1 (555) 0100"), ("pass", "guestpass")], None).await;
    assert!(browser.heading().starts_with("Continue as"), "{}", browser.text());
    assert!(!browser.has_id("share_email"), "that account has no address");
    browser.submit(&[], Some("back")).await;
    browser.submit(&[("email", "FAY@example.org"), ("pass", "guestpass")], None).await;
    assert_eq!(browser.heading(), "Continue as Fay Reed ?", "{}", browser.text());
    browser.submit(&[], Some("cancel")).await;
    assert!(browser.alert().unwrap().contains("it answered 'access_denied'"), "{}", browser.text());
    let fay = guest(&server, "c0a70500-0000-4000-8000-000000000151").await;
    assert_eq!(fay["externalUserState"], "PendingAcceptance");
}

#[tokio::test]
async fn facebook_has_an_issuer_of_its_own() {
    let server = server().await;
    let document = get(&server, "/idp/facebook/.well-known/openid-configuration").await.json();
    assert_eq!(document["issuer"], format!("{}/idp/facebook", server.origin()));
    let claims = document["claims_supported"].as_array().unwrap();
    assert!(claims.contains(&json!("email")) && !claims.contains(&json!("email_verified")));
    let keys = get(&server, "/idp/facebook/certs").await.json();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
    assert_eq!(get(&server, "/idp/facebook").await.status, 200);
    // A code of one network is worth nothing at the other.
    let token = post_form(
        &server,
        "/idp/facebook/oauth/access_token",
        &[("grant_type", "authorization_code"), ("code", "x.y")],
    )
    .await;
    assert_eq!(token.json()["error"], "invalid_client");
}

#[tokio::test]
async fn a_wider_list_of_google_domains_reaches_google_workspace() {
    let world = guestpass::config::world::DEFAULT;
    let line = "privacy_statement_url = \"https://contoso.example/privacy\"\n";
    let wider = "google_domains = [\"gmail.com\", \"googlemail.com\", \"workspace.example\"]\n";
    let world = world.replacen(line, &format!("{line}{wider}"), 1);
    let account = "\n[[google_account]]\naddress = \"wes@workspace.example\"\n";
    let server = server_of(&format!("{world}{account}")).await;
    let wes = explain(&server, CONTOSO, "wes@workspace.example", "direct-link").await;
    assert_eq!(wes["outcome"]["identity_provider"], "google.com");
    let elsewhere = explain(&server, WOODGROVE, "wes@workspace.example", "direct-link").await;
    assert_eq!(elsewhere["outcome"]["identity_provider"], "mail");
    let body = json!({"invitedUserEmailAddress": "wes@workspace.example",
        "inviteRedirectUrl": "http://localhost:3000/"});
    let token = daemon_token(&server).await;
    assert_eq!(post_json(&server, "/v1.0/invitations", &token, &body).await.status, 201);
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    type_name(&mut browser, "wes@workspace.example").await;
    assert!(browser.has_id("identifierId"), "{}", browser.text());
    agree_to_all(&server, &mut browser, "wes@workspace.example").await;
    assert!(browser.parameter("code").is_some(), "{}", browser.text());
}
