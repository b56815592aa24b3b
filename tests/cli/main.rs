//! The command line, as a process.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where it fails"
)]

mod commands;
mod durability;
mod listeners;
mod process;
mod rotate;
mod serve;
