use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::*;
use crate::jose::verify;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn noon() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

fn kids_at(ring: &KeyRing, now: Timestamp) -> Vec<String> {
    ring.public(&[Role::Work], now).iter().map(|(_, key)| key.kid().to_owned()).collect()
}

#[test]
fn keeps_the_old_key_as_long_as_its_tokens_live() {
    crate::jose::install_provider();
    let installed = KeySet::development().unwrap();
    let mut record = KeyRecord::of(&installed);
    let new = NewKeys::generate().unwrap();
    let (now, until) = (noon(), noon() + HOUR);
    record.rotate(&new, &installed, now, until).unwrap();
    // As the store keeps it.
    let text = serde_json::to_string(&record).unwrap();
    assert!(!text.contains("PRIVATE"), "sealed");
    let record: KeyRecord = serde_json::from_str(&text).unwrap();
    let ring = record.ring(&installed).unwrap();
    let (old, new) = (installed.work.kid().to_owned(), new.keys.work.kid().to_owned());
    assert_ne!(old, new);
    assert_eq!(ring.current.work.kid(), new);
    for at in [now, until - SignedDuration::from_secs(1)] {
        assert_eq!(kids_at(&ring, at), [new.clone(), old.clone()], "{at}");
    }
    assert_eq!(kids_at(&ring, until), *std::slice::from_ref(&new));
    assert_eq!(kids_at(&ring, now - HOUR * 24), [new], "before it was ever retired");
    let token = installed.work.sign(&json!({ "sub": "abc" }));
    let keys = |at| ring.public(&[Role::Work], at).into_iter().map(|(_, key)| key);
    assert!(verify(&token, &keys(now).collect::<Vec<_>>()).is_ok());
    let unknown = verify(&token, &keys(until).collect::<Vec<_>>()).unwrap_err();
    assert!(unknown.is_of_unknown_key());
}

#[test]
fn says_how_long_the_public_keys_stay_the_same() {
    let installed = KeySet::development().unwrap();
    let mut record = KeyRecord::of(&installed);
    let ring = record.ring(&installed).unwrap();
    assert_eq!(ring.steady(noon()), (Timestamp::MIN, Timestamp::MAX));
    let new = NewKeys::generate().unwrap();
    record.rotate(&new, &installed, noon(), noon() + HOUR).unwrap();
    let ring = record.ring(&installed).unwrap();
    assert_eq!(ring.steady(noon()), (noon() - HOUR, noon() + HOUR));
    assert_eq!(ring.steady(noon() + HOUR), (noon() + HOUR, Timestamp::MAX));
    assert_eq!(ring.steady(noon() - HOUR * 2), (Timestamp::MIN, noon() - HOUR));
}

#[test]
fn a_key_that_is_installed_anew_replaces_the_one_that_signs() {
    let installed = KeySet::development().unwrap();
    let mut record = KeyRecord::of(&installed);
    assert!(!record.install(&installed, noon(), noon() + HOUR), "the same");
    let rotated = NewKeys::generate().unwrap();
    record.rotate(&rotated, &installed, noon(), noon() + HOUR).unwrap();
    assert!(!record.install(&installed, noon(), noon() + HOUR), "still the same");
    let work = NewKeys::generate().unwrap().keys.work;
    let other = KeySet { work, ..installed.clone() };
    assert!(record.ring(&other).is_err(), "sealed under another key");
    let later = noon() + HOUR / 2;
    assert!(record.install(&other, later, later + HOUR));
    let ring = record.ring(&other).unwrap();
    assert_eq!(
        kids_at(&ring, later),
        [other.work.kid(), rotated.keys.work.kid(), installed.work.kid()]
    );
    // The consumer key of before the rotation signs again: it is there once.
    let consumer = ring.public(&[Role::Consumer], later);
    let consumer: Vec<_> = consumer.iter().map(|(_, key)| key.kid()).collect();
    assert_eq!(consumer, [installed.consumer.kid(), rotated.keys.consumer.kid()]);
}
