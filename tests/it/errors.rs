//! Refusals with a number of Entra's, each by its cause.

mod accounts;
mod federated;
mod proofs;

use guestpass::Server;
use guestpass::browser::Browser;

use crate::support::*;

const WORLD: &str = include_str!("../../fixtures/worlds/contoso.toml");
const PORTAL: &str = "fab21ca0-0000-4000-8000-0000000000b1";
const PORTAL_SECRET: &str = "fabrikam-portal-secret";
const PORTAL_CALLBACK: &str = "http://localhost:3001/auth/callback";
const CLI: &str = "c0a70500-0000-4000-8000-0000000000a3";
const DAEMON: &str = "c0a70500-0000-4000-8000-0000000000a5";
const ALICE: &str = "alice@contoso.example";
const BOB: &str = "bob@fabrikam.example";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

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
    // MSAL reads the number where `error_uri` says it.
    let number = code.trim_start_matches("AADSTS").trim_end_matches([':', ' ']);
    let address = browser.parameter("error_uri").unwrap_or_default();
    assert!(address.ends_with(&format!("/error?code={number}")), "{address}");
    assert!(description.contains(" Trace ID: ") && description.contains(" Timestamp: "));
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
            vec![("code_challenge", "short"), ("code_challenge_method", "S256")],
            "invalid_request",
            "AADSTS50147",
        ),
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
async fn an_api_that_requires_assignment_takes_no_unassigned_client() {
    let portal = "[[tenant.service_principal]]\napp_id = \"fab21ca0";
    let api = "[[tenant.service_principal]]\napp_id = \"c0a70500-0000-4000-8000-0000000000a4\"\n\
        assignment_required = true\n\n";
    let server = server_of(&WORLD.replacen(portal, &format!("{api}{portal}"), 1)).await;
    let pairs = [
        ("grant_type", "client_credentials"),
        ("client_id", WEB),
        ("client_secret", WEB_SECRET),
        ("scope", "api://contoso-api/.default"),
    ];
    let seen = refused(&server, &format!("/{CONTOSO}/oauth2/v2.0/token"), &pairs).await;
    assert_eq!(seen, (400, "invalid_grant".to_owned(), 501051));
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

#[tokio::test]
async fn a_sign_up_needs_a_provider_of_the_user_flow() {
    let contact = "[[tenant.contact]]";
    let flow = "[[tenant.user_flow]]\nid = \"B2X_1_google\"\n\
        identity_providers = [\"Google-OAUTH\"]\napplications = [\"c0a70500-0000-4000-8000-0000000000a1\"]\n";
    let privacy = "privacy_statement_url = \"https://contoso.example/privacy\"\n";
    assert!(WORLD.contains(contact) && WORLD.contains(privacy));
    let world = WORLD.replacen(contact, &format!("{flow}\n{contact}"), 1);
    let world = world.replacen(privacy, &format!("{privacy}self_service_sign_up = true\n"), 1);
    let server = server_of(&world).await;
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    let link = browser.link("Create one").unwrap_or_else(|| panic!("{}", browser.text()));
    browser.open(&link).await;
    type_name(&mut browser, "nick@northwind.example").await;
    let said = browser.text();
    assert!(said.contains("'nick@northwind.example' cannot sign up"), "{said}");
}
