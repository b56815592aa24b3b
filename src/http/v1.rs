//! The v1.0 endpoints: the requests of v2.0 in other words.

use axum::extract::{Path, Request};
use axum::response::Response;

use super::extract::{Context, read_form};
use super::oidc;
use super::render::{json_response, no_store};
use crate::interaction::TokenResponse;
use crate::protocol::params::Params;
use crate::protocol::v1;

/// `GET /{t}/oauth2/authorize`.
pub(super) async fn authorize(context: Context, Path(segment): Path<String>) -> Response {
    oidc::authorize_as(&context, &segment, v1::sign_in).await
}

/// `POST /{t}/oauth2/authorize`.
pub(super) async fn authorize_post(
    context: Context,
    Path(segment): Path<String>,
    request: Request,
) -> Response {
    oidc::authorize_post_as(&context, &segment, request, v1::sign_in).await
}

/// `POST /{t}/oauth2/token`.
pub(super) async fn token(
    context: Context,
    Path(segment): Path<String>,
    request: Request,
) -> Response {
    let now = context.app.broker.clock().now();
    let write = |tokens: &TokenResponse, form: &Params| {
        let asked = form.get("resource").or(tokens.resource.as_deref());
        let resource = asked.unwrap_or("https://graph.microsoft.com");
        json_response(200, &v1::token_response(tokens, resource, now))
    };
    oidc::token_as(&context, &segment, request, v1::token, write).await
}

/// `POST /{t}/oauth2/devicecode`.
pub(super) async fn device_code(
    context: Context,
    Path(segment): Path<String>,
    request: Request,
) -> Response {
    let outcome = async {
        let form = v1::sign_in(read_form(request).await?);
        context.app.broker.device_code(&context.here.origin, &segment, &form).await
    };
    match outcome.await {
        Ok(answer) => no_store(json_response(200, &v1::device_response(answer))),
        Err(fault) => context.oauth_fault(&fault),
    }
}

/// `GET /{t}/openid/userinfo`.
pub(super) async fn userinfo(context: Context, Path(segment): Path<String>) -> Response {
    oidc::userinfo_of(&context, Some(&segment)).await
}

/// `POST /{t}/openid/userinfo`.
pub(super) async fn userinfo_post(
    context: Context,
    Path(segment): Path<String>,
    request: Request,
) -> Response {
    oidc::userinfo_post_of(&context, request, Some(&segment)).await
}
