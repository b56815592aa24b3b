//! One journey, as text.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::hops::Beat;
use super::journey::{Ending, Object, Story};
use super::pick::Cast;
use crate::cli::explain::{outcome, trace};
use crate::cli::style::{Style, wrap};

/// The claims worth reading first.
const CLAIMS: [&str; 14] = [
    "iss",
    "aud",
    "tid",
    "oid",
    "sub",
    "idp",
    "name",
    "preferred_username",
    "email",
    "scp",
    "roles",
    "idtyp",
    "ver",
    "exp",
];
const WIDTH: usize = 96;

/// The story of one journey.
pub(super) fn tell(cast: &Cast, story: &Story, style: Style) -> String {
    let mut text = String::new();
    let by = match story.entry {
        "email-link" => "by the invitation e-mail",
        _ => "by direct link",
    };
    let title = format!("{} comes to {} {by}", cast.name, cast.tenant_name);
    let _ = writeln!(text, "{}\n", style.bold(&title));
    let _ = writeln!(text, "{}", style.bold("Discovery"));
    let _ = writeln!(text, "{} {}\n", story.discovery.email, outcome(&story.discovery.outcome));
    text.push_str(&trace(&story.discovery.trace, style));
    let _ = writeln!(text, "\n{}", style.bold("Hops"));
    hops(&mut text, &story.beats, style);
    let known = &story.discovery.trace;
    let later = story.decisions.iter().filter(|entry| !known.contains(entry));
    let later: Vec<_> = later.cloned().collect();
    if !later.is_empty() {
        let _ = writeln!(text, "\n{}", style.bold("Then decided"));
        text.push_str(&trace(&later, style));
    }
    let _ = writeln!(text, "\n{}", style.bold("Guest object"));
    let _ = writeln!(text, "before  {}", object(&story.before));
    let _ = writeln!(text, "after   {}", object(&story.after));
    ending(&mut text, &story.ending, style);
    text
}

fn hops(text: &mut String, beats: &[Beat], style: Style) {
    for beat in beats {
        match beat {
            Beat::Does(what) => {
                let _ = writeln!(text, "  {} {}", style.note("»"), style.note(what));
            }
            Beat::Hop { method, address, status, location, page } => {
                let answer = match (location, page) {
                    (Some(location), _) => format!("→ {}", shortened(location, WIDTH - 16)),
                    (None, Some(page)) => style.bold(page),
                    (None, None) => String::new(),
                };
                let address = shortened(address, WIDTH - 10);
                let _ = writeln!(text, "    {method:4} {address}");
                let _ = writeln!(text, "         {} {answer}", style.quiet(&status.to_string()));
            }
        }
    }
}

/// An address that fits: ids by their beginning, and of the rest what there is room for.
pub(super) fn shortened(address: &str, width: usize) -> String {
    let mut short = String::new();
    let mut rest = address;
    while let Some(first) = rest.chars().next() {
        match rest.get(..36).filter(|id| id.contains('-') && uuid::Uuid::try_parse(id).is_ok()) {
            Some(id) => {
                short.extend(id.chars().take(8).chain(['…']));
                rest = rest.get(36..).unwrap_or_default();
            }
            None => {
                short.push(first);
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
            }
        }
    }
    if short.chars().count() <= width {
        return short;
    }
    short.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// The guest object in a line.
pub(super) fn object(object: &Object) -> String {
    let mut line = object.external_user_state.clone();
    if let Some(issuer) = &object.identity_issuer {
        let _ = write!(line, ", identity {issuer}");
    }
    if let Some(account) = &object.bound_to {
        let _ = write!(line, ", bound to {account}");
    }
    line
}

fn ending(text: &mut String, ending: &Ending, style: Style) {
    match ending {
        Ending::Page { heading, alert } => {
            let _ = writeln!(text, "\n{}", style.bold("The end: no token"));
            let _ = writeln!(text, "page    {heading}");
            for line in wrap(alert.as_deref().unwrap_or_default(), WIDTH) {
                let _ = writeln!(text, "        {}", style.bad(&line));
            }
        }
        Ending::Tokens { at_once, id_token, access_token } => {
            if *at_once {
                let _ = writeln!(text, "\nThe app's own sign-in gave the code at once: no page.");
            }
            for (name, claims) in [("ID token", id_token), ("Access token", access_token)] {
                let _ = writeln!(text, "\n{}", style.bold(name));
                for (name, value) in notable(claims) {
                    let _ = writeln!(text, "  {} {value}", style.note(&format!("{name:18}")));
                }
            }
        }
    }
}

/// The claims worth reading, in that order.
pub(super) fn notable(claims: &Map<String, Value>) -> impl Iterator<Item = (&'static str, String)> {
    CLAIMS.iter().filter_map(|&name| {
        let value = claims.get(name)?;
        Some((name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
    })
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn shortens_ids_and_then_the_end() {
        let address = "/c0a70500-0000-4000-8000-00000000c0a7/signin/327b11f4-8862-4201-9661-e69fea5a514b/review";
        assert_eq!(shortened(address, 60), "/c0a70500…/signin/327b11f4…/review");
        assert_eq!(shortened(address, 12), "/c0a70500…/…");
    }
}
