//! The last transition takes a proof of consent, and consent cannot be asserted.

use guestpass::interaction::{Consented, Consenting, Granted};

fn forged(sign_in: &Consenting) -> Option<Granted> {
    sign_in.grant(&Consented(()))
}

fn main() {}
