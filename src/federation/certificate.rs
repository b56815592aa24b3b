//! X.509 certificates, as carriers of a signing key.
//!
//! A federation trusts the very certificate that it was configured with, or that metadata names.
//! There is no chain, and no authority is asked.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use x509_cert::der::Decode as _;
use x509_cert::der::oid::ObjectIdentifier;

use crate::jose::SigningKey;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// A certificate with an RSA key.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    key: Vec<u8>,
    expires: Timestamp,
}

/// A text that is no certificate with an RSA key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a certificate with an RSA key: {0}")]
pub struct InvalidCertificate(String);

impl Certificate {
    /// Reads what stands in `X509Certificate`, in Graph's `signingCertificate` or in a PEM file.
    ///
    /// # Errors
    /// If it is not base64, not a certificate, or its key is not RSA.
    pub fn from_base64(text: &str) -> Result<Self, InvalidCertificate> {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("-----"));
        let packed: String = lines.flat_map(str::split_ascii_whitespace).collect();
        let fault = |why: String| InvalidCertificate(why);
        let der = STANDARD.decode(packed).map_err(|error| fault(error.to_string()))?;
        Self::from_der(der)
    }

    /// Reads a certificate in DER.
    pub fn from_der(der: Vec<u8>) -> Result<Self, InvalidCertificate> {
        let fault = |why: String| InvalidCertificate(why);
        let read = x509_cert::Certificate::from_der(&der).map_err(|e| fault(e.to_string()))?;
        let read = read.tbs_certificate();
        let key = read.subject_public_key_info();
        if key.algorithm.oid != RSA {
            return Err(fault(format!("its key is of the kind {}", key.algorithm.oid)));
        }
        let key = key.subject_public_key.raw_bytes().to_vec();
        let expires = read.validity().not_after.to_unix_duration().as_secs();
        let expires = i64::try_from(expires).ok().and_then(|s| Timestamp::from_second(s).ok());
        let expires = expires.ok_or_else(|| fault("it never expires".to_owned()))?;
        Ok(Self { der, key, expires })
    }

    /// The certificate of a key of ours.
    pub fn of(key: &SigningKey) -> Result<Self, InvalidCertificate> {
        Self::from_base64(key.certificate())
    }

    /// As it stands in metadata.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(&self.der)
    }

    /// In DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The public key: PKCS#1 `RSAPublicKey` in DER.
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// `notAfter`. Entra reads metadata anew when a certificate expires; it does not stop using it.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate(")?;
        for byte in digest(&SHA256, &self.der).as_ref().iter().take(8) {
            write!(f, "{byte:02x}")?;
        }
        write!(f, ")")
    }
}
