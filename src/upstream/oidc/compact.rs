//! The id token as it was written, before a parser repairs it.

use super::{ProviderToken, UpstreamFault};
use crate::jose::Compact;

/// Checks the spelling of the id token in an answer of a token endpoint: strictly that of a compact
/// JWT, and of an account. An answer without a token is another matter.
pub(super) fn check(answer: &[u8]) -> Result<(), UpstreamFault> {
    let answer = serde_json::from_slice::<serde_json::Value>(answer).ok();
    let Some(token) = answer.as_ref().and_then(|answer| answer.get("id_token")?.as_str()) else {
        return Ok(());
    };
    if let Err(why) = Compact::parse(token) {
        return Err(UpstreamFault::refused(format!("its id token is no JWT of an account: {why}")));
    }
    match token.parse::<ProviderToken>() {
        Ok(_) => Ok(()),
        Err(_) => Err(UpstreamFault::refused("its id token is no JWT of an account")),
    }
}
