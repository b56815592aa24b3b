//! Requests of WS-Federation that come to `/{t}/wsfed`, checked.

use crate::directory::Application;
use crate::fault::{Fault, say};
use crate::federation::wsfed::request::{Request, SignIn};
use crate::protocol::params::Params;
use crate::protocol::prompt::Prompt;

use super::request::{Asked, ReplyTo, SignOnRequest, Sources, audience};

/// Reads a request.
///
/// # Errors
/// 90081 for a parameter that is missing, 9002313 for one that makes no sense.
pub fn read(params: &Params) -> Result<Request, Fault> {
    if !params.has("wa") {
        return Err(say::federation_message_missing("wa"));
    }
    if params.get("wa") == Some("wsignin1.0") && !params.has("wtrealm") {
        return Err(say::federation_message_missing("wtrealm"));
    }
    Request::read(params).map_err(|fault| say::request_malformed(fault.0))
}

/// Checks a sign-in for a known application. What is wrong is shown on a page: WS-Federation has no
/// answer that says no.
///
/// # Errors
/// 50011 and its like for `wreply`.
pub fn check(request: SignIn, app: &Application, hints: Sources) -> Result<SignOnRequest, Fault> {
    let prompt = match request.fresh {
        Some(0) => Prompt::Login,
        _ => Prompt::Unspecified,
    };
    Ok(SignOnRequest {
        client_id: app.client_id,
        audience: audience(&request.realm),
        reply_to: ReplyTo::check(app, request.reply_to.as_deref(), None)?,
        prompt,
        max_age: request.fresh.filter(|minutes| *minutes > 0).map(|m| u64::from(m) * 60),
        login_hint: hints.login_hint,
        domain_hint: hints.domain_hint,
        contexts: request.method.into_iter().collect(),
        asked: Asked::WsFed { context: request.context },
    })
}
