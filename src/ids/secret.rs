//! Values that open something: tickets, codes, cookies, client secrets.
//!
//! A secret exists in clear only on its way to the person or client it is for. The store sees a
//! [`Digest`]. `Debug` prints the type and nothing else; there is no `Display`.

use std::fmt;

use aws_lc_rs::{constant_time, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// The SHA-256 of a secret, in base64url: what the store holds and looks up.
///
/// A fast hash is right here: the secrets are random and at least 128 bits long, or (client
/// secrets) the operator's own to choose. Passcodes are short and get a keyed hash instead.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, bytes)))
    }

    /// The digest as text, for use as a store key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both are the same, in time that does not depend on where they differ.
    pub fn matches(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(self.0.as_bytes(), other.0.as_bytes()).is_ok()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({}…)", self.0.get(..6).unwrap_or_default())
    }
}

macro_rules! secret {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Takes a value that was just made or just received.
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            /// The value itself: call this only to hand it to whom it is for.
            pub fn reveal(&self) -> &str {
                &self.0
            }

            /// What the store may know of it.
            pub fn digest(&self) -> Digest {
                Digest::of(self.0.as_bytes())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}

secret! {
    /// The value of the cookie that names a browser: 128 random bits.
    BrowserKey;
    /// The value of the session cookie: 128 random bits, new at each sign-in.
    SessionKey;
    /// `ticket=` of a redeem link: 256 random bits.
    TicketValue;
    /// An authorization code.
    CodeValue;
    /// A refresh token.
    RefreshTokenValue;
    /// An application's secret.
    ClientSecret;
    /// A password as it was typed.
    TypedPassword;
    /// An access token that came back to us.
    AccessTokenValue;
    /// The eight digits of a mailed one-time passcode.
    PasscodeDigits;
}
