//! Who plays: the guest, the tenant, the application, the inviter.

use guestpass::config::world::file::{ApplicationEntry, GuestEntry, TenantEntry, WorldFile};
use guestpass::directory::{ApplicationKind, ExternalUserState, SignInAudience};
use guestpass::ids::{ClientId, EmailAddress, TenantId};

use crate::cli::args::{DemoArgs, Journey};
use crate::cli::failure::CliFault;

/// Everything a journey needs to know beforehand.
#[derive(Debug)]
pub(super) struct Cast {
    pub(super) guest: EmailAddress,
    pub(super) name: String,
    pub(super) password: String,
    pub(super) tenant: TenantId,
    pub(super) tenant_name: String,
    /// Whether the world file has the guest in the tenant; otherwise the demo invites.
    pub(super) invited: bool,
    pub(super) app: Client,
    /// A daemon that may invite, if the world has one.
    pub(super) inviter: Option<Client>,
}

/// A confidential client.
#[derive(Debug, Clone)]
pub(super) struct Client {
    pub(super) name: String,
    pub(super) id: ClientId,
    pub(super) secret: String,
    pub(super) redirect_uri: String,
}

/// Chooses the players from the world file.
pub(super) fn cast(world: &WorldFile, args: &DemoArgs) -> Result<Cast, CliFault> {
    let named = args.tenant.as_deref().map(|name| tenant_named(world, name)).transpose()?;
    let guest = match &args.guest {
        Some(guest) => guest.clone(),
        None => usual_guest(world, named, args.journey)?,
    };
    let has = |tenant: &&TenantEntry| find_guest(tenant, &guest).is_some();
    let tenant = named
        .or_else(|| world.tenant.iter().find(has))
        .or_else(|| world.tenant.iter().find(|tenant| client_of(world, tenant).is_some()));
    let no_app = || {
        let hint =
            "Add an [[tenant.application]] with kind = \"web\", a secret and a redirect URI.";
        CliFault::new("the world has no tenant with a web application to sign in to", hint)
    };
    let tenant = tenant.ok_or_else(no_app)?;
    let entry = find_guest(tenant, &guest);
    let name = entry.and_then(|entry| entry.display_name.clone());
    Ok(Cast {
        name: name.unwrap_or_else(|| guest.as_str().to_owned()),
        password: password_of(world, &guest),
        tenant: tenant.id,
        tenant_name: tenant.name.clone(),
        invited: entry.is_some(),
        app: client_of(world, tenant).ok_or_else(no_app)?,
        inviter: inviter_of(tenant),
        guest,
    })
}

fn tenant_named<'w>(world: &'w WorldFile, name: &str) -> Result<&'w TenantEntry, CliFault> {
    let wanted = name.to_ascii_lowercase();
    let fits = |tenant: &&TenantEntry| {
        tenant.id.to_string() == wanted
            || tenant.name.to_ascii_lowercase() == wanted
            || tenant.domains.iter().any(|domain| domain.as_str() == wanted)
    };
    world.tenant.iter().find(fits).ok_or_else(|| {
        let known: Vec<&str> = world.tenant.iter().map(|tenant| tenant.name.as_str()).collect();
        CliFault::new(
            format!("the world has no tenant '{name}'"),
            format!("It has {}. Name one by its name, a domain or its id.", known.join(", ")),
        )
    })
}

fn find_guest<'w>(tenant: &'w TenantEntry, address: &EmailAddress) -> Option<&'w GuestEntry> {
    tenant.guest.iter().find(|guest| guest.invited_user_email_address == *address)
}

/// The one who shows most: Carol for a comparison, Frank else; in another world whoever is pending.
fn usual_guest(
    world: &WorldFile,
    tenant: Option<&TenantEntry>,
    journey: Journey,
) -> Result<EmailAddress, CliFault> {
    let usual = match journey {
        Journey::Compare => "carol@outlook.com",
        Journey::DirectLink | Journey::Email => "frank@northwind.example",
    };
    let here = |candidate: &&TenantEntry| tenant.is_none_or(|tenant| tenant.id == candidate.id);
    let guests = world.tenant.iter().filter(here).flat_map(|tenant| &tenant.guest);
    let pending: Vec<_> =
        guests.filter(|g| g.external_user_state == ExternalUserState::PendingAcceptance).collect();
    let guest = pending.iter().find(|guest| guest.invited_user_email_address.as_str() == usual);
    match guest.or(pending.first()) {
        Some(guest) => Ok(guest.invited_user_email_address.clone()),
        None => usual.parse().map_err(|_| CliFault::new("nobody is invited", "Name one: --guest.")),
    }
}

/// The application to sign in to: one of the tenant, or a multi-tenant one that it has.
fn client_of(world: &WorldFile, tenant: &TenantEntry) -> Option<Client> {
    let own = tenant.application.iter();
    let elsewhere = world.tenant.iter().flat_map(|tenant| &tenant.application).filter(|app| {
        app.sign_in_audience != SignInAudience::AzureAdMyOrg
            && tenant.service_principal.iter().any(|principal| principal.app_id == app.client_id)
    });
    own.chain(elsewhere).filter(|app| app.kind == ApplicationKind::Web).find_map(client)
}

fn client(app: &ApplicationEntry) -> Option<Client> {
    Some(Client {
        name: app.display_name.clone(),
        id: app.client_id,
        secret: app.secret.clone()?,
        redirect_uri: app.redirect_uris.first().cloned().unwrap_or_default(),
    })
}

/// A daemon of the tenant with the right to invite.
fn inviter_of(tenant: &TenantEntry) -> Option<Client> {
    let may_invite = |app: &&ApplicationEntry| {
        tenant.app_role_assignment.iter().any(|assignment| {
            assignment.client_id == app.client_id
                && assignment.roles.iter().any(|role| role == "User.Invite.All")
        })
    };
    tenant.application.iter().filter(may_invite).find_map(client)
}

/// The password that the world gives the person; what a new account gets else.
fn password_of(world: &WorldFile, address: &EmailAddress) -> String {
    let microsoft = world.microsoft_account.iter().map(|a| (a.address.as_str(), &a.password));
    let google = world.google_account.iter().map(|a| (a.address.as_str(), &a.password));
    let facebook = world.facebook_account.iter();
    let facebook = facebook.filter_map(|a| Some((a.address.as_ref()?.as_str(), &a.password)));
    let users = world.tenant.iter().flat_map(|tenant| &tenant.user);
    let work = users.map(|user| (user.user_principal_name.as_str(), &user.password));
    let federated = world.federation_account.iter();
    let federated = federated.map(|a| (a.address.as_str(), &a.password));
    let mut accounts = work.chain(microsoft).chain(google).chain(facebook).chain(federated);
    let found = accounts.find(|(name, _)| *name == address.as_str()).map(|(_, password)| password);
    found.cloned().unwrap_or_else(|| "guestpass".to_owned())
}
