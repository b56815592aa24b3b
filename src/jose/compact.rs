//! A compact JWT that somebody else has signed, read strictly: three segments of canonical
//! base64url without padding, objects that name nothing twice, no `crit`, no other `typ`. It says
//! who somebody is: a logout token says something else, and is none of these.
//!
//! Nothing in the header chooses a key: `jku`, `x5u`, `jwk` and `x5c` are not looked at.

use std::fmt;

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// More than any token with a certificate chain in its header.
const MOST_BYTES: usize = 32 * 1024;

/// A token whose signature nobody has looked at yet.
#[derive(Debug, Clone)]
pub struct Compact {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    signed: String,
    signature: Vec<u8>,
}

/// Why a text is no such token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(&'static str);

/// The algorithms that are verified here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
}

/// An RSA public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// Modulus and exponent, big-endian.
    Numbers {
        /// `n`.
        modulus: Vec<u8>,
        /// `e`.
        exponent: Vec<u8>,
    },
    /// As PKCS #1.
    Pkcs1(Vec<u8>),
}

impl Compact {
    /// Reads a token.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if text.len() > MOST_BYTES {
            return Err(Malformed("it is longer than 32 KiB"));
        }
        let segments: Vec<&str> = text.split('.').collect();
        let [header, claims, signature] = segments.as_slice() else {
            return Err(Malformed("it has not three segments"));
        };
        let header = object(header).ok_or(Malformed("its header is not a JSON object"))?;
        let claims = object(claims).ok_or(Malformed("its claims are not a JSON object"))?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok();
        let signature = signature.filter(|bytes| !bytes.is_empty());
        let signature = signature.ok_or(Malformed("its signature is not base64url"))?;
        // RFC 7515 §4.1.11, RFC 7797 §6: neither is anything that may be passed over.
        if header.contains_key("crit") || header.contains_key("b64") {
            return Err(Malformed("its header has crit or b64"));
        }
        let texts = ["kid", "x5t", "x5t#S256"];
        if texts.iter().any(|name| header.get(*name).is_some_and(|value| !value.is_string())) {
            return Err(Malformed("the kid, x5t or x5t#S256 of its header is not a string"));
        }
        let plain = |typ: &Value| {
            typ.as_str().is_some_and(|typ| {
                // RFC 7515 §4.1.9: one media type, with or without its first half.
                typ.eq_ignore_ascii_case("JWT")
                    || typ.eq_ignore_ascii_case("application/JWT")
                    || typ == "http://openid.net/specs/jwt/1.0"
            })
        };
        if !header.get("typ").is_none_or(plain) {
            return Err(Malformed("its type is not 'JWT' or 'http://openid.net/specs/jwt/1.0'"));
        }
        // Back-Channel Logout 2.4: a logout token has events; nothing else has.
        if claims.contains_key("events") {
            return Err(Malformed("it is a logout token: it has events"));
        }
        let signed = text.get(..text.rfind('.').unwrap_or_default()).unwrap_or_default().to_owned();
        Ok(Self { header, claims, signed, signature })
    }

    /// `alg`, as it is written.
    pub fn alg(&self) -> &str {
        self.header_text("alg").unwrap_or_default()
    }

    /// A member of the header that is a text.
    pub fn header_text(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Value::as_str)
    }

    /// A claim.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// A claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.claim(name).and_then(Value::as_str)
    }

    /// A NumericDate, which may have a fraction (MSAL for Python writes one).
    ///
    /// # Errors
    /// If it is there and no number.
    pub fn date(&self, name: &str) -> Result<Option<f64>, Malformed> {
        match self.claim(name) {
            None => Ok(None),
            Some(value) => match value.as_f64() {
                Some(seconds) => Ok(Some(seconds)),
                None => Err(Malformed("exp, nbf and iat must be numbers")),
            },
        }
    }

    /// `aud` if it names one audience, as a text or a list of one.
    pub fn sole_audience(&self) -> Option<&str> {
        match self.claim("aud")? {
            Value::String(audience) => Some(audience),
            Value::Array(audiences) => match audiences.as_slice() {
                [audience] => audience.as_str(),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the key has signed it so.
    pub fn is_signed_by(&self, algorithm: Algorithm, key: &PublicKey) -> bool {
        let parameters = match algorithm {
            Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
            Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        };
        let (signed, signature) = (self.signed.as_bytes(), self.signature.as_slice());
        let verified = match key {
            PublicKey::Pkcs1(der) => {
                UnparsedPublicKey::new(parameters, der).verify(signed, signature)
            }
            PublicKey::Numbers { modulus: n, exponent: e } => {
                RsaPublicKeyComponents { n, e }.verify(parameters, signed, signature)
            }
        };
        verified.is_ok()
    }
}

/// A JSON object in base64url that names nothing twice: parsers differ in which of two they take.
fn object(segment: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(segment).ok()?;
    serde_json::from_slice::<Unique>(&bytes).ok().map(|unique| unique.0)
}

struct Unique(Map<String, Value>);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Unique;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<Unique, M::Error> {
                let mut map = Map::new();
                while let Some((name, value)) = members.next_entry::<String, Value>()? {
                    if map.insert(name, value).is_some() {
                        return Err(serde::de::Error::custom("a name stands twice"));
                    }
                }
                Ok(Unique(map))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::{Algorithm, Compact, PublicKey};
    use crate::jose::KeySet;
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use serde_json::{Value, json};

    fn key(jwk: &Value) -> PublicKey {
        let number = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
        PublicKey::Numbers { modulus: number("n"), exponent: number("e") }
    }

    #[test]
    fn takes_what_the_key_has_signed() {
        let keys = KeySet::development().unwrap();
        let token = keys.work.sign(&json!({ "sub": "abc", "exp": 12.5, "aud": ["x"] }));
        let compact = Compact::parse(&token).unwrap();
        assert_eq!(compact.text("sub"), Some("abc"));
        assert_eq!(compact.date("exp"), Ok(Some(12.5)));
        assert_eq!(compact.sole_audience(), Some("x"));
        assert_eq!(compact.alg(), "RS256");
        assert!(compact.is_signed_by(Algorithm::Rs256, &key(&keys.work.public().jwk(None))));
        assert!(!compact.is_signed_by(Algorithm::Ps256, &key(&keys.work.public().jwk(None))));
        assert!(!compact.is_signed_by(Algorithm::Rs256, &key(&keys.google.public().jwk(None))));
    }

    /// `jwt-16`, `jwt-21` to `jwt-36` of the security catalogue.
    #[test]
    fn refuses_every_other_spelling() {
        let keys = KeySet::development().unwrap();
        let token = keys.work.sign(&json!({ "sub": "abc" }));
        let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else {
            panic!("three segments")
        };
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let of = |header: &str, claims: &str| {
            format!("{}.{}.{signature}", encode(header), encode(claims))
        };
        assert!(Compact::parse(&of(r#"{"alg":"RS256"}"#, "{}")).is_ok());
        let last = signature.chars().last().unwrap();
        let other = if last == 'A' { 'B' } else { char::from(last as u8 + 1) };
        let loose = format!("{}{other}", &signature[..signature.len() - 1]);
        for wrong in [
            String::new(),
            "a.b.c".to_owned(),
            format!("{header}.{claims}"),
            format!("{header}.{claims}."),
            format!("{token}.{signature}"),
            format!("{header}. {claims}.{signature}"),
            format!("{token}=="),
            format!("{header}.{claims}.{loose}"),
            format!("{}.{claims}.{signature}", STANDARD.encode("{\"alg\":\"RS256\"}  ")),
            of(r#"{"alg":"RS256"}"#, "[1,2]"),
            of(r#"{"alg":"RS256"}"#, r#"{"sub":"a","sub":"b"}"#),
            of(r#"{"alg":"RS256","alg":"none"}"#, "{}"),
            of(r#"{"alg":"RS256","crit":["exp2"],"exp2":1}"#, "{}"),
            of(r#"{"alg":"RS256","crit":null}"#, "{}"),
            of(r#"{"alg":"RS256","crit":[]}"#, "{}"),
            of(r#"{"alg":"RS256","b64":false}"#, "{}"),
            of(r#"{"alg":"RS256","b64":true}"#, "{}"),
            of(r#"{"alg":"RS256","kid":["k1"]}"#, "{}"),
            of(r#"{"alg":"RS256","kid":null}"#, "{}"),
            of(r#"{"alg":"RS256","x5t":1}"#, "{}"),
            of(r#"{"alg":"RS256"}"#, r#"{"events":{}}"#),
            of(r#"{"alg":"RS256"}"#, r#"{"events":null}"#),
            of(r#"{"alg":"RS256","typ":"at+jwt"}"#, "{}"),
            of(r#"{"alg":"RS256"}"#, r#"{"exp":1e400}"#),
            format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode([0xff, 0xfe])),
            "a".repeat(40 * 1024),
        ] {
            assert!(Compact::parse(&wrong).is_err(), "{wrong}");
        }
        let text = Compact::parse(&of(r#"{"alg":"RS256"}"#, r#"{"exp":"9999999999"}"#)).unwrap();
        assert!(text.date("exp").is_err());
    }
}
