//! What applications say about their tokens, groups, and the facts that claims are made of.

use jiff::SpanRelativeTo;

use super::tenants::check_user;
use super::{Mistakes, Path, find_member, tenants};
use crate::config::world::file::{ApplicationEntry, TenantEntry, TokenLifetimeEntry, WorldFile};
use crate::directory::{MemberType, OptionalClaim};
use crate::protocol::claims::optional;

/// The shortest and the longest life of an access token, in seconds
/// (configurable-token-lifetimes article).
const LIFETIMES: std::ops::RangeInclusive<i64> = 600..=86_400;

pub(super) fn check(world: &WorldFile, found: &mut Mistakes) {
    for (path, tenant) in tenants(world) {
        for (index, app) in tenant.application.iter().enumerate() {
            check_application(app, &path.item("application", index), found);
        }
        check_groups(tenant, &path, found);
        check_roles(world, tenant, &path, found);
        check_letters(tenant, &path, found);
    }
}

fn check_application(app: &ApplicationEntry, path: &Path, found: &mut Mistakes) {
    let lists = [
        ("id_token", &app.optional_claims.id_token),
        ("access_token", &app.optional_claims.access_token),
    ];
    for (key, claims) in lists {
        for (index, claim) in claims.iter().enumerate() {
            check_claim(claim, &path.key("optional_claims").item(key, index), found);
        }
    }
    if let Some(entry) = &app.token_lifetime
        && lifetime_seconds(entry).is_none()
    {
        let message = format!("a token lifetime of {}", entry.access_token);
        found.add(path.key("token_lifetime"), message, "Entra takes PT10M to P1D.");
    }
    for (index, role) in app.app_roles.iter().enumerate() {
        let path = path.item("app_roles", index);
        found.once(path.clone(), "app role", app.client_id, &role.value);
        if role.value.is_empty() || role.value.contains(char::is_whitespace) {
            let message = format!("an app role '{}'", role.value);
            found.add(path, message, "A role's value has at least one character and no space.");
        }
    }
}

fn check_claim(claim: &OptionalClaim, path: &Path, found: &mut Mistakes) {
    let name = &claim.name;
    if claim.source.is_some() || name.starts_with("extension_") {
        let message = format!("'{name}' is an extension attribute");
        found.add(path.clone(), message, "Users have none here: leave the claim out.");
        return;
    }
    let Some(properties) = optional::properties_of(name) else {
        let message = format!("there is no optional claim '{name}'");
        let known: Vec<_> = optional::names().collect();
        found.add(path.clone(), message, format!("Entra has {}.", known.join(", ")));
        return;
    };
    for (index, property) in claim.additional_properties.iter().enumerate() {
        if properties.contains(&property.as_str()) {
            continue;
        }
        let message = format!("the claim '{name}' has no property '{property}'");
        let hint = match (name.as_str(), properties) {
            ("groups", _) if property.ends_with("sam_account_name") => {
                "Groups here are not synchronised from a domain: they have no such name.".to_owned()
            }
            (_, []) => "It has none.".to_owned(),
            (_, properties) => format!("It has {}.", properties.join(", ")),
        };
        found.add(path.item("additional_properties", index), message, hint);
    }
}

/// The lifetime in seconds, if Entra takes it.
pub(in crate::config::world) fn lifetime_seconds(entry: &TokenLifetimeEntry) -> Option<u32> {
    let duration = entry.access_token.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    let seconds = Some(duration.as_secs()).filter(|seconds| LIFETIMES.contains(seconds));
    seconds.and_then(|seconds| u32::try_from(seconds).ok())
}

fn check_groups(tenant: &TenantEntry, path: &Path, found: &mut Mistakes) {
    for (index, group) in tenant.group.iter().enumerate() {
        let path = path.item("group", index);
        found.once(path.key("id"), "object id", tenant.id, group.id);
        for (place, name) in group.members.iter().enumerate() {
            let path = path.item("members", place);
            match find_member(tenant, name) {
                Some(member) if member == group.id => {
                    let message = format!("group '{}' is a member of itself", group.display_name);
                    found.add(path, message, "Leave it out.");
                }
                Some(member) => found.once(path, "member", group.id, member),
                None => check_user(tenant, name, path, found),
            }
        }
    }
}

/// Roles that come with an assignment are offered to users.
fn check_roles(world: &WorldFile, tenant: &TenantEntry, path: &Path, found: &mut Mistakes) {
    for (index, assignment) in tenant.assignment.iter().enumerate() {
        let mut everywhere = world.tenant.iter().flat_map(|t| &t.application);
        let app = everywhere.find(|app| app.client_id == assignment.app);
        let offered = app.map(|app| app.app_roles.as_slice()).unwrap_or_default();
        for (place, value) in assignment.roles.iter().enumerate() {
            let path = path.item("assignment", index).item("roles", place);
            match offered.iter().find(|role| role.value == *value) {
                Some(role) if role.is_for(MemberType::User) => {}
                Some(_) => {
                    let message = format!("the role '{value}' is for applications");
                    let hint = "Write allowed_member_types = [\"User\"] at the role.";
                    found.add(path, message, hint);
                }
                None => {
                    let message = format!("the application does not offer the role '{value}'");
                    found.add(path, message, "Add it to app_roles.");
                }
            }
        }
    }
}

fn check_letters(tenant: &TenantEntry, path: &Path, found: &mut Mistakes) {
    let mut check = |path: Path, code: &Option<String>| {
        if let Some(code) = code.as_ref().filter(|code| !optional::is_country(code)) {
            let message = format!("'{code}' is no country code");
            found.add(path, message, "Write two letters, such as DE.");
        }
    };
    check(path.key("country_letter_code"), &tenant.country_letter_code);
    for (index, user) in tenant.user.iter().enumerate() {
        check(path.item("user", index).key("usage_location"), &user.usage_location);
    }
    for (index, guest) in tenant.guest.iter().enumerate() {
        check(path.item("guest", index).key("usage_location"), &guest.usage_location);
    }
}
