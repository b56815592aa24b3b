//! Microsoft Graph: invitations, users, service principals, identity providers.
//!
//! The tenant is always the token's; no id of another tenant can be read or changed.

mod authentication_flows;
mod batch;
mod body;
mod federations;
mod identity_providers;
mod invitations;
mod json;
pub mod odata;
mod service_principals;
mod users;

use super::failure::Failure;
use crate::fault::GraphFault;

pub use crate::broker::userinfo::Bearer;
pub use batch::{BatchedRequest, read as read_batch};
use body::{body_object, object, read};
pub(super) use invitations::invitation_mail;

/// Why a call did not go through.
#[derive(Debug)]
pub(super) enum GraphFailure {
    Conflict,
    Fault(GraphFault),
}

impl GraphFailure {
    /// The answer, where nothing is tried again.
    pub(super) fn into_fault(self) -> GraphFault {
        match self {
            Self::Fault(fault) => fault,
            Self::Conflict => GraphFault::internal(),
        }
    }
}

impl From<GraphFault> for GraphFailure {
    fn from(fault: GraphFault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Failure> for GraphFailure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Conflict => Self::Conflict,
            Failure::Fault(fault) => Self::Fault(internal(&fault)),
        }
    }
}

impl From<crate::store::StoreFault> for GraphFailure {
    fn from(fault: crate::store::StoreFault) -> Self {
        Self::from(Failure::from(fault))
    }
}

impl From<crate::store::CommitFault> for GraphFailure {
    fn from(fault: crate::store::CommitFault) -> Self {
        Self::from(Failure::from(fault))
    }
}

/// 500 for the caller; the log says why.
fn internal(fault: &crate::fault::Fault) -> GraphFault {
    tracing::error!(detail = fault.detail(), %fault, "Graph cannot answer");
    GraphFault::internal()
}

/// Runs an attempt until it goes through or is refused.
macro_rules! retry_graph {
    ($attempt:expr) => {{
        let mut outcome = Err($crate::fault::GraphFault::internal());
        for _ in 0..$crate::broker::failure::ATTEMPTS {
            match $attempt {
                Ok(value) => {
                    outcome = Ok(value);
                    break;
                }
                Err($crate::broker::graph::GraphFailure::Fault(fault)) => {
                    outcome = Err(fault);
                    break;
                }
                Err($crate::broker::graph::GraphFailure::Conflict) => {}
            }
        }
        outcome
    }};
}
use retry_graph;
