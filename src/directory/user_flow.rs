//! User flows of self-service sign-up.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::account::IdentityProvider;
use crate::ids::ClientId;

/// How people sign themselves up for applications (`b2xIdentityUserFlow`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserFlow {
    /// Its id; Entra's begin with `B2X_1_`.
    pub id: String,
    /// Whose accounts may sign up; Entra's are the default (self-service sign-up article).
    #[serde(default = "entra")]
    pub identity_providers: Vec<FlowProvider>,
    /// What a person is asked to tell, in this order. All of it has to be given.
    #[serde(default)]
    pub user_attributes: Vec<UserAttribute>,
    /// The tenant's own applications that offer the flow; an application has one flow at most.
    #[serde(default)]
    pub applications: Vec<ClientId>,
}

fn entra() -> Vec<FlowProvider> {
    vec![FlowProvider::Entra]
}

/// A provider in a user flow, by its id in Graph.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum FlowProvider {
    /// Accounts of other Entra tenants.
    #[serde(rename = "AADSignup-OAUTH")]
    Entra,
    /// E-mail one-time passcode.
    #[serde(rename = "EmailOtpSignup-OAUTH")]
    Passcode,
    /// Facebook.
    #[serde(rename = "Facebook-OAUTH")]
    Facebook,
    /// Google.
    #[serde(rename = "Google-OAUTH")]
    Google,
    /// Microsoft accounts.
    #[serde(rename = "MSASignup-OAUTH")]
    MicrosoftAccount,
}

impl FlowProvider {
    /// The provider of an account. A SAML or WS-Fed federation is in no flow's list: it belongs to
    /// the tenant.
    pub fn of(provider: &IdentityProvider) -> Option<Self> {
        match provider {
            IdentityProvider::ExternalAzureAd => Some(Self::Entra),
            IdentityProvider::Facebook => Some(Self::Facebook),
            IdentityProvider::Federation(_) => None,
            IdentityProvider::Google => Some(Self::Google),
            IdentityProvider::Mail => Some(Self::Passcode),
            IdentityProvider::MicrosoftAccount => Some(Self::MicrosoftAccount),
        }
    }

    /// The name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Entra => "Microsoft Entra ID",
            Self::Facebook => "Facebook",
            Self::Google => "Google",
            Self::MicrosoftAccount => "Microsoft account",
            Self::Passcode => "e-mail one-time passcode",
        }
    }
}

/// What a flow can ask a person, by its name in Graph.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum UserAttribute {
    /// Country/Region.
    Country,
    /// Display Name.
    DisplayName,
    /// Given Name.
    GivenName,
    /// Surname.
    Surname,
}

impl UserAttribute {
    /// The name in Graph and in the form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::DisplayName => "displayName",
            Self::GivenName => "givenName",
            Self::Surname => "surname",
        }
    }

    /// The name, for people: the built-in attributes' labels.
    pub fn label(self) -> &'static str {
        match self {
            Self::Country => "Country/Region",
            Self::DisplayName => "Display Name",
            Self::GivenName => "Given Name",
            Self::Surname => "Surname",
        }
    }

    /// What a browser may fill in (HTML `autocomplete`).
    pub fn autocomplete(self) -> &'static str {
        match self {
            Self::Country => "country-name",
            Self::DisplayName => "name",
            Self::GivenName => "given-name",
            Self::Surname => "family-name",
        }
    }
}
