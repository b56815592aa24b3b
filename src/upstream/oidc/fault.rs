//! Why a provider's answer is no sign-in.

use crate::upstream::http::HttpFault;

/// Why a provider's answer is no sign-in, in words for the person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct UpstreamFault {
    kind: UpstreamFaultKind,
    why: String,
}

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpstreamFaultKind {
    /// The provider says no, or what it says does not verify.
    Refused,
    /// It is down, slow, or not to be reached safely.
    Unreachable,
    /// Its answer is none of the protocol.
    Unusable,
}

impl UpstreamFault {
    /// Whose fault it is.
    pub fn kind(&self) -> UpstreamFaultKind {
        self.kind
    }

    pub(in crate::upstream) fn refused(why: impl Into<String>) -> Self {
        Self { kind: UpstreamFaultKind::Refused, why: why.into() }
    }

    pub(in crate::upstream) fn unusable(why: impl Into<String>) -> Self {
        Self { kind: UpstreamFaultKind::Unusable, why: printable(&why.into()) }
    }
}

impl From<HttpFault> for UpstreamFault {
    fn from(fault: HttpFault) -> Self {
        Self { kind: UpstreamFaultKind::Unreachable, why: printable(&fault.0) }
    }
}

/// What a person can use of it.
fn printable(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).take(300).collect()
}
