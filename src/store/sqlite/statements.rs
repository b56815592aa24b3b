//! The statements, run.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::{fault, sql};
use crate::store::{
    Change, ChangeSet, CommitFault, Expected, Index, Key, Kind, Page, Query, Versioned,
};

pub(super) fn get(connection: &Connection, key: Key) -> rusqlite::Result<Option<Versioned>> {
    let mut statement = connection.prepare_cached(sql::GET)?;
    let row = statement.query_row(params![key.kind.as_str(), key.tenant, key.id], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, String>(2)?))
    });
    Ok(row.optional()?.map(|(version, expires_at, body)| versioned(key, version, expires_at, body)))
}

fn versioned(key: Key, version: i64, expires_at: Option<i64>, body: String) -> Versioned {
    let expires_at = expires_at.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    Versioned { key, version: version.unsigned_abs(), expires_at, body }
}

pub(super) fn find(
    connection: &Connection,
    query: &Query,
    page: &Page,
) -> rusqlite::Result<Vec<Versioned>> {
    let after = page.after.as_deref().unwrap_or("");
    match query {
        Query::All(kind, tenant) => {
            let mut statement = connection.prepare_cached(sql::FIND_ALL)?;
            collect(&mut statement, *kind, params![kind.as_str(), tenant, after, page.limit])
        }
        Query::By(index) => {
            let mut statement = connection.prepare_cached(match index.unique {
                true => sql::FIND_UNIQUE,
                false => sql::FIND,
            })?;
            let Index { kind, tenant, name, value, .. } = index;
            let values = params![kind.as_str(), tenant, name, value, after, page.limit];
            collect(&mut statement, *kind, values)
        }
    }
}

fn collect(
    statement: &mut rusqlite::CachedStatement<'_>,
    kind: Kind,
    values: impl rusqlite::Params,
) -> rusqlite::Result<Vec<Versioned>> {
    let rows = statement.query_map(values, |row| {
        let key = Key { kind, tenant: row.get(0)?, id: row.get(1)? };
        Ok(versioned(key, row.get(2)?, row.get(3)?, row.get(4)?))
    })?;
    rows.collect()
}

pub(super) fn commit(connection: &mut Connection, set: &ChangeSet) -> Result<(), CommitFault> {
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
    if set.wipe {
        transaction
            .execute_batch("DELETE FROM records; DELETE FROM entries; DELETE FROM unique_entries;")
            .map_err(fault)?;
    }
    let version: i64 = transaction
        .prepare_cached(sql::NEXT_VERSION)
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(fault)?;
    for change in &set.changes {
        apply(&transaction, change, version)?;
    }
    transaction.commit().map_err(fault)?;
    Ok(())
}

fn apply(transaction: &Transaction<'_>, change: &Change, version: i64) -> Result<(), CommitFault> {
    match change {
        Change::Delete { key, version } => {
            expect(transaction, key, Expected::Version(*version))?;
            drop_entries(transaction, key).map_err(fault)?;
            transaction
                .prepare_cached(sql::DELETE)
                .and_then(|mut s| s.execute(params![key.kind.as_str(), key.tenant, key.id]))
                .map_err(fault)?;
            Ok(())
        }
        Change::Put { key, expected, expires_at, body, indexes } => {
            if expect(transaction, key, *expected)? {
                drop_entries(transaction, key).map_err(fault)?;
            }
            let expires_at = expires_at.map(Timestamp::as_millisecond);
            transaction
                .prepare_cached(sql::PUT)
                .and_then(|mut s| {
                    let kind = key.kind.as_str();
                    s.execute(params![kind, key.tenant, key.id, version, expires_at, body])
                })
                .map_err(fault)?;
            indexes.iter().try_for_each(|index| add_entry(transaction, key, index))
        }
        Change::Unchanged { key, version } => {
            expect(transaction, key, Expected::Version(*version)).map(|_| ())
        }
    }
}

/// Checks the version of what is there, and says whether something is.
fn expect(
    transaction: &Transaction<'_>,
    key: &Key,
    expected: Expected,
) -> Result<bool, CommitFault> {
    let found: Option<i64> = transaction
        .prepare_cached(sql::VERSION)
        .and_then(|mut statement| {
            let row = params![key.kind.as_str(), key.tenant, key.id];
            statement.query_row(row, |row| row.get(0)).optional()
        })
        .map_err(fault)?;
    let found = found.map(i64::unsigned_abs);
    let as_expected = match expected {
        Expected::Absent => found.is_none(),
        Expected::Anything => true,
        Expected::Version(version) => found == Some(version),
    };
    if as_expected { Ok(found.is_some()) } else { Err(CommitFault::Conflict) }
}

fn drop_entries(transaction: &Transaction<'_>, key: &Key) -> rusqlite::Result<()> {
    for sql in [sql::DROP_ENTRIES, sql::DROP_UNIQUE_ENTRIES] {
        let mut statement = transaction.prepare_cached(sql)?;
        statement.execute(params![key.kind.as_str(), key.tenant, key.id])?;
    }
    Ok(())
}

fn add_entry(transaction: &Transaction<'_>, key: &Key, index: &Index) -> Result<(), CommitFault> {
    let values =
        params![index.kind.as_str(), index.tenant, index.name, index.value, key.tenant, key.id];
    let sql = if index.unique { sql::ADD_UNIQUE_ENTRY } else { sql::ADD_ENTRY };
    let inserted = transaction.prepare_cached(sql).and_then(|mut s| s.execute(values));
    match inserted {
        Ok(_) => Ok(()),
        Err(rusqlite::Error::SqliteFailure(error, _))
            if error.code == rusqlite::ErrorCode::ConstraintViolation =>
        {
            Err(CommitFault::Duplicate(index.name))
        }
        Err(error) => Err(CommitFault::Store(fault(error))),
    }
}

pub(super) fn sweep(connection: &mut Connection, now: Timestamp) -> rusqlite::Result<u64> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let now = now.as_millisecond();
    transaction.execute(sql::SWEEP_ENTRIES, [now])?;
    transaction.execute(sql::SWEEP_UNIQUE_ENTRIES, [now])?;
    let swept = transaction.execute(sql::SWEEP, [now])?;
    transaction.commit()?;
    Ok(swept as u64)
}
