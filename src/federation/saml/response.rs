//! A `Response`, from the form field to a verified token (SAML Profiles §4.1.4).
//!
//! What is not signed may only make it fail: destination, status and the answered request of an
//! unsigned `Response` are compared, and believed as far as the signed assertion says the same.

use crate::federation::encoding::{from_base64, text};
use crate::federation::refusal::Refusal;
use crate::federation::verified::{Expected, Protocol, VerifiedToken};
use crate::federation::window;
use crate::federation::xml::{Document, Element, Kind, XmlFault};
use crate::federation::xmldsig;

use super::assertion::{self, Assertion};
use super::{ASSERTION, PROTOCOL, SUCCESS};

/// Decodes the form field `SAMLResponse`.
///
/// # Errors
/// 7500525 if it is too long, not base64 or not UTF-8.
pub fn decode(field: &str) -> Result<String, Refusal> {
    let decoded = from_base64(field).and_then(text);
    decoded.map_err(Refusal::unreadable(Protocol::Saml))
}

/// Verifies a response.
///
/// # Errors
/// In the order in which Entra looks: syntax, realm, status, key, signature, content.
pub fn verify(text: &str, expected: &Expected<'_>) -> Result<VerifiedToken, Refusal> {
    let unreadable = Refusal::unreadable(Protocol::Saml);
    let invalid = Refusal::invalid(Protocol::Saml);
    let document = Document::parse(text, Kind::Message).map_err(&unreadable)?;
    let response = Response::read(document.root())?;
    response.check_realm(expected)?;
    response.check_status(expected)?;
    let assertion = response.assertion()?;
    check_issuer(&assertion.issuer, expected)?;

    let trust = expected.realm.trust();
    let octets = |element: Element<'_>, signature: Option<Element<'_>>| {
        let signature = signature.map(|signature| xmldsig::verify(element, "ID", signature, trust));
        signature.transpose().map_err(Refusal::signature(Protocol::Saml))
    };
    let whole = octets(response.element, response.signature)?;
    let part = octets(assertion.element, assertion.signature)?;
    match (&whole, &part) {
        (None, None) => {
            return Err(invalid(XmlFault::new("neither the response nor its assertion is signed")));
        }
        (Some(_), None) if expected.realm.want_assertions_signed => {
            return Err(invalid(XmlFault::new("the assertion is not signed")));
        }
        _ => {}
    }

    // From here on only what was digested is read, and the unsigned envelope, to be compared.
    let whole = whole.as_deref().map(|text| Document::parse(text, Kind::Message));
    let whole = whole.transpose().map_err(&unreadable)?;
    let part = part.as_deref().map(|text| Document::parse(text, Kind::Message));
    let part = part.transpose().map_err(&unreadable)?;
    let response = match &whole {
        Some(signed) => Response::read(signed.root())?,
        None => response,
    };
    response.check_realm(expected)?;
    response.check_status(expected)?;
    response.check(expected, whole.is_some()).map_err(&invalid)?;
    let assertion = match &part {
        Some(signed) => Assertion::read(signed.root()).map_err(&invalid)?,
        None => response.assertion()?,
    };
    check_issuer(&assertion.issuer, expected)?;
    assertion::verify(&assertion, expected, Protocol::Saml).map_err(&invalid)
}

fn check_issuer(issuer: &str, expected: &Expected<'_>) -> Result<(), Refusal> {
    match issuer == expected.realm.issuer {
        true => Ok(()),
        false => Err(Refusal::Realm(issuer.to_owned())),
    }
}

/// The parts of a `Response`, in the order of its schema.
struct Response<'d> {
    element: Element<'d>,
    issuer: Option<String>,
    signature: Option<Element<'d>>,
    status: Element<'d>,
    assertion: Option<Assertion<'d>>,
}

impl<'d> Response<'d> {
    fn read(element: Element<'d>) -> Result<Self, Refusal> {
        if !element.is(PROTOCOL, "Response") {
            return Err(Refusal::NotAResponse(element.name().to_owned()));
        }
        Self::parts(element).map_err(Refusal::invalid(Protocol::Saml))
    }

    fn parts(element: Element<'d>) -> Result<Self, XmlFault> {
        let mut parts = element.sequence()?;
        let issuer = parts.optional(ASSERTION, "Issuer").map(Element::value).transpose()?;
        let signature = parts.optional(xmldsig::NAMESPACE, "Signature");
        parts.optional(PROTOCOL, "Extensions").map(check_extensions).transpose()?;
        let status = parts.required(PROTOCOL, "Status")?;
        if element.elements().any(|child| child.is(ASSERTION, "EncryptedAssertion")) {
            let why = "an encrypted assertion cannot be read; the provider must not encrypt";
            return Err(XmlFault::new(why));
        }
        // Wherever another one stands, nobody who reads this may find it.
        if element.all().filter(|inner| inner.is(ASSERTION, "Assertion")).count() > 1 {
            return Err(XmlFault::new("the response has several assertions"));
        }
        let assertion = parts.optional(ASSERTION, "Assertion").map(Assertion::read).transpose()?;
        parts.end()?;
        Ok(Self { element, issuer, signature, status, assertion })
    }

    fn assertion(&self) -> Result<Assertion<'d>, Refusal> {
        let fault = || Refusal::Invalid(Protocol::Saml, "the response has no assertion".to_owned());
        self.assertion.clone().ok_or_else(fault)
    }

    fn check_realm(&self, expected: &Expected<'_>) -> Result<(), Refusal> {
        let own = self.issuer.as_deref();
        let inner = self.assertion.as_ref().map(|assertion| assertion.issuer.as_str());
        match own.or(inner) {
            Some(issuer) => check_issuer(issuer, expected)?,
            None => return Err(Refusal::Realm(String::new())),
        }
        match self.element.attribute("InResponseTo") {
            None if expected.request.is_some() => {
                Err(Refusal::Unsolicited(expected.realm.issuer.clone()))
            }
            _ => Ok(()),
        }
    }

    fn check_status(&self, expected: &Expected<'_>) -> Result<(), Refusal> {
        let status = self.status_words().map_err(Refusal::invalid(Protocol::Saml))?;
        match status {
            None => Ok(()),
            Some(words) => Err(Refusal::Denied(expected.realm.issuer.clone(), words)),
        }
    }

    /// What a status other than success says.
    fn status_words(&self) -> Result<Option<String>, XmlFault> {
        let mut parts = self.status.sequence()?;
        let code = parts.required(PROTOCOL, "StatusCode")?;
        // A second one, wherever it stands in the status, is refused.
        self.status.child(PROTOCOL, "StatusCode")?;
        let value = code.required("Value")?;
        let second = code.child(PROTOCOL, "StatusCode")?;
        if value == SUCCESS && second.is_none() {
            return Ok(None);
        }
        let second = second.and_then(|code| code.attribute("Value"));
        let message = self.status.child(PROTOCOL, "StatusMessage")?;
        let message = message.map(Element::text).transpose()?;
        let message = message.filter(|message| !message.trim().is_empty());
        let short = |uri: &str| uri.rsplit(':').next().unwrap_or_default().to_owned();
        let words = [Some(short(value)), second.map(short), message];
        let words = words.into_iter().flatten().collect::<Vec<_>>().join(", ");
        Ok(Some(words.chars().filter(|c| !c.is_control()).take(200).collect()))
    }

    fn check(&self, expected: &Expected<'_>, signed: bool) -> Result<(), XmlFault> {
        check_head(self.element)?;
        window::check_issued(self.element, expected.now)?;
        match self.element.attribute("Destination") {
            Some(address) if address == expected.address => {}
            // SAML Bindings §3.5.5.2: a signed message says where it goes.
            None if !signed => {}
            other => {
                let other = other.unwrap_or("nowhere");
                let why = format!("it is for {other}, not for {}", expected.address);
                return Err(XmlFault(why));
            }
        }
        check_request(self.element, expected)
    }
}

/// `Extensions` may hold anything, and none of it is read. What could be taken for a part of the
/// answer is refused all the same: who hides an assertion there hopes for a reader that finds it.
fn check_extensions(extensions: Element<'_>) -> Result<(), XmlFault> {
    let own = |inner: &Element<'_>| {
        inner.namespace().is_none_or(|own| [PROTOCOL, ASSERTION, xmldsig::NAMESPACE].contains(&own))
    };
    match extensions.elements().flat_map(Element::all).find(own) {
        Some(inner) => Err(XmlFault(format!("{} has no place in Extensions", inner.name()))),
        None => Ok(()),
    }
}

/// `Version` and `ID`, which every message and assertion has.
pub(super) fn check_head(element: Element<'_>) -> Result<&str, XmlFault> {
    if element.attribute("Version") != Some("2.0") {
        return Err(XmlFault(format!("{} is not of version 2.0", element.name())));
    }
    element.required("ID")
}

/// Longest identifier that is remembered.
const LONGEST_ID: usize = 256;

/// The identifier of an assertion, which is remembered. Not everybody begins one with a letter, but
/// nobody has a space in it.
pub(in crate::federation) fn check_id(id: &str) -> Result<&str, XmlFault> {
    match id.chars().any(|c| c.is_whitespace() || c.is_control()) || id.len() > LONGEST_ID {
        true => Err(XmlFault::new("the assertion's identifier has a space in it, or is too long")),
        false => Ok(id),
    }
}

/// `InResponseTo`, which has to name our request.
pub(super) fn check_request(element: Element<'_>, expected: &Expected<'_>) -> Result<(), XmlFault> {
    match (element.attribute("InResponseTo"), expected.request) {
        (Some(_), None) => Err(XmlFault(format!("{} answers a request of SAML", element.name()))),
        (found, Some(asked)) if found != Some(asked) => {
            Err(XmlFault(format!("{} answers another request", element.name())))
        }
        _ => Ok(()),
    }
}
