//! One connection: hyper with the limits that it does not have by itself.
//!
//! `axum::serve` builds hyper without a timer, so that a client that drips its header stays for
//! ever. Here a header has ten seconds and sixteen kibibytes, a TLS handshake ten seconds.

use std::net::IpAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use super::tls::Tls;
use crate::http::Connection;

const HEADER_PATIENCE: Duration = Duration::from_secs(10);
const HEADER_BYTES: usize = 16 * 1024;
const MOST_HEADERS: usize = 64;

pub(super) async fn serve(
    stream: TcpStream,
    peer: IpAddr,
    scheme: &'static str,
    router: Router,
    tls: Option<Tls>,
) {
    // Small answers must not wait for an acknowledgement.
    let _ = stream.set_nodelay(true);
    let connection = Connection { scheme, peer };
    let Some(tls) = tls else { return http(TokioIo::new(stream), connection, router).await };
    let handshake = TlsAcceptor::from(tls.config()).accept(stream);
    if let Ok(Ok(stream)) = tokio::time::timeout(HEADER_PATIENCE, handshake).await {
        http(TokioIo::new(stream), connection, router).await;
    }
}

async fn http<I>(io: I, connection: Connection, router: Router)
where
    I: Read + Write + Unpin + Send + 'static,
{
    let service = service_fn(move |mut request: Request<Incoming>| {
        let router = router.clone();
        request.extensions_mut().insert(connection.clone());
        async move {
            let response: Result<Response<Body>, _> = router.oneshot(request.map(Body::new)).await;
            response
        }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_PATIENCE)
        .max_buf_size(HEADER_BYTES)
        .max_headers(MOST_HEADERS)
        .serve_connection(io, service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}
