//! The shape of a world file. Names are Graph's in `snake_case`; unknown keys are refused.
//!
//! The doc comments here become the descriptions in `world.schema.json`.

mod application;
mod federation;
mod tenant;
mod tokens;

pub use application::{
    AppRoleAssignmentEntry, ApplicationEntry, AssignmentEntry, ConsentEntry, KeyCredentialEntry,
    ScopeEntry, ServicePrincipalEntry,
};
pub use federation::{FederationAccountEntry, FederationEntry, FederationServiceProviderEntry};
pub use tenant::{
    AutomaticUserConsent, ContactEntry, GroupEntry, GroupType, GuestEntry, IdentityEntry,
    PartnerEntry, TenantEntry, TermsEntry, UserEntry,
};
pub use tokens::{OptionalClaimsEntry, TokenLifetimeEntry};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::directory::ExternalProvider;
use crate::ids::{DomainName, EmailAddress, ObjectId};

/// The directories, people and applications a guestpass server starts with.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorldFile {
    /// Domains that belong to consumers: without a home there, a person is asked to create a
    /// Microsoft account, not a work account.
    #[serde(default = "consumer_domains")]
    pub consumer_domains: Vec<DomainName>,
    /// A real OIDC issuer in the place of the built-in Google.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub google_provider: Option<ExternalProvider>,
    /// A real OIDC issuer in the place of the built-in Facebook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facebook_provider: Option<ExternalProvider>,
    /// A real OIDC issuer in the place of the built-in Microsoft-account tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub microsoft_account_provider: Option<ExternalProvider>,
    /// Microsoft accounts.
    #[serde(default)]
    pub microsoft_account: Vec<MicrosoftAccountEntry>,
    /// Accounts at the built-in Google.
    #[serde(default)]
    pub google_account: Vec<GoogleAccountEntry>,
    /// Accounts at the built-in Facebook.
    #[serde(default)]
    pub facebook_account: Vec<FacebookAccountEntry>,
    /// Accounts at the built-in SAML and WS-Fed providers.
    #[serde(default)]
    pub federation_account: Vec<FederationAccountEntry>,
    /// Service providers that the built-in SAML and WS-Fed providers answer.
    #[serde(default)]
    pub federation_service_provider: Vec<FederationServiceProviderEntry>,
    /// Tenants. The Microsoft-account tenant is built in.
    #[serde(default)]
    pub tenant: Vec<TenantEntry>,
}

/// A Microsoft account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MicrosoftAccountEntry {
    /// Home object id, `00000000-0000-0000-…`.
    pub id: ObjectId,
    /// The address; may be a work address.
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
    /// The language, such as `de-DE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_language: Option<String>,
    /// The password; `guestpass` if not given.
    #[serde(default = "password")]
    pub password: String,
}

/// An account at the built-in Google.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GoogleAccountEntry {
    /// Google's `sub`; made from the address if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The address.
    #[serde(alias = "mail")]
    pub address: EmailAddress,
    /// The name shown to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The password; `guestpass` if not given.
    #[serde(default = "password")]
    pub password: String,
}

/// An account at the built-in Facebook. It needs an address or a phone number to sign in with.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FacebookAccountEntry {
    /// Facebook's `sub`; made from the address or number if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The address, which Facebook does not verify.
    #[serde(skip_serializing_if = "Option::is_none", alias = "mail")]
    pub address: Option<EmailAddress>,
    /// A telephone number, such as `+1 555 0100`: an account may have no address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The name shown to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The password; `guestpass` if not given.
    #[serde(default = "password")]
    pub password: String,
}

fn password() -> String {
    "guestpass".to_owned()
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

fn consumer_domains() -> Vec<DomainName> {
    ["outlook.com", "hotmail.com", "live.com", "msn.com", "gmail.com", "googlemail.com"]
        .into_iter()
        .chain(["yahoo.com", "icloud.com"])
        .filter_map(|domain| domain.parse().ok())
        .collect()
}
