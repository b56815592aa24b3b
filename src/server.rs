//! The embedding API: a server is a value.
//!
//! ```no_run
//! # async fn example() -> Result<(), guestpass::server::ServeFault> {
//! let server = guestpass::Server::builder().start().await?;
//! println!("{}", server.origin());
//! // Dropping it stops it.
//! # Ok(()) }
//! ```
//!
//! A server has its own world, clock and store; any number of them run in one process. The library
//! reads and writes no file but the ones it is given.

mod bind;
mod connection;
mod listen;
mod room;
pub mod tls;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use crate::broker::{Broker, Origins, Parts, StartFault, WorldSource};
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::http::{Access, App, router};
use crate::jose::{InvalidKey, KeySet};
use crate::store::{Store, StoreFault};
use crate::upstream::http::{Local, LocalOrigin};

pub use bind::{Bind, InvalidBind, InvalidOrigin, InvalidTlsName, origin, tls_name};
pub use listen::Listener;
use tls::{Tls, TlsFault};

/// How long a stopping server waits for the requests that are under way.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeFault {
    /// An address could not be listened on.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address.
        address: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A further origin is none.
    #[error(transparent)]
    Origin(#[from] InvalidOrigin),
    /// A signing key could not be used.
    #[error(transparent)]
    Key(#[from] InvalidKey),
    /// World or store could not be used.
    #[error(transparent)]
    Start(#[from] StartFault),
    /// The store could not be opened.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The certificate could not be used.
    #[error(transparent)]
    Tls(#[from] TlsFault),
}

/// Where https certificates come from.
#[derive(Debug, Clone)]
pub enum TlsSource {
    /// Made in memory when the server starts, by a CA that nobody else has.
    Generated,
    /// These.
    Given(Tls),
}

/// A server to be.
#[derive(Debug)]
#[must_use]
pub struct Builder {
    world: WorldSource,
    clock: Clock,
    entropy: Entropy,
    store: Option<PathBuf>,
    keys: Option<KeySet>,
    http: Vec<Bind>,
    https: Vec<Bind>,
    tls: TlsSource,
    tls_names: Vec<String>,
    origins: Vec<String>,
    issuer_origin: Option<String>,
    control_token: Option<String>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            world: WorldSource::default_world(),
            clock: Clock::system(),
            entropy: Entropy::system(),
            store: None,
            keys: None,
            http: Vec::new(),
            https: Vec::new(),
            tls: TlsSource::Generated,
            tls_names: Vec::new(),
            origins: Vec::new(),
            issuer_origin: None,
            control_token: None,
        }
    }
}

impl Builder {
    /// Another world than the default one: the text of a world file.
    pub fn world(mut self, text: impl Into<String>) -> Self {
        self.world = WorldSource { text: text.into(), name: "world".to_owned() };
        self
    }

    /// Another world, with the name that its errors carry.
    pub fn world_source(mut self, world: WorldSource) -> Self {
        self.world = world;
        self
    }

    /// Another clock.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Another source of randomness.
    pub fn entropy(mut self, entropy: Entropy) -> Self {
        self.entropy = entropy;
        self
    }

    /// Keeps records in a file instead of memory.
    pub fn store_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.store = Some(path.into());
        self
    }

    /// Signing keys other than the development ones.
    pub fn keys(mut self, keys: KeySet) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Listens for http there. Without any address: on a free port of loopback.
    pub fn http(mut self, bind: Bind) -> Self {
        self.http.push(bind);
        self
    }

    /// Listens for https there.
    pub fn https(mut self, bind: Bind) -> Self {
        self.https.push(bind);
        self
    }

    /// The certificate for https.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = TlsSource::Given(tls);
        self
    }

    /// A further name (see [`tls_name`]) of the certificate that the server makes. It has those of
    /// all origins already.
    pub fn tls_name(mut self, name: impl Into<String>) -> Self {
        self.tls_names.push(name.into());
        self
    }

    /// A further origin (`scheme://host[:port]`) by which the server is called.
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origins.push(origin.into());
        self
    }

    /// The origin that all tokens name.
    pub fn issuer_origin(mut self, origin: impl Into<String>) -> Self {
        self.issuer_origin = Some(origin.into());
        self
    }

    /// Opens control API and inbox off loopback to whoever has the token.
    pub fn control_token(mut self, token: impl Into<String>) -> Self {
        self.control_token = Some(token.into());
        self
    }

    /// Binds, seeds and serves. When this returns, the server is ready.
    pub async fn start(mut self) -> Result<Server, ServeFault> {
        if self.http.is_empty() && self.https.is_empty() {
            self.http.push(Bind::loopback(0));
        }
        let mut listeners = Vec::new();
        for (binds, scheme) in [(&self.http, "http"), (&self.https, "https")] {
            for bind in binds {
                listeners.push(Listener::open(bind, scheme).await?);
            }
        }
        let on_loopback = listeners.iter().all(Listener::is_loopback);
        let origins = self.all_origins(&listeners)?;
        let issuer_origin = self.issuer_origin.as_deref().map(origin).transpose()?;
        let names = self.host_names();
        let keys = match (self.keys, on_loopback) {
            (Some(keys), _) => keys,
            (None, true) => KeySet::development()?,
            (None, false) => KeySet::generate()?,
        };
        let store = match &self.store {
            None => Store::in_memory()?,
            Some(path) => Store::in_file(path)?,
        };
        let access = match (&self.control_token, on_loopback) {
            (_, true) => Access::Open,
            (Some(token), false) => Access::Token(token.clone()),
            (None, false) => Access::Closed,
        };
        let tls = match (&self.tls, self.https.is_empty()) {
            (_, true) => None,
            (TlsSource::Given(tls), false) => Some(tls.clone()),
            (TlsSource::Generated, false) => Some(Tls::generate(&names)?),
        };
        let broker = Broker::start(Parts {
            store,
            clock: self.clock,
            entropy: self.entropy,
            keys,
            origins: Origins::new(origins, issuer_origin),
            on_loopback,
            world: self.world,
        });
        let broker = broker.await?;
        let router = router(App { broker: broker.clone(), access });
        let local = local_caller(router.clone());
        broker.http().connect(&local);
        let mut tasks = JoinSet::new();
        let (stopping, stop) = watch::channel(false);
        let addresses: Vec<_> = listeners.iter().map(Listener::origin).collect();
        for listener in listeners {
            let tls = if listener.is_https() { tls.clone() } else { None };
            listener.serve(&router, tls.as_ref(), &stop, &mut tasks);
        }
        let sweeper = tasks.spawn(sweep(Arc::downgrade(&broker)));
        let local = LocalHolder(local);
        Ok(Server { broker, router, _local: local, addresses, tls, tasks, stopping, sweeper })
    }

    fn all_origins(&self, listeners: &[Listener]) -> Result<Vec<String>, InvalidOrigin> {
        let mut origins: Vec<String> =
            listeners.iter().flat_map(Listener::default_origins).collect();
        for given in self.origins.iter().chain(&self.issuer_origin) {
            origins.push(origin(given)?);
        }
        let mut seen = std::collections::BTreeSet::new();
        origins.retain(|origin| seen.insert(origin.clone()));
        Ok(origins)
    }

    /// The hosts and addresses by which the server will be called, and further names that it was
    /// given: what its certificate must name.
    pub fn host_names(&self) -> Vec<String> {
        let mut names: Vec<String> = listen::LOOPBACK.iter().map(|&name| name.to_owned()).collect();
        names.extend(self.https.iter().map(Bind::announced));
        let given = self.origins.iter().chain(&self.issuer_origin);
        names.extend(given.filter_map(|origin| tls::host_of(origin)));
        names.extend(self.tls_names.iter().cloned());
        let mut seen = std::collections::BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
        names
    }
}

/// A running server. Dropping it stops it.
#[derive(Debug)]
pub struct Server {
    broker: Arc<Broker>,
    router: Router,
    /// The broker calls our own router through this; it holds it weakly.
    _local: LocalHolder,
    addresses: Vec<String>,
    tls: Option<Tls>,
    tasks: JoinSet<()>,
    stopping: watch::Sender<bool>,
    sweeper: tokio::task::AbortHandle,
}

impl Server {
    /// A server to be, with the default world, on a free loopback port.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The origin of the first listener, such as `http://localhost:41234`.
    pub fn origin(&self) -> &str {
        self.addresses.first().map_or("", String::as_str)
    }

    /// The origin of each listener.
    pub fn addresses(&self) -> &[String] {
        &self.addresses
    }

    /// What decides: the same thing that the CLI and the control API use.
    pub fn broker(&self) -> &Arc<Broker> {
        &self.broker
    }

    /// The CA certificate (PEM) that clients of https must trust, if the server made it.
    pub fn ca_certificate(&self) -> Option<&str> {
        self.tls.as_ref().and_then(Tls::ca_certificate)
    }

    /// Answers a request without a socket, as if it came through `origin`.
    pub async fn call(&self, origin: &str, request: Request<Body>) -> Response<Body> {
        let mut request = request;
        request.extensions_mut().insert(LocalOrigin(origin.to_owned()));
        call(self.router.clone(), request).await
    }

    /// A scripted browser that talks to the server without a socket.
    pub fn browser(&self) -> crate::browser::Browser<'_> {
        crate::browser::Browser::new(self, self.origin())
    }

    /// Stops taking connections, lets the requests that are under way be answered (five seconds
    /// at most) and ends.
    pub async fn stop(mut self) {
        self.sweeper.abort();
        self.stopping.send_replace(true);
        let drained = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(PATIENCE, drained).await.is_err() {
            tracing::warn!("requests that were still under way are cut off");
        }
    }
}

async fn call(router: Router, request: Request<Body>) -> Response<Body> {
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Keeps alive what the broker holds weakly.
struct LocalHolder(#[expect(dead_code, reason = "held, not read")] Arc<Local>);

impl std::fmt::Debug for LocalHolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LocalHolder")
    }
}

fn local_caller(router: Router) -> Arc<Local> {
    Arc::new(move |request| Box::pin(call(router.clone(), request)))
}

/// Forgets what expired, once a minute. Nothing waits for it: expiry is judged on reading.
async fn sweep(broker: std::sync::Weak<Broker>) {
    let mut minute = tokio::time::interval(Duration::from_mins(1));
    loop {
        minute.tick().await;
        let Some(broker) = broker.upgrade() else { return };
        if let Err(error) = broker.sweep().await {
            tracing::warn!(%error, "the store was not swept");
        }
    }
}

/// Whether an address is loopback, IPv4-mapped ones included.
fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}
