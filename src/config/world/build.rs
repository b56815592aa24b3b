//! From a checked file to directory records.
//!
//! [`crate::config::world::check`] has run before: a reference that leads nowhere cannot occur, and
//! is dropped silently here rather than turned into a panic.

mod federation;
mod people;
mod social;

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::check::{find_member, find_resource, find_tenant, find_user, lifetime_seconds};
use super::file::{ApplicationEntry, GroupType, KeyCredentialEntry, TenantEntry, WorldFile};
use super::{Settings, World};
use crate::directory::{
    AppRoleAssignment, Application, ApplicationKind, Assignee, Assignment, Consent, ConsentType,
    Contact, ExternalProvider, Group, KeyCredential, OptionalClaims, Partner, ServicePrincipal,
    SignOnConfiguration, Tenant, TenantKind, TenantLocale, TermsAcceptance, TermsOfUse,
    TokenConfiguration, first_party,
};
use crate::ids::{
    ClientId, ClientSecret, Digest, MICROSOFT_ACCOUNT_TENANT, ObjectId, TenantId, TermsId,
};

pub(super) use people::link;

pub(super) fn build(file: &WorldFile, now: Timestamp) -> World {
    let mut world = World {
        settings: Settings {
            world: Digest::of(&serde_json::to_vec(file).unwrap_or_default()),
            secret: String::new(),
            tenants: file.tenant.iter().map(|tenant| tenant.id).collect(),
            consumer_domains: file.consumer_domains.clone(),
            google_provider: file.google_provider.clone(),
            facebook_provider: file.facebook_provider.clone(),
            microsoft_account_provider: file.microsoft_account_provider.clone(),
        },
        tenants: vec![microsoft_account_tenant(file.microsoft_account_provider.clone())],
        users: people::microsoft_accounts(file, now),
        social_accounts: social::accounts(file),
        federation_accounts: federation::accounts(file),
        service_providers: federation::service_providers(file),
        applications: Vec::new(),
        service_principals: Vec::new(),
        assignments: Vec::new(),
        consents: Vec::new(),
        app_role_assignments: Vec::new(),
        contacts: Vec::new(),
        groups: Vec::new(),
        acceptances: Vec::new(),
        invitations: Vec::new(),
    };
    first_party_principals(MICROSOFT_ACCOUNT_TENANT, &mut world);
    for (index, entry) in file.tenant.iter().enumerate() {
        world.tenants.push(tenant(file, entry));
        world.users.extend(people::members(entry, now));
        world.users.extend(people::guests(file, entry, now));
        world.invitations.extend(people::invitations(entry, index, now));
        applications(file, entry, &mut world);
        lists(entry, now, &mut world);
    }
    world
}

/// The id of an application's instance in a tenant, the same in every run.
fn principal_id(tenant: TenantId, app: ClientId) -> ObjectId {
    ObjectId::new(tenant.derive(&format!("service principal {app}")))
}

fn tenant(file: &WorldFile, entry: &TenantEntry) -> Tenant {
    let partners = entry.partner.iter().filter_map(|partner| {
        let settings = &partner.automatic_user_consent_settings;
        Some(Partner {
            tenant: find_tenant(file, &partner.tenant)?.id,
            inbound_allowed: settings.inbound_allowed,
            outbound_allowed: settings.outbound_allowed,
        })
    });
    Tenant {
        id: entry.id,
        display_name: entry.name.clone(),
        domains: entry.domains.clone(),
        kind: if entry.managed { TenantKind::Managed } else { TenantKind::Unmanaged },
        redemption_profile: entry.redemption_profile,
        allow_invites_from: entry.allow_invites_from,
        email_one_time_passcode: entry.email_one_time_passcode,
        google: entry.google,
        google_domains: entry.google_domains.clone(),
        facebook: entry.facebook,
        facebook_invitations: entry.facebook_invitations,
        self_service_sign_up: entry.self_service_sign_up,
        user_flows: entry.user_flow.clone(),
        social_registrations: BTreeMap::new(),
        google_webview_block: entry.google_webview_block,
        privacy_statement_url: entry.privacy_statement_url.clone(),
        allow_email_verified_users: entry.allow_email_verified_users,
        federated_domains: entry.federated_domains.clone(),
        classic_email_link_checks_msa: entry.classic_email_link_checks_msa,
        admin_consent_skips_review: entry.admin_consent_skips_review,
        alternate_login_id: entry.alternate_login_id,
        invitation_lifetime: entry.invitation_lifetime,
        invitation_redemption: entry.invitation_redemption.clone(),
        federations: entry.federation.iter().map(|f| federation::build(entry.id, f)).collect(),
        direct_fed_auth_urls: entry.direct_fed_auth_urls.clone(),
        partners: partners.collect(),
        terms_of_use: entry.terms_of_use.iter().map(|terms| terms_of_use(entry, terms)).collect(),
        provider: entry.provider.clone(),
        locale: TenantLocale {
            country_letter_code: entry.country_letter_code.clone(),
            preferred_language: entry.preferred_language.clone(),
            region_scope: entry.tenant_region_scope.clone(),
        },
    }
}

fn microsoft_account_tenant(provider: Option<ExternalProvider>) -> Tenant {
    let name = "Microsoft accounts".to_owned();
    let bare = Tenant::bare(MICROSOFT_ACCOUNT_TENANT, name, Vec::new(), TenantKind::Consumer);
    Tenant { provider, email_one_time_passcode: false, ..bare }
}

fn terms_id(tenant: &TenantEntry, entry: &super::file::TermsEntry) -> TermsId {
    let derived = || TermsId::new(tenant.id.derive(&format!("terms {}", entry.display_name)));
    entry.id.unwrap_or_else(derived)
}

fn terms_of_use(tenant: &TenantEntry, entry: &super::file::TermsEntry) -> TermsOfUse {
    TermsOfUse {
        id: terms_id(tenant, entry),
        display_name: entry.display_name.clone(),
        text: entry.text.clone(),
        version: entry.version,
        is_viewing_before_acceptance_required: entry.is_viewing_before_acceptance_required,
        audience: entry.audience,
    }
}

fn application(tenant: TenantId, entry: &ApplicationEntry) -> Application {
    let scopes = entry.scopes.iter().map(|scope| crate::directory::application::Scope {
        value: scope.value.clone(),
        admin_consent: scope.admin_consent,
    });
    let mut identifier_uris = entry.identifier_uris.clone();
    if identifier_uris.is_empty() {
        identifier_uris.push(format!("api://{}", entry.client_id));
    }
    Application {
        client_id: entry.client_id,
        tenant,
        display_name: entry.display_name.clone(),
        kind: entry.kind,
        sign_in_audience: entry.sign_in_audience,
        secret: entry.secret.as_ref().map(|secret| ClientSecret::new(secret).digest()),
        secret_end_date_time: entry.secret_end_date_time,
        key_credentials: entry.key_credentials.iter().filter_map(key_credential).collect(),
        federated_identity_credentials: entry.federated_identity_credentials.clone(),
        strict_client_assertions: entry.strict_client_assertions,
        is_fallback_public_client: entry
            .is_fallback_public_client
            .unwrap_or(entry.kind == ApplicationKind::Native),
        redirect_uris: entry.redirect_uris.clone(),
        post_logout_redirect_uris: entry.post_logout_redirect_uris.clone(),
        logout_url: entry.logout_url.clone(),
        home_page_url: entry.home_page_url.clone(),
        identifier_uris,
        scopes: scopes.collect(),
        app_roles: entry.app_roles.clone(),
        id_token_issuance: entry.id_token_issuance,
        access_token_issuance: entry.access_token_issuance,
        requested_access_token_version: entry.requested_access_token_version,
        emit_unverified_email: entry.emit_unverified_email,
        refresh_token_rotation: entry.refresh_token_rotation,
        token_configuration: TokenConfiguration {
            optional_claims: OptionalClaims {
                id_token: entry.optional_claims.id_token.clone(),
                access_token: entry.optional_claims.access_token.clone(),
            },
            group_membership_claims: entry.group_membership_claims,
            access_token_lifetime: entry.token_lifetime.as_ref().and_then(lifetime_seconds),
        },
        sign_on: SignOnConfiguration {
            preferred_mode: entry.preferred_single_sign_on_mode,
            token_response_signing: entry.token_issuance_policy.token_response_signing_policy,
            saml_token_version: entry.token_issuance_policy.saml_token_version,
            name_id_source: entry.name_id_source,
            is_signed_request_required: entry
                .request_signature_verification
                .is_signed_request_required,
            allowed_weak_algorithms: entry.request_signature_verification.allowed_weak_algorithms,
        },
    }
}

fn key_credential(entry: &KeyCredentialEntry) -> Option<KeyCredential> {
    let mut key = KeyCredential::parse(&entry.certificate).ok()?;
    key.display_name = entry.display_name.clone().unwrap_or(key.display_name);
    key.start = entry.start_date_time.unwrap_or(key.start);
    key.end = entry.end_date_time.unwrap_or(key.end);
    Some(key)
}

fn first_party_principals(tenant: TenantId, world: &mut World) {
    for (app, name) in first_party::ALL {
        world.service_principals.push(ServicePrincipal {
            id: principal_id(tenant, *app),
            tenant,
            app_id: *app,
            display_name: (*name).to_owned(),
            account_enabled: true,
            app_role_assignment_required: false,
        });
    }
}

/// Registrations, their instances here, and the permissions on record.
fn applications(file: &WorldFile, entry: &TenantEntry, world: &mut World) {
    let tenant = entry.id;
    let start = world.service_principals.len();
    first_party_principals(tenant, world);
    for app in &entry.application {
        world.applications.push(application(tenant, app));
        world.service_principals.push(ServicePrincipal {
            id: principal_id(tenant, app.client_id),
            tenant,
            app_id: app.client_id,
            display_name: app.display_name.clone(),
            account_enabled: true,
            app_role_assignment_required: false,
        });
    }
    for given in &entry.service_principal {
        let name = file.tenant.iter().flat_map(|t| &t.application);
        let name = name.filter(|app| app.client_id == given.app_id).map(|a| &a.display_name).next();
        let first_party = first_party::name_of(given.app_id);
        let principal = ServicePrincipal {
            id: given.id.unwrap_or_else(|| principal_id(tenant, given.app_id)),
            tenant,
            app_id: given.app_id,
            display_name: name.map_or(first_party.unwrap_or_default(), String::as_str).to_owned(),
            account_enabled: given.account_enabled,
            app_role_assignment_required: given.assignment_required,
        };
        let mut known = world.service_principals[start..].iter_mut();
        match known.find(|principal| principal.app_id == given.app_id) {
            Some(known) => *known = principal,
            None => world.service_principals.push(principal),
        }
    }
    permissions(file, entry, world);
}

fn permissions(file: &WorldFile, entry: &TenantEntry, world: &mut World) {
    let tenant = entry.id;
    world.assignments.extend(entry.assignment.iter().filter_map(|assignment| {
        let user = assignment.user.as_ref().and_then(|name| find_user(entry, name));
        let principal =
            user.map(Assignee::User).or_else(|| assignment.group.map(Assignee::Group))?;
        let roles = assignment.roles.clone();
        Some(Assignment { tenant, app: assignment.app, principal, roles })
    }));
    world.consents.extend(entry.consent.iter().filter_map(|consent| {
        let user = consent.user.as_ref().and_then(|name| find_user(entry, name));
        Some(Consent {
            tenant,
            client: consent.client_id,
            resource: find_resource(file, consent.resource.as_deref())?.id,
            consent_type: user.map_or(ConsentType::AllPrincipals, ConsentType::Principal),
            scopes: consent.scopes.clone(),
        })
    }));
    world.app_role_assignments.extend(entry.app_role_assignment.iter().filter_map(|given| {
        Some(AppRoleAssignment {
            tenant,
            client: given.client_id,
            resource: find_resource(file, given.resource.as_deref())?.id,
            roles: given.roles.clone(),
        })
    }));
}

fn lists(entry: &TenantEntry, now: Timestamp, world: &mut World) {
    let tenant = entry.id;
    world
        .contacts
        .extend(entry.contact.iter().map(|contact| Contact { tenant, mail: contact.mail.clone() }));
    world.groups.extend(entry.group.iter().map(|group| Group {
        id: group.id,
        tenant,
        display_name: group.display_name.clone(),
        description: group.description.clone(),
        security_enabled: group.security_enabled,
        unified: group.group_types.contains(&GroupType::Unified),
        members: group.members.iter().filter_map(|name| find_member(entry, name)).collect(),
    }));
    for terms in &entry.terms_of_use {
        let users = terms.accepted_by.iter().filter_map(|name| find_user(entry, name));
        world.acceptances.extend(users.map(|user| TermsAcceptance {
            tenant,
            terms: terms_id(entry, terms),
            version: terms.version,
            user,
            accepted_at: now,
        }));
    }
}

/// A GUID from a name, for things that a file may leave unnamed.
fn guid_of(name: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())
}
