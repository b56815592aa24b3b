//! Tokens that come back to us: is the signature ours?
//!
//! Time is not judged here: the caller has the clock.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Validation};
use serde_json::{Map, Value};

use super::VerifyingKey;

/// Why a token was refused; for the log, and in general words for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidToken(&'static str);

const UNKNOWN_KEY: InvalidToken = InvalidToken("its key is not known here");

impl InvalidToken {
    /// Whether nothing is wrong with the token but that nobody knows its key: it may be a new one.
    pub fn is_of_unknown_key(&self) -> bool {
        *self == UNKNOWN_KEY
    }
}

/// Verifies a compact JWT that one of `keys` must have signed with RS256, and gives its claims.
///
/// Nothing in the header but `alg` and `kid` is looked at: no `jku`, `x5u`, `jwk` or `x5c` can name
/// another key. A header with `crit` or `b64` is refused.
pub fn verify(token: &str, keys: &[&VerifyingKey]) -> Result<Map<String, Value>, InvalidToken> {
    if token.len() > 16 * 1024 || token.bytes().filter(|b| *b == b'.').count() != 2 {
        return Err(InvalidToken("it is not a compact JWT"));
    }
    let header = jsonwebtoken::decode_header(token)
        .map_err(|_| InvalidToken("its header is not that of a JWT"))?;
    if header.alg != Algorithm::RS256 || header.typ.as_deref().is_none_or(|typ| typ != "JWT") {
        return Err(InvalidToken("its header is not RS256 of a JWT"));
    }
    if ["crit", "b64"].iter().any(|name| header_member(token, name)) {
        return Err(InvalidToken("its header has crit or b64"));
    }
    let kid = header.kid.as_deref();
    let key = keys.iter().find(|key| Some(key.kid()) == kid);
    let key = key.ok_or(UNKNOWN_KEY)?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    jsonwebtoken::decode::<Map<String, Value>>(token, key.verifying(), &validation)
        .map(|data| data.claims)
        .map_err(|_| InvalidToken("its signature does not verify"))
}

fn header_member(token: &str, name: &str) -> bool {
    let header = token.split('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let header = header.and_then(|json| serde_json::from_slice::<Map<String, Value>>(&json).ok());
    header.is_none_or(|header| header.contains_key(name))
}

/// The claims of a token without looking at its signature: to show them, never to trust them.
pub fn claims_unverified(token: &str) -> Option<Map<String, Value>> {
    let payload = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::KeySet;
    use serde_json::json;

    #[test]
    fn takes_what_our_key_signed_and_nothing_else() {
        crate::jose::install_provider();
        let keys = KeySet::development().unwrap();
        let token = keys.work.sign(&json!({ "sub": "abc" }));
        assert_eq!(verify(&token, &[keys.work.public()]).unwrap()["sub"], "abc");
        assert!(verify(&token, &[keys.consumer.public()]).is_err(), "another key");
        let parts: Vec<&str> = token.split('.').collect();
        let forged = |header: Value| {
            format!("{}.{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), parts[1], parts[2])
        };
        let kid = keys.work.kid();
        for wrong in [
            String::new(),
            "a.b.c".to_owned(),
            format!("{}.{}.", parts[0], parts[1]),
            format!("{}.{}.{}.", parts[0], parts[1], parts[2]),
            format!("{}.{}A.{}", parts[0], parts[1], parts[2]),
            forged(json!({ "typ": "JWT", "alg": "none", "kid": kid })),
            forged(json!({ "typ": "JWT", "alg": "HS256", "kid": kid })),
            forged(json!({ "typ": "JWT", "alg": "RS256", "kid": "../x" })),
            forged(json!({ "typ": "JWT", "alg": "RS256", "kid": kid, "crit": ["b64"] })),
            forged(json!({ "typ": "at+jwt", "alg": "RS256", "kid": kid })),
        ] {
            assert!(verify(&wrong, &[keys.work.public()]).is_err(), "{wrong}");
        }
    }
}
