//! What can be typed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use guestpass::broker::EntryName;
use guestpass::ids::EmailAddress;
use guestpass::server::{Bind, origin, tls_name};

/// A mock Microsoft Entra ID for B2B guests: for tests and demonstrations.
///
/// Without a command it serves the default world on <http://localhost:8080> and
/// <https://localhost:8443>.
#[derive(Debug, Parser)]
#[command(name = "guestpass", version, styles = super::style::help())]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(super) struct Global {
    /// The world file; without it, the built-in world of Contoso.
    #[arg(long, value_name = "FILE", env = "GUESTPASS_WORLD", global = true)]
    pub(super) world: Option<PathBuf>,
    /// Answer in JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve a world (what happens without a command).
    Serve(Box<ServeArgs>),
    /// Tell a guest's whole journey, hop by hop, without a browser or a port.
    Demo(DemoArgs),
    /// Say where an address would sign in, and why: in the world as it is at the start. A running
    /// server answers `GET /_guestpass/explain`.
    Explain(ExplainArgs),
    /// Check or show a world file.
    #[command(subcommand)]
    World(WorldCommand),
    /// Print the path of the CA certificate that https clients must trust.
    Ca(CaArgs),
    /// Signing keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// Flags win over `GUESTPASS_…` variables, those over the config file.
#[derive(Debug, Default, Args)]
pub(super) struct ServeArgs {
    /// A TOML file with these settings; their names with `_` for `-`.
    #[arg(long, value_name = "FILE", env = "GUESTPASS_CONFIG")]
    pub(super) config: Option<PathBuf>,
    /// Where records live: `memory`, or a SQLite file that outlives the server.
    #[arg(long, value_name = "memory|FILE.db", env = "GUESTPASS_STORE")]
    pub(super) store: Option<String>,
    /// Listen for http there; may be repeated; port 0 picks a free one [default: localhost:8080].
    #[arg(long, value_name = "ADDR", env = "GUESTPASS_HTTP", value_delimiter = ',')]
    pub(super) http: Vec<Bind>,
    /// Listen for https there; may be repeated [default: localhost:8443].
    #[arg(long, value_name = "ADDR", env = "GUESTPASS_HTTPS", value_delimiter = ',')]
    pub(super) https: Vec<Bind>,
    /// A further origin by which clients call the server, such as `http://guestpass:8080`; may be
    /// repeated.
    #[arg(long, value_name = "URL", env = "GUESTPASS_ORIGIN", value_delimiter = ',', value_parser = origin)]
    pub(super) origin: Vec<String>,
    /// The origin that every token names, whatever address it was fetched by.
    #[arg(long, value_name = "URL", env = "GUESTPASS_ISSUER_ORIGIN", value_parser = origin)]
    pub(super) issuer_origin: Option<String>,
    /// Opens control API and inbox to whoever sends this token, when not listening on loopback.
    #[arg(long, value_name = "TOKEN", env = "GUESTPASS_CONTROL_TOKEN", hide_env_values = true)]
    pub(super) control_token: Option<String>,
    /// Where the CA and generated keys are kept [default: `$XDG_DATA_HOME/guestpass`].
    #[arg(long, value_name = "DIR", env = "GUESTPASS_DATA")]
    pub(super) data: Option<PathBuf>,
    /// Serve no https.
    #[arg(long, env = "GUESTPASS_NO_TLS", value_parser = clap::builder::FalseyValueParser::new(), num_args = 0)]
    pub(super) no_tls: bool,
    /// A certificate chain (PEM) for https, in place of our own.
    #[arg(long, value_name = "FILE", env = "GUESTPASS_TLS_CERT")]
    pub(super) tls_cert: Option<PathBuf>,
    /// Its private key (PEM).
    #[arg(long, value_name = "FILE", env = "GUESTPASS_TLS_KEY")]
    pub(super) tls_key: Option<PathBuf>,
    /// A further name of our own certificate, a host or an address, besides those of all origins;
    /// may be repeated.
    #[arg(long, value_name = "NAME", env = "GUESTPASS_TLS_NAME", value_delimiter = ',', value_parser = tls_name)]
    pub(super) tls_name: Vec<String>,
    /// A signing key made by `guestpass keys new`, in place of the development key.
    #[arg(long, value_name = "FILE", env = "GUESTPASS_SIGNING_KEY")]
    pub(super) signing_key: Option<PathBuf>,
    /// Print only the lines `listening URL` and `guestpass ready in N ms`.
    #[arg(long, short, env = "GUESTPASS_QUIET", value_parser = clap::builder::FalseyValueParser::new(), num_args = 0)]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Which way in.
    pub(super) journey: Journey,
    /// The guest [default: `carol@outlook.com` for compare, else `frank@northwind.example`; in
    /// another world its first pending guest].
    #[arg(long, value_name = "ADDR")]
    pub(super) guest: Option<EmailAddress>,
    /// The inviting tenant: id, domain or name [default: the first that has the guest].
    #[arg(long, value_name = "T")]
    pub(super) tenant: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Journey {
    /// An application's sign-in at the tenant, without the mail.
    DirectLink,
    /// The link in the invitation mail.
    Email,
    /// Both, side by side.
    Compare,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The address.
    #[arg(value_name = "ADDR")]
    pub(super) address: EmailAddress,
    /// The resource tenant: id, domain or name.
    #[arg(long, value_name = "T")]
    pub(super) tenant: String,
    /// How the guest comes in.
    #[arg(long, value_name = "direct-link|email-link|common", default_value = "direct-link")]
    pub(super) entry: EntryName,
}

#[derive(Debug, Subcommand)]
pub(super) enum WorldCommand {
    /// Name the mistakes in a world file, with line and hint; one of shape, such as an unknown key,
    /// hides the others.
    Check {
        /// The file; or `--world`.
        file: Option<PathBuf>,
    },
    /// Print the world with every default filled in.
    Show,
}

#[derive(Debug, Args)]
pub(super) struct CaArgs {
    /// Where the CA is kept [default: `$XDG_DATA_HOME/guestpass`].
    #[arg(long, value_name = "DIR", env = "GUESTPASS_DATA")]
    pub(super) data: Option<PathBuf>,
    /// A further origin that the certificate must name, as for `serve`.
    #[arg(long, value_name = "URL", env = "GUESTPASS_ORIGIN", value_delimiter = ',', value_parser = origin)]
    pub(super) origin: Vec<String>,
    /// A further name of the certificate, as for `serve`.
    #[arg(long, value_name = "NAME", env = "GUESTPASS_TLS_NAME", value_delimiter = ',', value_parser = tls_name)]
    pub(super) tls_name: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Make an RSA signing key with its certificate, as PEM.
    New {
        /// Write it there instead of to stdout. An existing file is not overwritten.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Have a running server sign with new keys. It goes on taking what the old ones have signed as
    /// long as that can live.
    Rotate(RotateArgs),
}

#[derive(Debug, Args)]
pub(super) struct RotateArgs {
    /// The server.
    #[arg(long, value_name = "URL", default_value = "http://localhost:8080", value_parser = origin)]
    pub(super) server: String,
    /// Its control token, if it has one.
    #[arg(long, value_name = "TOKEN", env = "GUESTPASS_CONTROL_TOKEN", hide_env_values = true)]
    pub(super) control_token: Option<String>,
    /// Ask no server: replace the generated keys of the data directory, for the next start.
    #[arg(long, conflicts_with = "server")]
    pub(super) offline: bool,
    /// Where the generated keys are kept [default: `$XDG_DATA_HOME/guestpass`].
    #[arg(long, value_name = "DIR", env = "GUESTPASS_DATA")]
    pub(super) data: Option<PathBuf>,
}

const ABOUT: [&str; 4] = ["-h", "--help", "-V", "--version"];

/// Reads the command line. Where a flag and a variable contradict each other, the flag wins.
pub(super) fn parse(args: impl Iterator<Item = OsString>) -> Cli {
    use clap::parser::ValueSource::CommandLine;
    let matches = Cli::command().get_matches_from(with_default_command(args));
    let typed = |name: &str| {
        let serve = matches.subcommand_matches("serve");
        serve.is_some_and(|serve| serve.value_source(name) == Some(CommandLine))
    };
    let (no_tls, https) = (typed("no_tls"), typed("https"));
    let mut cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    if let Command::Serve(args) = &mut cli.command
        && https
        && !no_tls
    {
        args.no_tls = false;
    }
    cli
}

/// `guestpass --quiet` means `guestpass serve --quiet`.
fn with_default_command(args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut args: Vec<OsString> = args.collect();
    let typed = args.get(1..).unwrap_or_default();
    let is = |arg: &OsString, words: &[&str]| words.iter().any(|word| arg == word);
    let about = typed.first().is_some_and(|arg| is(arg, &ABOUT));
    // What every command takes may stand before the command; the first flag of another kind is one
    // of `serve`.
    let mut rest = typed.iter();
    let command = loop {
        match rest.next() {
            Some(arg) if arg == "--world" => drop(rest.next()),
            Some(arg) if arg == "--json" => {}
            Some(arg) if arg.as_encoded_bytes().starts_with(b"--world=") => {}
            other => break other,
        }
    };
    let is_flag = |arg: &OsString| arg.as_encoded_bytes().starts_with(b"-");
    if !about && command.is_none_or(is_flag) {
        args.insert(1.min(args.len()), "serve".into());
    }
    args
}

#[cfg(test)]
mod tests {
    use super::{Cli, with_default_command};
    use clap::CommandFactory as _;

    #[test]
    fn is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn serves_without_a_command() {
        for (typed, meant) in [
            (vec![], vec!["serve"]),
            (vec!["--quiet"], vec!["serve", "--quiet"]),
            (vec!["--http", "127.0.0.1:0"], vec!["serve", "--http", "127.0.0.1:0"]),
            (
                vec!["--world", "f.toml", "explain", "a@b.c"],
                vec!["--world", "f.toml", "explain", "a@b.c"],
            ),
            (vec!["--quiet", "--data", "ca"], vec!["serve", "--quiet", "--data", "ca"]),
            (vec!["--world", "ca"], vec!["serve", "--world", "ca"]),
            (vec!["--json", "ca"], vec!["--json", "ca"]),
            (vec!["--help"], vec!["--help"]),
            (vec!["explian"], vec!["explian"]),
        ] {
            let argv = std::iter::once("guestpass").chain(typed).map(Into::into);
            let got = with_default_command(argv);
            let got: Vec<_> = got.iter().skip(1).map(|arg| arg.to_str().unwrap()).collect();
            assert_eq!(got, meant);
        }
    }
}
