//! Accounts and resources that an application is not for.

use guestpass::Server;

use super::{
    ALICE, BOB, PORTAL, PORTAL_CALLBACK, PORTAL_SECRET, WORLD, portal, refused, returned, stopped,
};
use crate::support::*;

const CAROL: &str = "carol@outlook.com";

/// The default world, with another `sign_in_audience` of Fabrikam Portal.
async fn serving(audience: &str) -> Server {
    let before = "\"AzureADandPersonalMicrosoftAccount\"";
    assert_eq!(WORLD.matches(before).count(), 1);
    server_of(&WORLD.replace(before, &format!("\"{audience}\""))).await
}

#[tokio::test]
async fn a_microsoft_account_is_not_for_a_work_application() {
    let server = serving("AzureADMultipleOrgs").await;
    let mut browser = server.browser();
    browser.open(&portal("common", &[])).await;
    type_name(&mut browser, CAROL).await;
    let alert = browser.alert().expect("an alert");
    assert!(alert.contains("account type can't be used"), "{alert}");
    // Grace has both kinds of account: there is nothing to choose.
    type_name(&mut browser, "grace@fabrikam.example").await;
    assert_eq!(browser.heading(), "Enter password", "{}", browser.text());
    agree_to_all(&server, &mut browser, "grace@fabrikam.example").await;
    assert!(browser.parameter("code").is_some(), "{}", browser.text());
    // A guest is the tenant's, whatever the account.
    let mut guest = server.browser();
    guest.open(&portal(CONTOSO, &[])).await;
    agree_to_all(&server, &mut guest, CAROL).await;
    assert!(guest.parameter("code").is_some(), "{}", guest.text());
}

#[tokio::test]
async fn a_session_of_the_wrong_kind_does_not_let_anybody_in() {
    let world = WORLD.replace("\"AzureADandPersonalMicrosoftAccount\"", "\"AzureADMultipleOrgs\"");
    // Another application, for everybody, signs the Microsoft account in.
    let for_everybody = "\n[[tenant.application]]\n\
        client_id = \"fab21ca0-0000-4000-8000-0000000000b2\"\n\
        display_name = \"Fabrikam Shop\"\n\
        kind = \"web\"\n\
        sign_in_audience = \"AzureADandPersonalMicrosoftAccount\"\n\
        secret = \"shop\"\n\
        redirect_uris = [\"http://localhost:3001/auth/callback\"]\n\
        \n# --- Proseware";
    let server = server_of(&world.replacen("\n# --- Proseware", for_everybody, 1)).await;
    let mut browser = server.browser();
    browser.open(&portal("common", &[]).replace("00b1", "00b2")).await;
    agree_to_all(&server, &mut browser, CAROL).await;
    assert!(browser.parameter("code").is_some(), "{}", browser.text());
    browser.open(&portal("common", &[("prompt", "none")])).await;
    returned(&browser, "login_required", "AADSTS50058");
    browser.open(&portal("common", &[])).await;
    assert_eq!(browser.heading(), "Sign in", "{}", browser.text());
}

#[tokio::test]
async fn an_application_for_microsoft_accounts_is_for_nobody_else() {
    let server = serving("PersonalMicrosoftAccount").await;
    for authority in ["common", "organizations", FABRIKAM, CONTOSO] {
        let mut browser = server.browser();
        browser.open(&portal(authority, &[])).await;
        stopped(&browser, "AADSTS9002331");
    }
    let mut carol = server.browser();
    carol.open(&portal("consumers", &[])).await;
    agree_to_all(&server, &mut carol, CAROL).await;
    assert!(carol.parameter("code").is_some(), "{}", carol.text());
}

#[tokio::test]
async fn v1_is_not_for_microsoft_accounts() {
    let server = server().await;
    let v1 = |authority: &str| portal(authority, &[]).replace("/oauth2/v2.0/", "/oauth2/");
    let mut browser = server.browser();
    browser.open(&v1("consumers")).await;
    stopped(&browser, "AADSTS90027");
    browser.open(&v1("common")).await;
    type_name(&mut browser, CAROL).await;
    let alert = browser.alert().expect("an alert");
    assert!(alert.contains("use version 2.0 of the protocol"), "{alert}");
    type_name(&mut browser, BOB).await;
    assert_eq!(browser.heading(), "Enter password", "{}", browser.text());
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "1.x"),
        ("client_id", PORTAL),
        ("client_secret", PORTAL_SECRET),
    ];
    let seen = refused(&server, "/consumers/oauth2/token", &pairs).await;
    assert_eq!(seen, (400, "invalid_request".to_owned(), 90027));
    let pairs = [("client_id", PORTAL), ("resource", "https://graph.microsoft.com")];
    let seen = refused(&server, "/consumers/oauth2/devicecode", &pairs).await;
    assert_eq!(seen, (400, "invalid_request".to_owned(), 90027));
}

/// The default world with another API, of Fabrikam, for several tenants.
async fn with_an_api() -> Server {
    let api = "\n[[tenant.application]]\n\
        client_id = \"fab21ca0-0000-4000-8000-0000000000b4\"\n\
        display_name = \"Fabrikam API\"\n\
        kind = \"resource\"\n\
        sign_in_audience = \"AzureADMultipleOrgs\"\n\
        identifier_uris = [\"api://fabrikam-api\"]\n\
        scopes = [{ value = \"Read\" }]\n\
        \n# --- Proseware";
    let own = "secret = \"fabrikam-portal-secret\"";
    let more = format!(
        "{own}\nidentifier_uris = [\"api://fabrikam-portal\"]\nscopes = [{{ value = \"Use\" }}]"
    );
    assert_eq!(WORLD.matches(own).count(), 1);
    server_of(&WORLD.replacen("\n# --- Proseware", api, 1).replace(own, &more)).await
}

#[tokio::test]
async fn another_tenants_api_is_not_to_be_had() {
    let server = with_an_api().await;
    for (tenant, name, scope, error, code) in [
        // Single-tenant, of Contoso, asked for in Fabrikam, Tailspin and at home.
        (FABRIKAM, BOB, "openid api://contoso-api/Files.Read", "invalid_resource", "AADSTS500011"),
        (FABRIKAM, BOB, "openid api://contoso-api/.default", "invalid_resource", "AADSTS500011"),
        ("common", BOB, "openid api://contoso-api/Files.Read", "invalid_resource", "AADSTS500011"),
        // For several tenants, and not installed in this one.
        (CONTOSO, ALICE, "openid api://fabrikam-api/Read", "invalid_client", "AADSTS650052"),
    ] {
        let mut browser = server.browser();
        browser.open(&portal(tenant, &[("scope", scope)])).await;
        agree_to_all(&server, &mut browser, name).await;
        returned(&browser, error, code);
    }
    // At home a Microsoft account has no tenant in which anything is installed.
    let mut carol = server.browser();
    carol.open(&portal("consumers", &[("scope", "openid api://fabrikam-api/Read")])).await;
    returned(&carol, "invalid_request", "AADSTS500207");
    carol.open(&portal("consumers", &[("scope", "openid api://fabrikam-portal/Use")])).await;
    agree_to_all(&server, &mut carol, CAROL).await;
    assert!(carol.parameter("code").is_some(), "{}", carol.text());
    let mut bob = server.browser();
    bob.open(&portal(FABRIKAM, &[("scope", "openid api://fabrikam-api/Read")])).await;
    agree_to_all(&server, &mut bob, BOB).await;
    assert!(bob.parameter("code").is_some(), "{}", bob.text());
}

#[tokio::test]
async fn the_token_endpoint_gives_no_token_for_another_tenants_api() {
    let server = with_an_api().await;
    let client = [("client_id", PORTAL), ("client_secret", PORTAL_SECRET)];
    let token = |tenant: &str| format!("/{tenant}/oauth2/v2.0/token");
    for scope in ["api://contoso-api/.default", "api://fabrikam-api/.default"] {
        // Fabrikam Portal is installed in Tailspin, neither API is.
        let pairs =
            [&client[..], &[("grant_type", "client_credentials"), ("scope", scope)]].concat();
        let seen = refused(&server, &token(TAILSPIN), &pairs).await;
        assert_eq!(seen, (400, "invalid_resource".to_owned(), 500011), "{scope}");
    }
    // A refresh token of Fabrikam is asked for an API of Contoso.
    let mut bob = server.browser();
    bob.open(&portal(FABRIKAM, &[])).await;
    agree_to_all(&server, &mut bob, BOB).await;
    let code = bob.parameter("code").expect("a code");
    let changes = [&client[..], &[("redirect_uri", PORTAL_CALLBACK)]].concat();
    let tokens = redeem_at(&server, FABRIKAM, &code, &changes).await.json();
    let refresh = tokens["refresh_token"].as_str().expect("a refresh token");
    let grant = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let scope = [("scope", "api://contoso-api/Files.Read")];
    let pairs = [&client[..], &grant, &scope].concat();
    let seen = refused(&server, &token(FABRIKAM), &pairs).await;
    assert_eq!((seen.0, seen.2), (400, 500011));
}

#[tokio::test]
async fn nothing_is_installed_where_nobody_administers() {
    let server = server().await;
    for authority in ["common", "organizations", "proseware.example"] {
        let mut judy = server.browser();
        judy.open(&portal(authority, &[])).await;
        agree_to_all(&server, &mut judy, "judy@proseware.example").await;
        stopped(&judy, "AADSTS65005");
        assert!(judy.alert().unwrap().contains("proseware.example because it is in an unmanaged"));
    }
    // Microsoft's own are there.
    let mut judy = server.browser();
    judy.open("/myapps?tenantid=proseware.example").await;
    agree_to_all(&server, &mut judy, "judy@proseware.example").await;
    assert_eq!(judy.status(), 200, "{}", judy.text());
    assert!(judy.url().contains("/myapps"), "{}", judy.url());
}
