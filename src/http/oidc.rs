//! What OpenID Connect clients call.

use axum::extract::{Path, Request};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ALLOW, ORIGIN, VARY,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::extract::{Context, read_form, read_form_if_any};
use super::render::{json_response, no_store};
use super::sign_in::check_not_speculative;
use crate::broker::TokenCall;
use crate::fault::say;
use crate::interaction::TokenResponse;
use crate::protocol::params::Params;

/// `GET /{t}/oauth2/v2.0/authorize`.
pub(super) async fn authorize(context: Context, Path(segment): Path<String>) -> Response {
    authorize_as(&context, &segment, |query| query).await
}

/// A request of either generation; `read` puts it into the words of v2.0.
pub(super) async fn authorize_as(
    context: &Context,
    segment: &str,
    read: fn(Params) -> Params,
) -> Response {
    let outcome = async {
        check_not_speculative(context)?;
        let query = read(context.query()?);
        context.app.broker.authorize(&context.here, segment, &query).await
    };
    let outcome = outcome.await;
    context.reply(outcome)
}

/// `POST /{t}/oauth2/v2.0/authorize`: the same from a form (OIDC Core 3.1.2.1). It comes from the
/// client's page, so it cannot carry a token of ours; like the GET it only starts a sign-in.
pub(super) async fn authorize_post(
    context: Context,
    Path(segment): Path<String>,
    request: Request,
) -> Response {
    authorize_post_as(&context, &segment, request, |form| form).await
}

/// A form of either generation.
pub(super) async fn authorize_post_as(
    context: &Context,
    segment: &str,
    request: Request,
    read: fn(Params) -> Params,
) -> Response {
    let outcome = async {
        let form = read(read_form(request).await?);
        context.app.broker.authorize(&context.here, segment, &form).await
    };
    let outcome = outcome.await;
    context.reply(outcome)
}

/// `POST /{t}/oauth2/v2.0/token`. A query string is tolerated and not looked at (MSAL sends one).
pub(super) async fn token(
    context: Context,
    Path(segment): Path<String>,
    request: Request,
) -> Response {
    token_as(&context, &segment, request, |form| form, |tokens, _| json_response(200, tokens)).await
}

/// A token request of either generation; `write` puts the answer into its words.
pub(super) async fn token_as(
    context: &Context,
    segment: &str,
    request: Request,
    read: fn(Params) -> Params,
    write: impl FnOnce(&TokenResponse, &Params) -> Response,
) -> Response {
    let form = match read_form(request).await {
        Ok(form) => read(form),
        Err(fault) => return context.oauth_fault(&fault),
    };
    let answer = context.app.broker.token(&call_of(context, segment, &form)).await;
    let mut response = match answer.outcome {
        Ok(tokens) => no_store(write(&tokens, &form)),
        Err(fault) => context.oauth_fault(&fault),
    };
    if let Some(Ok(origin)) = answer.readable_by.map(|origin| HeaderValue::from_str(&origin)) {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        response.headers_mut().insert(VARY, HeaderValue::from_static("Origin"));
    }
    response
}

/// `OPTIONS /{t}/oauth2/v2.0/token`: the page of a single-page application may go on, no other. Which
/// application calls is in the body, so the answer to that decides whether it may be read.
pub(super) async fn token_preflight(context: Context) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    let methods = HeaderValue::from_static("POST, OPTIONS");
    headers.insert(ALLOW, methods.clone());
    headers.insert(VARY, HeaderValue::from_static("Origin, Access-Control-Request-Headers"));
    let Some(origin) = context.headers.get(ORIGIN) else { return response };
    match context.app.broker.may_be_called_from(origin.to_str().unwrap_or_default()).await {
        Ok(true) => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
            if let Some(asked) = context.headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
                headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
            }
            headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
            response
        }
        Ok(false) => response,
        Err(fault) => context.oauth_fault(&fault),
    }
}

/// A call of the token endpoint.
fn call_of<'a>(context: &'a Context, segment: &'a str, params: &'a Params) -> TokenCall<'a> {
    let cross_origin = context.headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
    let (origin, authorization) = (&context.here.origin, context.authorization());
    TokenCall { origin, segment, params, authorization, cross_origin }
}

/// `GET /oidc/userinfo`.
pub(super) async fn userinfo(context: Context) -> Response {
    userinfo_of(&context, None).await
}

/// The same at an authority.
pub(super) async fn userinfo_of(context: &Context, segment: Option<&str>) -> Response {
    let token = context.bearer().unwrap_or_default().to_owned();
    answer_userinfo(context, &token, &Params::default(), segment).await
}

/// `POST /oidc/userinfo`: the token in the header or in the form (RFC 6750 §2.2).
pub(super) async fn userinfo_post(context: Context, request: Request) -> Response {
    userinfo_post_of(&context, request, None).await
}

/// The same at an authority.
pub(super) async fn userinfo_post_of(
    context: &Context,
    request: Request,
    segment: Option<&str>,
) -> Response {
    match read_form_if_any(request).await {
        Ok(form) if form.repeated().is_none() => {
            let token = context.bearer().or(form.get("access_token"));
            let token = token.unwrap_or_default().to_owned();
            answer_userinfo(context, &token, &form, segment).await
        }
        Ok(_) => context.oauth_fault(&say::request_malformed("a parameter is sent twice")),
        Err(fault) => context.oauth_fault(&fault),
    }
}

/// One method of sending the token in a request, not two (RFC 6750 §2). The address is none: a token
/// there is not looked at.
async fn answer_userinfo(
    context: &Context,
    token: &str,
    form: &Params,
    segment: Option<&str>,
) -> Response {
    let in_address = context.query.split('&').any(|pair| pair.starts_with("access_token="));
    let in_form = form.has("access_token");
    let in_header = context.authorization().is_some();
    if (in_header && (in_form || in_address)) || (in_form && in_address) {
        let why = "the access token belongs into the Authorization header or the form, once";
        return context.oauth_fault(&say::request_malformed(why));
    }
    match context.app.broker.userinfo(token, segment).await {
        Ok(info) => no_store(json_response(200, &info)),
        Err(fault) => context.graph_fault(&fault),
    }
}
