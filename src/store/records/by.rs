//! Keys and index entries, each made in one place.

use crate::directory::{BuiltInFederation, LinkedAccount, SocialNetwork};
use crate::ids::{
    ClientId, Digest, DomainName, EmailAddress, GrantId, InteractionId, InvitationId, MessageId,
    ObjectId, TenantId, TermsId,
};
use crate::store::{Index, Key, Kind, Query};

fn unique(kind: Kind, tenant: &str, name: &'static str, value: String) -> Index {
    Index { kind, tenant: tenant.to_owned(), name, value, unique: true }
}

fn shared(kind: Kind, tenant: &str, name: &'static str, value: String) -> Index {
    Index { kind, tenant: tenant.to_owned(), name, value, unique: false }
}

/// What the store was seeded with.
pub fn settings() -> Key {
    Key::global(Kind::Settings, "settings")
}

/// What is kept of the signing keys.
pub fn keys() -> Key {
    Key::global(Kind::Keys, "keys")
}

/// A tenant.
pub fn tenant(id: TenantId) -> Key {
    Key::global(Kind::Tenant, id)
}

/// The tenant in which a domain is verified (or federated).
pub fn tenant_domain(domain: &DomainName) -> Index {
    unique(Kind::Tenant, "", "domain", domain.to_string())
}

/// Tenants by the organization's name, in lower case.
pub fn tenant_name(name: &str) -> Index {
    shared(Kind::Tenant, "", "name", name.trim().to_lowercase())
}

/// A user of a tenant.
pub fn user(tenant: TenantId, id: ObjectId) -> Key {
    Key::of(Kind::User, tenant, id)
}

/// Every user of a tenant.
pub fn users_of(tenant: TenantId) -> Query {
    Query::All(Kind::User, tenant.to_string())
}

/// A user by user principal name.
pub fn user_principal_name(tenant: TenantId, name: &str) -> Index {
    unique(Kind::User, &tenant.to_string(), "user principal name", name.to_ascii_lowercase())
}

/// Users of a tenant who have an address: main, other, proxy, alias or invited.
pub fn user_address(tenant: TenantId, address: &EmailAddress) -> Index {
    shared(Kind::User, &tenant.to_string(), "address", address.to_string())
}

/// Accounts that sign in under a name, in whichever tenant is their home.
pub fn sign_in_name(name: &str) -> Index {
    shared(Kind::User, "", "sign-in name", name.to_ascii_lowercase())
}

/// The guest of a tenant that is bound to an account.
pub fn linked_account(tenant: TenantId, account: &LinkedAccount) -> Index {
    unique(Kind::User, &tenant.to_string(), "linked account", account.key())
}

/// An account at a built-in social network.
pub fn social_account(network: SocialNetwork, subject: &str) -> Key {
    Key::global(Kind::SocialAccount, format_args!("{}/{subject}", network.slug()))
}

/// An account at a built-in social network, by what its holder types.
pub fn social_account_named(network: SocialNetwork, name: &str) -> Index {
    unique(Kind::SocialAccount, "", "sign-in name", format!("{}/{name}", network.slug()))
}

/// An account at a built-in SAML or WS-Fed provider.
pub fn federation_account(at: BuiltInFederation, address: &EmailAddress) -> Key {
    Key::of(Kind::FederationAccount, at.name(), address)
}

/// Whom a built-in SAML or WS-Fed provider answers.
pub fn service_provider(at: BuiltInFederation, entity_id: &str) -> Key {
    Key::of(Kind::ServiceProvider, at.name(), entity_id)
}

/// A sign-in at a built-in SAML or WS-Fed provider.
pub fn federation_sign_in(id: InteractionId) -> Key {
    Key::global(Kind::FederationSignIn, id)
}

/// The sign-in at a built-in SAML or WS-Fed provider that has a place among those that are kept.
pub fn federation_sign_in_slot(slot: u32) -> Index {
    unique(Kind::FederationSignIn, "", "slot", slot.to_string())
}

/// An app registration.
pub fn application(id: ClientId) -> Key {
    Key::global(Kind::Application, id)
}

/// A resource by its `api://…` name.
pub fn identifier_uri(uri: &str) -> Index {
    unique(Kind::Application, "", "identifier URI", uri.to_owned())
}

/// An application in a tenant.
pub fn service_principal(tenant: TenantId, app: ClientId) -> Key {
    Key::of(Kind::ServicePrincipal, tenant, app)
}

/// An application in a tenant, by object id.
pub fn service_principal_id(tenant: TenantId, id: ObjectId) -> Index {
    unique(Kind::ServicePrincipal, &tenant.to_string(), "object id", id.to_string())
}

/// Every application in a tenant.
pub fn service_principals_of(tenant: TenantId) -> Query {
    Query::All(Kind::ServicePrincipal, tenant.to_string())
}

/// Who is assigned to an application.
pub fn assignments(tenant: TenantId, app: ClientId) -> Index {
    shared(Kind::Assignment, &tenant.to_string(), "application", app.to_string())
}

/// The assignment of a user or group to an application.
pub fn assignment(tenant: TenantId, app: ClientId, principal: ObjectId) -> Key {
    Key::of(Kind::Assignment, tenant, format_args!("{app}/{principal}"))
}

/// Delegated permissions, tenant-wide or of one user.
pub fn consent(
    tenant: TenantId,
    client: ClientId,
    resource: ClientId,
    user: Option<ObjectId>,
) -> Key {
    let principal = user.map_or_else(|| "all".to_owned(), |user| user.to_string());
    Key::of(Kind::Consent, tenant, format_args!("{client}/{resource}/{principal}"))
}

/// Application permissions of a client on a resource.
pub fn app_roles(tenant: TenantId, client: ClientId, resource: ClientId) -> Key {
    Key::of(Kind::AppRoleAssignment, tenant, format_args!("{client}/{resource}"))
}

/// A contact object.
pub fn contact(tenant: TenantId, mail: &EmailAddress) -> Key {
    Key::of(Kind::Contact, tenant, mail)
}

/// A group.
pub fn group(tenant: TenantId, id: ObjectId) -> Key {
    Key::of(Kind::Group, tenant, id)
}

/// Every group of a tenant.
pub fn groups_of_tenant(tenant: TenantId) -> Query {
    Query::All(Kind::Group, tenant.to_string())
}

/// The groups that a user or group is a direct member of.
pub fn groups_with(tenant: TenantId, member: ObjectId) -> Index {
    shared(Kind::Group, &tenant.to_string(), "member", member.to_string())
}

/// A user's acceptance of a terms-of-use.
pub fn terms_acceptance(tenant: TenantId, user: ObjectId, terms: TermsId) -> Key {
    Key::of(Kind::TermsAcceptance, tenant, format_args!("{user}/{terms}"))
}

/// An invitation.
pub fn invitation(tenant: TenantId, id: InvitationId) -> Key {
    Key::of(Kind::Invitation, tenant, id)
}

/// The invitations of a guest.
pub fn invitations_of(tenant: TenantId, guest: ObjectId) -> Index {
    shared(Kind::Invitation, &tenant.to_string(), "guest", guest.to_string())
}

/// A sign-in.
pub fn interaction(id: InteractionId) -> Key {
    Key::global(Kind::Interaction, id)
}

/// The sign-in that has a place among those that are kept.
pub fn sign_in_slot(slot: u32) -> Index {
    unique(Kind::Interaction, "", "slot", slot.to_string())
}

/// A browser's session, by the digest of its cookie.
pub fn session(key: &Digest) -> Key {
    Key::global(Kind::Session, key.as_str())
}

/// An authorization code, by its digest.
pub fn code(key: &Digest) -> Key {
    Key::global(Kind::Code, key.as_str())
}

/// What a code was exchanged for.
pub fn grant(id: GrantId) -> Key {
    Key::global(Kind::Grant, id)
}

/// A refresh token, by its digest.
pub fn refresh_token(key: &Digest) -> Key {
    Key::global(Kind::RefreshToken, key.as_str())
}

/// A mail.
pub fn message(to: &EmailAddress, id: MessageId) -> Key {
    Key::of(Kind::Message, to, id)
}

/// Every mail to an address, newest first.
pub fn messages_to(to: &EmailAddress) -> Query {
    Query::All(Kind::Message, to.to_string())
}

/// Every mail, newest first.
pub fn every_message() -> Index {
    shared(Kind::Message, "", "all", String::new())
}

/// A sign-in at a built-in social network.
pub fn social_sign_in(id: InteractionId) -> Key {
    Key::global(Kind::SocialSignIn, id)
}

/// The sign-in at a built-in network that has a place among those that are kept.
pub fn social_sign_in_slot(slot: u32) -> Index {
    unique(Kind::SocialSignIn, "", "slot", slot.to_string())
}

/// A sign-out that is under way at real providers.
pub fn sign_out(id: InteractionId) -> Key {
    Key::global(Kind::SignOut, id)
}

/// Wrong guesses.
pub fn guesses(key: &Digest) -> Key {
    Key::global(Kind::Guesses, key.as_str())
}

/// The single-page applications that live at an origin, as [`page_origin`](crate::directory::application::page_origin) says it.
pub fn page_origin(key: &str) -> Index {
    shared(Kind::Application, "", "page_origin", key.to_owned())
}

/// A client assertion that was good once.
pub fn used_assertion(key: &Digest) -> Key {
    Key::global(Kind::UsedAssertion, key.as_str())
}

/// A device that waits, by the digest of its code.
pub fn device(key: &Digest) -> Key {
    Key::global(Kind::Device, key.as_str())
}

/// The device whose code somebody types.
pub fn device_user_code(code: &Digest) -> Index {
    unique(Kind::Device, "", "user_code", code.as_str().to_owned())
}

/// The device that has a place among those that are kept.
pub fn device_slot(slot: u32) -> Index {
    unique(Kind::Device, "", "slot", slot.to_string())
}
