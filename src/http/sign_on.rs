//! What applications with SAML or WS-Federation sign-on call.

use axum::body::Body;
use axum::extract::{Path, Request};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;

use super::documents::public;
use super::extract::{Context, read_form_of};
use super::sign_in::check_not_speculative;
use crate::broker::Brought;
use crate::decide::Trace;
use crate::fault::say;

/// A SAML message in a form: base64 of the largest one, and what stands beside it.
const SAML_LIMIT: usize = 512 * 1024;

/// `GET /{t}/saml2`.
pub(super) async fn saml(context: Context, Path(segment): Path<String>) -> Response {
    let outcome = async {
        check_not_speculative(&context)?;
        let query = Brought::Query(&context.query);
        context.app.broker.saml(&context.here, &segment, query).await
    };
    let outcome = outcome.await;
    context.reply(outcome)
}

/// `POST /{t}/saml2`. It comes from the application's page, so the browser keeps its `Lax` cookies
/// to itself: it is asked to come again by GET, if the message is short enough for that.
pub(super) async fn saml_post(
    context: Context,
    Path(segment): Path<String>,
    request: Request,
) -> Response {
    let path = request.uri().path().to_owned();
    let form = match read_form_of(request, SAML_LIMIT).await {
        Ok(form) => form,
        Err(fault) => return context.page_fault(&fault, &Trace::new(), None),
    };
    let broker = &context.app.broker;
    if context.new_browser
        && let Some(address) = broker.saml_by_get(&path, &form)
    {
        return context.redirect(&address);
    }
    let outcome = broker.saml(&context.here, &segment, Brought::Form(&form)).await;
    context.reply(outcome)
}

/// `GET /{t}/wsfed`.
pub(super) async fn ws_fed(context: Context, Path(segment): Path<String>) -> Response {
    let outcome = async {
        check_not_speculative(&context)?;
        context.app.broker.ws_fed(&context.here, &segment, &context.query()?).await
    };
    let outcome = outcome.await;
    context.reply(outcome)
}

/// `POST /{t}/wsfed`.
pub(super) async fn ws_fed_post(
    context: Context,
    Path(segment): Path<String>,
    request: Request,
) -> Response {
    let outcome = async {
        let form = read_form_of(request, SAML_LIMIT).await?;
        context.app.broker.ws_fed(&context.here, &segment, &form).await
    };
    let outcome = outcome.await;
    context.reply(outcome)
}

/// `GET /{t}/federationmetadata/2007-06/federationmetadata.xml`.
pub(super) async fn metadata(context: Context, Path(segment): Path<String>) -> Response {
    let outcome = async {
        let broker = &context.app.broker;
        let shown: String = segment.chars().take(80).collect();
        let authority = broker.authority(&segment).await?;
        let authority = authority.ok_or_else(|| say::authority_not_found(shown))?;
        broker.check_metadata_of(authority, context.query()?.get("appid")).await?;
        broker.federation_metadata(&context.here.origin, authority).await
    };
    match outcome.await {
        Ok(bytes) => {
            let mut response = Response::new(Body::from(bytes));
            let kind = HeaderValue::from_static("application/xml; charset=utf-8");
            response.headers_mut().insert(CONTENT_TYPE, kind);
            public(response)
        }
        Err(fault) => context.oauth_fault(&fault),
    }
}
