//! HTTP toward upstream providers: our own router, or the network within limits.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, Weak};

use axum::body::Body;
use http_body_util::BodyExt as _;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, Response};

use super::external;

/// What is read of an answer.
pub(super) const MOST_BYTES: usize = 1024 * 1024;

/// A call of our own router.
pub type Local =
    dyn Fn(Request<Body>) -> Pin<Box<dyn Future<Output = Response<Body>> + Send>> + Send + Sync;

/// The origin a request was made to, where there is no listener that knows it.
#[derive(Debug, Clone)]
pub struct LocalOrigin(pub String);

/// Why a provider gave no usable answer, in words for the person in front of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct HttpFault(pub(super) String);

/// The host and port of an address that an operator has configured.
pub(super) fn place(address: &str) -> String {
    let url = url::Url::parse(address).ok();
    let place = url.and_then(|url| {
        let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
        Some(format!("{host}:{}", url.port_or_known_default()?))
    });
    place.unwrap_or_default()
}

/// What an answer calls itself, without parameters; nothing, if it does not say.
pub(super) fn media_type(answer: &Response<Vec<u8>>) -> String {
    let named = answer.headers().get(CONTENT_TYPE).and_then(|named| named.to_str().ok());
    named.and_then(|named| named.split(';').next()).unwrap_or_default().trim().to_ascii_lowercase()
}

/// The client.
#[derive(Clone)]
pub struct HttpClient(Arc<Inner>);

struct Inner {
    local: OnceLock<Weak<Local>>,
    origins: Vec<String>,
    external: external::External,
}

impl HttpClient {
    /// A client for which `origins` are its own.
    pub fn new(origins: Vec<String>) -> Self {
        let external = external::External::default();
        Self(Arc::new(Inner { local: OnceLock::new(), origins, external }))
    }

    /// Connects the client to our own router. The router holds the client, so the client holds the
    /// router weakly: dropping the server drops both.
    pub fn connect(&self, local: &Arc<Local>) {
        let _ = self.0.local.set(Arc::downgrade(local));
    }

    /// Sends a request and reads the answer. `trusted` is the host, or host and port, that the
    /// operator has configured: it alone may be a private address.
    pub async fn send(
        &self,
        request: Request<Vec<u8>>,
        trusted: &str,
    ) -> Result<Response<Vec<u8>>, HttpFault> {
        match self.own_origin(&request.uri().to_string()) {
            Some(origin) => self.send_local(request, origin).await,
            None => self.0.external.send(request, trusted).await,
        }
    }

    /// Whether an address is one of our own, however it is written. Who is not built in must not
    /// have us call ourselves: some of our routes trust whoever can reach them.
    pub(super) fn is_own(&self, address: &str) -> bool {
        self.own_origin(address).is_some()
    }

    fn own_origin(&self, address: &str) -> Option<String> {
        let origin = url::Url::parse(address).ok()?.origin();
        let own = |own: &&String| url::Url::parse(own).is_ok_and(|own| own.origin() == origin);
        self.0.origins.iter().find(own).cloned()
    }

    async fn send_local(
        &self,
        request: Request<Vec<u8>>,
        origin: String,
    ) -> Result<Response<Vec<u8>>, HttpFault> {
        let fault = |what: &str| HttpFault(what.to_owned());
        let local = self.0.local.get().and_then(Weak::upgrade);
        let local = local.ok_or_else(|| fault("the server is stopping"))?;
        let (mut parts, body) = request.into_parts();
        let host = origin.split_once("://").map_or("", |(_, host)| host);
        parts.headers.insert(HOST, host.parse().map_err(|_| fault("a strange host"))?);
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        parts.uri = path.parse().map_err(|_| fault("a strange path"))?;
        parts.extensions.insert(LocalOrigin(origin));
        let response = local(Request::from_parts(parts, Body::from(body))).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|_| fault("the answer broke off"))?;
        Ok(Response::from_parts(parts, body.to_bytes().to_vec()))
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpClient({:?})", self.0.origins)
    }
}
