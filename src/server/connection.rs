//! One connection: hyper with the limits that it does not have by itself.
//!
//! `axum::serve` builds hyper without a timer, so that a client that drips its header stays for
//! ever. Here a header has ten seconds and sixteen kibibytes, a TLS handshake ten seconds, and a
//! reader that takes nothing for thirty seconds is let go.

use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_io_timeout::TimeoutWriter;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use super::room::Place;
use super::tls::Tls;
use crate::http::Connection;

const HEADER_PATIENCE: Duration = Duration::from_secs(10);
const READER_PATIENCE: Duration = Duration::from_secs(30);
const HEADER_BYTES: usize = 16 * 1024;
const MOST_HEADERS: usize = 64;

/// Waits until the server stops.
pub(super) async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// What a connection is served with.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) scheme: &'static str,
    pub(super) router: Router,
    pub(super) tls: Option<Tls>,
    /// Turns true when the server stops: what is under way is answered, then the connection ends.
    pub(super) stop: watch::Receiver<bool>,
}

impl Service {
    pub(super) async fn serve(mut self, stream: TcpStream, peer: IpAddr, place: Place) {
        // Small answers must not wait for an acknowledgement.
        let _ = stream.set_nodelay(true);
        let Some(tls) = self.tls.take() else { return self.http(stream, peer, place).await };
        let handshake = TlsAcceptor::from(tls.config()).accept(stream);
        let stream = tokio::select! {
            stream = tokio::time::timeout(HEADER_PATIENCE, handshake) => stream,
            () = place.asked_to_leave() => return,
        };
        if let Ok(Ok(stream)) = stream {
            self.http(stream, peer, place).await;
        }
    }

    async fn http<I>(self, io: I, peer: IpAddr, place: Place)
    where
        I: AsyncRead + AsyncWrite + Send + 'static,
    {
        let Self { scheme, router, mut stop, .. } = self;
        let mut io = Box::pin(TimeoutWriter::new(io));
        io.as_mut().set_timeout_pinned(Some(READER_PATIENCE));
        let place = Arc::new(place);
        let seat = place.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            let router = router.clone();
            let busy = seat.busy();
            request.extensions_mut().insert(Connection { scheme, peer });
            async move {
                let response: Result<Response<Body>, _> =
                    router.oneshot(request.map(Body::new)).await;
                drop(busy);
                response
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_PATIENCE)
            .max_buf_size(HEADER_BYTES)
            .max_headers(MOST_HEADERS)
            .serve_connection(TokioIo::new(io), service);
        let mut connection = pin!(connection);
        let served = tokio::select! {
            served = connection.as_mut() => served,
            () = stopped(&mut stop) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
            // Idle, and others need the room.
            () = place.asked_to_leave() => Ok(()),
        };
        if let Err(error) = served {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

#[cfg(test)]
mod tests;
