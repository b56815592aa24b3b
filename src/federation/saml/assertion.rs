//! An `Assertion` of SAML 2.0 (SAML Core §2, Profiles §4.1.4.3).
//!
//! Read in the order of its schema. What this does not know is refused, not skipped: an unknown
//! condition may be one that forbids (Core §2.5.1).

use jiff::Timestamp;

use crate::federation::audience;
use crate::federation::verified::{Claim, Expected, Protocol, SKEW, Subject, VerifiedToken};
use crate::federation::window;
use crate::federation::xml::{Element, XmlFault};
use crate::federation::xmldsig;

use super::response::{check_head, check_id, check_request};
use super::{ASSERTION, BEARER};

/// Most attributes and values that are kept.
const MOST_CLAIMS: usize = 1_000;

/// The parts of an assertion.
#[derive(Debug, Clone)]
pub struct Assertion<'d> {
    /// The whole.
    pub element: Element<'d>,
    /// Who says it.
    pub issuer: String,
    /// The signature in it.
    pub signature: Option<Element<'d>>,
    subject: Element<'d>,
    conditions: Element<'d>,
    statements: Vec<Element<'d>>,
}

impl<'d> Assertion<'d> {
    /// Takes it apart.
    ///
    /// # Errors
    /// If a part is missing, stands in the wrong place, or is not known.
    pub fn read(element: Element<'d>) -> Result<Self, XmlFault> {
        if !element.is(ASSERTION, "Assertion") {
            return Err(XmlFault(format!("{} is not an assertion", element.name())));
        }
        let mut parts = element.sequence()?;
        let issuer = parts.required(ASSERTION, "Issuer")?.value()?;
        let signature = parts.optional(xmldsig::NAMESPACE, "Signature");
        let subject = parts.required(ASSERTION, "Subject")?;
        let conditions = parts.required(ASSERTION, "Conditions")?;
        let mut statements = Vec::new();
        let known = ["AuthnStatement", "AttributeStatement", "AuthzDecisionStatement"];
        while let Some(name) =
            parts.peek().and_then(|next| known.into_iter().find(|name| next.is(ASSERTION, name)))
        {
            statements.extend(parts.optional(ASSERTION, name));
        }
        parts.end()?;
        Ok(Self { element, issuer, signature, subject, conditions, statements })
    }

    fn statements(&self, name: &'static str) -> impl Iterator<Item = Element<'d>> {
        self.statements.iter().copied().filter(move |statement| statement.is(ASSERTION, name))
    }
}

/// Checks an assertion whose signature has been verified, and makes the token of it. A SAML
/// response has to repeat where it goes and what it answers; WS-Federation has its own ways.
pub(in crate::federation) fn verify(
    assertion: &Assertion<'_>,
    expected: &Expected<'_>,
    protocol: Protocol,
) -> Result<VerifiedToken, XmlFault> {
    let id = check_id(check_head(assertion.element)?)?;
    window::check_issued(assertion.element, expected.now)?;
    let (subject, confirmed_until) = subject(assertion.subject, expected, protocol)?;
    let holds_until = conditions(assertion.conditions, expected)?;
    let until = confirmed_until.map_or(holds_until, |confirmed| confirmed.min(holds_until));
    let mut sign_ins = assertion.statements("AuthnStatement");
    let (Some(sign_in), None) = (sign_ins.next(), sign_ins.next()) else {
        return Err(XmlFault::new("an assertion about a sign-in has one AuthnStatement"));
    };
    let session_until = window::time(sign_in, "SessionNotOnOrAfter")?;
    if let Some(end) = session_until {
        window::check_end(sign_in, end, expected.now)?;
    }
    Ok(VerifiedToken {
        protocol,
        issuer: assertion.issuer.clone(),
        assertion: id.to_owned(),
        replay_until: until.checked_add(SKEW).unwrap_or(Timestamp::MAX),
        subject: Some(subject),
        claims: claims(assertion)?,
        signed_in_at: Some(window::time(sign_in, "AuthnInstant")?.ok_or_else(no_instant)?),
        context: context(sign_in)?,
        session_index: sign_in.attribute("SessionIndex").map(str::to_owned),
        session_until,
    })
}

fn no_instant() -> XmlFault {
    XmlFault::new("AuthnStatement has no AuthnInstant")
}

/// Whom it is about, and until when whoever brings it may be believed to be that person.
fn subject(
    element: Element<'_>,
    expected: &Expected<'_>,
    protocol: Protocol,
) -> Result<(Subject, Option<Timestamp>), XmlFault> {
    let mut parts = element.sequence()?;
    if parts.peek().is_some_and(|next| next.is(ASSERTION, "EncryptedID")) {
        let why = "an encrypted name cannot be read; the provider must not encrypt";
        return Err(XmlFault::new(why));
    }
    let name = parts.required(ASSERTION, "NameID")?;
    let confirmations = parts.several(ASSERTION, "SubjectConfirmation");
    parts.end()?;
    let of_us = |audience: &str| expected.audiences.iter().any(|own| own == audience);
    if name.attribute("SPNameQualifier").is_some_and(|qualifier| !of_us(qualifier)) {
        return Err(XmlFault::new("the NameID is for another service provider"));
    }
    let issuer = expected.realm.issuer.as_str();
    if name.attribute("NameQualifier").is_some_and(|qualifier| qualifier != issuer) {
        return Err(XmlFault::new("the NameID is another provider's"));
    }
    let bearer = |confirmation: &&Element<'_>| confirmation.attribute("Method") == Some(BEARER);
    let mut bearers = confirmations.iter().filter(bearer);
    let (Some(confirmation), None) = (bearers.next(), bearers.next()) else {
        return Err(XmlFault::new("an assertion has one SubjectConfirmation of a bearer"));
    };
    let until = match confirmation.child(ASSERTION, "SubjectConfirmationData")? {
        Some(data) => confirmation_data(data, expected, protocol)?,
        None if protocol == Protocol::WsFed => None,
        None => return Err(XmlFault::new("SubjectConfirmationData is missing")),
    };
    let format = name.attribute("Format").map(str::to_owned);
    Ok((Subject { name: name.value()?, format }, until))
}

/// Profiles §4.1.4.2: recipient and end are there, the answered request is ours.
fn confirmation_data(
    data: Element<'_>,
    expected: &Expected<'_>,
    protocol: Protocol,
) -> Result<Option<Timestamp>, XmlFault> {
    let until = window::check(data, expected.now)?;
    let recipient = data.attribute("Recipient");
    if recipient.is_some_and(|recipient| recipient != expected.address) {
        return Err(XmlFault(format!("its recipient is not {}", expected.address)));
    }
    match protocol {
        Protocol::Saml => {
            data.required("Recipient")?;
            data.required("NotOnOrAfter")?;
            if data.attribute("NotBefore").is_some() {
                return Err(XmlFault::new("the confirmation of a bearer has no NotBefore"));
            }
            check_request(data, expected)?;
        }
        // No request there has an identifier.
        Protocol::WsFed if data.attribute("InResponseTo").is_some() => {
            return Err(XmlFault::new("it answers a request of SAML"));
        }
        Protocol::WsFed => {}
    }
    Ok(until)
}

fn conditions(element: Element<'_>, expected: &Expected<'_>) -> Result<Timestamp, XmlFault> {
    let until = window::check(element, expected.now)?;
    let until = until.ok_or_else(|| XmlFault::new("the assertion never expires"))?;
    element.sequence()?;
    let mut restrictions = 0;
    for condition in element.elements() {
        if condition.is(ASSERTION, "AudienceRestriction") {
            restrictions += 1;
            audience::check(condition, ASSERTION, expected)?;
        } else if !["OneTimeUse", "ProxyRestriction"].iter().any(|n| condition.is(ASSERTION, n)) {
            return Err(XmlFault(format!("the condition {} is not known", condition.name())));
        }
    }
    match restrictions {
        0 => Err(XmlFault::new("it names no audience")),
        _ => Ok(until),
    }
}

fn context(sign_in: Element<'_>) -> Result<Option<String>, XmlFault> {
    let context = sign_in.child(ASSERTION, "AuthnContext")?;
    let class = context.map(|context| context.child(ASSERTION, "AuthnContextClassRef"));
    class.transpose()?.flatten().map(Element::value).transpose()
}

fn claims(assertion: &Assertion<'_>) -> Result<Vec<Claim>, XmlFault> {
    let mut claims = Vec::new();
    let mut values = 0;
    for statement in assertion.statements("AttributeStatement") {
        let mut parts = statement.sequence()?;
        let attributes = parts.several(ASSERTION, "Attribute");
        parts.end()?;
        for attribute in attributes {
            let mut parts = attribute.sequence()?;
            let found = parts.several(ASSERTION, "AttributeValue");
            parts.end()?;
            values += found.len() + 1;
            // A value with elements in it is no text, and one of two is not the only one.
            let found = found.into_iter().map(Element::text).collect::<Result<_, _>>();
            let found = found.unwrap_or_default();
            let name = attribute.required("Name")?.to_owned();
            claims.push(Claim { name, values: found });
        }
    }
    if values > MOST_CLAIMS {
        return Err(XmlFault(format!("more than {MOST_CLAIMS} attributes and values")));
    }
    Ok(claims)
}
