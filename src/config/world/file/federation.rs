//! A SAML or WS-Fed provider.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::password;
use crate::directory::{BuiltInFederation, FederationProtocol};
use crate::ids::{DomainName, EmailAddress, FederationId};

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
    /// The certificate of its signatures: PEM, DER in base64, or the path of a PEM file, seen from
    /// the world file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_certificate: Option<String>,
    /// The certificate that will follow it; both are good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_signing_certificate: Option<String>,
    /// The built-in provider behind it: `litware` or `adatum`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub builtin: Option<String>,
}

/// An account at a built-in SAML or WS-Fed provider.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FederationAccountEntry {
    /// Where it is: `litware` (SAML) or `adatum` (WS-Fed).
    pub builtin: BuiltInFederation,
    /// The `NameID` or `ImmutableID`; made from the address if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The address.
    #[serde(alias = "user_principal_name", alias = "mail")]
    pub address: EmailAddress,
    /// The name shown to people; without it, what stands before the @.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The first name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// The last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surname: Option<String>,
    /// The password; `guestpass` if not given.
    #[serde(default = "password")]
    pub password: String,
}

/// A service provider that a built-in SAML or WS-Fed provider answers. The tenants of this file
/// that have configured the provider need no entry.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FederationServiceProviderEntry {
    /// Who answers it: `litware` (SAML) or `adatum` (WS-Fed).
    pub builtin: BuiltInFederation,
    /// Its name: `Issuer` of its SAML requests, `wtrealm` of others.
    pub entity_id: String,
    /// Where answers may go. The first one is the default.
    pub reply_to: Vec<String>,
    /// Where the answer to a sign-out goes (SAML), and one more address that `wreply` of a
    /// `wsignout1.0` may name (WS-Fed).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logout_url: Option<String>,
}
