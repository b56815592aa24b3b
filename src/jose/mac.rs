//! HMAC-SHA256 under keys derived from one secret, a label each.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A key for message authentication codes.
#[derive(Clone)]
pub struct MacKey(Key);

impl MacKey {
    /// A key made of two secrets that are kept in different places: whoever steals one has nothing.
    pub fn of(stored: &str, installed: &[u8]) -> Self {
        let outer = Key::new(HMAC_SHA256, stored.as_bytes());
        Self(Key::new(HMAC_SHA256, sign(&outer, installed).as_ref()))
    }

    /// The code of some parts under a label. Parts are length-prefixed, so that two lists of parts
    /// never run together into the same bytes.
    pub fn code(&self, label: &str, parts: &[&str]) -> String {
        let mut message = Vec::with_capacity(128);
        for part in std::iter::once(&label).chain(parts) {
            message.extend_from_slice(&(part.len() as u64).to_be_bytes());
            message.extend_from_slice(part.as_bytes());
        }
        URL_SAFE_NO_PAD.encode(sign(&self.0, &message))
    }

    /// Whether `code` is the code of the parts, in time that does not depend on it.
    pub fn verifies(&self, label: &str, parts: &[&str], code: &str) -> bool {
        let computed = self.code(label, parts);
        verify_slices_are_equal(computed.as_bytes(), code.as_bytes()).is_ok()
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::MacKey;

    #[test]
    fn tells_labels_and_parts_apart() {
        let key = MacKey::of("stored", b"installed");
        let code = key.code("form", &["ab", "c"]);
        assert!(key.verifies("form", &["ab", "c"], &code));
        assert!(!key.verifies("form", &["a", "bc"], &code));
        assert!(!key.verifies("link", &["ab", "c"], &code));
        assert!(!key.verifies("form", &["ab", "c"], ""));
        assert!(!MacKey::of("stored", b"other").verifies("form", &["ab", "c"], &code));
    }
}
