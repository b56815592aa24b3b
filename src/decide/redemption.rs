//! What a guest still has to agree to before anything is issued: step 11 of the published flow.
//!
//! Review permissions comes first, then each terms-of-use in turn. For a pending guest the answers
//! are collected and committed once, after the last one; for an accepted guest a new terms-of-use
//! is a step of its own. Nothing is shown before the sign-in, or twice.

use crate::decide::{Decision, Trace};
use crate::ids::TermsId;

/// What the decision looks at.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Where the user stands.
    pub standing: Standing,
    /// Whether the review page is left out, and why.
    pub review: Review,
    /// The terms of use in scope, in order.
    pub terms: Vec<TermsFact>,
    /// What a person who signs up has told.
    pub attributes: Attributes,
}

/// Where the user stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A guest who has redeemed.
    Accepted,
    /// A member: nothing to redeem.
    Member,
    /// A guest who has not.
    Pending,
}

/// What the user flow asks of a person who signs up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attributes {
    /// Told in this sign-in.
    Collected,
    /// Nothing is asked; nobody signs up.
    NotAsked,
    /// Not told yet.
    Outstanding,
}

/// The state of Review permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Review {
    /// Accepted in this sign-in.
    Accepted,
    /// Left out: automatic redemption on both sides.
    AutomaticRedemption,
    /// Left out: an administrator has consented for everyone, and the tenant's setting
    /// `admin_consent_skips_review` is on.
    AdminConsent,
    /// Not seen yet.
    Outstanding,
}

/// A terms-of-use in scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsFact {
    /// Which.
    pub id: TermsId,
    /// Its title.
    pub name: String,
    /// Whether this version is accepted, on record or in this sign-in.
    pub accepted: bool,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// What the user flow asks for.
    Attributes,
    /// Nothing is missing.
    Complete,
    /// The Review permissions page.
    ReviewPermissions,
    /// This terms-of-use.
    TermsOfUse(TermsId),
}

/// Decides what is still missing.
pub fn decide(facts: &Facts) -> Decision<Outcome> {
    let mut trace = Trace::new();
    let step = 11;
    match facts.attributes {
        Attributes::NotAsked => {}
        Attributes::Collected => {
            trace.skipped(step, "attributes", "what the user flow asks for was told");
        }
        Attributes::Outstanding => {
            let because = "the user flow asks for more than the provider told";
            return trace.decided(step, "attributes", because, Outcome::Attributes);
        }
    }
    let rule = "review-permissions";
    match (facts.standing, facts.review) {
        (Standing::Member, _) => trace.skipped(step, rule, "a member has nothing to redeem"),
        (Standing::Accepted, _) => trace.skipped(step, rule, "the guest has accepted before"),
        (_, Review::Accepted) => trace.skipped(step, rule, "accepted in this sign-in"),
        (_, Review::AutomaticRedemption) => {
            trace.skipped(step, rule, "home outbound and resource inbound redeem automatically");
        }
        (_, Review::AdminConsent) => {
            trace.skipped(step, rule, "an administrator consented for everyone (setting)");
        }
        (Standing::Pending, Review::Outstanding) => {
            let because = match facts.attributes {
                Attributes::NotAsked => "the guest is PendingAcceptance",
                _ => "the person signs up",
            };
            return trace.decided(step, rule, because, Outcome::ReviewPermissions);
        }
    }
    let rule = "terms-of-use";
    if let Some(terms) = facts.terms.iter().find(|terms| !terms.accepted) {
        let because = format!("“{}” is in scope and not accepted", terms.name);
        return trace.decided(step, rule, because, Outcome::TermsOfUse(terms.id));
    }
    let because = match facts.terms.len() {
        0 => "none is in scope".to_owned(),
        n => format!("all {n} in scope are accepted"),
    };
    trace.skipped(step, rule, because);
    trace.decided(step, "redemption-complete", "nothing is missing", Outcome::Complete)
}
