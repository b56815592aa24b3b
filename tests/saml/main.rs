//! SAML and WS-Federation documents, judged: by ourselves, by attackers and by `xmlsec1`.
//!
//! Every attack begins with one document that is genuinely signed. Rows of `fixtures/security/`
//! have a test here that is named for their id.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where it fails"
)]

mod assertions;
mod content;
mod envelope;
mod extensions;
mod help;
mod logout;
mod mutations;
mod parser;
mod requests;
mod signature;
mod subject;
mod tool;
mod wrapping;
mod ws_fed;
mod xmlsec;
