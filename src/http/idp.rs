//! The routes of the built-in SAML and WS-Fed providers.

use axum::extract::{Path, Request};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

use super::cookies;
use super::extract::{Context, read_form};
use super::pages::{IdpAboutPage, IdpSignInPage};
use super::render::{html_response, rendered};
use super::sign_in::check_not_speculative;
use crate::broker::IdpReply;
use crate::decide::Trace;
use crate::directory::BuiltInFederation;
use crate::fault::{Fault, say};
use crate::federation::saml::binding::{Direction, from_form, from_query};
use crate::federation::sign_on::Sources;
use crate::ids::InteractionId;
use crate::protocol::response::AuthorizationResponse;
use crate::upstream::idp;

/// The one step of a sign-in here.
const STEP: &str = "password";

/// `GET /idp/litware`.
pub(super) async fn litware(context: Context) -> Response {
    about(&context, BuiltInFederation::Litware)
}

/// `GET /idp/adatum`.
pub(super) async fn adatum(context: Context) -> Response {
    about(&context, BuiltInFederation::Adatum)
}

fn about(context: &Context, at: BuiltInFederation) -> Response {
    let (sign_on, metadata) = (idp::sign_on(at, &context.here.origin), metadata_of(at));
    html_response(200, rendered(&IdpAboutPage { at, sign_on, metadata }))
}

/// `GET /idp/litware/metadata`.
pub(super) async fn litware_metadata(context: Context) -> Response {
    metadata(&context, BuiltInFederation::Litware)
}

/// `GET /idp/adatum/federationmetadata/2007-06/federationmetadata.xml`.
pub(super) async fn adatum_metadata(context: Context) -> Response {
    metadata(&context, BuiltInFederation::Adatum)
}

fn metadata(context: &Context, at: BuiltInFederation) -> Response {
    match context.app.broker.idp_metadata(at, &context.here.origin) {
        Ok(document) => {
            let mut response = document.into_response();
            let kind = HeaderValue::from_static("application/samlmetadata+xml");
            response.headers_mut().insert(CONTENT_TYPE, kind);
            response
        }
        Err(fault) => context.page_fault(&fault, &Trace::new(), None),
    }
}

/// `GET /idp/litware/saml`: the redirect binding.
pub(super) async fn saml(context: Context) -> Response {
    let outcome = async {
        check_not_speculative(&context)?;
        let query = context.query()?;
        let carried = from_query(&context.query, Direction::Request);
        let carried = carried.map_err(say::request_malformed)?;
        let hint = Sources::read(&query)?.login_hint;
        context.app.broker.idp_saml(&context.here, &carried, hint).await
    };
    let outcome = outcome.await;
    reply(&context, outcome)
}

/// `POST /idp/litware/saml`: the POST binding.
pub(super) async fn saml_post(context: Context, request: Request) -> Response {
    let outcome = async {
        let form = read_form(request).await?;
        let carried = from_form(&form, Direction::Request).map_err(say::request_malformed)?;
        context.app.broker.idp_saml(&context.here, &carried, None).await
    };
    let outcome = outcome.await;
    reply(&context, outcome)
}

/// `GET /idp/litware/logout`: single logout, in the redirect binding.
pub(super) async fn logout(context: Context) -> Response {
    let outcome = async {
        let carried = from_query(&context.query, Direction::Request);
        let carried = carried.map_err(say::request_malformed)?;
        context.app.broker.idp_logout(&carried).await
    };
    let outcome = outcome.await;
    reply(&context, outcome)
}

/// `GET /idp/adatum/wsfed`.
pub(super) async fn ws_fed(context: Context) -> Response {
    let outcome = async {
        check_not_speculative(&context)?;
        context.app.broker.idp_ws_fed(&context.here, &context.query()?).await
    };
    let outcome = outcome.await;
    reply(&context, outcome)
}

/// `GET /idp/{name}/signin/{id}`.
pub(super) async fn page(context: Context, Path((name, id)): Path<(String, String)>) -> Response {
    let outcome = async {
        let (at, id) = (named(&name)?, parse(&id)?);
        context.app.broker.idp_page(&context.here, at, id).await
    };
    let outcome = outcome.await;
    reply(&context, outcome)
}

/// `POST /idp/{name}/signin/{id}/password`.
pub(super) async fn answer(
    context: Context,
    Path((name, id)): Path<(String, String)>,
    request: Request,
) -> Response {
    let outcome = async {
        let (at, id) = (named(&name)?, parse(&id)?);
        context.check_same_origin()?;
        let form = read_form(request).await?;
        context.check_form(&form, id, &form_name(at))?;
        context.app.broker.idp_answer(&context.here, at, id, &form).await
    };
    let outcome = outcome.await;
    reply(&context, outcome)
}

fn named(name: &str) -> Result<BuiltInFederation, Fault> {
    BuiltInFederation::named(name).ok_or_else(say::not_found)
}

fn parse(id: &str) -> Result<InteractionId, Fault> {
    id.parse().map_err(|_| say::sign_in_gone())
}

fn metadata_of(at: BuiltInFederation) -> &'static str {
    match at {
        BuiltInFederation::Adatum => {
            "/idp/adatum/federationmetadata/2007-06/federationmetadata.xml"
        }
        BuiltInFederation::Litware => "/idp/litware/metadata",
    }
}

/// The step's name in a form token, apart from the steps of a tenant's sign-in.
fn form_name(at: BuiltInFederation) -> String {
    format!("{} {STEP}", at.name())
}

fn reply(context: &Context, outcome: Result<IdpReply, Fault>) -> Response {
    let (id, at, party, hint, alert) = match outcome {
        Ok(IdpReply::Deliver(delivery)) => {
            let action = delivery.to;
            return context
                .answer(AuthorizationResponse::FormPost { action, fields: delivery.fields });
        }
        Ok(IdpReply::Go(to)) => return context.redirect(&to),
        Ok(IdpReply::Show { id, at, party, hint, alert }) => (id, at, party, hint, alert),
        Err(fault) => return context.page_fault(&fault, &Trace::new(), None),
    };
    let token = context.app.broker.form_token(id, &form_name(at), &context.here.browser);
    let html = rendered(&IdpSignInPage {
        at,
        action: format!("/idp/{}/signin/{id}/{STEP}", at.name()),
        token,
        party: &party,
        hint: &hint,
        alert: alert.as_ref().map(Fault::message),
    });
    let mut response = html_response(alert.as_ref().map_or(200, Fault::status), html);
    if context.new_browser {
        cookies::set_browser(&mut response, &context.here.browser, context.secure);
    }
    response
}
