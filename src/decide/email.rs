//! Which address an application may be told.
//!
//! An `email` that nobody has proven lets one person pass for another at every application that
//! believes it (nOAuth). Entra counts an address as verified if its domain is verified in the user's
//! own tenant, or if a Microsoft account, Google or a one-time passcode vouches for it
//! (optional-claims reference, `xms_edov`); an unverified one is left out by default
//! (`removeUnverifiedEmailClaim`).

use crate::directory::{IdentityProvider, LinkedAccount, Tenant, User};
use crate::ids::EmailAddress;

/// The address for the `email` claim. `unverified_too` is the application's
/// `emit_unverified_email`.
pub fn to_tell<'u>(
    user: &'u User,
    tenant: &Tenant,
    unverified_too: bool,
) -> Option<&'u EmailAddress> {
    let guest = user.external.is_some();
    let other = user.other_mails.first().filter(|_| guest);
    let address = user.mail.as_ref().or(other)?;
    let proven = match user.linked() {
        Some(account) => vouches_for(account, address),
        None => tenant.owns(&address.domain()),
    };
    (proven || unverified_too).then_some(address)
}

fn vouches_for(account: &LinkedAccount, address: &EmailAddress) -> bool {
    let name = account.sign_in_name.parse::<EmailAddress>();
    match &account.provider {
        // The name's domain is one that its tenant has verified.
        IdentityProvider::ExternalAzureAd => {
            name.is_ok_and(|name| name.domain() == address.domain())
        }
        IdentityProvider::Google | IdentityProvider::Mail | IdentityProvider::MicrosoftAccount => {
            name.is_ok_and(|name| name == *address)
        }
        IdentityProvider::Federation(_) => false,
    }
}
