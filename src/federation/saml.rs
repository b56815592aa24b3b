//! SAML 2.0: the Web Browser SSO profile and single logout, in both roles.
//!
//! As service provider: `request` asks, `response` verifies the answer. As identity provider:
//! `request` reads what was asked, `answer` makes a signed response. `binding` carries both.

pub mod answer;
pub mod assertion;
pub mod binding;
pub mod logout;
pub mod request;
pub mod response;

/// The namespace of protocol messages.
pub const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// The namespace of assertions.
pub const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// The binding of requests.
pub const REDIRECT_BINDING: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
/// The binding of responses.
pub const POST_BINDING: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
/// The status of a sign-in that worked.
pub const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
/// How a person signed in: with a password, over TLS or not.
pub const PASSWORD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password";
/// How a person signed in: with a password, over TLS.
pub const PASSWORD_PROTECTED_TRANSPORT: &str =
    "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
/// The one kind of confirmation that a browser can carry.
pub(super) const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
