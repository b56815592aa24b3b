//! Who is signed in, in one browser.
//!
//! A session belongs to a browser; each entry in it belongs to one tenant and proves one account
//! there, nowhere else. The id of a session is new at each sign-in.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::proof::{AccountData, Authenticated};
use super::sign_out::Visited;
use crate::directory::{IdentityProvider, User};
use crate::ids::{Digest, ObjectId, TenantId};

/// A session without "Stay signed in?" (configurable-token-lifetimes article), and every passcode
/// session (one-time-passcode article).
const SHORT: SignedDuration = SignedDuration::from_hours(24);
/// A session with it.
const LONG: SignedDuration = SignedDuration::from_hours(90 * 24);
/// More accounts than a person has.
const MOST_ENTRIES: usize = 20;
/// More applications than a person opens in one browser.
const MOST_APPLICATIONS: usize = 256;

/// The signed-in accounts of a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session(SessionData);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SessionData {
    key: Digest,
    entries: Vec<SignedInData>,
}

/// An account that is signed in at a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn(SignedInData);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SignedInData {
    tenant: TenantId,
    account: AccountData,
    /// Who that was in the tenant.
    user: ObjectId,
    /// `externalUserStateChangeDateTime` of the guest then.
    standing_since: Option<Timestamp>,
    sid: Uuid,
    expires_at: Timestamp,
    persistent: bool,
    /// The applications that it signed into.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    applications: Vec<Visited>,
}

impl Session {
    /// An empty session under a new key.
    pub fn new(key: Digest) -> Self {
        Self(SessionData { key, entries: Vec::new() })
    }

    /// The digest of its cookie.
    pub fn key(&self) -> &Digest {
        &self.0.key
    }

    /// When the last entry ends.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.0.entries.iter().map(|entry| entry.expires_at).max()
    }

    /// Whether a cookie for it should outlive the browser.
    pub fn is_persistent(&self) -> bool {
        self.0.entries.iter().any(|entry| entry.persistent)
    }

    /// The live entries of a tenant; of every tenant without one.
    pub fn at(&self, tenant: Option<TenantId>, now: Timestamp) -> Vec<SignedIn> {
        let entries = self.0.entries.iter();
        entries
            .filter(|entry| tenant.is_none_or(|tenant| entry.tenant == tenant))
            .map(|entry| SignedIn(entry.clone()))
            .filter(|entry| entry.is_live(now))
            .collect()
    }

    /// The same accounts under a new key, as after each sign-in.
    #[must_use]
    pub fn rekeyed(mut self, key: Digest) -> Self {
        self.0.key = key;
        self
    }

    /// Remembers an account that was just proven; it takes the place of an earlier entry.
    pub fn sign_in(&mut self, who: &Authenticated, sid: Uuid, now: Timestamp) {
        let account = who.proven().0.clone();
        let same = |entry: &SignedInData| {
            entry.tenant == who.tenant() && entry.account.account.is_same_account(&account.account)
        };
        let before = self.0.entries.iter().position(same).map(|at| self.0.entries.remove(at));
        self.0.entries.retain(|entry| entry.expires_at > now);
        if self.0.entries.len() == MOST_ENTRIES {
            self.0.entries.remove(0);
        }
        let persistent = before.as_ref().is_some_and(|entry| entry.persistent);
        let applications = before.map(|entry| entry.applications).unwrap_or_default();
        let mut entry = SignedInData {
            tenant: who.tenant(),
            account,
            user: who.user(),
            standing_since: who.state_of,
            sid,
            expires_at: now,
            persistent,
            applications,
        };
        entry.extend(now);
        self.0.entries.push(entry);
    }

    /// The answer to "Stay signed in?".
    pub fn stay_signed_in(&mut self, sid: Uuid, persistent: bool, now: Timestamp) {
        for entry in self.0.entries.iter_mut().filter(|entry| entry.sid == sid) {
            entry.persistent = persistent;
            entry.extend(now);
        }
    }

    /// Remembers an application that an entry signed into: it is told when the account signs out.
    /// True if that was not known.
    pub fn visit(&mut self, visited: Visited) -> bool {
        let sid = visited.sid;
        let Some(entry) = self.0.entries.iter_mut().find(|entry| entry.sid == sid) else {
            return false;
        };
        if entry.applications.contains(&visited) {
            return false;
        }
        entry.applications.retain(|known| known.client != visited.client);
        if entry.applications.len() == MOST_APPLICATIONS {
            entry.applications.remove(0);
        }
        entry.applications.push(visited);
        true
    }

    /// Signs accounts out, each at every tenant, and gives what they were signed in to.
    pub fn sign_out(&mut self, accounts: &[SignedIn]) -> Vec<SignedIn> {
        let named = |entry: &mut SignedInData| {
            let account = &entry.account.account;
            accounts.iter().any(|one| one.account().is_same_account(account))
        };
        self.0.entries.extract_if(.., named).map(SignedIn).collect()
    }

    /// Whether nobody is signed in.
    pub fn is_empty(&self) -> bool {
        self.0.entries.is_empty()
    }

    /// The document in the store.
    pub(crate) fn to_body(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&self.0)
    }

    /// Reads the document in the store.
    pub(crate) fn from_body(body: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(body).map(Self)
    }
}

impl SignedInData {
    /// Sliding, but for passcodes: those end 24 hours after the code was typed.
    fn extend(&mut self, now: Timestamp) {
        let mailed = self.account.account.provider == IdentityProvider::Mail;
        let (start, length) = match (mailed, self.persistent) {
            (true, _) => (self.account.auth_time, SHORT),
            (false, true) => (now, LONG),
            (false, false) => (now, SHORT),
        };
        self.expires_at = start.checked_add(length).unwrap_or(now);
    }
}

impl SignedIn {
    /// Who it was in the tenant.
    pub fn user(&self) -> ObjectId {
        self.0.user
    }

    /// Whether the user still is who was proven: a reset ends every session from before.
    pub fn stands_for(&self, user: &User) -> bool {
        user.id == self.0.user
            && (!user.is_pending() || user.standing_since() == self.0.standing_since)
    }

    /// Whether it still counts.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.0.expires_at
    }

    /// Its id: `sid` in tokens.
    pub fn sid(&self) -> Uuid {
        self.0.sid
    }

    /// The tenant at which it counts.
    pub fn tenant(&self) -> TenantId {
        self.0.tenant
    }

    /// What the person typed to sign in.
    pub fn name(&self) -> &str {
        &self.0.account.account.sign_in_name
    }

    /// The name on the account.
    pub fn display_name(&self) -> &str {
        &self.0.account.display_name
    }

    /// When the account was proven.
    pub fn auth_time(&self) -> Timestamp {
        self.0.account.auth_time
    }

    /// The applications that it signed into.
    pub fn applications(&self) -> &[Visited] {
        &self.0.applications
    }

    /// The id token of the real provider that vouched for it.
    pub fn upstream_id_token(&self) -> Option<&str> {
        self.0.account.upstream_id_token.as_deref()
    }

    /// The account.
    pub fn account(&self) -> &crate::directory::LinkedAccount {
        &self.0.account.account
    }

    pub(super) fn account_data(&self) -> &AccountData {
        &self.0.account
    }
}
