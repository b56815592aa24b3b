//! Assertions that were good once: those of clients, and those of SAML and WS-Fed providers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Record, by};
use crate::ids::{Digest, TenantId};
use crate::store::{Key, Kind};

/// The `jti` or `ID` of an assertion that must not come again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UsedAssertion {
    /// Digest of client and `jti`, or of provider and `ID`.
    pub key: Digest,
    /// From then on the assertion is worth nothing anyway.
    pub until: Timestamp,
}

impl UsedAssertion {
    /// An assertion of a SAML or WS-Fed provider.
    pub fn federated(tenant: TenantId, issuer: &str, id: &str, until: Timestamp) -> Self {
        let key = format!("federation|{tenant}|{}|{issuer}|{id}", issuer.len());
        let key = Digest::of(key.as_bytes());
        Self { key, until }
    }
}

impl Record for UsedAssertion {
    const KIND: Kind = Kind::UsedAssertion;
    fn key(&self) -> Key {
        by::used_assertion(&self.key)
    }
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.until)
    }
    document!();
}
