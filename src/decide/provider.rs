//! Whether a tenant still has the provider of somebody's account.
//!
//! A provider that a tenant takes away locks out the guests who redeemed with it, until their
//! redemption is reset (google-federation and direct-federation articles, "How do I remove ...").

use super::hrd::Resource;
use crate::directory::{IdentityProvider, LinkedAccount, SocialNetwork, Tenant, User};
use crate::fault::{Fault, say};
use crate::ids::{ConfigurationId, EmailAddress};

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

/// As what a tenant has a provider configured now; `None`, if it has not. What comes with every
/// tenant, or from its world file, is one configuration until it is taken away.
pub fn configuration(tenant: &Tenant, provider: &IdentityProvider) -> Option<ConfigurationId> {
    if let IdentityProvider::Federation(issuer) = provider {
        let found = tenant.federations.iter().find(|f| f.issuer_uri == *issuer);
        return found.map(|federation| ConfigurationId::new(federation.id.as_uuid()));
    }
    let original = || ConfigurationId::new(tenant.id.derive(provider.as_str()));
    let Some(network) = SocialNetwork::of(provider) else { return Some(original()) };
    let registration = tenant.social_registrations.get(&network);
    let own = registration.and_then(|registration| registration.configuration);
    tenant.has_network(network).then(|| own.unwrap_or_else(original))
}

/// Refuses the answer to a sign-in that was sent to another configuration of a provider than the
/// tenant has now: what was taken away meanwhile vouches for nobody, even if it was made again
/// under the same name.
///
/// # Errors
/// 50107 for a SAML or WS-Fed provider that is gone, else 90123.
pub fn check_answer(
    tenant: &Tenant,
    provider: &IdentityProvider,
    sent_to: Option<ConfigurationId>,
) -> Result<(), Fault> {
    let now = configuration(tenant, provider);
    if now.is_some() && now == sent_to {
        return Ok(());
    }
    let (of, name) = (provider.as_str(), &tenant.display_name);
    Err(match (now, provider) {
        (None, IdentityProvider::Federation(issuer)) => say::realm_unknown(issuer),
        (None, _) => {
            let why = format!("{name} has taken it away since the sign-in was sent there");
            say::upstream_failed(of, why).with_remedy(format!("Turn {of} on again in {name}."))
        }
        (Some(_), _) => {
            let why = format!("{name} has set it up anew since the sign-in was sent there");
            say::upstream_failed(of, why).with_remedy("Start again: nothing has changed.")
        }
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{SocialRegistration, TenantKind};
    use crate::ids::{MICROSOFT_ACCOUNT_TENANT, TenantId};

    fn tenant() -> Tenant {
        let domains = vec!["contoso.example".parse().unwrap()];
        let id = TenantId::new(MICROSOFT_ACCOUNT_TENANT.derive("Contoso"));
        Tenant::bare(id, "Contoso".to_owned(), domains, TenantKind::Managed)
    }

    fn registered(tenant: &mut Tenant, network: SocialNetwork, made: Option<&str>) {
        let configuration = made.map(|made| ConfigurationId::new(tenant.id.derive(made)));
        let registration = SocialRegistration {
            display_name: network.name().to_owned(),
            client_id: "x".to_owned(),
            client_secret: "y".to_owned(),
            configuration,
        };
        tenant.social_registrations.insert(network, registration);
    }

    #[test]
    fn takes_an_answer_only_while_the_provider_is_configured_as_it_was() {
        for network in SocialNetwork::ALL {
            let provider = network.identity_provider();
            let mut tenant = tenant();
            assert_eq!(configuration(&tenant, &provider), None);
            (tenant.google, tenant.facebook) = (true, true);
            let sent_to = configuration(&tenant, &provider);
            assert!(check_answer(&tenant, &provider, sent_to).is_ok());
            // An administrator changes the world's.
            registered(&mut tenant, network, None);
            assert!(check_answer(&tenant, &provider, sent_to).is_ok());
            registered(&mut tenant, network, Some("first"));
            assert!(check_answer(&tenant, &provider, sent_to).is_err());
            let sent_to = configuration(&tenant, &provider);
            assert!(check_answer(&tenant, &provider, sent_to).is_ok());
            registered(&mut tenant, network, Some("second"));
            assert!(check_answer(&tenant, &provider, sent_to).is_err());
            (tenant.google, tenant.facebook) = (false, false);
            let gone = configuration(&tenant, &provider);
            for sent_to in [sent_to, gone, None] {
                assert!(check_answer(&tenant, &provider, sent_to).is_err());
            }
        }
    }

    #[test]
    fn takes_answers_of_what_nobody_can_take_away() {
        for provider in [IdentityProvider::ExternalAzureAd, IdentityProvider::MicrosoftAccount] {
            let sent_to = configuration(&tenant(), &provider);
            assert!(check_answer(&tenant(), &provider, sent_to).is_ok());
            assert!(check_answer(&tenant(), &provider, None).is_err());
        }
    }
}
