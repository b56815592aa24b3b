//! A stored code begins with a `Granted`, too.

use guestpass::interaction::{CodeRecord, GrantData};

fn forged(data: GrantData) -> CodeRecord {
    CodeRecord(data)
}

fn main() {}
