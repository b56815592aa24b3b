//! Tokens that a test signs itself, as a client or as an outside issuer would.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};

pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Key and certificate of a client, as a PEM file holds them.
pub(crate) const CLIENT: &str = "keys/INSECURE-google.pem";
/// Of somebody else.
pub(crate) const STRANGER: &str = "keys/INSECURE-consumer.pem";

/// A private key, and the certificate of it.
pub(crate) struct Signer {
    pair: RsaKeyPair,
    certificate: Vec<u8>,
}

impl Signer {
    pub(crate) fn of(path: &str) -> Self {
        let pem = std::fs::read(path).expect("a PEM file");
        let key = PrivateKeyDer::from_pem_slice(&pem).expect("a private key");
        let certificate = CertificateDer::from_pem_slice(&pem).expect("a certificate");
        let pair = RsaKeyPair::from_pkcs8(key.secret_der()).expect("an RSA key");
        Self { pair, certificate: certificate.to_vec() }
    }

    /// `x5t`, without padding.
    pub(crate) fn x5t(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.certificate))
    }

    /// `x5t#S256`, with padding, as MSAL for Python writes it.
    pub(crate) fn x5t_s256(&self) -> String {
        URL_SAFE.encode(digest(&SHA256, &self.certificate))
    }

    pub(crate) fn x5c(&self) -> String {
        base64::engine::general_purpose::STANDARD.encode(&self.certificate)
    }

    /// A token with the header and claims as they are given; PS256 if the header says so.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        self.sign_text(&format!("{}.{}", encode(header), encode(claims)), header["alg"] == "PS256")
    }

    /// Any two segments, and their signature.
    pub(crate) fn sign_text(&self, text: &str, pss: bool) -> String {
        let padding: &dyn aws_lc_rs::signature::RsaEncoding =
            if pss { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        self.pair.sign(padding, &random, text.as_bytes(), &mut signature).expect("a signature");
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// The claims of a client assertion as MSAL for Python makes them: dates with a fraction.
pub(crate) fn assertion_claims(client: &str, audience: &str, now: jiff::Timestamp) -> Value {
    let now = now.as_second();
    json!({
        "aud": audience,
        "iss": client,
        "sub": client,
        "exp": f64::from(u32::try_from(now + 600).unwrap()) + 0.96,
        "iat": f64::from(u32::try_from(now).unwrap()) + 0.96,
        "jti": format!("jti-{now}"),
    })
}
