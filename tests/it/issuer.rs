//! An outside issuer on a socket of its own: what it publishes a test may change under way.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The issuer. It stops when it is dropped.
pub(crate) struct Issuer {
    pub(crate) url: String,
    published: Arc<Mutex<Published>>,
    task: tokio::task::JoinHandle<()>,
}

/// What it answers.
#[derive(Debug, Clone)]
struct Published {
    document: Value,
    keys: String,
    kind: String,
    status: u16,
    asked: usize,
}

impl Issuer {
    /// Starts with the keys that are given.
    pub(crate) async fn start(keys: &Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let document = json!({"issuer": url, "jwks_uri": format!("{url}/keys")});
        let keys = keys.to_string();
        let kind = "application/json".to_owned();
        let published = Published { document, keys, kind, status: 200, asked: 0 };
        let published = Arc::new(Mutex::new(published));
        let shared = published.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, shared.clone()));
            }
        });
        Self { url, published, task }
    }

    fn change(&self, change: impl FnOnce(&mut Published)) {
        change(&mut self.published.lock().expect("a lock"));
    }

    /// Publishes other keys.
    pub(crate) fn publish(&self, keys: &Value) {
        self.change(|published| published.keys = keys.to_string());
    }

    /// Publishes something else than keys.
    pub(crate) fn publish_text(&self, text: String) {
        self.change(|published| published.keys = text);
    }

    /// Says something else about itself.
    pub(crate) fn describe(&self, document: Value) {
        self.change(|published| published.document = document);
    }

    /// Calls its documents so (`Content-Type`); the empty name is left out.
    pub(crate) fn call_it(&self, kind: &str) {
        self.change(|published| kind.clone_into(&mut published.kind));
    }

    /// Answers with another status from now on.
    pub(crate) fn answer_with(&self, status: u16) {
        self.change(|published| published.status = status);
    }

    /// How often its keys were asked for.
    pub(crate) fn asked(&self) -> usize {
        self.published.lock().expect("a lock").asked
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut stream: TcpStream, published: Arc<Mutex<Published>>) {
    let mut request = Vec::new();
    let mut chunk = [0; 1024];
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut chunk).await {
            Ok(read) if read > 0 => request.extend_from_slice(&chunk[..read]),
            _ => return,
        }
    }
    let (status, kind, body) = {
        let mut published = published.lock().expect("a lock");
        let body = if request.starts_with(b"GET /keys ") {
            published.asked += 1;
            published.keys.clone()
        } else {
            published.document.to_string()
        };
        (published.status, published.kind.clone(), body)
    };
    let location = if status == 302 { "location: http://127.0.0.1:1/\r\n" } else { "" };
    let kind = if kind.is_empty() { kind } else { format!("content-type: {kind}\r\n") };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\n{kind}{location}content-length: \
         {length}\r\nconnection: close\r\n\r\n"
    );
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
}
