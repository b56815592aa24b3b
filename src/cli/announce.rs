//! Where to go and what to type, when a server has started.

use crate::cli::output::out;
use std::path::Path;

use guestpass::Server;
use guestpass::config::world::file::{ApplicationEntry, TenantEntry, WorldFile};
use guestpass::directory::ApplicationKind;

use super::style::Style;

/// Prints it to stdout. `inbox` says whether a browser can read the inbox.
pub(super) fn announce(server: &Server, world: &WorldFile, ca: Option<&Path>, inbox: bool) {
    let style = Style::stdout();
    let version = env!("CARGO_PKG_VERSION");
    out!("{}\n", style.bold(&format!("guestpass {version}, a mock Microsoft Entra ID for guests")));
    for (name, text) in lines(server, world, ca, inbox) {
        out!("  {} {text}", style.note(&format!("{name:14}")));
    }
    out!("");
}

fn lines(
    server: &Server,
    world: &WorldFile,
    ca: Option<&Path>,
    inbox: bool,
) -> Vec<(&'static str, String)> {
    let origin = server.origin();
    // MSAL wants https, so authorities are named by it where there is one.
    let https = server.addresses().iter().find(|address| address.starts_with("https:"));
    let authority = https.map_or(origin, String::as_str);
    let mut lines = vec![("Start page", format!("{origin}/"))];
    if inbox {
        lines.push(("Inbox", format!("{origin}/inbox")));
    }
    if let Some(tenant) = world.tenant.iter().find(|tenant| !tenant.guest.is_empty()) {
        lines.push(("Direct link", format!("{origin}/myapps?tenantid={}", tenant.id)));
    }
    let mut label = "Authorities";
    for tenant in &world.tenant {
        lines.push((label, format!("{authority}/{}  {}", tenant.id, tenant.name)));
        label = "";
    }
    lines.push((label, format!("{authority}/common")));
    if let Some((tenant, app)) = sample(world) {
        let secret = app.secret.as_deref().unwrap_or_default();
        lines.push(("Sample client", format!("{} of {}", app.display_name, tenant.name)));
        lines.push(("", format!("client id     {}", app.client_id)));
        lines.push(("", format!("secret        {secret}")));
        if let Some(redirect) = app.redirect_uris.first() {
            lines.push(("", format!("redirect URI  {redirect}")));
        }
    }
    let guests: Vec<_> = world.tenant.iter().flat_map(|tenant| &tenant.guest).collect();
    let guest =
        guests.iter().find(|g| g.invited_user_email_address.as_str() == "frank@northwind.example");
    if let Some(guest) = guest.or(guests.first()) {
        let address = &guest.invited_user_email_address;
        let codes = match inbox {
            true => "codes are in the inbox",
            false => "codes are in /_guestpass/inbox, with the control token",
        };
        lines.push(("Sign in as", format!("{address}; passwords are `guestpass`, {codes}")));
    }
    if let Some(ca) = ca {
        lines.push(("CA certificate", ca.display().to_string()));
    }
    lines
}

/// A web application with a secret: the one to try first.
fn sample(world: &WorldFile) -> Option<(&TenantEntry, &ApplicationEntry)> {
    let apps = world
        .tenant
        .iter()
        .flat_map(|tenant| tenant.application.iter().map(move |app| (tenant, app)));
    apps.into_iter().find(|(_, app)| app.kind == ApplicationKind::Web && app.secret.is_some())
}
