//! The built-in Google's routes.

use axum::extract::{Path, Request};
use axum::response::Response;

use super::cookies;
use super::extract::{Context, read_form};
use super::pages::{GoogleAboutPage, GoogleIdentifierPage, GooglePasswordPage};
use super::render::{html_response, json_bytes, json_response, no_store, rendered};
use super::sign_in::check_not_speculative;
use crate::broker::GoogleReply;
use crate::decide::Trace;
use crate::fault::{Fault, say};
use crate::ids::InteractionId;
use crate::upstream::google::GooglePage;

/// `GET /idp/google`.
pub(super) async fn about(context: Context) -> Response {
    html_response(200, rendered(&GoogleAboutPage { origin: &context.here.origin }))
}

/// `GET /idp/google/.well-known/openid-configuration`.
pub(super) async fn discovery(context: Context) -> Response {
    json_response(200, &context.app.broker.google_discovery(&context.here.origin))
}

/// `GET /idp/google/certs`.
pub(super) async fn keys(context: Context) -> Response {
    match context.app.broker.google_key_document(&context.here.origin).await {
        Ok(keys) => json_bytes(keys),
        Err(fault) => context.oauth_fault(&fault),
    }
}

/// `GET /idp/google/o/oauth2/v2/auth`.
pub(super) async fn authorize(context: Context) -> Response {
    let outcome = async {
        check_not_speculative(&context)?;
        context.app.broker.google_authorize(&context.here, &context.query()?).await
    };
    let outcome = outcome.await;
    reply(&context, outcome)
}

/// `GET /idp/google/signin/{id}`.
pub(super) async fn page(context: Context, Path(id): Path<String>) -> Response {
    let outcome = match parse(&id) {
        Ok(id) => context.app.broker.google_page(&context.here, id).await,
        Err(fault) => Err(fault),
    };
    reply(&context, outcome)
}

/// `POST /idp/google/signin/{id}/{step}`.
pub(super) async fn answer(
    context: Context,
    Path((id, step)): Path<(String, String)>,
    request: Request,
) -> Response {
    let outcome = async {
        let id = parse(&id)?;
        context.check_same_origin()?;
        let form = read_form(request).await?;
        context.check_form(&form, id, &form_name(&step))?;
        context.app.broker.google_answer(&context.here, id, &step, &form).await
    };
    let outcome = outcome.await;
    reply(&context, outcome)
}

/// `POST /idp/google/token`.
pub(super) async fn token(context: Context, request: Request) -> Response {
    let outcome = async {
        let form = read_form(request).await?;
        let origin = &context.here.origin;
        context.app.broker.google_token(origin, &form, context.authorization()).await
    };
    match outcome.await {
        Ok(tokens) => no_store(json_response(200, &tokens)),
        Err(fault) => context.oauth_fault(&fault),
    }
}

fn parse(id: &str) -> Result<InteractionId, Fault> {
    id.parse().map_err(|_| say::sign_in_gone())
}

/// The step's name in a form token, apart from the steps of a tenant's sign-in.
fn form_name(step: &str) -> String {
    format!("google {step}")
}

fn reply(context: &Context, outcome: Result<GoogleReply, Fault>) -> Response {
    let (id, page, hint, alert) = match outcome {
        Ok(GoogleReply::Go(to)) => return context.redirect(&to),
        Ok(GoogleReply::Show { id, page, hint, alert }) => (id, page, hint, alert),
        Err(fault) => return context.page_fault(&fault, &Trace::new(), None),
    };
    let token =
        |step: &str| context.app.broker.form_token(id, &form_name(step), &context.here.browser);
    let status = alert.as_ref().map_or(200, Fault::status);
    let alert = alert.as_ref().map(Fault::message);
    let html = match page {
        GooglePage::Identifier => rendered(&GoogleIdentifierPage {
            action: format!("/idp/google/signin/{id}/identifier"),
            token: token("identifier"),
            hint: &hint,
            alert,
        }),
        GooglePage::Password(address) => rendered(&GooglePasswordPage {
            action: format!("/idp/google/signin/{id}/password"),
            token: token("password"),
            address: address.as_str(),
            alert,
        }),
        GooglePage::Done => {
            return context.page_fault(&say::sign_in_gone(), &Trace::new(), None);
        }
    };
    let mut response = html_response(status, html);
    if context.new_browser {
        cookies::set_browser(&mut response, &context.here.browser, context.secure);
    }
    response
}
