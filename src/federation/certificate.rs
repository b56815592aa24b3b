//! X.509 certificates, as carriers of a signing key.
//!
//! A federation trusts the very certificate that it was configured with, or that metadata names.
//! There is no chain, and no authority is asked.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;

use crate::jose::SigningKey;
use crate::protocol::certificate::{self, SigningCertificate};

/// A certificate with an RSA key.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    read: SigningCertificate,
    key: Vec<u8>,
}

/// A text that is no certificate with an RSA key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a certificate with an RSA key: {0}")]
pub struct InvalidCertificate(&'static str);

impl Certificate {
    /// Reads what stands in `X509Certificate`, in Graph's `signingCertificate` or in a PEM file.
    ///
    /// # Errors
    /// If it is not a certificate, or its key is not RSA of 2048 to 8192 bits.
    pub fn read(text: &str) -> Result<Self, InvalidCertificate> {
        let mut read = certificate::read_for_signatures(text).map_err(InvalidCertificate)?;
        let key = read.rsa_key.take();
        let key = key.ok_or(InvalidCertificate("its key is of another kind"))?;
        Ok(Self { read, key })
    }

    /// The certificate of a key of ours.
    pub fn of(key: &SigningKey) -> Result<Self, InvalidCertificate> {
        Self::read(key.certificate())
    }

    /// As it stands in metadata.
    pub fn to_base64(&self) -> String {
        self.read.to_base64()
    }

    /// In DER.
    pub fn der(&self) -> &[u8] {
        &self.read.der
    }

    /// The public key: PKCS#1 `RSAPublicKey` in DER.
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// When metadata is read for the next one. An expired certificate still verifies.
    pub fn expires(&self) -> Timestamp {
        self.read.not_after
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate(")?;
        for byte in digest(&SHA256, self.der()).as_ref().iter().take(8) {
            write!(f, "{byte:02x}")?;
        }
        write!(f, ")")
    }
}
