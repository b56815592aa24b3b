//! New signing keys.

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_RSA_SHA256, RsaKeySize};

use super::InvalidKey;

/// Makes an RSA-2048 key and a self-signed certificate of it, in one PEM file.
pub fn generate(name: &str) -> Result<String, InvalidKey> {
    let fault = |error: rcgen::Error| InvalidKey(format!("it could not be made: {error}"));
    let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(fault)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    // Clients read the key from the certificate and do not judge its dates; twenty years will do.
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2046, 1, 1);
    let certificate = params.self_signed(&pair).map_err(fault)?;
    Ok(format!("{}{}", pair.serialize_pem(), certificate.pem()))
}
