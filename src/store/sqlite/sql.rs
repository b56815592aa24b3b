//! Every statement there is. [`ALL`] lists them, so that a test can ask SQLite how it runs each.

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* pub(super) const $name: &str = $sql;)*
        /// Every statement.
        #[cfg(test)]
        pub(super) const ALL: &[&str] = &[$($name),*];
    };
}

statements! {
    /// A record.
    GET = "SELECT version, expires_at, body FROM records \
           WHERE kind = ? AND tenant = ? AND id = ?";
    /// A record's version.
    VERSION = "SELECT version FROM records WHERE kind = ? AND tenant = ? AND id = ?";
    /// A page of a tenant's records.
    FIND_ALL = "SELECT tenant, id, version, expires_at, body FROM records \
                WHERE kind = ?1 AND tenant = ?2 AND id > ?3 ORDER BY id LIMIT ?4";
    /// The record that has a value which only one may have.
    FIND_UNIQUE = "SELECT r.tenant, r.id, r.version, r.expires_at, r.body FROM unique_entries e \
                   JOIN records r ON r.kind = e.kind AND r.tenant = e.tenant AND r.id = e.id \
                   WHERE e.kind = ?1 AND e.scope = ?2 AND e.name = ?3 AND e.value = ?4 \
                   AND e.id > ?5 ORDER BY e.id LIMIT ?6";
    /// A page of the records that have a value.
    FIND = "SELECT r.tenant, r.id, r.version, r.expires_at, r.body FROM entries e \
            JOIN records r ON r.kind = e.kind AND r.tenant = e.tenant AND r.id = e.id \
            WHERE e.kind = ?1 AND e.scope = ?2 AND e.name = ?3 AND e.value = ?4 \
            AND e.id > ?5 ORDER BY e.id LIMIT ?6";
    /// The version of the next commit.
    NEXT_VERSION = "UPDATE commits SET last = last + 1 RETURNING last";
    /// Writes a record.
    PUT = "INSERT OR REPLACE INTO records (kind, tenant, id, version, expires_at, body) \
           VALUES (?, ?, ?, ?, ?, ?)";
    /// Deletes a record.
    DELETE = "DELETE FROM records WHERE kind = ? AND tenant = ? AND id = ?";
    /// Adds an index entry.
    ADD_ENTRY = "INSERT OR IGNORE INTO entries (kind, scope, name, value, tenant, id) \
                 VALUES (?, ?, ?, ?, ?, ?)";
    /// Adds an index entry of a value which only one may have.
    ADD_UNIQUE_ENTRY = "INSERT INTO unique_entries (kind, scope, name, value, tenant, id) \
                        VALUES (?, ?, ?, ?, ?, ?)";
    /// Drops a record's index entries.
    DROP_ENTRIES = "DELETE FROM entries WHERE kind = ? AND tenant = ? AND id = ?";
    /// Drops a record's unique index entries.
    DROP_UNIQUE_ENTRIES = "DELETE FROM unique_entries WHERE kind = ? AND tenant = ? AND id = ?";
    /// Deletes what has expired.
    SWEEP = "DELETE FROM records WHERE expires_at <= ?";
    /// Drops the index entries of what has expired.
    SWEEP_ENTRIES = "DELETE FROM entries WHERE (kind, tenant, id) IN \
                     (SELECT kind, tenant, id FROM records WHERE expires_at <= ?)";
    /// Drops the unique index entries of what has expired.
    SWEEP_UNIQUE_ENTRIES = "DELETE FROM unique_entries WHERE (kind, tenant, id) IN \
                            (SELECT kind, tenant, id FROM records WHERE expires_at <= ?)";
}
