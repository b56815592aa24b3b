//! Refusals with a number of Entra's, each by its cause.

use guestpass::Server;
use guestpass::browser::Browser;

use crate::support::*;

const WORLD: &str = include_str!("../../fixtures/worlds/contoso.toml");
const PORTAL: &str = "fab21ca0-0000-4000-8000-0000000000b1";
const PORTAL_SECRET: &str = "fabrikam-portal-secret";
const PORTAL_CALLBACK: &str = "http://localhost:3001/auth/callback";
const CLI: &str = "c0a70500-0000-4000-8000-0000000000a3";
const DAEMON: &str = "c0a70500-0000-4000-8000-0000000000a5";
const CAROL: &str = "carol@outlook.com";
const BOB: &str = "bob@fabrikam.example";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The default world, with another `sign_in_audience` of Fabrikam Portal.
async fn serving(audience: &str) -> Server {
    let before = "\"AzureADandPersonalMicrosoftAccount\"";
    assert_eq!(WORLD.matches(before).count(), 1);
    server_of(&WORLD.replace(before, &format!("\"{audience}\""))).await
}

fn portal(authority: &str, changes: &[(&str, &str)]) -> String {
    let more = [("client_id", PORTAL), ("redirect_uri", PORTAL_CALLBACK)];
    authorize(authority, &[more.as_slice(), changes].concat())
}

/// What a request to the token endpoint or another one that answers with JSON is refused with.
async fn refused(server: &Server, path: &str, pairs: &[(&str, &str)]) -> (u16, String, i64) {
    let answer = post_form(server, path, pairs).await;
    let body = answer.json();
    let number = body["error_codes"][0].as_i64().unwrap_or_else(|| panic!("{}", answer.body));
    (answer.status, body["error"].as_str().expect("an error").to_owned(), number)
}

/// The page on which a sign-in ends.
fn stopped(browser: &Browser<'_>, code: &str) {
    let alert = browser.alert().unwrap_or_else(|| panic!("no {code}: {}", browser.text()));
    assert!(alert.starts_with(code), "{code} expected: {alert}");
    assert_eq!(browser.status(), 400, "{alert}");
}

/// What comes back to the application.
fn returned(browser: &Browser<'_>, error: &str, code: &str) {
    let description = browser.parameter("error_description").unwrap_or_default();
    assert!(description.starts_with(code), "{code}: {} {}", browser.url(), browser.text());
    assert_eq!(browser.parameter("error").as_deref(), Some(error), "{description}");
    assert_eq!(browser.parameter("code"), None);
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

const ALICE: &str = "alice@contoso.example";

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

#[tokio::test]
async fn a_session_is_asked_for_by_its_sid() {
    let server = server().await;
    let sid = async |browser: &Browser<'_>, secret: &[(&str, &str)], tenant: &str| {
        let code = browser.parameter("code").unwrap_or_else(|| panic!("{}", browser.text()));
        let tokens = redeem_at(&server, tenant, &code, secret).await.json();
        claims(&tokens["id_token"])["sid"].as_str().expect("a sid").to_owned()
    };
    let mut browser = signed_in(&server, ALICE).await;
    let alice = sid(&browser, &[], CONTOSO).await;
    browser.open(&authorize(CONTOSO, &[("prompt", "login")])).await;
    agree_to_all(&server, &mut browser, "olivia@fabrikam.example").await;
    let olivia = sid(&browser, &[], CONTOSO).await;
    // Two are signed in: without a name nobody knows who, by its sid either is.
    browser.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
    returned(&browser, "interaction_required", "AADSTS16000");
    for (wanted, name) in [(&alice, ALICE), (&olivia, "olivia@fabrikam.example")] {
        browser.open(&authorize(CONTOSO, &[("prompt", "none"), ("sid", wanted)])).await;
        let code = browser.parameter("code").expect("a code");
        let tokens = redeem(&server, &code, &[]).await.json();
        assert_eq!(claims(&tokens["id_token"])["preferred_username"], name);
        browser.open(&authorize(CONTOSO, &[("sid", wanted)])).await;
        assert!(browser.parameter("code").is_some(), "{}", browser.text());
    }
    let unknown = "00000000-0000-4000-8000-000000000000";
    browser.open(&authorize(CONTOSO, &[("prompt", "none"), ("sid", unknown)])).await;
    returned(&browser, "interaction_required", "AADSTS160021");
    browser.open(&authorize(CONTOSO, &[("sid", unknown)])).await;
    assert_eq!(browser.heading(), "Pick an account", "a person can be asked");
    // Signed in, but too long ago.
    server.broker().clock().advance("PT10M".parse().unwrap()).unwrap();
    let old = [("prompt", "none"), ("sid", alice.as_str()), ("max_age", "60")];
    browser.open(&authorize(CONTOSO, &old)).await;
    returned(&browser, "interaction_required", "AADSTS16002");
    // Alice's session is Contoso's, and in Tailspin she is nobody.
    browser.open(&portal(TAILSPIN, &[("prompt", "none"), ("sid", &alice)])).await;
    returned(&browser, "interaction_required", "AADSTS16003");
    let both = [("sid", alice.as_str()), ("login_hint", ALICE)];
    browser.open(&authorize(CONTOSO, &both)).await;
    returned(&browser, "invalid_request", "AADSTS90005");
    let both = [("prompt", "select_account"), ("login_hint", ALICE)];
    browser.open(&authorize(CONTOSO, &both)).await;
    returned(&browser, "invalid_request", "AADSTS90005");
}

#[tokio::test]
async fn a_guests_session_at_home_is_no_strangers() {
    let server = server().await;
    let mut browser = server.browser();
    browser.open(&portal(FABRIKAM, &[])).await;
    agree_to_all(&server, &mut browser, BOB).await;
    let code = browser.parameter("code").expect("a code");
    let secret = [
        ("client_id", PORTAL),
        ("client_secret", PORTAL_SECRET),
        ("redirect_uri", PORTAL_CALLBACK),
    ];
    let tokens = redeem_at(&server, FABRIKAM, &code, &secret).await.json();
    let sid = claims(&tokens["id_token"])["sid"].as_str().expect("a sid").to_owned();
    for (tenant, code) in [(CONTOSO, "AADSTS16002"), (WOODGROVE, "AADSTS16003")] {
        browser.open(&portal(tenant, &[("prompt", "none"), ("sid", &sid)])).await;
        returned(&browser, "interaction_required", code);
    }
}

#[tokio::test]
async fn an_account_that_is_gone_cannot_be_picked() {
    let server = server().await;
    let mut browser = signed_in(&server, ALICE).await;
    browser.open(&authorize(CONTOSO, &[("prompt", "login")])).await;
    agree_to_all(&server, &mut browser, "olivia@fabrikam.example").await;
    browser.open(&authorize(CONTOSO, &[("prompt", "select_account")])).await;
    let tiles = |browser: &Browser<'_>| browser.html().matches("class=\"tile\"").count();
    assert_eq!(tiles(&browser), 3, "{}", browser.text());
    browser.submit(&[("session", "00000000-0000-4000-8000-000000000000")], None).await;
    assert!(browser.alert().expect("an alert").contains("signed in no more"));
    assert_eq!((browser.status(), tiles(&browser)), (200, 3));
    browser.submit(&[("session", "other")], None).await;
    assert_eq!(browser.heading(), "Sign in", "{}", browser.text());
}

#[tokio::test]
async fn what_no_person_has_to_be_asked_for_is_refused_at_once() {
    let server = server().await;
    let long = format!("{CHALLENGE}A");
    for (changes, error, code) in [
        (vec![("response_type", "code token")], "unsupported_response_type", "AADSTS70005"),
        (vec![("response_type", "id_token token")], "unsupported_response_type", "AADSTS700054"),
        (
            vec![("code_challenge", long.as_str()), ("code_challenge_method", "S256")],
            "invalid_request",
            "AADSTS501491",
        ),
    ] {
        let mut browser = server.browser();
        browser.open(&authorize(CONTOSO, &changes)).await;
        returned(&browser, error, code);
    }
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[("redirect_uri", "")])).await;
    stopped(&browser, "AADSTS900971");
    browser.open(&authorize(CONTOSO, &[("client_id", DAEMON)])).await;
    stopped(&browser, "AADSTS500113");
}

#[tokio::test]
async fn a_device_needs_a_tenant() {
    let server = server().await;
    for authority in ["common", "organizations"] {
        let pairs = [("client_id", CLI), ("scope", "openid")];
        let path = format!("/{authority}/oauth2/v2.0/devicecode");
        let seen = refused(&server, &path, &pairs).await;
        assert_eq!(seen, (400, "invalid_request".to_owned(), 50059), "{authority}");
    }
}

#[tokio::test]
async fn a_secret_has_an_end() {
    let secret = "secret = \"contoso-daemon-secret\"";
    assert_eq!(WORLD.matches(secret).count(), 1);
    let end = format!("{secret}\nsecret_end_date_time = \"2126-01-01T00:00:00Z\"");
    let server = server_of(&WORLD.replace(secret, &end)).await;
    daemon_token(&server).await;
    server.broker().clock().set("2126-01-01T00:00:00Z".parse().unwrap()).unwrap();
    let path = format!("/{CONTOSO}/oauth2/v2.0/token");
    for (secret, number) in [("contoso-daemon-secret", 7000222), ("wrong", 7000215)] {
        let pairs = [
            ("grant_type", "client_credentials"),
            ("client_id", DAEMON),
            ("client_secret", secret),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        let seen = refused(&server, &path, &pairs).await;
        assert_eq!(seen, (401, "invalid_client".to_owned(), number));
    }
}

#[tokio::test]
async fn a_member_without_a_password_has_none_to_send() {
    let provider = "\n[tenant.provider]\nissuer = \"https://login.example\"\n\
        client_id = \"guestpass\"\nclient_secret = \"secret\"\n\n# --- Proseware";
    let server = server_of(&WORLD.replacen("\n# --- Proseware", provider, 1)).await;
    let pairs = [
        ("grant_type", "password"),
        ("client_id", PORTAL),
        ("client_secret", PORTAL_SECRET),
        ("username", BOB),
        ("password", "guestpass"),
        ("scope", "openid"),
    ];
    let seen = refused(&server, &format!("/{FABRIKAM}/oauth2/v2.0/token"), &pairs).await;
    assert_eq!(seen, (400, "invalid_grant".to_owned(), 50056));
}
