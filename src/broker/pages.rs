//! The directory's own pages: My Apps, an application's sign-on link, the portal.
//!
//! A page is shown only to somebody who is signed in at the tenant with nothing missing; for anybody
//! else a sign-in starts that leads back to it.

use super::failure::{Failure, retry};
use super::standing::{Progress, Standings, Wish};
use super::{Broker, Here, Reply};
use crate::decide::access::Assigned;
use crate::decide::{consent, redemption};
use crate::directory::{
    Application, ApplicationKind, IdentityProvider, Role, ServicePrincipal, SingleSignOnMode,
    Tenant, TokenVersion, User, first_party,
};
use crate::fault::{Fault, say};
use crate::federation::sign_on::SignOnRequest;
use crate::ids::{ClientId, Digest, InteractionId, MICROSOFT_ACCOUNT_TENANT, TenantId};
use crate::interaction::{Entry, PageTarget, Proven, Session, SignInRequest, SignedIn, Target};
use crate::protocol::authority::Authority;
use crate::protocol::params::Params;
use crate::store::Page;
use crate::store::records::by;

/// A page, or the sign-in that leads to it.
#[derive(Debug)]
pub enum Opened<T> {
    /// The page.
    Page(Box<T>),
    /// Sign in first.
    SignIn(Box<Reply>),
}

/// My Apps.
#[derive(Debug)]
pub struct MyApps {
    /// The organization.
    pub organization: String,
    /// The tenant.
    pub tenant: TenantId,
    /// Who it is.
    pub user: String,
    /// The name.
    pub display_name: String,
    /// What the person may open.
    pub apps: Vec<AppTile>,
}

/// An application in My Apps.
#[derive(Debug)]
pub struct AppTile {
    /// Its name.
    pub name: String,
    /// Its sign-on link.
    pub link: String,
}

/// The portal's list of users.
#[derive(Debug)]
pub struct Portal {
    /// The organization.
    pub organization: String,
    /// The tenant.
    pub tenant: TenantId,
    /// Who looks at it.
    pub user: String,
    /// A page of its users.
    pub users: Vec<PortalUser>,
    /// Where the next page starts.
    pub next: Option<String>,
}

/// A user in the portal.
#[derive(Debug)]
pub struct PortalUser {
    /// The name.
    pub display_name: String,
    /// The user principal name.
    pub user_principal_name: String,
    /// *User type*.
    pub user_type: &'static str,
    /// *Source*.
    pub source: String,
    /// *Identities*.
    pub identities: String,
    /// *Invitation accepted*.
    pub invitation_accepted: &'static str,
}

const PORTAL_PAGE: u32 = 100;
const ADMINISTRATORS: &[Role] =
    &[Role::GlobalAdministrator, Role::UserAdministrator, Role::HelpdeskAdministrator];

impl Broker {
    /// `/myapps`, `/myapps?tenantid=` and `/myapps/{domain}`.
    pub async fn my_apps(
        &self,
        here: &Here,
        tenant: Option<&str>,
        sid: Option<&str>,
    ) -> Result<Opened<MyApps>, Fault> {
        retry!(self.try_my_apps(here, tenant, sid).await)
    }

    async fn try_my_apps(
        &self,
        here: &Here,
        tenant: Option<&str>,
        sid: Option<&str>,
    ) -> Result<Opened<MyApps>, Failure> {
        let authority = match tenant {
            Some(name) => Authority::Tenant(self.selected_tenant_or_home(name).await?),
            None => Authority::Common,
        };
        let Authority::Tenant(id) = authority else {
            let reply = self.start_page(here, authority, PageTarget::MyApps).await?;
            return Ok(Opened::SignIn(Box::new(reply)));
        };
        let Some(standings) = self.visitor(here, id, first_party::MY_APPS, sid).await? else {
            let reply = self.start_page(here, authority, PageTarget::MyApps).await?;
            return Ok(Opened::SignIn(Box::new(reply)));
        };
        let Standings { tenant, user, .. } = standings;
        let mut apps = Vec::new();
        let query = by::service_principals_of(id);
        for principal in self.store.search::<ServicePrincipal>(&query, &Page::ALL).await? {
            if let Some(app) = self.openable(&user, &principal).await? {
                apps.push(tile(id, &app));
            }
        }
        apps.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Opened::Page(Box::new(MyApps {
            organization: tenant.display_name,
            tenant: id,
            user: user.address().to_owned(),
            display_name: user.display_name.clone(),
            apps,
        })))
    }

    /// A tenant that a link names; the Microsoft-account tenant counts too, as a home.
    async fn selected_tenant_or_home(&self, name: &str) -> Result<TenantId, Failure> {
        match name.parse::<TenantId>() {
            Ok(MICROSOFT_ACCOUNT_TENANT) => Ok(MICROSOFT_ACCOUNT_TENANT),
            _ => self.selected_tenant(name).await,
        }
    }

    /// The application behind an instance, if this person may open it: enabled, a page of its own,
    /// and assigned or open to all.
    async fn openable(
        &self,
        user: &User,
        principal: &ServicePrincipal,
    ) -> Result<Option<Application>, Failure> {
        if !principal.account_enabled || first_party::name_of(principal.app_id).is_some() {
            return Ok(None);
        }
        if self.assigned(user, Some(principal)).await? == Assigned::Missing {
            return Ok(None);
        }
        let app = self.find_application(principal.app_id).await?;
        Ok(app.filter(|app| home_page(app).is_some()))
    }

    /// `/myapps/signin/{name}/{app id}?tenantId=`: signs in, then opens the application.
    pub async fn sign_on(&self, here: &Here, app: &str, params: &Params) -> Result<Reply, Fault> {
        retry!(self.try_sign_on(here, app, params).await)
    }

    async fn try_sign_on(&self, here: &Here, app: &str, params: &Params) -> Result<Reply, Failure> {
        let shown: String = app.chars().take(60).collect();
        let id = app.parse::<ClientId>();
        let id = id.map_err(|_| say::application_not_found(&shown, "any tenant"))?;
        let tenant = params.get_ignoring_case("tenantid");
        let tenant = tenant.ok_or_else(|| say::parameter_missing("tenantId"))?;
        let authority = Authority::Tenant(self.selected_tenant(tenant).await?);
        let client = self.client_for(id, authority, TokenVersion::V2, None).await?;
        if client.sign_on.preferred_mode == SingleSignOnMode::Saml && client.home_page_url.is_none()
        {
            return self.start_sign_on(here, authority, SignOnRequest::unasked(&client)?).await;
        }
        let url = home_page(&client).ok_or_else(|| say::no_redirect_uri(id))?;
        self.start_page(here, authority, PageTarget::Application { app: id, url }).await
    }

    /// `/portal/{t}/users`.
    pub async fn portal(
        &self,
        here: &Here,
        tenant: &str,
        params: &Params,
    ) -> Result<Opened<Portal>, Fault> {
        retry!(self.try_portal(here, tenant, params).await)
    }

    async fn try_portal(
        &self,
        here: &Here,
        tenant: &str,
        params: &Params,
    ) -> Result<Opened<Portal>, Failure> {
        let id = self.selected_tenant(tenant).await?;
        let app = first_party::AZURE_PORTAL;
        let Some(standings) = self.visitor(here, id, app, params.get("sid")).await? else {
            let authority = Authority::Tenant(id);
            let reply = self.start_page(here, authority, PageTarget::Portal).await?;
            return Ok(Opened::SignIn(Box::new(reply)));
        };
        let Standings { tenant, user, .. } = standings;
        if !user.has_role(ADMINISTRATORS) {
            return Err(say::portal_denied(user.address(), &tenant.display_name).into());
        }
        let after = params.get("after").map(str::to_owned);
        let page = Page { after, limit: PORTAL_PAGE };
        let users = self.store.search::<User>(&by::users_of(id), &page).await?;
        let whole = users.len() == PORTAL_PAGE as usize;
        let next = users.last().filter(|_| whole).map(|user| user.id.to_string());
        Ok(Opened::Page(Box::new(Portal {
            organization: tenant.display_name.clone(),
            tenant: id,
            user: user.address().to_owned(),
            users: users.iter().map(|user| portal_user(&tenant, user)).collect(),
            next,
        })))
    }

    /// Somebody who is signed in at the tenant with nothing missing.
    async fn visitor(
        &self,
        here: &Here,
        tenant: TenantId,
        app: ClientId,
        sid: Option<&str>,
    ) -> Result<Option<Standings>, Failure> {
        let Some(session) = self.chosen_session(here, tenant, sid).await? else { return Ok(None) };
        let now = self.clock.now();
        let Some(proven) = Proven::by_session(&session, now) else { return Ok(None) };
        let request = page_request(here, tenant, app, now);
        let who = match self.identify(&request, tenant, (None, false), proven).await {
            Ok(found) => found.authenticated,
            Err(Failure::Fault(_)) => return Ok(None),
            Err(conflict) => return Err(conflict),
        };
        let wish = Wish::of(&request, tenant, who.user(), who.proven().account());
        let standings = self.standings(&wish, Progress::default()).await?;
        let complete = standings.admitted.outcome().is_ok()
            && *standings.redemption.outcome() == redemption::Outcome::Complete
            && *standings.consent.outcome() == consent::Outcome::Consented
            && !standings.user.is_pending();
        Ok(complete.then_some(standings))
    }

    async fn chosen_session(
        &self,
        here: &Here,
        tenant: TenantId,
        sid: Option<&str>,
    ) -> Result<Option<SignedIn>, Failure> {
        let Some(key) = &here.session else { return Ok(None) };
        let session = self.store.get::<Session>(by::session(&key.digest())).await?;
        let live = session.map(|session| session.at(Some(tenant), self.clock.now()));
        let mut live = live.unwrap_or_default();
        if let Some(sid) = sid {
            live.retain(|session| session.sid().to_string() == sid);
        }
        Ok(if live.len() == 1 { live.pop() } else { None })
    }
}

/// A request as a sign-in to a page would have it, for deciding about a session.
fn page_request(
    here: &Here,
    tenant: TenantId,
    app: ClientId,
    now: jiff::Timestamp,
) -> SignInRequest {
    let page = match app {
        first_party::AZURE_PORTAL => PageTarget::Portal,
        _ => PageTarget::MyApps,
    };
    SignInRequest {
        id: InteractionId::new(uuid::Uuid::nil()),
        browser: Digest::of(b""),
        authority: Authority::Tenant(tenant),
        origin: here.origin.clone(),
        peer: here.peer.clone(),
        entry: Entry::Direct,
        target: Target::Page(page),
        started_at: now,
        expires_at: now,
    }
}

/// Where an application starts: its own page, or the root of its first web redirect URI.
fn home_page(app: &Application) -> Option<String> {
    if !matches!(app.kind, ApplicationKind::Spa | ApplicationKind::Web) {
        return None;
    }
    let root = || {
        let url = app.redirect_uris.iter().find_map(|uri| url::Url::parse(uri).ok())?;
        url.join("/").ok().map(String::from)
    };
    app.home_page_url.clone().or_else(root)
}

fn tile(tenant: TenantId, app: &Application) -> AppTile {
    let path_name: String =
        app.display_name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let path_name = if path_name.is_empty() { "app".to_owned() } else { path_name };
    AppTile {
        name: app.display_name.clone(),
        link: format!("/myapps/signin/{path_name}/{}?tenantId={tenant}", app.client_id),
    }
}

/// *Source* and *Identities* as the portal names them (user-properties article).
fn portal_user(tenant: &Tenant, user: &User) -> PortalUser {
    let host = tenant.initial_domain().to_owned();
    let linked = user.linked().map(|account| &account.provider);
    let source = match (&user.external, linked) {
        (None, _) => "Microsoft Entra ID".to_owned(),
        (Some(_), None) => "Invited user".to_owned(),
        (Some(_), Some(IdentityProvider::ExternalAzureAd)) => {
            "External Azure Active Directory".to_owned()
        }
        (Some(_), Some(IdentityProvider::MicrosoftAccount)) => "Microsoft Account".to_owned(),
        (Some(_), Some(IdentityProvider::Mail)) => "mail".to_owned(),
        (Some(_), Some(other)) => other.as_str().to_owned(),
    };
    PortalUser {
        display_name: user.display_name.clone(),
        user_principal_name: user.user_principal_name.clone(),
        user_type: user.user_type.as_str(),
        source,
        identities: linked.map_or(host, |provider| provider.as_str().to_owned()),
        invitation_accepted: match &user.external {
            None => "–",
            Some(_) if user.is_pending() => "No",
            Some(_) => "Yes",
        },
    }
}
