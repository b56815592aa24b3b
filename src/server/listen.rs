//! Listening sockets and the loop that takes connections.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::connection::{Service, stopped};
use super::room::Room;
use super::tls::Tls;
use super::{Bind, ServeFault};

/// The names that every machine has for itself.
pub(super) const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// More connections than tests make; one more, and the longest idle one is closed.
const MOST_CONNECTIONS: usize = 4096;

/// A bound address: one socket, or two on loopback.
#[derive(Debug)]
pub struct Listener {
    scheme: &'static str,
    host: String,
    port: u16,
    loopback: bool,
    sockets: Vec<TcpListener>,
}

impl Listener {
    /// Binds an address; on loopback both families, with the same port.
    pub(super) async fn open(bind: &Bind, scheme: &'static str) -> Result<Self, ServeFault> {
        let loopback = bind.is_loopback();
        let addresses = bind.families();
        // With port 0 the second family may find the first one's port taken: another try.
        let mut last = None;
        for _ in 0..20 {
            let first = addresses.first().copied().unwrap_or(bind.address);
            let socket = TcpListener::bind(SocketAddr::new(first, bind.port)).await;
            let socket = socket.map_err(|source| fault(bind, source))?;
            let port = socket.local_addr().map_err(|source| fault(bind, source))?.port();
            let mut sockets = vec![socket];
            if let Some(&other) = addresses.get(1) {
                match TcpListener::bind(SocketAddr::new(other, port)).await {
                    Ok(socket) => sockets.push(socket),
                    Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                        last = Some(error);
                        if bind.port == 0 {
                            continue;
                        }
                        break;
                    }
                    // A machine without IPv6.
                    Err(_) => {}
                }
            }
            return Ok(Self { scheme, host: bind.announced(), port, loopback, sockets });
        }
        let source = last.unwrap_or_else(|| std::io::ErrorKind::AddrInUse.into());
        Err(fault(bind, source))
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.loopback
    }

    pub(super) fn is_https(&self) -> bool {
        self.scheme == "https"
    }

    /// The origin by which it is announced.
    pub(super) fn origin(&self) -> String {
        origin(self.scheme, &self.host, self.port)
    }

    /// The origins that every listener has.
    pub(super) fn default_origins(&self) -> Vec<String> {
        let mut origins: Vec<String> =
            LOOPBACK.into_iter().map(|host| origin(self.scheme, host, self.port)).collect();
        origins.push(self.origin());
        origins
    }

    /// Serves the router on every socket until the tasks are dropped.
    pub(super) fn serve(
        self,
        router: &Router,
        tls: Option<&Tls>,
        stop: &watch::Receiver<bool>,
        tasks: &mut JoinSet<()>,
    ) {
        let room = Room::new(MOST_CONNECTIONS);
        for socket in self.sockets {
            let service = Service {
                scheme: self.scheme,
                router: router.clone(),
                tls: tls.cloned(),
                stop: stop.clone(),
            };
            tasks.spawn(accept(socket, service, room.clone()));
        }
    }
}

/// An origin leaves the scheme's own port out.
fn origin(scheme: &str, host: &str, port: u16) -> String {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    match (scheme, port) {
        ("http", 80) | ("https", 443) => format!("{scheme}://{host}"),
        _ => format!("{scheme}://{host}:{port}"),
    }
}

fn fault(bind: &Bind, source: std::io::Error) -> ServeFault {
    ServeFault::Bind { address: bind.to_string(), source }
}

async fn accept(socket: TcpListener, service: Service, room: Room) {
    // Connections end when this task does.
    let mut connections = JoinSet::new();
    let mut stop = service.stop.clone();
    loop {
        while connections.try_join_next().is_some() {}
        let accepted = tokio::select! {
            () = stopped(&mut stop) => break,
            accepted = socket.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let Some(place) = room.enter().await else { return };
                connections.spawn(service.clone().serve(stream, peer.ip(), place));
            }
            Err(error) => {
                // Out of file descriptors, most likely: an idle connection gives one back.
                tracing::warn!(%error, "a connection was not accepted");
                room.make_room();
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(socket);
    while connections.join_next().await.is_some() {}
}
