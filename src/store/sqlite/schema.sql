CREATE TABLE records (
  kind TEXT NOT NULL,
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  expires_at INTEGER,
  body TEXT NOT NULL,
  PRIMARY KEY (kind, tenant, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX records_by_expiry ON records (expires_at) WHERE expires_at IS NOT NULL;

-- Index entries. `scope` is the tenant of the look-up, empty for all tenants.
CREATE TABLE entries (
  kind TEXT NOT NULL,
  scope TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (kind, scope, name, value, id, tenant)
) STRICT, WITHOUT ROWID;

CREATE INDEX entries_by_record ON entries (kind, tenant, id);

CREATE TABLE unique_entries (
  kind TEXT NOT NULL,
  scope TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (kind, scope, name, value)
) STRICT, WITHOUT ROWID;

CREATE INDEX unique_entries_by_record ON unique_entries (kind, tenant, id);

CREATE TABLE commits (last INTEGER NOT NULL) STRICT;
INSERT INTO commits VALUES (0);
