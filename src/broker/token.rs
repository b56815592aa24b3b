//! The token endpoint.
//!
//! The single use of a code is one conditional commit: the loser of a race loads again, finds it
//! used, and that is a replay. A replay revokes what the first redemption gave (RFC 6749 §4.1.2).
//! Whatever the grant, the user is read again and everything decided again before anything is
//! signed.

mod client;
mod client_credentials;
mod grants;
mod on_behalf_of;
mod password;

use std::collections::BTreeSet;

use super::Broker;
use super::application::ResourceScopes;
use super::audience::TokenFacts;
use super::failure::{Failure, internal, retry};
use super::standing::{Progress, Standings, Wish};
use crate::decide::email::Addresses;
use crate::directory::application::page_origin;
use crate::directory::{
    Application, ApplicationKind, IdentityProvider, TokenVersion, User, first_party,
};
use crate::fault::{Fault, say};
use crate::ids::{ClientId, GrantId, RefreshTokenValue};
use crate::interaction::{GrantData, Granted, Issuing, TokenResponse};
use crate::protocol::authority::Authority;
use crate::protocol::claims_request::ClaimsRequest;
use crate::protocol::discovery;
use crate::protocol::params::Params;
use crate::protocol::redirect_uri;
use crate::protocol::scope::OPENID_SCOPES;
use crate::protocol::token::TokenRequest;
use crate::store::records::by;

/// A request to the token endpoint.
#[derive(Debug)]
pub struct TokenCall<'a> {
    /// The own origin it was made to.
    pub origin: &'a str,
    /// The first path segment.
    pub segment: &'a str,
    /// The body.
    pub params: &'a Params,
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    /// The `Origin` header: a browser asks.
    pub cross_origin: Option<&'a str>,
}

/// An answer of the token endpoint, and whether the page that asked may read it.
#[derive(Debug)]
pub struct TokenAnswer {
    /// Tokens, or why not.
    pub outcome: Result<TokenResponse, Fault>,
    /// The `Origin` that may read it (CORS).
    pub readable_by: Option<String>,
}

pub(super) use client::Caller;

/// An access token's resource: which, its permissions, and the scope as the client wrote it.
pub(super) struct Wanted {
    pub(super) resource: ClientId,
    pub(super) scopes: Vec<String>,
    pub(super) written: String,
    pub(super) v1_audience: Option<String>,
    pub(super) facts: TokenFacts,
}

impl Broker {
    /// `POST /{t}/oauth2/v2.0/token`.
    pub async fn token(&self, call: &TokenCall<'_>) -> TokenAnswer {
        let mut readable_by = None;
        let outcome = match retry!(self.caller(call, &mut readable_by).await) {
            // What proves a client is looked at once: an assertion may be good only once.
            Ok(caller) => retry!(self.tokens_for(call, &caller).await),
            Err(fault) => Err(fault),
        };
        TokenAnswer { outcome, readable_by }
    }

    /// Whether a page of `origin` may call the token endpoint at all (CORS preflight): it is where
    /// some single-page application lives.
    pub async fn may_be_called_from(&self, origin: &str) -> Result<bool, Fault> {
        let Some(key) = page_origin(origin) else { return Ok(false) };
        let found = self.store.find::<Application>(by::page_origin(&key)).await;
        let found = found.map_err(internal)?;
        Ok(found.iter().any(|application| may_read(application, origin)))
    }

    async fn tokens_for(
        &self,
        call: &TokenCall<'_>,
        caller: &Caller,
    ) -> Result<TokenResponse, Failure> {
        let request = TokenRequest::parse(call.params)?;
        ClaimsRequest::parse(call.params.get("claims"))?;
        if !matches!(request, TokenRequest::ClientCredentials { .. }) {
            check_cross_origin(&caller.application, call.cross_origin)?;
        }
        match request {
            TokenRequest::AuthorizationCode { code, redirect_uri, code_verifier, scope } => {
                let proof = grants::Presented { code, redirect_uri, code_verifier, scope };
                self.redeem_code(call, caller, proof).await
            }
            TokenRequest::DeviceCode { code } => self.redeem_device(call, caller, &code).await,
            TokenRequest::RefreshToken { token, scope } => {
                self.refresh(call, caller, &token, scope).await
            }
            TokenRequest::ClientCredentials { scope } => {
                self.client_credentials(call, caller, &scope).await
            }
            TokenRequest::OnBehalfOf { assertion, scope } => {
                self.on_behalf_of(call, caller, &assertion, scope).await
            }
            TokenRequest::Password { username, password, scope } => {
                self.password(call, caller, (&username, &password), scope).await
            }
        }
    }

    /// Everything about a grant, decided from the directory as it is now.
    async fn renew(&self, data: GrantData) -> Result<(Granted, Standings), Failure> {
        let user = self.user(data.tenant, data.user).await?;
        let user = user.ok_or_else(|| {
            say::guest_not_in_tenant(data.user, "unknown", data.tenant, data.client, data.client)
                .for_a_grant()
        })?;
        let wish = Wish::of_grant(&data, &user);
        let progress = Progress::default();
        let standings = self.standings(&wish, progress).await.map_err(for_a_grant)?;
        let granted = Granted::renewed(
            data,
            (&standings.user, &standings.resource.name, &standings.tenant.display_name),
            &standings.admitted,
            &standings.redemption,
            &standings.consent,
        );
        Ok((granted.map_err(Fault::for_a_grant)?, standings))
    }

    /// The resource that the access token is for: the one named now, or the first one asked for at
    /// the authorization endpoint; Microsoft Graph if only OpenID scopes were.
    pub(super) async fn wanted(
        &self,
        application: &Application,
        granted: &Granted,
        standings: &Standings,
    ) -> Result<Wanted, Failure> {
        let data = granted.data();
        let resolved = self.resolve_scope(&data.scope).await?;
        let graph = first_party::MICROSOFT_GRAPH;
        let first = resolved.into_iter().next().unwrap_or(ResourceScopes {
            resource: graph,
            name: String::new(),
            scopes: Vec::new(),
        });
        let openid: Vec<String> =
            data.scope.openid.iter().filter(|s| *s != "offline_access").cloned().collect();
        let mut scopes = if first.resource == graph { openid.clone() } else { Vec::new() };
        let mut written = openid;
        for scope in &first.scopes {
            if scope.value == ".default" {
                let user = &standings.user;
                let (tenant, client) = (data.tenant, data.client);
                let granted = self.granted_scopes(tenant, user, client, first.resource).await?;
                let base = scope.written.trim_end_matches(".default");
                for value in
                    granted.into_iter().filter(|v| v != ".default" && v != "offline_access")
                {
                    let is_openid = OPENID_SCOPES.contains(&value.as_str());
                    written.push(if is_openid { value.clone() } else { format!("{base}{value}") });
                    scopes.push(value);
                }
                written.push(scope.written.clone());
            } else {
                scopes.push(scope.value.clone());
                written.push(scope.written.clone());
            }
        }
        keep_first(&mut scopes);
        keep_first(&mut written);
        let (resource, written) = (first.resource, written.join(" "));
        let facts = self.token_facts(&standings.user, application, Some(resource)).await?;
        let v1_audience = self.v1_audience(resource, &data.scope).await?;
        Ok(Wanted { resource, scopes, written, v1_audience, facts })
    }

    /// Signs. Called last, when everything is committed.
    fn sign(
        &self,
        origin: &str,
        caller: &Caller,
        (granted, standings): (&Granted, &Standings),
        (grant, refresh): (GrantId, Option<&RefreshTokenValue>),
        wanted: Wanted,
    ) -> TokenResponse {
        let facts = &wanted.facts;
        let azpacr = caller.client.azpacr();
        let issuing = Issuing {
            azpacr,
            endpoint: caller.version,
            v1_audience: wanted.v1_audience,
            ..self.issuing(origin, standings, &caller.application, facts)
        };
        let resource = (wanted.resource, &facts.resource);
        let access = issuing.access_token(granted, grant, resource, &wanted.scopes);
        // v1.0 answers with the permissions alone, as recorded.
        let written = match caller.version {
            TokenVersion::V1 => wanted.scopes.join(" "),
            TokenVersion::V2 => wanted.written,
        };
        issuing.response(granted, &facts.client, access, refresh, written)
    }

    /// What tokens of a user are made with.
    pub(super) fn issuing<'a>(
        &'a self,
        origin: &str,
        standings: &'a Standings,
        application: &'a Application,
        facts: &'a TokenFacts,
    ) -> Issuing<'a> {
        let (user, tenant) = (&standings.user, &standings.tenant);
        Issuing {
            issuer: discovery::issuer(self.origins.issuer(origin), tenant.id),
            user,
            tenant,
            home: facts.home.as_ref(),
            addresses: Addresses::of(user, tenant, application.emit_unverified_email),
            login_hint: self.login_hint(user),
            all_groups: self.all_groups(origin, user),
            application,
            azpacr: "0",
            endpoint: TokenVersion::V2,
            v1_audience: None,
            key: self.signing_key(tenant.id),
            entropy: &self.entropy,
            now: self.clock.now(),
        }
    }

    /// Where the list of all groups of a user can be asked for.
    pub(super) fn all_groups(&self, origin: &str, user: &User) -> String {
        format!("{}/v1.0/users/{}/getMemberObjects", self.origins.graph(origin), user.id)
    }
}

/// Whatever stands against a user is `invalid_grant` to the client; what failed inside is not, nor
/// what stands against the resource.
fn for_a_grant(failure: Failure) -> Failure {
    match failure {
        Failure::Fault(fault)
            if !matches!(fault.error(), "server_error" | "invalid_resource" | "invalid_client") =>
        {
            Failure::Fault(fault.for_a_grant())
        }
        other => other,
    }
}

/// A Microsoft account is a guest only where its tenant is named: the endpoints that name none serve
/// no such guest.
fn check_pass_through(authority: Authority, user: &User) -> Result<(), Fault> {
    let independent = matches!(authority, Authority::Common | Authority::Organizations);
    let account = user.linked().filter(|_| independent);
    match account.filter(|account| account.provider == IdentityProvider::MicrosoftAccount) {
        Some(account) => Err(say::microsoft_account_guest(&account.sign_in_name)),
        None => Ok(()),
    }
}

/// A single-page application redeems from its page, every other kind does not.
fn check_cross_origin(application: &Application, origin: Option<&str>) -> Result<(), Fault> {
    match (application.kind, origin) {
        (ApplicationKind::Spa, None) => Err(say::spa_without_origin()),
        (ApplicationKind::Spa, Some(_)) | (_, None) => Ok(()),
        (_, Some(_)) => Err(say::cross_origin_redemption()),
    }
}

/// Whether a page of `origin` may read the answer: it is where the application lives.
fn may_read(application: &Application, origin: &str) -> bool {
    application.kind == ApplicationKind::Spa
        && redirect_uri::is_origin_of(&application.redirect_uris, origin)
}

/// Each word once, where it comes first.
fn keep_first(words: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    words.retain(|word| seen.insert(word.clone()));
}
