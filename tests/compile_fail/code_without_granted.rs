//! A sign-in that still lacks consent is no `Granted`, whatever else it has.

use guestpass::entropy::Entropy;
use guestpass::interaction::{AuthorizationCode, Consenting};
use jiff::Timestamp;

fn early(sign_in: &Consenting, entropy: &Entropy, now: Timestamp) -> AuthorizationCode {
    AuthorizationCode::issue(sign_in, entropy, now)
}

fn main() {}
