//! `AuthnRequest`: built toward a provider, read from a service provider (Core §3.4).

use jiff::Timestamp;

use crate::federation::instant;
use crate::federation::verified::PERSISTENT;
use crate::federation::xml::{Document, Element, Kind, Markup, XmlFault};
use crate::federation::xmldsig::{self, SignatureFault, Trust};

use super::response::check_head;
use super::{ASSERTION, POST_BINDING, PROTOCOL};

/// Longest `ID`: it is kept, and comes back.
pub(in crate::federation) const LONGEST_ID: usize = 256;
/// Longest name of an entity, of a format or of a person: what is kept of a request is bounded.
const LONGEST_NAME: usize = 1024;
/// Most classes of a `RequestedAuthnContext`.
const MOST_CONTEXTS: usize = 20;

/// A request of ours. It is not signed: Entra does not sign them.
#[derive(Debug, Clone)]
pub struct Asking<'a> {
    /// `ID`: begins with a letter or an underscore.
    pub id: &'a str,
    /// Our entity id.
    pub issuer: &'a str,
    /// The provider's sign-on service.
    pub destination: &'a str,
    /// Where the response is to be posted to.
    pub reply_to: &'a str,
    /// Whether the person has to sign in anew.
    pub force: bool,
    /// When it is made.
    pub now: Timestamp,
}

impl Asking<'_> {
    /// The message.
    pub fn to_xml(&self) -> String {
        let policy = Markup::new("samlp:NameIDPolicy")
            .attribute("Format", PERSISTENT)
            .attribute("AllowCreate", "true");
        Markup::new("samlp:AuthnRequest")
            .attribute("xmlns:samlp", PROTOCOL)
            .attribute("xmlns:saml", ASSERTION)
            .attribute("ID", self.id)
            .attribute("Version", "2.0")
            .attribute("IssueInstant", instant::write(self.now))
            .attribute("Destination", self.destination)
            .maybe("ForceAuthn", self.force.then_some("true"))
            .attribute("AssertionConsumerServiceURL", self.reply_to)
            .attribute("ProtocolBinding", POST_BINDING)
            .child(Markup::with_text("saml:Issuer", self.issuer))
            .child(policy)
            .to_string()
    }
}

/// A request of a service provider. Who sent it is not known: it can only be answered at an address
/// that is registered for its issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthnRequest {
    /// `ID`.
    pub id: String,
    /// The service provider's entity id.
    pub issuer: String,
    /// Where it says it was sent to.
    pub destination: Option<String>,
    /// Where it wants the response.
    pub reply_to: Option<String>,
    /// Which of the registered addresses it wants.
    pub reply_index: Option<u16>,
    /// The `NameID` format it wants.
    pub format: Option<String>,
    /// `SPNameQualifier` of the name it wants.
    pub qualifier: Option<String>,
    /// Whether the person has to sign in anew.
    pub force: bool,
    /// Whether nothing may be shown.
    pub passive: bool,
    /// The ways to sign in that it takes; empty for any.
    pub contexts: Vec<String>,
    /// Whom it is about.
    pub subject: Option<String>,
    /// Whether a signature stands in it. `signed_by` says whether it counts.
    pub signed: bool,
}

impl AuthnRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// If it is not one, asks for what is not supported, or says more than anybody has to keep.
    pub fn read(text: &str) -> Result<Self, XmlFault> {
        Self::of(Document::parse(text, Kind::Message)?.root())
    }

    /// Reads a request that carries a signature (POST binding) and verifies it.
    ///
    /// # Errors
    /// If it has none, or it does not count.
    pub fn signed_by(text: &str, trust: Trust<'_>) -> Result<Self, SignatureFault> {
        let document = Document::parse(text, Kind::Message)?;
        let root = document.root();
        let mut parts = root.sequence()?;
        parts.required(ASSERTION, "Issuer")?;
        let signature = parts.required(xmldsig::NAMESPACE, "Signature")?;
        let octets = xmldsig::verify(root, "ID", signature, trust)?;
        let request = Self::of(Document::parse(&octets, Kind::Message)?.root())?;
        Ok(Self { signed: true, ..request })
    }

    fn of(element: Element<'_>) -> Result<Self, XmlFault> {
        if !element.is(PROTOCOL, "AuthnRequest") {
            return Err(XmlFault(format!("{} is not an AuthnRequest", element.name())));
        }
        let id = check_head(element)?.to_owned();
        instant::read(element.required("IssueInstant")?)?;
        let mut parts = element.sequence()?;
        let issuer = parts.required(ASSERTION, "Issuer")?.value()?;
        let signed = parts.optional(xmldsig::NAMESPACE, "Signature").is_some();
        parts.optional(PROTOCOL, "Extensions");
        let subject = parts.optional(ASSERTION, "Subject").map(subject).transpose()?;
        let policy = parts.optional(PROTOCOL, "NameIDPolicy");
        parts.optional(ASSERTION, "Conditions");
        let contexts = parts.optional(PROTOCOL, "RequestedAuthnContext").map(contexts);
        parts.optional(PROTOCOL, "Scoping");
        parts.end()?;
        let owned = |name: &str| element.attribute(name).map(str::to_owned);
        if owned("ProtocolBinding").is_some_and(|binding| binding != POST_BINDING) {
            return Err(XmlFault(format!("responses are sent with {POST_BINDING} only")));
        }
        let index = owned("AssertionConsumerServiceIndex").map(|index| index.parse());
        let index = index.transpose();
        let reply_index =
            index.map_err(|_| XmlFault::new("AssertionConsumerServiceIndex is not a number"))?;
        let of_policy = |name| policy.and_then(|policy| policy.attribute(name)).map(str::to_owned);
        let reply_to = owned("AssertionConsumerServiceURL");
        if reply_to.is_some() && reply_index.is_some() {
            return Err(XmlFault::new("it has AssertionConsumerServiceURL and Index"));
        }
        let request = Self {
            id,
            issuer,
            destination: owned("Destination"),
            reply_to,
            reply_index,
            format: of_policy("Format"),
            qualifier: of_policy("SPNameQualifier"),
            force: flag(element, "ForceAuthn")?,
            passive: flag(element, "IsPassive")?,
            contexts: contexts.transpose()?.unwrap_or_default(),
            subject,
            signed,
        };
        request.check_lengths()?;
        Ok(request)
    }

    /// Anybody may send a request, and what it says is kept for as long as a sign-in lasts.
    fn check_lengths(&self) -> Result<(), XmlFault> {
        if !is_id(&self.id) {
            let why = "its ID does not begin with a letter or '_', or is too long";
            return Err(XmlFault::new(why));
        }
        let names = [
            ("Issuer", Some(&self.issuer)),
            ("NameIDPolicy's Format", self.format.as_ref()),
            ("SPNameQualifier", self.qualifier.as_ref()),
            ("Subject", self.subject.as_ref()),
        ];
        for (what, name) in names {
            if name.is_some_and(|name| name.len() > LONGEST_NAME) {
                return Err(XmlFault(format!("its {what} is longer than {LONGEST_NAME} bytes")));
            }
        }
        let longest = self.contexts.iter().map(String::len).max().unwrap_or_default();
        if self.contexts.len() > MOST_CONTEXTS || longest > LONGEST_ID {
            return Err(XmlFault::new("its RequestedAuthnContext is too long"));
        }
        Ok(())
    }
}

/// An NCName as everybody writes them, of a length that may be kept.
pub(in crate::federation) fn is_id(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    id.len() <= LONGEST_ID
        && id.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && id.chars().all(plain)
}

/// `xs:boolean`.
fn flag(element: Element<'_>, name: &str) -> Result<bool, XmlFault> {
    match element.attribute(name) {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(_) => Err(XmlFault(format!("{name} is neither true nor false"))),
    }
}

fn subject(element: Element<'_>) -> Result<String, XmlFault> {
    let name = element.child(ASSERTION, "NameID")?;
    name.ok_or_else(|| XmlFault::new("Subject has no NameID"))?.value()
}

/// Entra knows the comparison `exact` only.
fn contexts(element: Element<'_>) -> Result<Vec<String>, XmlFault> {
    if element.attribute("Comparison").is_some_and(|comparison| comparison != "exact") {
        return Err(XmlFault::new("RequestedAuthnContext is compared with 'exact' only"));
    }
    let classes = element.elements();
    let classes = classes.filter(|class| class.is(ASSERTION, "AuthnContextClassRef"));
    classes.map(Element::value).collect()
}
