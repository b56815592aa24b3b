//! The catalogue of bad input in `fixtures/security/`: rows with a request are sent as they stand,
//! the others have a test named by their id, and what does not apply says why.

mod catalogue;
mod csrf;
mod forged;
mod help;
mod invitation;
mod otp;
mod parsing;
mod regressions;
mod rows;
mod session;
mod steps;
mod wire;
