//! Single logout: `LogoutRequest` and `LogoutResponse` (Core §3.7).
//!
//! A logout that nobody signed ends nobody's session: `LogoutRequest::verify` is the only way to
//! one that came from somebody else.

use jiff::Timestamp;

use crate::federation::instant;
use crate::federation::verified::SKEW;
use crate::federation::window;
use crate::federation::xml::{Document, Element, Kind, Markup, XmlFault};
use crate::federation::xmldsig::{self, SignatureFault, Trust};

use super::binding::Carried;
use super::request::is_id;
use super::response::check_head;
use super::{ASSERTION, PROTOCOL, SUCCESS};

/// Why a logout message does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogoutFault {
    /// Its signature does not.
    #[error("{0}")]
    Signature(#[from] SignatureFault),
    /// The signature does, and the message is not one for us: shape, address, time, sender.
    #[error("{0}")]
    Message(#[from] XmlFault),
}

/// Most sessions of one request.
const MOST_SESSIONS: usize = 100;

/// Ends sessions of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutRequest {
    /// `ID`.
    pub id: String,
    /// Who asks.
    pub issuer: String,
    /// Whose sessions.
    pub name: String,
    /// The format of that name.
    pub format: Option<String>,
    /// Which sessions; empty for all.
    pub sessions: Vec<String>,
}

/// Says how a logout went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutResponse {
    /// `ID`.
    pub id: String,
    /// Who answers.
    pub issuer: String,
    /// The request.
    pub in_response_to: Option<String>,
    /// Whether every session ended.
    pub complete: bool,
}

impl LogoutRequest {
    /// The message, not signed: the redirect binding signs the query.
    pub fn to_xml(&self, destination: &str, now: Timestamp) -> String {
        let name = Markup::with_text("saml:NameID", &self.name);
        let sessions = self.sessions.iter().map(|s| Markup::with_text("samlp:SessionIndex", s));
        head("samlp:LogoutRequest", &self.id, &self.issuer, destination, now)
            .child(name.maybe("Format", self.format.as_deref()))
            .children(sessions)
            .to_string()
    }

    /// Verifies a request that was sent to `address` by `issuer`, whichever binding carried it.
    ///
    /// # Errors
    /// If it is not signed by `trust`, not for us, too old, or not a logout.
    pub fn verify(
        carried: &Carried,
        issuer: &str,
        trust: Trust<'_>,
        address: &str,
        now: Timestamp,
    ) -> Result<Self, LogoutFault> {
        let text = signed_text(carried, trust)?;
        let document = Document::parse(&text, Kind::Message)?;
        let request = Self::read(document.root(), address, now)?;
        check_issuer(&request.issuer, issuer)?;
        Ok(request)
    }

    /// Until when a request that is good now would be taken again.
    pub fn replay_until(now: Timestamp) -> Timestamp {
        use super::answer::{DELIVERY, later};
        // It may have been issued by a clock that is fast, and is judged by one that is slow.
        later(later(now, DELIVERY), SKEW + SKEW)
    }

    fn read(element: Element<'_>, address: &str, now: Timestamp) -> Result<Self, XmlFault> {
        let (id, issuer, mut parts) = read_head(element, "LogoutRequest", address, now)?;
        let name = parts.required(ASSERTION, "NameID")?;
        let sessions = parts.several(PROTOCOL, "SessionIndex");
        parts.end()?;
        if sessions.len() > MOST_SESSIONS {
            return Err(XmlFault(format!("more than {MOST_SESSIONS} sessions")));
        }
        window::check(element, now)?;
        let format = name.attribute("Format").map(str::to_owned);
        let sessions = sessions.into_iter().map(Element::value).collect::<Result<_, _>>()?;
        Ok(Self { id, issuer, name: name.value()?, format, sessions })
    }
}

impl LogoutResponse {
    /// The message, not signed: the redirect binding signs the query.
    pub fn to_xml(&self, destination: &str, now: Timestamp) -> String {
        let partial = "urn:oasis:names:tc:SAML:2.0:status:PartialLogout";
        let code = Markup::new("samlp:StatusCode").attribute("Value", SUCCESS);
        let code = match self.complete {
            true => code,
            false => code.child(Markup::new("samlp:StatusCode").attribute("Value", partial)),
        };
        head("samlp:LogoutResponse", &self.id, &self.issuer, destination, now)
            .maybe("InResponseTo", self.in_response_to.as_deref())
            .child(Markup::new("samlp:Status").child(code))
            .to_string()
    }

    /// Verifies a response that was sent to `address` by `issuer`.
    ///
    /// # Errors
    /// If it is not signed by `trust`, not for us, too old, or not an answer to a logout.
    pub fn verify(
        carried: &Carried,
        issuer: &str,
        trust: Trust<'_>,
        address: &str,
        now: Timestamp,
    ) -> Result<Self, LogoutFault> {
        let text = signed_text(carried, trust)?;
        let document = Document::parse(&text, Kind::Message)?;
        let element = document.root();
        let (id, found, mut parts) = read_head(element, "LogoutResponse", address, now)?;
        check_issuer(&found, issuer)?;
        let status = parts.required(PROTOCOL, "Status")?;
        parts.end()?;
        let code = status.child(PROTOCOL, "StatusCode")?;
        let success = code.is_some_and(|code| code.attribute("Value") == Some(SUCCESS));
        let nested = code.is_some_and(|code| code.elements().next().is_some());
        let in_response_to = element.attribute("InResponseTo").map(str::to_owned);
        Ok(Self { id, issuer: found, in_response_to, complete: success && !nested })
    }
}

/// `ID` and `Issuer` of a `LogoutRequest`, unverified: enough to answer where there is no session
/// that it could end.
pub fn claimed_request(xml: &str) -> Result<(String, String), XmlFault> {
    let document = Document::parse(xml, Kind::Message)?;
    let root = document.root();
    if !root.is(PROTOCOL, "LogoutRequest") {
        return Err(XmlFault(format!("{} is not a LogoutRequest", root.name())));
    }
    let issuer = root.sequence()?.required(ASSERTION, "Issuer")?.value()?;
    let id = check_head(root)?;
    match is_id(id) {
        true => Ok((id.to_owned(), issuer)),
        false => Err(XmlFault::new("its ID does not begin with a letter or '_', or is too long")),
    }
}

/// Who says that it sent a message; nothing more may be believed of it.
pub fn claimed_issuer(xml: &str) -> Result<String, XmlFault> {
    let document = Document::parse(xml, Kind::Message)?;
    document.root().sequence()?.required(ASSERTION, "Issuer")?.value()
}

fn check_issuer(found: &str, wanted: &str) -> Result<(), XmlFault> {
    match found == wanted {
        true => Ok(()),
        false => Err(XmlFault(format!("it comes from '{found}', not from '{wanted}'"))),
    }
}

/// The octets that a signature covers: those beside the query's, or those of the signed element.
fn signed_text(carried: &Carried, trust: Trust<'_>) -> Result<String, SignatureFault> {
    if let Some(signature) = carried.signature() {
        signature.verify(trust)?;
        return Ok(carried.xml().to_owned());
    }
    let document = Document::parse(carried.xml(), Kind::Message)?;
    let mut parts = document.root().sequence()?;
    parts.required(ASSERTION, "Issuer")?;
    let signature = parts.required(xmldsig::NAMESPACE, "Signature")?;
    xmldsig::verify(document.root(), "ID", signature, trust)
}

type Head<'d> = (String, String, crate::federation::xml::Sequence<'d>);

fn read_head<'d>(
    element: Element<'d>,
    name: &str,
    address: &str,
    now: Timestamp,
) -> Result<Head<'d>, XmlFault> {
    if !element.is(PROTOCOL, name) {
        return Err(XmlFault(format!("{} is not a {name}", element.name())));
    }
    let id = check_head(element)?.to_owned();
    let made_at = window::check_issued(element, now)?;
    window::check_end(element, super::answer::later(made_at, super::answer::DELIVERY), now)?;
    if element.attribute("Destination") != Some(address) {
        return Err(XmlFault(format!("its destination is not {address}")));
    }
    let mut parts = element.sequence()?;
    let issuer = parts.required(ASSERTION, "Issuer")?.value()?;
    // A signature beside the query covers one inside the message, too.
    parts.optional(xmldsig::NAMESPACE, "Signature");
    // Such as `aslo:Asynchronous`: who sends that wants no answer, and may get one all the same.
    parts.optional(PROTOCOL, "Extensions");
    Ok((id, issuer, parts))
}

fn head(name: &'static str, id: &str, issuer: &str, destination: &str, now: Timestamp) -> Markup {
    Markup::new(name)
        .attribute("xmlns:samlp", PROTOCOL)
        .attribute("xmlns:saml", ASSERTION)
        .attribute("ID", id)
        .attribute("Version", "2.0")
        .attribute("IssueInstant", instant::write(now))
        .attribute("Destination", destination)
        .child(Markup::with_text("saml:Issuer", issuer))
}
