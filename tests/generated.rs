//! Files that are made from the code are what the code makes.
//!
//! `UPDATE_DOCS=1 cargo test --test generated` writes them.

#![expect(clippy::expect_used, reason = "a test stops where it fails")]

use std::path::Path;

fn fresh(path: &str, made: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, made).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == made, "{path} is stale: UPDATE_DOCS=1 cargo test --test generated");
}

#[test]
fn the_catalogue_of_errors_is_documented() {
    fresh("docs/ERRORS.md", &guestpass::fault::errors_page());
}

#[test]
fn the_redemption_flow_is_documented() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/REDEMPTION.md");
    let kept = std::fs::read_to_string(file).expect("docs/REDEMPTION.md");
    let (start, end) = ("<!-- rules -->\n", "<!-- /rules -->");
    let (before, rest) = kept.split_once(start).expect("the place where the tables begin");
    let (_, after) = rest.split_once(end).expect("the place where the tables end");
    let tables = guestpass::decide::hrd::redemption_page();
    fresh("docs/REDEMPTION.md", &format!("{before}{start}{tables}{end}{after}"));
}

#[test]
fn the_world_files_schema_is_documented() {
    fresh("fixtures/worlds/world.schema.json", &guestpass::config::world::schema());
}
