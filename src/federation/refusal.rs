//! Why an answer of a federated provider is no sign-in, and what Entra calls that.
//!
//! Order and numbers are those that were observed at `/login.srf`: syntax, realm, key, signature,
//! content (o365blog.com, "Deep-dive to Azure Active Directory Identity Federation", 2019;
//! entra-docs `reference-error-codes`; SupportArticles-docs, AADSTS50107).

use super::verified::Protocol;
use super::xml::XmlFault;
use super::xmldsig::SignatureFault;
use crate::fault::{Fault, say};

/// Why it is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The message is not there at all.
    #[error("the parameter {0} is missing")]
    Missing(&'static str),
    /// It cannot be read.
    #[error("it cannot be read: {1}")]
    Unreadable(Protocol, String),
    /// It is well-formed, and something else.
    #[error("it is a {0}")]
    NotAResponse(String),
    /// It comes from a provider that was not asked.
    #[error("it comes from '{0}', which was not asked")]
    Realm(String),
    /// It answers no request: a sign-in that starts at the provider is not taken.
    #[error("it comes from '{0}' and answers no request")]
    Unsolicited(String),
    /// A signature does not count.
    #[error("{1}")]
    Signature(Protocol, SignatureFault),
    /// It does not fit: audience, address, time, shape.
    #[error("{1}")]
    Invalid(Protocol, String),
    /// There is no address, or the provider is not trusted for its domain.
    #[error("its e-mail claim is missing, or not in a domain of the provider")]
    EmailNotOfRealm,
    /// WS-Federation without the claim that names the account.
    #[error("it has no ImmutableID")]
    ImmutableIdMissing,
    /// The provider says no, or that it failed.
    #[error("{0} answered {1}")]
    Denied(String, String),
}

impl Refusal {
    /// What to show.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Missing("wresult") => say::federation_input_missing("wresult"),
            Self::Missing(parameter) => say::federation_message_missing(parameter),
            Self::Unreadable(Protocol::Saml, why) => say::saml_unreadable(why),
            Self::Unreadable(Protocol::WsFed, why) => say::ws_fed_message_invalid(why),
            Self::NotAResponse(_) => say::saml_response_type(),
            Self::Realm(issuer) | Self::Unsolicited(issuer) => say::realm_unknown(issuer),
            Self::Signature(Protocol::Saml, SignatureFault::Key) => say::saml_key_unknown(),
            Self::Signature(Protocol::Saml, fault) => say::saml_signature_invalid(fault),
            Self::Signature(Protocol::WsFed, fault) => say::saml_token_invalid(fault),
            Self::Invalid(_, why) => say::saml_token_invalid(why),
            Self::EmailNotOfRealm => say::saml_email_invalid(),
            Self::ImmutableIdMissing => say::immutable_id_missing(),
            Self::Denied(issuer, status) => say::upstream_failed(issuer, status),
        }
    }

    pub(super) fn unreadable(protocol: Protocol) -> impl Fn(XmlFault) -> Self {
        move |fault| Self::Unreadable(protocol, fault.0)
    }

    pub(super) fn invalid(protocol: Protocol) -> impl Fn(XmlFault) -> Self {
        move |fault| Self::Invalid(protocol, fault.0)
    }

    pub(super) fn signature(protocol: Protocol) -> impl Fn(SignatureFault) -> Self {
        move |fault| Self::Signature(protocol, fault)
    }
}
