//! The routes of the built-in Google and Facebook.

use axum::Router;
use axum::extract::{Path, Request};
use axum::response::Response;
use axum::routing::{get, post};

use super::extract::{Context, read_form};
use super::pages::social as pages;
use super::render::{html_response, json_bytes, json_response, no_store};
use super::sign_in::check_not_speculative;
use super::{App, cookies};
use crate::broker::SocialReply;
use crate::decide::Trace;
use crate::directory::SocialNetwork;
use crate::fault::{Fault, say};
use crate::ids::InteractionId;
use crate::upstream::social;

/// Every route of a network, below its issuer.
pub(super) fn routes(network: SocialNetwork) -> Router<App> {
    let at = |path: &str| format!("/idp/{}{path}", network.slug());
    Router::new()
        .route(&at(""), get(move |context| async move { about(network, &context) }))
        .route(
            &at("/.well-known/openid-configuration"),
            get(move |context| async move { discovery(network, &context) }),
        )
        .route(&at("/certs"), get(move |context| keys(network, context)))
        .route(
            &at(social::authorize_path(network)),
            get(move |context| authorize(network, context)),
        )
        .route(
            &at(social::token_path(network)),
            post(move |context, request| token(network, context, request)),
        )
        .route(&at("/signin/{id}"), get(move |context, id| page(network, context, id)))
        .route(
            &at("/signin/{id}/{step}"),
            post(move |context, step, request| answer(network, context, step, request)),
        )
}

/// `GET /idp/google`.
fn about(network: SocialNetwork, context: &Context) -> Response {
    html_response(200, pages::about(network, &context.here.origin))
}

fn discovery(network: SocialNetwork, context: &Context) -> Response {
    let document = context.app.broker.social_discovery(network, &context.here.origin);
    json_response(200, &document)
}

async fn keys(network: SocialNetwork, context: Context) -> Response {
    match context.app.broker.social_key_document(network, &context.here.origin).await {
        Ok(keys) => json_bytes(keys),
        Err(fault) => context.oauth_fault(&fault),
    }
}

async fn authorize(network: SocialNetwork, context: Context) -> Response {
    let outcome = async {
        check_not_speculative(&context)?;
        context.app.broker.social_authorize(network, &context.here, &context.query()?).await
    };
    let outcome = outcome.await;
    reply(&context, outcome)
}

async fn page(network: SocialNetwork, context: Context, Path(id): Path<String>) -> Response {
    let outcome = match parse(&id) {
        Ok(id) => context.app.broker.social_page(network, &context.here, id).await,
        Err(fault) => Err(fault),
    };
    reply(&context, outcome)
}

async fn answer(
    network: SocialNetwork,
    context: Context,
    Path((id, step)): Path<(String, String)>,
    request: Request,
) -> Response {
    let outcome = async {
        let id = parse(&id)?;
        context.check_same_origin()?;
        let form = read_form(request).await?;
        context.check_form(&form, id, &form_name(network, &step))?;
        context.app.broker.social_answer(network, &context.here, id, &step, &form).await
    };
    let outcome = outcome.await;
    reply(&context, outcome)
}

async fn token(network: SocialNetwork, context: Context, request: Request) -> Response {
    let outcome = async {
        let form = read_form(request).await?;
        let (origin, authorization) = (&context.here.origin, context.authorization());
        context.app.broker.social_token(network, origin, &form, authorization).await
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
fn form_name(network: SocialNetwork, step: &str) -> String {
    format!("{} {step}", network.slug())
}

fn reply(context: &Context, outcome: Result<SocialReply, Fault>) -> Response {
    let view = match outcome {
        Ok(SocialReply::Go(to)) => return context.redirect(&to),
        Ok(SocialReply::Show(view)) => view,
        Err(fault) => return context.page_fault(&fault, &Trace::new(), None),
    };
    let (network, id) = (view.network, view.id);
    let frame = |step: &str| pages::SocialFrame {
        action: format!("/idp/{}/signin/{id}/{step}", network.slug()),
        token: context.app.broker.form_token(id, &form_name(network, step), &context.here.browser),
    };
    let status = view.alert.as_ref().map_or(200, Fault::status);
    let Some(html) = pages::render(&view, frame) else {
        return context.page_fault(&say::sign_in_gone(), &Trace::new(), None);
    };
    let mut response = html_response(status, html);
    if context.new_browser {
        cookies::set_browser(&mut response, &context.here.browser, context.secure);
    }
    response
}
