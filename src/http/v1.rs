//! The v1.0 endpoints: the requests of v2.0 in other words.

use axum::extract::{Path, Request};
use axum::http::HeaderValue;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, VARY};
use axum::response::Response;

use super::extract::{Context, read_form};
use super::oidc::{self, call_of};
use super::render::{json_response, no_store};
use super::sign_in::check_not_speculative;
use crate::protocol::v1;

/// `GET /{t}/oauth2/authorize`.
pub(super) async fn authorize(context: Context, Path(segment): Path<String>) -> Response {
    let outcome = async {
        check_not_speculative(&context)?;
        let query = v1::sign_in(context.query()?);
        context.app.broker.authorize(&context.here, &segment, &query).await
    };
    let outcome = outcome.await;
    context.reply(outcome)
}

/// `POST /{t}/oauth2/authorize`.
pub(super) async fn authorize_post(
    context: Context,
    Path(segment): Path<String>,
    request: Request,
) -> Response {
    let outcome = async {
        let form = v1::sign_in(read_form(request).await?);
        context.app.broker.authorize(&context.here, &segment, &form).await
    };
    let outcome = outcome.await;
    context.reply(outcome)
}

/// `POST /{t}/oauth2/token`.
pub(super) async fn token(
    context: Context,
    Path(segment): Path<String>,
    request: Request,
) -> Response {
    let form = match read_form(request).await {
        Ok(form) => v1::token(form),
        Err(fault) => return context.oauth_fault(&fault),
    };
    let answer = context.app.broker.token(&call_of(&context, &segment, &form)).await;
    let mut response = match answer.outcome {
        Ok(tokens) => {
            let asked = form.get("resource").or(tokens.resource.as_deref());
            let resource = asked.unwrap_or("https://graph.microsoft.com");
            let now = context.app.broker.clock().now();
            no_store(json_response(200, &v1::token_response(&tokens, resource, now)))
        }
        Err(fault) => context.oauth_fault(&fault),
    };
    if let Some(Ok(origin)) = answer.readable_by.map(|origin| HeaderValue::from_str(&origin)) {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        response.headers_mut().insert(VARY, HeaderValue::from_static("Origin"));
    }
    response
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
pub(super) async fn userinfo(context: Context, Path(_): Path<String>) -> Response {
    oidc::userinfo(context).await
}

/// `POST /{t}/openid/userinfo`.
pub(super) async fn userinfo_post(
    context: Context,
    Path(_): Path<String>,
    request: Request,
) -> Response {
    oidc::userinfo_post(context, request).await
}
