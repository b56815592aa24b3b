//! What a sign-out has to remember.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::{ClientId, Digest, InteractionId};

/// How long a sign-out may stay at a real provider.
const LIFETIME: SignedDuration = SignedDuration::from_mins(30);

/// An application that a session signed into, and the `sid` that its id token had then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visited {
    /// Which.
    pub client: ClientId,
    /// `sid` of its id token, or what its assertion named the session after.
    pub sid: Uuid,
    /// By which protocol.
    #[serde(default)]
    pub by: VisitedBy,
}

/// By which protocol an application was signed into: it is told of the sign-out by the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitedBy {
    /// OpenID Connect.
    #[default]
    Oidc,
    /// The same at a v1.0 endpoint, whose issuer has another name.
    OidcV1,
    /// SAML 2.0.
    Saml {
        /// The `NameID` that the person has there.
        name: String,
        /// Its format.
        format: String,
    },
    /// WS-Federation.
    WsFed,
}

/// A sign-out that is under way at real providers. Nobody is signed in any more: it only knows
/// where the browser goes next.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignOutRecord {
    /// Its id.
    pub id: InteractionId,
    /// The browser it belongs to.
    pub browser: Digest,
    /// Digest of the `state` that comes back.
    pub state: Digest,
    /// The providers that are still to be visited, each an address.
    pub remaining: Vec<String>,
    /// Where the application wants the browser in the end.
    pub way_on: Option<String>,
    /// When it is over, finished or not.
    pub expires_at: Timestamp,
}

impl SignOutRecord {
    /// A sign-out whose browser is sent away now.
    pub fn new(
        id: InteractionId,
        (browser, state): (Digest, Digest),
        remaining: Vec<String>,
        way_on: Option<String>,
        now: Timestamp,
    ) -> Self {
        let expires_at = now.checked_add(LIFETIME).unwrap_or(now);
        Self { id, browser, state, remaining, way_on, expires_at }
    }

    /// Whether an answer belongs to it.
    pub fn fits(&self, browser: &Digest, state: &str, now: Timestamp) -> bool {
        self.browser.matches(browser)
            && self.state.matches(&Digest::of(state.as_bytes()))
            && now < self.expires_at
    }
}
