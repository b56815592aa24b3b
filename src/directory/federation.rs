//! SAML and WS-Fed providers that a tenant has configured for other people's domains.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{DomainName, FederationId};

/// `samlOrWsFedExternalDomainFederation`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Federation {
    /// Its id in Graph.
    pub id: FederationId,
    /// `displayName`: the name on the sign-in page's button.
    pub display_name: String,
    /// `preferredAuthenticationProtocol`.
    pub protocol: FederationProtocol,
    /// `issuerUri`: the guest's `idp`.
    pub issuer_uri: String,
    /// The domains whose people it signs in.
    pub domains: Vec<DomainName>,
    /// `passiveSignInUri`: where the browser is sent. The metadata's, if there is none.
    pub passive_sign_in_uri: Option<String>,
    /// `metadataExchangeUri`: where its metadata is read, and a new certificate found.
    pub metadata_exchange_uri: Option<String>,
    /// `signingCertificate`: the current one, base64 of DER.
    pub signing_certificate: Option<String>,
    /// The one that will follow it; both are good until it has.
    pub next_signing_certificate: Option<String>,
    /// The built-in provider behind it: `litware` or `adatum`.
    pub builtin: Option<String>,
}

/// The protocol of a federation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum FederationProtocol {
    /// SAML 2.0.
    Saml,
    /// WS-Federation passive.
    WsFed,
}

impl FederationProtocol {
    /// The protocol's name as people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Saml => "SAML",
            Self::WsFed => "WS-Fed",
        }
    }
}
