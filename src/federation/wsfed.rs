//! WS-Federation 1.2, the passive requestor profile: sign-in, sign-out, clean-up.
//!
//! `request` is the query that a browser brings, `result` the document that comes back: a
//! `RequestSecurityTokenResponse` with a signed assertion of SAML 1.1 (`token`), which is what
//! AD FS sends, or of SAML 2.0.

pub mod request;
pub mod result;
pub mod token;

/// The namespace of WS-Trust, February 2005: what the passive profile uses in practice.
pub const TRUST: &str = "http://schemas.xmlsoap.org/ws/2005/02/trust";
/// The namespace of WS-Trust 1.3.
pub const TRUST_13: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
/// The namespace of SAML 1.1 assertions.
pub const ASSERTION_11: &str = "urn:oasis:names:tc:SAML:1.0:assertion";
/// How a person signed in: with a password.
pub const PASSWORD_11: &str = "urn:oasis:names:tc:SAML:1.0:am:password";
