//! An `Assertion` of SAML 1.1, as AD FS issues it (SAML 1.1 Core).

use jiff::{SignedDuration, Timestamp};

use crate::federation::audience;
use crate::federation::instant;
use crate::federation::saml::answer::later;
use crate::federation::saml::response::check_id;
use crate::federation::verified::{Claim, Expected, Protocol, SKEW, Subject, VerifiedToken};
use crate::federation::window;
use crate::federation::xml::{Element, Markup, Sequence, XmlFault};
use crate::federation::xmldsig;

use super::ASSERTION_11;

const BEARER: &str = "urn:oasis:names:tc:SAML:1.0:cm:bearer";
/// Most attributes and values that are kept.
const MOST_CLAIMS: usize = 1_000;

/// The parts of an assertion.
#[derive(Debug)]
pub(super) struct Token<'d> {
    pub(super) element: Element<'d>,
    pub(super) issuer: String,
    pub(super) signature: Option<Element<'d>>,
    conditions: Element<'d>,
    statements: Vec<Element<'d>>,
}

impl<'d> Token<'d> {
    /// Takes an assertion apart. What is not known is refused.
    pub(super) fn read(element: Element<'d>) -> Result<Self, XmlFault> {
        let version = (element.attribute("MajorVersion"), element.attribute("MinorVersion"));
        if !element.is(ASSERTION_11, "Assertion") || version != (Some("1"), Some("1")) {
            return Err(XmlFault::new("the token is not an assertion of SAML 1.1 or 2.0"));
        }
        let issuer = element.required("Issuer")?.to_owned();
        let mut parts = element.sequence()?;
        let conditions = parts.required(ASSERTION_11, "Conditions")?;
        let mut statements = Vec::new();
        let known = ["AuthenticationStatement", "AttributeStatement"];
        while let Some(name) =
            parts.peek().and_then(|next| known.into_iter().find(|name| next.is(ASSERTION_11, name)))
        {
            statements.extend(parts.optional(ASSERTION_11, name));
        }
        let signature = parts.optional(xmldsig::NAMESPACE, "Signature");
        parts.end()?;
        Ok(Self { element, issuer, signature, conditions, statements })
    }

    /// Checks an assertion whose signature has been verified, and makes the token of it.
    pub(super) fn verify(&self, expected: &Expected<'_>) -> Result<VerifiedToken, XmlFault> {
        let id = check_id(self.element.required("AssertionID")?)?;
        window::check_issued(self.element, expected.now)?;
        let until = conditions(self.conditions, expected)?;
        let mut sign_in = None;
        let mut claims = Vec::new();
        let mut subjects = Vec::new();
        for statement in &self.statements {
            let mut parts = statement.sequence()?;
            subjects.push(subject(parts.required(ASSERTION_11, "Subject")?)?);
            if statement.is(ASSERTION_11, "AttributeStatement") {
                attributes(parts, &mut claims)?;
            } else if sign_in.replace(*statement).is_some() {
                return Err(XmlFault::new("it has two AuthenticationStatements"));
            }
        }
        let sign_in = sign_in.ok_or_else(|| XmlFault::new("it has no AuthenticationStatement"))?;
        subjects.dedup();
        if subjects.len() != 1 {
            return Err(XmlFault::new("its statements are about several subjects"));
        }
        Ok(VerifiedToken {
            protocol: Protocol::WsFed,
            issuer: self.issuer.clone(),
            assertion: id.to_owned(),
            replay_until: until.checked_add(SKEW).unwrap_or(Timestamp::MAX),
            subject: subjects.pop().flatten(),
            claims,
            signed_in_at: window::time(sign_in, "AuthenticationInstant")?,
            context: sign_in.attribute("AuthenticationMethod").map(str::to_owned),
            session_index: None,
            session_until: None,
        })
    }
}

fn conditions(element: Element<'_>, expected: &Expected<'_>) -> Result<Timestamp, XmlFault> {
    let until = window::check(element, expected.now)?;
    let until = until.ok_or_else(|| XmlFault::new("the assertion never expires"))?;
    element.sequence()?;
    let mut restrictions = 0;
    for condition in element.elements() {
        if condition.is(ASSERTION_11, "AudienceRestrictionCondition") {
            restrictions += 1;
            audience::check(condition, ASSERTION_11, expected)?;
        } else if !condition.is(ASSERTION_11, "DoNotCacheCondition") {
            return Err(XmlFault(format!("the condition {} is not known", condition.name())));
        }
    }
    if restrictions == 0 { Err(XmlFault::new("it names no audience")) } else { Ok(until) }
}

/// The subject of a statement, which a browser may carry. Somebody who is named needs no
/// confirmation (SAML 1.1 Core §2.4.2.2); if there is one, it is that of a bearer.
fn subject(element: Element<'_>) -> Result<Option<Subject>, XmlFault> {
    let mut parts = element.sequence()?;
    let name = parts.optional(ASSERTION_11, "NameIdentifier");
    let confirmation = match name {
        Some(_) => parts.optional(ASSERTION_11, "SubjectConfirmation"),
        None => Some(parts.required(ASSERTION_11, "SubjectConfirmation")?),
    };
    parts.end()?;
    confirmation.map(check_confirmation).transpose()?;
    let read = |name: Element<'_>| {
        let format = name.attribute("Format").map(str::to_owned);
        Ok(Subject { name: name.value()?, format })
    };
    name.map(read).transpose()
}

fn check_confirmation(confirmation: Element<'_>) -> Result<(), XmlFault> {
    let methods = confirmation.elements().filter(|e| e.is(ASSERTION_11, "ConfirmationMethod"));
    let methods = methods.map(Element::value).collect::<Result<Vec<_>, _>>()?;
    match methods.iter().any(|method| method == BEARER) {
        true => Ok(()),
        false => Err(XmlFault::new("its subject is not confirmed by a bearer")),
    }
}

fn attributes(mut parts: Sequence<'_>, claims: &mut Vec<Claim>) -> Result<(), XmlFault> {
    for attribute in parts.several(ASSERTION_11, "Attribute") {
        let mut inner = attribute.sequence()?;
        let values = inner.several(ASSERTION_11, "AttributeValue");
        inner.end()?;
        let name = attribute.required("AttributeName")?;
        let name = match attribute.required("AttributeNamespace")? {
            namespace if namespace.ends_with('/') => format!("{namespace}{name}"),
            namespace => format!("{namespace}/{name}"),
        };
        // A value with elements in it is no text, and one of two is not the only one.
        let values = values.into_iter().map(Element::text).collect::<Result<_, _>>();
        let values = values.unwrap_or_default();
        claims.push(Claim { name, values });
    }
    let kept: usize = claims.iter().map(|claim| claim.values.len() + 1).sum();
    if kept > MOST_CLAIMS {
        return Err(XmlFault(format!("more than {MOST_CLAIMS} attributes and values")));
    }
    parts.end()
}

/// Somebody who signed in here, as one relying party may know them.
#[derive(Debug, Clone)]
pub struct Issued {
    /// `AssertionID`.
    pub id: String,
    /// Our name.
    pub issuer: String,
    /// `wtrealm`.
    pub audience: String,
    /// `NameIdentifier`.
    pub name: String,
    /// Its format.
    pub format: String,
    /// When the token is made.
    pub now: Timestamp,
    /// How long it holds.
    pub lifetime: SignedDuration,
    /// When the person typed a password.
    pub signed_in_at: Timestamp,
    /// How, as a URI.
    pub method: String,
    /// What else is said.
    pub claims: Vec<Claim>,
}

impl Issued {
    /// The assertion, not signed yet: the signature is its last child.
    pub(super) fn markup(&self) -> Markup {
        let statement = Markup::new("saml:AttributeStatement").child(self.subject());
        let statement = statement.children(self.claims.iter().map(attribute));
        let audience = Markup::with_text("saml:Audience", &self.audience);
        let audience = Markup::new("saml:AudienceRestrictionCondition").child(audience);
        let conditions = Markup::new("saml:Conditions")
            .attribute("NotBefore", instant::write(self.now))
            .attribute("NotOnOrAfter", instant::write(later(self.now, self.lifetime)))
            .child(audience);
        let sign_in = Markup::new("saml:AuthenticationStatement")
            .attribute("AuthenticationMethod", &self.method)
            .attribute("AuthenticationInstant", instant::write(self.signed_in_at))
            .child(self.subject());
        let assertion = Markup::new("saml:Assertion")
            .attribute("xmlns:saml", ASSERTION_11)
            .attribute("MajorVersion", "1")
            .attribute("MinorVersion", "1")
            .attribute("AssertionID", &self.id)
            .attribute("Issuer", &self.issuer)
            .attribute("IssueInstant", instant::write(self.now))
            .child(conditions);
        let assertion = if self.claims.is_empty() { assertion } else { assertion.child(statement) };
        assertion.child(sign_in)
    }

    fn subject(&self) -> Markup {
        let name = Markup::with_text("saml:NameIdentifier", &self.name);
        let method = Markup::with_text("saml:ConfirmationMethod", BEARER);
        Markup::new("saml:Subject")
            .child(name.attribute("Format", &self.format))
            .child(Markup::new("saml:SubjectConfirmation").child(method))
    }
}

/// A claim's name is split where its last slash is: `…/claims` and `emailaddress`.
fn attribute(claim: &Claim) -> Markup {
    let (namespace, name) = claim.name.rsplit_once('/').unwrap_or(("urn:guestpass", &claim.name));
    let values = claim.values.iter().map(|value| Markup::with_text("saml:AttributeValue", value));
    Markup::new("saml:Attribute")
        .attribute("AttributeName", name)
        .attribute("AttributeNamespace", namespace)
        .children(values)
}
