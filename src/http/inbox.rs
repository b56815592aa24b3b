//! The inbox as pages.

use axum::extract::Path;
use axum::response::Response;

use super::extract::Context;
use super::pages::{InboxPage, MailPage};
use super::render::{html_response, rendered};
use crate::decide::Trace;
use crate::fault::{Fault, say};
use crate::ids::EmailAddress;

/// `GET /inbox`.
pub(super) async fn all(context: Context) -> Response {
    match context.app.broker.newest_mail(&context.here.origin).await {
        Ok(mails) => html_response(200, rendered(&InboxPage { to: None, mails: &mails })),
        Err(fault) => context.page_fault(&fault, &Trace::new(), None),
    }
}

fn address(text: &str) -> Result<EmailAddress, Fault> {
    text.parse().map_err(|_| say::not_found())
}

/// `GET /inbox/{address}`.
pub(super) async fn of(context: Context, Path(to): Path<String>) -> Response {
    let outcome = async {
        let to = address(&to)?;
        let mails = context.app.broker.inbox(&context.here.origin, &to, None).await?;
        Ok::<_, Fault>(rendered(&InboxPage { to: Some(to.as_str()), mails: &mails }))
    };
    match outcome.await {
        Ok(html) => html_response(200, html),
        Err(fault) => context.page_fault(&fault, &Trace::new(), None),
    }
}

/// `GET /inbox/{address}/{id}`.
pub(super) async fn mail(context: Context, Path((to, id)): Path<(String, String)>) -> Response {
    let outcome = async {
        let to = address(&to)?;
        let id = id.parse().map_err(|_| say::not_found())?;
        let found = context.app.broker.mail(&context.here, &to, id).await?;
        let mail = found.ok_or_else(say::not_found)?;
        Ok::<_, Fault>(rendered(&MailPage::new(&mail)))
    };
    match outcome.await {
        Ok(html) => html_response(200, html),
        Err(fault) => context.page_fault(&fault, &Trace::new(), None),
    }
}
