//! SQLite, in memory or in a file.
//!
//! In memory there is nothing to wait for, so a call runs on the caller's thread under a lock held
//! for microseconds. In a file a commit may wait for the disk, so calls run on a thread of their
//! own. WAL with `synchronous=NORMAL`: what was acknowledged survives the death of the process
//! (only a power cut may lose the tail).

mod lane;
mod sql;
mod statements;

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;

use super::{Backend, ChangeSet, CommitFault, Key, Page, Query, StoreFault, Versioned};
use lane::Lane;

const SCHEMA: &str = include_str!("sqlite/schema.sql");

/// The format of the tables; a file with another is refused.
const FORMAT: i64 = 1;

/// The embedded backend.
#[derive(Debug)]
pub struct Sqlite {
    lane: Lane,
}

impl Sqlite {
    /// An empty database in memory.
    pub fn in_memory() -> Result<Self, StoreFault> {
        let connection = Connection::open_in_memory().map_err(fault)?;
        prepare(&connection)?;
        Ok(Self { lane: Lane::inline(connection) })
    }

    /// The database in a file, made if it is not there.
    pub fn in_file(path: &Path) -> Result<Self, StoreFault> {
        owned_by_us_alone(path);
        let connection = Connection::open(path).map_err(fault)?;
        connection.busy_timeout(Duration::from_secs(5)).map_err(fault)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(fault)?;
        connection.pragma_update(None, "synchronous", "NORMAL").map_err(fault)?;
        prepare(&connection)?;
        Lane::thread(connection)
            .map(|lane| Self { lane })
            .map_err(|e| StoreFault::Backend(format!("its thread did not start: {e}")))
    }
}

impl Sqlite {
    /// `memory` or `file`.
    pub fn kind(&self) -> &'static str {
        match self.lane {
            Lane::Inline(_) => "memory",
            Lane::Thread(_) => "file",
        }
    }
}

/// A new file is for its owner only: it will hold mails, and with them codes and tickets. SQLite
/// gives its side files the same mode. What cannot be made here is said when SQLite opens it.
fn owned_by_us_alone(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path));
}

fn prepare(connection: &Connection) -> Result<(), StoreFault> {
    connection.set_prepared_statement_cache_capacity(64);
    let format: i64 =
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(fault)?;
    match format {
        0 => {
            connection.execute_batch(SCHEMA).map_err(fault)?;
            connection.pragma_update(None, "user_version", FORMAT).map_err(fault)
        }
        FORMAT => Ok(()),
        other => Err(StoreFault::Backend(format!(
            "the file has format {other}, this version of guestpass writes format {FORMAT}"
        ))),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function in map_err")]
fn fault(error: rusqlite::Error) -> StoreFault {
    StoreFault::Backend(error.to_string())
}

impl Backend for Sqlite {
    async fn get(&self, key: &Key) -> Result<Option<Versioned>, StoreFault> {
        let key = key.clone();
        self.lane.run(move |connection| statements::get(connection, key)).await?.map_err(fault)
    }

    async fn find(&self, query: &Query, page: &Page) -> Result<Vec<Versioned>, StoreFault> {
        let (query, page) = (query.clone(), page.clone());
        let found = self.lane.run(move |connection| statements::find(connection, &query, &page));
        found.await?.map_err(fault)
    }

    async fn commit(&self, changes: ChangeSet) -> Result<(), CommitFault> {
        self.lane.run(move |connection| statements::commit(connection, &changes)).await?
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreFault> {
        self.lane.run(move |connection| statements::sweep(connection, now)).await?.map_err(fault)
    }
}

#[cfg(test)]
mod tests;
