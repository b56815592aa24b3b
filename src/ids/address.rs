//! E-mail addresses and domain names in one normal form.
//!
//! Two spellings of one mailbox must be one value, and two mailboxes must never become one.
//! Unicode lower-casing merges distinct people (U+212A KELVIN SIGN becomes `k`), so the local part
//! is ASCII and lower-cased as ASCII; the domain goes through IDNA (non-transitional, UTS 46).
//! Everything else is refused, not repaired.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a string is no address, in words for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not a usable address: {reason}")]
pub struct InvalidAddress {
    text: String,
    reason: &'static str,
}

impl InvalidAddress {
    fn new(text: &str, reason: &'static str) -> Self {
        // Control characters are escaped and the rest is cut: the text ends in logs and on pages.
        let text = text.chars().take(80).collect::<String>().escape_debug().to_string();
        Self { text, reason }
    }
}

/// A domain name in its ASCII (punycode) lower-case form, without a root dot.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct DomainName(String);

impl DomainName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first label: `contoso` of `contoso.onmicrosoft.com`.
    pub fn first_label(&self) -> &str {
        self.0.split('.').next().unwrap_or(&self.0)
    }
}

impl FromStr for DomainName {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        if text.is_empty() || text.len() > 253 {
            return Err(InvalidAddress::new(text, "a domain has 1 to 253 characters"));
        }
        // UTS 46 drops what cannot be seen; two spellings that look the same would be one name.
        if text.chars().any(is_invisible) {
            return Err(InvalidAddress::new(text, "it has characters that cannot be seen"));
        }
        let ascii = idna::domain_to_ascii_cow(text.as_bytes(), idna::AsciiDenyList::STD3)
            .map_err(|_| InvalidAddress::new(text, "the domain is not valid under IDNA"))?;
        let labels_fit = ascii.split('.').all(|label| {
            (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
        });
        if !labels_fit || ascii.len() > 253 || !ascii.contains('.') {
            return Err(InvalidAddress::new(text, "a domain is two or more labels joined by dots"));
        }
        if ascii.split('.').next_back().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()))
        {
            return Err(InvalidAddress::new(text, "an IP address is not a domain"));
        }
        Ok(Self(ascii.into_owned()))
    }
}

/// Characters that UTS 46 ignores, and joiners.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// A mailbox: `local@domain`, both in normal form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or(&self.0, |(local, _)| local)
    }

    /// What stands after the `@`.
    pub fn domain(&self) -> DomainName {
        DomainName(self.0.rsplit_once('@').map_or("", |(_, domain)| domain).to_owned())
    }

    /// Whether Graph takes the address in an invitation.
    ///
    /// Its documentation forbids most punctuation in the local part, the plus sign included, and
    /// a dot or hyphen at either end (invitation resource, `invitedUserEmailAddress`).
    pub fn check_invitable(&self) -> Result<(), InvalidAddress> {
        let local = self.local_part();
        if !local.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_')) {
            return Err(InvalidAddress::new(
                &self.0,
                "an invitation allows letters, digits, '.', '-' and '_' before the @",
            ));
        }
        if local.starts_with('-') || local.ends_with('-') {
            return Err(InvalidAddress::new(&self.0, "'-' may not stand first or last"));
        }
        Ok(())
    }
}

impl FromStr for EmailAddress {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let fault = |reason| Err(InvalidAddress::new(text, reason));
        let Some((local, domain)) = text.split_once('@') else {
            return fault("it has no @");
        };
        if text.len() > 254 || !(1..=64).contains(&local.len()) {
            return fault("64 characters may stand before the @ and 254 in all");
        }
        let atext = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
        if !local.bytes().all(atext) {
            return fault("only ASCII letters, digits and !#$%&'*+-/=?^_`{|}~. may stand before @");
        }
        if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
            return fault("a dot may not stand first, last or twice in a row before the @");
        }
        let domain: DomainName =
            domain.parse().map_err(|e: InvalidAddress| InvalidAddress::new(text, e.reason))?;
        Ok(Self(format!("{}@{}", local.to_ascii_lowercase(), domain.0)))
    }
}

macro_rules! text_traits {
    ($($name:ident)*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

text_traits! { DomainName EmailAddress }
