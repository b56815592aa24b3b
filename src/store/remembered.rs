//! The records of the directory that nobody writes for days, as they were last read.
//!
//! Every request reads a tenant, an application and its service principals; an administrator writes
//! one now and then. So they are kept parsed until any of them is written. What changes while people
//! sign in (users, consents, sessions, codes) is never kept.
//!
//! Only a store in memory does this: nobody else can write to it.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::{Change, ChangeSet, Index, Key, Kind};

/// More than a world has; a larger one is forgotten now and then.
const MOST: usize = 4096;

/// What was asked of the store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Question {
    /// The records under an index entry.
    By(Index),
    /// One record.
    Of(Key),
}

/// Answers that still hold.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Grows when a write begins and when it ends: an answer that was read before is too old.
    writes: u64,
    answers: BTreeMap<Question, Arc<dyn Any + Send + Sync>>,
}

/// When a question was asked of the backend.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment(u64);

impl Remembered {
    /// Whether records of a kind are kept.
    pub(super) fn keeps(kind: Kind) -> bool {
        matches!(
            kind,
            Kind::AppRoleAssignment | Kind::Application | Kind::ServicePrincipal | Kind::Tenant
        )
    }

    /// The answer to a question, or when it was asked.
    pub(super) fn recall<A: Clone + 'static>(&self, question: &Question) -> Result<A, Moment> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let answer = state.answers.get(question).and_then(|answer| answer.downcast_ref::<A>());
        answer.cloned().ok_or(Moment(state.writes))
    }

    /// Keeps an answer, unless something was written since the question was asked.
    pub(super) fn keep<A>(&self, asked: Moment, question: Question, answer: &A)
    where
        A: Clone + Send + Sync + 'static,
    {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.writes != asked.0 {
            return;
        }
        if state.answers.len() >= MOST {
            state.answers.clear();
        }
        state.answers.insert(question, Arc::new(answer.clone()));
    }

    /// Whether a change set touches what is kept.
    pub(super) fn is_touched_by(changes: &ChangeSet) -> bool {
        changes.wipe
            || changes.changes.iter().any(|change| match change {
                Change::Delete { key, .. } | Change::Put { key, .. } => Self::keeps(key.kind),
                Change::Unchanged { .. } => false,
            })
    }

    /// Forgets everything. To be called before and after a write: what is read in between may be
    /// from before it.
    pub(super) fn forget(&self) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.writes += 1;
        state.answers.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{Question, Remembered};
    use crate::directory::{Tenant, TenantKind};
    use crate::ids::MICROSOFT_ACCOUNT_TENANT;
    use crate::store::records::by;
    use crate::store::{ChangeSet, Kind, Store, Stored};

    fn question() -> Question {
        Question::Of(by::tenant(MICROSOFT_ACCOUNT_TENANT))
    }

    #[test]
    fn keeps_an_answer_until_something_is_written() {
        let remembered = Remembered::default();
        let asked = remembered.recall::<u32>(&question()).unwrap_err();
        remembered.keep(asked, question(), &7_u32);
        assert_eq!(remembered.recall::<u32>(&question()).unwrap(), 7);
        remembered.forget();
        assert!(remembered.recall::<u32>(&question()).is_err());
    }

    #[test]
    fn does_not_keep_what_was_asked_before_a_write() {
        let remembered = Remembered::default();
        let asked = remembered.recall::<u32>(&question()).unwrap_err();
        remembered.forget();
        remembered.keep(asked, question(), &7_u32);
        assert!(remembered.recall::<u32>(&question()).is_err());
    }

    #[tokio::test]
    async fn a_write_is_seen_by_the_next_read() {
        let store = Store::in_memory().unwrap();
        let tenant = Tenant::bare(
            MICROSOFT_ACCOUNT_TENANT,
            "Contoso".to_owned(),
            Vec::new(),
            TenantKind::Managed,
        );
        let read = || async { store.get::<Tenant>(by::tenant(tenant.id)).await.unwrap() };
        assert!(read().await.is_none());
        let mut changes = ChangeSet::new();
        changes.insert(&tenant);
        store.commit(changes).await.unwrap();
        let mut found: Stored<Tenant> = read().await.unwrap();
        found.record.display_name = "Contoso Ltd".to_owned();
        let mut changes = ChangeSet::new();
        changes.update(&found);
        store.commit(changes).await.unwrap();
        assert_eq!(read().await.unwrap().display_name, "Contoso Ltd");
        store.commit(ChangeSet::replacing_everything()).await.unwrap();
        assert!(read().await.is_none());
    }

    #[test]
    fn keeps_nothing_that_changes_while_people_sign_in() {
        for kind in [Kind::User, Kind::Session, Kind::Code, Kind::Consent, Kind::Grant] {
            assert!(!Remembered::keeps(kind), "{kind:?}");
        }
    }
}
