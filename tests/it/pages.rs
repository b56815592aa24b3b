//! My Apps, sign-on links, the portal, the inbox, the start page.

use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn every_direct_link_of_my_apps_redeems_just_in_time() {
    for link in [
        format!("/myapps?tenantid={CONTOSO}"),
        format!("/myapps?TenantId={CONTOSO}"),
        "/myapps/contoso.example".to_owned(),
        "/myapps/contoso.onmicrosoft.com".to_owned(),
    ] {
        let server = server().await;
        let mut browser = server.browser();
        browser.open(&link).await;
        agree_to_all(&server, &mut browser, "frank@northwind.example").await;
        assert_eq!(browser.heading(), "My Apps", "{link}: {}", browser.text());
        assert_eq!(state_of(&server, 6).await, "Accepted");
        let apps = browser.text();
        assert!(apps.contains("Contoso Web") && apps.contains("Contoso SPA"), "{apps}");
        assert!(!apps.contains("Daemon") && !apps.contains("Contoso API"), "{apps}");
        let app = browser.link("Contoso Web").unwrap();
        assert!(app.starts_with("/myapps/signin/ContosoWeb/"), "{app}");
        browser.open(&app).await;
        assert_eq!(browser.url(), "http://localhost:3000/", "{}", browser.text());
    }
    let server = server().await;
    for unknown in ["/myapps?tenantid=nowhere.example", "/myapps/nowhere.example"] {
        let mut browser = server.browser();
        browser.open(unknown).await;
        assert_eq!(browser.status(), 400);
        assert!(browser.alert().unwrap().starts_with("AADSTS90002"), "{}", browser.text());
    }
}

#[tokio::test]
async fn a_sign_on_link_redeems_just_in_time() {
    let server = server().await;
    let mut browser = server.browser();
    browser.open(&format!("/myapps/signin/ContosoWeb/{WEB}?tenantId={CONTOSO}")).await;
    agree_to_all(&server, &mut browser, "bob@fabrikam.example").await;
    assert_eq!(browser.url(), "http://localhost:3000/", "{}", browser.text());
    assert_eq!(state_of(&server, 1).await, "Accepted");
}

#[tokio::test]
async fn the_portal_is_for_administrators() {
    let server = server().await;
    let mut frank = server.browser();
    frank.open(&accept_link(&server, "frank@northwind.example", CONTOSO).await).await;
    agree_to_all(&server, &mut frank, "frank@northwind.example").await;
    frank.open("/portal/contoso.example/users").await;
    assert_eq!(frank.status(), 403, "{}", frank.text());
    let mut adele = server.browser();
    adele.open(&format!("/portal/{CONTOSO}")).await;
    agree_to_all(&server, &mut adele, "adele@contoso.example").await;
    assert_eq!(adele.heading(), "Users", "{}", adele.text());
    let page = adele.text();
    for expected in [
        "frank_northwind.example#EXT#@contoso.onmicrosoft.com Guest mail mail Yes",
        "bob_fabrikam.example#EXT#@contoso.onmicrosoft.com Guest Invited user contoso.onmicrosoft.com No",
        "olivia_fabrikam.example#EXT#@contoso.onmicrosoft.com Guest External Azure Active Directory ExternalAzureAD Yes",
    ] {
        assert!(page.contains(expected), "{expected}\n{page}");
    }
}

#[tokio::test]
async fn the_inbox_shows_every_mail() {
    let server = server().await;
    let mut browser = server.browser();
    browser.open("/inbox").await;
    assert_eq!(browser.heading(), "Inbox");
    browser.open("/inbox/frank@northwind.example").await;
    let newest = browser.link("Contoso invited you").unwrap();
    browser.open(&newest).await;
    let mail = browser.text();
    assert!(mail.contains("Microsoft Invitations (mock)"), "{mail}");
    assert!(mail.contains("Organization: Contoso"), "{mail}");
    let accept = browser.link("Accept invitation").unwrap();
    assert!(accept.starts_with(&format!("{}/invitations/redeem/?tenant=", server.origin())));
    browser.open(&accept).await;
    assert_eq!(browser.heading(), "Verify your email");
    let listed = get(&server, "/_guestpass/inbox?to=frank@northwind.example").await.json();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(listed[0]["tenant"], CONTOSO, "Tailspin's is a minute older");
    assert_eq!(listed[0]["kind"], "invitation");
    assert_eq!(listed[0]["links"]["accept"], accept.as_str());
    assert_eq!(listed[0]["code"], json!(null));
    let tailspin =
        get(&server, "/_guestpass/inbox?to=frank@northwind.example&tenant=tailspin").await;
    assert_eq!(tailspin.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_start_page_leads_everywhere() {
    let server = server().await;
    let mut browser = server.browser();
    browser.open("/").await;
    let page = browser.text();
    for name in ["Contoso", "Woodgrove", "frank@northwind.example", WEB] {
        assert!(page.contains(name), "{name}");
    }
    assert!(browser.link("Inbox").is_some());
    browser.open("/no/such/page").await;
    assert_eq!(browser.status(), 404);
    assert_eq!(get(&server, "/nothing").await.status, 404);
}

#[tokio::test]
async fn terms_that_must_be_opened_cannot_be_accepted_before() {
    let server = server().await;
    let token = daemon_token_of(
        &server,
        WOODGROVE,
        "30006000-0000-4000-8000-0000000000a5",
        "woodgrove-daemon-secret",
    )
    .await;
    let body = json!({
        "invitedUserEmailAddress": "frank@northwind.example",
        "inviteRedirectUrl": "http://localhost:3001/",
    });
    let invited = post_json(&server, "/v1.0/invitations", &token, &body).await.json();
    let mut browser = server.browser();
    browser.open(invited["inviteRedeemUrl"].as_str().unwrap()).await;
    type_passcode(&server, &mut browser, "frank@northwind.example").await;
    assert!(browser.text().contains("has not provided links to their terms"), "{}", browser.text());
    browser.submit(&[], None).await;
    assert_eq!(browser.heading(), "Terms of use");
    assert!(browser.html().contains(" disabled"), "Accept waits");
    assert!(!browser.text().contains("Report a lost device"), "not opened yet");
    browser.submit(&[], Some("accept")).await;
    assert!(browser.alert().unwrap().contains("Open the terms"), "{}", browser.text());
    browser.submit(&[], Some("open")).await;
    assert!(browser.text().contains("Report a lost device"));
    browser.submit(&[], Some("accept")).await;
    assert_eq!(browser.url(), "http://localhost:3001/", "{}", browser.text());
}

#[tokio::test]
async fn every_page_has_one_heading_labels_and_a_policy() {
    let server = server().await;
    let mut browser = server.browser();
    let mut seen = Vec::new();
    let mut check = |browser: &guestpass::browser::Browser<'_>| {
        let html = browser.html();
        assert_eq!(html.matches("<h1").count(), 1, "{}", browser.url());
        assert!(html.contains("<html lang=\"en\">"));
        for id in ["i0116", "i0118", "idTxtBx_OTC_Password"] {
            let labelled = html.contains(&format!("<label for=\"{id}\""));
            assert_eq!(browser.has_id(id), labelled, "{id}");
        }
        let policy = browser.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(!policy.contains("form-action"));
        assert_eq!(browser.header("x-frame-options"), Some("DENY"));
        assert_eq!(browser.header("referrer-policy"), Some("same-origin"));
        assert_eq!(browser.header("cache-control"), Some("no-store"));
        seen.push(browser.heading());
    };
    browser.open(&authorize(CONTOSO, &[("scope", "openid api://contoso-api/Files.Read")])).await;
    check(&browser);
    assert!(browser.header("x-guestpass-interaction").is_some());
    type_name(&mut browser, "frank@northwind.example").await;
    check(&browser);
    browser.submit(&[], None).await;
    check(&browser);
    let code = code_for(&server, "frank@northwind.example").await;
    browser.submit(&[("otc", &code)], None).await;
    check(&browser);
    browser.submit(&[], None).await;
    check(&browser);
    browser.submit(&[], Some("accept")).await;
    check(&browser);
    assert_eq!(
        seen,
        [
            "Sign in",
            "Verify your email",
            "Enter code",
            "Review permissions",
            "Terms of use",
            "Permissions requested"
        ]
    );
}

#[tokio::test]
async fn an_error_number_can_be_looked_up() {
    let server = server().await;
    let answer = post_form(&server, "/contoso.example/oauth2/v2.0/token", &[]).await.json();
    let uri = answer["error_uri"].as_str().expect("an error_uri").to_owned();
    let mut browser = server.browser();
    browser.open(&uri).await;
    assert_eq!(browser.status(), 200, "{uri}");
    assert_eq!(browser.heading(), format!("AADSTS{}", answer["error_codes"][0]));
    browser.open("/error?code=AADSTS50020").await;
    assert_eq!(browser.heading(), "AADSTS50020");
    assert!(browser.text().contains("neither a member nor a guest"), "{}", browser.text());
    browser.open("/error?code=%3Cscript%3E").await;
    assert_eq!(browser.status(), 404);
    assert!(!browser.html().contains("<script"), "{}", browser.html());
}
