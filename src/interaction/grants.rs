//! Codes and refresh tokens as the store keeps them. The first link of the chain is a [`Granted`]; no
//! other value becomes one of these, but a row that the store gave back.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::granted::{GrantData, Granted};
use crate::directory::User;
use crate::fault::{Fault, say};
use crate::ids::{Digest, GrantId, ObjectId, TenantId};
use crate::protocol::client_auth::AuthenticatedClient;
use crate::protocol::token_handle::TokenHandle;

/// An authorization code's life (authorization-code-flow article: about 10 minutes).
const CODE_LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// How long a used code is remembered, so that a replay is recognised.
const CODE_MEMORY: SignedDuration = SignedDuration::from_hours(24);
/// A refresh token ends when it was not used for so long (refresh-tokens article).
const REFRESH_LIFETIME: SignedDuration = SignedDuration::from_hours(90 * 24);
/// A single-page application's refresh tokens all end so long after the sign-in.
const SPA_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// An authorization code.
#[derive(Debug, Clone)]
pub struct CodeRecord(Code);

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Code {
    key: Digest,
    data: GrantData,
    issued_at: Timestamp,
    redeemed: Option<GrantId>,
}

impl CodeRecord {
    /// A code for what was granted; `key` is its digest.
    pub(super) fn of(granted: &Granted, key: Digest, now: Timestamp) -> Self {
        Self(Code { key, data: granted.data().clone(), issued_at: now, redeemed: None })
    }

    /// Digest of the code.
    pub fn key(&self) -> &Digest {
        &self.0.key
    }

    /// What it stands for.
    pub fn data(&self) -> &GrantData {
        &self.0.data
    }

    /// What it was exchanged for, once it was.
    pub fn redeemed(&self) -> Option<GrantId> {
        self.0.redeemed
    }

    /// Whether it is too old.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now.duration_since(self.0.issued_at) > CODE_LIFETIME
    }

    /// When it may be forgotten.
    pub fn forgotten_at(&self) -> Option<Timestamp> {
        self.0.issued_at.checked_add(CODE_MEMORY).ok()
    }

    /// Exchanges the code: it is spent, and a family of tokens begins.
    pub fn exchange(&mut self, id: GrantId, spa: bool, now: Timestamp) -> GrantRecord {
        self.0.redeemed = Some(id);
        GrantRecord(Grant { spa, ..Grant::new(id, self.0.data.clone(), now) })
    }
}

/// What a code was exchanged for: the family of its tokens.
#[derive(Debug, Clone)]
pub struct GrantRecord(Grant);

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Grant {
    id: GrantId,
    data: GrantData,
    spa: bool,
    /// The client proved to be itself when the family began, and has to ever since.
    #[serde(default)]
    confidential: bool,
    created_at: Timestamp,
    used_at: Timestamp,
    revoked: bool,
    /// The other tenants to which the person took the family's refresh token.
    #[serde(default)]
    elsewhere: Vec<Elsewhere>,
    /// The family whose access token was the assertion for this one, or the first of a chain.
    #[serde(default)]
    root: Option<GrantId>,
}

impl Grant {
    fn new(id: GrantId, data: GrantData, now: Timestamp) -> Self {
        Self {
            id,
            data,
            spa: false,
            confidential: false,
            created_at: now,
            used_at: now,
            revoked: false,
            elsewhere: Vec::new(),
            root: None,
        }
    }
}

/// A tenant in which the person of a grant came in with the refresh token of another one.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Elsewhere {
    tenant: TenantId,
    user: ObjectId,
    standing_since: Option<Timestamp>,
}

impl GrantRecord {
    /// A family that begins without a code.
    pub fn begin(granted: &Granted, id: GrantId, now: Timestamp) -> Self {
        Self(Grant::new(id, granted.data().clone(), now))
    }

    /// A family that begins with an access token of another one, and ends with it.
    pub fn begin_for(granted: &Granted, id: GrantId, assertion: &Self, now: Timestamp) -> Self {
        let root = assertion.0.root.unwrap_or(assertion.0.id);
        Self(Grant { root: Some(root), ..Grant::new(id, granted.data().clone(), now) })
    }

    /// The family on which this one rests: revoked, it takes this one with it.
    pub fn root(&self) -> Option<GrantId> {
        self.0.root
    }

    /// Its id, also in its access tokens.
    pub fn id(&self) -> GrantId {
        self.0.id
    }

    /// What was granted.
    pub fn data(&self) -> &GrantData {
        &self.0.data
    }

    /// Whether the client is a single-page application.
    pub fn is_spa(&self) -> bool {
        self.0.spa
    }

    /// The same, begun by a client that proved to be itself, or not.
    #[must_use]
    pub fn begun_by(mut self, client: &AuthenticatedClient) -> Self {
        self.0.confidential = client.is_confidential();
        self
    }

    /// That a client proves no less than when the family began.
    ///
    /// # Errors
    /// 7000218 without the proof.
    pub fn check_client(&self, client: &AuthenticatedClient) -> Result<(), Fault> {
        match self.0.confidential && !client.is_confidential() {
            true => Err(say::secret_missing()),
            false => Ok(()),
        }
    }

    /// When the family was last used.
    pub fn used_at(&self) -> Timestamp {
        self.0.used_at
    }

    /// Whether every token of it is dead.
    pub fn is_revoked(&self) -> bool {
        self.0.revoked
    }

    /// Whether an access token of the family was given to this user as the user stands now: not
    /// reset and redeemed anew since, though the family may be good for the new redemption, too.
    pub fn stands_for(&self, user: &User, token: &TokenHandle) -> bool {
        let Grant { id, data, elsewhere, .. } = &self.0;
        let own = (data.tenant, data.user, data.standing_since);
        let others = elsewhere.iter().map(|e| (e.tenant, e.user, e.standing_since));
        let now = (user.tenant, user.id, user.standing_since());
        let known = std::iter::once(own).chain(others).any(|given| given == now);
        known && token.grant == *id && token.stands(user.standing_since())
    }

    /// Notes that the family is good at another tenant, too. True if that was not known.
    pub fn note_elsewhere(&mut self, granted: &Granted) -> bool {
        let GrantData { tenant, user, standing_since, .. } = *granted.data();
        let known = |e: &Elsewhere| {
            e.tenant == tenant && e.user == user && e.standing_since == standing_since
        };
        if tenant == self.0.data.tenant || self.0.elsewhere.iter().any(known) {
            return false;
        }
        self.0.elsewhere.retain(|e| e.tenant != tenant);
        self.0.elsewhere.push(Elsewhere { tenant, user, standing_since });
        true
    }

    /// Notes that the family was used.
    pub fn use_at(&mut self, now: Timestamp) {
        self.0.used_at = now;
    }

    /// Kills every token of it.
    pub fn revoke(&mut self) {
        self.0.revoked = true;
    }

    /// When it may be forgotten.
    pub fn forgotten_at(&self) -> Option<Timestamp> {
        self.0.used_at.checked_add(REFRESH_LIFETIME).ok()
    }
}

/// A refresh token.
#[derive(Debug, Clone)]
pub struct RefreshRecord(Refresh);

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Refresh {
    key: Digest,
    grant: GrantId,
    expires_at: Timestamp,
    #[serde(default)]
    used: bool,
}

impl RefreshRecord {
    /// A new refresh token of a family; `key` is its digest.
    pub fn of(grant: &GrantRecord, key: Digest, now: Timestamp) -> Self {
        let grant = &grant.0;
        let (start, length) =
            if grant.spa { (grant.created_at, SPA_LIFETIME) } else { (now, REFRESH_LIFETIME) };
        let expires_at = start.checked_add(length).unwrap_or(now);
        Self(Refresh { key, grant: grant.id, expires_at, used: false })
    }

    /// Digest of the token.
    pub fn key(&self) -> &Digest {
        &self.0.key
    }

    /// The family.
    pub fn grant(&self) -> GrantId {
        self.0.grant
    }

    /// When it ends.
    pub fn expires_at(&self) -> Timestamp {
        self.0.expires_at
    }

    /// When it was issued, unless it is a single-page application's.
    pub fn issued_at(&self) -> Timestamp {
        self.0.expires_at.checked_sub(REFRESH_LIFETIME).unwrap_or_default()
    }

    /// Whether another token has taken its place.
    pub fn is_used_up(&self) -> bool {
        self.0.used
    }

    /// Another token takes its place.
    pub fn use_up(&mut self) {
        self.0.used = true;
    }
}

/// Document and back, for the store.
macro_rules! document {
    ($($record:ident)*) => {$(
        impl $record {
            pub(crate) fn to_body(&self) -> Result<String, serde_json::Error> {
                serde_json::to_string(&self.0)
            }

            pub(crate) fn from_body(body: &str) -> Result<Self, serde_json::Error> {
                serde_json::from_str(body).map(Self)
            }
        }
    )*};
}
document!(CodeRecord GrantRecord RefreshRecord);
