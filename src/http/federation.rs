//! `/login.srf`: the answers of SAML and WS-Fed providers.

use axum::extract::Request;
use axum::response::Response;

use super::extract::{Context, read_form_of};
use crate::fault::say;
use crate::protocol::params::Params;
use crate::protocol::response::AuthorizationResponse;

/// A provider's answer; more is refused.
const ANSWER_LIMIT: usize = 256 * 1024;
/// The field that says that the form has been posted by a page of ours.
const AGAIN: &str = "guestpass_again";
/// What a provider may send.
const FIELDS: [&str; 5] = ["SAMLResponse", "RelayState", "wa", "wresult", "wctx"];

/// `POST /login.srf`: the assertion consumer service and the WS-Fed reply address.
pub(super) async fn answer(mut context: Context, request: Request) -> Response {
    // On http the browser's cookie is `SameSite=Lax`, and a provider of another site posts without
    // it. A page of ours posts the same again, with it; nothing may replace the cookie meanwhile.
    let without_cookie = std::mem::replace(&mut context.new_browser, false);
    let form = match read_form_of(request, ANSWER_LIMIT).await {
        Ok(form) => form,
        Err(fault) => return context.reply(Err(fault)),
    };
    if without_cookie && !form.has(AGAIN) && form.repeated().is_none() {
        return context.answer(again(&form));
    }
    let outcome = Box::pin(context.app.broker.login_srf(&context.here, &form)).await;
    context.reply(outcome)
}

/// `GET /login.srf`: nothing comes this way but a provider's word that the person has signed out
/// there, which ends no session here.
pub(super) async fn get(context: Context) -> Response {
    let refused = match context.query() {
        Err(fault) => fault,
        Ok(query) if query.get("wa") == Some("wsignoutcleanup1.0") => {
            return context.redirect("/common/oauth2/v2.0/logout");
        }
        Ok(_) => say::federation_message_missing("SAMLResponse or wresult"),
    };
    context.reply(Err(refused))
}

fn again(form: &Params) -> AuthorizationResponse {
    let fields = FIELDS.iter().filter_map(|name| Some((*name, form.get(name)?)));
    let fields = fields.chain([(AGAIN, "1")]);
    AuthorizationResponse::FormPost {
        action: "/login.srf".to_owned(),
        fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    }
}
