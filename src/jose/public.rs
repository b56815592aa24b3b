//! The public half of a signing key: what others verify with, and what outlives the private half.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::InvalidKey;

/// A public RSA key and its certificate.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct VerifyingKey {
    parts: Parts,
    verifying: jsonwebtoken::DecodingKey,
}

/// What is written of it: members of the JWK.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Parts {
    /// Entra: `kid` equals `x5t`, the SHA-1 of the certificate.
    pub(super) kid: String,
    pub(super) n: String,
    pub(super) e: String,
    /// The certificate, DER in base64.
    pub(super) x5c: String,
}

impl TryFrom<Parts> for VerifyingKey {
    type Error = InvalidKey;

    fn try_from(parts: Parts) -> Result<Self, InvalidKey> {
        let verifying = jsonwebtoken::DecodingKey::from_rsa_components(&parts.n, &parts.e)
            .map_err(|error| InvalidKey(format!("no RSA key: {error}")))?;
        Ok(Self { parts, verifying })
    }
}

impl From<VerifyingKey> for Parts {
    fn from(key: VerifyingKey) -> Self {
        key.parts
    }
}

impl VerifyingKey {
    /// `kid` of the key and of every token that it verifies.
    pub fn kid(&self) -> &str {
        &self.parts.kid
    }

    /// The certificate: base64 of its DER.
    pub fn certificate(&self) -> &str {
        &self.parts.x5c
    }

    /// The key as a member of a JWK set, as Entra writes it: with the issuer it signs for, where
    /// that is told.
    pub fn jwk(&self, issuer: Option<&str>) -> Value {
        let Parts { kid, n, e, x5c } = &self.parts;
        let mut jwk = json!({
            "kty": "RSA",
            "use": "sig",
            "kid": kid,
            "x5t": kid,
            "n": n,
            "e": e,
            "x5c": [x5c],
        });
        if let (Value::Object(jwk), Some(issuer)) = (&mut jwk, issuer) {
            jwk.insert("issuer".into(), json!(issuer));
        }
        jwk
    }

    pub(super) fn verifying(&self) -> &jsonwebtoken::DecodingKey {
        &self.verifying
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", self.parts.kid)
    }
}
