//! Keys, and what is made with them: signatures, key sets, message authentication codes.
//!
//! Every private-key operation is aws-lc's, with the key parsed once. `jsonwebtoken` verifies what
//! comes in; `rsa` generates keys and converts formats and never signs (RUSTSEC-2023-0071).

mod compact;
mod generate;
mod key;
mod mac;
mod verify;

pub use compact::{Algorithm, Compact, Malformed, PublicKey};
pub use generate::generate;
pub use key::{InvalidKey, SigningKey};
pub use mac::MacKey;
pub use verify::{InvalidToken, claims_unverified, verify};

/// The signing keys of a server.
#[derive(Debug)]
pub struct KeySet {
    /// Signs for every Entra tenant.
    pub work: SigningKey,
    /// Signs for the Microsoft-account tenant.
    pub consumer: SigningKey,
    /// Signs for the built-in Google.
    pub google: SigningKey,
}

impl KeySet {
    /// The development keys of `keys/`: known to everybody, for loopback only.
    pub fn development() -> Result<Self, InvalidKey> {
        Ok(Self {
            work: SigningKey::from_pem(include_str!("../keys/INSECURE-work.pem"))?,
            consumer: SigningKey::from_pem(include_str!("../keys/INSECURE-consumer.pem"))?,
            google: SigningKey::from_pem(include_str!("../keys/INSECURE-google.pem"))?,
        })
    }

    /// New keys, known to nobody else. Takes a while: RSA keys are found by trying.
    pub fn generate() -> Result<Self, InvalidKey> {
        let key = |name: &str| SigningKey::from_pem(&generate(name)?);
        Ok(Self {
            work: key("guestpass signing key (work)")?,
            consumer: key("guestpass signing key (consumer)")?,
            google: key("guestpass signing key (google)")?,
        })
    }
}

/// Chooses aws-lc as the cryptography of `jsonwebtoken`, whose choice is process-wide, and keeps
/// one that the embedding program has made before.
pub fn install_provider() {
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
}
