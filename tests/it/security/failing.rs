//! Providers that are down, slow, or answer garbage: the prose rows of the catalogue. Rows about
//! certificates and names stand beside the client (`src/upstream/external/tests.rs`).

use std::sync::Arc;

use guestpass::Server;
use guestpass::config::world::DEFAULT;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::help::*;
use crate::provider::{Instead, Provider};
use crate::support::*;

const METADATA: &str = "/.well-known/openid-configuration";

/// A page that says what is wrong and leads on; the invitation stands, and others are not affected.
async fn assert_trouble(server: &Server, dave: &guestpass::browser::Browser<'_>, before: &Value) {
    assert!(matches!(dave.status(), 502 | 503), "{} {}", dave.status(), dave.text());
    let alert = dave.alert().unwrap_or_default();
    assert!(alert.starts_with("AADSTS40008: ") || alert.starts_with("AADSTS40010: "), "{alert}");
    assert!(dave.link("Use another account").is_some(), "{}", dave.text());
    assert!(dave.text().contains("Correlation ID: "), "{}", dave.text());
    assert_nothing_issued(dave);
    assert_untouched(server, 3, before).await;
    let frank = signed_in(server, FRANK).await;
    assert!(frank.parameter("code").is_some());
}

/// An answer of the provider at each of its addresses in turn.
async fn fails(instead: &Instead) {
    for path in [METADATA, "/keys", "/token"] {
        let provider = Provider::start().await;
        let server = server_of(&provider.as_google()).await;
        let before = seen(&server, 3).await;
        provider.instead(path, instead.clone());
        let mut dave = server.browser();
        dave.open(&authorize(CONTOSO, &[("login_hint", DAVE)])).await;
        if path == "/token" {
            let answer = provider.answer_to(&dave);
            dave.open(&answer).await;
        }
        assert_trouble(&server, &dave, &before).await;
        // What was kept of it does no harm: once it is well, it is well.
        provider.repent();
        let dave = provider.sign_in(&server, DAVE).await;
        assert_eq!(dave.heading(), "Review permissions", "{path}: {}", dave.text());
    }
}

/// An answer of the token endpoint that is nearly right.
async fn fails_with_tokens(name: &'static str, value: Value) {
    let provider = Provider::start().await;
    let server = server_of(&provider.as_google()).await;
    let before = seen(&server, 3).await;
    let mut tokens =
        json!({"access_token": "x", "token_type": "Bearer", "expires_in": 3600, "id_token": "x"});
    tokens[name] = value;
    let (mut dave, answer) = provider.ask(&server, DAVE).await;
    // The id token is a good one: only the named member is wrong.
    let good = provider.token();
    if name != "id_token" {
        tokens["id_token"] = good.into();
    }
    provider.instead("/token", Instead::json(&tokens));
    dave.open(&answer).await;
    assert_trouble(&server, &dave, &before).await;
}

/// A port at which somebody accepts connections and behaves badly.
async fn listening<F>(behave: impl Fn(tokio::net::TcpStream) -> F + Send + 'static) -> u16
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(behave(stream));
        }
    });
    port
}

async fn google_at(issuer: &str) -> Server {
    let slot = format!("\n[google_provider]\nissuer = \"{issuer}\"\nclient_id = \"x\"\n");
    server_of(&format!("{DEFAULT}{slot}")).await
}

/// Nothing is waited for: the clock of the runtime goes on when everybody waits.
async fn stalls(issuer: &str) {
    let server = google_at(issuer).await;
    let before = seen(&server, 3).await;
    let started = tokio::time::Instant::now();
    let mut dave = server.browser();
    dave.open(&authorize(CONTOSO, &[("login_hint", DAVE)])).await;
    let took = started.elapsed().as_secs();
    assert!((10..12).contains(&took), "{took} seconds");
    assert!(dave.text().contains("did not answer within 10 seconds"), "{}", dave.text());
    assert_trouble(&server, &dave, &before).await;
}

#[tokio::test(start_paused = true)]
async fn upf_02_a_provider_that_accepts_and_says_nothing_is_given_up() {
    let port = listening(|mut stream| async move {
        let mut request = Vec::new();
        let _ = stream.read_to_end(&mut request).await;
    })
    .await;
    stalls(&format!("http://127.0.0.1:{port}")).await;
}

#[tokio::test(start_paused = true)]
async fn upf_03_a_handshake_that_stalls_is_given_up() {
    let port = listening(|mut stream| async move {
        let mut request = Vec::new();
        let _ = stream.read_to_end(&mut request).await;
    })
    .await;
    stalls(&format!("https://127.0.0.1:{port}")).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_drips_is_given_up() {
    let port = listening(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n").await;
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
    })
    .await;
    stalls(&format!("http://127.0.0.1:{port}")).await;
}

#[tokio::test]
async fn upf_05_a_gigabyte_is_not_read() {
    let port = listening(|mut stream| async move {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
                    Content-Length: 1073741824\r\n\r\n";
        let _ = stream.write_all(head.as_bytes()).await;
        let part = vec![b' '; 64 * 1024];
        while stream.write_all(&part).await.is_ok() {}
    })
    .await;
    let server = google_at(&format!("http://127.0.0.1:{port}")).await;
    let before = seen(&server, 3).await;
    let mut dave = server.browser();
    dave.open(&authorize(CONTOSO, &[("login_hint", DAVE)])).await;
    assert!(dave.text().contains("sent too much"), "{}", dave.text());
    assert_trouble(&server, &dave, &before).await;
}

/// Nothing is unpacked: what is not JSON as it stands is no answer.
#[tokio::test]
async fn upf_06_a_compressed_bomb_stays_packed() {
    let packed = Instead {
        status: 200,
        headers: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("content-encoding".to_owned(), "gzip".to_owned()),
        ],
        body: [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &vec![0; 100_000]].concat(),
    };
    fails(&packed).await;
}

#[tokio::test]
async fn upf_07_a_provider_in_trouble_is_in_trouble() {
    for status in [500, 502, 503, 504] {
        fails(&Instead::json(&json!({"error": "server_error"})).status(status)).await;
    }
}

#[tokio::test]
async fn upf_08_a_provider_that_has_enough_is_not_waited_for() {
    let busy = Instead::json(&json!({})).status(429).header("retry-after", "999999");
    fails(&busy).await;
}

#[tokio::test]
async fn upf_09_a_page_is_no_answer() {
    let page = Instead {
        status: 200,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: b"<html><script>alert(1)</script></html>".to_vec(),
    };
    fails(&page).await;
    // JSON that says it is a page is none, either, and neither is half of it.
    fails(&Instead::json(&json!({"keys": []})).header("content-type", "text/html")).await;
    let half = Instead { body: b"{\"issuer\":".to_vec(), ..Instead::json(&json!({})) };
    fails(&half).await;
}

#[tokio::test]
async fn a_redirect_is_no_answer() {
    for to in ["http://169.254.169.254/", "file:///etc/passwd", "/elsewhere"] {
        fails(&Instead::json(&json!({})).status(302).header("location", to)).await;
    }
}

#[tokio::test]
async fn upf_13_a_token_that_is_no_bearer_token_is_none() {
    for kind in [json!("mac"), json!("DPoP"), json!(""), json!(5), Value::Null] {
        fails_with_tokens("token_type", kind).await;
    }
}

#[tokio::test]
async fn upf_14_a_lifetime_that_is_no_number_is_none() {
    for lifetime in [json!("abc"), json!({}), json!(1.5)] {
        fails_with_tokens("expires_in", lifetime).await;
    }
}

#[tokio::test]
async fn upf_15_a_lifetime_below_zero_is_none() {
    fails_with_tokens("expires_in", json!(-1)).await;
}

/// The browser leaves while the provider has not answered yet, and the provider answers then.
#[tokio::test]
async fn upf_22_an_answer_after_the_browser_has_left_changes_nothing() {
    let (asked, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (arrived, released) = (asked.clone(), go_on.clone());
    let port = listening(move |mut stream| {
        let (arrived, released) = (arrived.clone(), released.clone());
        async move {
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await;
            arrived.notify_one();
            released.notified().await;
            let answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
                           Content-Length: 2\r\nConnection: close\r\n\r\n{}";
            let _ = stream.write_all(answer).await;
        }
    })
    .await;
    let server = google_at(&format!("http://127.0.0.1:{port}")).await;
    let before = seen(&server, 3).await;
    let mut dave = server.browser();
    let way = authorize(CONTOSO, &[("login_hint", DAVE)]);
    tokio::select! {
        _ = dave.open(&way) => panic!("nobody has answered: {}", dave.text()),
        () = asked.notified() => {}
    }
    go_on.notify_waiters();
    go_on.notify_one();
    assert_untouched(&server, 3, &before).await;
    assert!(dave.cookie(SESSION).is_none());
    // Whoever comes next is answered, and the rest of the server has not noticed.
    let mut again = server.browser();
    go_on.notify_one();
    again.open(&way).await;
    assert_trouble(&server, &again, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_who_wait_for_a_provider_hold_nobody_else_up() {
    let asked = Arc::new(tokio::sync::Semaphore::new(0));
    let arrived = asked.clone();
    let port = listening(move |mut stream| {
        let arrived = arrived.clone();
        async move {
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await;
            arrived.add_permits(1);
            let _ = stream.read(&mut request).await;
        }
    })
    .await;
    let server = Arc::new(google_at(&format!("http://127.0.0.1:{port}")).await);
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let server = server.clone();
        waiting.spawn(async move {
            server.browser().open(&authorize(CONTOSO, &[("login_hint", DAVE)])).await;
        });
    }
    let all = asked.acquire_many(200).await.unwrap();
    for _ in 0..3 {
        let frank = signed_in(&server, FRANK).await;
        assert!(frank.parameter("code").is_some());
    }
    drop(all);
    waiting.shutdown().await;
}
