//! OAuth 2.0 and OpenID Connect: messages parsed, checked and built. Pure.

pub mod redirect_uri;
