//! Identity providers and the accounts that people have there.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::TenantId;

/// Who vouches for a guest: the `issuer` of the federated identity on a guest object.
///
/// Source: user-properties article and `objectIdentity` resource. A payload of the real service
/// shows `ExternalAzureAD` for every other Entra tenant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum IdentityProvider {
    /// Another Entra tenant, managed or not.
    ExternalAzureAd,
    /// Facebook: people who signed up with it.
    Facebook,
    /// A SAML or WS-Fed provider, by its issuer URI.
    Federation(String),
    /// Google.
    Google,
    /// A passcode mailed to the invited address.
    Mail,
    /// A Microsoft account.
    MicrosoftAccount,
}

impl IdentityProvider {
    /// The name in a guest's `identities` and in the answers of `explain`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::ExternalAzureAd => "ExternalAzureAD",
            Self::Facebook => "facebook.com",
            Self::Federation(issuer) => issuer,
            Self::Google => "google.com",
            Self::Mail => "mail",
            Self::MicrosoftAccount => "MicrosoftAccount",
        }
    }
}

impl fmt::Display for IdentityProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<String> for IdentityProvider {
    fn from(issuer: String) -> Self {
        match issuer.as_str() {
            "ExternalAzureAD" => Self::ExternalAzureAd,
            "facebook.com" => Self::Facebook,
            "google.com" => Self::Google,
            "mail" => Self::Mail,
            "MicrosoftAccount" => Self::MicrosoftAccount,
            _ => Self::Federation(issuer),
        }
    }
}

impl From<IdentityProvider> for String {
    fn from(provider: IdentityProvider) -> Self {
        provider.as_str().to_owned()
    }
}

/// The account that a redeemed guest is bound to.
///
/// The binding is the provider and its subject, never an address: an account that was deleted and
/// made again under the same name is another one (AADSTS50020 article, cause 8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedAccount {
    /// Who vouches.
    pub provider: IdentityProvider,
    /// The home tenant, for Entra and Microsoft accounts.
    pub home_tenant: Option<TenantId>,
    /// The provider's unchanging name for the account: home object id, `sub`, NameID, or the
    /// mailbox itself for passcodes.
    pub subject: String,
    /// What the person types: the home user principal name, or the address.
    pub sign_in_name: String,
    /// Whether that name is only the provider's claim, which nobody has verified.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unverified_name: bool,
}

impl LinkedAccount {
    /// One string a provider and subject, for the unique index of a tenant's guests.
    pub fn key(&self) -> String {
        match self.home_tenant {
            Some(tenant) => format!("{}|{tenant}|{}", self.provider, self.subject),
            None => format!("{}||{}", self.provider, self.subject),
        }
    }

    /// The `idp` claim of the guest's tokens.
    ///
    /// Entra homes are named by their v1 issuer even here, where tokens have another: clients
    /// compare it with the tenant's and never dereference it.
    pub fn idp(&self) -> String {
        match (&self.provider, self.home_tenant) {
            (IdentityProvider::ExternalAzureAd, Some(tenant)) => sts_issuer(tenant),
            (IdentityProvider::MicrosoftAccount, _) => "live.com".to_owned(),
            (provider, _) => provider.as_str().to_owned(),
        }
    }

    /// Whether both name the same account.
    pub fn is_same_account(&self, other: &Self) -> bool {
        self.provider == other.provider
            && self.home_tenant == other.home_tenant
            && self.subject == other.subject
    }
}

/// The v1.0 issuer of a tenant, as the real one has it whatever address it is called by.
pub fn sts_issuer(tenant: impl fmt::Display) -> String {
    format!("https://sts.windows.net/{tenant}/")
}
