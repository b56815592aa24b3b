//! Sign-out: `/{t}/oauth2/v2.0/logout`.

use uuid::Uuid;

use super::failure::{Failure, retry};
use super::{Broker, Here};
use crate::directory::{Application, ServicePrincipal};
use crate::fault::{Fault, say};
use crate::ids::{ClientId, TenantId};
use crate::interaction::Session;
use crate::protocol::authority::Authority;
use crate::protocol::params::Params;
use crate::protocol::redirect_uri;
use crate::store::records::by;
use crate::store::{ChangeSet, Page};

/// What a sign-out ends with.
#[derive(Debug, PartialEq, Eq)]
pub enum SignedOut {
    /// On our own page.
    Here,
    /// Where the client asked for.
    Redirect(String),
}

impl Broker {
    /// Ends the browser's session at the tenant (everywhere, on `common`), and says where to go.
    /// Nothing is redirected to but a registered URI.
    pub async fn sign_out(
        &self,
        here: &Here,
        segment: &str,
        params: &Params,
    ) -> Result<SignedOut, Fault> {
        retry!(self.try_sign_out(here, segment, params).await)
    }

    async fn try_sign_out(
        &self,
        here: &Here,
        segment: &str,
        params: &Params,
    ) -> Result<SignedOut, Failure> {
        let shown: String = segment.chars().take(80).collect();
        let authority = self.resolve_segment(segment).await?;
        let authority = authority.ok_or_else(|| say::tenant_not_found(shown))?;
        let hint = match params.get("id_token_hint") {
            Some(hint) => self.verify_own(hint).await.ok(),
            None => None,
        };
        let claim = |name: &str| hint.as_ref()?.get(name)?.as_str().map(str::to_owned);
        let sid = claim("sid").and_then(|sid| sid.parse::<Uuid>().ok());
        self.end_session(here, authority.tenant(), sid).await?;
        if params.repeated().is_some() {
            return Ok(SignedOut::Here);
        }
        let Some(target) = params.get("post_logout_redirect_uri") else {
            return Ok(SignedOut::Here);
        };
        let client = claim("aud").or_else(|| params.get("client_id").map(str::to_owned));
        let client = client.and_then(|client| client.parse::<ClientId>().ok());
        if !self.may_go_to(authority, client, target).await? {
            return Ok(SignedOut::Here);
        }
        let Some(state) = params.get("state") else {
            return Ok(SignedOut::Redirect(target.to_owned()));
        };
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("state", state);
        let mark = if target.contains('?') { '&' } else { '?' };
        Ok(SignedOut::Redirect(format!("{target}{mark}{}", query.finish())))
    }

    async fn end_session(
        &self,
        here: &Here,
        tenant: Option<TenantId>,
        sid: Option<Uuid>,
    ) -> Result<(), Failure> {
        let Some(key) = &here.session else { return Ok(()) };
        let Some(mut stored) = self.store.get::<Session>(by::session(&key.digest())).await? else {
            return Ok(());
        };
        let mut changes = ChangeSet::new();
        stored.record.sign_out(tenant, sid);
        if stored.record.is_empty() {
            changes.delete(&stored);
        } else {
            changes.update(&stored);
        }
        Ok(self.store.commit(changes).await?)
    }

    /// Whether an application that can be used here has registered the address.
    async fn may_go_to(
        &self,
        authority: Authority,
        client: Option<ClientId>,
        target: &str,
    ) -> Result<bool, Failure> {
        let registered = |app: &Application| {
            let uris = app.post_logout_redirect_uris.iter().chain(&app.redirect_uris);
            uris.into_iter().any(|uri| redirect_uri::matches(uri, target))
        };
        if let Some(client) = client {
            return Ok(self.find_application(client).await?.is_some_and(|app| registered(&app)));
        }
        let Some(tenant) = authority.tenant() else { return Ok(false) };
        let query = by::service_principals_of(tenant);
        let principals = self.store.search::<ServicePrincipal>(&query, &Page::ALL).await?;
        for principal in principals {
            let app = self.find_application(principal.app_id).await?;
            if app.is_some_and(|app| registered(&app)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
