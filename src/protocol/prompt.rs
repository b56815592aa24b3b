//! `prompt` and `max_age`, OIDC Core 3.1.2.1.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::params::Params;
use crate::fault::{Fault, say};

/// What the client wants the person to be asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Consent, again.
    Consent,
    /// A new account (seen in the wild; the sign-up page of a Microsoft account).
    Create,
    /// Credentials, again.
    Login,
    /// Nothing at all: answer at once.
    None,
    /// Which account.
    SelectAccount,
    /// Whatever is missing.
    #[default]
    Unspecified,
}

impl Prompt {
    /// Reads the parameter. `none` stands alone.
    ///
    /// # Errors
    /// 90023 for an unknown word, or for `none` with another.
    pub fn parse(params: &Params) -> Result<Self, Fault> {
        let Some(value) = params.get("prompt") else { return Ok(Self::Unspecified) };
        let mut words = value.split(' ').filter(|word| !word.is_empty());
        let (first, second) = (words.next().unwrap_or(""), words.next());
        let parsed = match first {
            "consent" => Self::Consent,
            "create" => Self::Create,
            "login" => Self::Login,
            "none" => Self::None,
            "select_account" => Self::SelectAccount,
            _ => return Err(say::parameter_invalid("prompt", "the word is unknown")),
        };
        match second {
            None => Ok(parsed),
            Some(_) => Err(say::parameter_invalid("prompt", "Entra takes one word")),
        }
    }

    /// Whether a session may be used without asking.
    pub fn lets_session_pass(self) -> bool {
        !matches!(self, Self::Create | Self::Login | Self::SelectAccount)
    }
}

/// Whether an account that the person picked may come in without a new proof.
pub fn lets_picked_pass(
    prompt: Prompt,
    auth_time: Timestamp,
    max_age: Option<u64>,
    now: Timestamp,
) -> bool {
    !matches!(prompt, Prompt::Create | Prompt::Login) && is_recent(auth_time, max_age, now)
}

/// `max_age`: how many seconds ago the sign-in may have been.
pub fn parse_max_age(params: &Params) -> Result<Option<u64>, Fault> {
    let Some(value) = params.get("max_age") else { return Ok(None) };
    let digits = value.len() <= 10 && value.bytes().all(|b| b.is_ascii_digit());
    match (digits, value.parse()) {
        (true, Ok(seconds)) => Ok(Some(seconds)),
        _ => Err(say::parameter_invalid("max_age", "it is not a number of seconds")),
    }
}

/// Whether a sign-in at `auth_time` is recent enough.
pub fn is_recent(auth_time: Timestamp, max_age: Option<u64>, now: Timestamp) -> bool {
    let Some(seconds) = max_age.and_then(|age| i64::try_from(age).ok()) else { return true };
    now.duration_since(auth_time) <= SignedDuration::from_secs(seconds)
}
