//! Each entry of the catalogue has a test that causes it, named in `proofs.toml`.
//!
//! The tests are run once more, by themselves and with the library's log on: it has the code of each
//! refusal that was answered, sent back to an application or shown on a page. An entry without a
//! test fails here, and so does a test that no longer causes what it is named for.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::Mutex;

use guestpass::fault;

use crate::recorder::WANTED;

/// How many run at a time.
const AT_ONCE: usize = 2;

/// Test by entry: its code, and its OAuth error where two entries have one code.
fn proofs() -> BTreeMap<String, String> {
    toml::from_str(include_str!("proofs.toml")).expect("a table of tests")
}

/// What a test was refused, as `code error`; it must pass.
fn caused_by(test: &str) -> BTreeSet<String> {
    let itself = std::env::current_exe().expect("the tests");
    let run = Command::new(itself).args([test, "--exact", "--nocapture"]).env(WANTED, "1").output();
    let run = run.expect("a test that runs");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{test} fails:\n{said}");
    assert!(said.contains("running 1 test"), "there is no test {test}");
    let after = |line: &str, mark: &str| {
        let (_, rest) = line.split_once(mark)?;
        Some(rest.split([' ', '"']).next()?.to_owned())
    };
    let code = |line: &str| Some([after(line, "code=")?, after(line, "error=\"")?].join(" "));
    said.lines().filter_map(code).collect()
}

#[test]
fn every_entry_of_the_catalogue_is_caused_by_a_test() {
    let named = proofs();
    let tests = Mutex::new(named.values().collect::<BTreeSet<_>>().into_iter());
    let caused = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(test) = tests.lock().unwrap().next() else { return };
                    let seen = caused_by(test);
                    caused.lock().unwrap().insert(test, seen);
                }
            });
        }
    });
    let caused = caused.into_inner().unwrap();
    let entries = fault::entries();
    let mut unproven = Vec::new();
    let mut known = BTreeSet::new();
    for entry in &entries {
        let alone = entries.iter().filter(|other| other.code == entry.code).count() == 1;
        let code = entry.code.to_string();
        let key = if alone { code.clone() } else { format!("{code} {}", entry.error) };
        let is_it = |seen: &String| match alone {
            true => seen.split(' ').next() == Some(&code),
            false => *seen == key,
        };
        match named.get(&key) {
            None => unproven.push(format!("{key} has no test in proofs.toml")),
            Some(test) if !caused[test].iter().any(is_it) => {
                unproven.push(format!("{test} does not cause {key}, but {:?}", caused[test]));
            }
            Some(_) => {}
        }
        known.insert(key);
    }
    unproven.extend(
        named
            .keys()
            .filter(|key| !known.contains(*key))
            .map(|key| format!("{key} is no entry of the catalogue")),
    );
    assert!(unproven.is_empty(), "{}", unproven.join("\n"));
}
