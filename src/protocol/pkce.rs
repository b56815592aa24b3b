//! Proof Key for Code Exchange, RFC 7636, method S256 only.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::params::Params;
use crate::fault::{Fault, say};

/// RFC 7636 §4.1: 43 to 128 characters of the unreserved set.
fn is_well_formed(value: &str) -> bool {
    (43..=128).contains(&value.len())
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}

/// What `BASE64URL(SHA256(…))` makes, RFC 7636 §4.2.
const CHALLENGE_LENGTH: usize = 43;

/// Reads `code_challenge`; `None` if none was sent.
///
/// # Errors
/// 50147 for a malformed challenge, 501491 for one that no SHA-256 makes; 90023 for a method other than `S256` (an absent method means
/// `plain`, RFC 7636 §4.3, and `plain` is refused); 9002325 if it is `required` and missing.
pub fn check_challenge(params: &Params, required: bool) -> Result<Option<String>, Fault> {
    let Some(challenge) = params.get("code_challenge") else {
        return match (required, params.has("code_challenge_method")) {
            (true, _) => Err(say::pkce_required()),
            (false, true) => Err(say::parameter_missing("code_challenge")),
            (false, false) => Ok(None),
        };
    };
    if params.get("code_challenge_method") != Some("S256") {
        return Err(say::parameter_invalid("code_challenge_method", "only S256 is supported"));
    }
    if !is_well_formed(challenge) {
        return Err(say::code_challenge_invalid());
    }
    if challenge.len() != CHALLENGE_LENGTH {
        return Err(say::code_challenge_size(challenge.len()));
    }
    Ok(Some(challenge.to_owned()))
}

/// Compares a verifier with the challenge of the authorization request.
///
/// A verifier for a code without a challenge is refused as well (RFC 9700 §4.8.2: downgrade).
pub fn check_verifier(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), Fault> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (Some(challenge), Some(verifier)) if is_well_formed(verifier) => {
            let computed = challenge_of(verifier);
            verify_slices_are_equal(computed.as_bytes(), challenge.as_bytes())
                .map_err(|_| say::verifier_mismatch())
        }
        _ => Err(say::verifier_mismatch()),
    }
}

/// `BASE64URL(SHA256(verifier))`.
pub fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    /// RFC 7636, appendix B.
    #[test]
    fn computes_the_challenge_of_the_rfc() {
        assert_eq!(challenge_of(VERIFIER), CHALLENGE);
        assert_eq!(check_verifier(Some(CHALLENGE), Some(VERIFIER)), Ok(()));
    }

    #[test]
    fn refuses_every_other_verifier() {
        let long = "a".repeat(129);
        for verifier in [None, Some(""), Some(CHALLENGE), Some("short"), Some(long.as_str())] {
            let refused = check_verifier(Some(CHALLENGE), verifier);
            assert_eq!(refused.unwrap_err().number(), Some(501_481), "{verifier:?}");
        }
        assert!(check_verifier(None, Some(VERIFIER)).is_err(), "downgrade");
        assert_eq!(check_verifier(None, None), Ok(()));
    }

    #[test]
    fn takes_only_s256() {
        let check =
            |query: &str, required| check_challenge(&Params::parse(query).unwrap(), required);
        let good = format!("code_challenge={CHALLENGE}&code_challenge_method=S256");
        assert_eq!(check(&good, true).unwrap().as_deref(), Some(CHALLENGE));
        assert_eq!(check("", false), Ok(None));
        for (query, number) in [
            (String::new(), 9_002_325),
            (format!("code_challenge={CHALLENGE}&code_challenge_method=s256"), 90023),
            (format!("code_challenge={CHALLENGE}&code_challenge_method=plain"), 90023),
            (format!("code_challenge={CHALLENGE}"), 90023),
            ("code_challenge=abc&code_challenge_method=S256".to_owned(), 50147),
            (format!("code_challenge={CHALLENGE}%2B&code_challenge_method=S256"), 50147),
            (format!("code_challenge={CHALLENGE}A&code_challenge_method=S256"), 501_491),
        ] {
            assert_eq!(check(&query, true).unwrap_err().number(), Some(number), "{query}");
        }
    }
}
