//! What every backend must do. A backend's tests call [`run`] with a way to make an empty one.

use std::future::Future;

use jiff::{SignedDuration, Timestamp};

use super::{
    Backend, Change, ChangeSet, CommitFault, Expected, Index, Key, Kind, Page, Query, Versioned,
};

/// Runs every check, each on a backend of its own.
pub(crate) async fn run<B, F>(make: impl Fn() -> F)
where
    B: Backend + 'static,
    F: Future<Output = B>,
{
    reads_what_was_written(&make().await).await;
    refuses_a_second_insert_and_a_stale_update(&make().await).await;
    applies_all_changes_or_none(&make().await).await;
    gives_a_record_made_again_a_new_version(&make().await).await;
    keeps_unique_values_unique(&make().await).await;
    finds_by_index_within_its_tenant(&make().await).await;
    pages_in_the_order_of_ids(&make().await).await;
    sweeps_what_expired_and_nothing_else(&make().await).await;
    keeps_every_character(&make().await).await;
    replaces_everything_at_once(&make().await).await;
    lets_one_of_many_win(make().await).await;
}

fn key(id: &str) -> Key {
    Key::of(Kind::Message, "tenant", id)
}

fn index(value: &str, unique: bool) -> Index {
    let name = if unique { "unique" } else { "shared" };
    let tenant = "tenant".to_owned();
    Index { kind: Kind::Message, tenant, name, value: value.to_owned(), unique }
}

fn put(id: &str, expected: Expected, body: &str, indexes: Vec<Index>) -> Change {
    Change::Put { key: key(id), expected, expires_at: None, body: body.to_owned(), indexes }
}

fn set(changes: Vec<Change>) -> ChangeSet {
    ChangeSet { wipe: false, changes }
}

async fn read<B: Backend>(backend: &B, id: &str) -> Option<Versioned> {
    backend.get(&key(id)).await.unwrap()
}

async fn ids<B: Backend>(backend: &B, index: Index) -> Vec<String> {
    let found = backend.find(&Query::By(index), &Page::ALL).await.unwrap();
    found.into_iter().map(|record| record.key.id).collect()
}

async fn reads_what_was_written<B: Backend>(backend: &B) {
    assert_eq!(read(backend, "a").await, None);
    backend.commit(set(vec![put("a", Expected::Absent, "{}", vec![])])).await.unwrap();
    let first = read(backend, "a").await.unwrap();
    assert_eq!((first.body.as_str(), first.expires_at), ("{}", None));
    let expected = Expected::Version(first.version);
    backend.commit(set(vec![put("a", expected, "[1]", vec![])])).await.unwrap();
    let second = read(backend, "a").await.unwrap();
    assert_eq!(second.body, "[1]");
    assert!(second.version > first.version);
    backend.commit(set(vec![put("a", Expected::Anything, "[2]", vec![])])).await.unwrap();
    let third = read(backend, "a").await.unwrap();
    let delete = Change::Delete { key: key("a"), version: third.version };
    backend.commit(set(vec![delete])).await.unwrap();
    assert_eq!(read(backend, "a").await, None);
    let other = Key::of(Kind::Message, "other", "a");
    assert_eq!(backend.get(&other).await.unwrap(), None);
}

async fn refuses_a_second_insert_and_a_stale_update<B: Backend>(backend: &B) {
    backend.commit(set(vec![put("a", Expected::Absent, "1", vec![])])).await.unwrap();
    let version = read(backend, "a").await.unwrap().version;
    for change in [
        put("a", Expected::Absent, "2", vec![]),
        put("a", Expected::Version(version + 1), "2", vec![]),
        put("b", Expected::Version(version), "2", vec![]),
        Change::Delete { key: key("a"), version: version + 1 },
        Change::Unchanged { key: key("a"), version: version + 1 },
        Change::Unchanged { key: key("b"), version },
    ] {
        let refused = backend.commit(set(vec![change])).await;
        assert!(matches!(refused, Err(CommitFault::Conflict)), "{refused:?}");
    }
    assert_eq!(read(backend, "a").await.unwrap().body, "1");
    let unchanged = Change::Unchanged { key: key("a"), version };
    backend.commit(set(vec![unchanged])).await.unwrap();
}

async fn applies_all_changes_or_none<B: Backend>(backend: &B) {
    let changes = vec![
        put("a", Expected::Absent, "1", vec![index("x", false)]),
        put("b", Expected::Version(7), "1", vec![]),
    ];
    assert!(matches!(backend.commit(set(changes)).await, Err(CommitFault::Conflict)));
    assert_eq!(read(backend, "a").await, None);
    assert!(ids(backend, index("x", false)).await.is_empty());
}

async fn gives_a_record_made_again_a_new_version<B: Backend>(backend: &B) {
    backend.commit(set(vec![put("a", Expected::Absent, "1", vec![])])).await.unwrap();
    let old = read(backend, "a").await.unwrap().version;
    let delete = Change::Delete { key: key("a"), version: old };
    backend.commit(set(vec![delete])).await.unwrap();
    backend.commit(set(vec![put("a", Expected::Absent, "2", vec![])])).await.unwrap();
    let stale = put("a", Expected::Version(old), "3", vec![]);
    assert!(matches!(backend.commit(set(vec![stale])).await, Err(CommitFault::Conflict)));
}

async fn keeps_unique_values_unique<B: Backend>(backend: &B) {
    let insert = |id: &str| put(id, Expected::Absent, "1", vec![index("x", true)]);
    backend.commit(set(vec![insert("a")])).await.unwrap();
    let refused = backend.commit(set(vec![insert("b")])).await;
    assert!(matches!(refused, Err(CommitFault::Duplicate("unique"))), "{refused:?}");
    assert_eq!(read(backend, "b").await, None);
    // The same record may keep its value, and a value is free again once it is given up.
    let rewrite = put("a", Expected::Anything, "2", vec![index("x", true)]);
    backend.commit(set(vec![rewrite])).await.unwrap();
    let give_up = put("a", Expected::Anything, "3", vec![]);
    backend.commit(set(vec![give_up, insert("b")])).await.unwrap();
    assert_eq!(ids(backend, index("x", true)).await, ["b"]);
}

async fn finds_by_index_within_its_tenant<B: Backend>(backend: &B) {
    let changes = vec![
        put("b", Expected::Absent, "1", vec![index("x", false), index("y", false)]),
        put("a", Expected::Absent, "1", vec![index("x", false)]),
    ];
    backend.commit(set(changes)).await.unwrap();
    assert_eq!(ids(backend, index("x", false)).await, ["a", "b"]);
    assert_eq!(ids(backend, index("y", false)).await, ["b"]);
    let mut elsewhere = index("x", false);
    "other".clone_into(&mut elsewhere.tenant);
    assert!(ids(backend, elsewhere).await.is_empty());
    let moved = put("b", Expected::Anything, "1", vec![index("y", false)]);
    backend.commit(set(vec![moved])).await.unwrap();
    assert_eq!(ids(backend, index("x", false)).await, ["a"]);
}

async fn pages_in_the_order_of_ids<B: Backend>(backend: &B) {
    let all = ["d", "b", "a", "c", "e"];
    let changes = all.map(|id| put(id, Expected::Absent, "1", vec![index("x", false)]));
    backend.commit(set(changes.to_vec())).await.unwrap();
    let whole = Query::All(Kind::Message, "tenant".to_owned());
    for query in [Query::By(index("x", false)), whole] {
        let page = Page { after: Some("b".to_owned()), limit: 2 };
        let found = backend.find(&query, &page).await.unwrap();
        let found: Vec<&str> = found.iter().map(|record| record.key.id.as_str()).collect();
        assert_eq!(found, ["c", "d"]);
    }
}

async fn sweeps_what_expired_and_nothing_else<B: Backend>(backend: &B) {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let expiring = |id: &str, seconds| {
        let mut change = put(id, Expected::Absent, "1", vec![index("x", false), index(id, true)]);
        if let Change::Put { expires_at, .. } = &mut change {
            *expires_at = Some(start + SignedDuration::from_secs(seconds));
        }
        change
    };
    let forever = put("c", Expected::Absent, "1", vec![index("x", false)]);
    let changes = vec![expiring("a", 10), expiring("b", 20), forever];
    backend.commit(set(changes)).await.unwrap();
    assert_eq!(backend.sweep(start + SignedDuration::from_secs(10)).await.unwrap(), 1);
    assert_eq!(ids(backend, index("x", false)).await, ["b", "c"]);
    assert!(ids(backend, index("a", true)).await.is_empty());
    assert_eq!(backend.sweep(start + SignedDuration::from_secs(10)).await.unwrap(), 0);
}

async fn keeps_every_character<B: Backend>(backend: &B) {
    let body = "\"\u{1F44B} \\u0000 'quoted' %_ \u{202E}\"".to_owned() + &"x".repeat(1_000_000);
    let id = "a'b\"c%d_e/\u{e9}";
    let value = "v'; DROP TABLE records; --";
    let change = put(id, Expected::Absent, &body, vec![index(value, true)]);
    backend.commit(set(vec![change])).await.unwrap();
    assert_eq!(read(backend, id).await.unwrap().body, body);
    assert_eq!(ids(backend, index(value, true)).await, [id]);
}

async fn replaces_everything_at_once<B: Backend>(backend: &B) {
    let insert = |id: &str| put(id, Expected::Absent, "1", vec![index("x", true)]);
    backend.commit(set(vec![insert("a")])).await.unwrap();
    let before = read(backend, "a").await.unwrap().version;
    let replace = ChangeSet { wipe: true, changes: vec![insert("b")] };
    backend.commit(replace).await.unwrap();
    assert_eq!(read(backend, "a").await, None);
    assert_eq!(ids(backend, index("x", true)).await, ["b"]);
    assert!(read(backend, "b").await.unwrap().version > before);
}

/// A hundred try to consume one record at once: one does, each of the others gets a conflict.
async fn lets_one_of_many_win<B: Backend + 'static>(backend: B) {
    let backend = std::sync::Arc::new(backend);
    backend.commit(set(vec![put("a", Expected::Absent, "unused", vec![])])).await.unwrap();
    let version = read(&*backend, "a").await.unwrap().version;
    let racers: Vec<_> = (0..100)
        .map(|racer| {
            let backend = backend.clone();
            tokio::spawn(async move {
                let body = format!("used by {racer}");
                let change = put("a", Expected::Version(version), &body, vec![]);
                match backend.commit(set(vec![change])).await {
                    Ok(()) => true,
                    Err(CommitFault::Conflict) => false,
                    Err(other) => panic!("{other}"),
                }
            })
        })
        .collect();
    let mut winners = 0;
    for racer in racers {
        winners += u32::from(racer.await.unwrap());
    }
    assert_eq!(winners, 1);
}
