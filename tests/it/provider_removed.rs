//! A provider that the tenant takes away while a guest is on the way, and afterwards
//! (google-federation and direct-federation articles: who redeemed with it is locked out).

use axum::http::Method;
use guestpass::Server;
use guestpass::browser::Browser;

use crate::sign_up::{everybody, pressed, world};
use crate::support::*;

const FEDERATIONS: &str = "/v1.0/directory/federationConfigurations";

async fn configurable() -> Server {
    server_of(&with_permissions(&world(), &["IdentityProvider.ReadWrite.All"])).await
}

/// Takes a network away, or the federation of a domain.
async fn remove(server: &Server, provider: &str) {
    let token = daemon_token(server).await;
    let one = if provider.ends_with("-OAUTH") {
        format!("/v1.0/identity/identityProviders/{provider}")
    } else {
        let filter = format!("domains/any(x:%20x/id%20eq%20'{provider}')");
        let path =
            format!("{FEDERATIONS}/graph.samlOrWsFedExternalDomainFederation?$filter={filter}");
        let found = with_token(server, Method::GET, &path, &token).await.json();
        format!("{FEDERATIONS}/{}", found["value"][0]["id"].as_str().expect("a federation"))
    };
    let answer = with_token(server, Method::DELETE, &one, &token).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
}

/// A browser in which somebody is proven, and nothing is redeemed yet.
async fn at_review<'s>(server: &'s Server, name: &str) -> Browser<'s> {
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    type_name(&mut browser, name).await;
    for _ in 0..5 {
        match browser.heading().as_str() {
            "Review permissions" => return browser,
            _ if browser.has_id("identifierId") => {
                browser.submit(&[("identifier", name)], None).await;
            }
            "Welcome" => drop(browser.submit(&[("Passwd", "guestpass")], None).await),
            _ if browser.has_id("userNameInput") => {
                browser.submit(&[("UserName", name), ("Password", "guestpass")], None).await;
            }
            _ => drop(browser.submit(&[], None).await),
        }
    }
    panic!("{}", browser.text());
}

fn check_refused(browser: &Browser<'_>, provider: &str) {
    let text = browser.text();
    assert!(text.contains("AADSTS50020"), "{text}");
    assert!(text.contains(&format!("Turn {provider} on again in Contoso")), "{text}");
    assert_eq!(browser.parameter("code"), None);
}

const KINDS: [(&str, &str, &str, u32); 3] = [
    ("Google-OAUTH", "google.com", "dave@gmail.com", 3),
    ("litware.example", "https://idp.litware.example/saml", "erin@litware.example", 4),
    ("adatum.example", "https://sts.adatum.example/adfs/services/trust", "heidi@adatum.example", 5),
];

#[tokio::test]
async fn nobody_redeems_with_a_provider_that_was_removed_meanwhile() {
    for (removed, provider, name, number) in KINDS {
        let server = configurable().await;
        let mut browser = at_review(&server, name).await;
        remove(&server, removed).await;
        browser.submit(&[], None).await;
        check_refused(&browser, provider);
        assert_eq!(state_of(&server, number).await, "PendingAcceptance", "{name}");
    }
}

#[tokio::test]
async fn nobody_signs_up_with_a_provider_that_was_removed_meanwhile() {
    let server = configurable().await;
    let before = everybody(&server).await.len();
    let mut browser = pressed(&server, "facebook").await;
    agree_to_all(&server, &mut browser, "fay@example.org").await;
    browser.submit(&[("displayName", "Fay"), ("country", "KE")], None).await;
    assert_eq!(browser.heading(), "Review permissions", "{}", browser.text());
    remove(&server, "Facebook-OAUTH").await;
    browser.submit(&[], None).await;
    check_refused(&browser, "facebook.com");
    assert_eq!(everybody(&server).await.len(), before);
}

#[tokio::test]
async fn what_a_guest_has_ends_when_the_provider_is_removed() {
    for (removed, provider, name, number) in KINDS {
        let server = configurable().await;
        let mut browser = signed_in(&server, name).await;
        let code = browser.parameter("code").unwrap();
        let tokens = redeem(&server, &code, &[]).await.json();
        browser.open(&authorize(CONTOSO, &[])).await;
        let unused = browser.parameter("code").unwrap_or_else(|| panic!("{}", browser.text()));
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let with = [
            ("grant_type", "refresh_token"),
            ("client_id", WEB),
            ("client_secret", WEB_SECRET),
            ("refresh_token", refresh),
        ];
        let path = format!("/{CONTOSO}/oauth2/v2.0/token");
        assert_eq!(post_form(&server, &path, &with).await.status, 200);

        remove(&server, removed).await;
        for refused in [post_form(&server, &path, &with).await, redeem(&server, &unused, &[]).await]
        {
            let answer = refused.json();
            assert_eq!(answer["error"], "invalid_grant", "{answer}");
            assert_eq!(answer["error_codes"][0], 50020, "{answer}");
        }
        let token = tokens["access_token"].as_str().unwrap();
        for path in ["/v1.0/me", "/oidc/userinfo"] {
            assert_eq!(with_token(&server, Method::GET, path, token).await.status, 401, "{path}");
        }
        browser.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
        let said = browser.parameter("error_description").unwrap_or_default();
        assert!(said.contains("AADSTS50020"), "{name}: {said}");
        browser.open(&authorize(CONTOSO, &[])).await;
        check_refused(&browser, provider);
        assert_eq!(state_of(&server, number).await, "Accepted", "the object stays as it is");
    }
}
