//! A provider's signing certificate as people paste it: PEM, or base64 of DER.
//!
//! The certificate is a container for a key here: nobody asks who signed it, but it must be one, and
//! how long it is meant to be used decides when metadata is read for the next
//! (`samlOrWsFedExternalDomainFederation`: 30 days before it ends).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::time::Time;

/// More than a certificate has.
const LONGEST: usize = 32 * 1024;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// A certificate that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningCertificate {
    /// The certificate itself.
    pub der: Vec<u8>,
    /// When its key may be used first.
    pub not_before: Timestamp,
    /// When its key may be used last.
    pub not_after: Timestamp,
    /// The key, if it is RSA: PKCS#1 `RSAPublicKey` in DER.
    pub rsa_key: Option<Vec<u8>>,
}

impl SigningCertificate {
    /// The form in which it is kept and shown.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(&self.der)
    }
}

/// Reads a certificate; the error says what is wrong with it.
pub fn read(text: &str) -> Result<SigningCertificate, &'static str> {
    if text.len() > LONGEST {
        return Err("it has more than 32 KiB");
    }
    let body = match text.split_once("-----BEGIN CERTIFICATE-----") {
        None => text,
        Some((_, rest)) => {
            let (body, after) =
                rest.split_once("-----END CERTIFICATE-----").ok_or("its PEM has no end")?;
            if after.contains("-----BEGIN CERTIFICATE-----") {
                return Err("it is more than one certificate");
            }
            body
        }
    };
    let digits: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let der = STANDARD.decode(digits).map_err(|_| "it is not base64")?;
    let none = "it is not an X.509 certificate";
    let certificate = Certificate::from_der(&der).map_err(|_| none)?;
    let certificate = certificate.tbs_certificate();
    let validity = certificate.validity();
    let not_before = instant(&validity.not_before).ok_or(none)?;
    let not_after = instant(&validity.not_after).ok_or(none)?;
    if not_after < not_before {
        return Err("it ends before it begins");
    }
    let key = certificate.subject_public_key_info();
    let is_rsa = key.algorithm.oid == RSA;
    let rsa_key = is_rsa.then(|| key.subject_public_key.raw_bytes().to_vec());
    Ok(SigningCertificate { der, not_before, not_after, rsa_key })
}

fn instant(time: &Time) -> Option<Timestamp> {
    Timestamp::from_second(i64::try_from(time.to_unix_duration().as_secs()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> (String, Vec<u8>) {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["idp.example".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2024, 2, 29);
        params.not_after = rcgen::date_time_ymd(2051, 12, 31);
        let certificate = params.self_signed(&key).unwrap();
        (certificate.pem(), certificate.der().to_vec())
    }

    #[test]
    fn reads_pem_and_base64_alike() {
        let (pem, der) = made();
        let read_pem = read(&pem).unwrap();
        assert_eq!(read_pem.der, der);
        assert_eq!(read_pem.not_before.to_string(), "2024-02-29T00:00:00Z");
        assert_eq!(read_pem.not_after.to_string(), "2051-12-31T00:00:00Z");
        let base64 = read_pem.to_base64();
        assert_eq!(read(&base64).unwrap(), read_pem);
        // As it stands in metadata: in lines, indented.
        let (first, second) = base64.split_at(64);
        assert_eq!(read(&format!("\n      {first}\n      {second}\n")).unwrap(), read_pem);
    }

    #[test]
    fn takes_nothing_else() {
        let (pem, der) = made();
        assert_eq!(read("").unwrap_err(), "it is not an X.509 certificate");
        assert_eq!(
            read("MIIDADCCAeigAwIBAgIQEX41y8r6").unwrap_err(),
            "it is not an X.509 certificate"
        );
        assert_eq!(read("not base64!").unwrap_err(), "it is not base64");
        assert_eq!(read(&format!("{pem}{pem}")).unwrap_err(), "it is more than one certificate");
        assert_eq!(read(&"A".repeat(40_000)).unwrap_err(), "it has more than 32 KiB");
        let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
        assert!(read(&key).is_err());
        assert_eq!(read(&format!("{key}{pem}{key}")).unwrap().der, der, "keys beside it are left");
        for cut in 0..der.len() {
            assert!(read(&STANDARD.encode(&der[..cut])).is_err(), "cut at {cut}");
        }
        let longer = [der.as_slice(), b"\0"].concat();
        assert!(read(&STANDARD.encode(longer)).is_err());
    }
}
