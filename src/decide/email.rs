//! Which address an application may be told.
//!
//! An `email` that nobody has proven lets one person pass for another at every application that
//! believes it (nOAuth). Entra counts an address as verified if its domain is verified in the user's
//! own tenant, or if a Microsoft account, Google or a one-time passcode vouches for it
//! (optional-claims reference, `xms_edov`); an unverified one is left out by default
//! (`removeUnverifiedEmailClaim`).

use crate::directory::{Application, IdentityProvider, LinkedAccount, Tenant, User};
use crate::ids::EmailAddress;

/// What of a user's addresses a token can name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses<'u> {
    /// For the `email` claim, and whether somebody vouches for it.
    pub email: Option<(&'u EmailAddress, bool)>,
    /// The main address, if somebody vouches for it.
    pub primary: Option<&'u EmailAddress>,
    /// The others for which somebody does.
    pub secondary: Vec<&'u EmailAddress>,
}

impl<'u> Addresses<'u> {
    /// Decides about every address. `unverified_too` is the application's `emit_unverified_email`.
    pub fn of(user: &'u User, tenant: &Tenant, unverified_too: bool) -> Self {
        let main = main_address(user);
        let told = to_tell(user, tenant, unverified_too);
        let others = user.other_mails.iter().chain(&user.proxy_addresses).chain(&user.aliases);
        let others = others.filter(|other| Some(*other) != main && is_proven(user, tenant, other));
        let mut secondary: Vec<_> = others.collect();
        secondary.sort();
        secondary.dedup();
        Self {
            email: told.map(|address| (address, is_proven(user, tenant, address))),
            primary: main.filter(|address| is_proven(user, tenant, address)),
            secondary,
        }
    }
}

/// The address for the claims of an assertion and for a `NameID` that is one. Only a tenant that
/// registered the application itself hears what it has written on its own objects; nobody else's
/// word may pass for a verified address.
// Assumption: Entra's removal of unverified addresses is for multi-tenant applications.
pub fn for_assertion<'u>(
    user: &'u User,
    tenant: &Tenant,
    app: &Application,
) -> Option<&'u EmailAddress> {
    let believed = |address: &&EmailAddress| {
        app.emit_unverified_email
            || is_proven(user, tenant, address)
            || (app.tenant == tenant.id && is_tenants_word(user, tenant, address))
    };
    main_address(user).filter(believed)
}

/// Whether the tenant has chosen to believe an address on its object: its people wrote or invited
/// it, or the federation told it that they have configured for its domain. What somebody said on
/// signing up, with an account that verifies no address, is that person's word.
fn is_tenants_word(user: &User, tenant: &Tenant, address: &EmailAddress) -> bool {
    if !user.signed_up() {
        return true;
    }
    match user.linked().map(|account| &account.provider) {
        Some(IdentityProvider::Federation(issuer)) => tenant
            .federation_for(&address.domain())
            .is_some_and(|federation| federation.issuer_uri == *issuer),
        _ => false,
    }
}

/// The address for the `email` claim. `unverified_too` is the application's
/// `emit_unverified_email`.
pub fn to_tell<'u>(
    user: &'u User,
    tenant: &Tenant,
    unverified_too: bool,
) -> Option<&'u EmailAddress> {
    main_address(user).filter(|address| unverified_too || is_proven(user, tenant, address))
}

fn main_address(user: &User) -> Option<&EmailAddress> {
    let other = user.other_mails.first().filter(|_| user.external.is_some());
    user.mail.as_ref().or(other)
}

fn is_proven(user: &User, tenant: &Tenant, address: &EmailAddress) -> bool {
    match user.linked() {
        Some(account) => vouches_for(account, address),
        None => tenant.owns(&address.domain()),
    }
}

fn vouches_for(account: &LinkedAccount, address: &EmailAddress) -> bool {
    if account.unverified_name {
        return false;
    }
    let name = account.sign_in_name.parse::<EmailAddress>();
    match &account.provider {
        // The name's domain is one that its tenant has verified.
        IdentityProvider::ExternalAzureAd => {
            name.is_ok_and(|name| name.domain() == address.domain())
        }
        IdentityProvider::Google | IdentityProvider::Mail | IdentityProvider::MicrosoftAccount => {
            name.is_ok_and(|name| name == *address)
        }
        IdentityProvider::Facebook | IdentityProvider::Federation(_) => false,
    }
}
