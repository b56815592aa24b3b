//! SAML 2.0 and WS-Federation: documents read, checked and built, in both roles. Pure.
//!
//! A document comes in as text and leaves as a value that has been verified, or as a refusal with
//! Entra's number. `xml` reads, `xmldsig` verifies and signs, `saml` and `wsfed` know the messages,
//! `metadata` knows what providers say of themselves. Time, identifiers and keys are parameters.

mod audience;
mod certificate;
mod encoding;
pub mod instant;
pub mod metadata;
mod posted;
mod refusal;
pub mod saml;
pub mod sign_on;
mod verified;
mod window;
pub mod wsfed;
pub mod xml;
pub mod xmldsig;

pub use certificate::{Certificate, InvalidCertificate};
pub use posted::Posted;
pub use refusal::Refusal;
pub use verified::{
    Claim, EMAIL_CLAIM, Expected, FederatedAccount, IMMUTABLE_ID_CLAIM, PERSISTENT, Protocol,
    Realm, SKEW, Subject, VerifiedToken,
};
