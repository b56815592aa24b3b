//! docs/ERRORS.md, rendered from the catalogue.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::left_out::LEFT_OUT;
use super::{Entry, Shown};

pub(super) fn render(entries: &[&Entry], proofs: &BTreeMap<String, String>) -> String {
    let mut page = String::from(
        "# Errors\n\n\
         Generated from `src/fault/` by `guestpass` itself; do not edit (`tests/generated.rs` \
         checks that it is fresh, `UPDATE_DOCS=1 cargo test --test generated` rewrites it).\n\n\
         Numbers are Entra's. Names without a number are guestpass's own, for refusals that Entra \
         does not number. *Where*: `page` is shown here, `redirect` goes back to the client once \
         its redirect URI is verified, `json` is the answer of an endpoint. *Test*: the one of \
         `tests/it/` that causes it; `tests/it/errors/proofs.rs` runs each and looks.\n\n\
         | code | name | OAuth error | status | where | text | a way to cause it | test |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for entry in entries {
        let shown = match entry.shown {
            Shown::Json => "json",
            Shown::Page => "page",
            Shown::Redirect => "redirect",
        };
        let error = match entry.suberror {
            Some(suberror) => format!("`{}` (`{suberror}`)", entry.error),
            None => format!("`{}`", entry.error),
        };
        let code = entry.code.to_string();
        let proof = proofs.get(&code).or_else(|| proofs.get(&format!("{code} {}", entry.error)));
        let proof = proof.map_or("", String::as_str);
        let text = entry.message.replace('|', "\\|");
        let _ = writeln!(
            page,
            "| {code} | {} | {error} | {} | {shown} | {text} | {} | `{proof}` |",
            entry.name, entry.status, entry.cause
        );
    }
    page.push_str(
        "\n## Numbers that never come\n\nEntra has them, and here nothing can cause them.\n\n\
         | codes | why |\n| --- | --- |\n",
    );
    for (numbers, why) in LEFT_OUT {
        let numbers: Vec<_> = numbers.iter().map(u32::to_string).collect();
        let _ = writeln!(page, "| {} | {why} |", numbers.join(", "));
    }
    page
}
