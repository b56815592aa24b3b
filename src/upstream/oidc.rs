//! guestpass as an OpenID Connect relying party.
//!
//! `openidconnect` does the protocol: state, nonce, PKCE, signature, issuer, audience and time are
//! verified by it. This file chooses the parameters and says what of the answer may be believed.

mod believe;
mod end_session;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, IdTokenFields, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, ProviderMetadataWithLogout, RedirectUrl, Scope,
    StandardErrorResponse, StandardTokenResponse, TokenResponse as _,
};

use super::http::{HttpClient, HttpFault};
use crate::clock::Clock;
use crate::directory::IdentityProvider;
use crate::entropy::Entropy;
use crate::ids::{Digest, DomainName, TenantId};
use crate::interaction::{Upstream, VerifiedAssertion};
use believe::ProviderClaims;

/// How often a provider's keys are fetched anew because a key was unknown.
const COOL_DOWN: SignedDuration = SignedDuration::from_secs(60);
/// How long metadata is kept.
const METADATA_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// A provider as the broker is registered there.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Whom its accounts count as.
    pub identity_provider: IdentityProvider,
    /// The home tenant, for Entra and Microsoft accounts.
    pub home_tenant: Option<TenantId>,
    /// The domains for which an Entra home is the authority.
    pub home_domains: Vec<DomainName>,
    /// Its name, for people.
    pub name: String,
    /// Its issuer.
    pub issuer: String,
    /// Our client id there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: Option<String>,
    /// It is one of ours: its `oid` and `tid` may be believed.
    pub built_in: bool,
}

/// What a sign-in at a provider starts with.
#[derive(Debug)]
pub struct Start<'a> {
    /// Where the answer comes back to.
    pub callback: String,
    /// Stands at the front of `state`, so that the sign-in is found again.
    pub prefix: String,
    /// Who it should be.
    pub login_hint: Option<&'a str>,
    /// Ask for the account even if somebody is signed in there.
    pub select_account: bool,
    /// The person has to sign in anew there.
    pub login: bool,
    /// How old a sign-in there may be, in seconds.
    pub max_age: Option<u64>,
}

/// Why a provider's answer is no sign-in, in words for the person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UpstreamFault(pub(super) String);

impl From<HttpFault> for UpstreamFault {
    fn from(fault: HttpFault) -> Self {
        Self(fault.0)
    }
}

type Fields = IdTokenFields<
    ProviderClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type OidcClient = Client<
    ProviderClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Our side of every upstream sign-in, with the metadata it has read.
#[derive(Debug)]
pub struct RelyingParty {
    http: HttpClient,
    clock: Clock,
    entropy: Entropy,
    known: Mutex<BTreeMap<String, Known>>,
}

#[derive(Debug, Clone)]
struct Known {
    metadata: Arc<ProviderMetadataWithLogout>,
    read_at: Timestamp,
}

impl RelyingParty {
    /// A relying party over `http`.
    pub fn new(http: HttpClient, clock: Clock, entropy: Entropy) -> Self {
        Self { http, clock, entropy, known: Mutex::default() }
    }

    /// Prepares a sign-in: the address to send the browser to, and what to remember of it.
    pub async fn start(
        &self,
        provider: &Provider,
        start: Start<'_>,
    ) -> Result<Upstream, UpstreamFault> {
        let client = self.client(provider, &start.callback).await?;
        let state = format!("{}.{}", start.prefix, self.entropy.token());
        let (nonce, verifier) = (self.entropy.token(), self.entropy.token());
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.clone()));
        let (sent_state, sent_nonce) = (state.clone(), nonce.clone());
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(sent_state),
                move || Nonce::new(sent_nonce),
            )
            .set_pkce_challenge(challenge)
            .add_scope(Scope::new("profile".to_owned()))
            .add_scope(Scope::new("email".to_owned()));
        if let Some(hint) = start.login_hint {
            request = request.add_extra_param("login_hint", hint.to_owned());
        }
        if start.login {
            request = request.add_prompt(CoreAuthPrompt::Login);
        } else if start.select_account && start.login_hint.is_none() {
            request = request.add_prompt(CoreAuthPrompt::SelectAccount);
        }
        if let Some(seconds) = start.max_age {
            request = request.set_max_age(Duration::from_secs(seconds));
        }
        if provider.built_in && provider.home_tenant.is_some() {
            // A tenant's session may answer: then the sign-in is as old as that.
            let claims = r#"{"id_token":{"auth_time":null}}"#;
            request = request.add_extra_param("claims", claims);
        }
        let (url, _, _) = request.url();
        Ok(Upstream {
            provider: provider.identity_provider.clone(),
            home_tenant: provider.home_tenant,
            state: Digest::of(state.as_bytes()),
            nonce,
            verifier,
            url: url.into(),
        })
    }

    /// Redeems a code and verifies the id token. `issuer` is what the answer said of itself
    /// (RFC 9207).
    pub async fn finish(
        &self,
        provider: &Provider,
        callback: &str,
        remembered: &Upstream,
        code: &str,
        issuer: Option<&str>,
    ) -> Result<VerifiedAssertion, UpstreamFault> {
        if issuer.is_some_and(|issuer| issuer != provider.issuer) {
            return Err(UpstreamFault("another provider has answered".to_owned()));
        }
        let client = self.client(provider, callback).await?;
        let http = self.caller(provider);
        let response = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| UpstreamFault("its metadata has no token endpoint".to_owned()))?
            .set_pkce_verifier(PkceCodeVerifier::new(remembered.verifier.clone()))
            .request_async(&http)
            .await
            .map_err(|error| refused(&error))?;
        let token = response.id_token();
        let token = token.ok_or_else(|| UpstreamFault("it sent no id token".to_owned()))?;
        let nonce = Nonce::new(remembered.nonce.clone());
        let now = self.clock.now();
        let claims = match token.claims(&verifier(&client, now), &nonce) {
            Ok(claims) => claims.clone(),
            Err(first) => {
                // The provider may have new keys: read them anew, once per cool-down.
                let Some(client) = self.refresh(provider, callback).await? else {
                    return Err(UpstreamFault(format!("its id token: {first}")));
                };
                let claims = token.claims(&verifier(&client, now), &nonce);
                claims.map_err(|e| UpstreamFault(format!("its id token: {e}")))?.clone()
            }
        };
        let assertion = believe::believe(provider, &claims, now)?;
        // The session at a provider of our own ends with ours; a real one has to be asked.
        Ok(if provider.built_in { assertion } else { assertion.keeping(token.to_string()) })
    }

    async fn client(
        &self,
        provider: &Provider,
        callback: &str,
    ) -> Result<OidcClient, UpstreamFault> {
        client_of(provider, &*self.metadata(provider).await?, callback)
    }

    /// A provider's metadata, read anew once a day.
    async fn metadata(
        &self,
        provider: &Provider,
    ) -> Result<Arc<ProviderMetadataWithLogout>, UpstreamFault> {
        let known = self.lock().get(&provider.issuer).cloned();
        let now = self.clock.now();
        match known.filter(|known| now.duration_since(known.read_at) < METADATA_LIFETIME) {
            Some(known) => Ok(known.metadata),
            None => self.discover(provider, now).await,
        }
    }

    /// The client with metadata read anew, unless that was done within the cool-down. What is ours
    /// costs nobody anything.
    async fn refresh(
        &self,
        provider: &Provider,
        callback: &str,
    ) -> Result<Option<OidcClient>, UpstreamFault> {
        let now = self.clock.now();
        let read_at = self.lock().get(&provider.issuer).map(|known| known.read_at);
        let recent = read_at.is_some_and(|read_at| now.duration_since(read_at) < COOL_DOWN);
        if recent && !provider.built_in {
            return Ok(None);
        }
        let metadata = self.discover(provider, now).await?;
        client_of(provider, &metadata, callback).map(Some)
    }

    async fn discover(
        &self,
        provider: &Provider,
        now: Timestamp,
    ) -> Result<Arc<ProviderMetadataWithLogout>, UpstreamFault> {
        let issuer = IssuerUrl::new(provider.issuer.clone())
            .map_err(|_| UpstreamFault("its issuer is not a URL".to_owned()))?;
        let http = self.caller(provider);
        let metadata = ProviderMetadataWithLogout::discover_async(issuer, &http).await;
        let metadata = metadata.map_err(|error| UpstreamFault(reason(&error)))?;
        let metadata = Arc::new(metadata);
        let known = Known { metadata: metadata.clone(), read_at: now };
        self.lock().insert(provider.issuer.clone(), known);
        Ok(metadata)
    }

    /// The HTTP client in the shape `openidconnect` wants.
    fn caller(&self, provider: &Provider) -> impl Fn(HttpRequest) -> CallFuture + use<> {
        let http = self.http.clone();
        let host = url::Url::parse(&provider.issuer).ok();
        let host = host.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        move |request| {
            let (http, host) = (http.clone(), host.clone());
            Box::pin(async move { http.send(request, &host).await })
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type CallFuture =
    std::pin::Pin<Box<dyn Future<Output = Result<openidconnect::HttpResponse, HttpFault>> + Send>>;

fn client_of(
    provider: &Provider,
    metadata: &ProviderMetadataWithLogout,
    callback: &str,
) -> Result<OidcClient, UpstreamFault> {
    let callback = RedirectUrl::new(callback.to_owned())
        .map_err(|_| UpstreamFault("our own address is not a URL".to_owned()))?;
    let secret = provider.client_secret.clone().map(ClientSecret::new);
    let id = ClientId::new(provider.client_id.clone());
    Ok(Client::from_provider_metadata(metadata.clone(), id, secret).set_redirect_uri(callback))
}

fn verifier(
    client: &OidcClient,
    now: Timestamp,
) -> openidconnect::IdTokenVerifier<'_, CoreJsonWebKey> {
    let now = chrono::DateTime::from_timestamp_millis(now.as_millisecond()).unwrap_or_default();
    client
        .id_token_verifier()
        .set_allowed_algs([CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256])
        .set_time_fn(move || now)
}

/// The token endpoint's refusal, cut to what a person can use; a body is never echoed.
fn refused<E: std::error::Error + 'static>(error: &E) -> UpstreamFault {
    UpstreamFault(format!("it did not redeem the code: {}", reason(error)))
}

fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        words = format!("{words}: {inner}");
        source = inner.source();
    }
    words.chars().filter(|c| !c.is_control()).take(300).collect()
}
