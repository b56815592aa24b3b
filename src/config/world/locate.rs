//! Where in the file a mistake stands.

use toml::de::{DeTable, DeValue};

use super::Problem;

/// A mistake by its place in the document, before the line is known.
pub(super) struct Mistake {
    pub(super) path: Vec<Segment>,
    pub(super) message: String,
    pub(super) hint: String,
}

/// A step into the document.
#[derive(Debug, Clone)]
pub(super) enum Segment {
    Index(usize),
    Key(&'static str),
}

/// Turns the parser's error into a problem, with a hint for the common ones.
pub(crate) fn syntax(text: &str, error: &toml::de::Error) -> Problem {
    let (line, column) = position(text, error.span().map_or(0, |span| span.start));
    let message = error.message().to_owned();
    let at = text.lines().nth(line.saturating_sub(1)).unwrap_or_default().trim_start();
    if message.contains("expected a sequence") && !at.starts_with('[') {
        let message = "a list is expected here".to_owned();
        let hint = "Write it in brackets, also if it has one entry: [\"…\"].".to_owned();
        return Problem { line, column, message, hint };
    }
    if message.contains("expected a sequence") && text.contains("[[tenant.") {
        let message = "something stands in a tenant that does not exist".to_owned();
        let hint = "[[tenant.guest]] and the like follow the [[tenant]] they belong to.".to_owned();
        return Problem { line, column, message, hint };
    }
    let hint = unknown_key_hint(&message).unwrap_or_else(|| SEE_SCHEMA.to_owned());
    Problem { line, column, message, hint }
}

pub(crate) const SEE_SCHEMA: &str = "Every key is described in fixtures/worlds/world.schema.json.";

/// ``unknown field `x`, expected one of `a`, `b` ``: suggest the nearest.
fn unknown_key_hint(message: &str) -> Option<String> {
    let rest = message.strip_prefix("unknown field `")?;
    let (unknown, expected) = rest.split_once('`')?;
    if unknown == "guest" || unknown == "user" {
        return Some(format!("[[{unknown}]] belongs to a tenant: write [[tenant.{unknown}]]."));
    }
    let nearest = expected
        .split('`')
        .skip(1)
        .step_by(2)
        .map(|known| (strsim::damerau_levenshtein(unknown, known), known))
        .min()
        .filter(|(distance, known)| *distance <= known.len().div_ceil(2));
    Some(match nearest {
        Some((_, known)) => format!("Did you mean `{known}`?"),
        None => SEE_SCHEMA.to_owned(),
    })
}

/// Finds the line of each mistake and sorts them by it.
pub(super) fn locate(text: &str, mistakes: Vec<Mistake>) -> Vec<Problem> {
    let document = DeTable::parse(text).ok();
    let mut problems: Vec<Problem> = mistakes
        .into_iter()
        .map(|Mistake { path, message, hint }| {
            let start = document.as_ref().map_or(0, |table| offset(table.get_ref(), &path));
            let (line, column) = position(text, start);
            Problem { line, column, message, hint }
        })
        .collect();
    problems.sort_by_key(|problem| (problem.line, problem.column));
    problems
}

/// The byte at which the deepest existing part of `path` starts.
fn offset(table: &DeTable<'_>, path: &[Segment]) -> usize {
    let mut start = 0;
    let mut here: Option<&DeValue<'_>> = None;
    for segment in path {
        let next = match (segment, here) {
            (Segment::Key(key), None) => table.get(*key),
            (Segment::Key(key), Some(DeValue::Table(table))) => table.get(*key),
            (Segment::Index(index), Some(DeValue::Array(array))) => array.get(*index),
            _ => None,
        };
        let Some(next) = next else { break };
        start = next.span().start;
        here = Some(next.get_ref());
    }
    start
}

/// Line and column, both from 1, of a byte offset.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}
