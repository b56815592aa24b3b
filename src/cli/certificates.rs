//! `guestpass ca`.

use crate::cli::output::out;
use std::process::ExitCode;

use guestpass::Server;
use guestpass::server::Bind;
use serde_json::json;

use super::args::{CaArgs, Global};
use super::data::{DataDirectory, Made};
use super::failure::CliFault;

/// Prints the path of the CA certificate, and makes the CA if there is none.
pub(super) fn run(global: &Global, args: CaArgs) -> Result<ExitCode, CliFault> {
    let mut server = Server::builder().https(Bind::loopback(8443));
    for origin in args.origin {
        server = server.origin(origin);
    }
    for name in args.tls_name {
        server = server.tls_name(name);
    }
    let kept = DataDirectory::resolve(args.data)?.certificates(&server.host_names())?;
    let path = kept.ca.display();
    match global.json {
        true => out!("{}", json!({ "path": kept.ca, "made": kept.made != Made::Before })),
        false => out!("{path}"),
    }
    if kept.made == Made::ForNewNames {
        eprintln!("{}", new_ca());
    }
    Ok(ExitCode::SUCCESS)
}

/// The one line that says so.
pub(super) fn new_ca() -> &'static str {
    "the names are new, so there is a new CA: clients must trust it anew"
}
