//! guestpass as an OpenID Connect relying party.
//!
//! `openidconnect` does the protocol: state, nonce, PKCE, signature, issuer, audience and time are
//! verified by it. This file chooses the parameters and says what of the answer may be believed.

mod believe;
mod check;
mod compact;
mod end_session;
mod fault;
mod keys;
mod metadata;
mod userinfo;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, Client, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, IdToken,
    IdTokenFields, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier,
    ProviderMetadataWithLogout, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError,
    StandardErrorResponse, StandardTokenResponse, TokenResponse as _,
};

use super::http::{HttpClient, HttpFault};
use crate::clock::Clock;
use crate::directory::IdentityProvider;
use crate::entropy::Entropy;
use crate::ids::{ConfigurationId, Digest, DomainName, TenantId};
use crate::interaction::{Upstream, VerifiedAssertion};
use believe::ProviderClaims;
use check::Came;
use metadata::{About, Library};

pub use fault::{UpstreamFault, UpstreamFaultKind};

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
    /// As what the tenant has it configured.
    pub configuration: Option<ConfigurationId>,
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

type Fields = IdTokenFields<
    ProviderClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type ProviderToken = IdToken<
    ProviderClaims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type Claims = openidconnect::IdTokenClaims<ProviderClaims, CoreGenderClaim>;

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
    library: Library,
}

impl RelyingParty {
    /// A relying party over `http`.
    pub fn new(http: HttpClient, clock: Clock, entropy: Entropy) -> Self {
        Self { http, clock, entropy, library: Library::default() }
    }

    /// Prepares a sign-in: the address to send the browser to, and what to remember of it.
    pub async fn start(
        &self,
        provider: &Provider,
        start: Start<'_>,
    ) -> Result<Upstream, UpstreamFault> {
        let about = self.about(provider).await?;
        let client = client_of(provider, &about.metadata, &start.callback)?;
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
        let select = start.select_account && start.login_hint.is_none();
        if start.login || (select && !about.selects_accounts(provider)) {
            request = request.add_prompt(CoreAuthPrompt::Login);
        } else if select {
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
            configuration: start.configuration,
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
        let about = self.about(provider).await?;
        match issuer {
            Some(issuer) if issuer == provider.issuer => {}
            None if !about.answers_with_iss => {}
            _ => return Err(UpstreamFault::refused("another provider has answered")),
        }
        let client = client_of(provider, &about.metadata, callback)?;
        let (http, answered) = listening(self.caller(provider));
        let response = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| UpstreamFault::unusable("its metadata has no token endpoint"))?
            .set_pkce_verifier(PkceCodeVerifier::new(remembered.verifier.clone()))
            .request_async(&http)
            .await;
        compact::check(&answered.text())?;
        let response = response.map_err(no_tokens)?;
        if *response.token_type() != CoreTokenType::Bearer {
            return Err(UpstreamFault::unusable("its access token is no bearer token"));
        }
        let token = response.id_token();
        let token = token.ok_or_else(|| UpstreamFault::refused("it sent no id token"))?;
        let nonce = Nonce::new(remembered.nonce.clone());
        let claims = self.verified(provider, about, token, &nonce).await?;
        let now = self.clock.now();
        let access_token = response.access_token().secret();
        check::check(provider, &Came { claims: &claims, code, access_token, now })?;
        let told = self.told(provider, &client, &claims, response.access_token()).await?;
        let assertion = believe::believe(provider, &claims, &told, now)?;
        // The session at a provider of our own ends with ours; a real one has to be asked.
        Ok(if provider.built_in { assertion } else { assertion.keeping(token.to_string()) })
    }

    /// The claims of an id token, under the provider's keys as they are known or, if the key is
    /// not among them, as they are now.
    async fn verified(
        &self,
        provider: &Provider,
        about: Arc<About>,
        token: &ProviderToken,
        nonce: &Nonce,
    ) -> Result<Claims, UpstreamFault> {
        let (mut about, mut asked) = (about, false);
        loop {
            // The callback plays no part in the verification.
            let client = client_of(provider, &about.metadata, &provider.issuer)?;
            let verifier = verifier(&client, self.clock.now());
            let fault = match token.claims(&verifier, nonce) {
                Ok(claims) => return Ok(claims.clone()),
                Err(fault) => fault,
            };
            let newer = match &fault {
                ClaimsVerificationError::SignatureVerification(
                    SignatureVerificationError::NoMatchingKey
                    | SignatureVerificationError::CryptoError(_),
                ) if !asked => self.newer(provider, &about).await?,
                _ => None,
            };
            match newer {
                Some(newer) => (about, asked) = (newer, true),
                None => return Err(UpstreamFault::refused(format!("its id token: {fault}"))),
            }
        }
    }

    /// The HTTP client in the shape `openidconnect` wants. The place of the configured issuer may be
    /// a private address; a provider that is in trouble says so by its status.
    fn caller(&self, provider: &Provider) -> impl Fn(HttpRequest) -> CallFuture + use<> {
        let http = self.http.clone();
        let place = super::http::place(&provider.issuer);
        let built_in = provider.built_in;
        move |request| {
            let (http, place) = (http.clone(), place.clone());
            Box::pin(async move {
                if !built_in && http.is_own(&request.uri().to_string()) {
                    return Err(HttpFault("it names an address of this server itself".to_owned()));
                }
                let response = http.send(request, &place).await?;
                match response.status().as_u16() {
                    status @ (429 | 500..) => {
                        Err(HttpFault(format!("it answered with status {status}")))
                    }
                    _ => Ok(response),
                }
            })
        }
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
        .map_err(|_| UpstreamFault::unusable("our own address is not a URL"))?;
    let secret = provider.client_secret.clone().map(ClientSecret::new);
    let id = ClientId::new(provider.client_id.clone());
    Ok(Client::from_provider_metadata(metadata.clone(), id, secret).set_redirect_uri(callback))
}

fn verifier(
    client: &OidcClient,
    now: Timestamp,
) -> openidconnect::IdTokenVerifier<'_, CoreJsonWebKey> {
    // The end of a token is judged with the skew that two clocks may have.
    let now = now - check::SKEW;
    let now = chrono::DateTime::from_timestamp_millis(now.as_millisecond()).unwrap_or_default();
    client
        .id_token_verifier()
        .set_allowed_algs([CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256])
        .set_time_fn(move || now)
}

/// What a provider answered, as it stood.
#[derive(Debug, Clone, Default)]
struct Answered(Arc<Mutex<Vec<u8>>>);

impl Answered {
    fn text(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A client that keeps the answer: the parser of tokens repairs what must not be repaired.
fn listening(
    caller: impl Fn(HttpRequest) -> CallFuture,
) -> (impl Fn(HttpRequest) -> CallFuture, Answered) {
    let answered = Answered::default();
    let kept = answered.clone();
    let listen = move |request| {
        let (answer, kept) = (caller(request), kept.clone());
        let keep = async move {
            let answer = answer.await?;
            let mut kept = kept.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.clone_from(answer.body());
            drop(kept);
            Ok(answer)
        };
        Box::pin(keep) as CallFuture
    };
    (listen, answered)
}

type TokenFault = RequestTokenError<HttpFault, StandardErrorResponse<CoreErrorResponseType>>;

/// Why there are no tokens; a body is never echoed.
fn no_tokens(error: TokenFault) -> UpstreamFault {
    match error {
        RequestTokenError::Request(fault) => fault.into(),
        RequestTokenError::ServerResponse(said) => {
            let error = said.error().to_string();
            let error: String = error.chars().filter(char::is_ascii_graphic).take(60).collect();
            UpstreamFault::refused(format!("it did not redeem the code: '{error}'"))
        }
        _ => UpstreamFault::unusable("its token endpoint answered with something else than tokens"),
    }
}
