//! The one renderer: replies, refusals, redirects.

use askama::Template;
use axum::body::Body;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, PRAGMA,
    REFERRER_POLICY, WWW_AUTHENTICATE,
};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::extract::Context;
use super::pages::{self, ErrorPage, FormPostPage, Frame};
use super::{App, cookies};
use crate::broker::{Body as ReplyBody, Reply, stamp};
use crate::decide::Trace;
use crate::fault::{Code, Fault, GraphFault, say};
use crate::protocol::response::AuthorizationResponse;

/// The header that names the sign-in.
const INTERACTION: HeaderName = HeaderName::from_static("x-guestpass-interaction");

const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
                           base-uri 'none'; frame-ancestors 'none'";

impl Context {
    /// Answers a step of a sign-in.
    pub(super) fn reply(&self, outcome: Result<Reply, Fault>) -> Response {
        let reply = match outcome {
            Ok(reply) => reply,
            Err(fault) => return self.page_fault(&fault, &Trace::new(), None),
        };
        let id = reply.interaction;
        let frame = |step: &str| Frame {
            action: format!("/{}/signin/{id}/{step}", reply.authority),
            resume: format!("/{}/resume/{id}", reply.authority),
            token: self.app.broker.form_token(id, step, &self.here.browser),
            sign_in: id.to_string(),
        };
        let mut response = match reply.body {
            ReplyBody::Answer(answer) => self.answer(answer),
            ReplyBody::Go(to) => self.redirect(&to),
            ReplyBody::Refused { fault, trace, may_retry } => {
                let retry = format!("/{}/resume/{id}?view=another", reply.authority);
                self.page_fault(&fault, &trace, may_retry.then_some(retry))
            }
            ReplyBody::Show(view) => {
                let status = view.status();
                let frame = frame(view.step().as_str());
                page(status, &pages::render(*view, &frame))
            }
        };
        if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
            response.headers_mut().insert(INTERACTION, id);
        }
        if self.new_browser {
            cookies::set_browser(&mut response, &self.here.browser, self.secure);
        }
        if let Some(session) = &reply.session {
            cookies::set_session(&mut response, session, self.secure);
        }
        response
    }

    /// 303 after a form, 302 else (RFC 9700 §4.12: never 307).
    pub(super) fn redirect(&self, to: &str) -> Response {
        let status = match self.method {
            Method::POST => StatusCode::SEE_OTHER,
            _ => StatusCode::FOUND,
        };
        let Ok(location) = HeaderValue::from_str(to) else {
            return self.page_fault(&say::internal(), &Trace::new(), None);
        };
        let mut response = status.into_response();
        response.headers_mut().insert(LOCATION, location);
        no_store(response)
    }

    pub(super) fn answer(&self, answer: AuthorizationResponse) -> Response {
        match answer {
            AuthorizationResponse::Redirect(to) => self.redirect(&to),
            AuthorizationResponse::FormPost { action, fields } => {
                let nonce = self.app.broker.entropy().token();
                let html = rendered(&FormPostPage { action, fields, nonce: nonce.clone() });
                let Some(mut response) = scripted(html, &nonce, "") else {
                    return self.page_fault(&say::internal(), &Trace::new(), None);
                };
                // The client's page must not learn our address, and a form must keep its Origin.
                let referrer = HeaderValue::from_static("origin");
                response.headers_mut().insert(REFERRER_POLICY, referrer);
                response
            }
        }
    }

    /// A refusal on a page of our own.
    pub(super) fn page_fault(
        &self,
        fault: &Fault,
        trace: &Trace,
        retry: Option<String>,
    ) -> Response {
        log(fault, self.here.trace_id);
        let html = rendered(&ErrorPage {
            code: fault.code().to_string(),
            message: fault.message(),
            remedies: fault.remedies(),
            trace: trace.entries(),
            retry,
            trace_id: self.here.trace_id.to_string(),
            correlation_id: self.here.correlation_id.to_string(),
            timestamp: stamp(self.app.broker.clock().now()),
        });
        let status = if fault.status() == 200 { 400 } else { fault.status() };
        let mut response = html_response(status, html);
        if self.new_browser {
            cookies::set_browser(&mut response, &self.here.browser, self.secure);
        }
        response
    }

    /// A refusal as OAuth JSON.
    pub(super) fn oauth_fault(&self, fault: &Fault) -> Response {
        log(fault, self.here.trace_id);
        let (described, time) = self.here.described(fault, self.app.broker.clock().now());
        let mut body = json!({
            "error": fault.error(),
            "error_description": described,
            "error_codes": fault.number().into_iter().collect::<Vec<_>>(),
            "timestamp": time,
            "trace_id": self.here.trace_id,
            "correlation_id": self.here.correlation_id,
        });
        if let (Some(address), Value::Object(body)) = (self.here.error_uri(fault), &mut body) {
            body.insert("error_uri".into(), json!(address));
        }
        if let (Some(suberror), Value::Object(body)) = (fault.suberror(), &mut body) {
            body.insert("suberror".into(), json!(suberror));
        }
        let status = if fault.status() == 200 { 400 } else { fault.status() };
        let mut response = json_response(status, &body);
        if status == 401 {
            let challenge = HeaderValue::from_static("Basic realm=\"guestpass\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        no_store(response)
    }

    /// A refusal as Graph JSON.
    pub(super) fn graph_fault(&self, fault: &GraphFault) -> Response {
        let body = json!({
            "error": {
                "code": fault.code,
                "message": fault.message,
                "innerError": {
                    "date": self.app.broker.clock().now(),
                    "request-id": self.here.trace_id,
                    "client-request-id": self.here.correlation_id,
                },
            },
        });
        let mut response = json_response(fault.status, &body);
        if fault.status == 401 {
            let challenge = HeaderValue::from_static("Bearer realm=\"\", error=\"invalid_token\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        no_store(response)
    }
}

/// `yyyy-MM-dd HH:mm:ssZ`, as Entra writes it.
/// A refusal is logged once, here; secrets never reach a fault.
fn log(fault: &Fault, trace_id: uuid::Uuid) {
    let (code, error) = (fault.code(), fault.error());
    match (fault.status(), fault.detail()) {
        (500.., detail) => {
            let detail = detail.unwrap_or_default();
            tracing::error!(%code, error, %trace_id, detail, "request failed");
        }
        (_, detail) => {
            let detail = detail.unwrap_or_default();
            tracing::info!(%code, error, %trace_id, detail, "request refused");
        }
    }
}

/// A page from its template.
pub(super) fn rendered(template: &impl Template) -> String {
    // A template writes into a String and is checked at compile time; it cannot fail.
    template.render().unwrap_or_default()
}

/// A page of a sign-in: it has a form, so its requests keep their Origin.
pub(super) fn page(status: u16, html: &str) -> Response {
    html_response(status, html.to_owned())
}

pub(super) fn html_response(status: u16, html: String) -> Response {
    let has_form = html.contains("<form");
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    if has_form {
        // Without a referrer Chromium posts `Origin: null`.
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    }
    no_store(response)
}

/// A page with one script of ours; `more` is added to its policy. `None` if that fits no header.
pub(super) fn scripted(html: String, nonce: &str, more: &str) -> Option<Response> {
    let policy = format!("{PAGE_POLICY}; script-src 'nonce-{nonce}'{more}");
    let policy = HeaderValue::from_str(&policy).ok()?;
    let mut response = html_response(200, html);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    Some(response)
}

pub(super) fn json_response(status: u16, body: &impl serde::Serialize) -> Response {
    let mut response = json_bytes(serde_json::to_vec(body).unwrap_or_default());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    if matches!(status, 413 | 415) {
        // The body was not read: nothing can follow it on this connection.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// JSON that is written already.
pub(super) fn json_bytes(bytes: impl Into<Body>) -> Response {
    let mut response = Response::new(bytes.into());
    let kind = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// What is about a person is kept by nobody.
pub(super) fn no_store(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// A refusal before there is a context.
pub(super) fn json_fault(app: &App, fault: &Fault) -> Response {
    log(fault, app.broker.entropy().guid());
    let body = json!({ "error": fault.error(), "error_description": fault.to_string() });
    let mut response = no_store(json_response(fault.status(), &body));
    if matches!(fault.code(), Code::Aadsts(_)) {
        response.headers_mut().insert("connection", HeaderValue::from_static("close"));
    }
    response
}

/// 404: a page for people, JSON for everybody else.
pub(super) async fn not_found(State(app): State<App>, request: Request) -> Response {
    refused(&app, request, &say::not_found()).await
}

/// An address whose escapes are not UTF-8.
pub(super) async fn malformed_path(app: App, request: Request) -> Response {
    let why = "the path is not UTF-8";
    if request.uri().path().starts_with("/v1.0/") {
        let (mut parts, _) = request.into_parts();
        let Ok(context) = Context::from_request_parts(&mut parts, &app).await;
        return context.graph_fault(&GraphFault::bad_request(format!("Bad request: {why}.")));
    }
    refused(&app, request, &say::request_malformed(why)).await
}

async fn refused(app: &App, request: Request, fault: &Fault) -> Response {
    let (mut parts, _) = request.into_parts();
    let Ok(context) = Context::from_request_parts(&mut parts, app).await;
    let path = parts.uri.path();
    if path.starts_with("/v1.0/") || path.starts_with("/beta/") {
        return context.graph_fault(&GraphFault::no_such_resource(path));
    }
    let wants_page = context.header("accept").is_some_and(|accept| accept.contains("text/html"));
    if wants_page {
        context.page_fault(fault, &Trace::new(), None)
    } else {
        context.oauth_fault(fault)
    }
}

/// 405.
pub(super) async fn wrong_method(State(app): State<App>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let Ok(context) = Context::from_request_parts(&mut parts, &app).await;
    // The router adds `Allow`, which says all of them.
    let allowed = match parts.method {
        Method::GET | Method::HEAD => "POST",
        Method::POST => "GET",
        _ => "GET and POST",
    };
    let method: String = parts.method.as_str().chars().take(20).collect();
    if parts.uri.path().starts_with("/v1.0/") {
        return context.graph_fault(&GraphFault::wrong_method(&method));
    }
    context.oauth_fault(&say::wrong_method(allowed, method))
}

/// A panic is a bug: 500, the connection ends, the server goes on.
#[expect(clippy::needless_pass_by_value, reason = "the signature tower-http asks for")]
pub(super) fn panicked(error: Box<dyn std::any::Any + Send>) -> Response {
    let what = error.downcast_ref::<&str>().copied().map(str::to_owned);
    let what = what.or_else(|| error.downcast_ref::<String>().cloned()).unwrap_or_default();
    tracing::error!(what, "a handler panicked");
    let body = json!({ "error": "server_error", "error_description": say::internal().to_string() });
    let mut response = no_store(json_response(500, &body));
    response.headers_mut().insert("connection", HeaderValue::from_static("close"));
    response
}
