//! What every state of a sign-in has.

use jiff::Timestamp;

use super::request::SignInRequest;
use super::states::{Consenting, Discovering, Ended, Interaction, Outcome, Proving, Redeeming};
use crate::decide::Trace;
use crate::ids::{Digest, InteractionId, TenantId};
use crate::protocol::authority::Authority;

/// What every state has.
#[derive(Debug)]
pub struct Core<'a> {
    /// The sign-in's id.
    pub id: InteractionId,
    /// The browser it belongs to.
    pub browser: &'a Digest,
    /// Under which path segment it runs.
    pub authority: Authority,
    /// When it is over, finished or not.
    pub expires_at: Timestamp,
    /// What was decided so far.
    pub trace: &'a Trace,
}

impl Interaction {
    /// What every state has.
    pub fn core(&self) -> Core<'_> {
        match self {
            Self::Ended(Ended { id, browser, authority, expires_at, trace, .. }) => {
                Core { id: *id, browser, authority: *authority, expires_at: *expires_at, trace }
            }
            Self::Consenting(Consenting { request, trace, .. })
            | Self::Discovering(Discovering { request, trace, .. })
            | Self::Proving(Proving { request, trace, .. })
            | Self::Redeeming(Redeeming { request, trace, .. }) => Core {
                id: request.id,
                browser: &request.browser,
                authority: request.authority,
                expires_at: request.expires_at,
                trace,
            },
        }
    }

    /// What it is for; an ended one has forgotten.
    pub fn request(&self) -> Option<&SignInRequest> {
        match self {
            Self::Consenting(Consenting { request, .. })
            | Self::Discovering(Discovering { request, .. })
            | Self::Proving(Proving { request, .. })
            | Self::Redeeming(Redeeming { request, .. }) => Some(request),
            Self::Ended(_) => None,
        }
    }

    /// The tenant in which the person is or will be, once that is known.
    pub fn tenant(&self) -> Option<TenantId> {
        match self {
            Self::Consenting(state) => Some(state.authenticated.tenant()),
            Self::Discovering(state) => state.tenant(),
            Self::Ended(state) => state.authority.tenant(),
            Self::Proving(state) => Some(state.tenant),
            Self::Redeeming(state) => Some(state.authenticated.tenant()),
        }
    }

    /// The name of its state.
    pub fn state(&self) -> &'static str {
        match self {
            Self::Consenting(_) => "consenting",
            Self::Discovering(_) => "discovering",
            Self::Ended(_) => "ended",
            Self::Proving(_) => "proving",
            Self::Redeeming(_) => "redeeming",
        }
    }

    /// Ends it.
    pub fn end(&self, outcome: Outcome, way_on: Option<String>) -> Ended {
        if let Self::Ended(ended) = self {
            return ended.clone();
        }
        let Core { id, browser, authority, expires_at, trace } = self.core();
        let (browser, trace) = (browser.clone(), trace.clone());
        Ended { id, browser, authority, expires_at, trace, outcome, way_on }
    }

    /// Adds to what was decided.
    pub fn note(&mut self, more: Trace) {
        match self {
            Self::Consenting(Consenting { trace, .. })
            | Self::Discovering(Discovering { trace, .. })
            | Self::Ended(Ended { trace, .. })
            | Self::Proving(Proving { trace, .. })
            | Self::Redeeming(Redeeming { trace, .. }) => trace.extend(more),
        }
    }
}
