//! Identifiers and secrets, one type each.
//!
//! A tenant id is not an object id, and neither is a string. GUIDs parse in the canonical
//! 8-4-4-4-12 form only (any case) and print in lower case; an address has one normal form
//! ([`EmailAddress`]); a secret never shows itself in `Debug`.

mod address;
mod secret;

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use address::{DomainName, EmailAddress, InvalidAddress};
pub use secret::{
    AccessTokenValue, BrowserKey, ClientSecret, CodeValue, Digest, PasscodeDigits,
    RefreshTokenValue, SessionKey, TicketValue, TypedPassword,
};

/// A string that is not a GUID in the form `8-4-4-4-12`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a GUID of the form 00000000-0000-0000-0000-000000000000")]
pub struct InvalidGuid(String);

fn parse_guid(text: &str) -> Result<Uuid, InvalidGuid> {
    // `Uuid::try_parse` also takes braces, URNs and undashed digits; a path segment must not.
    if text.len() != 36 {
        return Err(InvalidGuid(text.chars().take(60).collect()));
    }
    Uuid::try_parse(text).map_err(|_| InvalidGuid(text.chars().take(60).collect()))
}

macro_rules! guid {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a GUID that was made elsewhere.
            pub const fn new(guid: Uuid) -> Self {
                Self(guid)
            }

            /// The GUID itself.
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }

            /// A GUID made from this one and a name, always the same for the same two.
            #[must_use]
            pub fn derive(&self, name: &str) -> Uuid {
                Uuid::new_v5(&self.0, name.as_bytes())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0.as_hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = InvalidGuid;

            fn from_str(text: &str) -> Result<Self, InvalidGuid> {
                parse_guid(text).map(Self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

guid! {
    /// A directory: `tid` in tokens, the first path segment of every endpoint.
    TenantId;
    /// A user, guest, group or service principal inside one tenant: `oid` in tokens.
    ObjectId;
    /// An application in every tenant: `client_id` in requests, `appId` in Graph.
    ClientId;
    /// An invitation; `user=` in the redeem link.
    InvitationId;
    /// A SAML or WS-Fed provider of a tenant.
    FederationId;
    /// A provider as a tenant has configured it: another one once it is deleted and made again.
    ConfigurationId;
    /// A terms-of-use agreement.
    TermsId;
    /// One sign-in, from the authorize request to the code.
    InteractionId;
    /// What one code was exchanged for: the family of its access and refresh tokens.
    GrantId;
    /// A mail in the inbox.
    MessageId;
}

/// The tenant that is home to every Microsoft account (`consumers`).
pub const MICROSOFT_ACCOUNT_TENANT: TenantId =
    TenantId(Uuid::from_u128(0x9188_040d_6c67_4c5b_b112_36a3_04b6_6dad));

#[cfg(test)]
mod tests;
