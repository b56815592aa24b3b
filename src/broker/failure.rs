//! Why an attempt did not go through.

use crate::fault::{Fault, say};
use crate::store::{CommitFault, StoreFault};

/// How often a conflict is answered by loading and deciding again. Every conflict means that
/// somebody else got through; what is contended (five tries of a code, one redemption) ends sooner.
pub(super) const ATTEMPTS: usize = 512;

/// Why an attempt did not go through.
#[derive(Debug)]
pub(super) enum Failure {
    /// Somebody else changed what it was based on: load and decide again.
    Conflict,
    /// It is refused.
    Fault(Fault),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreFault> for Failure {
    fn from(fault: StoreFault) -> Self {
        Self::Fault(internal(fault))
    }
}

impl From<CommitFault> for Failure {
    fn from(fault: CommitFault) -> Self {
        match fault {
            CommitFault::Conflict => Self::Conflict,
            // A unique value was taken between the look-up and the commit: look again.
            CommitFault::Duplicate(_) => Self::Conflict,
            CommitFault::Store(fault) => Self::from(fault),
        }
    }
}

/// A store that failed, as the person sees it; the log knows more.
#[expect(clippy::needless_pass_by_value, reason = "used as a function in map_err")]
pub(super) fn internal(fault: StoreFault) -> Fault {
    say::internal().with_detail(fault.to_string())
}

/// Runs an attempt until it goes through or is refused.
macro_rules! retry {
    ($attempt:expr) => {{
        let mut outcome = None;
        for _ in 0..$crate::broker::failure::ATTEMPTS {
            match $attempt {
                Ok(value) => {
                    outcome = Some(Ok(value));
                    break;
                }
                Err($crate::broker::failure::Failure::Fault(fault)) => {
                    outcome = Some(Err(fault));
                    break;
                }
                Err($crate::broker::failure::Failure::Conflict) => {}
            }
        }
        outcome.unwrap_or_else(|| {
            Err($crate::fault::say::internal().with_detail("too many conflicting changes"))
        })
    }};
}
pub(super) use retry;
