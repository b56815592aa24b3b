//! Text for stdout. A reader that has gone away is no failure; a full disk is.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write as _};

/// Writes text as it stands.
pub(super) fn write(text: Arguments<'_>) {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_fmt(text).and_then(|()| stdout.flush()) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: cannot write to stdout: {error}");
            std::process::exit(1);
        }
    }
}

/// Prints a line, as `println!` does, but for what happens when nobody reads it.
macro_rules! out {
    ($($argument:tt)*) => {
        $crate::cli::output::write(format_args!("{}\n", format_args!($($argument)*)))
    };
}
pub(super) use out;
