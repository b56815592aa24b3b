//! The page on which a device's code is typed.

use axum::extract::{Path, Request};
use axum::response::Response;

use super::extract::{Context, read_form};
use super::pages::DevicePage;
use super::render::{html_response, json_response, no_store, rendered};
use super::sign_in::check_not_speculative;
use crate::fault::Code;

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

/// `GET /common/oauth2/deviceauth`: the box; with a code in it, the sign-in. Like an application's
/// link it changes nothing by itself: what the device gets is confirmed in the sign-in.
pub(super) async fn page(context: Context) -> Response {
    let outcome = async {
        check_not_speculative(&context)?;
        let query = context.query()?;
        match query.get("otc") {
            None => Ok(None),
            Some(typed) => context.app.broker.open_device(&context.here, typed).await.map(Some),
        }
    };
    match outcome.await {
        Ok(None) => html_response(200, rendered(&DevicePage { alert: None })),
        Ok(Some(reply)) => context.reply(Ok(reply)),
        Err(fault)
            if matches!(fault.code(), Code::Own("user-code-unknown" | "too-many-guesses")) =>
        {
            let alert = Some(fault.message().to_owned());
            html_response(fault.status(), rendered(&DevicePage { alert }))
        }
        Err(fault) => context.reply(Err(fault)),
    }
}
