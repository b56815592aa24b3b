//! The rows, and that each is accounted for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

/// A row of the catalogue.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) area: String,
    pub(super) request: Option<Sent>,
    pub(super) expect: Expected,
    #[serde(default)]
    pub(super) precondition: String,
}

/// A request that a row sends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sent {
    pub(super) method: String,
    pub(super) path: String,
    #[serde(default)]
    pub(super) query: Map<String, Value>,
    pub(super) raw_query: Option<String>,
    /// A form as text, or a document.
    pub(super) body: Option<Value>,
    #[serde(default)]
    pub(super) headers: Map<String, Value>,
    /// How often; a row that says so has a test of its own.
    pub(super) attempts: Option<u32>,
}

impl Sent {
    /// The body as it is sent.
    pub(super) fn text(&self) -> String {
        match &self.body {
            None => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(document) => document.to_string(),
        }
    }
}

/// What a row expects.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expected {
    pub(super) outcome: String,
    #[serde(default)]
    pub(super) status: Vec<u16>,
    /// Several are separated by a bar.
    pub(super) error: Option<String>,
    #[serde(default)]
    pub(super) note: String,
}

#[derive(Deserialize)]
struct NotApplicable {
    row: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    id: String,
    reason: String,
}

fn here(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

fn files(folder: &str, extension: &str) -> Vec<String> {
    let entries = std::fs::read_dir(here(folder)).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let paths = paths.filter(|path| path.extension().is_some_and(|found| found == extension));
    paths.map(|path| std::fs::read_to_string(path).expect("a text")).collect()
}

/// The Rust files below a folder, as one text.
fn sources(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let read = |path: PathBuf| match path.is_dir() {
        true => sources(&path),
        false if path.extension().is_some_and(|found| found == "rs") => {
            std::fs::read_to_string(path).expect("a text")
        }
        false => String::new(),
    };
    paths.map(read).collect()
}

/// Every row of every file.
pub(super) fn rows() -> Vec<Row> {
    let read = |text: String| serde_json::from_str::<Vec<Row>>(&text).expect("rows");
    files("fixtures/security", "json").into_iter().flat_map(read).collect()
}

/// Whether a test is named for a row: `fn ruri_01_…`, a line `ruri_01_…` of a table from which a macro
/// makes tests, or an arm `"jwt-01" =>` of a table by which one test forges each row.
fn is_tested(id: &str, lines: &[&str]) -> bool {
    let prefix = format!("{}_", id.replace('-', "_"));
    let arm = format!("\"{id}\"");
    let starts = |line: &&str| {
        let line = line.trim_start_matches("async ").trim_start_matches("fn ");
        line.starts_with(&prefix) || (line.starts_with(&arm) && line.contains(" => "))
    };
    lines.iter().any(starts)
}

/// The rows that do not apply, with their reasons.
pub(super) fn not_applicable() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(here("tests/it/security/not_applicable.toml"));
    let read: NotApplicable = toml::from_str(&text.expect("a file")).expect("reasons");
    read.row.into_iter().map(|row| (row.id, row.reason)).collect()
}

#[test]
fn every_row_runs_has_a_test_or_a_reason() {
    let tests = sources(&here("tests/it")) + &sources(&here("tests/saml")) + &sources(&here("src"));
    let lines: Vec<&str> = tests.lines().map(str::trim_start).collect();
    let reasons = not_applicable();
    let excused: BTreeSet<&str> = reasons.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(excused.len(), reasons.len(), "an id stands twice");
    for (id, reason) in &reasons {
        assert!(reason.len() > 20, "{id} says no reason");
    }
    let rows = rows();
    assert!(rows.len() > 300, "{} rows", rows.len());
    let mut known = BTreeSet::new();
    let mut unaccounted = Vec::new();
    for row in &rows {
        assert!(known.insert(row.id.as_str()), "{} stands twice", row.id);
        let tested = is_tested(&row.id, &lines);
        let excused = excused.contains(row.id.as_str());
        let runs = row.request.is_some() && super::rows::AREAS.contains(&row.area.as_str());
        match (runs, tested, excused) {
            (_, true, true) => panic!("{} has a test and an excuse", row.id),
            (false, false, false) => unaccounted.push(row.id.as_str()),
            _ => {}
        }
    }
    assert!(unaccounted.is_empty(), "neither test nor reason: {unaccounted:?}");
    let strangers: Vec<_> = excused.iter().filter(|id| !known.contains(*id)).collect();
    assert!(strangers.is_empty(), "no such rows: {strangers:?}");
}
