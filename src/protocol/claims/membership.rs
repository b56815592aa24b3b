//! `groups`, `roles` and `wids`, and what stands there when there are too many groups.
//!
//! Source: access-token and id-token claims references (groups overage), optional-claims article
//! (`emit_as_roles`, `cloud_displayname`).

use serde_json::json;

use super::Claims;
use super::optional::{CLOUD_DISPLAY_NAME, EMIT_AS_ROLES};
use crate::directory::{Group, OptionalClaim, OptionalClaims, TokenConfiguration, User};

/// More groups than a JWT names.
const MOST_IN_A_TOKEN: usize = 200;
/// More groups than a token in a URL fragment names.
const MOST_IN_A_FRAGMENT: usize = 5;

/// A group that the user is in.
#[derive(Debug, Clone)]
pub struct Membership {
    /// The group.
    pub group: Group,
    /// Not through another group.
    pub direct: bool,
    /// The group is assigned to the application.
    pub assigned: bool,
}

/// What the registration of a token's audience makes of its user: nothing of it is in the scopes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MembershipClaims {
    /// Values of `groups`, or of `roles` with `emit_as_roles`.
    pub groups: Vec<String>,
    /// Whether they stand in `roles`.
    pub as_roles: bool,
    /// App roles of the user.
    pub roles: Vec<String>,
    /// Role template ids.
    pub wids: Vec<String>,
}

impl MembershipClaims {
    /// Decides what a token says. `list` is the optional claims of the token's kind.
    pub fn of(
        user: &User,
        memberships: &[Membership],
        roles: Vec<String>,
        configuration: &TokenConfiguration,
        list: &[OptionalClaim],
    ) -> Self {
        let setting = configuration.group_membership_claims;
        let named = setting.application_groups
            && OptionalClaims::has_property(list, "groups", CLOUD_DISPLAY_NAME);
        let wanted = memberships.iter().filter(|membership| {
            setting.every_group
                || (setting.security_groups && membership.group.security_enabled)
                // Nested groups do not count for an assignment.
                || (setting.application_groups && membership.assigned && membership.direct)
        });
        let groups = wanted.map(|membership| match named && membership.assigned {
            true => membership.group.display_name.clone(),
            false => membership.group.id.to_string(),
        });
        let wids = user.roles.iter().map(|role| role.template_id().to_owned());
        Self {
            groups: groups.collect(),
            as_roles: OptionalClaims::has_property(list, "groups", EMIT_AS_ROLES),
            roles,
            wids: if setting.directory_roles { wids.collect() } else { Vec::new() },
        }
    }

    /// Writes the claims. `all_groups` is where the whole list can be asked for; `in_fragment` says
    /// that the token travels in an address.
    pub fn add(&self, all_groups: &str, in_fragment: bool, claims: &mut Claims) {
        if !self.wids.is_empty() {
            claims.insert("wids".into(), json!(self.wids));
        }
        let count = self.groups.len();
        let too_many = count > MOST_IN_A_TOKEN || (in_fragment && count > MOST_IN_A_FRAGMENT);
        let replaced = self.as_roles && count > 0 && !too_many;
        if !self.roles.is_empty() && !replaced {
            claims.insert("roles".into(), json!(self.roles));
        }
        if count == 0 {
            return;
        }
        if !too_many {
            let name = if self.as_roles { "roles" } else { "groups" };
            claims.insert(name.into(), json!(self.groups));
        } else if in_fragment {
            claims.insert("hasgroups".into(), json!(true));
        } else {
            claims.insert("_claim_names".into(), json!({ "groups": "src1" }));
            claims.insert("_claim_sources".into(), json!({ "src1": { "endpoint": all_groups } }));
        }
    }
}
