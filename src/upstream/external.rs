//! One HTTP request over the network: ten seconds, one mebibyte, no redirects, and no connection to
//! an address that a provider's metadata has no business naming.

mod address;

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderValue};
use hyper::rt::{Read, Write};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::http::{HttpFault, MOST_BYTES};

const PATIENCE: Duration = Duration::from_secs(10);

/// Connections to real providers. The system's root certificates are read at first use
/// (`SSL_CERT_FILE` names others).
#[derive(Default)]
pub(super) struct External {
    tls: OnceLock<Arc<ClientConfig>>,
}

impl External {
    pub(super) async fn send(
        &self,
        request: Request<Vec<u8>>,
        trusted: &str,
    ) -> Result<Response<Vec<u8>>, HttpFault> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        within_patience(&host, self.attempt(request, trusted)).await
    }

    async fn attempt(
        &self,
        mut request: Request<Vec<u8>>,
        trusted: &str,
    ) -> Result<Response<Vec<u8>>, HttpFault> {
        let uri = request.uri().clone();
        let Target { host, port, secure } = target(&uri)?;
        let authority = uri.authority().map_or(host, |authority| authority.as_str());
        let header = HeaderValue::from_str(authority).map_err(|_| fault(host, "has no name"))?;
        request.headers_mut().insert(HOST, header);
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        *request.uri_mut() = path.parse().map_err(|_| fault(host, "has a strange path"))?;
        let found = tokio::net::lookup_host((host, port));
        let stream = connect(host, is_trusted(trusted, host, port), found).await?;
        if !secure {
            return exchange(TokioIo::new(stream), request, host).await;
        }
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| fault(host, "has a name that no certificate can have"))?;
        let tls = TlsConnector::from(self.tls().clone()).connect(name, stream).await;
        let tls =
            tls.map_err(|error| fault(host, &format!("failed the TLS handshake: {error}")))?;
        exchange(TokioIo::new(tls), request, host).await
    }

    fn tls(&self) -> &Arc<ClientConfig> {
        self.tls.get_or_init(|| {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            Arc::new(trusting(roots))
        })
    }
}

fn trusting(roots: RootCertStore) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map(|builder| builder.with_root_certificates(roots.clone()).with_no_client_auth());
    config.unwrap_or_else(|_| {
        ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
    })
}

struct Target<'u> {
    host: &'u str,
    port: u16,
    secure: bool,
}

fn target(uri: &Uri) -> Result<Target<'_>, HttpFault> {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(fault(host, "stands behind a user name"));
    }
    match uri.scheme_str() {
        Some("https") => Ok(Target { host, port: uri.port_u16().unwrap_or(443), secure: true }),
        Some("http") => Ok(Target { host, port: uri.port_u16().unwrap_or(80), secure: false }),
        _ => Err(fault(host, "is not an http or https address")),
    }
}

/// Whether a place is the one that the operator has configured: host and port, or the host if no
/// port was said.
fn is_trusted(trusted: &str, host: &str, port: u16) -> bool {
    trusted.eq_ignore_ascii_case(host) || trusted.eq_ignore_ascii_case(&format!("{host}:{port}"))
}

/// Everything a call takes, from the name to the last byte, takes ten seconds at most.
async fn within_patience<T>(
    host: &str,
    attempt: impl Future<Output = Result<T, HttpFault>>,
) -> Result<T, HttpFault> {
    let answer = tokio::time::timeout(PATIENCE, attempt).await;
    answer.unwrap_or_else(|_| Err(fault(host, "did not answer within 10 seconds")))
}

/// Resolves once, drops what may not be called, and connects to what was checked.
async fn connect<I: Iterator<Item = SocketAddr>>(
    host: &str,
    may_be_private: bool,
    found: impl Future<Output = std::io::Result<I>>,
) -> Result<TcpStream, HttpFault> {
    let found = found.await.map_err(|_| fault(host, "cannot be resolved"))?;
    let allowed = address::permitted(found, may_be_private);
    if allowed.is_empty() {
        return Err(fault(host, "is an address that may not be called"));
    }
    let stream = TcpStream::connect(allowed.as_slice()).await;
    stream.map_err(|_| fault(host, "cannot be reached"))
}

async fn exchange<I>(
    io: I,
    request: Request<Vec<u8>>,
    host: &str,
) -> Result<Response<Vec<u8>>, HttpFault>
where
    I: Read + Write + Unpin + Send + 'static,
{
    let broken = || fault(host, "did not speak HTTP");
    let (mut sender, connection) = http1::handshake(io).await.map_err(|_| broken())?;
    let driver = AbortOnDrop(tokio::spawn(connection));
    let answer = sender.send_request(request.map(|body| Full::new(Bytes::from(body)))).await;
    let (parts, body) = answer.map_err(|_| broken())?.into_parts();
    let body = Limited::new(body, MOST_BYTES).collect().await;
    drop(driver);
    let body = body.map_err(|_| fault(host, "sent too much, or broke off"))?;
    Ok(Response::from_parts(parts, body.to_bytes().to_vec()))
}

/// A task that ends with whoever waits for it: an answer that nobody reads any more, because the
/// time is over or the browser has left, does not hold a connection.
struct AbortOnDrop<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn fault(host: &str, what: &str) -> HttpFault {
    HttpFault(format!("{host} {what}"))
}

#[cfg(test)]
mod tests;
