//! What `openidconnect` leaves to its caller: hashes, the authorized party, and time with a skew.

use jiff::{SignedDuration, Timestamp};
use openidconnect::IdTokenClaims;
use openidconnect::core::CoreGenderClaim;

use super::believe::ProviderClaims;
use super::{Provider, UpstreamFault};
use crate::protocol::claims::half_hash;

/// How far the clocks of two servers may be apart.
pub(super) const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// OIDC Core 2: `sub` has at most 255 ASCII characters.
const LONGEST_SUBJECT: usize = 255;

/// An id token, and what it came with.
pub(super) struct Came<'a> {
    pub(super) claims: &'a IdTokenClaims<ProviderClaims, CoreGenderClaim>,
    pub(super) code: &'a str,
    pub(super) access_token: &'a str,
    pub(super) now: Timestamp,
}

/// Checks the claims of a token whose signature, issuer, audience, nonce and end were verified.
pub(super) fn check(provider: &Provider, came: &Came<'_>) -> Result<(), UpstreamFault> {
    let refused = |why: &str| Err(UpstreamFault::refused(format!("its id token {why}")));
    let Came { claims, code, access_token, now } = came;
    let extra = claims.additional_claims();
    let latest = *now + SKEW;
    if claims.issue_time().timestamp() > latest.as_second() {
        return refused("was issued in the future");
    }
    if extra.nbf.is_some_and(|nbf| nbf > latest.as_second()) {
        return refused("is not valid yet");
    }
    // OIDC Core 3.1.3.7, 5: if there is an authorized party, it is us.
    if claims.authorized_party().is_some_and(|party| **party != provider.client_id) {
        return refused("was issued to another client");
    }
    let subject = claims.subject().as_str();
    if subject.is_empty() || subject.len() > LONGEST_SUBJECT || !subject.is_ascii() {
        return refused("names nobody");
    }
    if claims.access_token_hash().is_some_and(|hash| **hash != half_hash(access_token)) {
        return refused("belongs to another access token");
    }
    if claims.code_hash().is_some_and(|hash| **hash != half_hash(code)) {
        return refused("belongs to another code");
    }
    Ok(())
}
