//! Tokens of outside issuers, which prove that a client is itself (workload identity federation).
//!
//! An issuer's discovery document names its keys, both are fetched through [`HttpClient`] with its
//! limits, and kept for a day. An unknown key, or a signature that does not verify, has them fetched
//! anew, once per cool-down and never twice at a time; keys that are known stay when that fails.

use std::collections::BTreeMap;
use std::sync::Arc;

use hyper::header::ACCEPT;
use hyper::{Request, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use super::endpoint::may_be_followed;
use super::http::{HttpClient, media_type};
use crate::ids::ClientId;
use crate::jose::{Algorithm, Compact, PublicKey};
use crate::protocol::federated::OutsideProof;

/// How often the keys are fetched because one was unknown, or did not verify.
const COOL_DOWN: SignedDuration = SignedDuration::from_secs(60);
/// How soon an issuer that has never answered is asked again.
const PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// How long keys are taken without asking.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// How long they are taken if the issuer does not answer any more.
const LAST_RESORT: SignedDuration = SignedDuration::from_hours(48);
/// More keys than any issuer publishes.
const MOST_KEYS: usize = 100;
/// What a document may be called. Clusters have theirs in plain object stores, which know no better
/// than bytes, or nothing.
const STORED_AS: [&str; 5] = [
    "application/json",
    "application/jwk-set+json",
    "application/octet-stream",
    "binary/octet-stream",
    "",
];

/// Why a token of an outside issuer is no proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutsideFault {
    /// The token is signed in another way than RS256.
    #[error("the alg '{0}' is not supported, RS256 is")]
    Algorithm(String),
    /// The issuer does not publish the key, or publishes two of that name.
    #[error("the key '{kid}' is not among the issuer's keys")]
    KeyUnknown {
        /// Its name.
        kid: String,
        /// Why the keys could not be read anew, if that was tried last.
        failure: Option<String>,
    },
    /// The signature does not verify.
    #[error("the signature does not verify")]
    Signature,
    /// The issuer does not answer, or with something else than it should.
    #[error("{0}")]
    Unreachable(String),
}

/// The outside issuers that have been asked so far.
#[derive(Debug)]
pub struct OutsideIssuers {
    http: HttpClient,
    known: Mutex<BTreeMap<String, Arc<Mutex<Issuer>>>>,
}

#[derive(Debug, Default)]
struct Issuer {
    keys: Vec<Key>,
    read_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
    failure: String,
}

#[derive(Debug)]
struct Key {
    kid: Option<String>,
    public: PublicKey,
}

/// What of a discovery document matters: `authorization_endpoint` and the like are missing where
/// nobody signs in.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct KeyDocument {
    keys: Vec<serde_json::Map<String, serde_json::Value>>,
}

impl OutsideIssuers {
    /// Issuers that are reached through `http`.
    pub fn new(http: HttpClient) -> Self {
        Self { http, known: Mutex::default() }
    }

    /// Verifies that `issuer` has signed a token that speaks for an application. That it is the
    /// registered issuer, and what the token says, the caller has checked.
    pub async fn verify(
        &self,
        application: ClientId,
        issuer: &str,
        token: &Compact,
        now: Timestamp,
    ) -> Result<OutsideProof, OutsideFault> {
        if token.alg() != "RS256" {
            let shown = token.alg().chars().take(40).collect();
            return Err(OutsideFault::Algorithm(shown));
        }
        let cell = self.known.lock().await.entry(issuer.to_owned()).or_default().clone();
        let mut known = cell.lock().await;
        let kid = token.header_text("kid");
        let signed = |known: &Issuer| {
            let key = known.find(kid)?;
            Some(token.is_signed_by(Algorithm::Rs256, &key.public))
        };
        // An issuer that started anew may have another key under the same name.
        if known.is_older_than(LIFETIME, now) || signed(&known) != Some(true) {
            self.read(&mut known, issuer, now).await;
        }
        if known.is_older_than(LAST_RESORT, now) {
            return Err(OutsideFault::Unreachable(known.failure.clone()));
        }
        match signed(&known) {
            Some(true) => Ok(OutsideProof::from_verified_token(application)),
            Some(false) => Err(OutsideFault::Signature),
            None => {
                let kid = kid.unwrap_or_default().chars().take(100).collect();
                let failure = Some(known.failure.clone()).filter(|why| !why.is_empty());
                Err(OutsideFault::KeyUnknown { kid, failure })
            }
        }
    }

    /// Reads the keys anew, unless that was tried a moment ago.
    async fn read(&self, known: &mut Issuer, issuer: &str, now: Timestamp) {
        let pause = if known.read_at.is_some() { COOL_DOWN } else { PAUSE };
        if known.tried_at.is_some_and(|at| now.duration_since(at).abs() < pause) {
            return;
        }
        known.tried_at = Some(now);
        match self.fetch(issuer).await {
            Ok(keys) => {
                known.keys = keys;
                known.read_at = Some(now);
                known.failure.clear();
            }
            Err(why) => known.failure = why,
        }
    }

    async fn fetch(&self, issuer: &str) -> Result<Vec<Key>, String> {
        Url::parse(issuer).map_err(|_| "its issuer is not a URL".to_owned())?;
        let place = &super::http::place(issuer);
        let document = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let document = self.get(&document, place).await?;
        let metadata: Metadata = serde_json::from_slice(&document)
            .map_err(|_| "its discovery document has no issuer and jwks_uri".to_owned())?;
        if metadata.issuer != issuer {
            return Err("its discovery document is of another issuer".to_owned());
        }
        let keys = Url::parse(&metadata.jwks_uri).ok();
        let keys = keys.filter(|keys| may_be_followed(issuer, keys));
        let keys = keys.ok_or_else(|| "its jwks_uri is not an https address".to_owned())?;
        let keys: KeyDocument = serde_json::from_slice(&self.get(keys.as_str(), place).await?)
            .map_err(|_| "its keys are no JWK set".to_owned())?;
        if keys.keys.len() > MOST_KEYS {
            return Err(format!("it publishes more than {MOST_KEYS} keys"));
        }
        let keys: Vec<Key> = keys.keys.iter().filter_map(Key::read).collect();
        match keys.is_empty() {
            true => Err("it publishes no RSA key for signatures".to_owned()),
            false => Ok(keys),
        }
    }

    /// A body of at most one mebibyte within ten seconds; a redirect is not followed.
    async fn get(&self, address: &str, trusted: &str) -> Result<Vec<u8>, String> {
        // Our own keys sign for our own tenants; and some routes trust whoever can reach them.
        if self.http.is_own(address) {
            return Err("it names an address of this server itself".to_owned());
        }
        let request = Request::get(address).header(ACCEPT, "application/json").body(Vec::new());
        let request = request.map_err(|_| "it names no address".to_owned())?;
        let answer = self.http.send(request, trusted).await.map_err(|why| why.to_string())?;
        match answer.status() {
            StatusCode::OK if STORED_AS.contains(&media_type(&answer).as_str()) => {
                Ok(answer.into_body())
            }
            StatusCode::OK => Err("it answered with something else than JSON".to_owned()),
            status => Err(format!("it answered with status {}", status.as_u16())),
        }
    }
}

impl Issuer {
    fn is_older_than(&self, age: SignedDuration, now: Timestamp) -> bool {
        self.read_at.is_none_or(|at| now.duration_since(at).abs() >= age)
    }

    /// The one key of a name; without a name, the only key.
    fn find(&self, kid: Option<&str>) -> Option<&Key> {
        let mut fitting = self.keys.iter().filter(|key| kid.is_none() || key.kid.as_deref() == kid);
        fitting.next().filter(|_| fitting.next().is_none())
    }
}

impl Key {
    /// A public RSA key for signatures; anything else is not looked at.
    fn read(jwk: &serde_json::Map<String, serde_json::Value>) -> Option<Self> {
        let kid = jwk.get("kid").and_then(serde_json::Value::as_str);
        Some(Self { public: super::jwk::rsa(jwk)?, kid: kid.map(str::to_owned) })
    }
}
