//! What an entity says of itself: `EntityDescriptor` (SAML Metadata), with the roles that
//! WS-Federation adds.
//!
//! `read` takes what matters from others' documents, `write` makes ours.

mod read;
mod write;

use jiff::Timestamp;

use super::certificate::Certificate;

pub use read::{InvalidMetadata, read};
pub use write::{Consumer, Entity, Provider};

pub(super) const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
pub(super) const FEDERATION: &str = "http://docs.oasis-open.org/wsfed/federation/200706";
pub(super) const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
pub(super) const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Another entity, as its metadata has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Its name.
    pub entity_id: String,
    /// Until when this may be used.
    pub valid_until: Option<Timestamp>,
    /// What it is as an identity provider.
    pub provider: Option<ProviderRole>,
    /// What it is as a service provider.
    pub service: Option<ServiceRole>,
}

/// An identity provider.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProviderRole {
    /// The keys it signs with: several while it changes them.
    pub certificates: Vec<Certificate>,
    /// Where SAML requests go in the redirect binding.
    pub sign_on: Option<String>,
    /// Where SAML logout requests go in the redirect binding.
    pub logout: Option<String>,
    /// Where WS-Federation requests go.
    pub passive: Option<String>,
    /// Whether it takes signed requests only.
    pub wants_requests_signed: bool,
}

/// A service provider.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceRole {
    /// The keys it signs with.
    pub certificates: Vec<Certificate>,
    /// Where responses may go, in the POST binding. The first one is the default.
    pub reply_to: Vec<ReplyAddress>,
    /// Where logout requests go in the redirect binding.
    pub logout: Option<String>,
    /// Whether it signs its requests.
    pub signs_requests: bool,
    /// Whether it takes signed assertions only.
    pub wants_assertions_signed: bool,
}

/// An assertion consumer service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyAddress {
    /// Its address.
    pub address: String,
    /// Its number.
    pub index: u16,
}

#[cfg(test)]
mod tests;
