//! A discovery decision in the form that people and machines read: the answer of
//! `GET /_guestpass/explain` and of `guestpass explain --json`.

use serde::Serialize;

use super::hrd::{self, Facts, Outcome, Standing};
use super::{Decision, TraceEntry};
use crate::ids::TenantId;

/// The answer.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// The resource tenant.
    pub tenant: TenantId,
    /// The address.
    pub email: String,
    /// `direct-link`, `email-link` or `common`, as asked.
    pub entry: String,
    /// The tenant's profile.
    pub profile: &'static str,
    /// `PendingAcceptance`, `Accepted`, `member` or `none`.
    pub guest: &'static str,
    /// What discovery says.
    pub outcome: ExplainedOutcome,
    /// The rule that decided.
    pub decided_by: String,
    /// Every rule that was met, in order.
    pub trace: Vec<TraceEntry>,
    /// What to do about a refusal.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remedies: Vec<String>,
}

/// What discovery says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ExplainedOutcome {
    /// Ask which account.
    ChooseAccount {
        /// The two.
        identity_providers: [&'static str; 2],
    },
    /// Make an account first.
    CreateAccount {
        /// Where.
        identity_provider: String,
    },
    /// No.
    Refused {
        /// The number.
        aadsts: u32,
        /// The text.
        message: String,
    },
    /// Sign in there.
    SignIn {
        /// Where.
        identity_provider: String,
    },
}

impl From<&Outcome> for ExplainedOutcome {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::ChooseAccount => {
                Self::ChooseAccount { identity_providers: ["ExternalAzureAD", "MicrosoftAccount"] }
            }
            Outcome::CreateAccount(account) => Self::CreateAccount {
                identity_provider: account.identity_provider().as_str().to_owned(),
            },
            Outcome::Refused(fault) => Self::Refused {
                aadsts: fault.number().unwrap_or_default(),
                message: fault.message().to_owned(),
            },
            Outcome::SignIn(home) => {
                Self::SignIn { identity_provider: home.identity_provider().to_owned() }
            }
        }
    }
}

/// Puts a decision into words. `entry` is what was asked for: `common` counts as a direct link.
pub fn explain(tenant: TenantId, facts: &Facts, entry: &str) -> Explanation {
    let decision: Decision<Outcome> = hrd::decide(facts);
    let remedies = match decision.outcome() {
        Outcome::Refused(fault) => fault.remedies().to_vec(),
        _ => Vec::new(),
    };
    Explanation {
        tenant,
        email: facts.address.to_string(),
        entry: entry.to_owned(),
        profile: facts.policy.profile.as_str(),
        guest: match facts.standing {
            Standing::Accepted { .. } => "Accepted",
            Standing::Member { .. } => "member",
            Standing::Pending => "PendingAcceptance",
            Standing::Stranger => "none",
        },
        outcome: ExplainedOutcome::from(decision.outcome()),
        decided_by: decision.decided_by().to_owned(),
        trace: decision.trace().entries().to_vec(),
        remedies,
    }
}
