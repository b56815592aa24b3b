//! SAML and WS-Fed providers that a tenant has configured for other people's domains.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{Digest, DomainName, EmailAddress, FederationId};

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
    /// Whether that address was told through Graph, and not by the world file's author.
    #[serde(default)]
    pub metadata_told_by_graph: bool,
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
    #[serde(alias = "wsfed", alias = "ws_fed")]
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

/// A provider that is built in, so that a federation needs nothing else to be tried.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum BuiltInFederation {
    /// WS-Federation, as AD FS speaks it.
    Adatum,
    /// SAML 2.0.
    Litware,
}

impl BuiltInFederation {
    /// By the name in addresses and in a world file's `builtin`.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Adatum, Self::Litware].into_iter().find(|one| one.name() == name)
    }

    /// The name in addresses and in a world file's `builtin`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Adatum => "adatum",
            Self::Litware => "litware",
        }
    }

    /// The name on its pages.
    pub fn title(self) -> &'static str {
        match self {
            Self::Adatum => "Adatum",
            Self::Litware => "Litware",
        }
    }

    /// What it speaks.
    pub fn protocol(self) -> FederationProtocol {
        match self {
            Self::Adatum => FederationProtocol::WsFed,
            Self::Litware => FederationProtocol::Saml,
        }
    }

    /// Its entity id. A tenant may have configured it under another name; it answers to that.
    pub fn entity_id(self) -> &'static str {
        match self {
            Self::Adatum => "https://sts.adatum.example/adfs/services/trust",
            Self::Litware => "https://idp.litware.example/saml",
        }
    }
}

/// An account at a built-in provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FederationAccount {
    /// Where it is.
    pub builtin: BuiltInFederation,
    /// `NameID` or `ImmutableID`: never given to anybody else.
    pub subject: String,
    /// The address that it asserts, and the name with which people sign in.
    pub address: EmailAddress,
    /// The name on the account.
    pub display_name: String,
    /// The first name.
    pub given_name: Option<String>,
    /// The last name.
    pub surname: Option<String>,
    /// Digest of the password, see [`super::user::password_digest`].
    pub password: Digest,
}

/// A service provider that a built-in provider answers. Tenants that have configured the provider
/// need no entry.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServiceProvider {
    /// Who answers it.
    pub builtin: BuiltInFederation,
    /// `Issuer` of its SAML requests, `wtrealm` of others.
    pub entity_id: String,
    /// Where answers may go. The first one is the default.
    pub reply_to: Vec<String>,
    /// Where the answer to a sign-out goes.
    pub logout_url: Option<String>,
}
