//! SAML and WS-Fed providers.

use super::tenants::is_web_address;
use super::{Mistakes, Path, tenants};
use crate::config::world::file::{FederationEntry, TenantEntry, WorldFile};
use crate::directory::BuiltInFederation;
use crate::protocol::federation_uri;

pub(super) fn check(world: &WorldFile, found: &mut Mistakes) {
    check_built_in(world, found);
    for (path, tenant) in tenants(world) {
        for (index, federation) in tenant.federation.iter().enumerate() {
            let path = path.item("federation", index);
            check_domains(tenant, federation, &path, found);
            check_source(federation, &path, found);
            check_certificates(federation, &path, found);
            check_passive_uri(tenant, federation, &path, found);
        }
    }
}

fn check_domains(
    tenant: &TenantEntry,
    federation: &FederationEntry,
    path: &Path,
    found: &mut Mistakes,
) {
    found.once(path.key("issuer_uri"), "federation issuer", tenant.id, &federation.issuer_uri);
    if let Some(id) = federation.id {
        found.once(path.key("id"), "federation id", tenant.id, id);
    }
    if let Err(reason) = federation_uri::check_issuer(&federation.issuer_uri) {
        let message = format!("issuer_uri '{}' cannot be used: {reason}", federation.issuer_uri);
        found.add(path.key("issuer_uri"), message, "Write it as the provider's metadata does.");
    }
    if federation.domains.is_empty() {
        let hint = "List the domains whose people it signs in.";
        found.add(path.clone(), "a federation without domains", hint);
    }
    for (place, domain) in federation.domains.iter().enumerate() {
        let path = path.item("domains", place);
        if tenant.domains.contains(domain) {
            let message = format!("'{domain}' is verified in the tenant itself");
            found.add(path.clone(), message, "Federate domains of others only.");
        }
        found.once(path, "federated domain", tenant.id, domain);
    }
}

/// Built in, or by metadata, or by passive URL and certificate.
fn check_source(federation: &FederationEntry, path: &Path, found: &mut Mistakes) {
    let by_hand =
        federation.passive_sign_in_uri.is_some() && federation.signing_certificate.is_some();
    match (&federation.builtin, &federation.metadata_url) {
        (Some(name), None) if BuiltInFederation::named(name).is_some() => {
            let speaks = BuiltInFederation::named(name).map(BuiltInFederation::protocol);
            if speaks.is_some_and(|speaks| speaks != federation.protocol) {
                let message = format!("{name} does not speak {}", federation.protocol.as_str());
                let hint = "litware speaks saml, adatum speaks wsFed.";
                found.add(path.key("protocol"), message, hint);
            }
        }
        (Some(name), None) => {
            let message = format!("there is no built-in provider '{name}'");
            found.add(path.key("builtin"), message, "Use litware (SAML) or adatum (WS-Fed).");
        }
        (None, Some(url)) if is_web_address(url) => {}
        (None, None) if by_hand => {}
        _ => {
            let message = "a federation needs either builtin, or an http(s) metadata_url, or both \
                           passive_sign_in_uri and signing_certificate";
            found.add(path.clone(), message, "Give one of the three.");
        }
    }
}

/// Accounts at the built-in providers, and whom those answer.
fn check_built_in(world: &WorldFile, found: &mut Mistakes) {
    for (index, account) in world.federation_account.iter().enumerate() {
        let path = Path::top("federation_account", index);
        let scope = account.builtin.name();
        found.once(path.key("address"), "federation account", scope, &account.address);
        if let Some(id) = &account.id {
            found.once(path.key("id"), "federation account id", scope, id);
            if id.is_empty() || id.trim() != id || id.chars().any(char::is_control) {
                let hint = "Write a name without spaces at its ends, or leave id out.";
                found.add(path.key("id"), format!("the id {id:?} cannot be used"), hint);
            }
        }
    }
    for (index, party) in world.federation_service_provider.iter().enumerate() {
        let path = Path::top("federation_service_provider", index);
        let entity = &party.entity_id;
        found.once(path.key("entity_id"), "service provider", party.builtin.name(), entity);
        if let Err(reason) = federation_uri::check_issuer(entity) {
            let message = format!("entity_id '{entity}' cannot be used: {reason}");
            found.add(path.key("entity_id"), message, "Paste the service provider's entity id.");
        }
        if party.reply_to.is_empty() {
            let hint = "Add its assertion consumer service, or its wreply address.";
            found.add(path.clone(), "a service provider without reply_to", hint);
        }
        let replies = party.reply_to.iter().enumerate();
        let replies = replies.map(|(place, address)| (path.item("reply_to", place), address));
        let logout = party.logout_url.iter().map(|address| (path.key("logout_url"), address));
        for (path, address) in replies.chain(logout) {
            if let Err(reason) = federation_uri::check_passive(address) {
                let message = format!("'{address}' cannot be used: {reason}");
                found.add(path, message, "Write https://…, or http:// on localhost.");
            }
        }
    }
}

/// What is wrong with a certificate itself was found when it was read.
fn check_certificates(federation: &FederationEntry, path: &Path, found: &mut Mistakes) {
    if federation.next_signing_certificate.is_some() && federation.signing_certificate.is_none() {
        let message = "next_signing_certificate without signing_certificate";
        found.add(path.clone(), message, "Give the current one, too.");
    }
}

fn check_passive_uri(
    tenant: &TenantEntry,
    federation: &FederationEntry,
    path: &Path,
    found: &mut Mistakes,
) {
    let Some(uri) = &federation.passive_sign_in_uri else { return };
    let place = path.key("passive_sign_in_uri");
    if let Err(reason) = federation_uri::check_passive(uri) {
        let message = format!("passive_sign_in_uri '{uri}' cannot be used: {reason}");
        found.add(place, message, "Write https://…, or http:// on localhost.");
        return;
    }
    let Some(records) = &tenant.direct_fed_auth_urls else { return };
    for domain in &federation.domains {
        let record = records.get(domain).map(String::as_str);
        if !federation_uri::belongs_to(uri, domain, record) {
            let message = format!("passive_sign_in_uri '{uri}' is on no host of {domain}");
            let hint = format!(
                "Add \"{domain}\" = \"{uri}\" to direct_fed_auth_urls: its TXT record \
                 DirectFedAuthUrl={uri}. Or leave direct_fed_auth_urls out."
            );
            found.add(place.clone(), message, hint);
        }
    }
}
