//! XML: one parser, one tree, and the strictest reading that real providers pass.
//!
//! roxmltree reads; nothing else in guestpass does. Before it, `skim` counts what would make it
//! work long; after it, `document` refuses what a message has no use for and an attacker has:
//! comments, processing instructions, rebound prefixes, identifiers that stand twice. Document
//! types and entities of one's own are never read.

mod canonical;
mod document;
mod element;
mod markup;
mod skim;

pub use canonical::canonical;
pub use document::{Document, Kind, Limits};
pub use element::{Element, Sequence};
pub use markup::Markup;

/// Why a document is not read, in words for whoever sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct XmlFault(pub(crate) String);

impl XmlFault {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

#[cfg(test)]
mod tests;
