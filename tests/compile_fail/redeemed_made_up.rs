//! A redemption is proven by a decision, and only `decide` makes decisions.

use guestpass::decide::redemption::Outcome;
use guestpass::decide::{Decision, Trace};
use guestpass::directory::User;
use guestpass::interaction::Redeemed;

fn forged(user: &User) -> Option<Redeemed> {
    let decision = Decision { outcome: Outcome::Complete, trace: Trace::new() };
    Redeemed::complete(user, &decision).ok()
}

fn main() {}
