//! What is sent back to an application.

use jiff::Timestamp;

use crate::fault::{Code, Fault};
use crate::federation::saml::answer::{self, Envelope};
use crate::federation::saml::binding;
use crate::federation::xml::XmlFault;
use crate::jose::SigningKey;
use crate::protocol::response::AuthorizationResponse;

use super::request::{ReplyTo, SamlReply};

/// A SAML response in a form that posts itself.
pub fn saml(reply: &SamlReply, xml: &str) -> AuthorizationResponse {
    let mut fields = vec![("SAMLResponse".to_owned(), binding::to_form(xml))];
    let state = reply.relay_state.clone();
    fields.extend(state.map(|state| ("RelayState".to_owned(), state)));
    AuthorizationResponse::FormPost { action: reply.to.as_str().to_owned(), fields }
}

/// A result of WS-Federation likewise.
pub fn ws_fed(to: &ReplyTo, context: Option<&str>, result: String) -> AuthorizationResponse {
    let mut fields =
        vec![("wa".to_owned(), "wsignin1.0".to_owned()), ("wresult".to_owned(), result)];
    fields.extend(context.map(|context| ("wctx".to_owned(), context.to_owned())));
    AuthorizationResponse::FormPost { action: to.as_str().to_owned(), fields }
}

/// A SAML response that says no. `passive` says that nothing might be shown.
///
/// # Errors
/// Only if a value cannot stand in a document that we would read.
pub fn refused(
    reply: &SamlReply,
    (fault, passive): (&Fault, bool),
    (issuer, id): (String, String),
    now: Timestamp,
    key: &SigningKey,
) -> Result<AuthorizationResponse, XmlFault> {
    let envelope = Envelope {
        id,
        issuer,
        destination: reply.to.as_str().to_owned(),
        in_response_to: reply.in_response_to.clone(),
        now,
    };
    let status = status_of(fault, passive);
    let xml = answer::refused(&envelope, status, &fault.to_string(), key)?;
    Ok(saml(reply, &xml))
}

/// The two words of a status (Core §3.2.2.2).
fn status_of(fault: &Fault, passive: bool) -> (&'static str, &'static str) {
    match fault.code() {
        Code::Aadsts(75_016) => ("Requester", "InvalidNameIDPolicy"),
        Code::Aadsts(75_006) => ("Requester", "RequestUnsupported"),
        Code::Aadsts(75_011) => ("Responder", "NoAuthnContext"),
        _ if passive => ("Responder", "NoPassive"),
        _ => ("Responder", "RequestDenied"),
    }
}
