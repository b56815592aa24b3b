//! `wresult`: a `RequestSecurityTokenResponse` with one signed assertion in it.
//!
//! Of the response nothing is believed but that it carries the assertion; what it says beside it
//! is not signed.

use jiff::Timestamp;

use crate::federation::instant;
use crate::federation::refusal::Refusal;
use crate::federation::saml::answer::later;
use crate::federation::saml::assertion::{self, Assertion};
use crate::federation::saml::{ASSERTION, answer};
use crate::federation::verified::{Expected, Protocol, VerifiedToken};
use crate::federation::xml::{Document, Element, Kind, Markup, XmlFault};
use crate::federation::xmldsig;
use crate::jose::SigningKey;

use super::token::{Issued, Token};
use super::{ASSERTION_11, TRUST, TRUST_13};

const UTILITY: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const POLICY: &str = "http://schemas.xmlsoap.org/ws/2004/09/policy";
const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
const NO_PROOF_KEY: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey";

/// Verifies `wresult`.
///
/// # Errors
/// In the order in which Entra looks: syntax, realm, key, signature, content.
pub fn verify(text: &str, expected: &Expected<'_>) -> Result<VerifiedToken, Refusal> {
    let unreadable = Refusal::unreadable(Protocol::WsFed);
    let document = Document::parse(text, Kind::Message).map_err(&unreadable)?;
    let element = carried(document.root()).map_err(&unreadable)?;
    if element.is(ASSERTION, "Assertion") {
        return verify_saml2(element, expected);
    }
    let invalid = Refusal::invalid(Protocol::WsFed);
    let token = Token::read(element).map_err(&unreadable)?;
    check_issuer(&token.issuer, expected)?;
    let octets = digested(element, "AssertionID", token.signature, expected)?;
    let document = Document::parse(&octets, Kind::Message).map_err(&unreadable)?;
    let token = Token::read(document.root()).map_err(&invalid)?;
    check_issuer(&token.issuer, expected)?;
    token.verify(expected).map_err(&invalid)
}

fn verify_saml2(element: Element<'_>, expected: &Expected<'_>) -> Result<VerifiedToken, Refusal> {
    let unreadable = Refusal::unreadable(Protocol::WsFed);
    let invalid = Refusal::invalid(Protocol::WsFed);
    let token = Assertion::read(element).map_err(&unreadable)?;
    check_issuer(&token.issuer, expected)?;
    let octets = digested(element, "ID", token.signature, expected)?;
    let document = Document::parse(&octets, Kind::Message).map_err(&unreadable)?;
    let token = Assertion::read(document.root()).map_err(&invalid)?;
    check_issuer(&token.issuer, expected)?;
    assertion::verify(&token, expected, Protocol::WsFed).map_err(&invalid)
}

fn digested(
    element: Element<'_>,
    id: &str,
    signature: Option<Element<'_>>,
    expected: &Expected<'_>,
) -> Result<String, Refusal> {
    let unsigned = || Refusal::Invalid(Protocol::WsFed, "the assertion is not signed".to_owned());
    let signature = signature.ok_or_else(unsigned)?;
    xmldsig::verify(element, id, signature, expected.realm.trust())
        .map_err(Refusal::signature(Protocol::WsFed))
}

fn check_issuer(issuer: &str, expected: &Expected<'_>) -> Result<(), Refusal> {
    match issuer == expected.realm.issuer {
        true => Ok(()),
        false => Err(Refusal::Realm(issuer.to_owned())),
    }
}

/// The one assertion that a response carries.
fn carried(root: Element<'_>) -> Result<Element<'_>, XmlFault> {
    let name = "RequestSecurityTokenResponse";
    let collection = root.is(TRUST_13, "RequestSecurityTokenResponseCollection");
    let (response, trust) = if collection {
        let mut parts = root.sequence()?;
        let response = parts.required(TRUST_13, name)?;
        parts.end()?;
        (response, TRUST_13)
    } else {
        let trust = [TRUST, TRUST_13].into_iter().find(|trust| root.is(trust, name));
        (root, trust.ok_or_else(|| XmlFault(format!("{} is not a {name}", root.name())))?)
    };
    response.sequence()?;
    let requested = response.child(trust, "RequestedSecurityToken")?;
    let requested = requested.ok_or_else(|| XmlFault::new("it carries no token"))?;
    let is_assertion =
        |e: &Element<'_>| e.is(ASSERTION, "Assertion") || e.is(ASSERTION_11, "Assertion");
    let mut tokens = requested.sequence()?;
    let Some(token) = tokens.peek().filter(is_assertion) else {
        return Err(XmlFault::new("its token is not an assertion in clear text"));
    };
    tokens.several(ASSERTION, "Assertion");
    tokens.several(ASSERTION_11, "Assertion");
    tokens.end()?;
    if root.all().filter(is_assertion).count() != 1 {
        return Err(XmlFault::new("it carries several assertions"));
    }
    Ok(token)
}

/// A response with a SAML 1.1 token in it, as AD FS makes it.
///
/// # Errors
/// Only if a value cannot stand in a document that we would read.
pub fn issue(token: &Issued, key: &SigningKey) -> Result<String, XmlFault> {
    let assertion = token.markup();
    let last = assertion.len();
    let signed = xmldsig::sign(assertion, &token.id, last, key)?;
    let until = later(token.now, token.lifetime);
    Ok(response(&token.audience, token.now, until, ASSERTION_11, signed).to_string())
}

/// A response with a SAML 2.0 token in it.
pub fn issue_saml2(
    envelope: &answer::Envelope,
    sign_in: &answer::SignIn,
    key: &SigningKey,
) -> Result<String, XmlFault> {
    let signed = xmldsig::sign(answer::assertion(envelope, sign_in), &sign_in.id, 1, key)?;
    let until = later(envelope.now, sign_in.lifetime);
    Ok(response(&sign_in.audience, envelope.now, until, ASSERTION, signed).to_string())
}

fn response(
    audience: &str,
    now: Timestamp,
    until: Timestamp,
    token_type: &str,
    token: Markup,
) -> Markup {
    let lifetime = Markup::new("t:Lifetime")
        .attribute("xmlns:wsu", UTILITY)
        .child(Markup::with_text("wsu:Created", instant::write(now)))
        .child(Markup::with_text("wsu:Expires", instant::write(until)));
    let reference = Markup::new("wsa:EndpointReference")
        .attribute("xmlns:wsa", ADDRESSING)
        .child(Markup::with_text("wsa:Address", audience));
    Markup::new("t:RequestSecurityTokenResponse")
        .attribute("xmlns:t", TRUST)
        .child(lifetime)
        .child(Markup::new("wsp:AppliesTo").attribute("xmlns:wsp", POLICY).child(reference))
        .child(Markup::new("t:RequestedSecurityToken").child(token))
        .child(Markup::with_text("t:TokenType", token_type))
        .child(Markup::with_text("t:RequestType", format!("{TRUST}/Issue")))
        .child(Markup::with_text("t:KeyType", NO_PROOF_KEY))
}
