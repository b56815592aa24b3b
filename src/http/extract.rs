//! What a handler gets of a request: context, forms, bearer tokens.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Request};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, ORIGIN, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use http_body_util::{BodyExt as _, Limited};
use uuid::Uuid;

use super::App;
use super::cookies::Cookies;
use super::origin::{Connection, OwnOrigin};
use crate::broker::Here;
use crate::fault::{Fault, say};
use crate::ids::{BrowserKey, InteractionId};
use crate::protocol::params::Params;

/// A form or token request; more is refused.
pub(super) const FORM_LIMIT: usize = 64 * 1024;
/// A Graph request.
pub(super) const GRAPH_LIMIT: usize = 1024 * 1024;
/// How long a body may take.
const BODY_PATIENCE: Duration = Duration::from_secs(30);

/// Everything about a request but its body.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) app: App,
    pub(super) here: Here,
    /// The browser had no cookie yet.
    pub(super) new_browser: bool,
    pub(super) secure: bool,
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    /// The query string as it was sent.
    pub(super) query: String,
}

impl FromRequestParts<App> for Context {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &App,
    ) -> Result<Self, std::convert::Infallible> {
        let origin = parts.extensions.get::<OwnOrigin>().map(|origin| origin.0.clone());
        let origin = origin.unwrap_or_default();
        let secure = origin.starts_with("https://");
        let cookies = Cookies::read(&parts.headers, secure);
        let entropy = app.broker.entropy();
        let new_browser = cookies.browser.is_none();
        let browser = cookies.browser.unwrap_or_else(|| BrowserKey::new(entropy.token()));
        let agent = parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        let peer = parts.extensions.get::<Connection>();
        let peer =
            peer.map_or_else(|| "local".to_owned(), |connection| connection.peer.to_string());
        let trace_id = entropy.guid();
        let asked = parts.headers.get("client-request-id").and_then(|id| id.to_str().ok());
        let correlation_id = asked.and_then(|id| Uuid::try_parse(id).ok()).unwrap_or(trace_id);
        Ok(Self {
            app: app.clone(),
            here: Here {
                origin,
                browser,
                session: cookies.session,
                user_agent: agent.unwrap_or_default().to_owned(),
                peer,
                trace_id,
                correlation_id,
            },
            new_browser,
            secure,
            method: parts.method.clone(),
            headers: parts.headers.clone(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
        })
    }
}

impl Context {
    /// The query, decoded strictly.
    pub(super) fn query(&self) -> Result<Params, Fault> {
        Params::parse(&self.query)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// `Authorization`, as text; broken bytes count as a header nobody understands.
    pub(super) fn authorization(&self) -> Option<&str> {
        self.headers.get(AUTHORIZATION).map(|value| value.to_str().unwrap_or("?"))
    }

    /// The bearer token of the header.
    pub(super) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.authorization()?.split_once(' ')?;
        (scheme.eq_ignore_ascii_case("Bearer") && !token.contains([' ', '\t'])).then_some(token)
    }

    /// Whether the request is one that a browser makes ahead of time, or only for the headers:
    /// nothing may come of it.
    pub(super) fn is_speculative(&self) -> bool {
        let ahead = |name: &str| {
            let purpose = self.header(name).unwrap_or_default().to_ascii_lowercase();
            purpose.contains("prefetch") || purpose.contains("preview")
        };
        self.method == Method::HEAD
            || ["sec-purpose", "purpose", "x-purpose", "x-moz"].into_iter().any(ahead)
    }

    /// Refuses a form that another site has sent: the browser says so in `Origin` and
    /// `Sec-Fetch-Site`. The form's own token is checked besides.
    pub(super) fn check_same_origin(&self) -> Result<(), Fault> {
        let foreign = |value: &HeaderValue| value.as_bytes() != self.here.origin.as_bytes();
        if self.headers.get_all(ORIGIN).iter().any(foreign) {
            return Err(say::forged_request("it was sent from another site"));
        }
        match self.header("sec-fetch-site") {
            None | Some("same-origin" | "none") => Ok(()),
            Some(_) => Err(say::forged_request("it was sent from another site")),
        }
    }

    /// Checks that a form is the one that we showed for this step to this browser.
    pub(super) fn check_form(
        &self,
        form: &Params,
        id: InteractionId,
        step: &str,
    ) -> Result<(), Fault> {
        self.check_same_origin()?;
        if self.new_browser {
            return Err(say::forged_request("this browser has no sign-in under way"));
        }
        if let Some(name) = form.contradictory() {
            let name = name.escape_debug();
            return Err(say::forged_request(format!("'{name}' is sent twice, with two values")));
        }
        let token = form.get("canary").unwrap_or_default();
        if !self.app.broker.form_token_fits(id, step, &self.here.browser, token) {
            return Err(say::forged_request("the form is another one's"));
        }
        Ok(())
    }
}

/// Reads a body of at most `limit` bytes in at most 30 seconds.
pub(super) async fn read_body(request: Request, limit: usize) -> Result<Bytes, Fault> {
    let declared = request.headers().get("content-length");
    let declared = declared.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Err(say::body_too_large(limit));
    }
    let body: Limited<Body> = Limited::new(request.into_body(), limit);
    match tokio::time::timeout(BODY_PATIENCE, body.collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            Err(say::body_too_large(limit))
        }
        Ok(Err(_)) => Err(say::request_malformed("the body broke off")),
        Err(_) => Err(say::request_malformed("the body took longer than 30 seconds")),
    }
}

/// Reads an `application/x-www-form-urlencoded` body.
pub(super) async fn read_form(request: Request) -> Result<Params, Fault> {
    read_form_of(request, FORM_LIMIT).await
}

/// Reads an `application/x-www-form-urlencoded` body of at most `limit` bytes.
pub(super) async fn read_form_of(request: Request, limit: usize) -> Result<Params, Fault> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(say::content_type_unsupported("application/x-www-form-urlencoded"));
    }
    Params::parse_bytes(&read_body(request, limit).await?)
}

/// Reads a form where there need not be one. A body without a type is looked at all the same, lest
/// a token in it goes unnoticed (RFC 6750 §2: one way in a request).
pub(super) async fn read_form_if_any(request: Request) -> Result<Params, Fault> {
    if request.headers().contains_key(CONTENT_TYPE) {
        return read_form(request).await;
    }
    Params::parse_bytes(&read_body(request, FORM_LIMIT).await?)
}
