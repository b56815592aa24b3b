//! New signing keys.

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_RSA_SHA256};
use rsa::pkcs8::{EncodePrivateKey as _, LineEnding};

use super::InvalidKey;

/// Makes an RSA-2048 key and a self-signed certificate of it, in one PEM file.
pub fn generate(name: &str) -> Result<String, InvalidKey> {
    let fault = |why: String| InvalidKey(format!("it could not be made: {why}"));
    let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048)
        .map_err(|error| fault(error.to_string()))?;
    let key = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| fault(error.to_string()))?;
    let pair = KeyPair::from_pkcs8_pem_and_sign_algo(&key, &PKCS_RSA_SHA256)
        .map_err(|error| fault(error.to_string()))?;
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    // Clients read the key from the certificate and do not judge its dates; twenty years will do.
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2046, 1, 1);
    let certificate = params.self_signed(&pair).map_err(|error| fault(error.to_string()))?;
    Ok(format!("{}{}", &*key, certificate.pem()))
}
