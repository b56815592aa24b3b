//! A key that anybody with some patience can factor, and genuine signatures of it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::RsaPrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs1v15::SigningKey;
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding as _, Signer as _};
use rsa::traits::PublicKeyParts as _;
use serde_json::{Map, Value, json};

/// 1024 bits.
const KEY: &str = "-----BEGIN RSA PRIVATE KEY-----\n\
    MIICXQIBAAKBgQC2NJhXAWLulSZLeFmRPgLax0TCxKACP80MqksBpafYgybxgN4g\n\
    MjABAzRXFt6QjA7D1EJJ3ylxdPAiA6dGqFdRoqh5ZbZP0hsW1MLOvD2+QfC8WHrd\n\
    pgR61My+wMuO5ErQM5awuXDZFrL6GUdrL3zkA0FnO4iklOlCHaT+7GhRbwIDAQAB\n\
    AoGABPRNKCB7hi08C1VMaiybe0Nr1TfveeAuPSfsPjE47SQzzOFKKOn0cDKcG7od\n\
    dyS3yg9ddhDBWbpqRSKAS+WL6jqQjO2dw8+3QfPS/PqwbjVknNoJ8sbzLzofNwQu\n\
    mwDlZYQ6pjww2NJDXQ4Q7SBEhO0raUWztY5aanVoYN8ciPECQQDpDnHpTLuon7wQ\n\
    vVkvkCVZ0rxH5jBFtGOxq79+Ssa4D58+2znEwFiPO2KyUktBbRPnzyK3u6HFLQ2E\n\
    efdSNHbzAkEAyCSW1WGdt9Z7XVBVapJ14RqEbLHdzclQIDE1789WLeXMctdEjfYs\n\
    wqDGmq1pT8z70v5qR+XTrrKbe73PEvYSlQJBALzi1Df91Opp7Aa1MB94eI1AWxD6\n\
    44zbEyHgzScSe9SZ9LsA+uUX767GtstIH247dbKfEshO7mHcjeQc5fJeSzkCQCpU\n\
    esZUqAvqxBq/U+F/aokal6l5kQTmMBku705yFrMMaEpdtzUjPOJJKNgsFxr2qsg8\n\
    YPQl6riHNBVe1r4W52UCQQDXC1jI48PxP88on+t/i8ui8Wfhyi2VmnPjDPRJhTPS\n\
    0Z/kMV0JLT4OYV6tdZRI3d9GyXJDtXz9EH76k1kTmQVB\n\
    -----END RSA PRIVATE KEY-----\n";

/// The key's name.
const KID: &str = "weak";

pub(super) struct Weak(RsaPrivateKey);

impl Weak {
    pub(super) fn new() -> Self {
        Self(RsaPrivateKey::from_pkcs1_pem(KEY).unwrap())
    }

    /// The public key, with zeros in front of the modulus.
    pub(super) fn jwk(&self, zeros: usize) -> Value {
        let modulus = [vec![0; zeros], self.0.n().to_bytes_be()].concat();
        assert_eq!(modulus.len(), zeros + 128);
        json!({"kty": "RSA", "use": "sig", "kid": KID, "e": "AQAB",
            "n": URL_SAFE_NO_PAD.encode(modulus)})
    }

    pub(super) fn sign(&self, claims: &Map<String, Value>) -> String {
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": KID});
        let signed = format!("{}.{}", encode(&header), encode(&json!(claims)));
        let signature = SigningKey::<Sha256>::new(self.0.clone()).sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }
}
