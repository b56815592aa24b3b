//! On-behalf-of: a client that was called with an access token gets one for another resource.
//!
//! The token leads back to its family and to the person as stored now. Everything is decided anew
//! for the client, and what it gets ends when the family it rests on is revoked.

use super::{Broker, Caller, TokenCall, check_pass_through};
use crate::broker::application::check_audience;
use crate::broker::failure::Failure;
use crate::fault::say;
use crate::ids::{AccessTokenValue, GrantId};
use crate::interaction::{Asked, GrantData, GrantRecord, TokenResponse};
use crate::protocol::authority::Authority;
use crate::protocol::claims_request::ClaimsRequest;
use crate::protocol::scope::RequestedScope;
use crate::protocol::user_assertion::{self, UserAssertion};
use crate::store::ChangeSet;
use crate::store::records::by;

impl Broker {
    pub(super) async fn on_behalf_of(
        &self,
        call: &TokenCall<'_>,
        caller: &Caller,
        assertion: &AccessTokenValue,
        scope: RequestedScope,
    ) -> Result<TokenResponse, Failure> {
        if !caller.client.is_confidential() {
            return Err(say::secret_missing().into());
        }
        let UserAssertion { tenant, user, handle } = self.user_assertion(caller, assertion).await?;
        let asked = self.asked(call, caller, scope).await?;
        let parent = self.store.get::<GrantRecord>(by::grant(handle.grant)).await?;
        let parent = parent.ok_or_else(say::grant_revoked)?;
        if self.is_dead(&parent).await? {
            return Err(say::grant_revoked().into());
        }
        let name = &caller.application.display_name;
        let client = caller.application.client_id;
        let user = self.user(tenant, user).await?.ok_or_else(|| {
            say::guest_not_in_tenant(user, "unknown", tenant, client, name).for_a_grant()
        })?;
        let place = self.tenant(tenant).await?.display_name;
        let data = GrantData::on_behalf_of((&parent, &handle), (&user, &place), asked)?;
        let (granted, standings) = self.renew(data).await?;
        check_pass_through(caller.authority, &standings.user)?;
        let wanted = self.wanted(&caller.application, &granted, &standings).await?;

        let (id, now) = (GrantId::new(self.entropy.guid()), self.clock.now());
        let grant = GrantRecord::begin_for(&granted, id, &parent, now).begun_by(&caller.client);
        let mut changes = ChangeSet::new();
        changes.insert(&grant).unchanged(&parent).unchanged(&standings.user);
        let refresh = self.new_refresh_token(&grant, &mut changes);
        self.store.commit(changes).await?;
        let refresh = (grant.id(), refresh.as_ref());
        Ok(self.sign(call.origin, caller, (&granted, &standings), refresh, wanted))
    }

    /// Verifies that we have signed the token, and that it is for the client, here and now.
    async fn user_assertion(
        &self,
        caller: &Caller,
        assertion: &AccessTokenValue,
    ) -> Result<UserAssertion, Failure> {
        let claims = self.own_token(assertion.reveal()).await;
        let claims = claims.map_err(|why| {
            say::user_assertion_invalid(format!("Assertion failed signature validation. [{why}]"))
        })?;
        let (application, now) = (&caller.application, self.clock.now());
        let read = user_assertion::check(&claims, application, now)?;
        let tenant = self.find_tenant(read.tenant).await?;
        let tenant = tenant
            .ok_or_else(|| say::user_assertion_invalid("The assertion's tenant does not exist."))?;
        let (version, place) = (caller.version, &tenant.display_name);
        check_audience(application, version, caller.authority, place)?;
        let fits = match caller.authority {
            Authority::Common | Authority::Organizations => true,
            other => other.tenant() == Some(tenant.id),
        };
        if !fits {
            let (authority, id) = (caller.authority, tenant.id);
            return Err(say::user_assertion_invalid(format!(
                "The assertion was issued in tenant '{id}', and this is the endpoint of \
                 '{authority}'."
            ))
            .into());
        }
        check_audience(application, version, Authority::Tenant(tenant.id), place)?;
        Ok(read)
    }

    /// What a client asks for where no authorization request was made.
    pub(super) async fn asked(
        &self,
        call: &TokenCall<'_>,
        caller: &Caller,
        scope: RequestedScope,
    ) -> Result<Asked, Failure> {
        if self.resolve_scope(&scope).await?.len() > 1 {
            return Err(say::scope_of_several_resources().into());
        }
        Ok(Asked {
            client: caller.application.client_id,
            authority: caller.authority,
            scope,
            claims: ClaimsRequest::parse(call.params.get("claims"))?,
            client_info: call.params.get("client_info") == Some("1"),
            ip: None,
        })
    }
}
