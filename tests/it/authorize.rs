//! The authorization endpoint: prompts, hints, consent, answers.

use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn prompt_none_answers_at_once() {
    let server = server().await;
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
    assert_eq!(browser.parameter("error").unwrap(), "login_required");
    assert!(browser.parameter("iss").unwrap().ends_with("/v2.0"));
    let mut browser = signed_in(&server, "frank@northwind.example").await;
    browser.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
    assert!(browser.parameter("code").is_some(), "{}", browser.url());
    // The same browser at a tenant where the guest is not: no session there.
    browser
        .open(&authorize(
            WOODGROVE,
            &[
                ("prompt", "none"),
                ("client_id", "fab21ca0-0000-4000-8000-0000000000b1"),
                ("redirect_uri", "http://localhost:3001/auth/callback"),
            ],
        ))
        .await;
    assert_eq!(browser.parameter("error").unwrap(), "login_required");
    let api = "openid api://contoso-api/Files.Read";
    browser.open(&authorize(CONTOSO, &[("prompt", "none"), ("scope", api)])).await;
    assert_eq!(browser.parameter("error").unwrap(), "consent_required");
    assert!(browser.parameter("error_description").unwrap().contains("AADSTS65001"));
    let other = "someone@else.example";
    browser.open(&authorize(CONTOSO, &[("prompt", "none"), ("login_hint", other)])).await;
    assert_eq!(browser.parameter("error").unwrap(), "login_required");
    for bad in ["none login", "sometimes"] {
        browser.open(&authorize(CONTOSO, &[("prompt", bad)])).await;
        assert_eq!(browser.parameter("error").unwrap(), "invalid_request", "{bad}");
    }
    // What comes back is cut, and readable.
    for bad in [format!("\0\r\n{}", "é".repeat(2_000)), "x".repeat(5_000)] {
        for name in ["prompt", "response_mode", "response_type"] {
            browser.open(&authorize(CONTOSO, &[(name, &bad)])).await;
            let description = browser.parameter("error_description").unwrap();
            assert!(browser.url().len() < 2_000, "{name}: {}", browser.url().len());
            assert!(!description.contains(char::is_control), "{name}: {description:?}");
        }
    }
}

#[tokio::test]
async fn prompt_login_and_max_age_ask_again() {
    let server = server().await;
    let mut browser = signed_in(&server, "alice@contoso.example").await;
    browser.open(&authorize(CONTOSO, &[("prompt", "login")])).await;
    assert!(browser.has_id("i0116"), "{}", browser.text());
    server.broker().clock().advance("PT10S".parse().unwrap()).unwrap();
    browser.open(&authorize(CONTOSO, &[("max_age", "100")])).await;
    let code = browser.parameter("code").expect("recent enough");
    let id = claims(&redeem(&server, &code, &[]).await.json()["id_token"]);
    let first = id["auth_time"].as_i64().unwrap();
    browser.open(&authorize(CONTOSO, &[("max_age", "1")])).await;
    assert!(browser.has_id("i0116"), "{}", browser.text());
    agree_to_all(&server, &mut browser, "alice@contoso.example").await;
    let code = browser.parameter("code").unwrap();
    let id = claims(&redeem(&server, &code, &[]).await.json()["id_token"]);
    assert!(id["auth_time"].as_i64().unwrap() >= first + 10);
}

#[tokio::test]
async fn select_account_and_several_accounts_ask_which() {
    let server = server().await;
    let mut browser = signed_in(&server, "alice@contoso.example").await;
    browser.open(&authorize(CONTOSO, &[("prompt", "select_account")])).await;
    assert_eq!(browser.heading(), "Pick an account");
    assert!(browser.has_id("otherTile"));
    browser.submit(&[("session", "other")], None).await;
    agree_to_all(&server, &mut browser, "frank@northwind.example").await;
    assert!(browser.parameter("code").is_some(), "{}", browser.text());
    browser.open(&authorize(CONTOSO, &[])).await;
    assert_eq!(browser.heading(), "Pick an account", "{}", browser.text());
    browser.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
    assert_eq!(browser.parameter("error").unwrap(), "interaction_required");
    // A hint picks one of them.
    for (hint, number) in [("alice@contoso.example", "003"), ("frank@northwind.example", "106")] {
        browser.open(&authorize(CONTOSO, &[("prompt", "none"), ("login_hint", hint)])).await;
        let code = browser.parameter("code").unwrap();
        let id = claims(&redeem(&server, &code, &[]).await.json()["id_token"]);
        assert!(id["oid"].as_str().unwrap().ends_with(number), "{hint}");
    }
}

#[tokio::test]
async fn consent_is_asked_once_and_admin_permissions_never_of_others() {
    let server = server().await;
    let scope = "openid profile api://contoso-api/Files.Read";
    let mut browser = signed_in(&server, "frank@northwind.example").await;
    browser.open(&authorize(CONTOSO, &[("scope", scope)])).await;
    assert_eq!(browser.heading(), "Permissions requested", "{}", browser.text());
    assert!(browser.text().contains("Files.Read (Contoso API)"), "{}", browser.text());
    browser.submit(&[], Some("back")).await;
    assert_eq!(browser.parameter("error").unwrap(), "access_denied");
    browser.open(&authorize(CONTOSO, &[("scope", scope)])).await;
    browser.submit(&[], None).await;
    let code = browser.parameter("code").unwrap();
    let tokens = redeem(&server, &code, &[]).await.json();
    let access = claims(&tokens["access_token"]);
    assert_eq!(access["aud"], "c0a70500-0000-4000-8000-0000000000a4");
    assert_eq!(access["scp"], "Files.Read");
    assert!(tokens["scope"].as_str().unwrap().contains("api://contoso-api/Files.Read"));
    browser.open(&authorize(CONTOSO, &[("scope", scope)])).await;
    assert!(browser.parameter("code").is_some(), "not asked again");
    browser.open(&authorize(CONTOSO, &[("prompt", "consent")])).await;
    assert_eq!(browser.heading(), "Permissions requested");
    let admin = "openid api://contoso-api/Files.ReadWrite";
    browser.open(&authorize(CONTOSO, &[("scope", admin)])).await;
    assert!(browser.alert().unwrap().starts_with("AADSTS90094"), "{}", browser.text());
    let mut adele = signed_in(&server, "adele@contoso.example").await;
    adele.open(&authorize(CONTOSO, &[("scope", admin)])).await;
    assert_eq!(adele.heading(), "Permissions requested", "{}", adele.text());
    let unknown = "openid api://nowhere/Read";
    browser.open(&authorize(CONTOSO, &[("scope", unknown)])).await;
    assert_eq!(browser.parameter("error").unwrap(), "invalid_resource");
}

#[tokio::test]
async fn a_forged_consent_form_cannot_change_what_is_granted() {
    let server = server().await;
    let mut browser = signed_in(&server, "frank@northwind.example").await;
    let scope = "openid api://contoso-api/Files.Read";
    browser.open(&authorize(CONTOSO, &[("scope", scope)])).await;
    let more = [("scope", "Files.ReadWrite"), ("client_id", "x"), ("user", "y")];
    browser.submit(&more, None).await;
    let code = browser.parameter("code").unwrap();
    let access = claims(&redeem(&server, &code, &[]).await.json()["access_token"]);
    assert_eq!(access["scp"], "Files.Read");
}

#[tokio::test]
async fn the_answer_comes_in_the_form_that_was_asked_for() {
    let server = server().await;
    let mut browser = signed_in(&server, "frank@northwind.example").await;
    let state = "a|b c\"<>&é";
    browser.open(&authorize(CONTOSO, &[("response_mode", "fragment"), ("state", state)])).await;
    assert!(browser.url().contains("#code="), "{}", browser.url());
    assert_eq!(browser.parameter("state").unwrap(), state);
    browser.open(&authorize(CONTOSO, &[("response_mode", "form_post"), ("state", state)])).await;
    let form = browser.forms().remove(0);
    assert_eq!(form.action, CALLBACK);
    assert!(form.hidden.contains(&("state".to_owned(), state.to_owned())), "{form:?}");
    assert!(form.hidden.iter().any(|(name, _)| name == "code"));
    assert!(browser.header("content-security-policy").unwrap().contains("script-src 'nonce-"));
    browser.open(&authorize(CONTOSO, &[("client_info", "1")])).await;
    assert!(browser.parameter("client_info").is_some());
    assert!(browser.parameter("session_state").is_some());
    assert_eq!(browser.parameter("iss").unwrap(), format!("{}/{CONTOSO}/v2.0", server.origin()));
}

#[tokio::test]
async fn a_guest_without_an_object_ends_in_50020() {
    let server = server().await;
    let portal = [
        ("client_id", "fab21ca0-0000-4000-8000-0000000000b1"),
        ("redirect_uri", "http://localhost:3001/auth/callback"),
    ];
    for name in
        ["bob@fabrikam.example", "carol@outlook.com", "dave@gmail.com", "frank@northwind.example"]
    {
        let mut browser = server.browser();
        browser.open(&authorize(WOODGROVE, &portal)).await;
        type_name(&mut browser, name).await;
        agree_to_all(&server, &mut browser, name).await;
        let alert = browser.alert().unwrap_or_else(|| panic!("{name}: {}", browser.text()));
        assert_eq!(browser.status(), 400);
        assert!(alert.starts_with("AADSTS50020: User account '"), "{alert}");
        assert!(alert.contains("does not exist in tenant 'Woodgrove'"), "{alert}");
        assert!(alert.contains("(Fabrikam Portal)"), "{alert}");
        let inbox = get(&server, &format!("/_guestpass/inbox?to={name}&tenant=woodgrove")).await;
        assert_eq!(inbox.json(), json!([]), "no code is mailed");
    }
    // Tailspin has no passcode: the direct link says so, and what to do.
    let mut browser = server.browser();
    browser.open(&authorize(TAILSPIN, &portal)).await;
    type_name(&mut browser, "frank@northwind.example").await;
    let page = browser.text();
    assert!(browser.alert().unwrap().contains("'unknown'"), "{page}");
    assert!(page.contains("one-time passcode") && page.contains("invitation e-mail"), "{page}");
    assert!(page.contains("no-passcode-on-direct-link"), "{page}");
    // A name of the tenant's own domain that does not exist is a typing mistake.
    browser.open(&authorize(CONTOSO, &[])).await;
    type_name(&mut browser, "nobody@contoso.example").await;
    assert_eq!(browser.status(), 200);
    assert!(browser.alert().unwrap().contains("does not exist in the Contoso directory"));
}

#[tokio::test]
async fn applications_can_be_closed() {
    let world = guestpass::config::world::DEFAULT.replacen(
        "[[tenant.consent]]",
        "[[tenant.service_principal]]\napp_id = \"c0a70500-0000-4000-8000-0000000000a1\"\n\
         assignment_required = true\n\n\
         [[tenant.group]]\nid = \"c0a70500-0000-4000-8000-0000000000f1\"\n\
         display_name = \"Partners\"\nmembers = [\"olivia@fabrikam.example\"]\n\n\
         [[tenant.assignment]]\napp = \"c0a70500-0000-4000-8000-0000000000a1\"\n\
         group = \"c0a70500-0000-4000-8000-0000000000f1\"\n\n\
         [[tenant.assignment]]\napp = \"c0a70500-0000-4000-8000-0000000000a1\"\n\
         user = \"alice@contoso.example\"\n\n[[tenant.consent]]",
        1,
    );
    let server = server_of(&world).await;
    for (name, allowed) in [
        ("alice@contoso.example", true),
        ("olivia@fabrikam.example", true),
        ("adele@contoso.example", false),
    ] {
        let mut browser = server.browser();
        browser.open(&authorize(CONTOSO, &[])).await;
        agree_to_all(&server, &mut browser, name).await;
        assert_eq!(browser.parameter("code").is_some(), allowed, "{name}: {}", browser.text());
        if !allowed {
            assert!(browser.alert().unwrap().starts_with("AADSTS50105"), "{}", browser.text());
        }
    }
    let token = daemon_token(&server).await;
    let web = format!("/v1.0/servicePrincipals(appId='{WEB}')");
    patch(&server, &web, &token, &json!({"accountEnabled": false})).await;
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    agree_to_all(&server, &mut browser, "alice@contoso.example").await;
    assert!(browser.alert().unwrap().starts_with("AADSTS7000112"), "{}", browser.text());
}

#[tokio::test]
async fn an_id_token_hint_names_the_account_if_it_is_ours() {
    let server = server().await;
    let mut browser = signed_in(&server, "frank@northwind.example").await;
    browser.open(&authorize(CONTOSO, &[])).await;
    let code = browser.parameter("code").unwrap();
    let tokens = redeem(&server, &code, &[]).await.json();
    let hint = tokens["id_token"].as_str().unwrap();
    browser.open(&authorize(CONTOSO, &[("prompt", "none"), ("id_token_hint", hint)])).await;
    assert!(browser.parameter("code").is_some(), "{}", browser.url());
    let none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ2aWN0aW0ifQ.";
    let access = tokens["access_token"].as_str().unwrap();
    for wrong in [none, access, "x"] {
        browser.open(&authorize(CONTOSO, &[("id_token_hint", wrong)])).await;
        assert_eq!(browser.parameter("error").unwrap(), "invalid_request");
    }
}

#[tokio::test]
async fn a_domain_hint_is_a_look_up_key() {
    let server = server().await;
    for (hint, expected) in [
        ("gmail.com", "Sign in"),
        ("fabrikam.example", "Sign in"),
        ("litware.example", "Sign in"),
        ("evil.example/..%2f", "Sign in"),
        ("organizations", "Sign in"),
    ] {
        let mut browser = server.browser();
        browser.open(&authorize(CONTOSO, &[("domain_hint", hint)])).await;
        assert_eq!(browser.heading(), expected, "{hint}");
        assert_eq!(browser.has_id("identifierId"), hint == "gmail.com", "{hint}");
        assert_eq!(browser.url().contains("/idp/litware/"), hint == "litware.example", "{hint}");
        assert_eq!(browser.url().contains(FABRIKAM), hint == "fabrikam.example", "{hint}");
    }
}
