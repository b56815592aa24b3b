//! Applications, redirect URIs and permissions.

use super::tenants::check_user;
use super::{Mistakes, Path, find_resource, tenants};
use crate::config::world::file::{ApplicationEntry, TenantEntry, WorldFile};
use crate::directory::{ApplicationKind, SignInAudience, first_party};
use crate::ids::ClientId;
use crate::protocol::redirect_uri;

pub(super) fn check(world: &WorldFile, found: &mut Mistakes) {
    for (path, tenant) in tenants(world) {
        for (index, app) in tenant.application.iter().enumerate() {
            check_application(app, &path.item("application", index), found);
        }
        check_principals(world, tenant, &path, found);
        check_permissions(world, tenant, &path, found);
    }
}

fn check_application(app: &ApplicationEntry, path: &Path, found: &mut Mistakes) {
    found.once(path.key("client_id"), "client id", "", app.client_id);
    if let Some(name) = first_party::name_of(app.client_id) {
        let message = format!("client id '{}' belongs to {name}", app.client_id);
        found.add(path.key("client_id"), message, "First-party applications are built in.");
    }
    let lists = [
        ("redirect_uris", &app.redirect_uris),
        ("post_logout_redirect_uris", &app.post_logout_redirect_uris),
    ];
    for (key, uris) in lists {
        if uris.len() > 256 {
            found.add(path.key(key), "more than 256 URIs", "Entra takes 256.");
        }
        for (index, uri) in uris.iter().enumerate() {
            let checked = match app.kind {
                ApplicationKind::Web | ApplicationKind::Spa => redirect_uri::check_of_a_site(uri),
                _ => redirect_uri::check_registrable(uri),
            };
            if let Err(reason) = checked {
                let message = format!("redirect URI '{uri}' cannot be registered: {reason}");
                let hint = "Use https, or http on localhost or 127.0.0.1; a native application may \
                            have a scheme of its own.";
                found.add(path.item(key, index), message, hint);
            }
        }
    }
    if let Some(url) = &app.logout_url
        && let Err(reason) = redirect_uri::check_page(url)
    {
        let message = format!("logout URL '{url}' cannot be registered: {reason}");
        let hint = "Use https, or http on localhost or 127.0.0.1: a frame of the browser opens it.";
        found.add(path.key("logout_url"), message, hint);
    }
    check_credentials(app, path, found);
    if app.request_signature_verification.is_signed_request_required
        && app.key_credentials.is_empty()
    {
        let message =
            format!("'{}' has no certificate to sign its requests with", app.display_name);
        let hint = "Give it one: key_credentials = [{ certificate = \"…\" }].";
        found.add(path.key("request_signature_verification"), message, hint);
    }
    for (index, uri) in app.identifier_uris.iter().enumerate() {
        found.once(path.item("identifier_uris", index), "identifier URI", "", uri);
    }
}

/// Public clients prove nothing; a daemon proves itself somehow.
fn check_credentials(app: &ApplicationEntry, path: &Path, found: &mut Mistakes) {
    let public = matches!(app.kind, ApplicationKind::Native | ApplicationKind::Spa);
    let keeps = [
        ("secret", app.secret.is_some()),
        ("key_credentials", !app.key_credentials.is_empty()),
        ("federated_identity_credentials", !app.federated_identity_credentials.is_empty()),
    ];
    for (key, _) in keeps.iter().filter(|(_, has)| *has && public) {
        let what = if *key == "secret" { "a secret" } else { *key };
        let message = format!("'{}' is public and cannot have {what}", app.display_name);
        found.add(path.key(key), message, "Only web and daemon applications keep one.");
    }
    if app.secret.as_ref().is_some_and(String::is_empty) {
        found.add(path.key("secret"), "an empty secret", "Give at least one character.");
    }
    if app.secret_end_date_time.is_some() && app.secret.is_none() {
        let message = format!("'{}' has no secret that could end", app.display_name);
        found.add(path.key("secret_end_date_time"), message, "Give it one: secret = \"…\".");
    }
    if app.kind == ApplicationKind::Daemon && !keeps.iter().any(|(_, has)| *has) {
        let message = format!("'{}' is a daemon without a secret", app.display_name);
        found.add(path.clone(), message, "Give it one: secret = \"…\".");
    }
    let id = app.client_id;
    for (index, credential) in app.federated_identity_credentials.iter().enumerate() {
        let path = path.item("federated_identity_credentials", index);
        found.once(path.key("name"), "federated credential", id, &credential.name);
        let address = url::Url::parse(&credential.issuer).ok();
        let plain = address.as_ref().is_some_and(|url| {
            matches!(url.scheme(), "https" | "http")
                && url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none()
        });
        if !plain {
            let message = format!("'{}' is no issuer's address", credential.issuer);
            let hint = "Write it as the issuer's tokens do: https://issuer.example.";
            found.add(path.key("issuer"), message, hint);
        }
        if credential.subject.is_empty() || credential.audiences.is_empty() {
            let message = "a federated credential needs a subject and an audience";
            found.add(path, message, "Leave audiences out for api://AzureADTokenExchange.");
        }
    }
}

fn check_principals(world: &WorldFile, tenant: &TenantEntry, path: &Path, found: &mut Mistakes) {
    for (index, principal) in tenant.service_principal.iter().enumerate() {
        let path = path.item("service_principal", index).key("app_id");
        found.once(path.clone(), "service principal", tenant.id, principal.app_id);
        check_client(world, tenant, principal.app_id, path, found);
    }
    for (index, assignment) in tenant.assignment.iter().enumerate() {
        let path = path.item("assignment", index);
        check_client(world, tenant, assignment.app, path.key("app"), found);
        match (&assignment.user, assignment.group) {
            (Some(user), None) => check_user(tenant, user, path.key("user"), found),
            (None, Some(group)) if tenant.group.iter().any(|g| g.id == group) => {}
            (None, Some(group)) => {
                let message = format!("'{group}' is no group of {}", tenant.name);
                found.add(path.key("group"), message, "Add it as [[tenant.group]].");
            }
            _ => {
                let message = "an assignment needs either user or group";
                found.add(path, message, "Give one of the two.");
            }
        }
    }
}

/// An application that can stand in the tenant: its own, another's that is multi-tenant, or
/// first-party.
fn check_client(
    world: &WorldFile,
    tenant: &TenantEntry,
    client: ClientId,
    path: Path,
    found: &mut Mistakes,
) {
    if first_party::name_of(client).is_some() {
        return;
    }
    let mut everywhere =
        world.tenant.iter().flat_map(|t| t.application.iter().map(move |a| (t, a)));
    match everywhere.find(|(_, app)| app.client_id == client) {
        None => {
            let message = format!("there is no application '{client}'");
            found.add(path, message, "Add it as [[tenant.application]].");
        }
        Some((home, app))
            if home.id != tenant.id && app.sign_in_audience == SignInAudience::AzureAdMyOrg =>
        {
            let message = format!("'{}' is for accounts of {} only", app.display_name, home.name);
            found.add(path, message, "Set sign_in_audience = \"AzureADMultipleOrgs\" there.");
        }
        Some(_) => {}
    }
}

fn check_permissions(world: &WorldFile, tenant: &TenantEntry, path: &Path, found: &mut Mistakes) {
    for (index, consent) in tenant.consent.iter().enumerate() {
        let path = path.item("consent", index);
        check_client(world, tenant, consent.client_id, path.key("client_id"), found);
        if let Some(user) = &consent.user {
            check_user(tenant, user, path.key("user"), found);
        }
        let Some(resource) = find_resource(world, consent.resource.as_deref()) else {
            no_resource(consent.resource.as_deref(), path.key("resource"), found);
            continue;
        };
        offered(&consent.scopes, &resource.scopes, &path, "scopes", found);
    }
    for (index, assignment) in tenant.app_role_assignment.iter().enumerate() {
        let path = path.item("app_role_assignment", index);
        check_client(world, tenant, assignment.client_id, path.key("client_id"), found);
        let Some(resource) = find_resource(world, assignment.resource.as_deref()) else {
            no_resource(assignment.resource.as_deref(), path.key("resource"), found);
            continue;
        };
        offered(&assignment.roles, &resource.roles, &path, "roles", found);
    }
}

fn no_resource(name: Option<&str>, path: Path, found: &mut Mistakes) {
    let message = format!("there is no resource '{}'", name.unwrap_or_default());
    found.add(path, message, "Name an application by client id or identifier URI.");
}

fn offered(
    asked: &[String],
    offered: &[&str],
    path: &Path,
    key: &'static str,
    found: &mut Mistakes,
) {
    for (index, name) in asked.iter().enumerate() {
        if !offered.contains(&name.as_str()) {
            let message = format!("the resource does not offer '{name}'");
            found.add(path.item(key, index), message, format!("It offers {}.", offered.join(", ")));
        }
    }
}
