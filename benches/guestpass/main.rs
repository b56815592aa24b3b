//! What guestpass costs, in one run: `cargo bench`.
//!
//! Everything runs on one thread, so that "per second" means per core. Machines are noisy: read the
//! ratios, not the numbers.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "it stops where it fails, and prints"
)]

mod crowd;
mod journeys;
mod process;

use std::hint::black_box;
use std::time::{Duration, Instant};

use guestpass::Server;
use guestpass::decide::hrd;

/// How long each rate is measured.
const SPAN: Duration = Duration::from_secs(2);

fn main() {
    process::start_and_memory();
    decisions();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let server = Server::builder().start().await.expect("a server starts");
        tokens(&server).await;
        sign_ins(&server).await;
        crowd::compare().await;
    });
}

/// Prints a line of the report.
fn report(what: &str, value: &str) {
    println!("{what:<58} {value:>16}");
}

/// How often something can be done in a second.
fn rate(what: impl FnMut()) -> f64 {
    rate_within(SPAN, what)
}

/// The same, measured for as long as is said.
fn rate_within(span: Duration, mut what: impl FnMut()) -> f64 {
    let (start, mut times) = (Instant::now(), 0_u32);
    while start.elapsed() < span {
        what();
        times += 1;
    }
    f64::from(times) / start.elapsed().as_secs_f64()
}

/// How often something asynchronous can be done in a second.
async fn rate_async<F: Future<Output = ()>>(what: impl FnMut() -> F) -> f64 {
    rate_async_within(SPAN, what).await
}

async fn rate_async_within<F: Future<Output = ()>>(
    span: Duration,
    mut what: impl FnMut() -> F,
) -> f64 {
    let (start, mut times) = (Instant::now(), 0_u32);
    while start.elapsed() < span {
        what().await;
        times += 1;
    }
    f64::from(times) / start.elapsed().as_secs_f64()
}

fn decisions() {
    let facts = journeys::facts();
    assert_eq!(hrd::decide(&facts).decided_by(), "one-time-passcode");
    let per_second = rate(|| {
        for _ in 0..1000 {
            let _ = black_box(hrd::decide(black_box(&facts)));
        }
    }) * 1000.0;
    report(
        "discovery decision (passcode, the longest trace)",
        &format!("{:.0} ns", 1e9 / per_second),
    );
}

/// Client-credential tokens beside bare signatures of the same key, in short turns: what else the
/// machine does meanwhile slows both. Told are medians.
async fn tokens(server: &Server) {
    const TURN: Duration = Duration::from_millis(50);
    let key = server.broker().keys().current.work.clone();
    let message = [0x61_u8; 900];
    let (mut signatures, mut tokens, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..60 {
        let signed = rate_within(TURN, || {
            black_box(key.sign_bytes(black_box(&message)));
        });
        let issued = rate_async_within(TURN, || async {
            assert!(journeys::daemon_token(server).await.len() > 500);
        });
        let issued = issued.await;
        signatures.push(signed);
        tokens.push(issued);
        ratios.push(issued / signed);
    }
    report("RS256 signatures per second", &format!("{:.0}", median(signatures)));
    report("client-credential tokens per second", &format!("{:.0}", median(tokens)));
    report("  tokens per signature", &format!("{:.2}", median(ratios)));
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Authorize to tokens: a returning guest who gets a passcode each time.
async fn sign_ins(server: &Server) {
    let guest = journeys::Guest::CONTOSO_FRANK;
    journeys::sign_in(server, &guest).await;
    let per_second = rate_async(|| journeys::sign_in(server, &guest)).await;
    report("guest sign-ins per second (passcode, returning)", &format!("{per_second:.0}"));
    let per_second = rate_async(|| async {
        black_box(journeys::discovery_document(server).await);
    });
    report("discovery documents per second", &format!("{:.0}", per_second.await));
}
