//! Decision cases: one TOML file a case, named for what it proves.
//!
//! Each case states facts and expects an outcome *and* the rule that decided, so that a right
//! answer for a wrong reason fails.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::struct_excessive_bools,
    reason = "a test stops where it fails; facts are facts"
)]

mod access;
mod consent;
mod federation;
mod hrd;
mod invite;
mod redemption;
mod sign_out;
mod sign_up;

use std::path::Path;

use guestpass::decide::{Decision, Verdict};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What a case expects.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    outcome: String,
    decided_by: String,
    #[serde(default)]
    skipped: Vec<String>,
    because: Option<String>,
}

/// A case file; `facts` has the shape of its decision.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case<F> {
    description: String,
    source: String,
    facts: F,
    expect: Expect,
}

fn run<F: DeserializeOwned, T>(
    path: &Path,
    decide: impl FnOnce(F) -> Decision<T>,
    show: impl FnOnce(&T) -> String,
) -> datatest_stable::Result<()> {
    let text = std::fs::read_to_string(path)?;
    let case: Case<F> = toml::from_str(&text)?;
    assert!(!case.description.is_empty() && !case.source.is_empty());
    let decision = decide(case.facts);
    let trace = format!("{:#?}", decision.trace());
    assert_eq!(show(decision.outcome()), case.expect.outcome, "{trace}");
    assert_eq!(decision.decided_by(), case.expect.decided_by, "{trace}");
    let skipped: Vec<&str> = decision
        .trace()
        .entries()
        .iter()
        .filter(|entry| entry.verdict == Verdict::Skipped)
        .map(|entry| &*entry.rule)
        .collect();
    for rule in &case.expect.skipped {
        assert!(skipped.contains(&rule.as_str()), "{rule} was not asked: {trace}");
    }
    if let Some(because) = case.expect.because {
        let last = decision.trace().entries().last().expect("a decision has a trace");
        assert_eq!(last.because, because);
    }
    Ok(())
}

datatest_stable::harness! {
    { test = hrd::case, root = "fixtures/decisions/hrd", pattern = r"\.toml$" },
    { test = redemption::case, root = "fixtures/decisions/redemption", pattern = r"\.toml$" },
    { test = consent::case, root = "fixtures/decisions/consent", pattern = r"\.toml$" },
    { test = access::case, root = "fixtures/decisions/access", pattern = r"\.toml$" },
    { test = federation::case, root = "fixtures/decisions/federation", pattern = r"\.toml$" },
    { test = sign_out::case, root = "fixtures/decisions/sign_out", pattern = r"\.toml$" },
    { test = sign_up::case, root = "fixtures/decisions/sign_up", pattern = r"\.toml$" },
    { test = invite::case, root = "fixtures/decisions/invite", pattern = r"\.toml$" },
}
