//! Forged, replayed, skipped or reordered steps never yield a token and never change the guest.

mod callback;
mod codes;
mod midway;
mod mixed;
mod order;
