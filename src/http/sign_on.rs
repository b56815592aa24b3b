//! What applications with SAML or WS-Federation sign-on call.

use axum::body::Body;
use axum::extract::{Path, Request};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;

use super::documents::public;
use super::extract::{Context, read_form_of};
use super::sign_in::check_not_speculative;
use super::sign_out::{self, came_from};
use crate::broker::{Brought, SignOnReply, SignOutAnswer, SignOutIntent};
use crate::decide::Trace;
use crate::fault::{Fault, say};
use crate::protocol::params::Params;

/// A SAML message in a form: base64 of the largest one, and what stands beside it.
const SAML_LIMIT: usize = 512 * 1024;

/// `GET /{t}/saml2`.
pub(super) async fn saml(context: Context, Path(segment): Path<String>) -> Response {
    let outcome = async {
        check_not_speculative(&context)?;
        let query = Brought::Query(&context.query);
        let from = came_from(&context);
        context.app.broker.saml(&context.here, &segment, query, opened(from.as_deref())).await
    };
    let outcome = outcome.await;
    respond(&context, outcome)
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
    let from = came_from(&context);
    let outcome =
        broker.saml(&context.here, &segment, Brought::Form(&form), opened(from.as_deref())).await;
    respond(&context, outcome)
}

/// `GET /{t}/wsfed`.
pub(super) async fn ws_fed(context: Context, Path(segment): Path<String>) -> Response {
    let outcome = async {
        check_not_speculative(&context)?;
        let from = came_from(&context);
        context
            .app
            .broker
            .ws_fed(&context.here, &segment, &context.query()?, opened(from.as_deref()))
            .await
    };
    let outcome = outcome.await;
    respond(&context, outcome)
}

/// `POST /{t}/wsfed`.
pub(super) async fn ws_fed_post(
    context: Context,
    Path(segment): Path<String>,
    request: Request,
) -> Response {
    let outcome = async {
        let form = read_form_of(request, SAML_LIMIT).await?;
        let from = came_from(&context);
        context.app.broker.ws_fed(&context.here, &segment, &form, opened(from.as_deref())).await
    };
    let outcome = outcome.await;
    respond(&context, outcome)
}

/// Nobody was asked yet; the page before says what is wanted.
fn opened(from: Option<&str>) -> SignOutIntent<'_> {
    SignOutIntent { from, answer: None }
}

/// The person's answer to a question about a sign-out that one of these protocols brought.
pub(super) async fn answered(
    context: &Context,
    segment: &str,
    form: &Params,
    answer: SignOutAnswer,
) -> Result<SignOnReply, Fault> {
    let intent = SignOutIntent { from: None, answer: Some(answer) };
    let broker = &context.app.broker;
    if form.has("wa") {
        return broker.ws_fed(&context.here, segment, form, intent).await;
    }
    broker.saml(&context.here, segment, Brought::Form(form), intent).await
}

pub(super) fn respond(context: &Context, outcome: Result<SignOnReply, Fault>) -> Response {
    match outcome {
        Ok(SignOnReply::SignIn(reply)) => context.reply(Ok(*reply)),
        Ok(SignOnReply::SignOut(done)) => sign_out::respond(context, Ok(done)),
        Err(fault) => context.reply(Err(fault)),
    }
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
