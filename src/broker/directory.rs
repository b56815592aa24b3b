//! Look-ups in the directory.

use super::failure::Failure;
use super::{Broker, Here};
use crate::decide::access::Assigned;
use crate::decide::hrd::Resource;
use crate::directory::{
    Application, ApplicationKind, Assignee, Assignment, Group, LinkedAccount, ServicePrincipal,
    SignInAudience, SignOnConfiguration, Tenant, TenantKind, TokenConfiguration, TokenVersion,
    User, first_party,
};
use crate::fault::{Fault, say};
use crate::ids::{
    ClientId, ClientSecret, DomainName, EmailAddress, MICROSOFT_ACCOUNT_TENANT, ObjectId, TenantId,
};
use crate::protocol::authority::{Authority, Segment};
use crate::store::Stored;
use crate::store::records::by;

impl Broker {
    /// The authority of a path segment.
    pub async fn authority(&self, segment: &str) -> Result<Option<Authority>, Fault> {
        self.resolve_segment(segment).await.map_err(|failure| match failure {
            Failure::Fault(fault) => fault,
            Failure::Conflict => say::internal(),
        })
    }

    pub(super) async fn resolve_segment(
        &self,
        segment: &str,
    ) -> Result<Option<Authority>, Failure> {
        Ok(match Segment::parse(segment) {
            Some(Segment::Authority(Authority::Tenant(id))) => {
                self.find_tenant(id).await?.map(|tenant| Authority::Tenant(tenant.id))
            }
            Some(Segment::Authority(authority)) => Some(authority),
            Some(Segment::Domain(domain)) => {
                self.tenant_of_domain(&domain).await?.map(|tenant| Authority::Tenant(tenant.id))
            }
            None => None,
        })
    }

    pub(super) async fn find_tenant(&self, id: TenantId) -> Result<Option<Tenant>, Failure> {
        Ok(self.store.get::<Tenant>(by::tenant(id)).await?.map(|stored| stored.record))
    }

    /// A tenant that must exist, because a record names it.
    pub(super) async fn tenant(&self, id: TenantId) -> Result<Tenant, Failure> {
        self.find_tenant(id).await?.ok_or_else(|| say::tenant_not_found(id).into())
    }

    pub(super) async fn tenant_of_domain(
        &self,
        domain: &DomainName,
    ) -> Result<Option<Tenant>, Failure> {
        let found = self.store.find_one::<Tenant>(by::tenant_domain(domain)).await?;
        Ok(found.map(|stored| stored.record))
    }

    /// A tenant by id, verified domain or the organization's name.
    pub(super) async fn tenant_by_name(&self, name: &str) -> Result<Option<Tenant>, Failure> {
        let name = name.trim();
        if let Ok(id) = name.parse::<TenantId>() {
            return self.find_tenant(id).await;
        }
        if let Ok(domain) = name.parse::<DomainName>()
            && let Some(tenant) = self.tenant_of_domain(&domain).await?
        {
            return Ok(Some(tenant));
        }
        // Anybody can make an unmanaged tenant of any name: one that is managed comes first.
        let mut found = self.store.find::<Tenant>(by::tenant_name(name)).await?;
        found.sort_by_key(|tenant| (tenant.kind == TenantKind::Unmanaged, tenant.id));
        Ok(found.into_iter().next().map(|stored| stored.record))
    }

    pub(super) async fn user(
        &self,
        tenant: TenantId,
        id: ObjectId,
    ) -> Result<Option<Stored<User>>, Failure> {
        Ok(self.store.get(by::user(tenant, id)).await?)
    }

    /// The user of a tenant who has an address, as it stands.
    pub async fn user_of(
        &self,
        tenant: TenantId,
        address: &EmailAddress,
    ) -> Result<Option<User>, Fault> {
        let found = self.user_at(tenant, address).await.map_err(|_| say::internal())?;
        Ok(found.map(|stored| stored.record))
    }

    /// The user of a tenant who has an address: a member of that name first, else a guest.
    pub(super) async fn user_meant_by(
        &self,
        tenant: TenantId,
        address: &EmailAddress,
    ) -> Result<Option<Stored<User>>, Failure> {
        let found = self.users_at(tenant, address).await?;
        Ok(found.into_iter().find(|user| user.is_meant_by(address)))
    }

    /// The user of a tenant who has an address, whatever it means.
    pub(super) async fn user_at(
        &self,
        tenant: TenantId,
        address: &EmailAddress,
    ) -> Result<Option<Stored<User>>, Failure> {
        Ok(self.users_at(tenant, address).await?.into_iter().next())
    }

    async fn users_at(
        &self,
        tenant: TenantId,
        address: &EmailAddress,
    ) -> Result<Vec<Stored<User>>, Failure> {
        let mut found = self.store.find::<User>(by::user_address(tenant, address)).await?;
        // Whose own name it is comes before whoever else claims it.
        found.sort_by_key(|user| {
            (!user.is_named(address), user.external.is_some(), !user.is_reachable_at(address))
        });
        Ok(found)
    }

    /// The user of a tenant who is an account, or is bound to it.
    pub(super) async fn linked_user(
        &self,
        tenant: TenantId,
        account: &LinkedAccount,
    ) -> Result<Option<Stored<User>>, Failure> {
        if account.home_tenant == Some(tenant) {
            return match account.subject.parse() {
                Ok(id) => self.user(tenant, id).await,
                Err(_) => Ok(None),
            };
        }
        Ok(self.store.find_one(by::linked_account(tenant, account)).await?)
    }

    /// Accounts that sign in under a name, each in its home tenant.
    pub(super) async fn home_accounts(&self, name: &str) -> Result<Vec<User>, Failure> {
        let found = self.store.find::<User>(by::sign_in_name(name)).await?;
        Ok(found.into_iter().map(|stored| stored.record).collect())
    }

    pub(super) async fn find_application(
        &self,
        id: ClientId,
    ) -> Result<Option<Application>, Failure> {
        Ok(self.store.get::<Application>(by::application(id)).await?.map(|stored| stored.record))
    }

    /// The broker's own registration toward the tenants it hosts: confidential, first-party, with
    /// the one callback that fits the request.
    pub(super) async fn broker_application(&self, callback: Option<&str>) -> Application {
        let tenant = callback
            .and_then(|uri| {
                self.origins.all().iter().find_map(|own| uri.strip_prefix(own.as_str()))
            })
            .and_then(|path| path.strip_prefix("/te/")?.strip_suffix("/oauth2/authresp"))
            .and_then(|tenant| tenant.parse::<TenantId>().ok());
        let known = match tenant {
            Some(tenant) => self.find_tenant(tenant).await.ok().flatten().is_some(),
            None => false,
        };
        Application {
            client_id: first_party::BROKER,
            tenant: MICROSOFT_ACCOUNT_TENANT,
            display_name: "guestpass broker".to_owned(),
            kind: ApplicationKind::Web,
            sign_in_audience: SignInAudience::AzureAdAndPersonalMicrosoftAccount,
            secret: Some(ClientSecret::new(self.broker_secret()).digest()),
            secret_end_date_time: None,
            key_credentials: Vec::new(),
            federated_identity_credentials: Vec::new(),
            strict_client_assertions: false,
            is_fallback_public_client: false,
            redirect_uris: callback.filter(|_| known).map(str::to_owned).into_iter().collect(),
            post_logout_redirect_uris: Vec::new(),
            logout_url: None,
            home_page_url: None,
            identifier_uris: Vec::new(),
            scopes: Vec::new(),
            app_roles: Vec::new(),
            id_token_issuance: false,
            access_token_issuance: false,
            requested_access_token_version: TokenVersion::V2,
            emit_unverified_email: false,
            refresh_token_rotation: false,
            token_configuration: TokenConfiguration::default(),
            sign_on: SignOnConfiguration::default(),
        }
    }

    /// The broker's secret toward the providers that are built in.
    pub(super) fn broker_secret(&self) -> String {
        self.mac.code("broker secret", &[])
    }

    pub(super) async fn service_principal(
        &self,
        tenant: TenantId,
        app: ClientId,
    ) -> Result<Option<Stored<ServicePrincipal>>, Failure> {
        Ok(self.store.get(by::service_principal(tenant, app)).await?)
    }

    /// What a sign-in opens, for texts.
    pub(super) async fn resource(&self, app: ClientId) -> Result<Resource, Failure> {
        if let Some(name) = first_party::name_of(app) {
            return Ok(Resource { id: app, name: name.to_owned() });
        }
        let name = self.find_application(app).await?.map(|app| app.display_name);
        Ok(Resource { id: app, name: name.unwrap_or_else(|| app.to_string()) })
    }

    /// Whether a user is assigned to an application, directly or through a group.
    pub(super) async fn assigned(
        &self,
        user: &User,
        principal: Option<&ServicePrincipal>,
    ) -> Result<Assigned, Failure> {
        let Some(principal) = principal.filter(|p| p.app_role_assignment_required) else {
            return Ok(Assigned::NotRequired);
        };
        let index = by::assignments(user.tenant, principal.app_id);
        for assignment in self.store.find::<Assignment>(index).await? {
            match assignment.principal {
                Assignee::User(id) if id == user.id => return Ok(Assigned::Yes),
                Assignee::User(_) => {}
                Assignee::Group(id) => {
                    let group = self.store.get::<Group>(by::group(user.tenant, id)).await?;
                    if group.is_some_and(|group| group.members.contains(&user.id)) {
                        return Ok(Assigned::Yes);
                    }
                }
            }
        }
        Ok(Assigned::Missing)
    }

    /// Whether people may sign in to an application in a tenant.
    pub(super) async fn is_enabled(
        &self,
        tenant: TenantId,
        app: ClientId,
    ) -> Result<bool, Failure> {
        let principal = self.service_principal(tenant, app).await?;
        Ok(principal.is_none_or(|principal| principal.account_enabled))
    }

    /// `iss` of a tenant's tokens, fetched through `here`.
    pub(super) fn issuer(&self, here: &Here, tenant: TenantId) -> String {
        crate::protocol::discovery::issuer(self.origins.issuer(&here.origin), tenant)
    }
}
