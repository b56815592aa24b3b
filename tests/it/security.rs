//! The catalogue of bad input in `fixtures/security/`: rows with a request are sent as they stand,
//! the others have a test named by their id, and what does not apply says why.

mod assertions;
mod catalogue;
mod claiming;
mod cross_site;
mod csrf;
mod failing;
mod forged;
mod headers;
mod help;
mod invitation;
mod jwks;
mod jwt;
mod linking;
mod logout;
mod oidf_logout;
mod otp;
mod parsing;
mod races;
mod regressions;
mod relying;
mod remade;
mod replay;
mod rows;
mod session;
mod ssrf;
mod steps;
mod tenants;
mod weak;
mod wire;
