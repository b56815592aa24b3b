//! What the folders may know of each other, and where the few dangerous words may stand.

#![expect(clippy::expect_used, reason = "a test stops where it fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What each folder may use besides itself. A new arrow is a decision: write it here and into
/// docs/ARCHITECTURE.md, or turn the dependency round.
const ARROWS: &[(&str, &[&str])] = &[
    ("ids", &[]),
    ("clock", &[]),
    ("fault", &[]),
    ("entropy", &["ids"]),
    ("directory", &["ids"]),
    ("protocol", &["directory", "fault", "ids", "jose"]),
    ("decide", &["directory", "fault", "ids", "protocol"]),
    ("jose", &[]),
    ("federation", &["directory", "fault", "ids", "jose", "protocol"]),
    ("mail", &["entropy", "ids"]),
    ("config", &["directory", "ids", "protocol"]),
    (
        "interaction",
        &["decide", "directory", "entropy", "fault", "federation", "ids", "jose", "protocol"],
    ),
    (
        "upstream",
        &["clock", "directory", "entropy", "federation", "ids", "interaction", "jose", "protocol"],
    ),
    ("store", &["config", "directory", "ids", "interaction", "jose", "mail", "upstream"]),
    (
        "broker",
        &[
            "clock",
            "config",
            "decide",
            "directory",
            "entropy",
            "fault",
            "federation",
            "ids",
            "interaction",
            "jose",
            "mail",
            "protocol",
            "store",
            "upstream",
        ],
    ),
    (
        "http",
        &[
            "broker",
            "decide",
            "directory",
            "fault",
            "federation",
            "ids",
            "interaction",
            "protocol",
            "upstream",
        ],
    ),
    ("server", &["broker", "browser", "clock", "entropy", "http", "jose", "store", "upstream"]),
    ("browser", &["server"]),
    ("lib", &[]),
    // The binary uses the library by its public name.
    ("main", &[]),
    ("cli", &[]),
];

/// These decide: the same facts give the same answer, whenever and wherever.
const PURE: &[&str] =
    &["decide", "directory", "fault", "federation", "ids", "interaction", "protocol"];

/// What a pure folder does not name.
const IMPURE: &[&str] = &[
    "axum",
    "tokio",
    "hyper",
    "rusqlite",
    "async fn",
    ".await",
    "std::fs",
    "std::env",
    "std::net",
    "std::time",
    "std::thread",
    "SystemTime",
    "Timestamp::now",
    "Mutex",
    "crate::clock",
    "crate::store",
    "crate::broker",
    "crate::http",
];

/// Words that only one place may say, since they turn a claim into a fact.
const CONFINED: &[(&str, &[&str])] = &[
    // A verdict.
    (".decided(", &["decide/"]),
    // A signature under a document, a query or a token.
    (".sign_bytes(", &["federation/xmldsig.rs", "federation/saml/binding.rs", "jose/"]),
    // "A provider said so, and it is verified."
    ("VerifiedToken {", &["federation/"]),
    // A signature under claims.
    (".sign(&", &["interaction/issue.rs", "jose/", "upstream/social.rs"]),
    // An assertion of a tenant to an application, and of the built-in providers.
    ("result::issue(", &["interaction/sign_on.rs", "upstream/idp.rs"]),
    ("answer::accepted(", &["interaction/sign_on.rs", "upstream/idp.rs"]),
    // "A provider said so, and it is verified."
    ("::from_verified_answer(", &["upstream/federation.rs", "upstream/oidc/believe.rs"]),
    // "Another issuer vouches for the client, and has signed it."
    ("::from_verified_token(", &["upstream/outside.rs"]),
    // Proofs of identity.
    ("Proven::by_upstream(", &["broker/callback.rs", "broker/federation.rs"]),
    ("Proven::by_passcode(", &["broker/prove.rs"]),
    ("Proven::by_password(", &["broker/prove.rs", "broker/token/password.rs"]),
    ("Proven::by_session(", &["broker/known.rs", "broker/pages.rs"]),
    // "Redemption is complete", "the application may".
    ("Redeemed::complete(", &["broker/redeem.rs"]),
    ("Consented::given(", &["broker/finish.rs"]),
    // The web framework.
    ("axum::", &["browser.rs", "cli/demo/journey.rs", "http", "server", "upstream/http.rs"]),
];

/// The files below `src` without comments and tests, by their path.
fn sources() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let relative = path.strip_prefix(&root).expect("below src");
            let relative = relative.to_str().expect("a plain name").to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !relative.ends_with("tests.rs")
            {
                let text = std::fs::read_to_string(&path).expect("a text");
                found.insert(relative, code(&text));
            }
        }
    }
    assert!(found.len() > 100, "{} files", found.len());
    found
}

/// The text without comments and without the test module at its end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn folder(path: &str) -> &str {
    path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

/// The folders that a file names as `crate::folder`.
fn named(code: &str) -> BTreeSet<&str> {
    let after = code.split("crate::").skip(1);
    let names = after.map(|rest| rest.split(|c: char| !c.is_ascii_lowercase()).next());
    names.flatten().filter(|name| !name.is_empty()).collect()
}

#[test]
fn folders_use_only_what_they_may() {
    let allowed: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    let mut used: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let sources = sources();
    for (path, code) in &sources {
        let own = folder(path);
        let allowed = allowed.get(own).unwrap_or_else(|| panic!("{own} has no line in ARROWS"));
        for name in named(code) {
            assert!(name == own || allowed.contains(&name), "src/{path} uses crate::{name}");
            used.entry(own).or_default().insert(name);
        }
    }
    for (own, allowed) in allowed {
        for name in allowed {
            let is_used = used.get(own).is_some_and(|used| used.contains(name));
            assert!(is_used, "{own} no longer uses {name}: take the arrow away");
        }
    }
}

#[test]
fn what_decides_knows_no_time_no_store_and_no_network() {
    for (path, code) in sources() {
        if PURE.contains(&folder(&path)) {
            for word in IMPURE {
                assert!(!code.contains(word), "src/{path} is pure, but says {word}");
            }
        }
    }
}

#[test]
fn proofs_are_made_in_one_place_each() {
    let sources = sources();
    for (word, places) in CONFINED {
        let mut said = 0;
        for (path, code) in &sources {
            if code.contains(word) {
                said += 1;
                let here = places.iter().any(|place| path.starts_with(place));
                assert!(here, "src/{path} says {word}");
            }
        }
        assert!(said > 0, "nobody says {word}");
    }
}

#[test]
fn files_stay_small() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src"), root.join("tests"), root.join("benches")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files += 1;
                let lines = std::fs::read_to_string(&path).expect("a text").lines().count();
                assert!(lines <= 400, "{} has {lines} lines", path.display());
            }
        }
    }
    assert!(files > 150, "{files} files");
}

#[test]
fn every_assumption_and_every_folder_is_in_the_book() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let book = std::fs::read_to_string(root.join("docs/ARCHITECTURE.md")).expect("a text");
    let mut folders = vec![root.join("src")];
    let mut assumptions = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let relative = path.strip_prefix(root).expect("below the root");
            let relative = relative.to_str().expect("a plain name").to_owned();
            if path.is_dir() {
                // A folder of the first level has a line; a deeper one belongs to its file.
                let first = folder == root.join("src");
                let name = relative.trim_start_matches("src/");
                let named = book.contains(&format!("`{name}/`"));
                assert!(!first || named, "docs/ARCHITECTURE.md does not name {relative}");
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a text");
                if text.contains("/ Assumption: ") {
                    assumptions += 1;
                    assert!(book.contains(&relative), "{relative} assumes what no table says");
                }
            }
        }
    }
    assert!(assumptions > 2, "{assumptions} files");
}
