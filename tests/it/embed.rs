//! The server as a part of another program: several at once, over sockets, gone when dropped.

use guestpass::Server;
use guestpass::server::Bind;
use openidconnect::HttpRequest;
use tokio::net::TcpStream;

use crate::net::http_client;
use crate::support::*;

async fn fetch(url: &str) -> Result<String, std::io::Error> {
    let request: HttpRequest = axum::http::Request::get(url).body(Vec::new()).expect("a request");
    let answer = http_client(request).await?;
    assert_eq!(answer.status(), 200);
    Ok(String::from_utf8_lossy(answer.body()).into_owned())
}

fn port(server: &Server) -> u16 {
    server.origin().rsplit(':').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn two_servers_in_one_process_share_nothing() {
    let (one, two) = tokio::join!(server(), server());
    assert_ne!(one.origin(), two.origin());
    let mut browser = one.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    agree_to_all(&one, &mut browser, "frank@northwind.example").await;
    let code = browser.parameter("code").expect("a code");
    assert_eq!(state_of(&one, 6).await, "Accepted");
    assert_eq!(state_of(&two, 6).await, "PendingAcceptance");
    assert_eq!(redeem(&two, &code, &[]).await.status, 400);
    assert_eq!(redeem(&one, &code, &[]).await.status, 200);
    let document = format!("{}/{CONTOSO}/v2.0/.well-known/openid-configuration", two.origin());
    assert!(fetch(&document).await.unwrap().contains(two.origin()));
}

#[tokio::test]
async fn a_token_of_one_server_is_worth_nothing_at_another() {
    let (one, two) = tokio::join!(server(), server());
    let token = daemon_token(&one).await;
    let path = "/v1.0/users";
    assert_eq!(with_token(&one, axum::http::Method::GET, path, &token).await.status, 200);
    assert_eq!(with_token(&two, axum::http::Method::GET, path, &token).await.status, 401);
}

#[tokio::test]
async fn a_dropped_server_stops_listening() {
    let server = server().await;
    let port = port(&server);
    let url = format!("{}/_guestpass/health", server.origin());
    assert!(fetch(&url).await.unwrap().contains("\"status\":\"ok\""));
    drop(server);
    // The tasks end at their next step: until then a connection may still be taken, unanswered.
    for _ in 0..1000 {
        if TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("port {port} still listens");
}

#[tokio::test]
async fn https_has_a_certificate_of_its_own_ca() {
    let server = Server::builder()
        .http(Bind::loopback(0))
        .https(Bind::loopback(0))
        .start()
        .await
        .expect("a server starts");
    let https = server.addresses().iter().find(|address| address.starts_with("https://"));
    let https = https.expect("an https listener").clone();
    let ca = server.ca_certificate().expect("a CA").to_owned();
    let path = format!("/{CONTOSO}/v2.0/.well-known/openid-configuration");
    let document = tls_get(&https, &ca, &path).await;
    assert!(document.contains(&format!("\"issuer\":\"{https}/{CONTOSO}/v2.0\"")), "{document}");
}

/// A request over TLS that trusts one CA only.
async fn tls_get(origin: &str, ca: &str, path: &str) -> String {
    use rustls::pki_types::pem::PemObject as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    guestpass::jose::install_provider();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(rustls::pki_types::CertificateDer::from_pem_slice(ca.as_bytes()).unwrap()).unwrap();
    let config =
        rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let host = origin.trim_start_matches("https://");
    let port: u16 = host.rsplit(':').next().unwrap().parse().unwrap();
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(config));
    let name = "localhost".try_into().unwrap();
    let mut stream = connector.connect(name, stream).await.expect("a trusted certificate");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A peer may close without close_notify; what was read counts.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}
