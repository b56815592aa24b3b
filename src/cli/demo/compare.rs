//! Both ways in, side by side.

use std::fmt::Write as _;

use guestpass::decide::explain::ExplainedOutcome;
use guestpass::decide::{TraceEntry, Verdict};

use super::hops::Beat;
use super::journey::{Ending, Story};
use super::pick::Cast;
use super::tell::{notable, object, shortened};
use crate::cli::explain::{outcome, verdict};
use crate::cli::style::{Style, wrap};

const LABEL: usize = 29;
const COLUMN: usize = 43;

/// A line of the comparison.
struct Row {
    label: String,
    cells: [String; 2],
}

/// The two journeys beside each other; `≠` marks what differs.
pub(super) fn side_by_side(cast: &Cast, email: &Story, direct: &Story, style: Style) -> String {
    let stories = [email, direct];
    let mut text = String::new();
    let title = format!("The same guest, two ways in: {} at {}", cast.name, cast.tenant_name);
    let _ = writeln!(text, "{}", style.bold(&title));
    let about = format!(
        "{}, redemption profile {}; each journey starts in a fresh world",
        cast.guest, direct.discovery.profile
    );
    let _ = writeln!(text, "{}\n", style.quiet(&about));
    let heads =
        ["INVITATION E-MAIL", "DIRECT LINK"].map(|head| style.bold(&format!("{head:COLUMN$}")));
    let _ = writeln!(text, "  {:LABEL$}  {}  {}", "", heads[0], heads[1].trim_end());
    table(&mut text, &[row("starts with", stories, first_address)], style);
    section(&mut text, "Discovery", &discovery(stories), style);
    section(&mut text, "What happens", &steps(stories), style);
    let objects = [
        row("before", stories, |story| object(&story.before)),
        row("after", stories, |story| object(&story.after)),
    ];
    section(&mut text, "Guest object", &objects, style);
    section(&mut text, "Tokens for the app", &tokens(stories), style);
    text.push('\n');
    for line in wrap(&conclusion(email, direct), LABEL + 2 * COLUMN) {
        let _ = writeln!(text, "{}", style.bold(&line));
    }
    text
}

fn row(label: impl Into<String>, stories: [&Story; 2], cell: impl Fn(&Story) -> String) -> Row {
    Row { label: label.into(), cells: stories.map(cell) }
}

fn section(text: &mut String, title: &str, rows: &[Row], style: Style) {
    let _ = writeln!(text, "\n  {}", style.bold(title));
    table(text, rows, style);
}

fn table(text: &mut String, rows: &[Row], style: Style) {
    for Row { label, cells } in rows {
        let differs = cells[0] != cells[1];
        let lines = [label, &cells[0], &cells[1]].map(|cell| cell.as_str());
        let lines = [wrap(lines[0], LABEL), wrap(lines[1], COLUMN), wrap(lines[2], COLUMN)];
        let height = lines.iter().map(Vec::len).max().unwrap_or_default();
        for index in 0..height {
            let line = |column: usize| lines[column].get(index).map_or("", String::as_str);
            let mark = if differs && index == 0 { style.note("≠") } else { " ".to_owned() };
            let cells = [1, 2].map(|column| format!("{:COLUMN$}", line(column)));
            let cells = cells.map(|cell| match (differs, cell.starts_with("DECIDED")) {
                (_, true) => style.good(&cell),
                (true, false) => cell,
                (false, false) => style.quiet(&cell),
            });
            let line = format!("{mark} {:LABEL$}  {}  {}", line(0), cells[0], cells[1]);
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
}

fn first_address(story: &Story) -> String {
    let first = story.beats.iter().find_map(|beat| match beat {
        Beat::Hop { address, .. } => Some(shortened(address, COLUMN)),
        Beat::Does(_) => None,
    });
    first.unwrap_or_default()
}

/// Every rule that either journey met, in the order of the flow.
fn discovery(stories: [&Story; 2]) -> Vec<Row> {
    let mut rules: Vec<(u8, &str)> = Vec::new();
    for entry in stories.iter().flat_map(|story| &story.discovery.trace) {
        if !rules.contains(&(entry.step, entry.rule.as_ref())) {
            rules.push((entry.step, entry.rule.as_ref()));
        }
    }
    rules.sort_by_key(|(step, _)| *step);
    let mut rows: Vec<Row> = rules
        .into_iter()
        .map(|(step, rule)| {
            row(format!("{step} {rule}"), stories, |story| {
                let entry = story.discovery.trace.iter().find(|entry| entry.rule == rule);
                entry.map_or_else(|| "not asked any more".to_owned(), judged)
            })
        })
        .collect();
    rows.push(row("so the guest", stories, |story| outcome(&story.discovery.outcome)));
    rows
}

fn judged(entry: &TraceEntry) -> String {
    match entry.verdict {
        Verdict::Decided => format!("DECIDED: {}", entry.because),
        other => format!("{}: {}", verdict(other), entry.because),
    }
}

/// What is done, one row a step; what both do stands in one row.
fn steps(stories: [&Story; 2]) -> Vec<Row> {
    let done = stories.map(|story| {
        let beats = story.beats.iter().filter_map(|beat| match beat {
            // A code is another one each time.
            Beat::Does(what) if what.starts_with("finds the code") => {
                Some("finds the code in the inbox and types it".to_owned())
            }
            Beat::Does(what) => Some(what.clone()),
            Beat::Hop { .. } => None,
        });
        beats.collect::<Vec<String>>()
    });
    let [left, right] = &done;
    let mut rows = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        // The next step that both do, and what each does before it.
        let common = (i..left.len())
            .filter_map(|a| Some((a, j + right[j..].iter().position(|step| *step == left[a])?)))
            .min_by_key(|(a, b)| (a - i) + (b - j));
        let (a, b) = common.unwrap_or((left.len(), right.len()));
        rows.extend((i..a).map(|step| [left[step].clone(), String::new()]));
        rows.extend((j..b).map(|step| [String::new(), right[step].clone()]));
        rows.extend(common.map(|(a, b)| [left[a].clone(), right[b].clone()]));
        (i, j) = (a + 1, b + 1);
    }
    let numbered = rows.into_iter().enumerate();
    numbered.map(|(index, cells)| Row { label: (index + 1).to_string(), cells }).collect()
}

fn tokens(stories: [&Story; 2]) -> Vec<Row> {
    let mut names: Vec<&'static str> = Vec::new();
    for story in stories {
        if let Ending::Tokens { id_token, .. } = &story.ending {
            for (name, _) in notable(id_token) {
                if !names.contains(&name) && !matches!(name, "exp" | "iss" | "aud" | "ver") {
                    names.push(name);
                }
            }
        }
    }
    let mut rows = vec![row("given", stories, |story| match &story.ending {
        Ending::Tokens { at_once: true, .. } => "yes, without another page".to_owned(),
        Ending::Tokens { .. } => "yes, at the end of the same sign-in".to_owned(),
        Ending::Page { heading, alert } => {
            format!("no: {}", alert.as_deref().unwrap_or(heading.as_str()))
        }
    })];
    rows.extend(names.into_iter().map(|name| {
        row(name, stories, |story| match &story.ending {
            Ending::Tokens { id_token, .. } => notable(id_token)
                .find_map(|(known, value)| (known == name).then_some(value))
                .unwrap_or_else(|| "not in the token".to_owned()),
            Ending::Page { .. } => "no token".to_owned(),
        })
    }));
    rows
}

/// What it comes down to.
fn conclusion(email: &Story, direct: &Story) -> String {
    let (one, other) = (&email.discovery, &direct.discovery);
    let guest = &one.email;
    if one.outcome == other.outcome {
        return format!(
            "No difference for {guest}: both ways the rule {} decides, and the guest {}.",
            one.decided_by,
            outcome(&one.outcome)
        );
    }
    let reason = one
        .trace
        .iter()
        .find(|entry| entry.verdict == Verdict::Skipped && entry.rule == other.decided_by);
    let reason = reason.map_or_else(String::new, |entry| {
        format!(" On the e-mail link that rule is passed over: {}.", entry.because)
    });
    format!(
        "The difference: by e-mail {guest} {} (rule {}); by direct link {guest} {} (rule {}).{reason}",
        briefly(&one.outcome),
        one.decided_by,
        briefly(&other.outcome),
        other.decided_by,
    )
}

fn briefly(what: &ExplainedOutcome) -> String {
    match what {
        ExplainedOutcome::Refused { aadsts, .. } => format!("is refused with AADSTS{aadsts}"),
        other => outcome(other),
    }
}
