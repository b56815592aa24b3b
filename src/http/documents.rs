//! Discovery and keys, v2.0 and v1.0.

use axum::body::Body;
use axum::extract::Path;
use axum::http::HeaderValue;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL};
use axum::response::Response;

use super::extract::Context;
use super::render::json_bytes;
use crate::directory::TokenVersion;
use crate::fault::say;
use crate::protocol::authority::Authority;

/// `GET /{t}/v2.0/.well-known/openid-configuration`.
pub(super) async fn discovery(context: Context, Path(segment): Path<String>) -> Response {
    answer_discovery(&context, &segment, TokenVersion::V2).await
}

/// `GET /{t}/.well-known/openid-configuration`.
pub(super) async fn discovery_v1(context: Context, Path(segment): Path<String>) -> Response {
    answer_discovery(&context, &segment, TokenVersion::V1).await
}

async fn answer_discovery(context: &Context, segment: &str, version: TokenVersion) -> Response {
    match authority(context, segment).await {
        Ok(authority) => {
            let (broker, origin) = (&context.app.broker, &context.here.origin);
            match broker.discovery_document(origin, version, authority).await {
                Ok(bytes) => public(json_bytes(bytes)),
                Err(fault) => context.oauth_fault(&fault),
            }
        }
        Err(response) => *response,
    }
}

/// `GET /{t}/discovery/v2.0/keys`.
pub(super) async fn keys(context: Context, Path(segment): Path<String>) -> Response {
    answer_keys(&context, &segment, TokenVersion::V2).await
}

/// `GET /{t}/discovery/keys`.
pub(super) async fn keys_v1(context: Context, Path(segment): Path<String>) -> Response {
    answer_keys(&context, &segment, TokenVersion::V1).await
}

async fn answer_keys(context: &Context, segment: &str, version: TokenVersion) -> Response {
    let authority = match authority(context, segment).await {
        Ok(authority) => authority,
        Err(response) => return *response,
    };
    let (broker, origin) = (&context.app.broker, &context.here.origin);
    match broker.key_document(origin, version, authority).await {
        Ok(keys) => public(json_bytes(keys)),
        Err(fault) => context.oauth_fault(&fault),
    }
}

async fn authority(context: &Context, segment: &str) -> Result<Authority, Box<Response>> {
    let shown: String = segment.chars().take(80).collect();
    let refused = |fault| Box::new(context.oauth_fault(&fault));
    match context.app.broker.authority(segment).await {
        Ok(Some(authority)) => Ok(authority),
        Ok(None) => Err(refused(say::authority_not_found(shown))),
        Err(fault) => Err(refused(fault)),
    }
}

/// Metadata is for everybody (CORS), and may be kept for a while.
pub(super) fn public(mut response: Response<Body>) -> Response {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=86400, private"));
    response
}
