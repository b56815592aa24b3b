//! Messages of SAML 2.0 that come to `/{t}/saml2`, read and checked.

use jiff::Timestamp;

use crate::directory::{Application, WeakAlgorithm};
use crate::fault::{Fault, say};
use crate::federation::certificate::Certificate;
use crate::federation::saml::binding::{self, Carried, Direction};
use crate::federation::saml::logout::{LogoutFault, LogoutRequest};
use crate::federation::saml::request::{AuthnRequest, is_id};
use crate::federation::saml::{ASSERTION, POST_BINDING, PROTOCOL};
use crate::federation::xml::{Document, Element, Kind};
use crate::federation::xmldsig::{self, Trust};
use crate::protocol::params::Params;
use crate::protocol::prompt::Prompt;

use super::request::{
    Asked, NameFormat, Refusal, ReplyTo, SamlReply, SignOnRequest, Sources, audience,
};

/// Longest address of the redirect binding that any browser and server take.
const LONGEST_ADDRESS: usize = 8 * 1024;

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// Somebody is to be signed in.
    AuthnRequest,
    /// Somebody is to be signed out.
    LogoutRequest,
    /// Somebody was signed out.
    LogoutResponse,
}

/// Takes a message out of a query.
///
/// # Errors
/// 750054 if there is none, 75001 if it cannot be decoded.
pub fn from_query(query: &str) -> Result<Carried, Fault> {
    let direction = direction(&Params::parse(query)?)?;
    binding::from_query(query, direction).map_err(|fault| say::saml_binding_failed(fault.0))
}

/// Takes a message out of a form.
///
/// # Errors
/// As for a query.
pub fn from_form(form: &Params) -> Result<Carried, Fault> {
    binding::from_form(form, direction(form)?).map_err(|fault| say::saml_binding_failed(fault.0))
}

/// The address that brings the message of a form by GET, if it is short enough for one.
pub fn as_address(path: &str, form: &Params) -> Option<String> {
    let direction = direction(form).ok()?;
    let carried = binding::from_form(form, direction).ok()?;
    let mut address =
        binding::redirect(path, direction, carried.xml(), carried.relay_state(), None);
    for name in ["login_hint", "username", "whr", "domain_hint"] {
        if let Some(value) = form.get(name) {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            address.push('&');
            address.push_str(&query.append_pair(name, value).finish());
        }
    }
    (address.len() <= LONGEST_ADDRESS).then_some(address)
}

fn direction(params: &Params) -> Result<Direction, Fault> {
    match (params.has("SAMLRequest"), params.has("SAMLResponse")) {
        (true, _) => Ok(Direction::Request),
        (false, true) => Ok(Direction::Response),
        (false, false) => Err(say::saml_message_missing()),
    }
}

/// What a message is, and who says that it sent it; nothing more may be believed of it.
///
/// # Errors
/// 7500525 for what is not XML that we read, 75005 for another message, 75003 and 900235 for what
/// an `AuthnRequest` may not ask for.
pub fn look_at(carried: &Carried) -> Result<(Message, String), Fault> {
    let document = Document::parse(carried.xml(), Kind::Message);
    let document = document.map_err(|fault| say::saml_unreadable(fault.0))?;
    let root = document.root();
    let messages = [
        ("AuthnRequest", Message::AuthnRequest),
        ("LogoutRequest", Message::LogoutRequest),
        ("LogoutResponse", Message::LogoutResponse),
    ];
    let found = messages.into_iter().find(|(name, _)| root.is(PROTOCOL, name));
    let Some((_, message)) = found else {
        let name: String = root.name().chars().take(80).collect();
        return Err(say::saml_request_invalid(format!("'{name}' is not a request")));
    };
    if message == Message::AuthnRequest {
        check_wishes(root)?;
    }
    let issuer = root.child(ASSERTION, "Issuer").and_then(|issuer| match issuer {
        Some(issuer) => issuer.value().map(Some),
        None => Ok(None),
    });
    match issuer.map_err(|fault| say::saml_request_invalid(fault.0))? {
        Some(issuer) => Ok((message, issuer)),
        None => Err(say::saml_request_invalid("it has no Issuer")),
    }
}

/// What has a number of its own.
fn check_wishes(root: Element<'_>) -> Result<(), Fault> {
    if root.attribute("ProtocolBinding").is_some_and(|binding| binding != POST_BINDING) {
        return Err(say::saml_binding_unsupported());
    }
    let contexts = root.elements().find(|e| e.is(PROTOCOL, "RequestedAuthnContext"));
    match contexts.and_then(|contexts| contexts.attribute("Comparison")) {
        None | Some("exact") => Ok(()),
        Some(other) => {
            let shown: String = other.escape_debug().take(40).collect();
            Err(say::authn_context_comparison(shown))
        }
    }
}

/// Checks an `AuthnRequest` of a known application that came to one of `addresses`.
///
/// # Errors
/// Until the assertion consumer service is known to be the application's, on a page; then in a
/// response.
pub fn check(
    carried: &Carried,
    app: &Application,
    addresses: &[String],
    sources: Sources,
) -> Result<SignOnRequest, Refusal> {
    let request = read(carried, app, addresses).map_err(Refusal::Shown)?;
    let reply_to = ReplyTo::check(app, request.reply_to.as_deref(), request.reply_index);
    let reply_to = reply_to.map_err(Refusal::Shown)?;
    let reply = SamlReply {
        to: reply_to.clone(),
        in_response_to: Some(request.id.clone()),
        relay_state: carried.relay_state().map(str::to_owned),
    };
    let refused = |fault| Err(Refusal::Answered(Box::new(reply.clone()), fault));
    if request.subject.is_some() {
        return refused(say::saml_property_unsupported("Subject"));
    }
    let Some(name) = NameFormat::read(request.format.as_deref()) else {
        let format = request.format.unwrap_or_default();
        let shown: String = format.escape_debug().take(200).collect();
        return refused(say::name_id_policy_invalid(shown));
    };
    if request.passive && request.force {
        // Nothing may be shown, and a session is not enough.
        return refused(say::not_signed_in());
    }
    Ok(SignOnRequest {
        client_id: app.client_id,
        audience: audience(&request.issuer),
        reply_to,
        prompt: match (request.passive, request.force) {
            (true, _) => Prompt::None,
            (false, true) => Prompt::Login,
            (false, false) => Prompt::Unspecified,
        },
        max_age: None,
        login_hint: sources.login_hint,
        domain_hint: sources.domain_hint,
        contexts: request.contexts,
        asked: Asked::Saml { reply, name, qualifier: request.qualifier },
    })
}

/// The request, and that it is meant for us and signed if it has to be.
fn read(carried: &Carried, app: &Application, addresses: &[String]) -> Result<AuthnRequest, Fault> {
    let invalid = |why: &str| say::saml_request_invalid(why);
    let request = AuthnRequest::read(carried.xml()).map_err(|fault| invalid(&fault.0))?;
    if let Some(destination) = &request.destination
        && !addresses.contains(destination)
    {
        let shown: String = destination.escape_debug().take(300).collect();
        let remedy = format!("This request came to {}.", addresses.join(" or "));
        return Err(say::saml_destination(shown).with_remedy(remedy));
    }
    check_signature(carried, &request, app)?;
    Ok(request)
}

/// A signature is looked at only where the application says that its requests have one, as at
/// Entra: elsewhere anybody could leave it out.
fn check_signature(
    carried: &Carried,
    request: &AuthnRequest,
    app: &Application,
) -> Result<(), Fault> {
    if !app.sign_on.is_signed_request_required {
        return Ok(());
    }
    if !request.signed && carried.signature().is_none() {
        return Err(say::signed_request_required(app.client_id));
    }
    let certificates = certificates_of(app);
    let trust = Trust { certificates: &certificates, accept_sha1: allows_sha1(app) };
    let verified = match carried.signature() {
        Some(signature) => signature.verify(trust),
        None => AuthnRequest::signed_by(carried.xml(), trust).map(drop),
    };
    verified.map_err(say::saml_signature_invalid)
}

fn allows_sha1(app: &Application) -> bool {
    app.sign_on.allowed_weak_algorithms == Some(WeakAlgorithm::RsaSha1)
}

/// What an application signs its requests with: its `keyCredentials`.
pub fn certificates_of(app: &Application) -> Vec<Certificate> {
    let keys = app.key_credentials.iter();
    keys.filter_map(|key| Certificate::read(&key.certificate).ok()).collect()
}

/// A logout as an application asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logout {
    /// `ID` of the request.
    pub id: String,
    /// `NameID`.
    pub name: String,
    /// `SessionIndex`: the sessions that are meant, every one of the name if there is none.
    pub sessions: Vec<String>,
    /// Whether the application has signed it.
    pub signed: bool,
}

/// Reads a `LogoutRequest` of a known application. One that nobody signed says only what somebody
/// wants: whether anybody's session ends is decided elsewhere.
///
/// # Errors
/// 75005 and its like, 50006 for a signature that does not count.
pub fn read_logout(
    carried: &Carried,
    (app, issuer): (&Application, &str),
    addresses: Option<&[String]>,
    now: Timestamp,
) -> Result<Logout, Fault> {
    let document = Document::parse(carried.xml(), Kind::Message);
    let document = document.map_err(|fault| say::saml_unreadable(fault.0))?;
    let root = document.root();
    let destination = root.attribute("Destination");
    if let (Some(destination), Some(addresses)) = (destination, addresses)
        && !addresses.iter().any(|own| own == destination)
    {
        let shown: String = destination.escape_debug().take(300).collect();
        return Err(say::saml_destination(shown));
    }
    let id = root.attribute("ID").filter(|id| is_id(id));
    let name = root.child(ASSERTION, "NameID").map(|name| name.map(Element::value));
    let name = name.and_then(Option::transpose);
    let name = name.map_err(|fault| say::saml_request_invalid(fault.0))?;
    let (Some(id), Some(name), Some("2.0")) = (id, name, root.attribute("Version")) else {
        return Err(say::saml_request_invalid("a LogoutRequest has ID, Version 2.0 and NameID"));
    };
    let sessions = root.elements().filter(|element| element.is(PROTOCOL, "SessionIndex"));
    let sessions = sessions.map(Element::value).collect::<Result<Vec<_>, _>>();
    let sessions = sessions.map_err(|fault| say::saml_request_invalid(fault.0))?;
    let certificates = certificates_of(app);
    let has_signature = carried.signature().is_some()
        || root.elements().any(|element| element.is(xmldsig::NAMESPACE, "Signature"));
    let verify = |accept_sha1| {
        let trust = Trust { certificates: &certificates, accept_sha1 };
        let address = destination.unwrap_or_default();
        LogoutRequest::verify(carried, issuer, trust, address, now)
    };
    let mut signed = false;
    if has_signature && !certificates.is_empty() {
        // A weak signature is none, but a wrong one is wrong.
        verify(true).map_err(|fault| match fault {
            LogoutFault::Signature(fault) => say::saml_signature_invalid(fault),
            LogoutFault::Message(fault) => say::saml_request_invalid(fault.0),
        })?;
        signed = verify(allows_sha1(app)).is_ok();
    }
    Ok(Logout { id: id.to_owned(), name, sessions, signed })
}
