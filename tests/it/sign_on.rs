//! A tenant as the identity provider of applications with SAML and WS-Federation sign-on.

mod bad_requests;
mod claims;
mod guests;
mod help;
mod metadata;
mod requests;
mod sign_out;
mod ws_fed;
mod xmlsec;
