//! The start page.

use axum::response::Response;

use super::Access;
use super::extract::Context;
use super::pages::WelcomePage;
use super::render::{html_response, rendered};
use crate::decide::Trace;

/// `GET /`.
pub(super) async fn page(context: Context) -> Response {
    match context.app.broker.welcome().await {
        Ok(tenants) => {
            let inbox = context.app.access == Access::Open;
            let origin = &context.here.origin;
            let version = env!("CARGO_PKG_VERSION");
            html_response(200, rendered(&WelcomePage { origin, version, inbox, tenants: &tenants }))
        }
        Err(fault) => context.page_fault(&fault, &Trace::new(), None),
    }
}
