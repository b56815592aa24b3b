//! Client assertions that were good once.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Record, by};
use crate::ids::Digest;
use crate::store::{Key, Kind};

/// The `jti` of an assertion that must not come again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UsedAssertion {
    /// Digest of client and `jti`.
    pub key: Digest,
    /// From then on the assertion is worth nothing anyway.
    pub until: Timestamp,
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
