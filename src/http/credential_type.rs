//! `POST /{t}/GetCredentialType`.

use axum::extract::{Path, Request};
use axum::response::Response;

use super::cookies;
use super::extract::{Context, FORM_LIMIT, read_body};
use super::render::{json_response, no_store};
use crate::protocol::credential_type::CredentialTypeRequest;

/// Asks about a name, as the sign-in page's script does.
pub(super) async fn ask(
    context: Context,
    Path(segment): Path<String>,
    request: Request,
) -> Response {
    let outcome = async {
        let body = read_body(request, FORM_LIMIT).await?;
        let request = CredentialTypeRequest::parse(&body)?;
        context.app.broker.credential_type(&context.here, &segment, &request).await
    };
    match outcome.await {
        Ok(answer) => {
            let mut response = no_store(json_response(200, &answer));
            if context.new_browser {
                cookies::set_browser(&mut response, &context.here.browser, context.secure);
            }
            response
        }
        Err(fault) => context.oauth_fault(&fault),
    }
}
