//! Who gets an assertion, after what, and as whom.

use super::help::*;
use crate::support::*;

const EXT: &str = "#EXT#@contoso.onmicrosoft.com";

#[tokio::test]
async fn a_member_is_named_by_the_user_principal_name() {
    let server = sign_on_server().await;
    let posted = signs_in(&server, &to_saml(CONTOSO, &asking(EXPENSES, "", "")), ALICE).await;
    assert_eq!(posted.to, ACS);
    assert_eq!(posted.field("RelayState"), Some(STATE));
    let token = judged(&server, &posted, EXPENSES).await;
    assert_eq!(token.issuer(), format!("https://sts.windows.net/{CONTOSO}/"));
    let subject = token.subject().unwrap();
    assert_eq!(subject.name, ALICE);
    let format = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
    assert_eq!(subject.format.as_deref(), Some(format));
    let claims = token.claims();
    assert_eq!(values(claims, "identityprovider"), [token.issuer()]);
    assert_eq!(values(claims, "name"), [ALICE]);
}

/// All of them are pending: each is taken through redemption before anything is
/// asserted.
#[tokio::test]
async fn every_kind_of_guest_redeems_first() {
    let server = sign_on_server().await;
    let fabrikam = format!("https://sts.windows.net/{FABRIKAM}/");
    let proseware = "https://sts.windows.net/920ec0de-0000-4000-8000-00000000920e/";
    for (number, name, idp, own_name) in [
        (1, "bob@fabrikam.example", fabrikam.as_str(), "bob@fabrikam.example"),
        (2, "carol@outlook.com", "live.com", "carol_outlook.com"),
        (3, "dave@gmail.com", "google.com", "dave_gmail.com"),
        (4, "erin@litware.example", "https://idp.litware.example/saml", "erin_litware.example"),
        (
            5,
            "heidi@adatum.example",
            "https://sts.adatum.example/adfs/services/trust",
            "heidi_adatum.example",
        ),
        (6, "frank@northwind.example", "mail", "frank_northwind.example"),
        (8, "judy@proseware.example", proseware, "judy@proseware.example"),
    ] {
        assert_eq!(state_of(&server, number).await, "PendingAcceptance");
        let posted = signs_in(&server, &to_saml(CONTOSO, &asking(EXPENSES, "", "")), name).await;
        assert_eq!(state_of(&server, number).await, "Accepted");
        let token = judged(&server, &posted, EXPENSES).await;
        let claims = token.claims();
        assert_eq!(values(claims, "identityprovider"), [idp]);
        assert_eq!(values(claims, "emailaddress"), [name]);
        let id = format!("c0a70500-0000-4000-8000-0000000001{number:02}");
        assert_eq!(values(claims, "objectidentifier"), [id.as_str()]);
        assert_eq!(values(claims, "tenantid"), [CONTOSO]);
        // A guest from another Entra tenant has the name there, every other one that here.
        let expected = match own_name.contains('@') {
            true => own_name.to_owned(),
            false => format!("{own_name}{EXT}"),
        };
        assert_eq!(token.subject().unwrap().name, expected);
        assert_eq!(values(claims, "name"), [expected.as_str()]);
    }
}

/// nOAuth: Facebook verifies no address, so what somebody said there on signing up is no name for an
/// application to believe, the tenant's own or not.
#[tokio::test]
async fn an_address_that_only_facebook_told_is_asserted_nowhere() {
    let world = with_applications(&crate::sign_up::world());
    let line = "identifier_uris = [\"https://sp.example/metadata\"]";
    let by_mail = format!("{line}\nname_id_source = \"user.mail\"");
    let told = format!("{by_mail}\nemit_unverified_email = true");
    let ext = format!("fay_example.org{EXT}");
    for (settings, name, email) in
        [(&by_mail, ext.as_str(), &[][..]), (&told, "fay@example.org", &["fay@example.org"][..])]
    {
        let server = server_of(&world.replacen(line, settings, 1)).await;
        let ask = to_saml(CONTOSO, &asking(EXPENSES, "", ""));
        let mut browser = crate::sign_up::pressed(&server, "facebook").await;
        agree_to_all(&server, &mut browser, "fay@example.org").await;
        browser.submit(&[("displayName", "Fay"), ("country", "KE")], None).await;
        agree_to_all(&server, &mut browser, "fay@example.org").await;
        assert!(browser.parameter("code").is_some(), "{}", browser.text());
        browser.open(&ask).await;
        let form = posted(&browser).unwrap_or_else(|| panic!("{}", browser.text()));
        let token = judged(&server, &form, EXPENSES).await;
        assert_eq!(token.subject().unwrap().name, name);
        assert_eq!(values(token.claims(), "emailaddress"), email);
        // Who proved the address is named by it.
        let posted = signs_in(&server, &ask, "frank@northwind.example").await;
        let token = judged(&server, &posted, EXPENSES).await;
        assert_eq!(token.subject().unwrap().name, "frank@northwind.example");
    }
}

#[tokio::test]
async fn nothing_is_asserted_before_every_page_was_answered() {
    let server = sign_on_server().await;
    let mut browser = server.browser();
    browser.open(&to_saml(CONTOSO, &asking(EXPENSES, "", ""))).await;
    let mut headings = Vec::new();
    while posted(&browser).is_none() {
        let heading = browser.heading();
        assert!(!browser.html().contains("name=\"SAMLResponse\""), "{heading}");
        match heading.as_str() {
            "Sign in" => type_name(&mut browser, "frank@northwind.example").await,
            "Verify your email" => {
                type_passcode(&server, &mut browser, "frank@northwind.example").await;
            }
            _ => drop(browser.submit(&[], Some("accept")).await),
        }
        headings.push(heading);
        assert!(headings.len() < 10, "{headings:?}");
    }
    assert_eq!(headings, ["Sign in", "Verify your email", "Review permissions", "Terms of use"]);
    // The second time there is nothing to ask.
    browser.open(&to_saml(CONTOSO, &asking(EXPENSES, "", ""))).await;
    assert!(posted(&browser).is_some(), "{}", browser.text());
}

#[tokio::test]
async fn a_guest_who_declines_stays_pending_and_the_application_hears_no() {
    let server = sign_on_server().await;
    let mut browser = server.browser();
    browser.open(&to_saml(CONTOSO, &asking(EXPENSES, "", ""))).await;
    type_name(&mut browser, "frank@northwind.example").await;
    type_passcode(&server, &mut browser, "frank@northwind.example").await;
    assert_eq!(browser.heading(), "Review permissions");
    browser.submit(&[], Some("back")).await;
    let xml = posted(&browser).unwrap().xml();
    assert!(xml.contains("status:RequestDenied") && xml.contains("AADSTS65004"), "{xml}");
    assert!(!xml.contains("Assertion "), "{xml}");
    assert_eq!(state_of(&server, 6).await, "PendingAcceptance");
}

#[tokio::test]
async fn strangers_and_disabled_and_deleted_guests_get_a_page_and_no_assertion() {
    let server = sign_on_server().await;
    let token = daemon_token(&server).await;
    let olivia = "/v1.0/users/c0a70500-0000-4000-8000-000000000109";
    let ask = to_saml(CONTOSO, &asking(EXPENSES, "", ""));
    let mut browser = server.browser();
    browser.open(&ask).await;
    agree_to_all(&server, &mut browser, OLIVIA).await;
    assert!(posted(&browser).is_some(), "{}", browser.text());

    let no = serde_json::json!({ "accountEnabled": false });
    assert_eq!(patch(&server, olivia, &token, &no).await.status, 204);
    browser.open(&ask).await;
    agree_to_all(&server, &mut browser, OLIVIA).await;
    assert!(browser.alert().unwrap().contains("AADSTS500571"), "{}", browser.text());
    let deleted = with_token(&server, axum::http::Method::DELETE, olivia, &token).await;
    assert_eq!(deleted.status, 204, "{}", deleted.body);
    browser.open(&ask).await;
    agree_to_all(&server, &mut browser, OLIVIA).await;
    assert!(posted(&browser).is_none(), "{}", browser.text());
    let mut stranger = server.browser();
    stranger.open(&ask).await;
    agree_to_all(&server, &mut stranger, "tara@tailspin.example").await;
    assert!(posted(&stranger).is_none(), "{}", stranger.text());
    assert!(stranger.alert().is_some(), "{}", stranger.text());
}

#[tokio::test]
async fn an_application_for_some_people_is_not_for_others() {
    let server = sign_on_server().await;
    let ask = to_saml(CONTOSO, &asking("urn:sites:contoso", "", ""));
    let mut browser = server.browser();
    browser.open(&ask).await;
    agree_to_all(&server, &mut browser, ALICE).await;
    assert!(browser.alert().unwrap().contains("AADSTS50105"), "{}", browser.text());
    // Who is assigned is named as the registration says: by the name in this tenant.
    let posted = signs_in(&server, &ask, OLIVIA).await;
    let token = judged(&server, &posted, "urn:sites:contoso").await;
    assert_eq!(token.subject().unwrap().name, format!("olivia_fabrikam.example{EXT}"));
}

#[tokio::test]
async fn everybody_signs_in_at_home_to_an_application_for_every_tenant() {
    let server = sign_on_server().await;
    let ask = to_saml("common", &asking("https://everybody.example", "", ""));
    let posted = signs_in(&server, &ask, ALICE).await;
    let token = judged(&server, &posted, "https://everybody.example").await;
    assert_eq!(token.issuer(), format!("https://sts.windows.net/{CONTOSO}/"));
    // Nothing is consented to, so nobody installs it in Fabrikam.
    let mut browser = server.browser();
    browser.open(&ask).await;
    agree_to_all(&server, &mut browser, "bob@fabrikam.example").await;
    assert!(browser.alert().unwrap().contains("AADSTS700016"), "{}", browser.text());
    refused(&server, &to_saml(FABRIKAM, &asking("https://everybody.example", "", "")), 700016)
        .await;
    refused(&server, &to_saml("common", &asking(EXPENSES, "", "")), 50194).await;
}

#[tokio::test]
async fn a_sign_on_link_of_my_apps_asserts_unasked_where_saml_is_preferred() {
    let line = "identifier_uris = [\"https://sp.example/metadata\"]";
    let preferred = format!("{line}\npreferred_single_sign_on_mode = \"saml\"");
    let server = server_of(&world().replacen(line, &preferred, 1)).await;
    let app = "c0a70500-0000-4000-8000-0000000000b1";
    let address = format!("/myapps/signin/Expenses/{app}?tenantId={CONTOSO}");
    let posted = signs_in(&server, &address, "bob@fabrikam.example").await;
    assert_eq!(state_of(&server, 1).await, "Accepted");
    assert!(!posted.xml().contains("InResponseTo"), "{}", posted.xml());
    assert_eq!(posted.field("RelayState"), None);
    let token = judged_unasked(&server, &posted, EXPENSES).await;
    assert_eq!(token.subject().unwrap().name, "bob@fabrikam.example");

    // With a page of its own the application begins, as without the setting.
    let own = format!("{preferred}\nlogin_url = \"https://sp.example/start\"");
    let server = server_of(&world().replacen(line, &own, 1)).await;
    let mut browser = server.browser();
    browser.open(&address).await;
    agree_to_all(&server, &mut browser, ALICE).await;
    assert_eq!(browser.url(), "https://sp.example/start");
}
