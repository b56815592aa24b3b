//! Text that only the holder of a secret can read or change: AES-256-GCM.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::InvalidKey;

/// Bytes of a nonce, which stands before what it seals.
const NONCE: usize = 12;

fn key(secret: &[u8], label: &str) -> Result<RandomizedNonceKey, InvalidKey> {
    let outer = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let derived = hmac::sign(&outer, label.as_bytes());
    RandomizedNonceKey::new(&AES_256_GCM, derived.as_ref()).map_err(|_| failed("derived"))
}

/// Seals a text under a secret and a label.
pub(super) fn seal(secret: &[u8], label: &str, text: &str) -> Result<String, InvalidKey> {
    let mut bytes = text.as_bytes().to_vec();
    let nonce = key(secret, label)?.seal_in_place_append_tag(Aad::empty(), &mut bytes);
    let nonce = nonce.map_err(|_| failed("sealed"))?;
    let mut sealed = nonce.as_ref().to_vec();
    sealed.append(&mut bytes);
    Ok(STANDARD_NO_PAD.encode(sealed))
}

/// Opens what [`seal`] has sealed under the same secret and label.
pub(super) fn open(secret: &[u8], label: &str, sealed: &str) -> Result<String, InvalidKey> {
    let mut bytes = STANDARD_NO_PAD.decode(sealed).map_err(|_| failed("opened"))?;
    let (nonce, bytes) = bytes.split_at_mut_checked(NONCE).ok_or_else(|| failed("opened"))?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| failed("opened"))?;
    let opened = key(secret, label)?.open_in_place(nonce, Aad::empty(), bytes);
    let opened = opened.map_err(|_| failed("opened"))?;
    String::from_utf8(opened.to_vec()).map_err(|_| failed("opened"))
}

fn failed(what: &str) -> InvalidKey {
    InvalidKey(format!("sealed text could not be {what}: was it sealed under another key?"))
}

#[cfg(test)]
mod tests {
    use super::{open, seal};

    #[test]
    fn opens_for_the_same_secret_and_label_only() {
        let sealed = seal(b"secret", "keys", "text").unwrap();
        assert_ne!(sealed, seal(b"secret", "keys", "text").unwrap(), "a nonce each");
        assert_eq!(open(b"secret", "keys", &sealed).unwrap(), "text");
        assert!(open(b"other", "keys", &sealed).is_err());
        assert!(open(b"secret", "other", &sealed).is_err());
        assert!(open(b"secret", "keys", &sealed.replace(&sealed[20..22], "AA")).is_err());
        assert!(open(b"secret", "keys", "c2hvcnQ").is_err());
        assert!(open(b"secret", "keys", "").is_err());
    }
}
