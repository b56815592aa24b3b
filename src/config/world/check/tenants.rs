//! Tenants, their domains and providers.

use super::{Mistakes, Path, find_tenant, find_user, tenants, user_flows};
use crate::config::world::file::{TenantEntry, WorldFile};
use crate::directory::ExternalProvider;
use crate::ids::MICROSOFT_ACCOUNT_TENANT;

pub(super) fn check(world: &WorldFile, found: &mut Mistakes) {
    for (key, provider) in [
        ("google_provider", &world.google_provider),
        ("facebook_provider", &world.facebook_provider),
        ("microsoft_account_provider", &world.microsoft_account_provider),
    ] {
        let path = Path(vec![super::Segment::Key(key)]);
        check_provider(provider.as_ref(), &path, found);
    }
    for (path, tenant) in tenants(world) {
        if tenant.id == MICROSOFT_ACCOUNT_TENANT {
            let message = format!("tenant '{}' is the Microsoft-account tenant", tenant.id);
            let hint = "It is built in: list its accounts as [[microsoft_account]].";
            found.add(path.key("id"), message, hint);
        }
        found.once(path.key("id"), "tenant id", "", tenant.id);
        // An organization is looked up by its name, too.
        found.once(path.key("name"), "tenant name", "", tenant.name.to_lowercase());
        if tenant.name.trim().is_empty() {
            found.add(path.key("name"), "a tenant without a name", "Give the organization's name.");
        }
        check_domains(tenant, &path, found);
        check_social(tenant, &path, found);
        user_flows::check(tenant, &path, found);
        check_lists(world, tenant, &path, found);
        check_provider(tenant.provider.as_ref(), &path.key("provider"), found);
        if let Some(url) = &tenant.privacy_statement_url
            && !is_web_address(url)
        {
            let message = format!("privacy_statement_url '{url}' is not an http(s) URL");
            found.add(path.key("privacy_statement_url"), message, "Write https://….");
        }
    }
}

fn check_domains(tenant: &TenantEntry, path: &Path, found: &mut Mistakes) {
    if tenant.domains.is_empty() {
        let message = format!("tenant '{}' has no domain", tenant.name);
        found.add(path.key("domains"), message, "The first domain is the initial one.");
    }
    for (index, domain) in tenant.domains.iter().enumerate() {
        found.once(path.item("domains", index), "domain", "", domain);
    }
    for (index, domain) in tenant.federated_domains.iter().enumerate() {
        if !tenant.domains.contains(domain) {
            found.once(path.item("federated_domains", index), "domain", "", domain);
        }
    }
}

fn check_social(tenant: &TenantEntry, path: &Path, found: &mut Mistakes) {
    if tenant.facebook_invitations && !tenant.facebook {
        let message = "facebook_invitations without facebook";
        found.add(path.key("facebook_invitations"), message, "Set facebook = true, too.");
    }
    for (index, domain) in tenant.google_domains.iter().enumerate() {
        let place = path.item("google_domains", index);
        if tenant.domains.contains(domain) {
            let message = format!("'{domain}' is verified in the tenant itself");
            found.add(place.clone(), message, "Google signs in people of other domains.");
        }
        found.once(place, "Google domain", path, domain);
    }
}

fn check_lists(world: &WorldFile, tenant: &TenantEntry, path: &Path, found: &mut Mistakes) {
    for (index, partner) in tenant.partner.iter().enumerate() {
        let path = path.item("partner", index).key("tenant");
        if find_tenant(world, &partner.tenant).is_none() {
            let message = format!("partner tenant '{}' does not exist", partner.tenant);
            found.add(path, message, "Name a tenant of this file by id or domain.");
        } else {
            found.once(path, "partner", tenant.id, &partner.tenant);
        }
    }
    for (index, terms) in tenant.terms_of_use.iter().enumerate() {
        let path = path.item("terms_of_use", index);
        found.once(path.key("display_name"), "terms of use", tenant.id, &terms.display_name);
        for (place, name) in terms.accepted_by.iter().enumerate() {
            check_user(tenant, name, path.item("accepted_by", place), found);
        }
    }
    for (index, contact) in tenant.contact.iter().enumerate() {
        let path = path.item("contact", index).key("mail");
        found.once(path, "contact", tenant.id, &contact.mail);
    }
}

/// A reference to a user of the tenant.
pub(super) fn check_user(tenant: &TenantEntry, name: &str, path: Path, found: &mut Mistakes) {
    if find_user(tenant, name).is_none() {
        let message = format!("'{name}' is no user or guest of {}", tenant.name);
        found.add(path, message, "Name one by object id or address.");
    }
}

fn check_provider(provider: Option<&ExternalProvider>, path: &Path, found: &mut Mistakes) {
    let Some(provider) = provider else { return };
    if !is_web_address(&provider.issuer) || provider.issuer.contains(['?', '#', '@']) {
        let message = format!("issuer '{}' is not an http(s) URL", provider.issuer);
        found.add(path.key("issuer"), message, "Write the issuer as its discovery document does.");
    }
    if provider.client_id.is_empty() {
        let hint = "Register guestpass at the issuer and give the client id.";
        found.add(path.key("client_id"), "an empty client_id", hint);
    }
}

/// An absolute URL with scheme http or https and a host.
pub(super) fn is_web_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && text.starts_with(&format!("{}://", url.scheme()))
    })
}
