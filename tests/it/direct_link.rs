//! Redemption just in time, by an application's link.

use crate::support::*;

#[tokio::test]
async fn frank_redeems_by_passcode_and_gets_tokens() {
    let server = server().await;
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    assert_eq!(browser.status(), 200, "{}", browser.text());
    type_name(&mut browser, "frank@northwind.example").await;
    type_passcode(&server, &mut browser, "frank@northwind.example").await;
    assert_eq!(browser.heading(), "Review permissions");
    assert_eq!(state_of(&server, 6).await, "PendingAcceptance");
    browser.submit(&[], None).await;
    assert_eq!(browser.heading(), "Terms of use");
    assert_eq!(state_of(&server, 6).await, "PendingAcceptance");
    browser.submit(&[], Some("accept")).await;
    assert!(browser.url().starts_with(CALLBACK), "{}", browser.text());
    assert_eq!(state_of(&server, 6).await, "Accepted");
    assert_eq!(browser.parameter("state").unwrap(), "state-1");

    let code = browser.parameter("code").unwrap();
    let answer = redeem(&server, &code, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let tokens = answer.json();
    let id = claims(&tokens["id_token"]);
    assert_eq!(id["iss"], format!("{}/{CONTOSO}/v2.0", server.origin()));
    assert_eq!(id["tid"], CONTOSO);
    assert_eq!(id["oid"], "c0a70500-0000-4000-8000-000000000106");
    assert_eq!(id["idp"], "mail");
    assert_eq!(id["email"], "frank@northwind.example");
    assert_eq!(id["preferred_username"], "frank@northwind.example");
    assert_eq!(id["nonce"], "nonce-1");
}

#[tokio::test]
async fn an_alias_that_is_no_sign_in_name_is_said_to_be_none() {
    let server = server().await;
    let mut browser = server.browser();
    browser.open("/myapps/fabrikam.example").await;
    type_name(&mut browser, "robert@fabrikam.example").await;
    let alert = browser.alert().expect("a complaint");
    assert!(alert.contains("does not exist in the Fabrikam directory"), "{alert}");
    assert!(alert.contains("bob@fabrikam.example"), "{alert}");
}

#[tokio::test]
async fn a_wrong_redirect_uri_is_answered_with_the_right_ones() {
    let server = server().await;
    let mut browser = server.browser();
    let wrong = [("redirect_uri", "http://localhost:3000/callback")];
    browser.open(&authorize(CONTOSO, &wrong)).await;
    assert_eq!(browser.status(), 400);
    assert!(browser.alert().unwrap().contains("AADSTS50011"));
    assert!(browser.text().contains(CALLBACK), "{}", browser.text());
}
