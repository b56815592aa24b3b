//! The steps of a sign-in.

use axum::extract::{Path, Request};
use axum::http::Method;
use axum::response::Response;

use super::extract::{Context, read_form};
use crate::decide::Trace;
use crate::fault::{Fault, say};
use crate::ids::InteractionId;
use crate::interaction::Step;
use crate::protocol::params::Params;

/// `GET /{t}/resume/{id}`: where a sign-in stands.
pub(super) async fn resume(
    context: Context,
    Path((segment, id)): Path<(String, String)>,
) -> Response {
    let outcome = async {
        check_not_speculative(&context)?;
        let id = parse_id(&id)?;
        let query = context.query()?;
        context.app.broker.resume(&context.here, &segment, id, query.get("view")).await
    };
    let outcome = outcome.await;
    context.reply(outcome)
}

/// `POST /{t}/signin/{id}/{step}`: a form.
pub(super) async fn answer(
    context: Context,
    Path((segment, id, step)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    let outcome = async {
        let id = parse_id(&id)?;
        let parsed = step.parse::<Step>().map_err(|()| say::not_found())?;
        context.check_same_origin()?;
        let form = read_form(request).await?;
        context.check_form(&form, id, &step)?;
        // Boxed: the one large future of the crate would lie on every caller's stack.
        Box::pin(context.app.broker.answer(&context.here, &segment, id, parsed, &form)).await
    };
    let outcome = outcome.await;
    context.reply(outcome)
}

/// `GET /te/{t}/oauth2/authresp`: the answer of an upstream provider.
pub(super) async fn callback(context: Context, Path(tenant): Path<String>) -> Response {
    let outcome = async {
        check_not_speculative(&context)?;
        let query = context.query()?;
        context.app.broker.callback_answer(&context.here, &tenant, &query).await
    };
    let outcome = outcome.await;
    context.reply(outcome)
}

/// `GET /invitations/redeem/?tenant=&user=&ticket=&ver=2.0`: the link of the mail.
pub(super) async fn invitation(context: Context) -> Response {
    let outcome = async {
        check_not_speculative(&context)?;
        let query = context.query()?;
        context.app.broker.open_invitation(&context.here, &query).await
    };
    let outcome = outcome.await;
    context.reply(outcome)
}

/// `GET /redeem?rd=`: on to the invitation, on an origin of ours and nowhere else.
pub(super) async fn redeem(context: Context) -> Response {
    match redeem_target(&context) {
        Ok(to) => context.redirect(&to),
        Err(fault) => context.page_fault(&fault, &Trace::new(), None),
    }
}

fn redeem_target(context: &Context) -> Result<String, Fault> {
    let query = context.query()?;
    let invalid = say::invitation_invalid;
    if query.count("rd") != 1 {
        return Err(invalid());
    }
    let target = query.get("rd").ok_or_else(invalid)?;
    let mut origins = context.app.broker.origins().all().iter();
    let rest = origins.find_map(|own| target.strip_prefix(own.as_str())).ok_or_else(invalid)?;
    let ours = rest.strip_prefix("/invitations/redeem/?").ok_or_else(invalid)?;
    // Only what a link of ours can hold; the value goes into a header.
    let ours = Params::parse(ours)?;
    let value = |name: &str| ours.get(name).unwrap_or_default().to_owned();
    let mut again = url::form_urlencoded::Serializer::new(String::new());
    for name in ["tenant", "user", "ticket", "ver"] {
        again.append_pair(name, &value(name));
    }
    Ok(format!("{}/invitations/redeem/?{}", context.here.origin, again.finish()))
}

fn parse_id(text: &str) -> Result<InteractionId, Fault> {
    text.parse().map_err(|_| say::sign_in_gone())
}

/// HEAD and prefetch: nothing may come of them.
pub(super) fn check_not_speculative(context: &Context) -> Result<(), Fault> {
    if !context.is_speculative() {
        return Ok(());
    }
    Err(match context.method {
        Method::HEAD => say::wrong_method("GET and POST", "HEAD"),
        _ => say::wrong_method("GET and POST", format!("speculative {}", context.method))
            .with_remedy(
                "A request that is made ahead of time (Sec-Purpose, Purpose) is not served, since \
                 it would begin or end something. Open the address itself.",
            ),
    })
}
