//! A provider's signing certificate as people paste it: PEM, or base64 of DER.
//!
//! The certificate is a container for a key here: nobody asks who signed it, but it must be one, and
//! how long it is meant to be used decides when metadata is read for the next
//! (`samlOrWsFedExternalDomainFederation`: 30 days before it ends).

use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use x509_cert::Certificate;
use x509_cert::der::asn1::UintRef;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode as _, Reader as _, SliceReader};
use x509_cert::time::Time;

/// More than a certificate has.
const LONGEST: usize = 32 * 1024;

/// The sizes of keys whose signatures are verified.
const MODULUS_BITS: RangeInclusive<usize> = 2048..=8192;

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

/// Reads a certificate with whose key signatures can be verified. With another one nobody could ever
/// sign in, so whoever configures it is told at once.
pub fn read_for_signatures(text: &str) -> Result<SigningCertificate, &'static str> {
    let read = read(text)?;
    let key = read.rsa_key.as_deref().ok_or("its key is not an RSA key")?;
    match modulus_bits(key) {
        Some(bits) if MODULUS_BITS.contains(&bits) => Ok(read),
        Some(_) => Err("its RSA key has not 2048 to 8192 bits"),
        None => Err("its RSA key cannot be read"),
    }
}

/// How long the modulus of a PKCS#1 `RSAPublicKey` is.
fn modulus_bits(key: &[u8]) -> Option<usize> {
    let mut reader = SliceReader::new(key).ok()?;
    let modulus = reader.sequence(|inner| {
        let modulus = UintRef::decode(inner)?;
        UintRef::decode(inner)?;
        Ok::<_, x509_cert::der::Error>(modulus)
    });
    let digits = modulus.ok()?.as_bytes();
    let zeros = digits.first()?.leading_zeros();
    (digits.len() * 8).checked_sub(usize::try_from(zeros).ok()?)
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

    /// What a certificate with an RSA key of that size says of it.
    #[test]
    fn a_key_that_verifies_nothing_is_told_so() {
        let (elliptic, _) = made();
        assert!(read(&elliptic).is_ok());
        assert_eq!(read_for_signatures(&elliptic).unwrap_err(), "its key is not an RSA key");
        let short = include_str!("../../fixtures/security/rsa_1024.pem");
        assert!(read(short).is_ok());
        let why = "its RSA key has not 2048 to 8192 bits";
        assert_eq!(read_for_signatures(short).unwrap_err(), why);
        for (bits, top) in [(2047, 0x7f), (2048, 0x80), (2048, 0xff)] {
            let modulus = [vec![top], vec![0xff; 255]].concat();
            let sign: &[u8] = if top < 0x80 { &[] } else { &[0] };
            let modulus = [sign, &modulus].concat();
            let length = u16::try_from(modulus.len()).unwrap().to_be_bytes();
            let whole = u16::try_from(modulus.len() + 9).unwrap().to_be_bytes();
            let key = [&[0x30, 0x82], &whole[..], &[2, 0x82], &length, &modulus, &[2, 3, 1, 0, 1]];
            assert_eq!(modulus_bits(&key.concat()), Some(bits), "{top}");
        }
        for broken in [&[][..], &[0x30, 0], &[2, 1, 1], &[0x30, 3, 2, 1, 1]] {
            assert_eq!(modulus_bits(broken), None, "{broken:?}");
        }
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
