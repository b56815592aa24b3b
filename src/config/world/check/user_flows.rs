//! User flows of self-service sign-up.

use super::{Mistakes, Path};
use crate::config::world::file::TenantEntry;
use crate::directory::{ApplicationKind, FlowProvider, UserFlow};

pub(super) fn check(tenant: &TenantEntry, path: &Path, found: &mut Mistakes) {
    for (index, flow) in tenant.user_flow.iter().enumerate() {
        let path = path.item("user_flow", index);
        if flow.id.trim().is_empty() || flow.id.chars().any(char::is_control) {
            let hint = "Give it a name, such as B2X_1_partners.";
            found.add(path.key("id"), "a user flow without an id", hint);
        }
        found.once(path.key("id"), "user flow", tenant.id, &flow.id);
        check_providers(tenant, flow, &path, found);
        for (index, attribute) in flow.user_attributes.iter().enumerate() {
            let path = path.item("user_attributes", index);
            let scope = format!("{} {}", tenant.id, flow.id);
            found.once(path, "user attribute", scope, attribute.as_str());
        }
        for (index, app) in flow.applications.iter().enumerate() {
            let path = path.item("applications", index);
            let mut known = tenant.application.iter();
            let known = known.find(|application| application.client_id == *app);
            if known.is_none_or(|application| application.kind == ApplicationKind::Daemon) {
                let message = format!("'{app}' is no application of {} for people", tenant.name);
                let hint = "A user flow is for applications that the tenant has registered.";
                found.add(path.clone(), message, hint);
            }
            // An application has one flow at most.
            found.once(path, "application with a user flow", tenant.id, app);
        }
    }
}

fn check_providers(tenant: &TenantEntry, flow: &UserFlow, path: &Path, found: &mut Mistakes) {
    for (index, provider) in flow.identity_providers.iter().enumerate() {
        let path = path.item("identity_providers", index);
        let missing = match provider {
            FlowProvider::Entra | FlowProvider::MicrosoftAccount => None,
            FlowProvider::Facebook => (!tenant.facebook).then_some("facebook"),
            FlowProvider::Google => (!tenant.google).then_some("google"),
            FlowProvider::Passcode => {
                (!tenant.email_one_time_passcode).then_some("email_one_time_passcode")
            }
        };
        if let Some(key) = missing {
            let message = format!("{} is not one of {}'s providers", provider.name(), tenant.name);
            found.add(path.clone(), message, format!("Set {key} = true, too."));
        }
        let scope = format!("{} {}", tenant.id, flow.id);
        found.once(path, "identity provider", scope, provider.name());
    }
}
