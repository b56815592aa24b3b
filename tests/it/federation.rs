//! `/v1.0/directory/federationConfigurations`: SAML and WS-Fed providers of other people's domains.

use axum::http::Method;
use guestpass::Server;
use serde_json::{Value, json};

use crate::support::*;

const BASE: &str = "/v1.0/directory/federationConfigurations";
const KIND: &str = "microsoft.graph.samlOrWsFedExternalDomainFederation";

/// The default world in which Contoso's daemon may configure providers.
async fn configurable() -> Server {
    server_of(&with_permissions(
        guestpass::config::world::DEFAULT,
        &["IdentityProvider.ReadWrite.All"],
    ))
    .await
}

fn certificate() -> String {
    use guestpass::protocol::certificate;
    let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048)
        .unwrap();
    let params = rcgen::CertificateParams::new(vec!["sts.partner.example".to_owned()]).unwrap();
    certificate::read(&params.self_signed(&key).unwrap().pem()).unwrap().to_base64()
}

/// Certificates with keys that verify nothing here, and what is said of them.
fn useless_certificates() -> [(String, &'static str); 2] {
    let short = include_str!("../../fixtures/security/rsa_1024.pem").to_owned();
    let elliptic = rcgen::generate_simple_self_signed(vec!["sts.partner.example".to_owned()]);
    let elliptic = elliptic.unwrap().cert.pem();
    [(short, "not 2048 to 8192 bits"), (elliptic, "not an RSA key")]
}

fn partner(certificate: &str) -> Value {
    json!({
        "@odata.type": "microsoft.graph.samlOrWsFedExternalDomainFederation",
        "displayName": "Partner",
        "issuerUri": "https://sts.partner.example/issuer",
        "metadataExchangeUri": null,
        "passiveSignInUri": "https://sts.partner.example/signin",
        "preferredAuthenticationProtocol": "wsFed",
        "domains": [{"@odata.type": "microsoft.graph.externalDomainName", "id": "partner.example"}],
        "signingCertificate": certificate,
    })
}

async fn list(server: &Server, token: &str, domain: &str) -> Vec<Value> {
    let filter = format!("domains/any(x: x/id eq '{domain}')").replace(' ', "%20");
    let path = format!("{BASE}/graph.samlOrWsFedExternalDomainFederation?$filter={filter}");
    let answer = with_token(server, Method::GET, &path, token).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["value"].as_array().unwrap().clone()
}

/// Where discovery sends somebody at Contoso.
async fn home_of(server: &Server, address: &str) -> Value {
    let path =
        format!("/_guestpass/explain?tenant=contoso.example&email={address}&entry=direct-link");
    get(server, &path).await.json()
}

#[tokio::test]
async fn a_provider_is_configured_found_by_domain_changed_and_removed() {
    let server = configurable().await;
    let token = daemon_token(&server).await;
    let before = home_of(&server, "ann@partner.example").await;
    assert_eq!(before["decided_by"], "one-time-passcode");
    let key = certificate();
    let created = post_json(&server, &format!("{BASE}/{KIND}"), &token, &partner(&key)).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let created = created.json();
    let id = created["id"].as_str().unwrap().to_owned();
    assert_eq!(created["displayName"], "Partner");
    assert_eq!(created["domains"], json!([{"id": "partner.example"}]));
    let found = list(&server, &token, "PARTNER.example").await;
    assert_eq!(found, std::slice::from_ref(&created));
    assert_eq!(list(&server, &token, "litware.example").await[0]["displayName"], "Litware");
    assert!(list(&server, &token, "nobody.example").await.is_empty());
    let home = home_of(&server, "ann@partner.example").await;
    assert_eq!(home["outcome"]["identity_provider"], "https://sts.partner.example/issuer");

    let one = format!("{BASE}/graph.samlOrWsFedExternalDomainFederation/{id}");
    let change = json!({"displayName": "Partner Inc.", "preferredAuthenticationProtocol": "saml",
        "metadataExchangeUri": "https://sts.partner.example/metadata", "passiveSignInUri": null});
    let changed = patch(&server, &one, &token, &change).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let changed = changed.json();
    assert_eq!(changed["displayName"], "Partner Inc.");
    assert_eq!(changed["passiveSignInUri"], Value::Null);
    assert_eq!(changed["signingCertificate"], key.as_str());
    let read = with_token(&server, Method::GET, &one, &token).await;
    assert_eq!(read.json(), changed);

    let whole = format!("{BASE}/{id}");
    assert_eq!(with_token(&server, Method::DELETE, &whole, &token).await.status, 204);
    assert_eq!(with_token(&server, Method::DELETE, &whole, &token).await.status, 404);
    assert_eq!(with_token(&server, Method::GET, &one, &token).await.status, 404);
    assert_eq!(home_of(&server, "ann@partner.example").await["decided_by"], "one-time-passcode");
}

#[tokio::test]
async fn domains_come_and_go() {
    let server = configurable().await;
    let token = daemon_token(&server).await;
    let created =
        post_json(&server, &format!("{BASE}/{KIND}"), &token, &partner(&certificate())).await;
    let id = created.json()["id"].as_str().unwrap().to_owned();
    let domains = format!("{BASE}/{id}/{KIND}/domains");
    let body =
        |name: &str| json!({"@odata.type": "microsoft.graph.externalDomainName", "id": name});
    let added = post_json(&server, &domains, &token, &body("Second.example")).await;
    assert_eq!(added.status, 201, "{}", added.body);
    assert_eq!(added.json()["id"], "second.example");
    for refused in ["second.example", "litware.example", "contoso.example", "no domain"] {
        let answer = post_json(&server, &domains, &token, &body(refused)).await;
        assert_eq!(answer.status, 400, "{refused}: {}", answer.body);
    }
    let listed = format!("{BASE}/{KIND}/{id}/domains");
    let listed = with_token(&server, Method::GET, &listed, &token).await.json();
    assert_eq!(listed["value"], json!([{"id": "partner.example"}, {"id": "second.example"}]));

    let whole = format!("{BASE}/{id}");
    let refused = with_token(&server, Method::DELETE, &whole, &token).await;
    assert_eq!(refused.status, 400, "two domains are left");
    let second = format!("{domains}/second.example");
    assert_eq!(with_token(&server, Method::DELETE, &second, &token).await.status, 204);
    assert_eq!(with_token(&server, Method::DELETE, &second, &token).await.status, 404);
    assert_eq!(home_of(&server, "bo@second.example").await["decided_by"], "one-time-passcode");
    assert_eq!(with_token(&server, Method::DELETE, &whole, &token).await.status, 204);
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let server = configurable().await;
    let token = daemon_token(&server).await;
    let all = with_token(&server, Method::GET, &format!("{BASE}/{KIND}"), &token).await.json();
    let cases: &[(&str, Value)] = &[
        ("issuerUri", Value::Null),
        ("issuerUri", json!("https://idp.litware.example/saml")),
        ("issuerUri", json!("ExternalAzureAD")),
        ("preferredAuthenticationProtocol", json!("oidc")),
        ("passiveSignInUri", json!("http://sts.partner.example/signin")),
        ("passiveSignInUri", json!("javascript:alert(1)")),
        ("passiveSignInUri", Value::Null),
        ("metadataExchangeUri", json!("ftp://sts.partner.example/metadata")),
        ("signingCertificate", json!("MIIDADCCAeigAwIBAgIQEX41y8r6")),
        ("signingCertificate", json!("-----BEGIN RSA PRIVATE KEY-----")),
        ("domains", json!([{"id": "contoso.example"}])),
        ("domains", json!([{"id": "adatum.example"}])),
        ("domains", json!([{"id": "127.0.0.1"}])),
        ("domains", json!(["partner.example"])),
        ("displayName", json!("")),
        ("displayName", json!("a\u{0}b")),
    ];
    let good = partner(&certificate());
    for (name, value) in cases {
        let mut body = good.clone();
        body[*name] = value.clone();
        let answer = post_json(&server, &format!("{BASE}/{KIND}"), &token, &body).await;
        assert_eq!(answer.status, 400, "{name} {value}: {}", answer.body);
        assert!(answer.json()["error"]["message"].is_string());
    }
    let after = with_token(&server, Method::GET, &format!("{BASE}/{KIND}"), &token).await.json();
    assert_eq!(after, all);
    let litware = list(&server, &token, "litware.example").await[0]["id"].clone();
    let one = format!("{BASE}/{}", litware.as_str().unwrap());
    let change = json!({"domains": [{"id": "other.example"}]});
    assert_eq!(patch(&server, &one, &token, &change).await.status, 400);
    let change = json!({"signingCertificate": "AAAA"});
    assert_eq!(patch(&server, &one, &token, &change).await.status, 400);
}

/// Nobody could ever sign in with them.
#[tokio::test]
async fn a_certificate_that_verifies_nothing_is_refused_when_it_is_configured() {
    let server = configurable().await;
    let token = daemon_token(&server).await;
    let good = partner(&certificate());
    let made = post_json(&server, &format!("{BASE}/{KIND}"), &token, &good).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let before = list(&server, &token, "partner.example").await;
    let one = format!("{BASE}/{}", before[0]["id"].as_str().unwrap());
    for (certificate, why) in useless_certificates() {
        let mut body = partner(&certificate);
        body["issuerUri"] = json!("https://sts.other.example/issuer");
        body["domains"] = json!([{"id": "other.example"}]);
        let change = json!({"signingCertificate": certificate});
        for answer in [
            post_json(&server, &format!("{BASE}/{KIND}"), &token, &body).await,
            patch(&server, &one, &token, &change).await,
        ] {
            assert_eq!(answer.status, 400, "{}", answer.body);
            let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
            assert!(message.contains("signingCertificate") && message.contains(why), "{message}");
        }
    }
    assert_eq!(list(&server, &token, "partner.example").await, before);
    assert!(list(&server, &token, "other.example").await.is_empty());
}

#[tokio::test]
async fn permission_and_tenant_are_the_callers() {
    let server = configurable().await;
    let token = daemon_token(&server).await;
    let litware = list(&server, &token, "litware.example").await[0]["id"].clone();
    let litware = format!("{BASE}/{}", litware.as_str().unwrap());
    // Tailspin's daemon may invite, and no more.
    let other = daemon_token_of(
        &server,
        TAILSPIN,
        "7a115000-0000-4000-8000-0000000000a5",
        "tailspin-daemon-secret",
    )
    .await;
    for (method, path) in [
        (Method::GET, format!("{BASE}/{KIND}")),
        (Method::GET, litware.clone()),
        (Method::DELETE, litware.clone()),
    ] {
        let answer = with_token(&server, method, &path, &other).await;
        assert_eq!(answer.status, 403, "{path}");
    }
    let body = partner(&certificate());
    let answer = post_json(&server, &format!("{BASE}/{KIND}"), &other, &body).await;
    assert_eq!(answer.status, 403);
    assert_eq!(with_token(&server, Method::GET, &litware, "").await.status, 401);
    assert_eq!(
        with_token(&server, Method::GET, &format!("{BASE}/{KIND}"), &token).await.status,
        200
    );
}

/// Direct federation, "How do I remove federation?": guests who have redeemed can no longer sign in.
#[tokio::test]
async fn taking_a_domain_away_locks_its_redeemed_guests_out() {
    let line = "[[tenant.guest]]\nid = \"c0a70500-0000-4000-8000-000000000104\"";
    let redeemed = "[[tenant.guest]]\nid = \"c0a70500-0000-4000-8000-000000000199\"\n\
         invited_user_email_address = \"eve@litware.example\"\nexternal_user_state = \"Accepted\"\n\
         identities = [{ issuer = \"https://idp.litware.example/saml\", issuer_assigned_id = \"e\" }]\n\n";
    let world = guestpass::config::world::DEFAULT;
    assert!(world.contains(line));
    let world = world.replacen(line, &format!("{redeemed}{line}"), 1);
    let world = with_permissions(&world, &["IdentityProvider.ReadWrite.All"]);
    let server = server_of(&world).await;
    let token = daemon_token(&server).await;
    let home = home_of(&server, "eve@litware.example").await;
    assert_eq!(home["outcome"]["identity_provider"], "https://idp.litware.example/saml");
    let litware = list(&server, &token, "litware.example").await[0]["id"].clone();
    let domain = format!("{BASE}/{}/domains/litware.example", litware.as_str().unwrap());
    assert_eq!(with_token(&server, Method::DELETE, &domain, &token).await.status, 204);
    let home = home_of(&server, "eve@litware.example").await;
    assert_eq!(
        (&home["decided_by"], &home["outcome"]["aadsts"]),
        (&json!("already-redeemed"), &json!(50020))
    );
    // Who has not redeemed yet does so in another way.
    assert_eq!(home_of(&server, "erin@litware.example").await["decided_by"], "one-time-passcode");
}
