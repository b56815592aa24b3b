//! Keys that others publish, judged before anything is verified with them (RFC 7517, RFC 7518 §6).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::jose::PublicKey;

/// RSA keys from 2048 to 8192 bits: a smaller one can be factored, a larger one costs too much.
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// Members that only a private or shared key has (RFC 7518 §6.3.2, §6.4).
const SECRETS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Whether a key gives away what its owner alone should know.
pub(super) fn gives_secrets_away(key: &Map<String, Value>) -> bool {
    SECRETS.iter().any(|name| key.contains_key(*name)) || text(key, "kty") == Some("oct")
}

/// The numbers of a public RSA key that may verify RS256 signatures; `None` of any other key.
pub(super) fn rsa(key: &Map<String, Value>) -> Option<PublicKey> {
    if text(key, "kty") != Some("RSA") || gives_secrets_away(key) || !is_for_rs256(key) {
        return None;
    }
    let (modulus, exponent) = (number(key, "n")?, number(key, "e")?);
    let odd = |bytes: &[u8]| bytes.last().is_some_and(|last| last % 2 == 1);
    let fits = MODULUS_BITS.contains(&bits(&modulus))
        && odd(&modulus)
        && (2..=32).contains(&bits(&exponent))
        && odd(&exponent);
    fits.then_some(PublicKey::Numbers { modulus, exponent })
}

/// Whether a key says nothing of itself that speaks against signatures with RS256. What is written
/// in another type than it has is not left out, but wrong.
fn is_for_rs256(key: &Map<String, Value>) -> bool {
    let says = |name: &str, wanted: &str| key.get(name).is_none_or(|value| value == wanted);
    let verifies = key.get("key_ops").is_none_or(|operations| match operations {
        Value::Array(operations) => {
            operations.iter().all(Value::is_string) && operations.iter().any(|one| one == "verify")
        }
        _ => false,
    });
    let named = key.get("kid").is_none_or(Value::is_string);
    says("use", "sig") && says("alg", "RS256") && verifies && named
}

/// A number, without the zeros that some write in front of it.
fn number(key: &Map<String, Value>, name: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text(key, name)?).ok()?;
    let first = bytes.iter().position(|byte| *byte != 0)?;
    bytes.get(first..).map(<[u8]>::to_vec)
}

fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

fn text<'k>(key: &'k Map<String, Value>, name: &str) -> Option<&'k str> {
    key.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn key(modulus: &[u8], exponent: &[u8]) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({"kty": "RSA", "kid": "k", "n": encode(modulus), "e": encode(exponent)})
    }

    fn is_usable(key: &Value) -> bool {
        rsa(key.as_object().unwrap()).is_some()
    }

    #[test]
    fn counts_the_bits_of_a_key_and_not_the_zeros_in_front() {
        let exponent = [1, 0, 1];
        let of = |bits: usize, padding: usize| {
            let mut modulus = vec![0xff; bits.div_ceil(8)];
            modulus[0] >>= (8 - bits % 8) % 8;
            [vec![0; padding], modulus].concat()
        };
        for bits in [2048, 2049, 3072, 4096, 8191, 8192] {
            for padding in [0, 1, 128] {
                let padded = key(&of(bits, padding), &exponent);
                assert!(is_usable(&padded), "{bits} bits, {padding} zeros");
            }
        }
        for bits in [512, 1024, 2040, 2047, 8193, 16384] {
            for padding in [0, 1, 128, 256] {
                let padded = key(&of(bits, padding), &exponent);
                assert!(!is_usable(&padded), "{bits} bits, {padding} zeros");
            }
        }
        let modulus = of(2048, 0);
        assert!(is_usable(&key(&modulus, &[3])));
        let too_large = [1, 0, 0, 0, 1];
        for exponent in [&[1][..], &[0, 1], &[0, 0, 0, 0, 1], &[2], &[], &[0], &too_large] {
            assert!(!is_usable(&key(&modulus, exponent)), "{exponent:?}");
        }
        let even = [&modulus[1..], &[2]].concat();
        assert!(!is_usable(&key(&even, &exponent)));
    }

    #[test]
    fn takes_a_key_for_what_it_says_that_it_is_for() {
        let with = |name: &str, value: Value| {
            let mut key = key(&[0xff; 256], &[1, 0, 1]);
            key[name] = value;
            key
        };
        for (name, value) in [
            ("use", json!("sig")),
            ("alg", json!("RS256")),
            ("key_ops", json!(["verify"])),
            ("key_ops", json!(["sign", "verify"])),
        ] {
            assert!(is_usable(&with(name, value.clone())), "{name} {value}");
        }
        for (name, value) in [
            ("use", json!("enc")),
            ("use", json!(["sig"])),
            ("use", Value::Null),
            ("alg", json!("RS512")),
            ("alg", json!("RSA-OAEP")),
            ("alg", json!(["RS256"])),
            ("alg", Value::Null),
            ("key_ops", json!([])),
            ("key_ops", json!(["encrypt"])),
            ("key_ops", json!(["sign"])),
            ("key_ops", json!(["Verify"])),
            ("key_ops", json!("verify")),
            ("key_ops", json!(["verify", 5])),
            ("key_ops", json!({"verify": true})),
            ("key_ops", Value::Null),
            ("kid", json!(["k"])),
            ("kty", json!("EC")),
            ("kty", json!(["RSA"])),
            ("n", json!(5)),
            ("d", json!("AQAB")),
            ("oth", json!([])),
        ] {
            assert!(!is_usable(&with(name, value.clone())), "{name} {value}");
        }
        assert!(!is_usable(&json!({"kty": "oct", "n": "AQAB", "e": "AQAB"})));
    }
}
