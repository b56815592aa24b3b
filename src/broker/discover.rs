//! The facts of home-realm discovery.

use super::Broker;
use super::failure::Failure;
use crate::decide::hrd::{
    Choice, DomainOwner, EntraAccount, Entry, FacebookUse, Facts, FederationFact, Home, HomeTenant,
    Policy, Resource, Standing,
};
use crate::decide::provider;
use crate::directory::{
    Contact, ExternalUserState, IdentityProvider, LinkedAccount, SocialNetwork, Tenant, TenantKind,
    User,
};
use crate::ids::{DomainName, EmailAddress};
use crate::store::Stored;
use crate::store::records::by;

/// Facts, and the user of the tenant whom the address means.
pub(super) struct Discovered {
    pub(super) facts: Facts,
    pub(super) user: Option<Stored<User>>,
}

/// What is to be discovered.
pub(super) struct Question<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) address: &'a EmailAddress,
    pub(super) entry: Entry,
    pub(super) choice: Choice,
    pub(super) resource: Resource,
}

impl Broker {
    /// Gathers what discovery looks at. The address means a user of the tenant who has it, or the
    /// guest who is bound to the account of that name.
    pub(super) async fn discover(&self, question: Question<'_>) -> Result<Discovered, Failure> {
        let Question { tenant, address, entry, choice, resource } = question;
        let domain = address.domain();
        let accounts = self.home_accounts(address.as_str()).await?;
        let user = match self.user_meant_by(tenant.id, address).await? {
            Some(user) => Some(user),
            None => self.bound_to_one_of(tenant, &accounts).await?,
        };
        let owner = self.tenant_of_domain(&domain).await?;
        let microsoft_account =
            accounts.iter().any(|a| a.tenant == crate::ids::MICROSOFT_ACCOUNT_TENANT);
        let facts = Facts {
            address: address.clone(),
            entry,
            standing: self.standing_of(tenant, user.as_deref()).await?,
            entra: self.entra_account(tenant, &accounts, owner.as_ref()).await?,
            microsoft_account,
            choice,
            federation: tenant.federation_for(&domain).map(|federation| FederationFact {
                protocol: federation.protocol,
                issuer: federation.issuer_uri.clone(),
            }),
            google_domain: tenant.google_domains.contains(&domain),
            facebook_account: self.has_facebook_account(tenant, address).await?,
            own_domain: tenant.owns(&domain),
            consumer_domain: self.settings.consumer_domains.contains(&domain),
            domain_owner: owner.map(|owner| domain_owner(&owner, &domain)),
            contact_conflict: self.contact_conflict(tenant, address, user.as_deref()).await?,
            policy: policy(tenant),
            resource,
        };
        Ok(Discovered { facts, user })
    }

    async fn bound_to_one_of(
        &self,
        tenant: &Tenant,
        accounts: &[User],
    ) -> Result<Option<Stored<User>>, Failure> {
        for account in accounts.iter().filter(|account| account.tenant != tenant.id) {
            let linked = account_of(account);
            if let Some(user) = self.linked_user(tenant.id, &linked).await? {
                return Ok(Some(user));
            }
        }
        Ok(None)
    }

    async fn standing_of(&self, tenant: &Tenant, user: Option<&User>) -> Result<Standing, Failure> {
        let Some(user) = user else { return Ok(Standing::Stranger) };
        let Some(external) = &user.external else {
            return Ok(Standing::Member { domain: tenant.initial_domain().to_owned() });
        };
        match (&external.linked, external.state) {
            (Some(account), ExternalUserState::Accepted) => {
                let address = &external.invited_user_email_address;
                let (home, still_configured) = self.home_of(tenant, account, address).await?;
                Ok(Standing::Accepted { home, still_configured })
            }
            _ => Ok(Standing::Pending),
        }
    }

    /// Where a redeemed guest signs in, and whether the tenant still has that provider.
    async fn home_of(
        &self,
        tenant: &Tenant,
        account: &LinkedAccount,
        address: &EmailAddress,
    ) -> Result<(Home, bool), Failure> {
        let configured = provider::is_configured(tenant, account, address);
        Ok(match &account.provider {
            IdentityProvider::ExternalAzureAd => {
                let home = match account.home_tenant {
                    Some(id) => self.find_tenant(id).await?.map(|tenant| home_tenant(&tenant)),
                    None => None,
                };
                let unknown = || HomeTenant { id: tenant.id, name: "unknown".to_owned() };
                let exists = home.is_some();
                (Home::ExternalAzureAd(home.unwrap_or_else(unknown)), exists)
            }
            IdentityProvider::MicrosoftAccount => (Home::MicrosoftAccount, configured),
            IdentityProvider::Facebook => (Home::Facebook, configured),
            IdentityProvider::Google => (Home::Google, configured),
            IdentityProvider::Mail => (Home::Mail, configured),
            IdentityProvider::Federation(issuer) => {
                let found = tenant.federations.iter().find(|f| f.issuer_uri == *issuer);
                let protocol =
                    found.map_or(crate::directory::FederationProtocol::Saml, |f| f.protocol);
                let fact = FederationFact { protocol, issuer: issuer.clone() };
                (Home::Federation(fact), configured)
            }
        })
    }

    /// Whether the built-in Facebook has an account of the address. A real one is not asked.
    async fn has_facebook_account(
        &self,
        tenant: &Tenant,
        address: &EmailAddress,
    ) -> Result<bool, Failure> {
        if !tenant.facebook || self.settings.facebook_provider.is_some() {
            return Ok(false);
        }
        let found = self.social_account(SocialNetwork::Facebook, address.as_str()).await?;
        Ok(found.is_some())
    }

    /// The Entra account of the name, in another tenant; a managed one first. Where a real provider
    /// signs a tenant's users in, everybody in its domains may have an account.
    async fn entra_account(
        &self,
        tenant: &Tenant,
        accounts: &[User],
        owner: Option<&Tenant>,
    ) -> Result<EntraAccount, Failure> {
        let mut unmanaged = None;
        for account in accounts.iter().filter(|account| account.tenant != tenant.id) {
            let home = self.tenant(account.tenant).await?;
            match home.kind {
                TenantKind::Consumer => {}
                TenantKind::Managed => return Ok(EntraAccount::Managed(home_tenant(&home))),
                TenantKind::Unmanaged => unmanaged = Some(home_tenant(&home)),
            }
        }
        let external = owner.filter(|owner| owner.provider.is_some() && owner.id != tenant.id);
        Ok(match (external, unmanaged) {
            (Some(owner), _) => EntraAccount::Managed(home_tenant(owner)),
            (None, Some(home)) => EntraAccount::Unmanaged(home),
            (None, None) => EntraAccount::None,
        })
    }

    /// A guest without a proxy address, or (for somebody who is not there yet) a contact that would
    /// take it.
    async fn contact_conflict(
        &self,
        tenant: &Tenant,
        address: &EmailAddress,
        user: Option<&User>,
    ) -> Result<bool, Failure> {
        match user {
            Some(user) => Ok(user.is_pending() && !user.is_reachable_at(address)),
            None => {
                let contact = self.store.get::<Contact>(by::contact(tenant.id, address)).await?;
                Ok(contact.is_some())
            }
        }
    }
}

pub(super) fn home_tenant(tenant: &Tenant) -> HomeTenant {
    HomeTenant { id: tenant.id, name: tenant.display_name.clone() }
}

/// A home account in the form in which guests are bound to it.
pub(super) fn account_of(user: &User) -> LinkedAccount {
    let provider = match user.tenant {
        crate::ids::MICROSOFT_ACCOUNT_TENANT => IdentityProvider::MicrosoftAccount,
        _ => IdentityProvider::ExternalAzureAd,
    };
    LinkedAccount {
        provider,
        home_tenant: Some(user.tenant),
        subject: user.id.to_string(),
        sign_in_name: user.user_principal_name.clone(),
        unverified_name: false,
    }
}

pub(super) fn domain_owner(owner: &Tenant, domain: &DomainName) -> DomainOwner {
    DomainOwner {
        tenant: home_tenant(owner),
        federated: owner.federated_domains.contains(domain),
        allow_email_verified_users: owner.allow_email_verified_users,
    }
}

fn policy(tenant: &Tenant) -> Policy {
    Policy {
        tenant_name: tenant.display_name.clone(),
        profile: tenant.redemption_profile,
        one_time_passcode: tenant.email_one_time_passcode,
        google: tenant.google,
        facebook: match (tenant.facebook, tenant.facebook_invitations) {
            (false, _) => FacebookUse::Off,
            (true, false) => FacebookUse::SignUp,
            (true, true) => FacebookUse::Invitations,
        },
        classic_email_link_checks_msa: tenant.classic_email_link_checks_msa,
        order: tenant.invitation_redemption.order.clone(),
        fallback: tenant.invitation_redemption.fallback,
    }
}
