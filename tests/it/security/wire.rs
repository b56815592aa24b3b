//! What only a socket shows: Host, header and body limits, framing that hyper alone would take.

use axum::http::Method;
use guestpass::Server;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::*;

/// The authority of a server's http listener.
fn authority(server: &Server) -> String {
    let http = server.addresses().iter().find(|address| address.starts_with("http://"));
    http.expect("an http listener").trim_start_matches("http://").to_owned()
}

async fn connect(server: &Server) -> TcpStream {
    let port = authority(server).rsplit(':').next().unwrap().parse::<u16>().unwrap();
    TcpStream::connect(("127.0.0.1", port)).await.expect("a connection")
}

/// Writes bytes as they stand and reads until the server closes.
pub(super) async fn raw(server: &Server, bytes: &[u8]) -> String {
    let mut stream = connect(server).await;
    // The server may answer and close before it has read everything.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

pub(super) fn status(answer: &str) -> u16 {
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.unwrap_or_else(|| panic!("no answer but {answer:?}"))
}

/// GETs Contoso's discovery document with these header lines and nothing else.
async fn discovery(server: &Server, lines: &str) -> String {
    let path = format!("/{CONTOSO}/v2.0/.well-known/openid-configuration");
    raw(server, format!("GET {path} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n").as_bytes()).await
}

#[tokio::test]
async fn host_01_a_foreign_host_is_misdirected_and_named_nowhere_else() {
    let server = server().await;
    let answer = discovery(&server, "Host: evil.example\r\n").await;
    assert_eq!(status(&answer), 421, "{answer}");
    assert!(!answer.contains("https://evil.example"), "{answer}");
    assert!(!answer.contains("http://evil.example"), "{answer}");
}

async fn forwarded_is_ignored(header: &str) {
    let server = server().await;
    let host = format!("Host: {}\r\n", authority(&server));
    let plain = discovery(&server, &host).await;
    let forwarded = discovery(&server, &format!("{host}{header}\r\n")).await;
    assert_eq!(status(&forwarded), 200, "{forwarded}");
    let body = |answer: &str| answer.split_once("\r\n\r\n").unwrap().1.to_owned();
    assert_eq!(body(&plain), body(&forwarded));
    assert!(body(&plain).contains(&format!("\"http://{}/", authority(&server))), "{plain}");
}

#[tokio::test]
async fn host_02_a_forwarded_host_is_ignored() {
    forwarded_is_ignored("X-Forwarded-Host: evil.example").await;
}

#[tokio::test]
async fn host_04_a_forwarded_scheme_is_ignored() {
    forwarded_is_ignored("X-Forwarded-Proto: javascript").await;
}

#[tokio::test]
async fn host_05_a_forwarded_address_is_ignored() {
    forwarded_is_ignored("X-Forwarded-For: a").await;
}

async fn refuses(lines: &str, expected: u16) {
    let server = server().await;
    let lines = lines.replace("{host}", &authority(&server));
    let answer = discovery(&server, &lines).await;
    assert_eq!(status(&answer), expected, "{answer}");
}

#[tokio::test]
async fn host_07_two_hosts_are_refused() {
    refuses("Host: {host}\r\nHost: {host}\r\n", 400).await;
    refuses("Host: {host}\r\nHost: evil.example\r\n", 400).await;
}

#[tokio::test]
async fn host_08_no_host_is_refused() {
    refuses("", 400).await;
}

#[tokio::test]
async fn host_09_an_absolute_target_is_refused() {
    let server = server().await;
    let host = authority(&server);
    let request = format!(
        "GET http://evil.example/ HTTP/1.1\r\nHost: {host}\r\n\
                           Connection: close\r\n\r\n"
    );
    assert_eq!(status(&raw(&server, request.as_bytes()).await), 400);
}

#[tokio::test]
async fn host_12_a_host_with_a_space_or_a_tab_is_refused() {
    refuses("Host: {host} evil\r\n", 400).await;
    refuses("Host: {host}\tevil\r\n", 400).await;
}

#[tokio::test]
async fn http_01_headers_of_32_kilobytes_are_too_large() {
    refuses(&format!("Host: {{host}}\r\nX-Long: {}\r\n", "a".repeat(32 * 1024)), 431).await;
}

#[tokio::test]
async fn http_02_headers_of_500_kilobytes_are_too_large() {
    refuses(&format!("Host: {{host}}\r\nX-Long: {}\r\n", "a".repeat(500 * 1024)), 431).await;
}

#[tokio::test]
async fn http_03_a_hundred_and_one_headers_are_too_many() {
    let many: Vec<_> = (0..101).map(|number| format!("X-{number}: a\r\n")).collect();
    refuses(&format!("Host: {{host}}\r\n{}", many.concat()), 431).await;
}

#[tokio::test]
async fn http_07_idle_connections_leave_room_for_new_ones() {
    let server = server().await;
    // More than the server keeps; a machine that allows fewer files ends the loop itself.
    let mut idle = Vec::new();
    for _ in 0..4200 {
        let port = authority(&server).rsplit(':').next().unwrap().parse::<u16>().unwrap();
        match TcpStream::connect(("127.0.0.1", port)).await {
            Ok(stream) => idle.push(stream),
            Err(_) => break,
        }
    }
    let spare = idle.len() / 2;
    drop(idle.split_off(spare.max(1)));
    let host = format!("Host: {}\r\n", authority(&server));
    assert_eq!(status(&discovery(&server, &host).await), 200);
}

#[tokio::test]
async fn http_09_a_form_of_64_kilobytes_and_one_byte_is_too_large() {
    let server = server().await;
    let body = format!("a={}", "x".repeat(64 * 1024 - 1));
    assert_eq!(body.len(), 64 * 1024 + 1);
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let path = format!("/{CONTOSO}/oauth2/v2.0/token");
    let answer = send(&server, Method::POST, &path, &kind, body.clone()).await;
    assert_eq!(answer.status, 413, "{}", answer.body);
    // Chunked, so that no length is declared.
    let chunked = format!(
        "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        authority(&server),
        body.len()
    );
    assert_eq!(status(&raw(&server, chunked.as_bytes()).await), 413);
}

#[tokio::test]
async fn http_10_a_graph_body_of_a_megabyte_and_one_byte_is_too_large() {
    let server = server().await;
    let token = daemon_token(&server).await;
    let mut body = json!({"invitedUserEmailAddress": "new@x.example", "padding": ""});
    let missing = 1024 * 1024 + 1 - body.to_string().len();
    body["padding"] = "x".repeat(missing).into();
    let answer = post_json(&server, "/v1.0/invitations", &token, &body).await;
    assert_eq!(answer.status, 413, "{}", answer.body);
}

#[tokio::test]
async fn http_28_an_upgrade_to_h2c_is_ignored() {
    let server = server().await;
    let lines =
        format!("Host: {}\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n", authority(&server));
    let answer = discovery(&server, &lines).await;
    assert_eq!(status(&answer), 200, "{answer}");
}

#[tokio::test]
async fn http_29_a_compressed_body_is_not_taken() {
    let server = server().await;
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("content-encoding", "gzip")];
    let path = format!("/{CONTOSO}/oauth2/v2.0/token");
    let answer = send(&server, Method::POST, &path, &headers, "x").await;
    assert_eq!(answer.status, 415, "{}", answer.body);
}

#[tokio::test]
async fn http_14_chunked_twice_is_refused() {
    refuses("Host: {host}\r\nTransfer-Encoding: chunked, chunked\r\n", 400).await;
}

#[tokio::test]
async fn http_18_a_folded_header_is_refused() {
    refuses("Host: {host}\r\nX-Folded: a\r\n b\r\n", 400).await;
}

#[tokio::test]
async fn http_20_nul_and_cr_in_a_header_are_refused() {
    refuses("Host: {host}\r\nX-Nul: a\0b\r\n", 400).await;
    refuses("Host: {host}\r\nX-Return: a\rb\r\n", 400).await;
}
