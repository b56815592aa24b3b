//! The assertion of the on-behalf-of flow: an access token of ours with which the client was called.
//!
//! Source: on-behalf-of article. The token must be for the client that presents it, and about a
//! person: an application cannot be acted for, and an id token is no access token.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::directory::Application;
use crate::fault::{Fault, say};
use crate::ids::{ObjectId, TenantId};
use crate::protocol::token_handle::TokenHandle;

/// Who a token is about, and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserAssertion {
    /// `tid`.
    pub tenant: TenantId,
    /// `oid`.
    pub user: ObjectId,
    /// The family that it belongs to, and the redemption under which it was issued.
    pub handle: TokenHandle,
}

/// Reads the claims of a token whose signature and issuer are ours.
///
/// # Errors
/// 7000114 for an application's own token, 240002 for an id token, 50013 for one that is for
/// somebody else, 500133 for one that has ended.
pub fn check(
    claims: &Map<String, Value>,
    client: &Application,
    now: Timestamp,
) -> Result<UserAssertion, Fault> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("idtyp") == Some("app") {
        return Err(say::app_token_on_behalf_of(client.client_id));
    }
    if text("scp").is_none() {
        return Err(say::id_token_on_behalf_of());
    }
    let audience = text("aud").unwrap_or_default();
    let id = client.client_id.to_string();
    // The audience of a v1.0 token is the resource as it was asked for, a slash at its end or not.
    let named = audience.trim_end_matches('/');
    let is_own = named == id || client.identifier_uris.iter().any(|uri| uri == named);
    if !is_own {
        return Err(say::user_assertion_invalid(format!(
            "Assertion audience does not match the Client app presenting the assertion. The \
             audience in the assertion was '{audience}' and the expected audience is '{id}' or one \
             of the Application Uris of this application with App ID '{id}'({}). The downstream \
             client must request a token for the expected audience (the application that made the \
             OBO request) and this application should use that token as the assertion.",
            client.display_name
        )));
    }
    let date = |name: &str| claims.get(name).and_then(Value::as_i64);
    let end = date("exp").unwrap_or_default();
    if now.as_second() >= end || date("nbf").is_some_and(|start| now.as_second() < start) {
        let end = Timestamp::from_second(end).unwrap_or_default();
        return Err(say::user_assertion_expired(now, end));
    }
    let read = || {
        Some(UserAssertion {
            tenant: text("tid")?.parse().ok()?,
            user: text("oid")?.parse().ok()?,
            handle: TokenHandle::of(claims)?,
        })
    };
    read().ok_or_else(|| say::user_assertion_invalid("Assertion names no user and no grant."))
}
