//! Applications as clients: may this one ask here, and for what.

use super::Broker;
use super::failure::Failure;
use crate::decide::audience;
use crate::decide::consent::ScopeFact;
use crate::directory::{
    Application, Consent, ServicePrincipal, SignInAudience, TokenVersion, User, first_party,
};
use crate::fault::{Fault, say};
use crate::ids::{ClientId, MICROSOFT_ACCOUNT_TENANT, TenantId};
use crate::protocol::authority::Authority;
use crate::protocol::scope::{OPENID_SCOPES, Permission, RequestedScope};
use crate::store::Stored;
use crate::store::records::by;

/// The permissions of one resource that a request names.
#[derive(Debug, Clone)]
pub(super) struct ResourceScopes {
    /// The resource.
    pub(super) resource: ClientId,
    /// Its name, for people.
    pub(super) name: String,
    /// The permissions.
    pub(super) scopes: Vec<NamedScope>,
}

/// A permission that was asked for and exists.
#[derive(Debug, Clone)]
pub(super) struct NamedScope {
    pub(super) value: String,
    pub(super) admin_consent: bool,
    /// The word as the client wrote it.
    pub(super) written: String,
}

impl Broker {
    /// The client of a request, if it may be used under this authority.
    pub(super) async fn client_for(
        &self,
        id: ClientId,
        authority: Authority,
        version: TokenVersion,
        callback: Option<&str>,
    ) -> Result<Application, Failure> {
        if id == first_party::BROKER {
            return Ok(self.broker_application(callback).await);
        }
        let where_to = self.place_of(authority).await?;
        let application = self.find_application(id).await?;
        let application = application.ok_or_else(|| say::application_not_found(id, &where_to))?;
        check_audience(&application, version, authority, &where_to)?;
        Ok(application)
    }

    /// What an authority is called in a refusal: a tenant by its name.
    pub(super) async fn place_of(&self, authority: Authority) -> Result<String, Failure> {
        Ok(match authority.tenant() {
            Some(tenant) => self.tenant(tenant).await?.display_name,
            None => authority.to_string(),
        })
    }

    /// What decides whose accounts an application serves; Microsoft's own serve everybody's.
    pub(super) async fn audience_of(
        &self,
        id: ClientId,
        version: TokenVersion,
    ) -> Result<Option<audience::Client>, Failure> {
        if first_party::name_of(id).is_some() {
            return Ok(None);
        }
        let application = self.find_application(id).await?;
        Ok(application.map(|application| audience::Client::of(&application, version)))
    }

    /// Finds the resource of each permission asked for; one that does not exist is refused.
    pub(super) async fn resolve_scope(
        &self,
        scope: &RequestedScope,
    ) -> Result<Vec<ResourceScopes>, Failure> {
        let mut resolved: Vec<ResourceScopes> = Vec::new();
        for permission in &scope.permissions {
            let offered = self.offered_by(permission).await?;
            let scope = offered.find(permission)?;
            match resolved.iter_mut().find(|known| known.resource == offered.resource()) {
                Some(known) => known.scopes.push(scope),
                None => resolved.push(ResourceScopes {
                    resource: offered.resource(),
                    name: offered.name().to_owned(),
                    scopes: vec![scope],
                }),
            }
        }
        Ok(resolved)
    }

    /// Whether a resource stands in a tenant: the tenant's own, Microsoft's, or one that was
    /// brought there. `asked_by_app` is an application's own token. Gives its instance there.
    pub(super) async fn check_resource(
        &self,
        tenant: TenantId,
        resource: &ResourceScopes,
        asked_by_app: bool,
    ) -> Result<Option<Stored<ServicePrincipal>>, Failure> {
        let principal = self.service_principal(tenant, resource.resource).await?;
        if principal.is_some() {
            return Ok(principal);
        }
        let api = self.find_application(resource.resource).await?;
        let Some(api) = api.filter(|api| api.tenant != tenant) else { return Ok(None) };
        if tenant == MICROSOFT_ACCOUNT_TENANT {
            // Nothing is installed there: what counts is whose accounts the API serves.
            let api = audience::Client::of(&api, TokenVersion::V2);
            audience::account(&api, tenant).into_parts().0?;
            return Ok(None);
        }
        let tenant = self.tenant(tenant).await?.display_name;
        let name = api.identifier_uris.first().map_or(&resource.name, |uri| uri);
        let nobodys = asked_by_app || api.sign_in_audience == SignInAudience::AzureAdMyOrg;
        Err(match nobodys {
            true => say::resource_not_in_tenant(name, tenant).into(),
            false => say::resource_not_subscribed(name, tenant).into(),
        })
    }

    /// The name by which a resource was asked for that takes v1.0 access tokens.
    pub(super) async fn v1_audience(
        &self,
        resource: ClientId,
        scope: &RequestedScope,
    ) -> Result<Option<String>, Failure> {
        if resource == first_party::MICROSOFT_GRAPH {
            return Ok(None);
        }
        let api = self.find_application(resource).await?;
        Ok(api.and_then(|api| v1_audience_of(&api, scope)))
    }

    async fn offered_by(&self, permission: &Permission) -> Result<Offered, Failure> {
        let graph = first_party::MICROSOFT_GRAPH;
        let name = match permission.resource.as_deref() {
            None => return Ok(Offered::Graph),
            Some(name) if name == "https://graph.microsoft.com" || name == graph.to_string() => {
                return Ok(Offered::Graph);
            }
            Some(name) => name,
        };
        let application = match name.parse::<ClientId>() {
            Ok(id) => self.find_application(id).await?,
            Err(_) => {
                let found = self.store.find_one::<Application>(by::identifier_uri(name)).await?;
                found.map(|stored| stored.record)
            }
        };
        match application {
            Some(application) => Ok(Offered::Api(Box::new(application))),
            None => Err(say::resource_not_found(name).into()),
        }
    }

    /// Everything a request asks for, and what of it is granted already. OpenID scopes are
    /// permissions of Microsoft Graph, as on Entra's consent page.
    pub(super) async fn scope_facts(
        &self,
        tenant: TenantId,
        user: &User,
        client: ClientId,
        scope: &RequestedScope,
    ) -> Result<Vec<(ClientId, String, ScopeFact)>, Failure> {
        let mut resolved = self.resolve_scope(scope).await?;
        let openid: Vec<NamedScope> = scope.openid.iter().map(|s| NamedScope::openid(s)).collect();
        let graph = first_party::MICROSOFT_GRAPH;
        match resolved.iter_mut().find(|known| known.resource == graph) {
            Some(known) => known.scopes.splice(0..0, openid).for_each(drop),
            None if openid.is_empty() => {}
            None => resolved.insert(
                0,
                ResourceScopes { resource: graph, name: "Microsoft Graph".into(), scopes: openid },
            ),
        }
        let mut facts = Vec::new();
        for resource in resolved {
            self.check_resource(tenant, &resource, false).await?;
            let granted = self.granted_scopes(tenant, user, client, resource.resource).await?;
            for scope in resource.scopes {
                let is_granted = match scope.value.as_str() {
                    // `.default` is whatever is granted; asking makes sense only for nothing.
                    ".default" => !granted.is_empty(),
                    value => granted.iter().any(|known| known == value),
                };
                let fact = ScopeFact {
                    value: scope.value,
                    admin_consent: scope.admin_consent,
                    granted: is_granted,
                };
                facts.push((resource.resource, resource.name.clone(), fact));
            }
        }
        Ok(facts)
    }

    /// What is on record, tenant-wide and for the user.
    pub(super) async fn granted_scopes(
        &self,
        tenant: TenantId,
        user: &User,
        client: ClientId,
        resource: ClientId,
    ) -> Result<Vec<String>, Failure> {
        let mut scopes = Vec::new();
        for principal in [None, Some(user.id)] {
            let key = by::consent(tenant, client, resource, principal);
            let consent = self.store.get::<Consent>(key).await?;
            scopes.extend(consent.into_iter().flat_map(|consent| consent.record.scopes));
        }
        Ok(scopes)
    }
}

/// The name by which an API was asked for, if it takes v1.0 access tokens.
pub(super) fn v1_audience_of(api: &Application, scope: &RequestedScope) -> Option<String> {
    let name = scope.permissions.first().and_then(Permission::asked_resource);
    (api.requested_access_token_version == TokenVersion::V1)
        .then(|| name.map_or_else(|| api.client_id.to_string(), str::to_owned))
}

/// Whether an application serves the accounts of the endpoint; `place` names a tenant.
pub(super) fn check_audience(
    application: &Application,
    version: TokenVersion,
    authority: Authority,
    place: &str,
) -> Result<(), Fault> {
    let client = audience::Client::of(application, version);
    audience::at_endpoint(&client, authority, place).into_parts().0
}

/// What a resource offers.
enum Offered {
    Graph,
    Api(Box<Application>),
}

impl Offered {
    fn resource(&self) -> ClientId {
        match self {
            Self::Graph => first_party::MICROSOFT_GRAPH,
            Self::Api(api) => api.client_id,
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Graph => "Microsoft Graph",
            Self::Api(api) => &api.display_name,
        }
    }

    /// Its name for a permission, and whether only an administrator can consent to that. Entra
    /// compares permissions without regard to case, and answers as the client wrote.
    fn offers(&self, asked: &str) -> Option<(&str, bool)> {
        let is_it = |value: &str| value.eq_ignore_ascii_case(asked);
        match self {
            Self::Graph => first_party::GRAPH_SCOPES.iter().find(|(v, _)| is_it(v)).copied(),
            Self::Api(api) => {
                let found = api.scopes.iter().find(|scope| is_it(&scope.value));
                found.map(|scope| (scope.value.as_str(), scope.admin_consent))
            }
        }
    }

    fn find(&self, permission: &Permission) -> Result<NamedScope, Fault> {
        let written = permission.written.clone();
        if permission.value == ".default" {
            return Ok(NamedScope { value: ".default".to_owned(), admin_consent: false, written });
        }
        match self.offers(&permission.value) {
            Some((value, admin_consent)) => {
                Ok(NamedScope { value: value.to_owned(), admin_consent, written })
            }
            None => Err(say::scope_invalid(&permission.written)),
        }
    }
}

impl NamedScope {
    fn openid(scope: &str) -> Self {
        debug_assert!(OPENID_SCOPES.contains(&scope));
        let value = scope.to_owned();
        Self { written: value.clone(), value, admin_consent: false }
    }
}
