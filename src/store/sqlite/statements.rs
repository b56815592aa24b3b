//! The SQL.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::fault;
use crate::store::{
    Change, ChangeSet, CommitFault, Expected, Index, Key, Kind, Page, Query, Versioned,
};

pub(super) fn get(connection: &Connection, key: Key) -> rusqlite::Result<Option<Versioned>> {
    let mut statement = connection.prepare_cached(
        "SELECT version, expires_at, body FROM records WHERE kind = ? AND tenant = ? AND id = ?",
    )?;
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
            let mut statement = connection.prepare_cached(
                "SELECT tenant, id, version, expires_at, body FROM records \
                 WHERE kind = ?1 AND tenant = ?2 AND id > ?3 ORDER BY id LIMIT ?4",
            )?;
            collect(&mut statement, *kind, params![kind.as_str(), tenant, after, page.limit])
        }
        Query::By(index) => {
            let mut statement = connection.prepare_cached(if index.unique {
                "SELECT r.tenant, r.id, r.version, r.expires_at, r.body FROM unique_entries e \
                 JOIN records r ON r.kind = e.kind AND r.tenant = e.tenant AND r.id = e.id \
                 WHERE e.kind = ?1 AND e.scope = ?2 AND e.name = ?3 AND e.value = ?4 \
                 AND e.id > ?5 ORDER BY e.id LIMIT ?6"
            } else {
                "SELECT r.tenant, r.id, r.version, r.expires_at, r.body FROM entries e \
                 JOIN records r ON r.kind = e.kind AND r.tenant = e.tenant AND r.id = e.id \
                 WHERE e.kind = ?1 AND e.scope = ?2 AND e.name = ?3 AND e.value = ?4 \
                 AND e.id > ?5 ORDER BY e.id LIMIT ?6"
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
        .prepare_cached("UPDATE commits SET last = last + 1 RETURNING last")
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
                .prepare_cached("DELETE FROM records WHERE kind = ? AND tenant = ? AND id = ?")
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
                .prepare_cached(
                    "INSERT OR REPLACE INTO records (kind, tenant, id, version, expires_at, body) \
                     VALUES (?, ?, ?, ?, ?, ?)",
                )
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
        .prepare_cached("SELECT version FROM records WHERE kind = ? AND tenant = ? AND id = ?")
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
    for sql in [
        "DELETE FROM entries WHERE kind = ? AND tenant = ? AND id = ?",
        "DELETE FROM unique_entries WHERE kind = ? AND tenant = ? AND id = ?",
    ] {
        let mut statement = transaction.prepare_cached(sql)?;
        statement.execute(params![key.kind.as_str(), key.tenant, key.id])?;
    }
    Ok(())
}

fn add_entry(transaction: &Transaction<'_>, key: &Key, index: &Index) -> Result<(), CommitFault> {
    let values =
        params![index.kind.as_str(), index.tenant, index.name, index.value, key.tenant, key.id];
    let sql = if index.unique {
        "INSERT INTO unique_entries (kind, scope, name, value, tenant, id) \
         VALUES (?, ?, ?, ?, ?, ?)"
    } else {
        "INSERT OR IGNORE INTO entries (kind, scope, name, value, tenant, id) \
         VALUES (?, ?, ?, ?, ?, ?)"
    };
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
    for table in ["entries", "unique_entries"] {
        transaction.execute(
            &format!(
                "DELETE FROM {table} WHERE (kind, tenant, id) IN \
                 (SELECT kind, tenant, id FROM records WHERE expires_at <= ?)"
            ),
            [now],
        )?;
    }
    let swept = transaction.execute("DELETE FROM records WHERE expires_at <= ?", [now])?;
    transaction.commit()?;
    Ok(swept as u64)
}
