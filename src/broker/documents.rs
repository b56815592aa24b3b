//! Discovery and key documents, made once and served as bytes.
//!
//! A discovery document depends on the origin and the authority only, and an authority that exists
//! stays what it is; a key document changes when keys are rotated, and when an old key's time is
//! over. What is kept is bounded by the number of tenants.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use hyper::body::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Broker;
use super::failure::internal;
use crate::directory::{SocialNetwork, Tenant, TokenVersion};
use crate::fault::{Fault, say};
use crate::federation::sign_on;
use crate::ids::MICROSOFT_ACCOUNT_TENANT;
use crate::jose::{KeyRing, Role, VerifyingKey};
use crate::protocol::authority::Authority;
use crate::protocol::discovery;
use crate::store::records::by;
use crate::upstream::social;

/// What was made so far.
#[derive(Debug, Default)]
pub(super) struct Documents {
    discovery: Made<(TokenVersion, Authority), Bytes>,
    /// Under the origin that tokens name.
    keys: Made<KeyDocument, KeyBytes>,
    /// What SAML and WS-Fed applications read.
    metadata: Made<Authority, KeyBytes>,
}

/// Documents by origin.
#[derive(Debug)]
struct Made<K, V>(RwLock<BTreeMap<String, BTreeMap<K, V>>>);

impl<K, V> Default for Made<K, V> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Ord, V: Clone> Made<K, V> {
    fn find(&self, origin: &str, key: &K) -> Option<V> {
        let made = self.0.read().unwrap_or_else(PoisonError::into_inner);
        made.get(origin)?.get(key).cloned()
    }

    fn keep(&self, origin: &str, key: K, value: V) {
        let mut made = self.0.write().unwrap_or_else(PoisonError::into_inner);
        made.entry(origin.to_owned()).or_default().insert(key, value);
    }
}

/// A set of keys that has an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum KeyDocument {
    /// Of an authority, by the kinds of accounts that it signs in.
    Entra { version: TokenVersion, work: bool, consumer: bool },
    /// Of a built-in network. They share a key; the issuer tells their tokens apart.
    Network(SocialNetwork),
}

/// A key document, and how long it is true.
#[derive(Debug, Clone)]
struct KeyBytes {
    bytes: Bytes,
    ring: Arc<KeyRing>,
    since: Timestamp,
    until: Timestamp,
}

impl KeyBytes {
    fn is_true(&self, ring: &Arc<KeyRing>, now: Timestamp) -> bool {
        Arc::ptr_eq(&self.ring, ring) && self.since <= now && now < self.until
    }
}

impl Broker {
    /// The discovery document of an authority, for a client that reached us at `origin`.
    pub async fn discovery_document(
        &self,
        origin: &str,
        version: TokenVersion,
        authority: Authority,
    ) -> Result<Bytes, Fault> {
        let documents = &self.documents.discovery;
        if let Some(bytes) = documents.find(origin, &(version, authority)) {
            return Ok(bytes);
        }
        let tenant = match authority.tenant() {
            Some(tenant) => self.store.get::<Tenant>(by::tenant(tenant)).await.map_err(internal)?,
            None => None,
        };
        let region = tenant.as_ref().map(|tenant| tenant.region_scope());
        let origins = (origin, self.origins.issuer(origin), self.origins.graph(origin));
        let document = discovery::document(version, origins, authority, region);
        let bytes = Bytes::from(document.to_string());
        documents.keep(origin, (version, authority), bytes.clone());
        Ok(bytes)
    }

    /// The keys that sign for an authority.
    pub async fn key_document(
        &self,
        origin: &str,
        version: TokenVersion,
        authority: Authority,
    ) -> Result<Bytes, Fault> {
        let work = authority != Authority::Consumers;
        let consumer = matches!(authority, Authority::Common | Authority::Consumers);
        self.keys_told(origin, KeyDocument::Entra { version, work, consumer }).await
    }

    /// The SAML and WS-Fed metadata of an authority as the provider of its applications.
    pub async fn federation_metadata(
        &self,
        origin: &str,
        authority: Authority,
    ) -> Result<Bytes, Fault> {
        if self.store.is_shared() {
            self.refresh_keys().await.map_err(super::failure::internal)?;
        }
        let (ring, now) = (self.keys(), self.clock.now());
        if let Some(made) = self.documents.metadata.find(origin, &authority)
            && made.is_true(&ring, now)
        {
            return Ok(made.bytes);
        }
        let role = match authority {
            Authority::Tenant(MICROSOFT_ACCOUNT_TENANT) | Authority::Consumers => Role::Consumer,
            _ => Role::Work,
        };
        let keys = ring.public(&[role], now).into_iter().map(|(_, key)| key);
        let certificates = keys.map(|key| key.certificate().to_owned()).collect();
        let entity = sign_on::metadata(origin, authority, certificates);
        let text = entity.to_xml(Some(ring.current.of(role)));
        let text = text.map_err(|fault| say::internal().with_detail(fault.to_string()))?;
        let bytes = Bytes::from(text);
        let (since, until) = ring.steady(now);
        let told = KeyBytes { bytes: bytes.clone(), ring, since, until };
        self.documents.metadata.keep(origin, authority, told);
        Ok(bytes)
    }

    /// The keys of a built-in network.
    pub async fn social_key_document(
        &self,
        network: SocialNetwork,
        origin: &str,
    ) -> Result<Bytes, Fault> {
        self.keys_told(origin, KeyDocument::Network(network)).await
    }

    async fn keys_told(&self, origin: &str, document: KeyDocument) -> Result<Bytes, Fault> {
        if self.store.is_shared() {
            // Another process may have rotated: its new key is told before anybody asks twice.
            self.refresh_keys().await.map_err(super::failure::internal)?;
        }
        let issuer_origin = match document {
            KeyDocument::Entra { .. } => self.origins.issuer(origin),
            KeyDocument::Network(_) => origin,
        };
        let (ring, now) = (self.keys(), self.clock.now());
        if let Some(made) = self.documents.keys.find(issuer_origin, &document)
            && made.is_true(&ring, now)
        {
            return Ok(made.bytes);
        }
        let bytes = Bytes::from(document.write(issuer_origin, &ring, now).to_string());
        let (since, until) = ring.steady(now);
        let told = KeyBytes { bytes: bytes.clone(), ring, since, until };
        self.documents.keys.keep(issuer_origin, document, told);
        Ok(bytes)
    }
}

impl KeyDocument {
    fn write(self, origin: &str, ring: &KeyRing, now: Timestamp) -> Value {
        let roles: Vec<Role> = match self {
            Self::Network(_) => vec![Role::Google],
            Self::Entra { work, consumer, .. } => {
                let roles = [(Role::Work, work), (Role::Consumer, consumer)];
                roles.into_iter().filter(|(_, told)| *told).map(|(role, _)| role).collect()
            }
        };
        let keys = ring.public(&roles, now);
        let jwk =
            |(role, key): &(Role, &VerifyingKey)| key.jwk(self.issuer(origin, *role).as_deref());
        json!({ "keys": keys.iter().map(jwk).collect::<Vec<_>>() })
    }

    /// For whom a key signs, where Entra says so: for work accounts with a template, and not at all
    /// in v1.0.
    fn issuer(self, origin: &str, role: Role) -> Option<String> {
        let version = match self {
            Self::Network(network) => return Some(social::issuer(network, origin)),
            Self::Entra { version: TokenVersion::V1, .. } => return None,
            Self::Entra { version, .. } => version,
        };
        let authority = match role {
            Role::Consumer => Authority::Consumers,
            // Only the first one has a document of this kind.
            Role::Work | Role::Google | Role::Litware | Role::Adatum => Authority::Organizations,
        };
        Some(discovery::issuer_of_authority(version, origin, authority))
    }
}
