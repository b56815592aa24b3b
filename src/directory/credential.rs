//! What an application proves itself with beside a secret: certificates (`keyCredentials`) and the
//! tokens of other issuers (`federatedIdentityCredentials`).

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use x509_cert::der::Decode as _;
use x509_cert::der::oid::ObjectIdentifier;

/// `rsaEncryption`, RFC 8017.
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// A registered certificate: `keyCredential` with `usage` Verify. The private key is the client's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyCredential {
    /// The name in the portal; the certificate's subject if none was given.
    pub display_name: String,
    /// SHA-1 of the certificate (`x5t`), as the portal shows it: upper-case hexadecimal.
    pub thumbprint: String,
    /// SHA-256 of the certificate (`x5t#S256`), likewise.
    pub thumbprint_sha256: String,
    /// From when it may be used.
    pub start: Timestamp,
    /// Until when.
    pub end: Timestamp,
    /// The RSA public key as PKCS #1, in base64.
    public_key: String,
    /// The certificate, DER in base64.
    #[serde(default)]
    pub certificate: String,
}

/// Why a text is no certificate that an application can register.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidCertificate(String);

impl KeyCredential {
    /// Reads a certificate: PEM, of which the first certificate counts, or DER in base64.
    ///
    /// # Errors
    /// If it is neither, or its key is not RSA of 2048 to 8192 bits.
    pub fn parse(text: &str) -> Result<Self, InvalidCertificate> {
        let fault = |what: &str| InvalidCertificate(what.to_owned());
        let body = match text.split_once(BEGIN) {
            Some((_, rest)) => match rest.split_once(END) {
                Some((body, _)) => body,
                None => return Err(fault("the certificate has no end")),
            },
            None if text.contains("-----BEGIN") => return Err(fault("it holds no certificate")),
            None => text,
        };
        let body: String = body.split_ascii_whitespace().collect();
        let der = STANDARD.decode(body).map_err(|_| fault("it is not PEM and not base64"))?;
        let certificate = x509_cert::Certificate::from_der(&der)
            .map_err(|_| fault("it is not an X.509 certificate"))?;
        let certificate = certificate.tbs_certificate();
        let key = certificate.subject_public_key_info();
        if key.algorithm.oid != RSA {
            return Err(fault("its key is not an RSA key"));
        }
        let public = key.subject_public_key.raw_bytes();
        // PKCS #1 is little more than the modulus.
        if !(256..=1100).contains(&public.len()) {
            return Err(fault("its RSA key has not 2048 to 8192 bits"));
        }
        let seconds = |time: x509_cert::time::Time| {
            let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
            Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
        };
        let validity = certificate.validity();
        Ok(Self {
            display_name: certificate.subject().to_string(),
            thumbprint: hexadecimal(digest(&SHA1_FOR_LEGACY_USE_ONLY, &der).as_ref()),
            thumbprint_sha256: hexadecimal(digest(&SHA256, &der).as_ref()),
            start: seconds(validity.not_before),
            end: seconds(validity.not_after),
            public_key: STANDARD.encode(public),
            certificate: STANDARD.encode(&der),
        })
    }

    /// The public key as PKCS #1.
    pub fn public_key(&self) -> Vec<u8> {
        STANDARD.decode(&self.public_key).unwrap_or_default()
    }

    /// Whether it may be used now.
    pub fn is_current(&self, now: Timestamp) -> bool {
        self.start <= now && now < self.end
    }
}

/// Upper-case, as Entra writes thumbprints.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02X}"))
}

/// An outside issuer whose token is the application's proof: `federatedIdentityCredential`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FederatedIdentityCredential {
    /// Its name, unique in the application.
    pub name: String,
    /// `iss` of the outside token, compared byte by byte; its discovery document is fetched.
    pub issuer: String,
    /// `sub` of the outside token, compared byte by byte.
    pub subject: String,
    /// `aud` of the outside token; `api://AzureADTokenExchange` if not given.
    #[serde(default = "token_exchange")]
    pub audiences: Vec<String>,
}

fn token_exchange() -> Vec<String> {
    vec!["api://AzureADTokenExchange".to_owned()]
}

#[cfg(test)]
mod tests {
    use super::KeyCredential;

    #[test]
    fn reads_a_certificate_and_nothing_else() {
        let pem = include_str!("../../keys/INSECURE-work.pem");
        let credential = KeyCredential::parse(pem).unwrap();
        assert_eq!(credential.thumbprint.len(), 40);
        assert_eq!(credential.thumbprint_sha256.len(), 64);
        assert!(credential.start < credential.end);
        assert!(!serde_json::to_string(&credential).unwrap().contains("PRIVATE"));
        let begin = pem.find(super::BEGIN).unwrap() + super::BEGIN.len();
        let body = pem[begin..].split("-----").next().unwrap();
        assert_eq!(KeyCredential::parse(body).unwrap(), credential, "DER in base64");
        let key = &pem[..pem.find(super::BEGIN).unwrap()];
        for wrong in ["", "certificate.pem", "AAAA", key, &pem[..begin + 64]] {
            assert!(KeyCredential::parse(wrong).is_err(), "{wrong}");
        }
    }
}
