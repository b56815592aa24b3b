//! The program itself: how soon it is ready, and what it holds when it is idle.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::report;

struct Running {
    child: Child,
    ready: Duration,
    said: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the program as `guestpass serve` does on loopback, http and https.
fn start(data: &std::path::Path) -> Running {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_guestpass"))
        .args(["serve", "--quiet", "--http", "127.0.0.1:0", "--https", "127.0.0.1:0", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .spawn()
        .expect("guestpass starts");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let said = lines.map_while(Result::ok).find(|line| line.starts_with("guestpass ready in"));
    Running { child, ready: begun.elapsed(), said: said.expect("it is ready") }
}

pub(super) fn start_and_memory() {
    let data = tempfile::tempdir().expect("a folder");
    let first = start(data.path());
    report("first start to ready (makes its CA)", &format!("{:.1} ms", ms(first.ready)));
    drop(first);
    let mut runs: Vec<_> =
        (0..11).map(|_| start(data.path())).map(|run| (run.ready, run.said.clone())).collect();
    runs.sort();
    let (ready, said) = &runs[runs.len() / 2];
    report("later start to ready, median of 11", &format!("{:.1} ms", ms(*ready)));
    report("  by its own account", said.trim_start_matches("guestpass ready in "));
    let idle = start(data.path());
    if let Some(resident) = resident(idle.child.id()) {
        report("resident memory, idle", &format!("{:.1} MB", resident / 1024.0));
    }
}

fn ms(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}

/// Kibibytes; `None` where there is no /proc.
fn resident(id: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
