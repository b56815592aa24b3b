//! A tenant as the identity provider of its own applications, over SAML 2.0 and WS-Federation.
//!
//! `request` is what an application asked for, checked; `saml` and `ws_fed` read it from messages,
//! `claims` says what an assertion tells of somebody, `response` what is sent back. That somebody
//! may have one is said elsewhere: `interaction/sign_on.rs` takes the proof.
//!
//! Source: single-sign-on-SAML-protocol, single-sign-out-SAML-protocol, SAML-token-claims,
//! B2B-claims-mapping and federation-metadata articles.

pub mod claims;
mod context;
mod metadata;
mod request;
pub mod response;
pub mod saml;
pub mod ws_fed;

pub use context::{asserted_context, method_uri};
pub use metadata::{entity_id, metadata, sign_on_address, ws_fed_address};
pub use request::{
    Asked, NameFormat, Named, Refusal, ReplyTo, SamlReply, SignOnRequest, Sources, named,
};
