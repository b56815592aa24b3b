//! The built-in Google's endpoints: load, let the state machine decide, commit.

use serde_json::{Value, json};

use super::failure::{Failure, retry};
use super::{Broker, Here};
use crate::directory::GoogleAccount;
use crate::fault::{Fault, say};
use crate::ids::{ClientSecret, CodeValue, EmailAddress, InteractionId, TenantId};
use crate::protocol::client_auth;
use crate::protocol::params::Params;
use crate::protocol::pkce;
use crate::store::records::{Guesses, by};
use crate::store::{ChangeSet, Stored};
use crate::upstream::google::{self, GooglePage, GoogleRequest, GoogleSignIn};

/// What a step at Google answers.
#[derive(Debug)]
pub enum GoogleReply {
    /// Go there.
    Go(String),
    /// Show the page of the sign-in.
    Show {
        /// The sign-in.
        id: InteractionId,
        /// Its page.
        page: GooglePage,
        /// What to prefill.
        hint: String,
        /// What went wrong.
        alert: Option<Fault>,
    },
}

impl Broker {
    /// Google's discovery document.
    pub fn google_discovery(&self, origin: &str) -> Value {
        let issuer = google::issuer(origin);
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/o/oauth2/v2/auth"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "jwks_uri": format!("{issuer}/certs"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "claims_supported": ["aud", "email", "email_verified", "exp", "iat", "iss", "name", "sub"],
            "code_challenge_methods_supported": ["S256"],
        })
    }

    /// `GET /idp/google/o/oauth2/v2/auth`.
    pub async fn google_authorize(
        &self,
        here: &Here,
        params: &Params,
    ) -> Result<GoogleReply, Fault> {
        let invalid = |why: &str| say::request_malformed(why.to_owned());
        if params.repeated().is_some() {
            return Err(invalid("a parameter is sent twice"));
        }
        if params.get("client_id") != Some(google::CLIENT_ID) {
            return Err(invalid("Google does not know this client_id"));
        }
        let redirect_uri = params.get("redirect_uri").unwrap_or_default();
        let registered = self.broker_application(Some(redirect_uri)).await.redirect_uris;
        if registered.is_empty() {
            let id = google::CLIENT_ID;
            return Err(say::redirect_uri_mismatch(redirect_uri.escape_debug(), id));
        }
        if self.blocks_web_views(redirect_uri).await && google::is_embedded(&here.user_agent) {
            return Err(say::disallowed_useragent());
        }
        if params.get("response_type") != Some("code") {
            return Err(invalid("Google answers with a code only"));
        }
        let challenge = pkce::check_challenge(params, true)?;
        let request = GoogleRequest {
            redirect_uri: redirect_uri.to_owned(),
            state: params.get("state").map(str::to_owned),
            nonce: params.get("nonce").map(str::to_owned),
            code_challenge: challenge.unwrap_or_default(),
            login_hint: params.get("login_hint").map(str::to_owned),
        };
        let id = InteractionId::new(self.entropy.guid());
        let browser = here.browser.digest();
        let sign_in = GoogleSignIn::new(id, browser, request, self.clock.now());
        retry!(self.keep_google(sign_in.clone()).await)
    }

    async fn keep_google(&self, mut sign_in: GoogleSignIn) -> Result<GoogleReply, Failure> {
        let mut changes = ChangeSet::new();
        sign_in.slot = Some(self.slot_for_google(sign_in.id, &mut changes).await?);
        changes.insert(&sign_in);
        self.store.commit(changes).await?;
        Ok(shown(&sign_in, None))
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

    /// `GET /idp/google/signin/{id}`: the page it is at.
    pub async fn google_page(&self, here: &Here, id: InteractionId) -> Result<GoogleReply, Fault> {
        let loaded = retry!(self.load_google(here, id).await)?;
        Ok(shown(&loaded, None))
    }

    async fn load_google(
        &self,
        here: &Here,
        id: InteractionId,
    ) -> Result<Stored<GoogleSignIn>, Failure> {
        let found = self.store.get::<GoogleSignIn>(by::google_sign_in(id)).await?;
        let ours = found.filter(|sign_in| {
            sign_in.browser.matches(&here.browser.digest()) && self.clock.now() < sign_in.expires_at
        });
        ours.ok_or_else(|| say::sign_in_gone().into())
    }

    /// `POST /idp/google/signin/{id}/{identifier|password}`; the form's token was verified.
    pub async fn google_answer(
        &self,
        here: &Here,
        id: InteractionId,
        step: &str,
        form: &Params,
    ) -> Result<GoogleReply, Fault> {
        retry!(self.try_google_answer(here, id, step, form).await)
    }

    async fn try_google_answer(
        &self,
        here: &Here,
        id: InteractionId,
        step: &str,
        form: &Params,
    ) -> Result<GoogleReply, Failure> {
        let mut sign_in = self.load_google(here, id).await?;
        let mut changes = ChangeSet::new();
        let reply = match (step, sign_in.page()) {
            ("identifier", GooglePage::Identifier | GooglePage::Password(_)) => {
                let typed = form.get("identifier").unwrap_or_default().trim();
                let account = self.google_account(typed).await?;
                match account {
                    Some(account) => {
                        sign_in.identify(account.address);
                        shown(&sign_in, None)
                    }
                    None => {
                        let fault = say::account_not_found(typed.escape_debug(), "Google");
                        return Ok(shown(&sign_in, Some(fault)));
                    }
                }
            }
            ("password", GooglePage::Password(address)) => {
                if form.has("back") {
                    sign_in.back();
                    shown(&sign_in, None)
                } else {
                    self.google_password(&mut sign_in, &address, form, &mut changes).await?
                }
            }
            ("password", GooglePage::Identifier) => {
                return Err(say::out_of_order("identifier", "password").into());
            }
            _ => return Ok(shown(&sign_in, None)),
        };
        changes.update(&sign_in);
        self.store.commit(changes).await?;
        Ok(reply)
    }

    async fn google_account(&self, typed: &str) -> Result<Option<GoogleAccount>, Failure> {
        let Ok(address) = typed.parse::<EmailAddress>() else { return Ok(None) };
        let found = self.store.get::<GoogleAccount>(by::google_account(&address)).await?;
        Ok(found.map(|stored| stored.record))
    }

    async fn google_password(
        &self,
        sign_in: &mut GoogleSignIn,
        address: &EmailAddress,
        form: &Params,
        changes: &mut ChangeSet,
    ) -> Result<GoogleReply, Failure> {
        let account = self.google_account(address.as_str()).await?;
        let account = account.ok_or_else(say::sign_in_gone)?;
        let guessed = self.guessed(Guesses::at_address(address)).await?;
        if let Err(fault) = guessed.check() {
            return Ok(shown(sign_in, Some(fault)));
        }
        let typed = form.get("Passwd").unwrap_or_default();
        let now = self.clock.now();
        let Some(code) = sign_in.answer(&account, typed, &self.entropy, now) else {
            guessed.note_wrong(changes);
            return Ok(shown(sign_in, Some(say::wrong_password())));
        };
        let mut to = url::form_urlencoded::Serializer::new(String::new());
        to.append_pair("code", code.reveal());
        if let Some(state) = &sign_in.request.state {
            to.append_pair("state", state);
        }
        let mark = if sign_in.request.redirect_uri.contains('?') { '&' } else { '?' };
        Ok(GoogleReply::Go(format!("{}{mark}{}", sign_in.request.redirect_uri, to.finish())))
    }

    /// `POST /idp/google/token`. `None` is `invalid_grant`; a wrong client is an error.
    pub async fn google_token(
        &self,
        origin: &str,
        params: &Params,
        authorization: Option<&str>,
    ) -> Result<Value, Fault> {
        let invalid_client = || say::wrong_secret(google::CLIENT_ID);
        let basic = authorization.map(client_auth::read_basic);
        let (id, secret) = match &basic {
            Some(Some((id, secret))) => (Some(id.as_str()), Some(secret.as_str())),
            Some(None) => return Err(invalid_client()),
            None => (params.get("client_id"), params.get("client_secret")),
        };
        let expected = ClientSecret::new(self.broker_secret()).digest();
        let right = secret.is_some_and(|s| ClientSecret::new(s).digest().matches(&expected));
        if id != Some(google::CLIENT_ID) || !right {
            return Err(invalid_client());
        }
        if params.get("grant_type") != Some("authorization_code") || params.repeated().is_some() {
            return Err(say::grant_invalid());
        }
        retry!(self.try_google_token(origin, params).await)
    }

    async fn try_google_token(&self, origin: &str, params: &Params) -> Result<Value, Failure> {
        let code = params.get("code").unwrap_or_default();
        let id = code.split_once('.').and_then(|(id, _)| id.parse::<InteractionId>().ok());
        let id = id.ok_or_else(say::grant_invalid)?;
        let found = self.store.get::<GoogleSignIn>(by::google_sign_in(id)).await?;
        let mut sign_in = found.ok_or_else(say::grant_invalid)?;
        let redirect_uri = params.get("redirect_uri").unwrap_or_default();
        let verifier = params.get("code_verifier").unwrap_or_default();
        let now = self.clock.now();
        let account = sign_in.redeem(&CodeValue::new(code), redirect_uri, verifier, now);
        let account = account.ok_or_else(say::grant_invalid)?;
        let mut changes = ChangeSet::new();
        changes.update(&sign_in);
        self.store.commit(changes).await?;
        let key = self.keys().current.google.clone();
        let id_token = sign_in.id_token(&account, &google::issuer(origin), &key, now);
        Ok(json!({
            "access_token": self.entropy.token(),
            "expires_in": 3599,
            "token_type": "Bearer",
            "scope": "openid email profile",
            "id_token": id_token,
        }))
    }
}

fn shown(sign_in: &GoogleSignIn, alert: Option<Fault>) -> GoogleReply {
    let hint = sign_in.request.login_hint.clone().unwrap_or_default();
    GoogleReply::Show { id: sign_in.id, page: sign_in.page(), hint, alert }
}
