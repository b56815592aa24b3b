//! Knowing what was granted does not grant it.

use guestpass::interaction::{GrantData, Granted};

fn forged(data: GrantData) -> Granted {
    Granted(data)
}

fn main() {}
