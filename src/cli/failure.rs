//! Errors on the command line: one clear line and a hint.

use std::fmt::Display;
use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

use guestpass::broker::StartFault;
use guestpass::config::world::InvalidWorld;
use guestpass::server::ServeFault;

use super::style::Style;

/// Why a command could not be carried out.
#[derive(Debug)]
pub(super) struct CliFault {
    message: String,
    hint: String,
    code: u8,
}

impl CliFault {
    /// Something that could not be tried: exit code 2.
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), code: 2 }
    }

    /// Something that was tried and went wrong: exit code 1.
    pub(super) fn failed(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: 1, ..Self::new(message, hint) }
    }

    /// A file that cannot be read.
    pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        let hint = match error.kind() {
            ErrorKind::NotFound => "Check the path; it is relative to where the command runs.",
            ErrorKind::PermissionDenied => "Give this user the right to read it.",
            _ => "The file must be UTF-8 text.",
        };
        Self::new(format!("cannot read {}: {error}", path.display()), hint)
    }

    /// A file or directory that cannot be written.
    pub(super) fn unwritable(path: &Path, error: &std::io::Error) -> Self {
        let hint =
            "Choose a directory that this user may write: --data DIR, or serve no https: --no-tls.";
        Self::new(format!("cannot write {}: {error}", path.display()), hint)
    }

    /// Prints it to stderr.
    pub(super) fn report(self) -> ExitCode {
        let style = Style::stderr();
        eprintln!("{} {}", style.bad("error:"), self.message);
        if !self.hint.is_empty() {
            eprintln!("{} {}", style.note("hint:"), self.hint);
        }
        ExitCode::from(self.code)
    }
}

impl From<InvalidWorld> for CliFault {
    /// Each mistake carries its own hint.
    fn from(world: InvalidWorld) -> Self {
        Self::new(world.to_string(), "")
    }
}

impl From<ServeFault> for CliFault {
    fn from(fault: ServeFault) -> Self {
        let message = fault.to_string();
        match fault {
            ServeFault::Bind { address, source } => Self::bind(&address, &source),
            ServeFault::Origin(_) => {
                Self::new(message, "Give it with --origin or --issuer-origin.")
            }
            ServeFault::Key(_) => {
                Self::new(message, "Make one with `guestpass keys new --out FILE`.")
            }
            ServeFault::Tls(_) => {
                Self::new(message, "Give PEM files with --tls-cert and --tls-key, or neither.")
            }
            ServeFault::Store(fault) => Self::store(&fault),
            ServeFault::Start(fault) => Self::from(fault),
        }
    }
}

impl From<StartFault> for CliFault {
    fn from(fault: StartFault) -> Self {
        let message = fault.to_string();
        match fault {
            StartFault::World(world) => Self::from(world),
            StartFault::Store(fault) => Self::store(&fault),
            StartFault::OtherWorld(_) => Self::new(
                message,
                "A store keeps the world it was seeded with: name that one with --world, choose \
                 another --store, or delete the file to start anew.",
            ),
        }
    }
}

impl CliFault {
    fn store(fault: &dyn Display) -> Self {
        let hint = "Choose another file with --store, or --store memory.";
        Self::new(format!("the store cannot be used: {fault}"), hint)
    }

    fn bind(address: &str, error: &std::io::Error) -> Self {
        let hint = match error.kind() {
            ErrorKind::AddrInUse => {
                "Something listens there already. Choose another port, or 0 for a free one: \
                 --http localhost:0 --https localhost:0 (or --no-tls)."
            }
            ErrorKind::PermissionDenied => {
                "Ports below 1024 need a privilege; choose a higher one."
            }
            ErrorKind::AddrNotAvailable => "This machine does not have that address.",
            _ => "Choose another address with --http or --https.",
        };
        Self::new(format!("cannot listen on {address}: {}", reason(error)), hint)
    }
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => "the port is in use".to_owned(),
        _ => error.to_string(),
    }
}
