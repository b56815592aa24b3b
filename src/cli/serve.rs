//! `guestpass serve`.

use crate::cli::output::out;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use guestpass::Server;
use guestpass::jose::KeySet;
use guestpass::server::tls::Tls;
use guestpass::server::{Builder, ServeFault};

use super::announce::announce;
use super::args::{Global, ServeArgs};
use super::certificates::new_ca;
use super::data::{DataDirectory, Made, signing_key};
use super::failure::CliFault;
use super::settings::Settings;
use super::{runtime, world};

/// Serves until it is told to stop (Ctrl-C, SIGTERM).
pub(super) fn run(
    global: &Global,
    args: Box<ServeArgs>,
    started: Instant,
) -> Result<ExitCode, CliFault> {
    let settings = Settings::merge(global, *args)?;
    let source = world::source(settings.world.as_deref())?;
    let shown = (!settings.quiet).then(|| world::file(&source)).transpose()?;
    let mut builder = Server::builder().world_source(source);
    for bind in &settings.http {
        builder = builder.http(bind.clone());
    }
    for bind in &settings.https {
        builder = builder.https(bind.clone());
    }
    for origin in &settings.origins {
        builder = builder.origin(origin);
    }
    for name in &settings.tls_names {
        builder = builder.tls_name(name);
    }
    if let Some(origin) = &settings.issuer_origin {
        builder = builder.issuer_origin(origin);
    }
    if let Some(token) = &settings.control_token {
        builder = builder.control_token(token);
    }
    if let Some(path) = &settings.store {
        builder = builder.store_file(path);
    }
    if let Some(keys) = keys(&settings)? {
        builder = builder.keys(keys);
    }
    let (builder, ca) = with_tls(builder, &settings)?;
    let mut binds = settings.http.iter().chain(&settings.https);
    let inbox = settings.control_token.is_none() && binds.all(guestpass::server::Bind::is_loopback);
    runtime()?.block_on(async {
        let mut signals = Signals::listen()
            .map_err(|error| CliFault::failed(format!("no signal can be caught: {error}"), ""))?;
        let server = builder.start().await?;
        if let Some(world) = shown {
            announce(&server, &world, ca.as_deref(), inbox);
        }
        for address in server.addresses() {
            out!("listening {address}");
        }
        out!("guestpass ready in {} ms", started.elapsed().as_millis());
        signals.asked_to_stop().await;
        if !settings.quiet {
            eprintln!("stopping; once more to stop at once");
        }
        tokio::select! {
            () = server.stop() => Ok(ExitCode::SUCCESS),
            () = signals.asked_to_stop() => Ok(ExitCode::from(130)),
        }
    })
}

/// The development keys are known to everybody: off loopback the keys are our own.
fn keys(settings: &Settings) -> Result<Option<KeySet>, CliFault> {
    let on_loopback =
        settings.http.iter().chain(&settings.https).all(guestpass::server::Bind::is_loopback);
    let mut keys = match on_loopback {
        true if settings.signing_key.is_none() => return Ok(None),
        true => KeySet::development().map_err(ServeFault::from)?,
        false => {
            let progress =
                || eprintln!("making signing keys, because others can reach this address…");
            DataDirectory::resolve(settings.data.clone())?.keys(progress)?
        }
    };
    if let Some(path) = &settings.signing_key {
        keys.work = signing_key(path)?.into();
    }
    Ok(Some(keys))
}

/// The certificate: given, or of our own CA, whose path is told.
fn with_tls(builder: Builder, settings: &Settings) -> Result<(Builder, Option<PathBuf>), CliFault> {
    if settings.https.is_empty() {
        return Ok((builder, None));
    }
    if let Some((certificate, key)) = &settings.certificate {
        let read = |path: &Path| {
            std::fs::read_to_string(path).map_err(|error| CliFault::unreadable(path, &error))
        };
        let tls = Tls::from_pem(&read(certificate)?, &read(key)?).map_err(ServeFault::from)?;
        return Ok((builder.tls(tls), None));
    }
    let data = DataDirectory::resolve(settings.data.clone())?;
    let kept = data.certificates(&builder.host_names())?;
    if kept.made == Made::ForNewNames {
        eprintln!("{}", new_ca());
    }
    let tls = Tls::from_certificates(&kept.certificates).map_err(ServeFault::from)?;
    Ok((builder.tls(tls), Some(kept.ca)))
}

/// Ctrl-C, and on Unix SIGTERM: listened to before anybody is told that the server is ready.
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { interrupt, terminate: signal(SignalKind::terminate())? })
    }

    async fn asked_to_stop(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {})
    }

    async fn asked_to_stop(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
