//! A server's keys over time: which sign now, and which have signed before.
//!
//! A key that no longer signs stays in the key documents, and is taken for verification, as long as
//! a token that it has signed can live. [`KeyRecord`] is what a store keeps of this; the private
//! halves in it are sealed under the key that the server was started with, which is kept elsewhere:
//! whoever steals the store alone cannot sign.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{InvalidKey, KeySet, SigningKey, VerifyingKey, generate, seal};

/// Which of a server's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Signs for every Entra tenant.
    Work,
    /// Signs for the Microsoft-account tenant.
    Consumer,
    /// Signs for the built-in Google.
    Google,
    /// Signs for the built-in SAML provider.
    Litware,
    /// Signs for the built-in WS-Fed provider.
    Adatum,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Work, Self::Consumer, Self::Google, Self::Litware, Self::Adatum];

    /// The name in the control API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::Consumer => "consumer",
            Self::Google => "google",
            Self::Litware => "litware",
            Self::Adatum => "adatum",
        }
    }
}

const SEAL: &str = "guestpass signing keys";

/// Keys that were just made, with what is needed to keep them.
#[derive(Debug)]
pub struct NewKeys {
    /// The keys.
    pub keys: KeySet,
    pems: Vec<String>,
}

impl NewKeys {
    /// Makes keys that nobody else knows. Takes a while: RSA keys are found by trying.
    pub fn generate() -> Result<Self, InvalidKey> {
        let pem = |role: Role| generate(&format!("guestpass signing key ({})", role.as_str()));
        Self::read(Role::ALL.map(pem).into_iter().collect::<Result<_, _>>()?, None)
    }

    /// A role that did not exist when the keys were made keeps its installed one.
    fn read(pems: Vec<String>, installed: Option<&KeySet>) -> Result<Self, InvalidKey> {
        let key = |role: Role| match (pems.get(role as usize), installed) {
            (Some(pem), _) => SigningKey::from_pem(pem).map(Arc::new),
            (None, Some(installed)) => Ok(installed.of(role).clone()),
            (None, None) => Err(InvalidKey("too few keys".to_owned())),
        };
        let keys = KeySet {
            work: key(Role::Work)?,
            consumer: key(Role::Consumer)?,
            google: key(Role::Google)?,
            litware: key(Role::Litware)?,
            adatum: key(Role::Adatum)?,
        };
        Ok(Self { keys, pems })
    }

    fn seal(&self, installed: &KeySet) -> Result<String, InvalidKey> {
        let text = serde_json::to_string(&self.pems).map_err(|e| InvalidKey(e.to_string()))?;
        seal::seal(installed.work.fingerprint(), SEAL, &text)
    }

    fn open(sealed: &str, installed: &KeySet) -> Result<Self, InvalidKey> {
        let text = seal::open(installed.work.fingerprint(), SEAL, sealed)?;
        let pems = serde_json::from_str(&text).map_err(|e| InvalidKey(e.to_string()))?;
        Self::read(pems, Some(installed))
    }
}

/// A key that no longer signs.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Retired {
    role: Role,
    key: VerifyingKey,
    /// When it signed last.
    at: Timestamp,
    /// When no token that it has signed can still live.
    until: Timestamp,
}

impl Retired {
    /// From when it is kept: a clock that was set back shows a time at which nobody can hold a
    /// token of it.
    fn from(&self) -> Timestamp {
        self.at.checked_sub(self.until.duration_since(self.at)).unwrap_or(self.at)
    }

    fn is_kept(&self, now: Timestamp) -> bool {
        self.from() <= now && now < self.until
    }
}

/// What a store keeps of a server's keys.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeyRecord {
    /// The keys that the server was started with, by `kid`.
    installed: Vec<String>,
    /// The keys that sign in their place since a rotation.
    sealed: Option<String>,
    /// What verifies what is signed now.
    current: Vec<(Role, VerifyingKey)>,
    retired: Vec<Retired>,
}

impl KeyRecord {
    /// Of a server that was started with these keys.
    pub fn of(installed: &KeySet) -> Self {
        Self {
            installed: kids(installed),
            sealed: None,
            current: public(installed),
            retired: Vec::new(),
        }
    }

    /// Notes the keys that a server is started with. If they are others than before, they sign
    /// from `now` on, and what they replace is kept `until` then. False if nothing is new.
    pub fn install(&mut self, installed: &KeySet, now: Timestamp, until: Timestamp) -> bool {
        if self.installed == kids(installed) {
            return false;
        }
        self.installed = kids(installed);
        self.sealed = None;
        self.replace(installed, now, until);
        true
    }

    /// Puts new keys in the place of those that sign, which are kept `until` then.
    ///
    /// # Errors
    /// If they cannot be sealed.
    pub fn rotate(
        &mut self,
        new: &NewKeys,
        installed: &KeySet,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(), InvalidKey> {
        self.sealed = Some(new.seal(installed)?);
        self.replace(&new.keys, now, until);
        Ok(())
    }

    fn replace(&mut self, next: &KeySet, now: Timestamp, until: Timestamp) {
        let replaced = std::mem::replace(&mut self.current, public(next));
        self.retired.retain(|retired| retired.is_kept(now));
        let retired = replaced.into_iter().map(|(role, key)| Retired { role, key, at: now, until });
        self.retired.extend(retired);
        let current = &self.current;
        self.retired.retain(|old| current.iter().all(|(_, key)| key.kid() != old.key.kid()));
    }

    /// The keys, ready for use.
    ///
    /// # Errors
    /// If the record was written with other installed keys.
    pub fn ring(&self, installed: &KeySet) -> Result<KeyRing, InvalidKey> {
        let current = match &self.sealed {
            Some(sealed) => NewKeys::open(sealed, installed)?.keys,
            None => installed.clone(),
        };
        Ok(KeyRing { current, retired: self.retired.clone() })
    }
}

fn kids(keys: &KeySet) -> Vec<String> {
    Role::ALL.iter().map(|role| keys.of(*role).kid().to_owned()).collect()
}

fn public(keys: &KeySet) -> Vec<(Role, VerifyingKey)> {
    Role::ALL.iter().map(|role| (*role, keys.of(*role).public().clone())).collect()
}

/// The keys of a running server.
#[derive(Debug)]
pub struct KeyRing {
    /// Those that sign.
    pub current: KeySet,
    retired: Vec<Retired>,
}

impl KeyRing {
    /// The public keys that verify tokens: those that sign first, then those that have signed.
    pub fn public(&self, roles: &[Role], now: Timestamp) -> Vec<(Role, &VerifyingKey)> {
        let current = roles.iter().map(|role| (*role, self.current.of(*role).public()));
        let retired = self.retired.iter().rev().filter(|old| roles.contains(&old.role));
        let retired = retired.filter(|old| old.is_kept(now)).map(|old| (old.role, &old.key));
        current.chain(retired).collect()
    }

    /// From when until when [`KeyRing::public`] gives the same as `now`.
    pub fn steady(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let turns = self.retired.iter().flat_map(|old| [old.from(), old.until]);
        let (past, future): (Vec<_>, Vec<_>) = turns.partition(|turn| *turn <= now);
        let since = past.into_iter().max().unwrap_or(Timestamp::MIN);
        (since, future.into_iter().min().unwrap_or(Timestamp::MAX))
    }
}

#[cfg(test)]
mod tests;
