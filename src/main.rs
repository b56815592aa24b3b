//! `guestpass`: the command line. See `guestpass --help`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
