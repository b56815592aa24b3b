//! My Apps, an application's sign-on link, the portal.

use axum::extract::Path;
use axum::response::Response;

use super::extract::Context;
use super::pages::{MyAppsPage, PortalPage};
use super::render::{html_response, rendered};
use super::sign_in::check_not_speculative;
use crate::broker::{MyApps, Opened, Portal};
use crate::decide::Trace;
use crate::fault::Fault;

/// `GET /myapps` and `/myapps?tenantid=`.
pub(super) async fn my_apps(context: Context) -> Response {
    let outcome = async {
        check_not_speculative(&context)?;
        let query = context.query()?;
        let tenant = query.get_ignoring_case("tenantid");
        context.app.broker.my_apps(&context.here, tenant, query.get("sid")).await
    };
    let outcome = outcome.await;
    show_apps(&context, outcome)
}

/// `GET /myapps/{verified domain}`.
pub(super) async fn my_apps_of(context: Context, Path(domain): Path<String>) -> Response {
    let outcome = async {
        check_not_speculative(&context)?;
        let query = context.query()?;
        context.app.broker.my_apps(&context.here, Some(&domain), query.get("sid")).await
    };
    let outcome = outcome.await;
    show_apps(&context, outcome)
}

fn show_apps(context: &Context, outcome: Result<Opened<MyApps>, Fault>) -> Response {
    match outcome {
        Ok(Opened::Page(page)) => html_response(200, rendered(&MyAppsPage { page: &page })),
        Ok(Opened::SignIn(reply)) => context.reply(Ok(*reply)),
        Err(fault) => context.page_fault(&fault, &Trace::new(), None),
    }
}

/// `GET /myapps/signin/{name}/{app id}?tenantId=`.
pub(super) async fn sign_on(context: Context, Path((_, app)): Path<(String, String)>) -> Response {
    let outcome = async {
        check_not_speculative(&context)?;
        let query = context.query()?;
        context.app.broker.sign_on(&context.here, &app, &query).await
    };
    let outcome = outcome.await;
    context.reply(outcome)
}

/// `GET /portal/{t}`.
pub(super) async fn portal_root(context: Context, Path(tenant): Path<String>) -> Response {
    show_portal(context, &tenant).await
}

/// `GET /portal/{t}/users`.
pub(super) async fn portal(context: Context, Path(tenant): Path<String>) -> Response {
    show_portal(context, &tenant).await
}

async fn show_portal(context: Context, tenant: &str) -> Response {
    let outcome = async {
        check_not_speculative(&context)?;
        let query = context.query()?;
        context.app.broker.portal(&context.here, tenant, &query).await
    };
    match outcome.await {
        Ok(Opened::Page(page)) => {
            let page: &Portal = &page;
            html_response(200, rendered(&PortalPage { page }))
        }
        Ok(Opened::SignIn(reply)) => context.reply(Ok(*reply)),
        Err(fault) => context.page_fault(&fault, &Trace::new(), None),
    }
}
