//! Proofs are not read from anywhere: a row in the store is data until it was judged again.

use guestpass::interaction::{Authenticated, Granted, Proven};

fn read<T: serde::de::DeserializeOwned>(row: &str) -> Option<T> {
    serde_json::from_str(row).ok()
}

fn main() {
    let _ = read::<Granted>("{}");
    let _ = read::<Proven>("{}");
    let _ = read::<Authenticated>("{}");
}
