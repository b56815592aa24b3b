//! Members, guests and accounts elsewhere.

use super::{Mistakes, Path, tenants};
use crate::config::world::build::link;
use crate::config::world::file::{GuestEntry, TenantEntry, UserEntry, WorldFile};
use crate::directory::ExternalUserState;
use crate::directory::social::phone_number;

pub(super) fn check(world: &WorldFile, found: &mut Mistakes) {
    for (path, tenant) in tenants(world) {
        for (index, user) in tenant.user.iter().enumerate() {
            check_member(tenant, user, &path.item("user", index), found);
        }
        for (index, guest) in tenant.guest.iter().enumerate() {
            check_guest(world, tenant, guest, &path.item("guest", index), found);
        }
    }
    for (index, account) in world.microsoft_account.iter().enumerate() {
        let path = Path::top("microsoft_account", index);
        found.once(path.key("id"), "Microsoft account id", "", account.id);
        found.once(path.key("address"), "Microsoft account", "", &account.address);
    }
    for (index, account) in world.google_account.iter().enumerate() {
        let path = Path::top("google_account", index);
        found.once(path.key("address"), "Google account", "", &account.address);
        if let Some(id) = &account.id {
            found.once(path.key("id"), "Google account id", "", id);
        }
    }
    check_facebook_accounts(world, found);
}

fn check_facebook_accounts(world: &WorldFile, found: &mut Mistakes) {
    for (index, account) in world.facebook_account.iter().enumerate() {
        let path = Path::top("facebook_account", index);
        if let Some(id) = &account.id {
            found.once(path.key("id"), "Facebook account id", "", id);
        }
        if let Some(address) = &account.address {
            found.once(path.key("address"), "Facebook account", "", address);
        }
        match account.phone.as_deref().map(|phone| (phone, phone_number(phone))) {
            Some((_, Some(number))) => {
                found.once(path.key("phone"), "Facebook account", "", number);
            }
            Some((phone, None)) => {
                let message = format!("'{phone}' is no telephone number");
                found.add(path.key("phone"), message, "Write it like +1 555 0100.");
            }
            None if account.address.is_none() => {
                let message = "a Facebook account with neither address nor phone";
                found.add(path, message, "Give one of the two: it is what its holder types.");
            }
            None => {}
        }
    }
}

fn check_member(tenant: &TenantEntry, user: &UserEntry, path: &Path, found: &mut Mistakes) {
    found.once(path.key("id"), "object id", tenant.id, user.id);
    let names = std::iter::once((path.key("user_principal_name"), &user.user_principal_name));
    let aliases = user.aliases.iter().enumerate();
    for (path, name) in names.chain(aliases.map(|(place, a)| (path.item("aliases", place), a))) {
        let domain = name.domain();
        if !tenant.domains.contains(&domain) && !tenant.federated_domains.contains(&domain) {
            let message = format!("'{name}' is not in a domain of {}", tenant.name);
            let hint = "Add the domain to the tenant, or list the person as [[tenant.guest]].";
            found.add(path.clone(), message, hint);
        }
        found.once(path, "sign-in name", "", name);
    }
}

fn check_guest(
    world: &WorldFile,
    tenant: &TenantEntry,
    guest: &GuestEntry,
    path: &Path,
    found: &mut Mistakes,
) {
    let address = &guest.invited_user_email_address;
    let place = path.key("invited_user_email_address");
    found.once(path.key("id"), "object id", tenant.id, guest.id);
    found.once(place.clone(), "guest", tenant.id, address);
    if tenant.domains.contains(&address.domain()) {
        let message = format!("guest '{address}' is in a verified domain of {}", tenant.name);
        found.add(place, message, "A guest's account lives elsewhere; use [[tenant.user]].");
    }
    let accepted = guest.external_user_state == ExternalUserState::Accepted;
    match (accepted, guest.identities.as_slice()) {
        (false, []) => {}
        (false, _) => {
            let message = format!("guest '{address}' has identities but is PendingAcceptance");
            let hint = "Leave identities out, or set external_user_state = \"Accepted\".";
            found.add(path.key("identities"), message, hint);
        }
        (true, [identity]) => {
            if let Err(message) = link(world, address, identity) {
                let hint = "Add the account to this file, or give issuer_assigned_id.";
                found.add(path.key("identities"), message, hint);
            }
        }
        (true, _) => {
            let message = format!("guest '{address}' is Accepted, so it needs one identity");
            let hint = "Write identities = [{ issuer = \"ExternalAzureAD\" }] or the like.";
            found.add(path.key("external_user_state"), message, hint);
        }
    }
    if accepted && guest.invitation {
        let message = format!("guest '{address}' is Accepted and has an open invitation");
        found.add(path.key("invitation"), message, "Leave invitation out.");
    }
}
