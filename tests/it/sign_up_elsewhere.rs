//! Self-service sign-up with real providers in the slots.

use axum::http::Method;
use serde_json::json;

use crate::provider::Provider;
use crate::sign_up::{everybody, found, pressed, world};
use crate::support::*;

#[tokio::test]
async fn an_address_that_google_has_not_verified_signs_nobody_up() {
    let google = Provider::start().await;
    google.claims(|claims| {
        claims.insert("sub".to_owned(), json!("subject-of-gus"));
        claims.insert("email".to_owned(), json!("gus@gmail.com"));
        claims.insert("email_verified".to_owned(), json!(false));
    });
    let server = server_of(&format!("{}{}", world(), google.slot("google_provider"))).await;
    let before = everybody(&server).await.len();
    let mut browser = pressed(&server, "google").await;
    let answer = google.answer_to(&browser);
    browser.open(&answer).await;
    assert!(browser.text().contains("none that was verified there"), "{}", browser.text());
    assert_eq!(everybody(&server).await.len(), before);
}

/// It verifies none, so it could take any: a federation's, another tenant's.
#[tokio::test]
async fn facebook_takes_no_address_for_which_somebody_else_vouches() {
    let mut world = world();
    for (number, address) in [(4, "zoe@fabrikam.example"), (5, "zed@litware.example")] {
        world.push_str(&format!(
            "\n[[facebook_account]]\nid = \"100000000000000{number}\"\naddress = \"{address}\"\n"
        ));
    }
    let server = server_of(&world).await;
    let before = everybody(&server).await.len();
    for (address, other) in
        [("zoe@fabrikam.example", "Fabrikam"), ("zed@litware.example", "Litware")]
    {
        let mut browser = pressed(&server, "facebook").await;
        agree_to_all(&server, &mut browser, address).await;
        let text = browser.text();
        assert!(text.contains(&format!("'{address}' cannot sign up")), "{text}");
        assert!(text.contains(&format!("{other} vouches for")), "{text}");
    }
    assert_eq!(everybody(&server).await.len(), before);
}

/// Facebook's addresses are nobody's word, whatever a token of it says (optional-claims reference,
/// `xms_edov`).
#[tokio::test]
async fn an_address_of_a_real_facebook_is_never_called_verified() {
    let facebook = Provider::start().await;
    facebook.claims(|claims| {
        claims.insert("sub".to_owned(), json!("122000000000000001"));
        claims.insert("email".to_owned(), json!("fay@example.org"));
        claims.insert("email_verified".to_owned(), json!(true));
    });
    let client = "client_id = \"c0a70500-0000-4000-8000-0000000000a1\"\ndisplay_name";
    let asks = "emit_unverified_email = true\noptional_claims = { id_token = [\"xms_edov\", \"email\"] }\n";
    assert!(world().contains(client));
    let world = world().replacen(client, &format!("{asks}{client}"), 1);
    let server = server_of(&format!("{world}{}", facebook.slot("facebook_provider"))).await;
    let mut browser = pressed(&server, "facebook").await;
    let answer = facebook.answer_to(&browser);
    browser.open(&answer).await;
    browser.submit(&[("displayName", "Fay"), ("country", "KE")], None).await;
    agree_to_all(&server, &mut browser, "fay@example.org").await;
    let code = browser.parameter("code").unwrap_or_else(|| panic!("{}", browser.text()));
    let id = claims(&redeem(&server, &code, &[]).await.json()["id_token"]);
    assert_eq!(id["idp"], "facebook.com");
    assert_eq!((&id["email"], &id["xms_edov"]), (&json!("fay@example.org"), &json!(false)));
    let fay = &found(&server, "fay@example.org").await[0];
    assert_eq!(fay["identities"][0]["issuerAssignedId"], "122000000000000001");
}

/// `GetCredentialType` answers what the page would do on which the person is: a stranger gets a code
/// where people sign up, and nothing where they sign in.
#[tokio::test]
async fn a_script_on_the_page_is_told_what_signing_up_does() {
    let server = server_of(&world()).await;
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    for preferred in [1, 3] {
        let fields = browser.forms().remove(0).hidden;
        let context = &fields.iter().find(|(name, _)| name == "ctx").expect("a ctx").1;
        let body = json!({"username": "nick@northwind.example", "originalRequest": context});
        let cookie = format!("guestpass_browser={}", browser.cookie("guestpass_browser").unwrap());
        let headers = [("cookie", cookie.as_str())];
        let path = format!("/{CONTOSO}/GetCredentialType");
        let answer = send(&server, Method::POST, &path, &headers, body.to_string()).await.json();
        assert_eq!(answer["Credentials"]["PrefCredential"], preferred, "{answer}");
        if let Some(sign_up) = browser.link("Create one") {
            browser.open(&sign_up).await;
        }
    }
    assert_eq!(browser.heading(), "Create account");
}
