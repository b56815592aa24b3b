//! The account a decision gives of itself.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// An outcome and how it came about. Only `decide/` makes one: proofs rest on it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Decision<T> {
    outcome: T,
    trace: Trace,
}

impl<T> Decision<T> {
    /// What should happen.
    pub fn outcome(&self) -> &T {
        &self.outcome
    }

    /// Every rule that was met, in order; the last one decided.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Outcome and trace.
    pub fn into_parts(self) -> (T, Trace) {
        (self.outcome, self.trace)
    }

    /// What the same decision means elsewhere.
    pub(super) fn map<U>(self, meaning: impl FnOnce(T) -> U) -> Decision<U> {
        Decision { outcome: meaning(self.outcome), trace: self.trace }
    }

    /// The id of the rule that decided.
    pub fn decided_by(&self) -> &str {
        self.trace.0.last().map_or("", |entry| &entry.rule)
    }
}

/// The rules that were met, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Trace(Vec<TraceEntry>);

impl Trace {
    /// An empty trace.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a rule that did not decide, and ends as a decision with the one that did.
    pub fn skipped(&mut self, step: u8, rule: &'static str, because: impl Into<String>) {
        self.push(step, rule, Verdict::Skipped, because);
    }

    /// Ends the trace with the rule that decided.
    pub(super) fn decided<T>(
        mut self,
        step: u8,
        rule: &'static str,
        because: impl Into<String>,
        outcome: T,
    ) -> Decision<T> {
        self.push(step, rule, Verdict::Decided, because);
        Decision { outcome, trace: self }
    }

    /// Notes something that is no rule but belongs to the story, such as which account was linked.
    pub fn note(&mut self, step: u8, rule: &'static str, because: impl Into<String>) {
        self.push(step, rule, Verdict::Noted, because);
    }

    /// Appends another trace.
    pub fn extend(&mut self, other: Trace) {
        self.0.extend(other.0);
    }

    /// The entries.
    pub fn entries(&self) -> &[TraceEntry] {
        &self.0
    }

    fn push(&mut self, step: u8, rule: &'static str, verdict: Verdict, because: impl Into<String>) {
        let rule = Cow::Borrowed(rule);
        self.0.push(TraceEntry { step, rule, verdict, because: because.into() });
    }
}

/// One rule that was met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceEntry {
    /// The step of the published flow; 0 for what comes before it.
    pub step: u8,
    /// The rule's id.
    pub rule: Cow<'static, str>,
    /// Whether it decided.
    pub verdict: Verdict,
    /// The fact behind that.
    pub because: String,
}

/// What a rule did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It decided; nothing after it was asked.
    Decided,
    /// No rule: something that happened on the way.
    Noted,
    /// It did not apply.
    Skipped,
}
