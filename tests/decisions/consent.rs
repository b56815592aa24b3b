//! Whether the application may have what it asks for.

use std::path::Path;

use guestpass::decide::consent::{self, Asked, Facts, Outcome, ScopeFact};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    asked: String,
    #[serde(default)]
    is_administrator: bool,
    #[serde(default)]
    accepted_now: bool,
    #[serde(default)]
    scopes: Vec<Scope>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scope {
    value: String,
    #[serde(default)]
    admin_consent: bool,
    granted: bool,
}

pub(super) fn case(path: &Path) -> datatest_stable::Result<()> {
    super::run(
        path,
        |input: Input| consent::decide(&facts(input)),
        |outcome| match outcome {
            Outcome::Ask(scopes) => format!("ask {}", scopes.join(" ")),
            Outcome::Consented => "consented".to_owned(),
            Outcome::Refused(fault) => format!("refused {}", fault.number().unwrap()),
        },
    )
}

fn facts(input: Input) -> Facts {
    Facts {
        asked: match input.asked.as_str() {
            "application" => Asked::ByApplication,
            "application-again" => Asked::ByApplicationAgain,
            "assertion" => Asked::ForAssertion,
            "first-party" => Asked::ByFirstParty,
            other => panic!("nobody asks as {other:?}"),
        },
        scopes: input
            .scopes
            .into_iter()
            .map(|scope| ScopeFact {
                value: scope.value,
                admin_consent: scope.admin_consent,
                granted: scope.granted,
            })
            .collect(),
        is_administrator: input.is_administrator,
        accepted_now: input.accepted_now,
    }
}
