//! The id token as it was written, before a parser repairs it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{ProviderToken, UpstreamFault};

/// Checks the spelling of the id token in an answer of a token endpoint: three segments in the one
/// base64url spelling that they have (RFC 7515 §2), of an account. An answer without a token is
/// another matter.
pub(super) fn check(answer: &[u8]) -> Result<(), UpstreamFault> {
    let answer = serde_json::from_slice::<serde_json::Value>(answer).ok();
    let Some(token) = answer.as_ref().and_then(|answer| answer.get("id_token")?.as_str()) else {
        return Ok(());
    };
    let segments: Vec<&str> = token.split('.').collect();
    let canonical = |segment: &&str| URL_SAFE_NO_PAD.decode(segment).is_ok();
    let well_formed = segments.len() == 3 && segments.iter().all(canonical);
    if well_formed && token.parse::<ProviderToken>().is_ok() {
        return Ok(());
    }
    Err(UpstreamFault::refused("its id token is no JWT of an account"))
}
