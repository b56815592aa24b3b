//! Requests that are not answered: shown on a page with a number, and sent nowhere.

use axum::http::Method;
use guestpass::federation::saml::binding;

use super::help::*;
use crate::support::*;

#[tokio::test]
async fn an_unregistered_address_gets_nothing() {
    let server = sign_on_server().await;
    for attribute in [
        "AssertionConsumerServiceURL=\"https://evil.example/acs\"",
        "AssertionConsumerServiceURL=\"https://sp.example/acs/\"",
        "AssertionConsumerServiceURL=\"https://sp.example/acs?x=1\"",
        "AssertionConsumerServiceURL=\"https://sp.example:444/acs\"",
        "AssertionConsumerServiceURL=\"http://sp.example/acs\"",
        "AssertionConsumerServiceURL=\"\"",
        "AssertionConsumerServiceIndex=\"2\"",
    ] {
        let path = to_saml(CONTOSO, &asking(EXPENSES, attribute, ""));
        let answer = refused(&server, &path, 50011).await;
        assert!(!answer.body.contains("action=\"https://evil.example"), "{}", answer.body);
    }
    let both = "AssertionConsumerServiceURL=\"https://sp.example/acs\" \
                AssertionConsumerServiceIndex=\"0\"";
    refused(&server, &to_saml(CONTOSO, &asking(EXPENSES, both, "")), 75005).await;
}

#[tokio::test]
async fn an_application_that_is_not_known_there_gets_nothing() {
    let server = sign_on_server().await;
    for issuer in [
        "https://nobody.example",
        "https://sp.example/metadata/",
        "HTTPS://sp.example/metadata",
        "c0a70500-0000-4000-8000-0000000000ff",
        "spn:",
        "",
    ] {
        let path = to_saml(CONTOSO, &asking(issuer, "", ""));
        let number = if issuer.is_empty() { 75005 } else { 700016 };
        refused(&server, &path, number).await;
    }
    // Another tenant's application, and a tenant that is not there.
    refused(&server, &to_saml(FABRIKAM, &asking(EXPENSES, "", "")), 700016).await;
    refused(&server, &to_saml("nowhere.example", &asking(EXPENSES, "", "")), 90002).await;
    // One without a page to post to.
    refused(&server, &to_saml(CONTOSO, &asking("https://spa.example", "", "")), 650056).await;
    refused(&server, &to_saml(CONTOSO, &asking("api://contoso-api", "", "")), 500113).await;
}

#[tokio::test]
async fn what_is_no_saml_message_is_said_to_be_none() {
    let server = sign_on_server().await;
    let xml = asking(EXPENSES, "", "");
    let saml = |message: &str| to_saml(CONTOSO, message);
    refused(&server, &format!("/{CONTOSO}/saml2"), 750054).await;
    refused(&server, &format!("/{CONTOSO}/saml2?RelayState=x"), 750054).await;
    refused(&server, &format!("/{CONTOSO}/saml2?SAMLRequest=%21"), 75001).await;
    refused(&server, &format!("/{CONTOSO}/saml2?SAMLRequest=AAAA"), 75001).await;
    let twice = saml(&xml);
    let (_, query) = twice.split_once('?').unwrap();
    refused(&server, &format!("{twice}&{query}"), 75001).await;
    refused(&server, &format!("{twice}&SAMLResponse=x"), 75001).await;
    refused(&server, &format!("{twice}&login_hint=a&login_hint=b"), 9002313).await;
    for (broken, number) in [
        (format!("<!DOCTYPE a [<!ENTITY e \"x\">]>{xml}"), 7500525),
        (xml.replace("</samlp:AuthnRequest>", ""), 7500525),
        (format!("{xml}{xml}"), 7500525),
        (asking(EXPENSES, "", &"<samlp:Extensions/>".repeat(5_000)), 7500525),
        (asking(EXPENSES, "", &"<a>".repeat(40)), 7500525),
        ("<a/>".to_owned(), 75005),
        (xml.replace("Version=\"2.0\"", "Version=\"1.1\""), 75005),
        (xml.replace(&format!("ID=\"{REQUEST}\""), ""), 75005),
        (xml.replace(REQUEST, "1abc"), 75005),
        (xml.replace(REQUEST, &"a".repeat(300)), 75005),
        (
            asking(EXPENSES, "", &format!("<samlp:NameIDPolicy Format=\"{}\"/>", "a".repeat(1025))),
            75005,
        ),
        (xml.replace("Issuer", "Owner"), 75005),
        (xml.replace("AuthnRequest", "ArtifactResolve"), 75005),
        (asking(EXPENSES, "ForceAuthn=\"yes\"", ""), 75005),
        (asking(EXPENSES, "Destination=\"https://other.example/saml2\"", ""), 75008),
        (asking(EXPENSES, "ProtocolBinding=\"urn:x\"", ""), 75003),
    ] {
        refused(&server, &saml(&broken), number).await;
    }
    let own = format!("Destination=\"{}/{CONTOSO}/saml2\"", server.origin());
    assert_eq!(get(&server, &saml(&asking(EXPENSES, &own, ""))).await.status, 200);
}

#[tokio::test]
async fn a_form_is_read_to_its_limit_and_no_further() {
    let server = sign_on_server().await;
    let path = format!("/{CONTOSO}/saml2");
    let large = asking(EXPENSES, "", &format!("<!--{}-->", "x".repeat(300_000)));
    let answer = post_form(&server, &path, &[("SAMLRequest", &binding::to_form(&large))]).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(answer.body.contains("AADSTS75001"), "{}", answer.body);
    let answer = post_form(&server, &path, &[("SAMLRequest", &"A".repeat(600_000))]).await;
    assert_eq!(answer.status, 413, "{}", answer.body);
    let kind = ("content-type", "text/xml");
    let answer = send(&server, Method::POST, &path, &[kind], asking(EXPENSES, "", "")).await;
    assert_eq!(answer.status, 415, "{}", answer.body);
    // A prefetch starts nothing.
    let ahead = [("sec-purpose", "prefetch")];
    let path = to_saml(CONTOSO, &asking(EXPENSES, "", ""));
    let answer = send(&server, Method::GET, &path, &ahead, "").await;
    assert_eq!(answer.status, 405, "{}", answer.body);
    assert!(answer.body.contains("Received a speculative GET request"), "{}", answer.body);
    assert!(answer.body.contains("is not served"), "{}", answer.body);
    let answer = send(&server, Method::HEAD, &path, &[], "").await;
    assert_eq!(answer.status, 405);
}
