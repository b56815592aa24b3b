//! `grant_type=client_credentials`: an application's own token for one resource.
//!
//! It is asked for most often of all, so each record is read once.

use super::{Broker, Caller, TokenCall};
use crate::broker::application::{ResourceScopes, v1_audience_of};
use crate::broker::failure::Failure;
use crate::directory::{AppRoleAssignment, first_party};
use crate::fault::{Fault, say};
use crate::ids::TenantId;
use crate::interaction::{AppOnly, TokenResponse, issue_app_only};
use crate::protocol::authority::Authority;
use crate::protocol::discovery;
use crate::protocol::scope::RequestedScope;
use crate::store::records::by;

impl Broker {
    pub(super) async fn client_credentials(
        &self,
        call: &TokenCall<'_>,
        caller: &Caller,
        scope: &RequestedScope,
    ) -> Result<TokenResponse, Failure> {
        let tenant = tenant_of(caller.authority)?;
        let client = caller.client;
        let principal = self.service_principal(tenant, client.id()).await?;
        let Some(principal) = principal else {
            let place = self.place_of(caller.authority).await?;
            return Err(say::application_not_found(client.id(), place).into());
        };
        if !principal.account_enabled {
            return Err(say::application_disabled(client.id(), &principal.display_name).into());
        }
        let asked = self.resolve_scope(scope).await?;
        let asked = whole_resource(&asked, scope)?;
        let resource = asked.resource;
        let target = self.check_resource(tenant, asked, true).await?;
        let roles = by::app_roles(tenant, client.id(), resource);
        let roles = self.store.get::<AppRoleAssignment>(roles).await?;
        let roles = roles.map(|roles| roles.record.roles).unwrap_or_default();
        if target.is_some_and(|t| t.app_role_assignment_required) && roles.is_empty() {
            let (id, display) = (client.id(), &principal.display_name);
            return Err(say::client_not_assigned(id, display, resource, &asked.name).into());
        }
        let app = AppOnly::new(client, tenant, resource, roles)?;
        let api = match resource {
            first_party::MICROSOFT_GRAPH => None,
            id => self.find_application(id).await?,
        };
        let app = match &api {
            None => app,
            Some(api) => app
                .living(api.token_configuration.access_token_lifetime)
                .with_v1_audience(v1_audience_of(api, scope)),
        };
        let issuer = discovery::issuer(self.origins.issuer(call.origin), tenant);
        let (key, now) = (self.signing_key(tenant), self.clock.now());
        Ok(issue_app_only(&app, principal.id, &issuer, &key, &self.entropy, now))
    }
}

/// An application is itself in one tenant.
fn tenant_of(authority: Authority) -> Result<TenantId, Fault> {
    match authority {
        Authority::Tenant(tenant) => Ok(tenant),
        Authority::Organizations => Err(say::tenant_undetermined()),
        Authority::Common | Authority::Consumers => {
            Err(say::grant_needs_a_tenant("client_credentials"))
        }
    }
}

/// `{resource}/.default`, once, and nothing else.
fn whole_resource<'a>(
    asked: &'a [ResourceScopes],
    scope: &RequestedScope,
) -> Result<&'a ResourceScopes, Fault> {
    let [one] = asked else {
        return Err(say::scope_invalid("without exactly one {resource}/.default"));
    };
    if one.scopes.len() != 1 || one.scopes[0].value != ".default" || !scope.openid.is_empty() {
        return Err(say::scope_invalid("other than {resource}/.default"));
    }
    Ok(one)
}
