//! Microsoft Graph's own errors: a status, a code, a message.
//!
//! Source: Graph `errors` concept page for the shape, the invitation resource and recorded answers
//! for the texts.

use std::fmt::Display;

/// A refusal of the Graph part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct GraphFault {
    /// HTTP status.
    pub status: u16,
    /// `error.code`.
    pub code: &'static str,
    /// `error.message`.
    pub message: String,
}

impl GraphFault {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// 405: the resource has no such method.
    pub fn wrong_method(method: &str) -> Self {
        let message = format!("The resource does not support the method {method}.");
        Self::new(405, "Request_BadRequest", message)
    }

    /// 401: no token, or one that Graph does not accept.
    pub fn invalid_token(why: impl Display) -> Self {
        Self::new(401, "InvalidAuthenticationToken", format!("Access token is not valid: {why}."))
    }

    /// 403: the token lacks a permission, or the person lacks a role.
    pub fn denied() -> Self {
        let message = "Insufficient privileges to complete the operation.";
        Self::new(403, "Authorization_RequestDenied", message)
    }

    /// 403: `allowInvitesFrom` does not let the caller invite.
    pub fn invitations_not_allowed() -> Self {
        Self::new(
            403,
            "Forbidden",
            "Guest invitations not allowed for your company. Contact your company administrator \
             for more details.",
        )
    }

    /// 404: nothing stands at that address.
    pub fn no_such_resource(path: &str) -> Self {
        let path: String = path.chars().take(100).collect();
        Self::new(404, "ResourceNotFound", format!("Resource not found for the segment '{path}'."))
    }

    /// 404: no such object in this tenant.
    pub fn not_found(id: impl Display) -> Self {
        Self::new(
            404,
            "Request_ResourceNotFound",
            format!(
                "Resource '{id}' does not exist or one of its queried reference-property objects \
                 are not present."
            ),
        )
    }

    /// 400: something in the request cannot be used.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// 400: the query options cannot be used.
    pub fn bad_query(message: impl Into<String>) -> Self {
        Self::new(400, "Request_UnsupportedQuery", message)
    }

    /// 413: the body is too large.
    pub fn too_large() -> Self {
        Self::new(413, "RequestEntityTooLarge", "The request body is larger than 1 MiB.")
    }

    /// 500: the log knows more.
    pub fn internal() -> Self {
        Self::new(500, "InternalServerError", "An internal error occurred.")
    }
}
