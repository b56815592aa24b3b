//! The command line: what was typed, what is printed, and the exit code.
//!
//! Answers go to stdout, everything else to stderr. Exit codes: 0 done; 1 the thing asked about is
//! not in order; 2 it could not be tried (arguments, files, ports).

#![expect(clippy::print_stderr, reason = "this is where things are printed")]

mod announce;
mod args;
mod certificates;
mod data;
mod demo;
mod explain;
mod failure;
mod keys;
mod log;
mod output;
mod rotate;
mod serve;
mod settings;
mod style;
mod world;

use std::process::ExitCode;
use std::time::Instant;

use clap::CommandFactory as _;

use args::{Cli, Command, KeysCommand, WorldCommand};
use failure::CliFault;

/// Runs the command line of this process.
pub(crate) fn run() -> ExitCode {
    let started = Instant::now();
    let cli = args::parse(std::env::args_os());
    log::start();
    match dispatch(cli, started) {
        Ok(code) => code,
        Err(fault) => fault.report(),
    }
}

fn dispatch(cli: Cli, started: Instant) -> Result<ExitCode, CliFault> {
    let Cli { global, command } = cli;
    match command {
        Command::Serve(args) => serve::run(&global, args, started),
        Command::Demo(args) => demo::run(&global, &args),
        Command::Explain(args) => explain::run(&global, &args),
        Command::World(WorldCommand::Check { file }) => world::check(&global, file),
        Command::World(WorldCommand::Show) => world::show(&global),
        Command::Ca(args) => certificates::run(&global, args),
        Command::Keys(KeysCommand::New { out }) => keys::new(&global, out.as_deref()),
        Command::Keys(KeysCommand::Rotate(args)) => rotate::run(&global, args),
        Command::Completions { shell } => {
            let mut command = Cli::command();
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command, "guestpass", &mut script);
            output::write(format_args!("{}", String::from_utf8_lossy(&script)));
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// A runtime for one command.
fn runtime() -> Result<tokio::runtime::Runtime, CliFault> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
        CliFault::new(
            format!("threads cannot be started: {error}"),
            "Free some of the machine's memory.",
        )
    })
}
