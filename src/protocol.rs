//! OAuth 2.0 and OpenID Connect: messages parsed, checked and built. Pure.
//!
//! One file a rule, the clause in the comment. What needs the directory (does this client exist,
//! which resource has this name) is a parameter.

pub mod authority;
pub mod authorize;
pub mod certificate;
pub mod claims;
pub mod claims_request;
pub mod client_assertion;
pub mod client_auth;
pub mod cloud;
pub mod credential_type;
pub mod device;
pub mod discovery;
pub mod federated;
pub mod federation_uri;
pub mod id_token_hint;
pub mod instance;
pub mod login_hint;
pub mod params;
pub mod pkce;
pub mod prompt;
pub mod realm;
pub mod redirect_uri;
pub mod response;
pub mod scope;
pub mod sign_out;
pub mod token;
pub mod token_handle;
pub mod user_assertion;
pub mod v1;
