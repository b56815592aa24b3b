//! Keys, and what is made with them: signatures, key sets, message authentication codes.
//!
//! Every private-key operation is aws-lc's, with the key parsed once. `jsonwebtoken` verifies what
//! comes in; `rsa` reads the numbers of a public key and never signs (RUSTSEC-2023-0071).

mod compact;
mod generate;
mod key;
mod mac;
mod public;
mod ring;
mod seal;
mod verify;

use std::sync::Arc;

pub use compact::{Algorithm, Compact, Malformed, PublicKey};
pub use generate::generate;
pub use key::{InvalidKey, SigningKey};
pub use mac::MacKey;
pub use public::VerifyingKey;
pub use ring::{KeyRecord, KeyRing, NewKeys, Role};
pub use verify::{InvalidToken, claims_unverified, verify};

/// The signing keys of a server.
#[derive(Debug, Clone)]
pub struct KeySet {
    /// Signs for every Entra tenant.
    pub work: Arc<SigningKey>,
    /// Signs for the Microsoft-account tenant.
    pub consumer: Arc<SigningKey>,
    /// Signs for the built-in Google.
    pub google: Arc<SigningKey>,
    /// Signs for the built-in SAML provider.
    pub litware: Arc<SigningKey>,
    /// Signs for the built-in WS-Fed provider.
    pub adatum: Arc<SigningKey>,
}

impl KeySet {
    /// The development keys of `keys/`: known to everybody, for loopback only.
    pub fn development() -> Result<Self, InvalidKey> {
        let key = |pem: &str| SigningKey::from_pem(pem).map(Arc::new);
        Ok(Self {
            work: key(include_str!("../keys/INSECURE-work.pem"))?,
            consumer: key(include_str!("../keys/INSECURE-consumer.pem"))?,
            google: key(include_str!("../keys/INSECURE-google.pem"))?,
            litware: key(include_str!("../keys/INSECURE-litware.pem"))?,
            adatum: key(include_str!("../keys/INSECURE-adatum.pem"))?,
        })
    }

    /// New keys, known to nobody else. Takes a while: RSA keys are found by trying.
    pub fn generate() -> Result<Self, InvalidKey> {
        NewKeys::generate().map(|new| new.keys)
    }

    /// One of them.
    pub fn of(&self, role: Role) -> &Arc<SigningKey> {
        match role {
            Role::Work => &self.work,
            Role::Consumer => &self.consumer,
            Role::Google => &self.google,
            Role::Litware => &self.litware,
            Role::Adatum => &self.adatum,
        }
    }
}

/// Chooses aws-lc as the cryptography of `jsonwebtoken`, whose choice is process-wide, and keeps
/// one that the embedding program has made before.
pub fn install_provider() {
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
}
