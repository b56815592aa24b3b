//! Processes that the tests start, and a small HTTP client to talk to them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The program, without anything of this machine's environment that it would read.
pub(crate) fn guestpass(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guestpass"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GUESTPASS_") {
            command.env_remove(name);
        }
    }
    command.env("GUESTPASS_DATA", data).env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) fn run(data: &Path, args: &[&str]) -> Output {
    guestpass(data).args(args).output().expect("guestpass runs")
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// A server process; killed when it is dropped.
pub(crate) struct Serving {
    pub(crate) child: Child,
    /// Everything up to the line that says it is ready.
    pub(crate) lines: Vec<String>,
}

impl Serving {
    /// Starts `guestpass serve` on free ports and waits until it says that it is ready.
    pub(crate) fn start(data: &Path, args: &[&str]) -> Self {
        Self::start_as(guestpass(data), args)
    }

    /// The same, with an environment that was prepared.
    pub(crate) fn start_as(mut command: Command, args: &[&str]) -> Self {
        command.arg("serve").args(["--http", "localhost:0", "--https", "localhost:0"]).args(args);
        Self::ready(command)
    }

    /// Starts a command that serves, and waits until it says that it is ready.
    pub(crate) fn ready(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("guestpass starts");
        let mut lines = Vec::new();
        for line in BufReader::new(child.stdout.take().expect("stdout")).lines() {
            lines.push(line.expect("text"));
            if lines.last().is_some_and(|line| line.starts_with("guestpass ready in ")) {
                return Self { child, lines };
            }
        }
        let mut errors = String::new();
        let _ = child.stderr.take().expect("stderr").read_to_string(&mut errors);
        let _ = child.wait();
        panic!("not ready: {lines:?} {errors}");
    }

    /// Where it listens, by scheme.
    pub(crate) fn address(&self, scheme: &str) -> String {
        let start = format!("listening {scheme}://");
        let line = self.lines.iter().find(|line| line.starts_with(&start)).expect("it listens");
        line.trim_start_matches("listening ").to_owned()
    }

    /// Sends a request over a connection of its own.
    pub(crate) fn request(&self, head: &str, body: &str) -> (u16, String) {
        let host = self.address("http").trim_start_matches("http://").to_owned();
        exchange(&host, head, body).expect("an answer")
    }

    pub(crate) fn json(&self, head: &str, body: &str) -> Value {
        let (status, body) = self.request(head, body);
        assert!(status < 300, "{status}: {body}");
        serde_json::from_str(&body).expect("JSON")
    }

    /// The token of Contoso Daemon for Graph.
    pub(crate) fn daemon_token(&self) -> String {
        let head = "POST /contoso.example/oauth2/v2.0/token\n\
                    content-type: application/x-www-form-urlencoded";
        let body = "grant_type=client_credentials&client_id=c0a70500-0000-4000-8000-0000000000a5\
                    &client_secret=contoso-daemon-secret&scope=https://graph.microsoft.com/.default";
        self.json(head, body)["access_token"].as_str().expect("a token").to_owned()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request, one answer. `head` is method and path, then header lines.
pub(crate) fn exchange(host: &str, head: &str, body: &str) -> std::io::Result<(u16, String)> {
    let (line, headers) = head.split_once('\n').unwrap_or((head, ""));
    let headers: Vec<&str> = headers.lines().map(str::trim).collect();
    let headers: String = headers.iter().flat_map(|header| [header, "\r\n"]).collect();
    let length = body.len();
    let mut stream = TcpStream::connect(host)?;
    write!(
        stream,
        "{line} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    Ok((status, body.unwrap_or_default()))
}
