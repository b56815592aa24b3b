//! The control API: for tests and demonstrations, not for the internet.

use std::str::FromStr as _;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, ORIGIN};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use jiff::{Span, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::extract::{Context, FORM_LIMIT, read_body};
use super::render::{json_fault, json_response, no_store};
use super::{Access, App};
use crate::broker::EntryName;
use crate::fault::{Fault, say};
use crate::ids::ClientSecret;

/// Lets only those through who may: everybody on loopback, else whoever has the token; never a page
/// of another site.
pub(super) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let (allowed, foreign) = judge(&app.access, &request);
    if !allowed {
        // Absent to whoever may not use it.
        return json_fault(&app, &say::not_found());
    }
    if foreign {
        return json_fault(&app, &say::cross_site());
    }
    next.run(request).await
}

/// Whether the caller may, and whether a page of another site is behind it.
fn judge(access: &Access, request: &Request) -> (bool, bool) {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let own = request.extensions().get::<super::origin::OwnOrigin>();
    let own = own.map(|origin| origin.0.as_str()).unwrap_or_default();
    let foreign = header(ORIGIN.as_str()).is_some_and(|origin| origin != own)
        || header("sec-fetch-site").is_some_and(|site| site == "cross-site");
    let allowed = match access {
        Access::Closed => false,
        Access::Open => true,
        Access::Token(token) => {
            let given = header(AUTHORIZATION.as_str());
            let given = given.and_then(|value| value.strip_prefix("Bearer "));
            let expected = ClientSecret::new(token).digest();
            given.is_some_and(|given| ClientSecret::new(given).digest().matches(&expected))
        }
    };
    (allowed, foreign)
}

/// `GET /_guestpass/health`.
pub(super) async fn health(context: Context) -> Response {
    let body = json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "store": context.app.broker.store_kind(),
    });
    no_store(json_response(200, &body))
}

/// `GET /_guestpass/explain?tenant=&email=&entry=`.
pub(super) async fn explain(context: Context) -> Response {
    let outcome = async {
        let query = context.query()?;
        let required =
            |name: &str| query.get(name).ok_or_else(|| say::parameter_missing(name.to_owned()));
        let email = required("email")?.parse();
        let email = email.map_err(|error| say::parameter_invalid("email", error))?;
        let entry = EntryName::from_str(required("entry")?);
        let entry = entry.map_err(|why| say::parameter_invalid("entry", why))?;
        context.app.broker.explain(required("tenant")?, &email, entry).await
    };
    answer(&context, outcome.await)
}

/// `GET /_guestpass/inbox?to=&tenant=`.
pub(super) async fn inbox(context: Context) -> Response {
    let outcome = async {
        let query = context.query()?;
        let to = query.get("to").ok_or_else(|| say::parameter_missing("to"))?.parse();
        let to = to.map_err(|error| say::parameter_invalid("to", error))?;
        context.app.broker.inbox(&context.here.origin, &to, query.get("tenant")).await
    };
    answer(&context, outcome.await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum ClockChange {
    Advance(String),
    Set(String),
}

/// `POST /_guestpass/clock` `{"advance":"PT31M"}` or `{"set":"2026-01-01T00:00:00Z"}`.
pub(super) async fn clock(context: Context, request: Request) -> Response {
    let outcome = async {
        let body = read_body(request, FORM_LIMIT).await?;
        let change: ClockChange = serde_json::from_slice(&body).map_err(|_| {
            say::request_malformed("the body is {\"advance\":\"PT31M\"} or {\"set\":\"…Z\"}")
        })?;
        let clock = context.app.broker.clock();
        let invalid = |name: &str, why: String| say::parameter_invalid(name.to_owned(), why);
        let now = match change {
            ClockChange::Advance(span) => {
                let span = span.parse::<Span>().map_err(|e| invalid("advance", e.to_string()))?;
                clock.advance(span).map_err(|e| invalid("advance", e.to_string()))?
            }
            ClockChange::Set(time) => {
                let time = time.parse::<Timestamp>().map_err(|e| invalid("set", e.to_string()))?;
                clock.set(time).map_err(|e| invalid("set", e.to_string()))?
            }
        };
        Ok(json!({ "now": now }))
    };
    answer(&context, outcome.await)
}

/// `POST /_guestpass/reset`.
pub(super) async fn reset(context: Context) -> Response {
    match context.app.broker.reset().await {
        Ok(()) => no_store(StatusCode::NO_CONTENT.into_response()),
        Err(fault) => context.oauth_fault(&say::internal().with_detail(fault.to_string())),
    }
}

/// `POST /_guestpass/keys/rotate`: new signing keys, from the next token on.
pub(super) async fn rotate_keys(context: Context) -> Response {
    answer(&context, context.app.broker.rotate_keys().await)
}

/// `GET /_guestpass/interactions/{id}`.
pub(super) async fn interaction(context: Context, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse() else { return context.oauth_fault(&say::not_found()) };
    let found = context.app.broker.interaction(id).await;
    answer(&context, found.and_then(|found| found.ok_or_else(say::not_found)))
}

fn answer<T: serde::Serialize>(context: &Context, outcome: Result<T, Fault>) -> Response {
    match outcome {
        Ok(body) => no_store(json_response(200, &body)),
        Err(fault) => context.oauth_fault(&fault),
    }
}
