//! The common endpoint: home, or an organization by Sign-in options.

use serde_json::json;

use crate::support::*;

const WORLD: &str = include_str!("../../fixtures/worlds/contoso.toml");
const PORTAL: &str = "fab21ca0-0000-4000-8000-0000000000b1";
const PORTAL_CALLBACK: &str = "http://localhost:3001/auth/callback";

fn portal(authority: &str) -> String {
    authorize(authority, &[("client_id", PORTAL), ("redirect_uri", PORTAL_CALLBACK)])
}

async fn tokens(server: &guestpass::Server, authority: &str, code: &str) -> serde_json::Value {
    let changes = [
        ("client_id", PORTAL),
        ("client_secret", "fabrikam-portal-secret"),
        ("redirect_uri", PORTAL_CALLBACK),
    ];
    let answer = redeem_at(server, authority, code, &changes).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

#[tokio::test]
async fn common_signs_everybody_in_at_home() {
    let server = server().await;
    for (name, tenant) in [
        ("bob@fabrikam.example", FABRIKAM),
        ("alice@contoso.example", CONTOSO),
        ("carol@outlook.com", "9188040d-6c67-4c5b-b112-36a304b66dad"),
    ] {
        let mut browser = server.browser();
        browser.open(&portal("common")).await;
        agree_to_all(&server, &mut browser, name).await;
        let code = browser.parameter("code").unwrap_or_else(|| panic!("{name} {}", browser.text()));
        assert_eq!(browser.parameter("iss"), None, "the metadata of common names no issuer");
        let tokens = tokens(&server, "common", &code).await;
        let id = claims(&tokens["id_token"]);
        assert_eq!(id["tid"], tenant, "{name}");
        assert_eq!(id["iss"], format!("{}/{tenant}/v2.0", server.origin()));
        assert!(!id.contains_key("idp"), "nobody is a guest at home");
        // A second time, the session at home is enough.
        browser.open(&portal("common")).await;
        assert!(browser.parameter("code").is_some(), "{name} {}", browser.text());
    }
}

#[tokio::test]
async fn each_authority_signs_in_its_own_kind_of_accounts() {
    let server = server().await;
    for (authority, name, known) in [
        ("organizations", "bob@fabrikam.example", true),
        ("organizations", "carol@outlook.com", false),
        ("consumers", "carol@outlook.com", true),
        ("consumers", "bob@fabrikam.example", false),
        ("common", "frank@northwind.example", false),
    ] {
        let mut browser = server.browser();
        browser.open(&portal(authority)).await;
        type_name(&mut browser, name).await;
        let heading = if known { "Enter password" } else { "Sign in" };
        assert_eq!(browser.heading(), heading, "{authority} {name}");
        assert_eq!(browser.alert().is_none(), known, "{authority} {name}");
    }
    let mut grace = server.browser();
    grace.open(&portal("common")).await;
    type_name(&mut grace, "grace@fabrikam.example").await;
    assert!(grace.has_id("aadTile"), "{}", grace.text());
    grace.submit(&[("account", "msa")], None).await;
    agree_to_all(&server, &mut grace, "grace@fabrikam.example").await;
    let code = grace.parameter("code").unwrap();
    let id = claims(&tokens(&server, "common", &code).await["id_token"]);
    assert_eq!(id["oid"], "00000000-0000-0000-0000-0000000000a2");
}

#[tokio::test]
async fn an_organization_is_chosen_under_sign_in_options() {
    let server = server().await;
    for typed in ["Contoso", "contoso", "contoso.example", "contoso.onmicrosoft.com"] {
        let mut browser = server.browser();
        browser.open("/myapps").await;
        let options = browser.link("Sign-in options").expect("a link");
        browser.open(&options).await;
        let organization = browser.link("Sign in to an organization").expect("a link");
        browser.open(&organization).await;
        assert!(browser.html().contains("name=\"organization\""));
        browser.submit(&[("organization", "Nowhere Ltd")], None).await;
        assert_eq!(browser.status(), 200);
        assert!(browser.alert().unwrap().contains("Nowhere Ltd"));
        browser.submit(&[("organization", typed)], None).await;
        assert!(browser.text().contains("Sign in with Google"), "{}", browser.text());
        assert!(browser.text().contains("Sign in with Litware"), "{}", browser.text());
        type_name(&mut browser, "frank@northwind.example").await;
        agree_to_all(&server, &mut browser, "frank@northwind.example").await;
        assert_eq!(browser.heading(), "My Apps", "{}", browser.text());
        assert!(browser.text().contains("Contoso"));
        assert_eq!(state_of(&server, 6).await, "Accepted");
        server.broker().reset().await.unwrap();
    }
}

#[tokio::test]
async fn an_application_on_common_reaches_the_organization_too() {
    let server = server().await;
    let mut browser = server.browser();
    browser.open(&portal("common")).await;
    browser.open(&browser.link("Sign-in options").unwrap()).await;
    browser.open(&browser.link("Sign in to an organization").unwrap()).await;
    browser.submit(&[("organization", "contoso.example")], None).await;
    agree_to_all(&server, &mut browser, "bob@fabrikam.example").await;
    let code = browser.parameter("code").unwrap_or_else(|| panic!("{}", browser.text()));
    let id = claims(&tokens(&server, "common", &code).await["id_token"]);
    assert_eq!(id["tid"], CONTOSO);
    assert_eq!(id["idp"], format!("https://sts.windows.net/{FABRIKAM}/"));
}

#[tokio::test]
async fn tenantid_on_common_selects_the_tenant() {
    let server = server().await;
    for key in ["tenantid", "tenantId", "TENANTID"] {
        let mut browser = server.browser();
        browser.open(&format!("{}&{key}={CONTOSO}", portal("common"))).await;
        assert!(browser.text().contains("Contoso"), "{}", browser.text());
        let mut browser = server.browser();
        browser.open(&format!("{}&{key}=nowhere.example", portal("common"))).await;
        assert!(browser.alert().unwrap().starts_with("AADSTS90002"), "{}", browser.text());
    }
}

#[tokio::test]
async fn a_single_tenant_application_cannot_use_common() {
    let server = server().await;
    for authority in ["common", "organizations"] {
        let mut browser = server.browser();
        browser.open(&authorize(authority, &[])).await;
        assert_eq!(browser.status(), 400);
        assert!(browser.alert().unwrap().starts_with("AADSTS50194"), "{}", browser.text());
    }
    let mut browser = server.browser();
    browser.open(&authorize("consumers", &[])).await;
    assert!(browser.alert().unwrap().starts_with("AADSTS9002332"), "{}", browser.text());
    browser.open(&authorize(TAILSPIN, &[])).await;
    assert!(browser.alert().unwrap().starts_with("AADSTS700016"), "{}", browser.text());
    browser.open(&authorize("nowhere.example", &[])).await;
    assert!(browser.alert().unwrap().starts_with("AADSTS90002"), "{}", browser.text());
}

#[tokio::test]
async fn a_multi_tenant_application_is_installed_by_the_first_consent() {
    // Where nobody administers the tenant, nothing is installed.
    let managed = WORLD.replacen("managed = false\n", "", 1);
    let server = server_of(&managed).await;
    let judy = "920ec0de-0000-4000-8000-00000000920e";
    let mut browser = server.browser();
    browser.open(&portal("common")).await;
    type_name(&mut browser, "judy@proseware.example").await;
    browser.submit(&[("passwd", "guestpass")], None).await;
    assert_eq!(browser.heading(), "Permissions requested", "{}", browser.text());
    agree_to_all(&server, &mut browser, "judy@proseware.example").await;
    let code = browser.parameter("code").unwrap();
    let id = claims(&tokens(&server, "common", &code).await["id_token"]);
    assert_eq!(id["tid"], json!(judy));
    let mut again = server.browser();
    again.open(&portal(judy)).await;
    agree_to_all(&server, &mut again, "judy@proseware.example").await;
    assert!(again.parameter("code").is_some(), "{}", again.text());
}

#[tokio::test]
async fn the_instance_is_discovered_at_any_own_host() {
    let server = server().await;
    let ask = async |host: &str| {
        let endpoint = format!("{host}/{CONTOSO}/oauth2/v2.0/authorize");
        let endpoint: String = url::form_urlencoded::byte_serialize(endpoint.as_bytes()).collect();
        let path = "/common/discovery/instance?api-version=1.1&authorization_endpoint=";
        get(&server, &format!("{path}{endpoint}")).await
    };
    let answer = ask(server.origin()).await.json();
    let document = answer["tenant_discovery_endpoint"].as_str().expect("an address");
    let document = document.strip_prefix(server.origin()).expect("an own one");
    assert_eq!(get(&server, document).await.status, 200);
    // MSAL for Python leaves the port out.
    assert_eq!(ask("https://localhost").await.status, 200);
    let refused = ask("https://login.evil.example").await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.json()["error"], "invalid_instance");
    assert_eq!(refused.json()["error_codes"], serde_json::json!([50049]));
}

#[tokio::test]
async fn a_realm_is_managed_federated_or_unknown() {
    let server = server().await;
    for (user, expected) in [
        ("bob@fabrikam.example", "Managed"),
        ("anybody@corp.fabrikam.example", "Federated"),
        ("frank@northwind.example", "Unknown"),
        ("no address", "Unknown"),
    ] {
        let encoded = user.replace(' ', "%20");
        let realm = |version: &str| format!("/common/userrealm/{encoded}?api-version={version}");
        assert_eq!(get(&server, &realm("1.0")).await.json()["account_type"], expected, "{user}");
        assert_eq!(get(&server, &realm("2.1")).await.json()["NameSpaceType"], expected, "{user}");
        let adal = realm("1.0").replace("userrealm", "UserRealm");
        assert_eq!(get(&server, &adal).await.json()["account_type"], expected, "{user}");
        let twice = format!("/common/userrealm?user={encoded}&user=a@b.example");
        assert_eq!(get(&server, &twice).await.status, 400);
        let asked = format!("/common/userrealm/?user={encoded}&api-version=2.1");
        assert_eq!(get(&server, &asked).await.json()["NameSpaceType"], expected, "{user}");
        let srf = get(&server, &format!("/GetUserRealm.srf?login={encoded}")).await.json();
        assert_eq!(srf["NameSpaceType"], expected, "{user}");
        assert_eq!(srf["State"], if expected == "Federated" { 3 } else { 4 });
    }
}

/// A person who signs in at Contoso and whose code an application redeems elsewhere.
async fn portal_code(server: &guestpass::Server, name: &str) -> String {
    let mut browser = server.browser();
    browser.open(&portal(CONTOSO)).await;
    agree_to_all(server, &mut browser, name).await;
    browser.parameter("code").unwrap_or_else(|| panic!("{name} {}", browser.text()))
}

#[tokio::test]
async fn a_guest_with_a_microsoft_account_needs_the_tenants_own_token_endpoint() {
    let server = server().await;
    let client = [
        ("client_id", PORTAL),
        ("client_secret", "fabrikam-portal-secret"),
        ("redirect_uri", PORTAL_CALLBACK),
    ];
    let code = portal_code(&server, "carol@outlook.com").await;
    for authority in ["common", "organizations"] {
        let answer = redeem_at(&server, authority, &code, &client).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert_eq!(answer.json()["error_codes"], json!([500_202]), "{authority}");
        let said = "User account 'carol@outlook.com' from external identity provider 'live.com' is \
                    not supported for API version '2.0'.";
        assert!(answer.body.contains(said), "{}", answer.body);
    }
    let tokens = tokens(&server, CONTOSO, &code).await;
    let refresh = |authority: &'static str| {
        let token = tokens["refresh_token"].as_str().unwrap().to_owned();
        let server = &server;
        async move {
            let pairs = [
                ("grant_type", "refresh_token"),
                ("client_id", PORTAL),
                ("client_secret", "fabrikam-portal-secret"),
                ("refresh_token", &token),
            ];
            post_form(server, &format!("/{authority}/oauth2/v2.0/token"), &pairs).await
        }
    };
    assert_eq!(refresh("common").await.json()["error_codes"], json!([500_202]));
    assert_eq!(refresh(CONTOSO).await.status, 200);
    // An Entra guest's library may redeem there, and at no other tenant.
    let code = portal_code(&server, "bob@fabrikam.example").await;
    let elsewhere = redeem_at(&server, TAILSPIN, &code, &client).await;
    assert_eq!(elsewhere.json()["error_codes"], json!([700_005]));
    assert_eq!(redeem_at(&server, "common", &code, &client).await.status, 200);
}

#[tokio::test]
async fn what_the_token_endpoint_cannot_use_it_says_by_number() {
    let server = server().await;
    let path = format!("/{CONTOSO}/oauth2/v2.0/token");
    let got = get(&server, &path).await;
    assert_eq!((got.status, &got.json()["error_codes"]), (405, &json!([900_561])));
    assert!(got.body.contains("Received a GET request."), "{}", got.body);
    for (token, number) in
        [("made-up", 9_002_313), ("1.x", 9_002_313), (&"1.".repeat(30), 9_002_313)]
    {
        let pairs = [
            ("grant_type", "refresh_token"),
            ("client_id", WEB),
            ("client_secret", WEB_SECRET),
            ("refresh_token", token),
        ];
        let answer = post_form(&server, &path, &pairs).await.json();
        assert_eq!(
            (&answer["error"], &answer["suberror"]),
            (&json!("invalid_grant"), &json!("bad_token"))
        );
        assert_eq!(answer["error_codes"], json!([number]));
    }
    // Another tenant's API that serves only its own.
    let pairs = [
        ("grant_type", "client_credentials"),
        ("client_id", "7a115000-0000-4000-8000-0000000000a5"),
        ("client_secret", "tailspin-daemon-secret"),
        ("scope", "api://contoso-api/.default"),
    ];
    let answer = post_form(&server, &format!("/{TAILSPIN}/oauth2/v2.0/token"), &pairs).await.json();
    assert_eq!(answer["error_codes"], json!([500_011]), "{answer}");
    assert_eq!(answer["error"], "invalid_resource");
}
