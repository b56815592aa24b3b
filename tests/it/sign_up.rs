//! Self-service sign-up: *No account? Create one*.

use axum::http::Method;
use guestpass::Server;
use guestpass::browser::Browser;
use serde_json::{Value, json};

use crate::support::*;

const FLOW: &str = "\n[[tenant.user_flow]]\nid = \"B2X_1_partners\"\n\
    identity_providers = [\"AADSignup-OAUTH\", \"MSASignup-OAUTH\", \"EmailOtpSignup-OAUTH\", \
    \"Google-OAUTH\", \"Facebook-OAUTH\"]\nuser_attributes = [\"displayName\", \"country\"]\n\
    applications = [\"c0a70500-0000-4000-8000-0000000000a1\"]\n";

/// The default world, in which Contoso Web lets people sign up, with people whom nobody invited.
pub(crate) fn world() -> String {
    let world = guestpass::config::world::DEFAULT;
    let line = "privacy_statement_url = \"https://contoso.example/privacy\"\n";
    let settings = "facebook = true\nself_service_sign_up = true\n";
    let contact = "[[tenant.contact]]";
    let fabrikam = "user_principal_name = \"olivia@fabrikam.example\"";
    for known in [line, contact, fabrikam] {
        assert!(world.contains(known), "{known}");
    }
    let world = world.replacen(line, &format!("{line}{settings}"), 1);
    let world = world.replacen(contact, &format!("{FLOW}\n{contact}"), 1);
    let sue = "user_principal_name = \"sue@fabrikam.example\"\n\
               display_name = \"Sue Ford\"\n\n[[tenant.user]]\n\
               id = \"fab21ca0-0000-4000-8000-000000000003\"\n";
    let olivia = format!("id = \"fab21ca0-0000-4000-8000-000000000003\"\n{fabrikam}");
    assert!(world.contains(&olivia), "Olivia's entry");
    let id = "id = \"fab21ca0-0000-4000-8000-000000000009\"\n";
    let world = world.replacen(&olivia, &format!("{id}{sue}{fabrikam}"), 1);
    format!(
        "{world}\n[[facebook_account]]\nid = \"1000000000000001\"\naddress = \"fay@example.org\"\n\
         display_name = \"Fay Reed\"\n\n[[facebook_account]]\nphone = \"+1 555 0100\"\n\n\
         [[facebook_account]]\nid = \"1000000000000002\"\naddress = \"frank@northwind.example\"\n\n\
         [[facebook_account]]\nid = \"1000000000000003\"\naddress = \"alice@contoso.example\"\n\n\
         [[federation_account]]\nbuiltin = \"litware\"\naddress = \"leo@litware.example\"\n\n\
         [[federation_account]]\nbuiltin = \"adatum\"\naddress = \"ada@adatum.example\"\n\n\
         [[google_account]]\naddress = \"gus@gmail.com\"\ndisplay_name = \"Gus\"\n\n\
         [[microsoft_account]]\nid = \"00000000-0000-0000-0000-0000000000b7\"\n\
         user_principal_name = \"mia@outlook.com\"\ndisplay_name = \"Mia\"\n"
    )
}

/// The page on which people sign up for Contoso Web.
async fn create_one(server: &Server) -> Browser<'_> {
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    let link = browser.link("Create one").unwrap_or_else(|| panic!("{}", browser.text()));
    assert!(browser.has_id("signup"));
    browser.open(&link).await;
    assert_eq!(browser.heading(), "Create account", "{}", browser.text());
    browser
}

/// The number of the form with a provider's button.
fn button(browser: &Browser<'_>, id: &str) -> usize {
    let value = format!("value=\"{id}\"");
    let forms: Vec<&str> = browser.html().split("<form").skip(1).collect();
    let found = forms.iter().position(|form| form.contains(&value));
    found.unwrap_or_else(|| panic!("no button {id}: {}", browser.text()))
}

/// The provider, after its button was pressed.
pub(crate) async fn pressed<'s>(server: &'s Server, provider: &str) -> Browser<'s> {
    let mut browser = create_one(server).await;
    let form = button(&browser, provider);
    browser.submit_form(form, &[("provider", provider)], None).await;
    browser
}

/// Signs up with a provider's button, as far as the attributes.
async fn sign_up_with<'s>(server: &'s Server, provider: &str, name: &str) -> Browser<'s> {
    let mut browser = pressed(server, provider).await;
    agree_to_all(server, &mut browser, name).await;
    browser
}

/// Signs up with an address, as far as the attributes.
async fn sign_up_as<'s>(server: &'s Server, name: &str) -> Browser<'s> {
    let mut browser = create_one(server).await;
    type_name(&mut browser, name).await;
    agree_to_all(server, &mut browser, name).await;
    browser
}

/// Everybody in Contoso, by address.
pub(crate) async fn everybody(server: &Server) -> Vec<Value> {
    let token = daemon_token(server).await;
    let select = "id,mail,displayName,userType,creationType,externalUserState,identities,country";
    let path = format!("/v1.0/users?$select={select}&$top=200");
    let answer = with_token(server, Method::GET, &path, &token).await;
    answer.json()["value"].as_array().unwrap().clone()
}

pub(crate) async fn found(server: &Server, address: &str) -> Vec<Value> {
    let mut people = everybody(server).await;
    people.retain(|user| user["mail"] == address);
    people
}

#[tokio::test]
async fn a_stranger_signs_up_with_facebook_and_comes_back_with_it() {
    let server = server_of(&world()).await;
    let before = everybody(&server).await.len();
    let mut browser = sign_up_with(&server, "facebook", "fay@example.org").await;
    assert_eq!(browser.heading(), "Add details", "{}", browser.text());
    assert!(browser.html().contains("value=\"Fay Reed\""), "{}", browser.html());
    assert_eq!(everybody(&server).await.len(), before, "no object before everything is agreed to");

    // Everything that is asked for has to be given.
    browser.submit(&[("displayName", "Fay"), ("country", " ")], None).await;
    assert!(browser.alert().unwrap().contains("Country/Region"), "{}", browser.text());
    browser.submit(&[("displayName", "Fay R."), ("country", "Kenya")], None).await;
    assert_eq!(browser.heading(), "Review permissions", "{}", browser.text());
    assert_eq!(everybody(&server).await.len(), before);
    browser.submit(&[], None).await;
    assert_eq!(browser.heading(), "Terms of use", "{}", browser.text());
    assert_eq!(everybody(&server).await.len(), before);
    agree_to_all(&server, &mut browser, "fay@example.org").await;
    let code = browser.parameter("code").unwrap_or_else(|| panic!("{}", browser.text()));

    let fay = found(&server, "fay@example.org").await;
    assert_eq!(fay.len(), 1);
    let fay = &fay[0];
    assert_eq!(fay["creationType"], "SelfServiceSignUp");
    assert_eq!(fay["externalUserState"], "Accepted");
    assert_eq!(fay["userType"], "Guest");
    assert_eq!((&fay["displayName"], &fay["country"]), (&json!("Fay R."), &json!("Kenya")));
    let identity = json!({"signInType": "federated", "issuer": "facebook.com",
        "issuerAssignedId": "1000000000000001"});
    assert_eq!(fay["identities"][0], identity);
    let tokens = redeem(&server, &code, &[]).await.json();
    let id = claims(&tokens["id_token"]);
    assert_eq!((&id["idp"], &id["oid"]), (&json!("facebook.com"), &fay["id"]));
    assert!(id.get("email").is_none() && id.get("xms_edov").is_none(), "{id:?}");

    // From then on she signs in; signing up again is signing in.
    let mut again = server.browser();
    again.open(&authorize(CONTOSO, &[])).await;
    type_name(&mut again, "fay@example.org").await;
    assert_eq!(again.heading(), "Log in", "{}", again.text());
    agree_to_all(&server, &mut again, "fay@example.org").await;
    assert!(again.parameter("code").is_some(), "{}", again.text());
    let third = sign_up_with(&server, "facebook", "fay@example.org").await;
    assert!(third.parameter("code").is_some(), "{}", third.text());
    assert_eq!(everybody(&server).await.len(), before + 1);
}

#[tokio::test]
async fn each_provider_of_the_flow_signs_people_up() {
    let server = server_of(&world()).await;
    for (name, issuer, by) in [
        ("gus@gmail.com", "google.com", Some("google")),
        ("mia@outlook.com", "MicrosoftAccount", Some("microsoft-account")),
        ("sue@fabrikam.example", "ExternalAzureAD", None),
        ("nick@northwind.example", "mail", None),
        ("leo@litware.example", "https://idp.litware.example/saml", None),
        ("ada@adatum.example", "https://sts.adatum.example/adfs/services/trust", None),
    ] {
        let mut browser = match by {
            Some(provider) => sign_up_with(&server, provider, name).await,
            None => sign_up_as(&server, name).await,
        };
        assert_eq!(browser.heading(), "Add details", "{name}: {}", browser.text());
        assert!(found(&server, name).await.is_empty(), "{name}");
        browser.submit(&[("displayName", name), ("country", "DE")], None).await;
        agree_to_all(&server, &mut browser, name).await;
        assert!(browser.parameter("code").is_some(), "{name}: {}", browser.text());
        let user = &found(&server, name).await[0];
        assert_eq!(user["creationType"], "SelfServiceSignUp", "{name}");
        assert_eq!(user["externalUserState"], "Accepted", "{name}");
        assert_eq!(user["identities"][0]["issuer"], issuer, "{name}");
        // And they come back.
        drop(signed_in(&server, name).await);
        assert_eq!(found(&server, name).await.len(), 1);
    }
}

#[tokio::test]
async fn nothing_is_made_of_a_sign_up_that_is_not_finished() {
    let server = server_of(&world()).await;
    let before = everybody(&server).await.len();
    // Cancel where the details are asked for, where the permissions are, where the terms are.
    for cancel_at in ["Add details", "Review permissions", "Terms of use"] {
        let mut browser = sign_up_with(&server, "google", "gus@gmail.com").await;
        if cancel_at != "Add details" {
            browser.submit(&[("displayName", "Gus"), ("country", "DE")], None).await;
        }
        if cancel_at == "Terms of use" {
            browser.submit(&[], None).await;
        }
        assert_eq!(browser.heading(), cancel_at, "{}", browser.text());
        browser.submit(&[], Some("back")).await;
        assert_eq!(browser.parameter("error").as_deref(), Some("access_denied"), "{cancel_at}");
        // The account is proven in this browser, and still nobody's.
        browser.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
        assert_eq!(browser.parameter("error").as_deref(), Some("login_required"), "{cancel_at}");
        browser.open(&format!("/myapps?tenantid={CONTOSO}")).await;
        assert_ne!(browser.heading(), "My Apps", "{cancel_at}");
        assert_eq!(everybody(&server).await.len(), before, "{cancel_at}");
    }
    // A step that comes later is refused while an earlier one is missing.
    for step in ["review-permissions", "terms-of-use", "app-consent", "stay-signed-in"] {
        let mut browser = sign_up_with(&server, "google", "gus@gmail.com").await;
        let form = browser.forms().remove(0);
        let action = form.action.replace("/attributes", &format!("/{step}"));
        assert_ne!(action, form.action);
        browser.post(&action, &[("accept".to_owned(), "1".to_owned())]).await;
        assert_eq!(browser.status(), 403, "{step}: {}", browser.text());
        assert_eq!(everybody(&server).await.len(), before, "{step}");
    }
}

#[tokio::test]
async fn who_is_in_the_tenant_signs_nobody_else_up() {
    let server = server_of(&world()).await;
    let before = everybody(&server).await.len();
    // Facebook verifies no address: it takes none from a pending guest or a member.
    let browser = sign_up_with(&server, "facebook", "frank@northwind.example").await;
    assert!(browser.text().contains("has the address 'frank@northwind.example' already"));
    let browser = sign_up_with(&server, "facebook", "alice@contoso.example").await;
    assert!(browser.text().contains("its domain belongs to Contoso"), "{}", browser.text());
    // It may have none at all.
    let browser = sign_up_with(&server, "facebook", "+1 555 0100").await;
    assert!(browser.text().contains("told no email address"), "{}", browser.text());
    // An address in the tenant's own domain that nobody has.
    let browser = sign_up_as(&server, "ghost@contoso.example").await;
    assert!(browser.alert().is_some_and(|alert| alert.contains("ghost@contoso.example")));
    assert_eq!(browser.heading(), "Create account");
    assert_eq!(everybody(&server).await.len(), before);

    // A pending guest redeems the invitation, and nothing is asked that was not asked before.
    let mut browser = create_one(&server).await;
    type_name(&mut browser, "dave@gmail.com").await;
    browser.submit(&[("identifier", "dave@gmail.com")], None).await;
    browser.submit(&[("Passwd", "guestpass")], None).await;
    assert_eq!(browser.heading(), "Review permissions", "{}", browser.text());
    agree_to_all(&server, &mut browser, "dave@gmail.com").await;
    assert!(browser.parameter("code").is_some(), "{}", browser.text());
    let dave = guest(&server, "c0a70500-0000-4000-8000-000000000103").await;
    assert_eq!(
        (&dave["creationType"], &dave["externalUserState"]),
        (&json!("Invitation"), &json!("Accepted"))
    );
    assert_eq!(everybody(&server).await.len(), before);

    // Disabled, the account is known and refused, however it comes.
    let token = daemon_token(&server).await;
    let path = "/v1.0/users/c0a70500-0000-4000-8000-000000000103";
    let off = patch(&server, path, &token, &json!({"accountEnabled": false})).await;
    assert_eq!(off.status, 204, "{}", off.body);
    let browser = sign_up_with(&server, "google", "dave@gmail.com").await;
    assert_eq!(browser.status(), 400, "{}", browser.text());
    assert!(browser.text().contains("AADSTS50057"), "{}", browser.text());
    assert_eq!(everybody(&server).await.len(), before);

    // Deleted, he is a stranger; who signs up then is another object.
    assert_eq!(with_token(&server, Method::DELETE, path, &token).await.status, 204);
    let mut browser = sign_up_with(&server, "google", "dave@gmail.com").await;
    browser.submit(&[("displayName", "Dave"), ("country", "DE")], None).await;
    agree_to_all(&server, &mut browser, "dave@gmail.com").await;
    assert!(browser.parameter("code").is_some(), "{}", browser.text());
    let dave = &found(&server, "dave@gmail.com").await[0];
    assert_eq!(dave["creationType"], "SelfServiceSignUp");
    assert_ne!(dave["id"], "c0a70500-0000-4000-8000-000000000103");
}

#[tokio::test]
async fn an_application_without_a_flow_offers_nothing() {
    let server = server_of(&world()).await;
    let before = everybody(&server).await.len();
    let cli = [
        ("client_id", "c0a70500-0000-4000-8000-0000000000a3"),
        ("redirect_uri", "http://localhost:9999/"),
    ];
    for path in
        [authorize(CONTOSO, &cli), authorize(WOODGROVE, &[]), format!("/myapps?tenantid={CONTOSO}")]
    {
        let mut browser = server.browser();
        browser.open(&path).await;
        assert!(browser.link("Create one").is_none(), "{path}: {}", browser.text());
        // Asked for all the same, it is the sign-in page that comes.
        let Some(resume) = browser.link("Sign-in options") else { continue };
        browser.open(&resume.replace("view=options", "view=sign-up")).await;
        assert_eq!(browser.heading(), "Sign in", "{path}");
        let action = browser.forms().remove(0).action.replace("/sign-in", "/sign-up");
        browser.post(&action, &[("loginfmt".to_owned(), "gus@gmail.com".to_owned())]).await;
        assert_eq!(browser.status(), 403, "{path}: {}", browser.text());
        // And a stranger who signs in is refused, as ever.
        browser.open(&path).await;
        agree_to_all(&server, &mut browser, "gus@gmail.com").await;
        assert!(browser.alert().unwrap_or_default().starts_with("AADSTS50020"), "{path}");
    }
    // Nor does the link of an invitation: it is for whom it invites.
    let mut browser = server.browser();
    browser.open(&accept_link(&server, "dave@gmail.com", CONTOSO).await).await;
    assert!(browser.link("Create one").is_none(), "{}", browser.text());
    // An application with a flow lets strangers sign up, and does not sign them in.
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    agree_to_all(&server, &mut browser, "gus@gmail.com").await;
    assert!(browser.alert().unwrap().starts_with("AADSTS50020"), "{}", browser.text());
    assert!(browser.text().contains("No account? Create one"), "{}", browser.text());
    assert_eq!(everybody(&server).await.len(), before);
}

#[tokio::test]
async fn a_flow_that_is_switched_off_on_the_way_makes_nobody() {
    let permission = ["Policy.ReadWrite.AuthenticationFlows"];
    let server = server_of(&with_permissions(&world(), &permission)).await;
    let token = daemon_token(&server).await;
    let before = everybody(&server).await.len();
    let mut browser = sign_up_with(&server, "google", "gus@gmail.com").await;
    browser.submit(&[("displayName", "Gus"), ("country", "DE")], None).await;
    assert_eq!(browser.heading(), "Review permissions", "{}", browser.text());

    let path = "/v1.0/policies/authenticationFlowsPolicy";
    let policy = with_token(&server, Method::GET, path, &token).await.json();
    assert_eq!(policy["id"], "authenticationFlowsPolicy");
    assert_eq!(policy["selfServiceSignUp"], json!({"isEnabled": true}));
    let off = json!({"selfServiceSignUp": {"isEnabled": false}});
    assert_eq!(patch(&server, path, &token, &off).await.status, 204);
    let policy = with_token(&server, Method::GET, path, &token).await.json();
    assert_eq!(policy["selfServiceSignUp"], json!({"isEnabled": false}));

    browser.submit(&[], None).await;
    assert!(
        browser.text().contains("does not let people sign themselves up"),
        "{}",
        browser.text()
    );
    assert_eq!(everybody(&server).await.len(), before);
    let mut fresh = server.browser();
    fresh.open(&authorize(CONTOSO, &[])).await;
    assert!(fresh.link("Create one").is_none());
}

#[tokio::test]
async fn an_address_that_was_invited_meanwhile_is_not_made_twice() {
    let server = server_of(&world()).await;
    let mut browser = sign_up_with(&server, "facebook", "fay@example.org").await;
    browser.submit(&[("displayName", "Fay"), ("country", "DE")], None).await;
    let token = daemon_token(&server).await;
    let body = json!({"invitedUserEmailAddress": "fay@example.org",
        "inviteRedirectUrl": "http://localhost:3000/"});
    assert_eq!(post_json(&server, "/v1.0/invitations", &token, &body).await.status, 201);
    agree_to_all(&server, &mut browser, "fay@example.org").await;
    assert!(browser.parameter("code").is_none());
    assert!(browser.text().contains("has the address 'fay@example.org' already"));
    let fay = found(&server, "fay@example.org").await;
    assert_eq!(fay.len(), 1);
    assert_eq!(fay[0]["externalUserState"], "PendingAcceptance");
}

#[tokio::test]
async fn an_application_that_requires_assignment_makes_nobody() {
    let world = world();
    let contact = "[[tenant.contact]]";
    let required = "[[tenant.service_principal]]\napp_id = \"c0a70500-0000-4000-8000-0000000000a1\"\n\
                    assignment_required = true\n\n";
    let server = server_of(&world.replacen(contact, &format!("{required}{contact}"), 1)).await;
    let before = everybody(&server).await.len();
    let browser = sign_up_with(&server, "google", "gus@gmail.com").await;
    assert!(
        browser.parameter("error_description").is_some_and(|text| text.contains("AADSTS50105"))
            || browser.text().contains("AADSTS50105"),
        "{}",
        browser.text()
    );
    assert_eq!(everybody(&server).await.len(), before);
}

#[tokio::test]
async fn two_tabs_make_one_guest() {
    let server = server_of(&world()).await;
    let before = everybody(&server).await.len();
    let mut tabs = Vec::new();
    for _ in 0..2 {
        let mut browser = sign_up_with(&server, "google", "gus@gmail.com").await;
        browser.submit(&[("displayName", "Gus"), ("country", "DE")], None).await;
        assert_eq!(browser.heading(), "Review permissions", "{}", browser.text());
        tabs.push(browser);
    }
    for tab in &mut tabs {
        agree_to_all(&server, tab, "gus@gmail.com").await;
    }
    assert!(tabs[0].parameter("code").is_some(), "{}", tabs[0].text());
    assert!(tabs[1].parameter("code").is_none());
    assert!(tabs[1].text().contains("Sign in instead of signing up"), "{}", tabs[1].text());
    assert_eq!(everybody(&server).await.len(), before + 1);
    // Which is what the second one does.
    drop(signed_in(&server, "gus@gmail.com").await);
}
