//! Responses that we make, as identity provider.

use jiff::{SignedDuration, Timestamp};

use crate::federation::instant;
use crate::federation::verified::Claim;
use crate::federation::xml::{Markup, XmlFault};
use crate::federation::xmldsig;
use crate::jose::SigningKey;

use super::{ASSERTION, BEARER, PROTOCOL, SUCCESS};

/// How long a response may be under way.
pub const DELIVERY: SignedDuration = SignedDuration::from_mins(5);

/// Where a response goes, and what it answers.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// `ID` of the response.
    pub id: String,
    /// Our entity id.
    pub issuer: String,
    /// The assertion consumer service.
    pub destination: String,
    /// `ID` of the request.
    pub in_response_to: Option<String>,
    /// When it is made.
    pub now: Timestamp,
}

/// Somebody who signed in here, as one service provider may know them.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// `ID` of the assertion.
    pub id: String,
    /// The service provider.
    pub audience: String,
    /// `NameID`.
    pub name: String,
    /// Its format.
    pub format: String,
    /// `SPNameQualifier`, if the name is for others than the audience.
    pub qualifier: Option<String>,
    /// How long the assertion holds.
    pub lifetime: SignedDuration,
    /// When the person typed a password.
    pub signed_in_at: Timestamp,
    /// How, as a URI.
    pub context: String,
    /// The session here.
    pub session_index: String,
    /// What else is said.
    pub claims: Vec<Claim>,
}

/// What of a response is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// The assertion, as Entra does.
    Assertion,
    /// The response and the assertion in it.
    Both,
    /// The response only.
    Response,
}

/// A response about somebody who signed in.
///
/// # Errors
/// Only if a value cannot stand in a document that we would read.
pub fn accepted(
    envelope: &Envelope,
    sign_in: &SignIn,
    signed: Signed,
    key: &SigningKey,
) -> Result<String, XmlFault> {
    let mut assertion = assertion(envelope, sign_in);
    if signed != Signed::Response {
        assertion = xmldsig::sign(assertion, &sign_in.id, 1, key)?;
    }
    let status = Markup::new("samlp:StatusCode").attribute("Value", SUCCESS);
    let response = response(envelope, Markup::new("samlp:Status").child(status)).child(assertion);
    let response = match signed {
        Signed::Assertion => response,
        Signed::Both | Signed::Response => xmldsig::sign(response, &envelope.id, 1, key)?,
    };
    Ok(response.to_string())
}

/// A signed response that says no. The status has two levels: whose fault it is, such as
/// `Responder`, and what it is, such as `NoPassive`.
///
/// # Errors
/// Only if a value cannot stand in a document that we would read.
pub fn refused(
    envelope: &Envelope,
    (level, status): (&str, &str),
    message: &str,
    key: &SigningKey,
) -> Result<String, XmlFault> {
    let code = |status: &str| {
        let value = format!("urn:oasis:names:tc:SAML:2.0:status:{status}");
        Markup::new("samlp:StatusCode").attribute("Value", value)
    };
    let status = Markup::new("samlp:Status")
        .child(code(level).child(code(status)))
        .child(Markup::with_text("samlp:StatusMessage", message));
    let response = xmldsig::sign(response(envelope, status), &envelope.id, 1, key)?;
    Ok(response.to_string())
}

fn response(envelope: &Envelope, status: Markup) -> Markup {
    Markup::new("samlp:Response")
        .attribute("xmlns:samlp", PROTOCOL)
        .attribute("xmlns:saml", ASSERTION)
        .attribute("ID", &envelope.id)
        .attribute("Version", "2.0")
        .attribute("IssueInstant", instant::write(envelope.now))
        .attribute("Destination", &envelope.destination)
        .maybe("InResponseTo", envelope.in_response_to.as_deref())
        .child(Markup::with_text("saml:Issuer", &envelope.issuer))
        .child(status)
}

/// An assertion, not signed yet. It declares its own namespace, so that it can be taken out of the
/// response.
pub(in crate::federation) fn assertion(envelope: &Envelope, sign_in: &SignIn) -> Markup {
    let statement = Markup::new("saml:AttributeStatement");
    let statement = statement.children(sign_in.claims.iter().map(attribute));
    let assertion = Markup::new("saml:Assertion")
        .attribute("xmlns:saml", ASSERTION)
        .attribute("ID", &sign_in.id)
        .attribute("Version", "2.0")
        .attribute("IssueInstant", instant::write(envelope.now))
        .child(Markup::with_text("saml:Issuer", &envelope.issuer))
        .child(subject(envelope, sign_in))
        .child(conditions(envelope, sign_in))
        .child(authn_statement(sign_in));
    if sign_in.claims.is_empty() { assertion } else { assertion.child(statement) }
}

fn subject(envelope: &Envelope, sign_in: &SignIn) -> Markup {
    let data = Markup::new("saml:SubjectConfirmationData")
        .maybe("InResponseTo", envelope.in_response_to.as_deref())
        .attribute("NotOnOrAfter", instant::write(later(envelope.now, DELIVERY)))
        .attribute("Recipient", &envelope.destination);
    let confirmation = Markup::new("saml:SubjectConfirmation").attribute("Method", BEARER);
    let name = Markup::with_text("saml:NameID", &sign_in.name).attribute("Format", &sign_in.format);
    let name = name.maybe("SPNameQualifier", sign_in.qualifier.as_deref());
    Markup::new("saml:Subject").child(name).child(confirmation.child(data))
}

fn conditions(envelope: &Envelope, sign_in: &SignIn) -> Markup {
    let audience = Markup::with_text("saml:Audience", &sign_in.audience);
    Markup::new("saml:Conditions")
        .attribute("NotBefore", instant::write(envelope.now))
        .attribute("NotOnOrAfter", instant::write(later(envelope.now, sign_in.lifetime)))
        .child(Markup::new("saml:AudienceRestriction").child(audience))
}

fn authn_statement(sign_in: &SignIn) -> Markup {
    let class = Markup::with_text("saml:AuthnContextClassRef", &sign_in.context);
    Markup::new("saml:AuthnStatement")
        .attribute("AuthnInstant", instant::write(sign_in.signed_in_at))
        .attribute("SessionIndex", &sign_in.session_index)
        .child(Markup::new("saml:AuthnContext").child(class))
}

fn attribute(claim: &Claim) -> Markup {
    let values = claim.values.iter().map(|value| Markup::with_text("saml:AttributeValue", value));
    Markup::new("saml:Attribute").attribute("Name", &claim.name).children(values)
}

/// Time does not end while this runs.
pub(in crate::federation) fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}
