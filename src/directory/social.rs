//! Social networks, and the accounts that people have there.

use serde::{Deserialize, Serialize};

use super::account::IdentityProvider;
use crate::ids::{ConfigurationId, Digest, EmailAddress};

/// A network whose accounts a tenant can let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SocialNetwork {
    /// Signs people up, and does not verify their addresses.
    Facebook,
    /// Redeems invitations, too.
    Google,
}

impl SocialNetwork {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::Facebook, Self::Google];

    /// The name, for people and in Graph (`identityProviderType`).
    pub fn name(self) -> &'static str {
        match self {
            Self::Facebook => "Facebook",
            Self::Google => "Google",
        }
    }

    /// The name in addresses and forms.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Facebook => "facebook",
            Self::Google => "google",
        }
    }

    /// Whom its accounts count as.
    pub fn identity_provider(self) -> IdentityProvider {
        match self {
            Self::Facebook => IdentityProvider::Facebook,
            Self::Google => IdentityProvider::Google,
        }
    }

    /// The network of a guest's identity provider.
    pub fn of(provider: &IdentityProvider) -> Option<Self> {
        Self::ALL.into_iter().find(|network| network.identity_provider() == *provider)
    }
}

/// An account at a built-in network.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SocialAccount {
    /// Where.
    pub network: SocialNetwork,
    /// The network's `sub`: decimal digits.
    pub subject: String,
    /// The address. Google has verified it; Facebook may have none.
    pub address: Option<EmailAddress>,
    /// A telephone number to sign in with, in the form of [`phone_number`].
    pub phone: Option<String>,
    /// The name on the account.
    pub display_name: String,
    /// Digest of the password, see [`super::user::password_digest`].
    pub password: Digest,
}

impl SocialAccount {
    /// What its holder may type.
    pub fn sign_in_names(&self) -> impl Iterator<Item = &str> {
        let address = self.address.as_ref().map(EmailAddress::as_str);
        address.into_iter().chain(self.phone.as_deref())
    }
}

/// A telephone number in one form: `+` and digits. `None` if it is none.
pub fn phone_number(text: &str) -> Option<String> {
    let digits: String =
        text.trim().chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/')).collect();
    let number = digits.strip_prefix('+').unwrap_or(&digits);
    let fits = (5..=15).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| format!("+{number}"))
}

/// An administrator's own registration at a network (`socialIdentityProvider`). A real network in
/// the slot is asked in its name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SocialRegistration {
    /// `displayName`.
    pub display_name: String,
    /// `clientId`.
    pub client_id: String,
    /// `clientSecret`; never shown.
    pub client_secret: String,
    /// Which configuration it is, if it was made through Graph. The one that a world file switched
    /// on has none, whatever is changed of it.
    #[serde(default)]
    pub configuration: Option<ConfigurationId>,
}
