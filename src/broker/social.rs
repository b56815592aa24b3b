//! The endpoints of the built-in Google and Facebook: load, let the state machine decide, commit.

mod steps;

use serde_json::{Value, json};

use super::failure::{Failure, retry};
use super::{Broker, Here};
use crate::directory::SocialNetwork;
use crate::fault::{Fault, say};
use crate::ids::{ClientSecret, CodeValue, InteractionId, TenantId};
use crate::protocol::client_auth;
use crate::protocol::params::Params;
use crate::protocol::pkce;
use crate::store::records::by;
use crate::store::{ChangeSet, Stored};
use crate::upstream::social::{self, SocialPage, SocialRequest, SocialSignIn};

/// What a step at a network answers.
#[derive(Debug)]
pub enum SocialReply {
    /// Go there.
    Go(String),
    /// Show the page of the sign-in.
    Show(Box<SocialView>),
}

/// A page of a sign-in at a network.
#[derive(Debug)]
pub struct SocialView {
    /// At which network.
    pub network: SocialNetwork,
    /// The sign-in.
    pub id: InteractionId,
    /// Its page.
    pub page: SocialPage,
    /// What to prefill.
    pub hint: String,
    /// What went wrong.
    pub alert: Option<Fault>,
}

impl Broker {
    /// A network's discovery document.
    pub fn social_discovery(&self, network: SocialNetwork, origin: &str) -> Value {
        let issuer = social::issuer(network, origin);
        let mut claims = vec!["aud", "email", "exp", "iat", "iss", "name", "sub"];
        if network == SocialNetwork::Google {
            claims.push("email_verified");
        }
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}{}", social::authorize_path(network)),
            "token_endpoint": format!("{issuer}{}", social::token_path(network)),
            "jwks_uri": format!("{issuer}/certs"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "claims_supported": claims,
            "code_challenge_methods_supported": ["S256"],
        })
    }

    /// A network's authorization endpoint.
    pub async fn social_authorize(
        &self,
        network: SocialNetwork,
        here: &Here,
        params: &Params,
    ) -> Result<SocialReply, Fault> {
        let request = self.checked_request(network, here, params).await?;
        let id = InteractionId::new(self.entropy.guid());
        let browser = here.browser.digest();
        let sign_in = SocialSignIn::new(id, browser, network, request, self.clock.now());
        retry!(self.keep_social(sign_in.clone()).await)
    }

    async fn keep_social(&self, mut sign_in: SocialSignIn) -> Result<SocialReply, Failure> {
        let mut changes = ChangeSet::new();
        sign_in.slot = Some(self.slot_for_social(sign_in.id, &mut changes).await?);
        changes.insert(&sign_in);
        self.store.commit(changes).await?;
        Ok(shown(&sign_in, None))
    }

    async fn checked_request(
        &self,
        network: SocialNetwork,
        here: &Here,
        params: &Params,
    ) -> Result<SocialRequest, Fault> {
        let invalid = |why: &str| say::request_malformed(why.to_owned());
        if params.repeated().is_some() {
            return Err(invalid("a parameter is sent twice"));
        }
        let client = social::client_id(network);
        if params.get("client_id") != Some(client) {
            return Err(invalid(&format!("{} does not know this client_id", network.name())));
        }
        let redirect_uri = params.get("redirect_uri").unwrap_or_default();
        let registered = self.broker_application(Some(redirect_uri)).await.redirect_uris;
        if registered.is_empty() {
            return Err(say::redirect_uri_mismatch(redirect_uri.escape_debug(), client));
        }
        let embedded = network == SocialNetwork::Google && social::is_embedded(&here.user_agent);
        if embedded && self.blocks_web_views(redirect_uri).await {
            return Err(say::disallowed_useragent());
        }
        if params.get("response_type") != Some("code") {
            return Err(invalid(&format!("{} answers with a code only", network.name())));
        }
        let challenge = pkce::check_challenge(params, true)?;
        Ok(SocialRequest {
            redirect_uri: redirect_uri.to_owned(),
            state: params.get("state").map(str::to_owned),
            nonce: params.get("nonce").map(str::to_owned),
            code_challenge: challenge.unwrap_or_default(),
            login_hint: params.get("login_hint").map(str::to_owned),
        })
    }

    /// The tenant's switch; the callback names the tenant.
    async fn blocks_web_views(&self, redirect_uri: &str) -> bool {
        let tenant = redirect_uri.rsplit('/').nth(2).and_then(|t| t.parse::<TenantId>().ok());
        match tenant {
            Some(tenant) => {
                self.find_tenant(tenant).await.ok().flatten().is_none_or(|t| t.google_webview_block)
            }
            None => true,
        }
    }

    /// The page that a sign-in is at.
    pub async fn social_page(
        &self,
        network: SocialNetwork,
        here: &Here,
        id: InteractionId,
    ) -> Result<SocialReply, Fault> {
        let loaded = retry!(self.load_social(network, here, id).await)?;
        Ok(shown(&loaded, None))
    }

    async fn load_social(
        &self,
        network: SocialNetwork,
        here: &Here,
        id: InteractionId,
    ) -> Result<Stored<SocialSignIn>, Failure> {
        let found = self.store.get::<SocialSignIn>(by::social_sign_in(id)).await?;
        let ours = found.filter(|sign_in| {
            sign_in.network == network
                && sign_in.browser.matches(&here.browser.digest())
                && self.clock.now() < sign_in.expires_at
        });
        ours.ok_or_else(|| say::sign_in_gone().into())
    }

    /// A network's token endpoint. `invalid_grant` and a wrong client are errors.
    pub async fn social_token(
        &self,
        network: SocialNetwork,
        origin: &str,
        params: &Params,
        authorization: Option<&str>,
    ) -> Result<Value, Fault> {
        let client = social::client_id(network);
        let invalid_client = || say::wrong_secret(client);
        let basic = authorization.map(client_auth::read_basic);
        let (id, secret) = match &basic {
            Some(Some((id, secret))) => (Some(id.as_str()), Some(secret.as_str())),
            Some(None) => return Err(invalid_client()),
            None => (params.get("client_id"), params.get("client_secret")),
        };
        let expected = ClientSecret::new(self.broker_secret()).digest();
        let right = secret.is_some_and(|s| ClientSecret::new(s).digest().matches(&expected));
        if id != Some(client) || !right {
            return Err(invalid_client());
        }
        if params.get("grant_type") != Some("authorization_code") || params.repeated().is_some() {
            return Err(say::grant_invalid());
        }
        retry!(self.try_social_token(network, origin, params).await)
    }

    async fn try_social_token(
        &self,
        network: SocialNetwork,
        origin: &str,
        params: &Params,
    ) -> Result<Value, Failure> {
        let code = params.get("code").unwrap_or_default();
        let id = code.split_once('.').and_then(|(id, _)| id.parse::<InteractionId>().ok());
        let id = id.ok_or_else(say::grant_invalid)?;
        let found = self.store.get::<SocialSignIn>(by::social_sign_in(id)).await?;
        let found = found.filter(|sign_in| sign_in.network == network);
        let mut sign_in = found.ok_or_else(say::grant_invalid)?;
        let redirect_uri = params.get("redirect_uri").unwrap_or_default();
        let verifier = params.get("code_verifier").unwrap_or_default();
        let now = self.clock.now();
        let account = sign_in.redeem(&CodeValue::new(code), redirect_uri, verifier, now);
        let account = account.ok_or_else(say::grant_invalid)?;
        let mut changes = ChangeSet::new();
        changes.update(&sign_in);
        self.store.commit(changes).await?;
        let issuer = social::issuer(network, origin);
        let key = self.keys().current.google.clone();
        let id_token = sign_in.id_token(&account, &issuer, &key, now);
        Ok(json!({
            "access_token": self.entropy.token(),
            "expires_in": 3599,
            "token_type": "Bearer",
            "scope": "openid email profile",
            "id_token": id_token,
        }))
    }
}

fn shown(sign_in: &SocialSignIn, alert: Option<Fault>) -> SocialReply {
    SocialReply::Show(Box::new(SocialView {
        network: sign_in.network,
        id: sign_in.id,
        page: sign_in.page(),
        hint: sign_in.request.login_hint.clone().unwrap_or_default(),
        alert,
    }))
}
