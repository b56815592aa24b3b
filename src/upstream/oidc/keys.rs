//! A provider's key set, judged before anything is verified with it.

use openidconnect::core::CoreJsonWebKeySet;
use serde_json::{Map, Value};

use crate::upstream::jwk;

/// More keys than any provider has.
const MOST_KEYS: usize = 100;

/// Reads a key set. Keys that cannot be used for RS256 are left out; a set that gives secrets away
/// is refused whole.
pub(super) fn read(document: &[u8]) -> Result<CoreJsonWebKeySet, String> {
    let mut set: Map<String, Value> =
        serde_json::from_slice(document).map_err(|_| "its key set is no JSON".to_owned())?;
    let Some(Value::Array(keys)) = set.remove("keys") else {
        return Err("its key set has no keys".to_owned());
    };
    if keys.len() > MOST_KEYS {
        return Err(format!("its key set has more than {MOST_KEYS} keys"));
    }
    let mut usable = Vec::new();
    for key in keys {
        let Value::Object(key) = key else {
            return Err("its key set has something else than keys".to_owned());
        };
        if jwk::gives_secrets_away(&key) {
            return Err("its key set gives a secret key away".to_owned());
        }
        if jwk::rsa(&key).is_some() {
            usable.push(Value::Object(key));
        }
    }
    let set = serde_json::json!({ "keys": usable });
    serde_json::from_value(set).map_err(|error| format!("its key set: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    fn rsa(bytes: usize, exponent: &[u8]) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({"kty": "RSA", "kid": "k", "n": encode(&vec![0xff; bytes]), "e": encode(exponent)})
    }

    fn kept(keys: &[Value]) -> Result<usize, String> {
        read(json!({ "keys": keys }).to_string().as_bytes()).map(|set| set.keys().len())
    }

    #[test]
    fn keeps_rsa_keys_that_are_neither_weak_nor_a_burden() {
        assert_eq!(kept(&[rsa(256, &[1, 0, 1]), rsa(512, &[3]), rsa(1024, &[1, 0, 1])]), Ok(3));
        for key in [
            rsa(64, &[1, 0, 1]),
            rsa(128, &[1, 0, 1]),
            rsa(255, &[1, 0, 1]),
            rsa(2048, &[1, 0, 1]),
            rsa(256, &[1]),
            rsa(256, &[0, 1]),
            rsa(256, &[2]),
            rsa(256, &[]),
            rsa(256, &[1, 0, 0, 0, 1]),
            json!({"kty": "RSA", "n": 5, "e": "AQAB"}),
            json!({"kty": "RSA"}),
            json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}),
            json!({"kty": "something"}),
            json!({}),
        ] {
            assert_eq!(kept(std::slice::from_ref(&key)), Ok(0), "{key}");
            assert_eq!(kept(&[key.clone(), rsa(256, &[1, 0, 1])]), Ok(1), "{key}");
        }
    }

    #[test]
    fn refuses_a_set_that_is_none_or_gives_secrets_away() {
        let mut private = rsa(256, &[1, 0, 1]);
        private["d"] = json!("AQAB");
        for wrong in [private, json!({"kty": "oct", "k": "AAAA"}), json!({"kty": "oct"}), json!(5)]
        {
            assert!(kept(&[rsa(256, &[1, 0, 1]), wrong]).is_err());
        }
        assert!(kept(&vec![rsa(256, &[1, 0, 1]); 101]).is_err());
        for document in ["", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[", "<html>"] {
            assert!(read(document.as_bytes()).is_err(), "{document}");
        }
    }
}
