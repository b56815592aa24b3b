//! The page on which a device's code is typed.

use axum::extract::{Path, Request};
use axum::response::Response;

use super::cookies;
use super::extract::{Context, read_form};
use super::pages::DevicePage;
use super::render::{html_response, json_response, no_store, rendered};
use crate::broker::alert;
use crate::fault::Code;
use crate::ids::InteractionId;

/// `POST /{t}/oauth2/v2.0/devicecode`.
pub(super) async fn code(
    context: Context,
    Path(segment): Path<String>,
    request: Request,
) -> Response {
    let outcome = async {
        let form = read_form(request).await?;
        context.app.broker.device_code(&context.here.origin, &segment, &form).await
    };
    match outcome.await {
        Ok(answer) => no_store(json_response(200, &answer)),
        Err(fault) => context.oauth_fault(&fault),
    }
}

/// `GET /common/oauth2/deviceauth`: the box. The code is typed, never linked to: a link that
/// carried one would sign its reader in to somebody else's device.
pub(super) async fn page(context: Context) -> Response {
    show(&context, 200, None)
}

/// `POST /common/oauth2/deviceauth`: the sign-in for the device.
pub(super) async fn typed(context: Context, request: Request) -> Response {
    let outcome = async {
        context.check_same_origin()?;
        let form = read_form(request).await?;
        context.check_form(&form, no_sign_in(), STEP)?;
        let typed = form.get("otc").unwrap_or_default();
        context.app.broker.open_device(&context.here, typed).await
    };
    match outcome.await {
        Err(fault)
            if matches!(fault.code(), Code::Own("user-code-unknown" | "too-many-guesses")) =>
        {
            show(&context, fault.status(), Some(alert(&fault)))
        }
        outcome => context.reply(outcome),
    }
}

const STEP: &str = "device";

/// The form comes before there is a sign-in: its token is bound to the browser alone.
fn no_sign_in() -> InteractionId {
    InteractionId::new(uuid::Uuid::nil())
}

fn show(context: &Context, status: u16, alert: Option<String>) -> Response {
    let token = context.app.broker.form_token(no_sign_in(), STEP, &context.here.browser);
    let mut response = html_response(status, rendered(&DevicePage { token, alert }));
    if context.new_browser {
        cookies::set_browser(&mut response, &context.here.browser, context.secure);
    }
    response
}
