//! The command line, as a process.

mod commands;
mod durability;
mod process;
mod serve;
