//! SAML and WS-Fed providers.

use super::guid_of;
use crate::config::world::file::{FederationAccountEntry, FederationEntry, WorldFile};
use crate::directory::user::password_digest;
use crate::directory::{Federation, FederationAccount, ServiceProvider};
use crate::ids::{FederationId, TenantId};
use crate::protocol::certificate;

pub(super) fn build(tenant: TenantId, entry: &FederationEntry) -> Federation {
    let derived = || FederationId::new(tenant.derive(&format!("federation {}", entry.issuer_uri)));
    let normal = |text: &Option<String>| {
        let read = text.as_deref().and_then(|text| certificate::read(text).ok());
        read.map(|certificate| certificate.to_base64())
    };
    Federation {
        id: entry.id.unwrap_or_else(derived),
        display_name: display_name(entry),
        protocol: entry.protocol,
        issuer_uri: entry.issuer_uri.clone(),
        domains: entry.domains.clone(),
        passive_sign_in_uri: entry.passive_sign_in_uri.clone(),
        metadata_exchange_uri: entry.metadata_url.clone(),
        metadata_told_by_graph: false,
        signing_certificate: normal(&entry.signing_certificate),
        next_signing_certificate: normal(&entry.next_signing_certificate),
        builtin: entry.builtin.clone(),
    }
}

/// `Litware` for the built-in one; else the issuer says best who it is.
fn display_name(entry: &FederationEntry) -> String {
    if let Some(name) = &entry.display_name {
        return name.clone();
    }
    let mut name = entry.builtin.clone().unwrap_or_else(|| entry.issuer_uri.clone());
    if let (Some(first), true) = (name.get_mut(..1), entry.builtin.is_some()) {
        first.make_ascii_uppercase();
    }
    name
}

/// The `NameID` or `ImmutableID` of an account.
pub(super) fn subject(entry: &FederationAccountEntry) -> String {
    let made = || guid_of(&format!("{}:{}", entry.builtin.name(), entry.address)).to_string();
    entry.id.clone().unwrap_or_else(made)
}

pub(super) fn accounts(file: &WorldFile) -> Vec<FederationAccount> {
    let accounts = file.federation_account.iter().map(|entry| {
        let (subject, name) = (subject(entry), entry.display_name.clone());
        FederationAccount {
            builtin: entry.builtin,
            address: entry.address.clone(),
            display_name: name.unwrap_or_else(|| entry.address.local_part().to_owned()),
            given_name: entry.given_name.clone(),
            surname: entry.surname.clone(),
            password: password_digest(&subject, &entry.password),
            subject,
        }
    });
    accounts.collect()
}

pub(super) fn service_providers(file: &WorldFile) -> Vec<ServiceProvider> {
    let providers = file.federation_service_provider.iter().map(|entry| ServiceProvider {
        builtin: entry.builtin,
        entity_id: entry.entity_id.clone(),
        reply_to: entry.reply_to.clone(),
        logout_url: entry.logout_url.clone(),
    });
    providers.collect()
}
