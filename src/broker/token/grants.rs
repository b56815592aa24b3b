//! Codes and refresh tokens at the token endpoint.

use jiff::SignedDuration;

use super::{Broker, Caller, TokenCall, check_pass_through};
use crate::broker::application::check_audience;
use crate::broker::discover::account_of;
use crate::broker::failure::Failure;
use crate::decide::tenant_switch;
use crate::directory::{ApplicationKind, IdentityProvider};
use crate::fault::{Fault, say};
use crate::ids::{CodeValue, GrantId, RefreshTokenValue, TenantId};
use crate::interaction::{CodeRecord, GrantData, GrantRecord, RefreshRecord, TokenResponse};
use crate::protocol::authority::Authority;
use crate::protocol::claims_request::ClaimsRequest;
use crate::protocol::pkce;
use crate::protocol::scope::RequestedScope;
use crate::store::records::by;
use crate::store::{ChangeSet, Stored};

/// What comes with a code.
pub(in crate::broker) struct Presented {
    pub(super) code: CodeValue,
    pub(super) redirect_uri: Option<String>,
    pub(super) code_verifier: Option<String>,
    pub(super) scope: Option<RequestedScope>,
}

impl Broker {
    pub(super) async fn redeem_code(
        &self,
        call: &TokenCall<'_>,
        caller: &Caller,
        presented: Presented,
    ) -> Result<TokenResponse, Failure> {
        let code = self.store.get::<CodeRecord>(by::code(&presented.code.digest())).await?;
        let code = code.ok_or_else(say::grant_invalid)?;
        self.exchange_code(call, caller, code, Some(presented)).await
    }

    /// Exchanges a code, once. A device has nothing to present but its code.
    pub(in crate::broker) async fn exchange_code(
        &self,
        call: &TokenCall<'_>,
        caller: &Caller,
        mut code: Stored<CodeRecord>,
        presented: Option<Presented>,
    ) -> Result<TokenResponse, Failure> {
        if code.data().client != caller.application.client_id {
            // Another client's: it learns nothing, and the right client can still redeem.
            return Err(say::grant_invalid().into());
        }
        if let Some(grant) = code.redeemed() {
            self.revoke(grant).await?;
            return Err(say::code_redeemed().into());
        }
        let now = self.clock.now();
        if code.is_expired(now) {
            return Err(say::grant_expired().into());
        }
        check_endpoint(caller)?;
        check_tenant(code.data(), caller.authority)?;
        let mut data = code.data().clone();
        if let Some(presented) = presented {
            if presented.redirect_uri.as_deref() != Some(data.redirect_uri.as_str()) {
                return Err(say::redirect_uri_differs().into());
            }
            let challenge = data.code_challenge.as_deref();
            pkce::check_verifier(challenge, presented.code_verifier.as_deref())?;
            self.narrow(&mut data, presented.scope).await?;
        }
        // azure-identity asks for it here only.
        data.client_info |= call.params.get("client_info") == Some("1");
        data.claims.extend(ClaimsRequest::parse(call.params.get("claims"))?);
        let (granted, standings) = self.renew(data).await?;
        check_pass_through(caller.authority, &standings.user)?;
        let wanted = self.wanted(&caller.application, &granted, &standings).await?;

        let spa = caller.application.kind == ApplicationKind::Spa;
        let grant = code.exchange(GrantId::new(self.entropy.guid()), spa, now);
        let grant = grant.begun_by(&caller.client);
        let mut changes = ChangeSet::new();
        changes.update(&code).insert(&grant).unchanged(&standings.user);
        let refresh = self.new_refresh_token(&grant, &mut changes);
        self.store.commit(changes).await?;
        let refresh = (grant.id(), refresh.as_ref());
        Ok(self.sign(call.origin, caller, (&granted, &standings), refresh, wanted))
    }

    pub(super) async fn refresh(
        &self,
        call: &TokenCall<'_>,
        caller: &Caller,
        token: &RefreshTokenValue,
        scope: Option<RequestedScope>,
    ) -> Result<TokenResponse, Failure> {
        let found = self.store.get::<RefreshRecord>(by::refresh_token(&token.digest())).await?;
        let mut found = found.ok_or_else(|| match is_ours(token) {
            true => say::grant_invalid(),
            false => say::refresh_token_malformed(),
        })?;
        let grant = self.store.get::<GrantRecord>(by::grant(found.grant())).await?;
        let mut grant = grant.ok_or_else(say::grant_invalid)?;
        if grant.data().client != caller.application.client_id {
            return Err(say::grant_invalid().into());
        }
        check_endpoint(caller)?;
        grant.check_client(&caller.client)?;
        if self.is_dead(&grant).await? {
            return Err(say::grant_revoked().into());
        }
        if found.is_used_up() {
            // Two hold it, and one of them is not the client (RFC 9700 §4.14.2).
            self.revoke(grant.id()).await?;
            return Err(say::grant_revoked().into());
        }
        let now = self.clock.now();
        if now >= found.expires_at() {
            return Err(match grant.is_spa() {
                true => say::spa_refresh_expired(),
                false => say::refresh_expired(found.issued_at()),
            }
            .into());
        }
        let mut data = self.data_at(grant.data(), caller).await?;
        self.narrow(&mut data, scope).await?;
        // A nonce belongs to the sign-in, not to what is refreshed (OIDC Core 12.2).
        data.nonce = None;
        data.client_info |= call.params.get("client_info") == Some("1");
        data.claims.extend(ClaimsRequest::parse(call.params.get("claims"))?);
        let (granted, standings) = self.renew(data).await?;
        check_pass_through(caller.authority, &standings.user)?;
        let wanted = self.wanted(&caller.application, &granted, &standings).await?;

        let mut changes = ChangeSet::new();
        // Entra does not revoke the old refresh token; the family's last use is noted once a day.
        let refresh = self.new_refresh_token(&grant, &mut changes);
        if caller.application.refresh_token_rotation {
            found.use_up();
            changes.update(&found);
        }
        let elsewhere = grant.note_elsewhere(&granted);
        if elsewhere || now.duration_since(grant.used_at()) > SignedDuration::from_hours(24) {
            grant.use_at(now);
            changes.update(&grant);
        } else {
            changes.unchanged(&grant);
        }
        // The guest was read for this decision; a reset meanwhile makes it be decided again.
        changes.unchanged(&standings.user);
        self.store.commit(changes).await?;
        let refresh = (grant.id(), refresh.as_ref());
        Ok(self.sign(call.origin, caller, (&granted, &standings), refresh, wanted))
    }

    /// What a refresh token stands for at an endpoint. It is bound to the person and the client,
    /// not to a tenant (refresh-tokens article): at another tenant's endpoint it stands for the
    /// guest whom the person is there.
    async fn data_at(&self, data: &GrantData, caller: &Caller) -> Result<GrantData, Failure> {
        let Caller { authority, application, .. } = caller;
        let (authority, application) = (*authority, application);
        let home = self.home_of_guest(data, authority).await?;
        let tenant = match authority {
            Authority::Tenant(tenant) if tenant != data.tenant => tenant,
            Authority::Common | Authority::Organizations if home.is_some() => {
                home.unwrap_or(data.tenant)
            }
            _ => {
                check_tenant(data, authority)?;
                return Ok(data.clone());
            }
        };
        let user = self.user(data.tenant, data.user).await?;
        let user = user.filter(|user| user.account_enabled && !user.is_pending());
        let user = user.filter(|user| user.standing_since() == data.standing_since);
        let user = user.ok_or_else(say::grant_revoked)?;
        let account = match user.linked() {
            Some(account) => account.clone(),
            None => account_of(&user),
        };
        let target = self.tenant(tenant).await?;
        let place = &target.display_name;
        check_audience(application, caller.version, Authority::Tenant(tenant), place)?;
        let there = match self.linked_user(tenant, &account).await? {
            Some(there) => Some(there),
            None => match account.sign_in_name.parse() {
                Ok(address) => self.user_meant_by(tenant, &address).await?,
                Err(_) => None,
            },
        };
        let decision = tenant_switch::decide(&tenant_switch::Facts {
            account: &account,
            address: user.address(),
            tenant,
            tenant_name: &target.display_name,
            there: there.as_deref(),
            app: application.client_id,
            app_name: &application.display_name,
        });
        let there = there.as_deref().unwrap_or(&user);
        Ok(data.at_another_tenant(there, &decision)?)
    }

    /// Where a guest is at home, if an endpoint that names no tenant is asked with a refresh token
    /// that began at a resource tenant: there everybody is at home, and the token does not stand for
    /// the guest.
    async fn home_of_guest(
        &self,
        data: &GrantData,
        authority: Authority,
    ) -> Result<Option<TenantId>, Failure> {
        // Whoever signed in there has chosen the organization there.
        if authority.tenant().is_some() || data.authority.tenant().is_none() {
            return Ok(None);
        }
        let user = self.user(data.tenant, data.user).await?;
        let Some(account) = user.as_ref().and_then(|user| user.linked()) else { return Ok(None) };
        match (&account.provider, account.home_tenant) {
            (IdentityProvider::MicrosoftAccount, _) => {
                Err(say::microsoft_account_guest(&account.sign_in_name).into())
            }
            (_, None) => Err(say::grant_of_another_tenant().into()),
            (_, home) => Ok(home),
        }
    }

    /// A scope in a token request names one resource; it may not name what does not exist.
    async fn narrow(
        &self,
        data: &mut GrantData,
        scope: Option<RequestedScope>,
    ) -> Result<(), Failure> {
        let Some(scope) = scope else { return Ok(()) };
        let resolved = self.resolve_scope(&scope).await?;
        if resolved.len() > 1 {
            return Err(say::scope_of_several_resources().into());
        }
        if resolved.is_empty() && scope.openid.is_empty() {
            return Ok(());
        }
        // What was granted of OpenID stays granted; `openid` asked for only now gives nothing new.
        let openid = std::mem::take(&mut data.scope.openid);
        data.scope = RequestedScope { openid, permissions: scope.permissions };
        Ok(())
    }

    pub(super) fn new_refresh_token(
        &self,
        grant: &GrantRecord,
        changes: &mut ChangeSet,
    ) -> Option<RefreshTokenValue> {
        if !grant.data().scope.has("offline_access") {
            return None;
        }
        let value = RefreshTokenValue::new(format!("1.{}", self.entropy.token()));
        changes.insert(&RefreshRecord::of(grant, value.digest(), self.clock.now()));
        Some(value)
    }

    /// Kills every token of a family.
    async fn revoke(&self, grant: GrantId) -> Result<(), Failure> {
        let Some(stored) = self.store.get::<GrantRecord>(by::grant(grant)).await? else {
            return Ok(());
        };
        if stored.is_revoked() {
            return Ok(());
        }
        let Stored { version, mut record } = stored;
        record.revoke();
        let mut changes = ChangeSet::new();
        changes.update(&Stored { version, record });
        Ok(self.store.commit(changes).await?)
    }
}

/// Whether a text could be a refresh token of ours.
fn is_ours(token: &RefreshTokenValue) -> bool {
    let secret = token.reveal().strip_prefix("1.").unwrap_or_default();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    secret.len() == 43 && secret.bytes().all(plain)
}

/// An endpoint that names no tenant serves the applications that it serves at the authorization
/// endpoint.
fn check_endpoint(caller: &Caller) -> Result<(), Fault> {
    match caller.authority {
        Authority::Tenant(_) => Ok(()),
        other => check_audience(&caller.application, caller.version, other, &other.to_string()),
    }
}

/// A refresh token of one tenant is worth nothing at another's endpoint.
fn check_tenant(data: &GrantData, authority: Authority) -> Result<(), Fault> {
    let fits = match authority {
        Authority::Tenant(tenant) => tenant == data.tenant,
        Authority::Consumers => data.tenant == crate::ids::MICROSOFT_ACCOUNT_TENANT,
        Authority::Common => true,
        Authority::Organizations => data.tenant != crate::ids::MICROSOFT_ACCOUNT_TENANT,
    };
    if fits { Ok(()) } else { Err(say::grant_of_another_tenant()) }
}
