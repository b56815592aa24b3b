//! Base64 and DEFLATE, with limits that hold while they work.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

use super::xml::{Kind, XmlFault};

/// Base64 of a message, which some senders fold into lines.
pub(super) fn from_base64(text: &str) -> Result<Vec<u8>, XmlFault> {
    // Judged before anything is copied: 4/3 of the largest message, and its line breaks.
    let most = Kind::Message.limits().bytes / 3 * 4 + 16 * 1024;
    if text.len() > most {
        return Err(XmlFault(format!("more than {most} characters of base64")));
    }
    let packed: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(packed).map_err(|error| XmlFault(format!("not base64: {error}")))
}

/// Base64 on one line.
pub(super) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Raw DEFLATE (RFC 1951), which ends as soon as it has made more than a message may have.
pub(super) fn inflate(bytes: &[u8]) -> Result<Vec<u8>, XmlFault> {
    let most = Kind::Message.limits().bytes;
    decompress_to_vec_with_limit(bytes, most)
        .map_err(|_| XmlFault(format!("not DEFLATE, or more than {most} bytes of it")))
}

pub(super) fn deflate(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, 6)
}

/// A message's octets as text.
pub(super) fn text(bytes: Vec<u8>) -> Result<String, XmlFault> {
    String::from_utf8(bytes).map_err(|_| XmlFault::new("the message is not UTF-8"))
}
