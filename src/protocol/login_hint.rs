//! The opaque `login_hint`: a claim that comes back as the parameter of the same name, or as
//! `logout_hint`.
//!
//! It names a user of the tenant that issued it, under a message authentication code: nobody can make
//! one for somebody else and read an address off the sign-in page. What it stands for is the name
//! with which that person signs in at home (optional-claims reference: "defaults to the user's home
//! tenant").

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::ids::{ObjectId, TenantId};

/// How it begins, so that it is no address.
const PREFIX: &str = "O.";
/// The label of the message authentication code.
pub const LABEL: &str = "login_hint";

/// A hint that was read; `code` is not verified yet.
#[derive(Debug, PartialEq, Eq)]
pub struct LoginHint<'a> {
    /// The tenant that issued it.
    pub tenant: TenantId,
    /// The user there.
    pub user: ObjectId,
    /// The message authentication code of both.
    pub code: &'a str,
}

/// Writes a hint.
pub fn write(tenant: TenantId, user: ObjectId, code: &str) -> String {
    let mut bytes = tenant.as_uuid().as_bytes().to_vec();
    bytes.extend_from_slice(user.as_uuid().as_bytes());
    format!("{PREFIX}{}{code}", URL_SAFE_NO_PAD.encode(bytes))
}

/// Whether a text is such a hint, good or not: it is never shown to a person.
pub fn is_opaque(text: &str) -> bool {
    text.starts_with(PREFIX) && !text.contains('@')
}

/// Reads a hint.
pub fn read(text: &str) -> Option<LoginHint<'_>> {
    let rest = text.strip_prefix(PREFIX)?;
    // 32 bytes are 43 characters.
    let (bytes, code) = (rest.get(..43)?, rest.get(43..)?);
    let bytes: [u8; 32] = URL_SAFE_NO_PAD.decode(bytes).ok()?.try_into().ok()?;
    let (tenant, user) = bytes.split_at(16);
    Some(LoginHint {
        tenant: TenantId::new(Uuid::from_slice(tenant).ok()?),
        user: ObjectId::new(Uuid::from_slice(user).ok()?),
        code,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_as_it_was_written() {
        let tenant = "c0a70500-0000-4000-8000-00000000c0a7".parse().unwrap();
        let user = "c0a70500-0000-4000-8000-000000000101".parse().unwrap();
        let text = write(tenant, user, "code");
        assert!(is_opaque(&text), "{text}");
        assert_eq!(read(&text), Some(LoginHint { tenant, user, code: "code" }));
        for wrong in
            ["", "O.", "alice@contoso.example", "O.x@contoso.example", "O.ééé", &text[..40]]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert!(!is_opaque("O.x@contoso.example"));
    }
}
