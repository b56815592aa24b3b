//! What is to change, and on what condition.

use jiff::Timestamp;

use super::{Index, Key, Record, Stored};

/// One change.
#[derive(Debug, Clone)]
pub enum Change {
    /// Removes a record.
    Delete {
        /// Which.
        key: Key,
        /// The version it must have.
        version: u64,
    },
    /// Writes a record.
    Put {
        /// Where.
        key: Key,
        /// What must be there now.
        expected: Expected,
        /// When it may be swept.
        expires_at: Option<Timestamp>,
        /// The document.
        body: String,
        /// Under what it is found.
        indexes: Vec<Index>,
    },
    /// Changes nothing, but the record must still have this version.
    Unchanged {
        /// Which.
        key: Key,
        /// The version it must have.
        version: u64,
    },
}

/// What a [`Change::Put`] must find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Nothing.
    Absent,
    /// Whatever; used where the last writer wins.
    Anything,
    /// This version.
    Version(u64),
}

/// Changes that are applied together or not at all.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct ChangeSet {
    pub(super) wipe: bool,
    pub(super) changes: Vec<Change>,
}

impl ChangeSet {
    /// No change.
    pub fn new() -> Self {
        Self::default()
    }

    /// Removes every record first: what a reset is.
    pub fn replacing_everything() -> Self {
        Self { wipe: true, changes: Vec::new() }
    }

    /// Adds a record that must not exist yet.
    pub fn insert<T: Record>(&mut self, record: &T) -> &mut Self {
        self.write(record, Expected::Absent)
    }

    /// Writes a record whatever is there: the last writer wins.
    pub fn overwrite<T: Record>(&mut self, record: &T) -> &mut Self {
        self.write(record, Expected::Anything)
    }

    /// Replaces the record that was read as `stored` by what it is now.
    pub fn update<T: Record>(&mut self, stored: &Stored<T>) -> &mut Self {
        self.write(&stored.record, Expected::Version(stored.version))
    }

    /// Removes the record that was read as `stored`.
    pub fn delete<T: Record>(&mut self, stored: &Stored<T>) -> &mut Self {
        let key = stored.record.key();
        self.changes.push(Change::Delete { key, version: stored.version });
        self
    }

    /// Fails the commit if the record has changed since it was read.
    pub fn unchanged<T: Record>(&mut self, stored: &Stored<T>) -> &mut Self {
        let key = stored.record.key();
        self.changes.push(Change::Unchanged { key, version: stored.version });
        self
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && !self.wipe
    }

    fn write<T: Record>(&mut self, record: &T, expected: Expected) -> &mut Self {
        self.changes.push(Change::Put {
            key: record.key(),
            expected,
            expires_at: record.expires_at(),
            body: record.body(),
            indexes: record.indexes(),
        });
        self
    }
}
