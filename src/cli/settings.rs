//! Flags, variables and the config file, merged: what a server is to be.

use std::path::{Path, PathBuf};

use guestpass::config::parse_strict;
use guestpass::server::{Bind, origin, tls_name};
use serde::Deserialize;

use super::args::{Global, ServeArgs};
use super::failure::CliFault;

/// What a server is to be.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) world: Option<PathBuf>,
    pub(super) store: Option<PathBuf>,
    pub(super) http: Vec<Bind>,
    pub(super) https: Vec<Bind>,
    pub(super) origins: Vec<String>,
    pub(super) issuer_origin: Option<String>,
    pub(super) control_token: Option<String>,
    pub(super) data: Option<PathBuf>,
    pub(super) certificate: Option<(PathBuf, PathBuf)>,
    pub(super) tls_names: Vec<String>,
    pub(super) signing_key: Option<PathBuf>,
    pub(super) quiet: bool,
}

/// The config file: the flags of `serve` by their names.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    world: Option<PathBuf>,
    store: Option<String>,
    #[serde(default)]
    http: Vec<String>,
    #[serde(default)]
    https: Vec<String>,
    #[serde(default)]
    origin: Vec<String>,
    issuer_origin: Option<String>,
    control_token: Option<String>,
    data: Option<PathBuf>,
    #[serde(default)]
    no_tls: bool,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    #[serde(default)]
    tls_name: Vec<String>,
    signing_key: Option<PathBuf>,
    #[serde(default)]
    quiet: bool,
}

impl Settings {
    /// Flags (and variables, which clap reads) win over the config file; paths in that file are
    /// relative to it.
    pub(super) fn merge(global: &Global, args: ServeArgs) -> Result<Self, CliFault> {
        let path = args.config.clone().unwrap_or_default();
        let file = args.config.as_deref().map(config_file).transpose()?.unwrap_or_default();
        let beside = |given: Option<PathBuf>| {
            given.map(|given| path.parent().unwrap_or(Path::new("")).join(given))
        };
        let in_file = |error: String| {
            CliFault::new(format!("{}: {error}", path.display()), "See `guestpass serve --help`.")
        };
        let store = match &args.store {
            Some(given) => store(Some(given))?,
            None => beside(store(file.store.as_deref())?),
        };
        let no_tls = args.no_tls || (file.no_tls && args.https.is_empty());
        let http = first(args.http, || binds(&file.http).map_err(in_file))?;
        let https = first(args.https, || binds(&file.https).map_err(in_file))?;
        let origins = first(args.origin, || each(&file.origin, origin).map_err(in_file))?;
        let issuer_origin = match (args.issuer_origin, file.issuer_origin.as_deref()) {
            (Some(given), _) => Some(given),
            (None, Some(text)) => Some(origin(text).map_err(|error| in_file(error.to_string()))?),
            (None, None) => None,
        };
        let certificate = match (args.tls_cert, args.tls_key) {
            (None, None) => pair(beside(file.tls_cert), beside(file.tls_key))?,
            (certificate, key) => pair(certificate, key)?,
        };
        let tls_names = first(args.tls_name, || each(&file.tls_name, tls_name).map_err(in_file))?;
        if certificate.is_some() && !tls_names.is_empty() {
            return Err(CliFault::new(
                "--tls-name is for the certificate that guestpass makes, and --tls-cert gives one",
                "Leave one of the two out; a certificate of your own has the names that it has.",
            ));
        }
        let or_default = |binds: Vec<Bind>, port| match binds.is_empty() {
            true => vec![Bind::loopback(port)],
            false => binds,
        };
        Ok(Self {
            world: global.world.clone().or_else(|| beside(file.world)),
            store,
            http: or_default(http, 8080),
            https: if no_tls { Vec::new() } else { or_default(https, 8443) },
            origins,
            issuer_origin,
            control_token: args.control_token.or(file.control_token),
            data: args.data.or_else(|| beside(file.data)),
            certificate,
            tls_names,
            signing_key: args.signing_key.or_else(|| beside(file.signing_key)),
            quiet: args.quiet || file.quiet,
        })
    }
}

fn config_file(path: &Path) -> Result<ConfigFile, CliFault> {
    let text = std::fs::read_to_string(path).map_err(|e| CliFault::unreadable(path, &e))?;
    let hint = "The keys are the flags of `guestpass serve`, with _ for -.";
    Ok(parse_strict(&text, &path.display().to_string(), hint)?)
}

/// What was given first, if anything was, else what comes second.
fn first<T>(
    given: Vec<T>,
    else_: impl FnOnce() -> Result<Vec<T>, CliFault>,
) -> Result<Vec<T>, CliFault> {
    if given.is_empty() { else_() } else { Ok(given) }
}

fn each<T, E: ToString>(
    texts: &[String],
    read: impl Fn(&str) -> Result<T, E>,
) -> Result<Vec<T>, String> {
    texts.iter().map(|text| read(text).map_err(|error| error.to_string())).collect()
}

fn binds(texts: &[String]) -> Result<Vec<Bind>, String> {
    each(texts, str::parse)
}

/// `memory` is no file.
fn store(named: Option<&str>) -> Result<Option<PathBuf>, CliFault> {
    match named {
        None | Some("memory") => Ok(None),
        Some("") => {
            Err(CliFault::new("--store is empty", "Write memory, or a file such as guests.db."))
        }
        Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
            Err(CliFault::new(
                "this version keeps records in memory or in a SQLite file, not in PostgreSQL",
                "Write --store FILE.db.",
            ))
        }
        Some(file) => Ok(Some(PathBuf::from(file))),
    }
}

fn pair(
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
) -> Result<Option<(PathBuf, PathBuf)>, CliFault> {
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
        (None, None) => Ok(None),
        _ => Err(CliFault::new(
            "a certificate and its private key go together",
            "Give both --tls-cert and --tls-key.",
        )),
    }
}
