//! A signing key, parsed once and held.

use std::fmt;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rsa::pkcs1::DecodeRsaPublicKey as _;
use rsa::traits::PublicKeyParts as _;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::Serialize;
use serde_json::json;

use super::public::{Parts, VerifyingKey};

/// A file that holds no usable signing key.
#[derive(Debug, Clone, thiserror::Error)]
#[error("not a signing key: {0}")]
pub struct InvalidKey(pub(super) String);

/// An RSA key that signs with RS256, and the certificate of it.
pub struct SigningKey {
    pair: RsaKeyPair,
    header: String,
    header_v1: String,
    public: VerifyingKey,
    fingerprint: [u8; 32],
}

impl SigningKey {
    /// Reads a PEM file with a PKCS#8 private key and a certificate of it.
    ///
    /// # Errors
    /// If either is missing, the key is not RSA, or the certificate is another key's.
    pub fn from_pem(pem: &str) -> Result<Self, InvalidKey> {
        let fault = |what: &str, why: String| InvalidKey(format!("{what}: {why}"));
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes())
            .map_err(|e| fault("no private key", e.to_string()))?;
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|e| fault("no certificate", e.to_string()))?;
        let pair = RsaKeyPair::from_pkcs8(key.secret_der())
            .map_err(|e| fault("no RSA key", e.to_string()))?;
        let public = rsa::RsaPublicKey::from_pkcs1_der(pair.public_key().as_ref())
            .map_err(|e| fault("no RSA key", e.to_string()))?;
        let modulus = public.n().to_bytes_be();
        if !certificate.windows(modulus.len()).any(|window| window == modulus) {
            return Err(InvalidKey("the certificate is not of this key".to_owned()));
        }
        // Entra: `kid` equals `x5t`, the SHA-1 of the certificate.
        let kid = URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &certificate));
        let header = json!({ "typ": "JWT", "alg": "RS256", "kid": kid }).to_string();
        let header_v1 = json!({ "typ": "JWT", "alg": "RS256", "x5t": kid, "kid": kid }).to_string();
        let public = VerifyingKey::try_from(Parts {
            kid,
            n: URL_SAFE_NO_PAD.encode(modulus),
            e: URL_SAFE_NO_PAD.encode(public.e().to_bytes_be()),
            x5c: STANDARD.encode(&certificate),
        })?;
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(digest(&SHA256, key.secret_der()).as_ref());
        Ok(Self {
            pair,
            header: URL_SAFE_NO_PAD.encode(header),
            header_v1: URL_SAFE_NO_PAD.encode(header_v1),
            public,
            fingerprint,
        })
    }

    /// `kid` of the key and of every token it signs.
    pub fn kid(&self) -> &str {
        self.public.kid()
    }

    /// What others verify with.
    pub fn public(&self) -> &VerifyingKey {
        &self.public
    }

    /// The certificate: base64 of its DER.
    pub fn certificate(&self) -> &str {
        self.public.certificate()
    }

    /// Signs claims as a compact JWT.
    ///
    /// # Panics
    /// Never: claims of our own making serialise, and a parsed key signs.
    pub fn sign(&self, claims: &impl Serialize) -> String {
        self.sign_under(&self.header, claims)
    }

    /// The same as a v1.0 token, whose header has `x5t` too.
    pub fn sign_v1(&self, claims: &impl Serialize) -> String {
        self.sign_under(&self.header_v1, claims)
    }

    #[expect(clippy::expect_used, reason = "a parsed key signs, claims serialise")]
    fn sign_under(&self, header: &str, claims: &impl Serialize) -> String {
        let claims = serde_json::to_vec(claims).expect("claims serialise");
        let mut token = String::with_capacity(header.len() + claims.len() * 4 / 3 + 350);
        token.push_str(header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = self.sign_bytes(token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        token
    }

    /// The bare RS256 signature of some bytes.
    ///
    /// # Panics
    /// Never: a parsed key signs.
    #[expect(clippy::expect_used, reason = "a parsed key signs")]
    pub fn sign_bytes(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .expect("a parsed key signs");
        signature
    }

    /// A digest of the private key, from which other secrets of the installation are derived.
    pub fn fingerprint(&self) -> &[u8; 32] {
        &self.fingerprint
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.kid())
    }
}
