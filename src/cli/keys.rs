//! `guestpass keys new`.

use crate::cli::output::out;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use guestpass::jose;

use super::args::Global;
use super::failure::CliFault;

/// Makes a signing key, to stdout or into a new file that only its owner can read.
pub(super) fn new(global: &Global, out: Option<&Path>) -> Result<ExitCode, CliFault> {
    let failed = |error: jose::InvalidKey| CliFault::failed(error.to_string(), "Try again.");
    let pem = jose::generate("guestpass signing key").map_err(failed)?;
    let kid = jose::SigningKey::from_pem(&pem).map_err(failed)?.kid().to_owned();
    let Some(path) = out else {
        match global.json {
            true => out!("{}", serde_json::json!({ "kid": kid, "pem": pem })),
            false => crate::cli::output::write(format_args!("{pem}")),
        }
        return Ok(ExitCode::SUCCESS);
    };
    write_new(path, &pem)?;
    match global.json {
        true => out!("{}", serde_json::json!({ "kid": kid, "path": path })),
        false => {
            out!("{}", path.display());
            eprintln!("kid {kid}; use it with: guestpass serve --signing-key {}", path.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes a private file that must not exist yet.
fn write_new(path: &Path, text: &str) -> Result<(), CliFault> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        let hint = match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                "A key is not overwritten: name a new file, or remove this one first."
            }
            _ => "Name a file in a directory that this user may write.",
        };
        CliFault::new(format!("cannot write {}: {error}", path.display()), hint)
    })
}
