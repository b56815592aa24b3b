//! Providers that are configured by the address of their metadata.

use std::sync::Arc;

use axum::http::Method;
use guestpass::Server;
use guestpass::federation::metadata::{Entity, Provider};
use guestpass::jose::SigningKey;
use serde_json::{Value, json};

use super::partner::{
    ADATUM, ERIN, HEIDI, LITWARE, answer, ask, issued, keys, post, refused, token, world_with,
};
use crate::issuer::Issuer;
use crate::support::*;

const SIGN_ON: &str = "https://idp.litware.example/sso?tenant=1";

fn entity(issuer: &str, keys: &[&Arc<SigningKey>]) -> String {
    let certificates = keys.iter().map(|key| key.certificate().to_owned()).collect();
    let saml = issuer == LITWARE;
    let passive = (!saml).then(|| "https://sts.adatum.example/adfs/ls/".to_owned());
    let sign_on = saml.then(|| SIGN_ON.to_owned());
    let provider = Provider { certificates, sign_on, logout: None, passive };
    let entity = Entity {
        id: "_metadata".to_owned(),
        entity_id: issuer.to_owned(),
        provider: Some(provider),
        consumer: None,
    };
    entity.to_xml(None).unwrap()
}

/// Servers of metadata for Litware and Adatum, and a world that knows nothing else of them.
async fn published() -> (Server, Issuer, Issuer) {
    let (saml, ws_fed) = (Issuer::start(&"".into()).await, Issuer::start(&"".into()).await);
    saml.publish_text(entity(LITWARE, &[&keys().litware]));
    ws_fed.publish_text(entity(ADATUM, &[&keys().adatum]));
    let at = |issuer: &Issuer| format!("metadata_url = \"{}/keys\"", issuer.url);
    let server = server_of(&world_with(&at(&saml), &at(&ws_fed))).await;
    (server, saml, ws_fed)
}

async fn signs_in(server: &Server, key: &SigningKey) -> bool {
    let (mut browser, asked) = ask(server, ERIN).await;
    post(&mut browser, &answer(server, &asked).signed_by(key), &asked.state).await;
    if browser.status() != 200 {
        refused(&browser, 5_000_811, "signingCertificate");
    }
    browser.status() == 200
}

#[tokio::test]
async fn metadata_says_where_and_by_whom_it_is_signed() {
    let (server, saml, _ws_fed) = published().await;
    assert!(signs_in(&server, &keys().litware).await);
    assert!(signs_in(&server, &keys().litware).await);
    assert_eq!(saml.asked(), 1, "it is kept");
    let (mut browser, asked) = ask(&server, HEIDI).await;
    post(&mut browser, &issued(&token(&server, &asked), &keys().adatum), &asked.state).await;
    assert_eq!(browser.heading(), "Review permissions", "{}", browser.text());
}

#[tokio::test]
async fn a_certificate_that_is_rolled_over_is_found_and_the_old_one_is_good_as_long_as_it_is_told()
{
    let (server, saml, _ws_fed) = published().await;
    let (old, new) = (keys().litware, keys().work);
    assert!(signs_in(&server, &old).await);
    saml.publish_text(entity(LITWARE, &[&new, &old]));
    server.broker().clock().advance("PT2M".parse().unwrap()).unwrap();
    assert!(signs_in(&server, &new).await, "read anew");
    assert!(signs_in(&server, &old).await);
    assert_eq!(saml.asked(), 2);
    saml.publish_text(entity(LITWARE, &[&new]));
    assert!(signs_in(&server, &old).await, "not read anew where nothing is unknown");
    server.broker().clock().advance("PT24H".parse().unwrap()).unwrap();
    assert!(!signs_in(&server, &old).await, "read once a day");
    assert!(signs_in(&server, &new).await);
}

#[tokio::test]
async fn strangers_do_not_make_it_read_metadata_more_than_once_a_minute() {
    let (server, saml, _ws_fed) = published().await;
    for _ in 0..5 {
        assert!(!signs_in(&server, &keys().consumer).await);
    }
    assert_eq!(saml.asked(), 1, "it was read just now");
    server.broker().clock().advance("PT61S".parse().unwrap()).unwrap();
    for _ in 0..5 {
        assert!(!signs_in(&server, &keys().consumer).await);
    }
    assert_eq!(saml.asked(), 2);
}

#[tokio::test]
async fn metadata_that_cannot_be_used_is_a_page_and_nothing_else_suffers() {
    let (server, saml, _ws_fed) = published().await;
    let encryption = entity(LITWARE, &[&keys().litware]).replace("\"signing\"", "\"encryption\"");
    let huge = format!("<!--{}-->", "x".repeat(2 * 1024 * 1024));
    for (text, status, number) in [
        (String::new(), 200, 40008),
        ("<html></html>".to_owned(), 200, 40008),
        (entity(ADATUM, &[&keys().adatum]), 200, 40008),
        (entity("https://evil.example/", &[&keys().litware]), 200, 40008),
        (encryption, 200, 40008),
        (entity(LITWARE, &[&keys().litware]).replace("https://idp", "javascript:x"), 200, 40008),
        (format!("<!DOCTYPE x>{}", entity(LITWARE, &[&keys().litware])), 200, 40008),
        (huge, 200, 40010),
        (entity(LITWARE, &[&keys().litware]), 500, 40008),
        (entity(LITWARE, &[&keys().litware]), 302, 40008),
    ] {
        saml.publish_text(text.clone());
        saml.answer_with(status);
        server.broker().clock().advance("PT11S".parse().unwrap()).unwrap();
        let mut browser = server.browser();
        browser.open(&authorize(CONTOSO, &[])).await;
        type_name(&mut browser, ERIN).await;
        let page = browser.text();
        let shown: String = text.chars().take(80).collect();
        assert!(page.contains(&format!("AADSTS{number}")), "{shown} {status}: {page}");
        assert!(page.contains("Try again"), "{page}");
        let (mut heidi, asked) = ask(&server, HEIDI).await;
        post(&mut heidi, &issued(&token(&server, &asked), &keys().adatum), &asked.state).await;
        assert_eq!(heidi.status(), 200, "{}", heidi.text());
    }
    drop(saml);
    server.broker().clock().advance("PT11S".parse().unwrap()).unwrap();
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    type_name(&mut browser, ERIN).await;
    refused(&browser, 40010, "Try again");
}

/// Whoever types an address makes the server read; a provider in trouble is left alone meanwhile.
#[tokio::test]
async fn metadata_that_cannot_be_read_is_asked_for_once_in_ten_seconds() {
    let (server, saml, _ws_fed) = published().await;
    saml.answer_with(500);
    let fails = async || {
        let mut browser = server.browser();
        browser.open(&authorize(CONTOSO, &[])).await;
        type_name(&mut browser, ERIN).await;
        refused(&browser, 40008, "500");
    };
    for _ in 0..5 {
        fails().await;
    }
    assert_eq!(saml.asked(), 1);
    server.broker().clock().advance("PT11S".parse().unwrap()).unwrap();
    fails().await;
    assert_eq!(saml.asked(), 2);
}

/// With address and certificate configured, metadata is only good for finding another certificate.
#[tokio::test]
async fn metadata_is_not_missed_where_everything_is_configured() {
    let saml = Issuer::start(&"".into()).await;
    saml.answer_with(500);
    let configured = format!(
        "passive_sign_in_uri = \"{SIGN_ON}\"\nsigning_certificate = \"{}\"\nmetadata_url = \"{}/keys\"",
        keys().litware.certificate(),
        saml.url
    );
    let server = server_of(&world_with(&configured, "builtin = \"adatum\"")).await;
    assert!(signs_in(&server, &keys().litware).await);
    assert_eq!(saml.asked(), 0);
    for _ in 0..5 {
        assert!(
            !signs_in(&server, &keys().consumer).await,
            "a wrong signature, not a dead provider"
        );
    }
    assert_eq!(saml.asked(), 1);
    saml.answer_with(200);
    saml.publish_text(entity(LITWARE, &[&keys().work]));
    server.broker().clock().advance("PT61S".parse().unwrap()).unwrap();
    assert!(signs_in(&server, &keys().work).await, "the next certificate");
    assert!(signs_in(&server, &keys().litware).await, "the configured one");
}

/// Off loopback, who may configure federations may be a stranger to the network that the server
/// stands in. The world file's author is none.
#[tokio::test]
async fn off_loopback_metadata_that_graph_names_is_not_read_from_a_private_address() {
    let (saml, ws_fed) = (Issuer::start(&"".into()).await, Issuer::start(&"".into()).await);
    let other = Issuer::start(&"".into()).await;
    for told in [&saml, &other] {
        told.publish_text(entity(LITWARE, &[&keys().litware]));
    }
    ws_fed.publish_text(entity(ADATUM, &[&keys().adatum]));
    let at = |issuer: &Issuer| format!("metadata_url = \"{}/keys\"", issuer.url);
    let world = world_with(&at(&saml), &at(&ws_fed));
    let world = with_permissions(&world, &["IdentityProvider.ReadWrite.All"]);
    for (address, reads) in [("127.0.0.1:0", true), ("0.0.0.0:0", false)] {
        let server = guestpass::Server::builder().world(world.clone());
        let server = server.http(address.parse().unwrap()).start().await.unwrap();
        ask(&server, ERIN).await;
        ask(&server, HEIDI).await;
        let change = json!({ "metadataExchangeUri": format!("{}/keys", other.url) });
        let before = other.asked();
        change_federation(&server, LITWARE, &change).await;
        let mut browser = server.browser();
        browser.open(&authorize(CONTOSO, &[("login_hint", ERIN)])).await;
        assert_eq!(other.asked() - before, usize::from(reads), "{address}: {}", browser.text());
        if !reads {
            refused(&browser, 40010, "an address that may not be called");
        }
    }
}

/// Changes the federation of an issuer through Graph.
async fn change_federation(server: &Server, issuer: &str, change: &Value) {
    const KIND: &str = "/v1.0/directory/federationConfigurations/\
                        graph.samlOrWsFedExternalDomainFederation";
    let token = daemon_token(server).await;
    let all = with_token(server, Method::GET, KIND, &token).await.json();
    let all = all["value"].as_array().unwrap();
    let found = all.iter().find(|federation| federation["issuerUri"] == issuer).unwrap();
    let path = format!("{KIND}/{}", found["id"].as_str().unwrap());
    let bearer = format!("Bearer {token}");
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    let answer = send(server, Method::PATCH, &path, &headers, change.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}
