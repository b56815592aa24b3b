//! An application, as far as it takes to judge what comes.

use guestpass::browser::Browser;
use guestpass::federation::metadata::{Metadata, read};
use guestpass::federation::saml::binding::{self, Direction};
use guestpass::federation::saml::response;
use guestpass::federation::{Claim, Expected, Realm, VerifiedToken};
use guestpass::jose::KeySet;
use guestpass::server::Server;

use crate::support::*;

pub(super) const EXPENSES: &str = "https://sp.example/metadata";
pub(super) const ACS: &str = "https://sp.example/acs";
pub(super) const REQUEST: &str = "id6c1c178c166d486687be4aaf5e482730";
pub(super) const STATE: &str = "/reports?a=1&b=\"<2>\"";
pub(super) const ALICE: &str = "alice@contoso.example";
pub(super) const OLIVIA: &str = "olivia@fabrikam.example";

/// The default world, in which Contoso has applications with SAML and WS-Fed sign-on.
pub(super) fn world() -> String {
    with_applications(guestpass::config::world::DEFAULT)
}

/// Another world with the same applications.
pub(super) fn with_applications(world: &str) -> String {
    let applications = include_str!("../../../fixtures/sign_on/applications.toml");
    let path = "../../keys/INSECURE-google.pem";
    let keys = KeySet::development().unwrap();
    let applications = applications.replacen(path, keys.google.certificate(), 1);
    let marker = "# --- Tailspin";
    assert!(world.contains(marker));
    world.replacen(marker, &format!("{applications}\n{marker}"), 1)
}

pub(super) async fn sign_on_server() -> Server {
    server_of(&world()).await
}

/// An `AuthnRequest`, with more attributes and more elements.
pub(super) fn asking(issuer: &str, attributes: &str, elements: &str) -> String {
    format!(
        "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
         ID=\"{REQUEST}\" Version=\"2.0\" IssueInstant=\"2013-03-18T03:28:54.1839884Z\" \
         {attributes}><Issuer xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\">{issuer}</Issuer>\
         {elements}</samlp:AuthnRequest>"
    )
}

pub(super) fn policy(format: &str) -> String {
    format!("<samlp:NameIDPolicy Format=\"urn:oasis:names:tc:SAML:{format}\"/>")
}

/// The path that brings a request by the redirect binding.
pub(super) fn to_saml(tenant: &str, xml: &str) -> String {
    binding::redirect(&format!("/{tenant}/saml2"), Direction::Request, xml, Some(STATE), None)
}

/// What was posted to an application.
#[derive(Debug)]
pub(super) struct Posted {
    pub(super) to: String,
    fields: Vec<(String, String)>,
}

impl Posted {
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The SAML response.
    pub(super) fn xml(&self) -> String {
        response::decode(self.field("SAMLResponse").expect("a response")).unwrap()
    }
}

/// The form that leaves for an application, if the page is one.
pub(super) fn posted(browser: &Browser<'_>) -> Option<Posted> {
    if browser.heading() != "Going back to the application" {
        return None;
    }
    let form = browser.forms().into_iter().next().expect("a form");
    Some(Posted { to: form.action, fields: form.hidden })
}

/// Opens an address, and agrees to everything that comes as somebody.
pub(super) async fn signs_in(server: &Server, path: &str, name: &str) -> Posted {
    let mut browser = server.browser();
    browser.open(path).await;
    agree_to_all(server, &mut browser, name).await;
    posted(&browser).unwrap_or_else(|| panic!("{}", browser.text()))
}

/// The metadata of a tenant, as an application reads it.
pub(super) async fn metadata_of(server: &Server, tenant: &str) -> Metadata {
    let path = format!("/{tenant}/federationmetadata/2007-06/federationmetadata.xml");
    let answer = get(server, &path).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    read(&answer.body, None, None, server.broker().clock().now()).unwrap()
}

/// Contoso, as its metadata describe it.
pub(super) async fn contoso(server: &Server) -> Realm {
    let metadata = metadata_of(server, CONTOSO).await;
    Realm {
        issuer: metadata.entity_id,
        certificates: metadata.provider.unwrap().certificates,
        domains: Vec::new(),
        accept_sha1: false,
        want_assertions_signed: true,
    }
}

/// What an application makes of a response to its request.
pub(super) async fn judged(server: &Server, posted: &Posted, audience: &str) -> VerifiedToken {
    judged_as(server, posted, audience, Some(REQUEST)).await
}

/// The same of one that it did not ask for.
pub(super) async fn judged_unasked(
    server: &Server,
    posted: &Posted,
    audience: &str,
) -> VerifiedToken {
    judged_as(server, posted, audience, None).await
}

async fn judged_as(
    server: &Server,
    posted: &Posted,
    audience: &str,
    request: Option<&str>,
) -> VerifiedToken {
    let realm = contoso(server).await;
    let audiences = [audience.to_owned()];
    let expected = Expected {
        realm: &realm,
        audiences: &audiences,
        address: &posted.to,
        request,
        now: server.broker().clock().now(),
    };
    let xml = posted.xml();
    response::verify(&xml, &expected).unwrap_or_else(|refusal| panic!("{refusal}: {xml}"))
}

/// The values of a claim, by the end of its name.
pub(super) fn values<'t>(claims: &'t [Claim], name: &str) -> Vec<&'t str> {
    let found = claims.iter().filter(|claim| claim.name.ends_with(&format!("/{name}")));
    found.flat_map(|claim| claim.values.iter().map(String::as_str)).collect()
}

/// The number on an error page.
pub(super) async fn refused(server: &Server, path: &str, number: u32) -> Answer {
    let answer = get(server, path).await;
    assert_eq!(answer.status, 400, "{path}: {}", answer.body);
    let code = format!("AADSTS{number}:");
    let shown = format!("AADSTS{number}<");
    assert!(answer.body.contains(&code) || answer.body.contains(&shown), "{code} {}", answer.body);
    assert!(!answer.body.contains("name=\"SAMLResponse\""), "{}", answer.body);
    answer
}
