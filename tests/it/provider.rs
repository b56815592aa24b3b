//! An OpenID Connect provider that can be bent: for what the broker must not believe.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::http::{Request, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guestpass::Server;
use guestpass::browser::Browser;
use guestpass::jose::{KeySet, SigningKey};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::support::*;

/// guestpass's client id there.
pub(crate) const CLIENT: &str = "guestpass-there";
pub(crate) const SECRET: &str = "a-secret-of-the-broker";

/// An answer in place of the honest one.
#[derive(Clone)]
pub(crate) struct Instead {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Instead {
    pub(crate) fn json(body: &Value) -> Self {
        let kind = ("content-type".to_owned(), "application/json".to_owned());
        Self { status: 200, headers: vec![kind], body: body.to_string().into_bytes() }
    }

    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// What becomes of honest claims.
type Claims = Box<dyn Fn(&mut Map<String, Value>) + Send>;
/// What becomes of honest claims and their key: a token, whatever that is.
type Forge = Box<dyn Fn(&SigningKey, Map<String, Value>) -> String + Send>;

struct Bent {
    key: Arc<SigningKey>,
    nonce: String,
    now: i64,
    claims: Claims,
    forge: Forge,
    instead: BTreeMap<String, Instead>,
    calls: Vec<String>,
}

/// The provider, at a port of its own.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    bent: Arc<Mutex<Bent>>,
    task: JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A key that the provider signs with.
pub(crate) fn key() -> Arc<SigningKey> {
    KeySet::development().unwrap().google
}

/// Another one.
pub(crate) fn other_key() -> Arc<SigningKey> {
    KeySet::development().unwrap().work
}

impl Provider {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let bent = Arc::new(Mutex::new(Bent {
            key: key(),
            nonce: String::new(),
            now: guestpass::clock::Clock::system().now().as_second(),
            claims: Box::new(|_| ()),
            forge: Box::new(|key, claims| key.sign(&claims)),
            instead: BTreeMap::new(),
            calls: Vec::new(),
        }));
        let (shared, own) = (bent.clone(), issuer.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (shared, own) = (shared.clone(), own.clone());
                let serve = service_fn(move |request: Request<hyper::body::Incoming>| {
                    let answer = answer(&shared, &own, request.uri().path());
                    async move { Ok::<_, Infallible>(answer) }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), serve));
            }
        });
        Self { issuer, bent, task }
    }

    fn bent(&self) -> std::sync::MutexGuard<'_, Bent> {
        self.bent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the claims of its id tokens.
    pub(crate) fn claims(&self, claims: impl Fn(&mut Map<String, Value>) + Send + 'static) {
        self.bent().claims = Box::new(claims);
    }

    /// Sets one claim of its id tokens.
    pub(crate) fn claim(&self, name: &'static str, value: impl Into<Value>) {
        let value = value.into();
        self.claims(move |claims| drop(claims.insert(name.to_owned(), value.clone())));
    }

    /// Makes something else of the claims than a signed token.
    pub(crate) fn forge(
        &self,
        forge: impl Fn(&SigningKey, Map<String, Value>) -> String + Send + 'static,
    ) {
        self.bent().forge = Box::new(forge);
    }

    /// Signs with another key from now on.
    pub(crate) fn rotate(&self, key: Arc<SigningKey>) {
        self.bent().key = key;
    }

    /// Answers something else at a path.
    pub(crate) fn instead(&self, path: &str, answer: Instead) {
        self.bent().instead.insert(path.to_owned(), answer);
    }

    /// Is honest again.
    pub(crate) fn repent(&self) {
        let mut bent = self.bent();
        bent.instead.clear();
        bent.claims = Box::new(|_| ());
        bent.forge = Box::new(|key, claims| key.sign(&claims));
    }

    /// How often a path was called.
    pub(crate) fn calls(&self, path: &str) -> usize {
        self.bent().calls.iter().filter(|called| *called == path).count()
    }

    /// Its clock.
    pub(crate) fn set_clock(&self, seconds: i64) {
        self.bent().now = seconds;
    }

    /// An id token as it would give it now.
    pub(crate) fn token(&self) -> String {
        let tokens = tokens(&self.bent(), &self.issuer);
        tokens["id_token"].as_str().unwrap().to_owned()
    }

    /// The discovery document, to be changed.
    pub(crate) fn metadata(&self) -> Map<String, Value> {
        match metadata(&self.issuer) {
            Value::Object(document) => document,
            _ => unreachable!("it is an object"),
        }
    }

    /// The member `google_provider` of a world file.
    pub(crate) fn slot(&self, name: &str) -> String {
        format!(
            "\n[{name}]\nissuer = \"{}\"\nclient_id = \"{CLIENT}\"\nclient_secret = \"{SECRET}\"\n",
            self.issuer
        )
    }

    /// The default world with this provider as Google.
    pub(crate) fn as_google(&self) -> String {
        format!("{}{}", guestpass::config::world::DEFAULT, self.slot("google_provider"))
    }

    /// The default world with this provider as Fabrikam's.
    pub(crate) fn as_fabrikam(&self) -> String {
        let line = "federated_domains = [\"corp.fabrikam.example\"]\n";
        let world = guestpass::config::world::DEFAULT;
        assert!(world.contains(line));
        world.replacen(line, &format!("{line}{}", self.slot("tenant.provider")), 1)
    }

    /// Where the browser comes back with this provider's answer. The browser stands at the provider.
    pub(crate) fn answer_to(&self, browser: &Browser<'_>) -> String {
        let asked = url::Url::parse(browser.url()).unwrap();
        let parameter = |wanted: &str| {
            let found = asked.query_pairs().find(|(name, _)| name == wanted);
            found.unwrap_or_else(|| panic!("no {wanted} in {asked}")).1.into_owned()
        };
        assert!(browser.url().starts_with(&self.issuer), "{} {}", browser.url(), browser.text());
        self.bent().nonce = parameter("nonce");
        let (callback, state) = (parameter("redirect_uri"), parameter("state"));
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("code", "a-code").append_pair("state", &state);
        format!("{callback}?{}", query.finish())
    }

    /// Sends a person to this provider from Contoso, and gives the address of its answer.
    pub(crate) async fn ask<'s>(&self, server: &'s Server, name: &str) -> (Browser<'s>, String) {
        let mut browser = server.browser();
        browser.open(&authorize(CONTOSO, &[("login_hint", name)])).await;
        let answer = self.answer_to(&browser);
        (browser, answer)
    }

    /// The same, and the browser has come back with the answer.
    pub(crate) async fn sign_in<'s>(&self, server: &'s Server, name: &str) -> Browser<'s> {
        let (mut browser, answer) = self.ask(server, name).await;
        browser.open(&answer).await;
        browser
    }
}

fn metadata(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    })
}

fn answer(bent: &Arc<Mutex<Bent>>, issuer: &str, path: &str) -> Response<Body> {
    let mut bent = bent.lock().unwrap_or_else(PoisonError::into_inner);
    bent.calls.push(path.to_owned());
    let honest = || match path {
        "/.well-known/openid-configuration" => Instead::json(&metadata(issuer)),
        "/keys" => Instead::json(&json!({"keys": [bent.key.public().jwk(None)]})),
        "/token" => Instead::json(&tokens(&bent, issuer)),
        _ => Instead::json(&json!({"error": "not_found"})).status(404),
    };
    let Instead { status, headers, body } = bent.instead.get(path).cloned().unwrap_or_else(honest);
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Body::from(body)).unwrap()
}

/// What Dave's account at Google looks like.
fn tokens(bent: &Bent, issuer: &str) -> Value {
    let access_token = "an-access-token";
    let mut claims = Map::new();
    for (name, value) in [
        ("iss", json!(issuer)),
        ("aud", json!(CLIENT)),
        ("sub", json!("subject-of-dave")),
        ("nonce", json!(bent.nonce)),
        ("iat", json!(bent.now)),
        ("exp", json!(bent.now + 3600)),
        ("at_hash", json!(half_hash(access_token))),
        ("email", json!("dave@gmail.com")),
        ("email_verified", json!(true)),
        ("name", json!("Dave")),
    ] {
        claims.insert(name.to_owned(), value);
    }
    (bent.claims)(&mut claims);
    let id_token = (bent.forge)(&bent.key, claims);
    json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": 3600,
        "id_token": id_token,
    })
}

/// `at_hash` and `c_hash`: the left half of the SHA-256.
pub(crate) fn half_hash(value: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, value.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16])
}
