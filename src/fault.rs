//! Every "no", in one catalogue.
//!
//! A [`Fault`] is an [`Entry`] of the catalogue with its placeholders filled. The entry says the
//! AADSTS number (or guestpass's own name, where Entra has none), the OAuth error, the HTTP status
//! and whether it is shown on a page, sent back to the client, or answered as JSON. `http/render`
//! is the only renderer. Sources of the texts: docs/ERRORS.md, which is generated from here.

mod aadsts;
mod assertion;
mod federation;
mod graph;
mod left_out;
mod own;
mod page;
mod sign_on;

use std::collections::BTreeMap;
use std::fmt;

pub use graph::GraphFault;

/// The constructors, one per entry: `fault::say::guest_not_in_tenant(…)`. Not public, so that the
/// compiler finds an entry that nothing raises.
pub(crate) mod say {
    pub(crate) use super::aadsts::say::*;
    pub(crate) use super::assertion::say::*;
    pub(crate) use super::federation::say::*;
    pub(crate) use super::own::say::*;
    pub(crate) use super::sign_on::say::*;
}

/// A line of the catalogue.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// The number or name to search for.
    pub code: Code,
    /// Its name in Microsoft's list of error codes, or ours.
    pub name: &'static str,
    /// The OAuth `error`.
    pub error: &'static str,
    /// The OAuth `suberror`, if it has one.
    pub suberror: Option<&'static str>,
    /// The HTTP status where it is not redirected.
    pub status: u16,
    /// Where it goes.
    pub shown: Shown,
    /// The text, with placeholders in braces.
    pub message: &'static str,
    /// A way to cause it.
    pub cause: &'static str,
}

/// What a person searches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// Entra's number.
    Aadsts(u32),
    /// guestpass's own name.
    Own(&'static str),
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aadsts(number) => write!(f, "AADSTS{number}"),
            Self::Own(name) => f.write_str(name),
        }
    }
}

/// Where a fault goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// As the JSON answer of an endpoint that clients call.
    Json,
    /// On guestpass's own page, never to the client.
    Page,
    /// Back to the client, once its redirect URI is verified; on a page before that.
    Redirect,
}

/// A refusal, ready to be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", entry.code)]
pub struct Fault {
    entry: &'static Entry,
    message: String,
    error: &'static str,
    remedies: Vec<String>,
    detail: Option<String>,
}

impl Fault {
    fn new(entry: &'static Entry, message: String) -> Self {
        Self { entry, message, error: entry.error, remedies: Vec::new(), detail: None }
    }

    /// The number or name.
    pub fn code(&self) -> Code {
        self.entry.code
    }

    /// The AADSTS number, where there is one.
    pub fn number(&self) -> Option<u32> {
        match self.entry.code {
            Code::Aadsts(number) => Some(number),
            Code::Own(_) => None,
        }
    }

    /// The OAuth `error`.
    pub fn error(&self) -> &'static str {
        self.error
    }

    /// The OAuth `suberror`.
    pub fn suberror(&self) -> Option<&'static str> {
        self.entry.suberror
    }

    /// The HTTP status where it is not redirected.
    pub fn status(&self) -> u16 {
        self.entry.status
    }

    /// Where it goes.
    pub fn shown(&self) -> Shown {
        self.entry.shown
    }

    /// The text, placeholders filled, without number and tail.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn remedies(&self) -> &[String] {
        &self.remedies
    }

    /// For the log only.
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// Adds a line that says what to do.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedies.push(remedy.into());
        self
    }

    /// Adds what only the log may know.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The same refusal where a grant is redeemed: whatever stands against the user there is
    /// `invalid_grant` to the client (RFC 6749 §5.2), with the number that says why.
    #[must_use]
    pub fn for_a_grant(mut self) -> Self {
        self.error = "invalid_grant";
        self
    }
}

/// The whole catalogue, sorted by code.
pub fn entries() -> Vec<&'static Entry> {
    let catalogues = [
        aadsts::CATALOGUE,
        assertion::CATALOGUE,
        federation::CATALOGUE,
        own::CATALOGUE,
        sign_on::CATALOGUE,
    ];
    let mut all: Vec<_> = catalogues.into_iter().flatten().collect();
    all.sort_by_key(|entry| (entry.code, entry.name));
    all
}

/// docs/ERRORS.md. `proofs` names the test that causes an entry: by its code, and by its OAuth error
/// too where two entries have one code.
pub fn errors_page(proofs: &BTreeMap<String, String>) -> String {
    page::render(&entries(), proofs)
}

/// Declares entries and a constructor for each: `number fn(placeholders) Name [error, status,
/// where]`, then the text, then a way to cause it.
macro_rules! catalogue {
    ($($kind:ident $code:literal $constructor:ident($($placeholder:ident),*) $name:literal
        [$error:literal $(+ $suberror:literal)?, $status:literal, $shown:ident]
        $message:literal, $cause:literal;)*) => {
        pub(super) const CATALOGUE: &[$crate::fault::Entry] = &[$(
            $crate::fault::Entry {
                code: $crate::fault::Code::$kind($code),
                name: $name,
                error: $error,
                suberror: $crate::fault::suberror!($($suberror)?),
                status: $status,
                shown: $crate::fault::Shown::$shown,
                message: $message,
                cause: $cause,
            },
        )*];

        pub(crate) mod say {
            //! Constructors of the entries above.
            use std::fmt::Display;
            $(
                #[doc = $message]
                pub(crate) fn $constructor($($placeholder: impl Display),*) -> $crate::fault::Fault {
                    const ENTRY: &$crate::fault::Entry = &$crate::fault::Entry {
                        code: $crate::fault::Code::$kind($code),
                        name: $name,
                        error: $error,
                        suberror: $crate::fault::suberror!($($suberror)?),
                        status: $status,
                        shown: $crate::fault::Shown::$shown,
                        message: $message,
                        cause: $cause,
                    };
                    $crate::fault::Fault::new(ENTRY, format!($message))
                }
            )*
        }
    };
}

macro_rules! suberror {
    () => {
        None
    };
    ($suberror:literal) => {
        Some($suberror)
    };
}

use {catalogue, suberror};

#[cfg(test)]
mod tests;
