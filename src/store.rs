//! Bytes, versions and indexes. No rules.
//!
//! A record is a JSON document under a [`Key`] with a version and declared index entries. A
//! [`ChangeSet`] is applied all or nothing, each change against the version that its author saw; on
//! a [`CommitFault::Conflict`] the author loads and decides again. Expiry is judged by the reader's
//! clock; [`Backend::sweep`] only removes what nobody can want any more.
//!
//! Backends are interchangeable and know nothing of what they hold: the suite in
//! `store/conformance.rs` is what each must pass.

mod changes;
#[cfg(test)]
pub(crate) mod conformance;
pub mod records;
mod remembered;
pub mod sqlite;

use std::fmt;
use std::future::Future;

use jiff::Timestamp;

pub use changes::{Change, ChangeSet, Expected};
pub use records::{Record, Stored};
use remembered::{Question, Remembered};

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// An application permission that a client holds.
    AppRoleAssignment,
    /// An app registration.
    Application,
    /// Who is assigned to an application.
    Assignment,
    /// An authorization code.
    Code,
    /// Delegated permissions on record.
    Consent,
    /// A contact object.
    Contact,
    /// A device that waits.
    Device,
    /// An account at a built-in SAML or WS-Fed provider.
    FederationAccount,
    /// A sign-in at a built-in SAML or WS-Fed provider.
    FederationSignIn,
    /// What a code was exchanged for.
    Grant,
    /// A group.
    Group,
    /// Wrong guesses for one address.
    Guesses,
    /// A sign-in.
    Interaction,
    /// An invitation.
    Invitation,
    /// What is kept of the signing keys.
    Keys,
    /// A mail.
    Message,
    /// A refresh token.
    RefreshToken,
    /// An application in a tenant.
    ServicePrincipal,
    /// A service provider that a built-in SAML or WS-Fed provider answers.
    ServiceProvider,
    /// Who is signed in, in one browser.
    Session,
    /// What the store was seeded with.
    Settings,
    /// A sign-out that is under way at real providers.
    SignOut,
    /// An account at a built-in social network.
    SocialAccount,
    /// A sign-in at a built-in social network.
    SocialSignIn,
    /// A tenant.
    Tenant,
    /// An accepted terms-of-use.
    TermsAcceptance,
    /// A client assertion that was good once.
    UsedAssertion,
    /// A user.
    User,
}

impl Kind {
    /// The name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AppRoleAssignment => "app_role_assignment",
            Self::Application => "application",
            Self::Assignment => "assignment",
            Self::Code => "code",
            Self::Consent => "consent",
            Self::Contact => "contact",
            Self::Device => "device",
            Self::FederationAccount => "federation_account",
            Self::FederationSignIn => "federation_sign_in",
            Self::Grant => "grant",
            Self::Group => "group",
            Self::Guesses => "guesses",
            Self::Interaction => "interaction",
            Self::Invitation => "invitation",
            Self::Keys => "keys",
            Self::Message => "message",
            Self::RefreshToken => "refresh_token",
            Self::ServicePrincipal => "service_principal",
            Self::ServiceProvider => "service_provider",
            Self::Session => "session",
            Self::Settings => "settings",
            Self::SignOut => "sign_out",
            Self::SocialAccount => "social_account",
            Self::SocialSignIn => "social_sign_in",
            Self::Tenant => "tenant",
            Self::TermsAcceptance => "terms_acceptance",
            Self::UsedAssertion => "used_assertion",
            Self::User => "user",
        }
    }
}

/// Where a record is. The tenant is part of the key, so that no id of one tenant reads another's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// What it is.
    pub kind: Kind,
    /// The tenant it belongs to; empty for what belongs to none.
    pub tenant: String,
    /// Its id within both.
    pub id: String,
}

impl Key {
    /// A record of a tenant.
    pub fn of(kind: Kind, tenant: impl fmt::Display, id: impl fmt::Display) -> Self {
        Self { kind, tenant: tenant.to_string(), id: id.to_string() }
    }

    /// A record that belongs to no tenant.
    pub fn global(kind: Kind, id: impl fmt::Display) -> Self {
        Self { kind, tenant: String::new(), id: id.to_string() }
    }
}

/// An entry under which a record can be found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Index {
    /// What kind of record it finds.
    pub kind: Kind,
    /// The tenant within which the value is looked up; empty for all of them.
    pub tenant: String,
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// Whether two records may share the value.
    pub unique: bool,
}

/// A part of the result of a search, in the order of ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Only ids after this one.
    pub after: Option<String>,
    /// At most so many.
    pub limit: u32,
}

impl Page {
    /// More than any list that is not paged can have.
    pub const ALL: Self = Self { after: None, limit: 10_000 };
}

/// What to search for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// Every record of a kind in a tenant.
    All(Kind, String),
    /// The records under an index entry.
    By(Index),
}

/// A record as a backend holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned {
    /// Where it is.
    pub key: Key,
    /// Grows with every commit; a record that was deleted and made again has a new one.
    pub version: u64,
    /// When it may be swept.
    pub expires_at: Option<Timestamp>,
    /// The document.
    pub body: String,
}

/// The store could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// The database said no.
    #[error("the store failed: {0}")]
    Backend(String),
    /// A document does not have the shape of its kind.
    #[error("the record {kind} {id} is inconsistent: {reason}")]
    Inconsistent {
        /// What it should be.
        kind: &'static str,
        /// Its id.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A change set was not applied; nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum CommitFault {
    /// A record is not at the version the change expects: load and decide again.
    #[error("a record has changed meanwhile")]
    Conflict,
    /// A unique index entry is taken by another record.
    #[error("the {0} is taken")]
    Duplicate(&'static str),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

/// Where records live.
pub trait Backend: Send + Sync {
    /// One record.
    fn get(&self, key: &Key) -> impl Future<Output = Result<Option<Versioned>, StoreFault>> + Send;

    /// The records that a query finds, in the order of ids.
    fn find(
        &self,
        query: &Query,
        page: &Page,
    ) -> impl Future<Output = Result<Vec<Versioned>, StoreFault>> + Send;

    /// Applies all changes or none. When it returns, the changes survive the end of the process.
    fn commit(&self, changes: ChangeSet) -> impl Future<Output = Result<(), CommitFault>> + Send;

    /// Removes what expired before `now`, and says how many records that was.
    fn sweep(&self, now: Timestamp) -> impl Future<Output = Result<u64, StoreFault>> + Send;
}

/// The store of a server: a backend, and typed access on top.
#[derive(Debug)]
pub struct Store {
    backend: sqlite::Sqlite,
    /// Only where nobody else can write.
    remembered: Option<Remembered>,
}

impl Store {
    /// An empty store in memory.
    pub fn in_memory() -> Result<Self, StoreFault> {
        let backend = sqlite::Sqlite::in_memory()?;
        Ok(Self { backend, remembered: Some(Remembered::default()) })
    }

    /// The store in a file, made if it is not there.
    pub fn in_file(path: &std::path::Path) -> Result<Self, StoreFault> {
        let backend = sqlite::Sqlite::in_file(path)?;
        Ok(Self { backend, remembered: None })
    }

    /// `memory` or `file`.
    pub fn kind(&self) -> &'static str {
        self.backend.kind()
    }

    /// Whether other processes may write to it.
    pub fn is_shared(&self) -> bool {
        self.kind() != "memory"
    }

    /// One record of a kind, or none.
    pub async fn get<T: Record>(&self, key: Key) -> Result<Option<Stored<T>>, StoreFault> {
        debug_assert_eq!(key.kind, T::KIND);
        let read = async |key: Key| self.backend.get(&key).await?.map(Stored::read).transpose();
        let Some(remembered) = self.remembered_for(T::KIND) else { return read(key).await };
        let question = Question::Of(key.clone());
        match remembered.recall(&question) {
            Ok(found) => Ok(found),
            Err(asked) => {
                let found = read(key).await?;
                remembered.keep(asked, question, &found);
                Ok(found)
            }
        }
    }

    /// The records under an index entry.
    pub async fn find<T: Record>(&self, index: Index) -> Result<Vec<Stored<T>>, StoreFault> {
        let read = async |index| self.search(&Query::By(index), &Page::ALL).await;
        let Some(remembered) = self.remembered_for(T::KIND) else { return read(index).await };
        let question = Question::By(index.clone());
        match remembered.recall(&question) {
            Ok(found) => Ok(found),
            Err(asked) => {
                let found = read(index).await?;
                remembered.keep(asked, question, &found);
                Ok(found)
            }
        }
    }

    fn remembered_for(&self, kind: Kind) -> Option<&Remembered> {
        self.remembered.as_ref().filter(|_| Remembered::keeps(kind))
    }

    /// The record under a unique index entry.
    pub async fn find_one<T: Record>(&self, index: Index) -> Result<Option<Stored<T>>, StoreFault> {
        Ok(self.find(index).await?.into_iter().next())
    }

    /// A page of what a query finds.
    pub async fn search<T: Record>(
        &self,
        query: &Query,
        page: &Page,
    ) -> Result<Vec<Stored<T>>, StoreFault> {
        self.backend.find(query, page).await?.into_iter().map(Stored::read).collect()
    }

    /// Applies all changes or none.
    pub async fn commit(&self, changes: ChangeSet) -> Result<(), CommitFault> {
        let touched = self.remembered.as_ref().filter(|_| Remembered::is_touched_by(&changes));
        touched.inspect(|remembered| remembered.forget());
        let done = self.backend.commit(changes).await;
        touched.inspect(|remembered| remembered.forget());
        done
    }

    /// Removes what expired before `now`.
    pub async fn sweep(&self, now: Timestamp) -> Result<u64, StoreFault> {
        self.backend.sweep(now).await
    }
}
