//! What the start page shows: tenants, people, applications.

use super::Broker;
use super::failure::internal;
use crate::directory::{Application, ServicePrincipal, Tenant, TenantKind, User, first_party};
use crate::fault::Fault;
use crate::store::records::by;
use crate::store::{Kind, Page, Query};

/// A tenant on the start page.
#[derive(Debug)]
pub struct WelcomeTenant {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
    /// Its initial domain; none for Microsoft accounts.
    pub domain: String,
    /// What it is, in a few words.
    pub about: String,
    /// People who sign in there, a few of them.
    pub people: Vec<WelcomePerson>,
    /// Applications registered there.
    pub apps: Vec<WelcomeApp>,
}

/// A person on the start page.
#[derive(Debug)]
pub struct WelcomePerson {
    /// The address to type.
    pub address: String,
    /// The name.
    pub name: String,
    /// Member, or how the guest stands.
    pub about: &'static str,
}

/// An application on the start page.
#[derive(Debug)]
pub struct WelcomeApp {
    /// Its name.
    pub name: String,
    /// Its client id.
    pub client_id: String,
    /// Its tokens name addresses that nobody has proven.
    pub emits_unverified_email: bool,
}

const SHOWN: u32 = 25;

impl Broker {
    /// The tenants of the store, with some of what is in them.
    pub async fn welcome(&self) -> Result<Vec<WelcomeTenant>, Fault> {
        let page = Page { after: None, limit: SHOWN };
        let all = Query::All(Kind::Tenant, String::new());
        let mut tenants = self.store.search::<Tenant>(&all, &page).await.map_err(internal)?;
        let place = |id| self.settings.tenants.iter().position(|known| *known == id);
        tenants.sort_by_key(|tenant| place(tenant.id).unwrap_or(usize::MAX));
        let mut shown = Vec::new();
        for tenant in tenants {
            let users = self.store.search::<User>(&by::users_of(tenant.id), &page).await;
            let people = users.map_err(internal)?.iter().map(|user| person(user)).collect();
            let query = by::service_principals_of(tenant.id);
            let principals = self.store.search::<ServicePrincipal>(&query, &page).await;
            let mut apps = Vec::new();
            for principal in principals.map_err(internal)? {
                if first_party::name_of(principal.app_id).is_some() {
                    continue;
                }
                let key = by::application(principal.app_id);
                let app = self.store.get::<Application>(key).await.map_err(internal)?;
                if let Some(app) = app.filter(|app| app.tenant == tenant.id) {
                    apps.push(WelcomeApp {
                        name: app.display_name.clone(),
                        client_id: app.client_id.to_string(),
                        emits_unverified_email: app.emit_unverified_email,
                    });
                }
            }
            shown.push(WelcomeTenant {
                name: tenant.display_name.clone(),
                id: tenant.id.to_string(),
                domain: tenant.initial_domain().to_owned(),
                about: about(&tenant),
                people,
                apps,
            });
        }
        Ok(shown)
    }
}

fn person(user: &User) -> WelcomePerson {
    WelcomePerson {
        address: user.address().to_owned(),
        name: user.display_name.clone(),
        about: match &user.external {
            None if user.roles.is_empty() => "member",
            None => "administrator or inviter",
            Some(_) if user.is_pending() => "guest, pending",
            Some(_) => "guest, accepted",
        },
    }
}

fn about(tenant: &Tenant) -> String {
    match tenant.kind {
        TenantKind::Consumer => return "home of Microsoft accounts".to_owned(),
        TenantKind::Unmanaged => return "unmanaged tenant".to_owned(),
        TenantKind::Managed => {}
    }
    let passcode = if tenant.email_one_time_passcode { "passcode on" } else { "passcode off" };
    format!("profile {}, {passcode}", tenant.redemption_profile.as_str())
}
