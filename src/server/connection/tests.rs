//! Slow clients, on a clock that nobody waits for.

use std::net::Ipv4Addr;

use axum::routing::{get, post};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::time::Instant;

use super::*;
use crate::server::room::Room;

/// A connection whose pipe holds 1 KiB in each direction, and the client's end of it.
async fn connect(router: Router) -> (DuplexStream, tokio::task::JoinHandle<()>) {
    let (client, end) = duplex(1024);
    let (stop, watched) = watch::channel(false);
    let service = Service { scheme: "http", router, tls: None, stop: watched };
    let place = Room::new(1).enter().await.unwrap();
    let served = tokio::spawn(async move {
        service.http(end, Ipv4Addr::LOCALHOST.into(), place).await;
        drop(stop);
    });
    (client, served)
}

fn router() -> Router {
    Router::new()
        .route("/", get(|| async { "here" }))
        .route("/large", get(|| async { vec![b'x'; 1024 * 1024] }))
        .route(
            "/form",
            post(|request: axum::extract::Request| async {
                match crate::http::read_form_for_test(request).await {
                    Ok(()) => "read".to_owned(),
                    Err(why) => why,
                }
            }),
        )
}

#[tokio::test(start_paused = true)]
async fn a_header_that_drips_is_let_go_after_ten_seconds() {
    let (mut client, served) = connect(router()).await;
    client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
    let start = Instant::now();
    let dripping = async {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if client.write_all(b"a").await.is_err() {
                break;
            }
        }
    };
    tokio::join!(dripping, async { served.await.unwrap() });
    assert!(start.elapsed() < Duration::from_secs(12), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_let_go_after_ten_seconds() {
    let (mut client, served) = connect(router()).await;
    client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let start = Instant::now();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap();
    assert!(answer.ends_with(b"here"));
    served.await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(12), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn http_06_a_reader_that_takes_nothing_is_let_go_after_thirty_seconds() {
    let (mut client, served) = connect(router()).await;
    client.write_all(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let start = Instant::now();
    served.await.unwrap();
    assert!(start.elapsed() >= READER_PATIENCE, "{:?}", start.elapsed());
    assert!(start.elapsed() < READER_PATIENCE * 2, "{:?}", start.elapsed());
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).await.unwrap();
    assert!(rest.len() <= 2048, "{} bytes", rest.len());
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_comes_is_let_go_after_thirty_seconds() {
    let (mut client, _served) = connect(router()).await;
    let head = "POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n\r\na=";
    client.write_all(head.as_bytes()).await.unwrap();
    let start = Instant::now();
    let mut answer = vec![0; 1024];
    let length = client.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]);
    assert!(answer.contains("longer than 30 seconds"), "{answer}");
    assert!(start.elapsed() < Duration::from_secs(31), "{:?}", start.elapsed());
}
