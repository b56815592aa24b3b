//! Limits on guessing: 20 wrong passwords or codes an address in 10 minutes. Right ones are never
//! counted, so a test suite may sign the same person in a thousand times.

use jiff::{SignedDuration, Timestamp};

use super::Broker;
use super::failure::Failure;
use crate::fault::{Fault, say};
use crate::ids::Digest;
use crate::store::records::{Guesses, by};
use crate::store::{ChangeSet, Stored};

const MOST_GUESSES: usize = 20;
/// Names that nobody has, from one network address.
const MOST_NAMES: usize = 200;
const WINDOW: SignedDuration = SignedDuration::from_mins(10);

/// The wrong guesses at one thing, as read.
pub(super) struct Guessed {
    stored: Option<Stored<Guesses>>,
    key: Digest,
    now: Timestamp,
}

impl Broker {
    pub(super) async fn guessed(&self, key: Digest) -> Result<Guessed, Failure> {
        let stored = self.store.get::<Guesses>(by::guesses(&key)).await?;
        Ok(Guessed { stored, key, now: self.clock.now() })
    }
}

impl Guessed {
    fn counting(&self) -> Vec<Timestamp> {
        let wrong = self.stored.iter().flat_map(|stored| stored.wrong.iter().copied());
        wrong.filter(|at| self.now.duration_since(*at) < WINDOW).collect()
    }

    /// Whether there were too many.
    pub(super) fn is_locked(&self) -> bool {
        self.counting().len() >= MOST_GUESSES
    }

    /// Whether too many names that nobody has were asked about.
    pub(super) fn is_throttled(&self) -> bool {
        self.counting().len() >= MOST_NAMES
    }

    /// 50053 if there were too many.
    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.is_locked() { Err(say::locked()) } else { Ok(()) }
    }

    /// One more wrong one.
    pub(super) fn note_wrong(&self, changes: &mut ChangeSet) {
        let mut wrong = self.counting();
        wrong.push(self.now);
        let expires_at = self.now.checked_add(WINDOW).unwrap_or(self.now);
        let record = Guesses { key: self.key.clone(), wrong, expires_at };
        match &self.stored {
            Some(stored) => changes.update(&Stored { version: stored.version, record }),
            None => changes.insert(&record),
        };
    }
}
