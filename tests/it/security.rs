//! The catalogue of bad input in `fixtures/security/`: rows with a request are sent as they stand,
//! the others have a test named by their id, and what does not apply says why.

mod assertions;
mod catalogue;
mod cross_site;
mod csrf;
mod forged;
mod headers;
mod help;
mod invitation;
mod linking;
mod logout;
mod oidf_logout;
mod otp;
mod parsing;
mod regressions;
mod replay;
mod rows;
mod session;
mod steps;
mod tenants;
mod wire;
