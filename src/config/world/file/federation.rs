//! A SAML or WS-Fed provider.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::directory::FederationProtocol;
use crate::ids::{DomainName, FederationId};

/// A SAML or WS-Fed provider for some domains: built in, or one's own, by its metadata or by
/// passive URL and certificate.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FederationEntry {
    /// Its id in Graph; made from the issuer if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<FederationId>,
    /// The name on the sign-in page's button.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// `saml` or `wsFed`.
    #[serde(alias = "preferred_authentication_protocol")]
    pub protocol: FederationProtocol,
    /// Its issuer URI.
    pub issuer_uri: String,
    /// The domains whose people it signs in.
    pub domains: Vec<DomainName>,
    /// Where its metadata is; new certificates are found there.
    #[serde(skip_serializing_if = "Option::is_none", alias = "metadata_exchange_uri")]
    pub metadata_url: Option<String>,
    /// Where browsers are sent: https, or http on a loopback host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passive_sign_in_uri: Option<String>,
    /// The certificate of its signatures: PEM, or base64 of DER.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_certificate: Option<String>,
    /// The certificate that will follow it; both are good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_signing_certificate: Option<String>,
    /// The built-in provider behind it: `litware` or `adatum`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub builtin: Option<String>,
}
