//! What was good once: assertions of clients and of SAML and WS-Fed providers, and requests to sign
//! somebody out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Record, by};
use crate::ids::{ClientId, Digest, TenantId};
use crate::store::{Key, Kind};

/// The `jti` or `ID` of an assertion or a request that must not come again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UsedAssertion {
    /// Digest of client and `jti` or `ID`, or of provider and `ID`.
    pub key: Digest,
    /// From then on it is worth nothing anyway.
    pub until: Timestamp,
}

impl UsedAssertion {
    /// A signed request of an application to sign somebody out.
    pub fn sign_out(client: ClientId, id: &str, until: Timestamp) -> Self {
        Self { key: Digest::of(format!("sign-out|{client}|{id}").as_bytes()), until }
    }

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
