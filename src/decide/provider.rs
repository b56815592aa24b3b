//! Whether a tenant still has the provider of somebody's account.
//!
//! A provider that a tenant takes away locks out the guests who redeemed with it, until their
//! redemption is reset (google-federation and direct-federation articles, "How do I remove ...").

use super::hrd::Resource;
use crate::directory::{IdentityProvider, LinkedAccount, Tenant, User};
use crate::fault::{Fault, say};
use crate::ids::EmailAddress;

/// Whether accounts of a provider may sign in as the guest who was invited as `invited`.
pub fn is_configured(tenant: &Tenant, account: &LinkedAccount, invited: &EmailAddress) -> bool {
    match &account.provider {
        IdentityProvider::ExternalAzureAd | IdentityProvider::MicrosoftAccount => true,
        IdentityProvider::Facebook => tenant.facebook,
        IdentityProvider::Google => tenant.google,
        IdentityProvider::Mail => tenant.email_one_time_passcode,
        IdentityProvider::Federation(issuer) => {
            // A domain that was taken out of the configuration is no longer signed in by it. By the
            // link of an invitation an account of another of its domains may have come.
            let own = account.sign_in_name.parse::<EmailAddress>().map(|name| name.domain());
            let domains = [Some(invited.domain()), own.ok()];
            let mut federations = tenant.federations.iter().filter(|f| f.issuer_uri == *issuer);
            federations.any(|f| domains.iter().flatten().any(|domain| f.domains.contains(domain)))
        }
    }
}

/// Refuses a guest whose provider the tenant has taken away since: the one of the linked account
/// or, as long as nothing is linked, of the one that was `proven`.
///
/// # Errors
/// 50020, as a sign-in from the start would say.
pub fn check(
    tenant: &Tenant,
    user: &User,
    proven: Option<&LinkedAccount>,
    resource: &Resource,
) -> Result<(), Fault> {
    let Some(external) = &user.external else { return Ok(()) };
    let Some(account) = user.linked().or(proven) else { return Ok(()) };
    if is_configured(tenant, account, &external.invited_user_email_address) {
        return Ok(());
    }
    let (idp, name) = (account.provider.as_str(), tenant.display_name.as_str());
    let fault = say::guest_not_in_tenant(user.address(), idp, name, resource.id, &resource.name);
    Err(fault.with_remedy(remedy(idp, name)))
}

/// Whether a guest is locked out so.
pub fn is_taken_away(tenant: &Tenant, user: &User) -> bool {
    let invited = user.external.as_ref().map(|external| &external.invited_user_email_address);
    let linked = user.linked().zip(invited);
    linked.is_some_and(|(account, invited)| !is_configured(tenant, account, invited))
}

/// What helps.
pub(super) fn remedy(provider: &str, tenant: &str) -> String {
    format!("Turn {provider} on again in {tenant}, or reset the guest's redemption status.")
}
