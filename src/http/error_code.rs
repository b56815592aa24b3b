//! `/error?code=N`: what `error_uri` leads to.

use axum::response::Response;

use super::extract::Context;
use super::pages::ErrorCodePage;
use super::render::{html_response, rendered};
use crate::decide::Trace;
use crate::fault::{self, Code};

/// `GET /error?code=50020`: an entry of the catalogue, and a box to look up another.
pub(super) async fn page(context: Context) -> Response {
    let query = match context.query() {
        Ok(query) => query,
        Err(fault) => return context.page_fault(&fault, &Trace::new(), None),
    };
    let asked: String = query.get("code").unwrap_or_default().chars().take(40).collect();
    let digits = asked.trim().trim_start_matches("AADSTS");
    let number = digits.parse::<u32>().ok();
    let entries = fault::entries();
    let entry = number
        .and_then(|number| entries.into_iter().find(|entry| entry.code == Code::Aadsts(number)));
    let cause = entry.map(|entry| with_code(entry.cause)).unwrap_or_default();
    let status = if entry.is_some() { 200 } else { 404 };
    html_response(status, rendered(&ErrorCodePage { entry, cause, asked: &asked }))
}

/// Text of the catalogue as HTML: what stands between backticks becomes `<code>`.
fn with_code(text: &str) -> String {
    let escape = |part: &str| {
        part.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
    };
    let parts = text.split('`').enumerate().map(|(at, part)| match at % 2 {
        0 => escape(part),
        _ => format!("<code>{}</code>", escape(part)),
    });
    parts.collect::<Vec<_>>().concat()
}
