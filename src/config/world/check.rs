//! Mistakes that the shape of the file cannot show: duplicates, references to nothing, values that
//! contradict each other. All of them are collected, not only the first.

mod applications;
mod federations;
mod people;
mod tenants;
mod tokens;
mod user_flows;

use std::collections::BTreeMap;
use std::fmt::Display;

pub(super) use tokens::lifetime_seconds;

use super::file::{ApplicationEntry, GroupEntry, TenantEntry, WorldFile};
use super::locate::{Mistake, Segment};
use crate::directory::{MemberType, first_party};
use crate::ids::ObjectId;

pub(super) fn check(world: &WorldFile) -> Vec<Mistake> {
    let mut found = Mistakes::default();
    tenants::check(world, &mut found);
    federations::check(world, &mut found);
    people::check(world, &mut found);
    applications::check(world, &mut found);
    tokens::check(world, &mut found);
    found.mistakes
}

/// The mistakes so far, and what has been named once already.
#[derive(Default)]
pub(super) struct Mistakes {
    mistakes: Vec<Mistake>,
    seen: BTreeMap<String, String>,
}

impl Mistakes {
    pub(super) fn into_list(self) -> Vec<Mistake> {
        self.mistakes
    }

    pub(super) fn add(&mut self, path: Path, message: impl Into<String>, hint: impl Into<String>) {
        self.mistakes.push(Mistake { path: path.0, message: message.into(), hint: hint.into() });
    }

    /// Notes that `value` is used as a `kind`; a second use is a mistake.
    fn once(&mut self, path: Path, kind: &str, scope: impl Display, value: impl Display) {
        let key = format!("{kind}|{scope}|{value}");
        let place = path.to_string();
        if let Some(first) = self.seen.get(&key) {
            let message = format!("duplicate {kind} '{value}': it stands at {first} already");
            self.add(path, message, format!("Give each its own {kind}."));
        } else {
            self.seen.insert(key, place);
        }
    }
}

/// A place in the document, such as `tenant[2].guest[0].id`.
#[derive(Clone)]
pub(super) struct Path(Vec<Segment>);

impl Path {
    fn top(key: &'static str, index: usize) -> Self {
        Self(vec![Segment::Key(key), Segment::Index(index)])
    }

    pub(super) fn key(&self, key: &'static str) -> Self {
        let mut path = self.0.clone();
        path.push(Segment::Key(key));
        Self(path)
    }

    pub(super) fn item(&self, key: &'static str, index: usize) -> Self {
        let mut path = self.key(key);
        path.0.push(Segment::Index(index));
        path
    }
}

impl Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) if place == 0 => f.write_str(key)?,
                Segment::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}

/// The tenants of the file with their place.
pub(super) fn tenants(world: &WorldFile) -> impl Iterator<Item = (Path, &TenantEntry)> {
    world.tenant.iter().enumerate().map(|(index, tenant)| (Path::top("tenant", index), tenant))
}

/// The user or guest of `tenant` that a file names by id or address.
pub(super) fn find_user(tenant: &TenantEntry, name: &str) -> Option<ObjectId> {
    let name = name.to_ascii_lowercase();
    let by = |id: &ObjectId, address: &str| id.to_string() == name || address == name;
    let member = tenant.user.iter().find(|u| by(&u.id, u.user_principal_name.as_str()));
    let guest = || tenant.guest.iter().find(|g| by(&g.id, g.invited_user_email_address.as_str()));
    member.map(|u| u.id).or_else(|| guest().map(|g| g.id))
}

/// The user, guest or group of `tenant` that a file names as a member of a group.
pub(super) fn find_member(tenant: &TenantEntry, name: &str) -> Option<ObjectId> {
    let named = |group: &&GroupEntry| group.id.to_string() == name.to_ascii_lowercase();
    find_user(tenant, name).or_else(|| tenant.group.iter().find(named).map(|group| group.id))
}

/// The tenant that a file names by id or domain.
pub(super) fn find_tenant<'a>(world: &'a WorldFile, name: &str) -> Option<&'a TenantEntry> {
    let name = name.to_ascii_lowercase();
    world.tenant.iter().find(|tenant| {
        tenant.id.to_string() == name || tenant.domains.iter().any(|d| d.as_str() == name)
    })
}

/// What a resource offers.
pub(super) struct Resource<'a> {
    pub(super) id: crate::ids::ClientId,
    pub(super) scopes: Vec<&'a str>,
    pub(super) roles: Vec<&'a str>,
}

/// The resource that a file names by client id or identifier URI; Microsoft Graph by default.
pub(super) fn find_resource<'a>(world: &'a WorldFile, name: Option<&str>) -> Option<Resource<'a>> {
    let Some(name) = name else { return Some(graph()) };
    if name == first_party::MICROSOFT_GRAPH.to_string() || name == "https://graph.microsoft.com" {
        return Some(graph());
    }
    let mut applications = world.tenant.iter().flat_map(|tenant| &tenant.application);
    let app = applications.find(|app| {
        let id = app.client_id.to_string();
        id == name || format!("api://{id}") == name || app.identifier_uris.iter().any(|u| u == name)
    })?;
    Some(Resource {
        id: app.client_id,
        scopes: app.scopes.iter().map(|scope| scope.value.as_str()).collect(),
        roles: app_permissions(app).collect(),
    })
}

/// The roles that applications can hold.
fn app_permissions(app: &ApplicationEntry) -> impl Iterator<Item = &str> {
    let roles = app.app_roles.iter().filter(|role| role.is_for(MemberType::Application));
    roles.map(|role| role.value.as_str())
}

fn graph() -> Resource<'static> {
    Resource {
        id: first_party::MICROSOFT_GRAPH,
        scopes: first_party::GRAPH_SCOPES.iter().map(|(scope, _)| *scope).collect(),
        roles: first_party::GRAPH_ROLES.to_vec(),
    }
}
