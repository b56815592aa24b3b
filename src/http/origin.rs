//! Which of our origins a request was made to, and what no request may look like.
//!
//! hyper takes more than HTTP/1.1 allows: no Host, two of them, an absolute target with another
//! host. Forwarded headers are not looked at: nobody in front is trusted.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, STRICT_TRANSPORT_SECURITY,
    TRANSFER_ENCODING,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::Response;

use super::App;
use super::render;
use crate::fault::{Fault, say};
use crate::protocol::cloud;
use crate::upstream::http::LocalOrigin;

/// The connection a request came over; the server puts it into each request.
#[derive(Debug, Clone)]
pub struct Connection {
    /// `http` or `https`.
    pub scheme: &'static str,
    /// The caller.
    pub peer: IpAddr,
}

/// The own origin of a request; stands in every request that gets past [`check`].
#[derive(Debug, Clone)]
pub(super) struct OwnOrigin(pub(super) String);

/// Refuses what has no origin of ours.
pub(super) async fn check(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let origin = match request.extensions().get::<LocalOrigin>() {
        Some(local) => Ok(local.0.clone()),
        None => origin_of(&app, &request),
    };
    let refused = |fault: Fault| render::json_fault(&app, &fault);
    let origin = match origin {
        Ok(origin) => origin,
        Err(fault) => return refused(fault),
    };
    // RFC 9112 §6.1: chunked is applied once, and last. hyper reads the last word only.
    let mut codings = request.headers().get_all(TRANSFER_ENCODING).iter();
    if codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"chunked")) {
        return refused(say::request_malformed("the Transfer-Encoding is not chunked, once"));
    }
    if let Some(name) = repeated(request.headers()) {
        return refused(say::request_malformed(format!("the header {name} is sent twice")));
    }
    if request.headers().contains_key(CONTENT_ENCODING) {
        return refused(say::content_type_unsupported("plain, without Content-Encoding"));
    }
    let https_only = is_https_only(app.broker.origins().all(), &origin);
    let answers = cloud::answers(app.broker.origins().all(), &origin, request.uri().path());
    request.extensions_mut().insert(OwnOrigin(origin));
    let mut response = match answers {
        // Routes take text out of the path.
        true if !is_text(request.uri().path()) => render::malformed_path(app, request).await,
        true => next.run(request).await,
        false => render::not_found(State(app), request).await,
    };
    if https_only {
        let year = HeaderValue::from_static("max-age=31536000");
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

fn is_text(path: &str) -> bool {
    percent_encoding::percent_decode_str(path).decode_utf8().is_ok()
}

/// Whether browsers may be told to come by https only. The promise holds for every port of a name, so
/// it is not made for `localhost` and the like, which belong to everybody on the machine, nor for a
/// name that we serve by http, too.
fn is_https_only(origins: &[String], origin: &str) -> bool {
    fn name(origin: &str) -> &str {
        let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
        if authority.starts_with('[') {
            return authority;
        }
        authority.split(':').next().unwrap_or_default()
    }
    let host = name(origin);
    let shared = host == "localhost" || host.ends_with(".localhost");
    let is_address = host.starts_with('[') || host.parse::<IpAddr>().is_ok();
    let by_http = origins.iter().any(|own| own.starts_with("http://") && name(own) == host);
    origin.starts_with("https://") && !shared && !is_address && !by_http
}

fn origin_of(app: &App, request: &Request) -> Result<String, Fault> {
    let connection = request.extensions().get::<Connection>().ok_or_else(say::internal)?;
    let host = host(request.headers(), request.uri())?;
    let origin = format!("{}://{}", connection.scheme, host.to_ascii_lowercase());
    if app.broker.origins().has(&origin) {
        return Ok(origin);
    }
    let shown: String = host.chars().filter(|c| c.is_ascii_graphic()).take(100).collect();
    Err(say::host_unknown(shown))
}

/// A header that stands twice although two readers would take different ones.
fn repeated(headers: &HeaderMap) -> Option<HeaderName> {
    let once = [AUTHORIZATION, CONTENT_TYPE, CONTENT_LENGTH, TRANSFER_ENCODING];
    once.into_iter().find(|name| headers.get_all(name).iter().count() > 1)
}

/// RFC 9112 §3.2: exactly one Host. An absolute target is answered by proxies; we are none.
fn host<'r>(headers: &'r HeaderMap, uri: &Uri) -> Result<&'r str, Fault> {
    let malformed = |why: &str| say::request_malformed(why.to_owned());
    if uri.authority().is_some() {
        return Err(malformed("the request target is an absolute URL"));
    }
    let mut hosts = headers.get_all(HOST).iter();
    let (host, second) = (hosts.next(), hosts.next());
    let host = host.ok_or_else(|| malformed("there is no Host header"))?;
    if second.is_some() {
        return Err(malformed("there are two Host headers"));
    }
    let host = host.to_str().map_err(|_| malformed("the Host header is not a host"))?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b);
    if host.is_empty() || !host.bytes().all(plain) {
        return Err(malformed("the Host header is not a host"));
    }
    Ok(host)
}
