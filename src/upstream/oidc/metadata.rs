//! What is known of providers: metadata and keys, fetched, judged and kept.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::Request;
use hyper::header::ACCEPT;
use jiff::{SignedDuration, Timestamp};
use openidconnect::ProviderMetadataWithLogout;
use serde::Deserialize;
use url::Url;

use super::{Provider, RelyingParty, UpstreamFault, keys};
use crate::upstream::endpoint::may_be_followed;
use crate::upstream::http::media_type;

/// How often a provider's keys are fetched anew because a key was unknown.
const COOL_DOWN: SignedDuration = SignedDuration::from_secs(60);
/// How long metadata is kept, whatever the provider says.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// What a provider says about itself.
#[derive(Debug)]
pub(super) struct About {
    pub(super) metadata: ProviderMetadataWithLogout,
    /// Its answers carry `iss` (RFC 9207).
    pub(super) answers_with_iss: bool,
    /// `prompt_values_supported` has `select_account`.
    selects_accounts: bool,
}

impl About {
    /// Whether the provider knows `prompt=select_account`. Not all do (OIDC Core §15.1 has them know
    /// `login`), and some answer with an error.
    pub(super) fn selects_accounts(&self, provider: &Provider) -> bool {
        let issuer = format!("{}/", provider.issuer);
        let known = SELECTING.iter().any(|known| issuer.starts_with(known));
        provider.built_in || self.selects_accounts || known
    }
}

/// What else of a discovery document matters (RFC 9207; Initiating User Registration).
#[derive(Deserialize)]
struct Further {
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    prompt_values_supported: Vec<String>,
}

/// Real providers that let people select an account, and do not say so.
const SELECTING: &[&str] = &["https://accounts.google.com/", "https://login.microsoftonline.com/"];

/// The metadata that was read, by issuer.
#[derive(Debug, Default)]
pub(super) struct Library(Mutex<BTreeMap<String, Known>>);

#[derive(Debug, Clone)]
struct Known {
    about: Arc<About>,
    read_at: Timestamp,
    /// When it was last asked for a key that it did not have.
    asked_at: Option<Timestamp>,
    /// Held by whoever asks; the others wait for the answer.
    asking: Arc<tokio::sync::Mutex<()>>,
}

impl Library {
    fn get(&self, issuer: &str) -> Option<Known> {
        self.lock().get(issuer).cloned()
    }

    fn put(&self, issuer: &str, known: Known) {
        self.lock().insert(issuer.to_owned(), known);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RelyingParty {
    /// The metadata of a provider, at most a day old.
    pub(super) async fn about(&self, provider: &Provider) -> Result<Arc<About>, UpstreamFault> {
        let now = self.clock.now();
        let known = self.library.get(&provider.issuer);
        if let Some(known) = known.filter(|known| now.duration_since(known.read_at) < LIFETIME) {
            return Ok(known.about);
        }
        let about = Arc::new(self.discover(provider).await?);
        let (asked_at, asking) = (None, Arc::default());
        let known = Known { about: about.clone(), read_at: now, asked_at, asking };
        self.library.put(&provider.issuer, known);
        Ok(about)
    }

    /// Newer metadata than `used`, which had no key for a token; `None` within the cool-down. However
    /// many ask at once, the provider is asked once. If it is down, the old keys stay.
    pub(super) async fn newer(
        &self,
        provider: &Provider,
        used: &Arc<About>,
    ) -> Result<Option<Arc<About>>, UpstreamFault> {
        let Some(known) = self.library.get(&provider.issuer) else { return Ok(None) };
        let _asking = known.asking.lock().await;
        let Some(mut known) = self.library.get(&provider.issuer) else { return Ok(None) };
        if !Arc::ptr_eq(&known.about, used) {
            return Ok(Some(known.about));
        }
        let now = self.clock.now();
        let recent = known.asked_at.is_some_and(|at| now.duration_since(at) < COOL_DOWN);
        // What is ours costs nobody anything.
        if recent && !provider.built_in {
            return Ok(None);
        }
        known.asked_at = Some(now);
        self.library.put(&provider.issuer, known.clone());
        known.about = Arc::new(self.discover(provider).await?);
        known.read_at = now;
        let about = known.about.clone();
        self.library.put(&provider.issuer, known);
        Ok(Some(about))
    }

    /// Reads the discovery document and the keys that it names (OIDC Discovery §4).
    async fn discover(&self, provider: &Provider) -> Result<About, UpstreamFault> {
        if !provider.built_in && self.http.is_own(&provider.issuer) {
            return Err(UpstreamFault::unusable("its issuer is this server itself"));
        }
        let issuer = provider.issuer.strip_suffix('/').unwrap_or(&provider.issuer);
        let document = format!("{issuer}/.well-known/openid-configuration");
        let document = self.fetch(provider, &document).await?;
        let broken = |error| UpstreamFault::unusable(format!("its metadata: {error}"));
        let metadata: ProviderMetadataWithLogout =
            serde_json::from_slice(&document).map_err(broken)?;
        let further: Further = serde_json::from_slice(&document).map_err(broken)?;
        judge(provider, &metadata)?;
        let keys = self.fetch(provider, metadata.jwks_uri().as_str()).await?;
        let keys = keys::read(&keys).map_err(UpstreamFault::unusable)?;
        Ok(About {
            metadata: metadata.set_jwks(keys),
            answers_with_iss: further.authorization_response_iss_parameter_supported,
            selects_accounts: further.prompt_values_supported.iter().any(|p| p == "select_account"),
        })
    }

    /// A JSON document.
    async fn fetch(&self, provider: &Provider, address: &str) -> Result<Vec<u8>, UpstreamFault> {
        let request = Request::get(address).header(ACCEPT, "application/json").body(Vec::new());
        let request = request
            .map_err(|_| UpstreamFault::unusable("its metadata names an address that is none"))?;
        let response = self.caller(provider)(request).await?;
        if response.status() != 200 {
            let why = format!("it answered with status {}", response.status().as_u16());
            return Err(UpstreamFault::unusable(why));
        }
        let kind = media_type(&response);
        if !matches!(kind.as_str(), "application/json" | "application/jwk-set+json") {
            return Err(UpstreamFault::unusable("it answered with something else than JSON"));
        }
        Ok(response.into_body())
    }
}

/// Whether metadata is the configured issuer's own, and leads nowhere else than it may.
fn judge(provider: &Provider, metadata: &ProviderMetadataWithLogout) -> Result<(), UpstreamFault> {
    if metadata.issuer().as_str() != provider.issuer {
        return Err(UpstreamFault::unusable("its metadata is another issuer's"));
    }
    // What is ours may have other names than the issuer that it was given.
    if provider.built_in {
        return Ok(());
    }
    let end_session = metadata.additional_metadata().end_session_endpoint.as_ref();
    let endpoints = [
        ("authorization_endpoint", Some(metadata.authorization_endpoint().url())),
        ("end_session_endpoint", end_session.map(|endpoint| endpoint.url())),
        ("jwks_uri", Some(metadata.jwks_uri().url())),
        ("token_endpoint", metadata.token_endpoint().map(|endpoint| endpoint.url())),
        ("userinfo_endpoint", metadata.userinfo_endpoint().map(|endpoint| endpoint.url())),
    ];
    let refused = |url: &Url| !may_be_followed(&provider.issuer, url);
    let wrong = endpoints.into_iter().find(|(_, url)| url.is_some_and(refused));
    let Some((name, _)) = wrong else { return Ok(()) };
    Err(UpstreamFault::unusable(format!(
        "the {name} in its metadata is not https, and not http at its own host or on loopback"
    )))
}
