//! Files that are made from the code are what the code makes.
//!
//! `UPDATE_DOCS=1 cargo test --test generated` writes them. What the README shows of clients is what
//! their tests run.

#![expect(clippy::expect_used, reason = "a test stops where it fails")]

use std::path::Path;

fn is_a(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

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
    let proofs = include_str!("it/errors/proofs.toml");
    let proofs = toml::from_str(proofs).expect("tests by entry");
    fresh("docs/ERRORS.md", &guestpass::fault::errors_page(&proofs));
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

/// What the README shows of a file: all of it, or the part between two marks.
fn snippet(path: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(&file).expect(path);
    let marked = text.split_once("// snippet:start\n");
    let shown = match marked {
        Some((_, rest)) => rest.split_once("// snippet:end\n").expect("the end of the snippet").0,
        None => &text,
    };
    let language = match path.rsplit('.').next() {
        Some("py") => "python",
        Some("mjs") => "js",
        Some("rs") => "rust",
        Some("conf") => "apache",
        other => other.expect("an extension"),
    };
    format!("```{language}\n{shown}```\n")
}

/// The files in a folder of the repository.
fn files(folder: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(path).expect(folder).map(|entry| entry.expect("an entry"));
    entries
        .filter(|entry| entry.file_type().expect("a type").is_file())
        .map(|entry| format!("{folder}/{}", entry.file_name().to_str().expect("a plain name")))
        .collect()
}

#[test]
fn the_readme_shows_the_programs_that_the_tests_run() {
    let (start, end) = ("<!-- snippet: ", "<!-- /snippet -->");
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let kept = std::fs::read_to_string(readme).expect("README.md");
    let mut parts = kept.split(start);
    let mut made = parts.next().expect("a beginning").to_owned();
    let mut shown = Vec::new();
    for part in parts {
        let (path, rest) = part.split_once(" -->\n").expect("the path of a snippet");
        let (_, after) = rest.split_once(end).expect("the end of a snippet");
        made.push_str(&format!("{start}{path} -->\n{}{end}{after}", snippet(path)));
        shown.push(path.to_owned());
    }
    fresh("README.md", &made);
    // Whatever is there to be shown is, and a test names it.
    let tests = ["tests/clients/node", "tests/clients/node/impersonated", "tests/browser"];
    let tests: Vec<_> = tests.iter().flat_map(|folder| files(folder)).collect();
    let tests: Vec<_> = tests.iter().filter(|path| is_a(path, "mjs")).collect();
    let named = |path: &str| {
        let name = path.rsplit('/').next().expect("a name");
        let names = |test: &&&String| **test != path && snippet(test).contains(&format!("/{name}"));
        is_a(path, "rs") || tests.iter().any(|test| names(&test))
    };
    let folders = [
        "tests/clients/node/snippets",
        "tests/clients/node/impersonated",
        "tests/clients/python/snippets",
        "tests/clients/python/impersonated",
        "tests/clients/apache",
        "tests/browser/snippets",
    ];
    for path in folders.iter().flat_map(|folder| files(folder)) {
        let is_test = path.ends_with(".test.mjs");
        assert!(is_test || shown.contains(&path), "{path} is not in the README");
    }
    for path in &shown {
        assert!(named(path), "no test runs {path}");
    }
}

#[test]
fn the_world_files_schema_is_documented() {
    fresh("fixtures/worlds/world.schema.json", &guestpass::config::world::schema());
}

/// The plans of the conformance suite: their names, and the modules whose tests stand for them.
const PLANS: &[(&str, &str, usize)] = &[
    ("oidcc-basic-certification-test-plan", "conformance::basic", 38),
    ("oidcc-formpost-basic-certification-test-plan", "conformance::form_post", 38),
    ("oidcc-hybrid-certification-test-plan", "conformance::hybrid", 37),
    ("oidcc-rp-initiated-logout-certification-test-plan", "security::oidf_logout", 11),
];

/// The modules of a plan, as its file names them: in the list from which a macro makes tests, or as
/// tests.
fn modules(place: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let path = path.join(format!("{}.rs", place.replace("::", "/")));
    let text = std::fs::read_to_string(path).expect("a plan");
    let lines = text.lines().map(|line| line.trim().trim_start_matches("async fn "));
    let names = lines.filter(|line| line.starts_with("oidcc_")).map(|line| line.split('(').next());
    names.flatten().map(str::to_owned).collect()
}

#[test]
fn the_conformance_modules_are_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/conformance/deviations.toml");
    let deviations = std::fs::read_to_string(path).expect("deviations");
    let deviations: toml::Table = deviations.parse().expect("TOML");
    let mut page = "# OpenID Connect conformance, module by module\n\n\
        Each module of the OpenID Foundation's conformance suite has a test in \
        `tests/it/` that is named for it and proves its behaviour. The suite itself \
        does not run here. This page is made from the tests: \
        `UPDATE_DOCS=1 cargo nextest run --test generated`.\n"
        .to_owned();
    let mut named = std::collections::BTreeSet::new();
    for (plan, place, least) in PLANS {
        page.push_str(&format!(
            "\n## {plan}\n\n| module | test | otherwise than the suite's best |\n"
        ));
        page.push_str("| --- | --- | --- |\n");
        let modules = modules(place);
        assert!(modules.len() >= *least, "{plan} has {} modules", modules.len());
        for module in modules {
            let deviation = deviations.get(&module).and_then(toml::Value::as_str).unwrap_or("");
            let name = module.replace('_', "-");
            page.push_str(&format!("| {name} | `{place}::{module}` | {deviation} |\n"));
            named.insert(module);
        }
    }
    for module in deviations.keys() {
        assert!(named.contains(module), "{module} is no module");
    }
    fresh("docs/CONFORMANCE.md", &page);
}

/// Login tests are written against these names.
#[test]
fn every_field_and_button_of_a_page_is_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/PAGES.md");
    let told = std::fs::read_to_string(path).expect("docs/PAGES.md");
    let folders = ["facebook", "google", "idp", "signin"];
    let mut seen = 0;
    for template in folders.iter().flat_map(|folder| files(&format!("templates/{folder}"))) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(&template);
        let text = std::fs::read_to_string(file).expect("a template");
        let controls =
            text.split('<').filter(|tag| tag.starts_with("input") || tag.starts_with("button"));
        for id in controls.filter_map(|tag| tag.split(" id=\"").nth(1)?.split('"').next()) {
            seen += 1;
            let is_told = id.contains("{{") || told.contains(&format!("`#{id}`"));
            assert!(is_told, "docs/PAGES.md does not name #{id} of {template}");
        }
    }
    assert!(seen > 30, "only {seen} controls");
}
