//! The signing keys: kept in the store, rotated, and read anew when another process rotates them.
//!
//! Whoever signs takes the key out of the ring first; no lock is held while it signs.

use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Broker;
use super::failure::{Failure, retry};
use crate::fault::{Fault, say};
use crate::interaction::LONGEST_TOKEN;
use crate::jose::{InvalidToken, KeyRecord, KeyRing, KeySet, NewKeys, Role, VerifyingKey};
use crate::store::records::by;
use crate::store::{ChangeSet, CommitFault, Store, StoreFault};

/// Keys are kept a little longer than tokens live, since clocks differ.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// The keys that sign users' and applications' tokens.
const ENTRA: [Role; 2] = [Role::Work, Role::Consumer];

/// The keys of a broker.
#[derive(Debug)]
pub(super) struct Keys {
    /// What the server was started with; it also unseals what the store keeps.
    installed: KeySet,
    /// The ring, and the version of the record that it was made of.
    held: RwLock<(u64, Arc<KeyRing>)>,
    /// Taken by whoever replaces keys, or everything else in the store.
    pub(super) replacing: tokio::sync::Mutex<()>,
}

/// A rotation, told.
#[derive(Debug, Serialize)]
pub struct Rotation {
    /// The new keys.
    pub keys: Vec<RotatedKey>,
    /// Until when the old ones stay in the key documents.
    pub old_keys_kept_until: Timestamp,
}

/// A new key and the one it replaces.
#[derive(Debug, Serialize)]
pub struct RotatedKey {
    /// `work`, `consumer`, `google`, `litware` or `adatum`.
    pub name: &'static str,
    /// The `kid` that signs from now on.
    pub kid: String,
    /// The `kid` that signed until now.
    pub replaces: String,
}

impl Keys {
    /// The keys of a server that is started with `installed`: those, or what a rotation put in
    /// their place.
    pub(super) async fn load(
        store: &Store,
        installed: KeySet,
        now: Timestamp,
    ) -> Result<Self, StoreFault> {
        loop {
            let mut changes = ChangeSet::new();
            match store.get::<KeyRecord>(by::keys()).await? {
                None => drop(changes.insert(&KeyRecord::of(&installed))),
                Some(mut stored) => {
                    if stored.record.install(&installed, now, kept_until(now)) {
                        changes.update(&stored);
                    } else {
                        let ring = Arc::new(ring(&stored.record, &installed)?);
                        let held = RwLock::new((stored.version, ring));
                        return Ok(Self {
                            installed,
                            held,
                            replacing: tokio::sync::Mutex::default(),
                        });
                    }
                }
            }
            match store.commit(changes).await {
                // Somebody who starts at the same time was faster: see what is there now.
                Ok(()) | Err(CommitFault::Conflict | CommitFault::Duplicate(_)) => {}
                Err(CommitFault::Store(fault)) => return Err(fault),
            }
        }
    }

    fn held(&self) -> (u64, Arc<KeyRing>) {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        (held.0, held.1.clone())
    }
}

fn ring(record: &KeyRecord, installed: &KeySet) -> Result<KeyRing, StoreFault> {
    record.ring(installed).map_err(|error| StoreFault::Inconsistent {
        kind: "keys",
        id: "keys".to_owned(),
        reason: error.to_string(),
    })
}

fn kept_until(now: Timestamp) -> Timestamp {
    now.checked_add(LONGEST_TOKEN).and_then(|end| end.checked_add(SKEW)).unwrap_or(now)
}

impl Broker {
    /// The keys as they are now.
    pub fn keys(&self) -> Arc<KeyRing> {
        self.keys.held().1
    }

    /// Makes new keys, which sign from now on. The old ones stay in the key documents, and are
    /// taken for verification, as long as a token that they signed can live.
    pub async fn rotate_keys(&self) -> Result<Rotation, Fault> {
        let new = tokio::task::spawn_blocking(NewKeys::generate).await;
        let new = new.map_err(|error| error.to_string());
        let new = new.and_then(|new| new.map_err(|error| error.to_string()));
        let new = new.map_err(|why| say::internal().with_detail(why))?;
        let _alone = self.keys.replacing.lock().await;
        let rotation = retry!(self.try_rotate_keys(&new).await)?;
        for RotatedKey { name, kid, replaces } in &rotation.keys {
            tracing::info!(name, kid, replaces, "a signing key was rotated");
        }
        Ok(rotation)
    }

    async fn try_rotate_keys(&self, new: &NewKeys) -> Result<Rotation, Failure> {
        let stored = self.store.get::<KeyRecord>(by::keys()).await?;
        let mut stored = stored.ok_or_else(say::internal)?;
        let installed = &self.keys.installed;
        let before = ring(&stored.record, installed)?.current;
        let now = self.clock.now();
        let until = kept_until(now);
        let rotated = stored.record.rotate(new, installed, now, until);
        rotated.map_err(|error| say::internal().with_detail(error.to_string()))?;
        let mut changes = ChangeSet::new();
        changes.update(&stored);
        self.store.commit(changes).await?;
        self.refresh_keys().await?;
        let keys = Role::ALL.iter().map(|role| RotatedKey {
            name: role.as_str(),
            kid: new.keys.of(*role).kid().to_owned(),
            replaces: before.of(*role).kid().to_owned(),
        });
        Ok(Rotation { keys: keys.collect(), old_keys_kept_until: until })
    }

    /// Takes up what the store has of the keys, if that is new: another process may have rotated
    /// them. Keys that cannot be used are left alone, with a warning.
    pub(super) async fn refresh_keys(&self) -> Result<(), StoreFault> {
        let Some(stored) = self.store.get::<KeyRecord>(by::keys()).await? else { return Ok(()) };
        if stored.version == self.keys.held().0 {
            return Ok(());
        }
        match ring(&stored.record, &self.keys.installed) {
            Ok(ring) => {
                let mut held = self.keys.held.write().unwrap_or_else(PoisonError::into_inner);
                if stored.version > held.0 {
                    *held = (stored.version, Arc::new(ring));
                }
            }
            Err(fault) => {
                let hint = "start every server of one store with the same signing keys";
                tracing::warn!(%fault, hint, "another server's signing keys cannot be used");
            }
        }
        Ok(())
    }

    /// Verifies a token that must be one of ours: signed by a key that signs, or one that has
    /// signed not too long ago.
    pub(super) async fn verify_own(&self, token: &str) -> Result<Map<String, Value>, InvalidToken> {
        match self.verify_by_known_keys(token) {
            Err(why) if why.is_of_unknown_key() && self.store.is_shared() => {
                if let Err(fault) = self.refresh_keys().await {
                    tracing::warn!(%fault, "the signing keys could not be read anew");
                }
                self.verify_by_known_keys(token)
            }
            verified => verified,
        }
    }

    fn verify_by_known_keys(&self, token: &str) -> Result<Map<String, Value>, InvalidToken> {
        let ring = self.keys();
        let keys = ring.public(&ENTRA, self.clock.now());
        let keys: Vec<&VerifyingKey> = keys.into_iter().map(|(_, key)| key).collect();
        crate::jose::verify(token, &keys)
    }
}
