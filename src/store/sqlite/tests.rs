use super::Sqlite;
use crate::store::{Backend as _, ChangeSet, Key, Kind, conformance};

#[tokio::test(flavor = "multi_thread")]
async fn conforms_in_memory() {
    conformance::run(|| async { Sqlite::in_memory().unwrap() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conforms_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let number = std::sync::atomic::AtomicU32::new(0);
    conformance::run(|| async {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Sqlite::in_file(&folder.path().join(format!("{number}.db"))).unwrap()
    })
    .await;
}

#[tokio::test]
async fn keeps_a_file_when_it_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let contact = crate::directory::Contact {
        tenant: "c0a70500-0000-4000-8000-00000000c0a7".parse().unwrap(),
        mail: "vera@gmail.com".parse().unwrap(),
    };
    let mut changes = ChangeSet::new();
    changes.insert(&contact);
    Sqlite::in_file(&path).unwrap().commit(changes).await.unwrap();
    let key = Key::of(Kind::Contact, contact.tenant, &contact.mail);
    let again = Sqlite::in_file(&path).unwrap();
    assert!(again.get(&key).await.unwrap().is_some());
}

#[tokio::test]
async fn refuses_a_file_of_another_format() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    drop(Sqlite::in_file(&path).unwrap());
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let refused = Sqlite::in_file(&path).unwrap_err().to_string();
    assert!(refused.contains("format 99"), "{refused}");
}

/// What a look-up costs does not depend on how many records there are.
#[test]
fn every_statement_uses_an_index() {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection.execute_batch(include_str!("schema.sql")).unwrap();
    for sql in super::sql::ALL {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let nothing = vec![rusqlite::types::Null; statement.parameter_count()];
        let plan = statement.query_map(rusqlite::params_from_iter(nothing), |row| row.get(3));
        let plan: Vec<String> = plan.unwrap().collect::<Result<_, _>>().unwrap();
        let scans = plan.iter().filter(|step| step.starts_with("SCAN")).collect::<Vec<_>>();
        // The counter of commits has one row.
        let one_row = scans.iter().all(|step| step.as_str() == "SCAN commits");
        assert!(one_row, "{sql}: {plan:?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{sql}: {plan:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let _store = Sqlite::in_file(&path).unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.file_name());
    }
}
