//! Sign-out: the endpoint, the question, and the page that tells the applications.

use axum::extract::{Path, Request};
use axum::response::Response;
use uuid::Uuid;

use super::cookies;
use super::extract::{Context, read_form};
use super::pages::{HeardPage, SignOutPage, SignedOutPage, StillSignedInPage};
use super::render::{html_response, rendered, scripted};
use super::sign_in::check_not_speculative;
use super::sign_on;
use crate::broker::{AskSignOut, Farewell, SignOnReply, SignOutAnswer, SignOutCall, SignedOut};
use crate::decide::Trace;
use crate::fault::{Fault, say};
use crate::ids::InteractionId;
use crate::protocol::params::Params;
use crate::protocol::sign_out::SignOutRequest;

/// The name of the question in its form token.
const STEP: &str = "sign-out";

/// `GET /{t}/oauth2/v2.0/logout`.
pub(super) async fn logout(context: Context, Path(segment): Path<String>) -> Response {
    let outcome = async {
        check_not_speculative(&context)?;
        let from = came_from(&context);
        sign_out(&context, &segment, &context.query()?, from.as_deref(), None).await
    };
    let outcome = outcome.await;
    respond(&context, outcome)
}

/// `POST /{t}/oauth2/v2.0/logout` (OIDC RP-Initiated Logout §2). It comes from the application's
/// page, so it cannot carry a token of ours; from another site it has no `Lax` cookie either, and
/// the browser is asked to come again by GET.
pub(super) async fn logout_post(
    context: Context,
    Path(segment): Path<String>,
    request: Request,
) -> Response {
    let path = request.uri().path().to_owned();
    let form = match read_form(request).await {
        Ok(form) => form,
        Err(fault) => return respond(&context, Err(fault)),
    };
    if context.here.session.is_none() {
        return match SignOutRequest::parse(&form) {
            Ok(request) => context.redirect(&request.by_get(&path)),
            Err(fault) => respond(&context, Err(fault)),
        };
    }
    let from = came_from(&context);
    let outcome = sign_out(&context, &segment, &form, from.as_deref(), None).await;
    respond(&context, outcome)
}

/// What came of an answer.
enum Answered {
    /// The person stays.
    No,
    /// The sign-out of a client.
    Here(SignedOut),
    /// That of an application with SAML or WS-Federation sign-on.
    Elsewhere(SignOnReply),
}

/// `POST /{t}/oauth2/logoutsession`: the person's answer.
pub(super) async fn answer(
    context: Context,
    Path(segment): Path<String>,
    request: Request,
) -> Response {
    let outcome = async {
        context.check_same_origin()?;
        let form = read_form(request).await?;
        context.check_form(&form, no_sign_in(), STEP)?;
        if form.has("back") {
            return Ok(Answered::No);
        }
        let answer = match form.get("session") {
            Some("all") => Some(SignOutAnswer::All),
            chosen => chosen.and_then(|sid| sid.parse::<Uuid>().ok()).map(SignOutAnswer::One),
        };
        if let Some(answer) = answer
            && (form.has("SAMLRequest") || form.has("wa"))
        {
            let reply = sign_on::answered(&context, &segment, &form, answer).await;
            return reply.map(Answered::Elsewhere);
        }
        sign_out(&context, &segment, &form, None, answer).await.map(Answered::Here)
    };
    match outcome.await {
        Ok(Answered::No) => html_response(200, rendered(&StillSignedInPage)),
        Ok(Answered::Here(outcome)) => respond(&context, Ok(outcome)),
        Ok(Answered::Elsewhere(reply)) => sign_on::respond(&context, Ok(reply)),
        Err(fault) => respond(&context, Err(fault)),
    }
}

/// `GET /te/{t}/oauth2/logoutresp`: back from a real provider's sign-out.
pub(super) async fn returned(context: Context) -> Response {
    let outcome = async {
        check_not_speculative(&context)?;
        context.app.broker.sign_out_returned(&context.here, &context.query()?).await
    };
    let outcome = outcome.await;
    respond(&context, outcome.map(SignedOut::Done))
}

async fn sign_out(
    context: &Context,
    segment: &str,
    params: &Params,
    from: Option<&str>,
    answer: Option<SignOutAnswer>,
) -> Result<SignedOut, Fault> {
    let request = SignOutRequest::parse(params)?;
    let call = SignOutCall { segment, request: &request, from, answer };
    context.app.broker.sign_out(&context.here, &call).await
}

/// The origin of the page that opened the address, as the browser says it. What a page loads into
/// itself is not opened by the person.
pub(super) fn came_from(context: &Context) -> Option<String> {
    if !matches!(context.header("sec-fetch-dest"), None | Some("document")) {
        return None;
    }
    if context.header("sec-fetch-site") == Some("same-origin") {
        return Some(context.here.origin.clone());
    }
    if let Some(origin) = context.header("origin") {
        return Some(origin.to_owned());
    }
    let referer = url::Url::parse(context.header("referer")?).ok()?;
    Some(referer.origin().ascii_serialization())
}

pub(super) fn respond(context: &Context, outcome: Result<SignedOut, Fault>) -> Response {
    match outcome {
        Ok(SignedOut::Ask(ask)) => question(context, &ask),
        Ok(SignedOut::Done(Farewell { next: Some(next), tell, .. })) if tell.is_empty() => {
            context.redirect(&next)
        }
        Ok(SignedOut::Done(farewell)) => signed_out(context, &farewell),
        Ok(SignedOut::Heard) => html_response(200, rendered(&HeardPage)),
        Err(fault) => context.page_fault(&fault, &Trace::new(), None),
    }
}

fn question(context: &Context, ask: &AskSignOut) -> Response {
    let token = context.app.broker.form_token(no_sign_in(), STEP, &context.here.browser);
    let action = format!("/{}/oauth2/logoutsession", ask.authority);
    let mut response = html_response(200, rendered(&SignOutPage { action, token, ask }));
    if context.new_browser {
        cookies::set_browser(&mut response, &context.here.browser, context.secure);
    }
    response
}

/// The question comes without a sign-in: its token is bound to the browser alone.
fn no_sign_in() -> InteractionId {
    InteractionId::new(Uuid::nil())
}

fn signed_out(context: &Context, farewell: &Farewell) -> Response {
    let nonce = context.app.broker.entropy().token();
    let html = rendered(&SignedOutPage { farewell, nonce: &nonce });
    if farewell.tell.is_empty() {
        return html_response(200, html);
    }
    let parsed = farewell.tell.iter().filter_map(|address| url::Url::parse(address).ok());
    let mut origins: Vec<_> = parsed.map(|url| url.origin().ascii_serialization()).collect();
    origins.sort();
    origins.dedup();
    match scripted(html, &nonce, &format!("; frame-src {}", origins.join(" "))) {
        Some(response) => response,
        None => context.page_fault(&say::internal(), &Trace::new(), None),
    }
}
