//! Addresses that a provider's metadata must not lead to. There is no API that takes an address of a
//! provider from a caller: whoever writes the world file names the issuer. So each row's address is
//! put where an attacker could put it, into the metadata of a provider.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use guestpass::Server;
use serde_json::json;
use tokio::net::TcpListener;

use super::catalogue::rows;
use super::help::*;
use crate::provider::{Instead, Provider};
use crate::support::*;

const METADATA: &str = "/.well-known/openid-configuration";

/// The addresses of the rows, and of siblings that no row spells out.
fn addresses(server: &str) -> Vec<String> {
    let rows = rows();
    let of_rows = rows.iter().filter(|row| row.area == "ssrf").map(|row| {
        let body = row.request.as_ref().and_then(|sent| sent.body.as_ref()).expect("a body");
        let address = body["issuer_or_metadata_url"].as_str().expect("an address");
        // What a row says in words has a test of its own.
        address.split(' ').next().unwrap_or_default().replace("{own host}", server)
    });
    let siblings = [
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://127.0.0.1.:5432/",
        "http://[::]/",
        "http://[::ffff:7f00:1]/",
        "http://[::127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "http://192.168.0.1/",
        "http://198.18.0.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://[2002:7f00:1::]/",
        "http://[fd00::1]/",
        "http://[ff02::1]/",
        "https://localhost:1/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "dict://127.0.0.1:11211/",
        "http://127.0.0.1:22@up.example/",
        "http:///etc",
        "//127.0.0.1/",
        "",
    ];
    of_rows.chain(siblings.map(str::to_owned)).collect()
}

/// Counts who calls on loopback.
struct Canary {
    port: u16,
    calls: Arc<AtomicUsize>,
}

impl Canary {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { port, calls }
    }
}

/// Dave comes with the provider's answer; the page tells nothing but that it did not work.
async fn assert_not_called(server: &Server, provider: &Provider, address: &str) {
    let before = seen(server, 3).await;
    let mut dave = server.browser();
    dave.open(&authorize(CONTOSO, &[("login_hint", DAVE)])).await;
    if dave.url().starts_with(&provider.issuer) {
        let answer = provider.answer_to(&dave);
        dave.open(&answer).await;
    }
    assert!(matches!(dave.status(), 502 | 503), "{address}: {} {}", dave.status(), dave.text());
    assert!(!dave.html().contains("root:"), "{address}");
    assert_nothing_issued(&dave);
    assert_untouched(server, 3, &before).await;
}

async fn leads_to(name: &str, address: &str) {
    let provider = Provider::start().await;
    let mut document = provider.metadata();
    document.insert(name.to_owned(), json!(address));
    provider.instead(METADATA, Instead::json(&json!(document)));
    let server = server_of(&provider.as_google()).await;
    assert_not_called(&server, &provider, address).await;
}

#[tokio::test]
async fn ssrf_rows_as_keys_of_a_provider() {
    let canary = Canary::start().await;
    for address in addresses("localhost") {
        leads_to("jwks_uri", &address).await;
    }
    for host in
        ["127.0.0.1", "localhost", "127.1", "0x7f.1", "017700000001", "0", "[::ffff:127.0.0.1]"]
    {
        leads_to("jwks_uri", &format!("http://{host}:{}/", canary.port)).await;
    }
    assert_eq!(canary.calls.load(Ordering::SeqCst), 0, "somebody was called");
}

#[tokio::test]
async fn ssrf_rows_as_the_token_endpoint_of_a_provider() {
    let canary = Canary::start().await;
    for address in addresses("localhost") {
        leads_to("token_endpoint", &address).await;
    }
    leads_to("token_endpoint", &format!("http://localhost:{}/", canary.port)).await;
    assert_eq!(canary.calls.load(Ordering::SeqCst), 0, "somebody was called");
}

#[tokio::test]
async fn ssrf_24_a_redirect_is_followed_nowhere() {
    let canary = Canary::start().await;
    let own = format!("http://127.0.0.1:{}/", canary.port);
    for to in ["file:///etc/passwd", "http://169.254.169.254/", own.as_str(), "gopher://x/"] {
        for path in [METADATA, "/keys", "/token"] {
            let provider = Provider::start().await;
            let away = Instead::json(&json!({})).status(302).header("location", to);
            provider.instead(path, away);
            let server = server_of(&provider.as_google()).await;
            assert_not_called(&server, &provider, to).await;
        }
    }
    assert_eq!(canary.calls.load(Ordering::SeqCst), 0, "somebody was called");
}

#[tokio::test]
async fn ssrf_31_a_user_name_in_an_address_is_refused() {
    let provider = Provider::start().await;
    let with_user = provider.issuer.replace("http://", "http://user:pw@");
    let world = provider.as_google().replace(&provider.issuer, &with_user);
    assert!(Server::builder().world(world).start().await.is_err(), "as a configured issuer");
    for name in ["token_endpoint", "jwks_uri", "authorization_endpoint"] {
        leads_to(name, &format!("{with_user}/x")).await;
    }
}

#[tokio::test]
async fn ssrf_33_the_server_itself_is_nobodys_provider() {
    let own = "https://login.guestpass.example";
    let slot = format!(
        "\n[google_provider]\nissuer = \"{own}/{CONTOSO}/v2.0\"\nclient_id = \"{WEB}\"\n\
         client_secret = \"{WEB_SECRET}\"\n"
    );
    let world = format!("{}{slot}", guestpass::config::world::DEFAULT);
    let server = Server::builder().world(world).origin(own).start().await.unwrap();
    let mut dave = server.browser();
    dave.open(&authorize(CONTOSO, &[("login_hint", DAVE)])).await;
    assert_stopped(&dave, 502, "AADSTS40008: ");
    assert!(dave.text().contains("its issuer is this server itself"), "{}", dave.text());
}
