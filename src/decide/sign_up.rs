//! Self-service sign-up: where somebody who is no guest yet proves who they are, and whether that
//! account may become one (self-service sign-up article).
//!
//! Whoever the tenant knows already signs in as ever; nobody is made twice.

use super::access::{Identified, IdentifyFacts};
use super::hrd::{Choice, EntraAccount, Facts, Home, Standing};
use super::route::{Route, at_tenant};
use super::{Decision, Trace};
use crate::directory::{
    FlowProvider, IdentityProvider, LinkedAccount, Tenant, User, UserAttribute,
};
use crate::fault::say;
use crate::ids::{ClientId, EmailAddress, ObjectId};

/// What a stranger can do where an application offers a user flow.
pub const REMEDY: &str = "Or sign up: choose “No account? Create one” on the sign-in page.";

/// The user flow that an application offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Which.
    pub flow: String,
    /// Those of its providers that the tenant has.
    pub providers: Vec<FlowProvider>,
    /// What people are asked to tell.
    pub attributes: Vec<UserAttribute>,
}

impl Offer {
    /// Whether an account of this provider may sign up. A federation is the tenant's own choice.
    pub fn takes(&self, provider: &IdentityProvider) -> bool {
        FlowProvider::of(provider).is_none_or(|provider| self.has(provider))
    }

    fn has(&self, provider: FlowProvider) -> bool {
        self.providers.contains(&provider)
    }

    /// Whether a typed address can lead anywhere.
    pub fn takes_addresses(&self) -> bool {
        self.providers.iter().any(|provider| *provider != FlowProvider::Facebook)
    }
}

/// What an application offers to people who have no account, if anything.
pub fn offer(tenant: &Tenant, app: ClientId) -> Option<Offer> {
    let mut flows = tenant.user_flows.iter().filter(|_| tenant.self_service_sign_up);
    let flow = flows.find(|flow| flow.applications.contains(&app))?;
    let mut providers = flow.identity_providers.clone();
    providers.retain(|provider| match provider {
        FlowProvider::Entra | FlowProvider::MicrosoftAccount => true,
        FlowProvider::Facebook => tenant.facebook,
        FlowProvider::Google => tenant.google,
        FlowProvider::Passcode => tenant.email_one_time_passcode,
    });
    Some(Offer { flow: flow.id.clone(), providers, attributes: flow.user_attributes.clone() })
}

/// Where an address that was typed to sign up is proven. In a flow a federation comes before Entra
/// (direct-federation article).
pub fn route(facts: &Facts, offer: &Offer) -> Decision<Route> {
    if facts.standing != Standing::Stranger || facts.own_domain {
        return at_tenant(facts);
    }
    let mut trace = Trace::new();
    let (flow, address) = (&offer.flow, &facts.address);
    if let Some(federation) = &facts.federation {
        let because = format!("the tenant has a federation for {}", address.domain());
        let home = Home::Federation(federation.clone());
        return trace.decided(0, "sign-up-federation", because, Route::Prove(home));
    }
    trace.skipped(0, "sign-up-federation", format!("none for {}", address.domain()));
    let entra = match &facts.entra {
        EntraAccount::Managed(home) | EntraAccount::Unmanaged(home) => Some(home),
        EntraAccount::None => None,
    };
    let entra = entra.filter(|_| offer.has(FlowProvider::Entra));
    let microsoft = facts.microsoft_account && offer.has(FlowProvider::MicrosoftAccount);
    if entra.is_some() && microsoft && facts.choice == Choice::NotMade {
        let because = format!("{address} is a work account and a Microsoft account");
        return trace.decided(0, "sign-up-two-accounts", because, Route::Choose);
    }
    if let Some(home) = entra.filter(|_| facts.choice != Choice::MicrosoftAccount) {
        let because = format!("{} has an account {address}, and {flow} takes it", home.name);
        let home = Home::ExternalAzureAd(home.clone());
        return trace.decided(0, "sign-up-entra", because, Route::Prove(home));
    }
    trace.skipped(0, "sign-up-entra", format!("no Entra account {address} for {flow}"));
    if facts.google_domain && offer.has(FlowProvider::Google) {
        let because = format!("{} is Google's, and {flow} takes it", address.domain());
        return trace.decided(0, "sign-up-google", because, Route::Prove(Home::Google));
    }
    trace.skipped(0, "sign-up-google", format!("no Google account {address} for {flow}"));
    if microsoft {
        let because = format!("a Microsoft account has the name {address}, and {flow} takes it");
        let route = Route::Prove(Home::MicrosoftAccount);
        return trace.decided(0, "sign-up-microsoft-account", because, route);
    }
    trace.skipped(0, "sign-up-microsoft-account", format!("no Microsoft account for {flow}"));
    if offer.has(FlowProvider::Passcode) {
        let because = format!("{flow} takes whoever can read the mail of {address}");
        return trace.decided(0, "sign-up-passcode", because, Route::Prove(Home::Mail));
    }
    let fault = say::sign_up_no_provider(address, flow, names(offer));
    trace.decided(0, "sign-up-passcode", format!("not in {flow}"), Route::Refuse(fault))
}

fn names(offer: &Offer) -> String {
    let names: Vec<_> = offer.providers.iter().map(|provider| provider.name()).collect();
    if names.is_empty() { "nobody at present".to_owned() } else { names.join(", ") }
}

/// The address with which an account signs up: the one that its provider has verified. Facebook
/// verifies none, and signs people up all the same: its word is taken, and nowhere believed
/// ([`crate::decide::email`]).
pub fn address_of(
    account: &LinkedAccount,
    verified: Option<&EmailAddress>,
) -> Option<EmailAddress> {
    match (verified, &account.provider) {
        (Some(address), _) => Some(address.clone()),
        (None, IdentityProvider::Facebook) => account.sign_in_name.parse().ok(),
        (None, _) => None,
    }
}

/// What a proven account that nobody in the tenant is bound to may become.
#[derive(Debug)]
pub struct SignUp<'a> {
    /// The flow, as it is now.
    pub offer: &'a Offer,
    /// The object id that the guest would have.
    pub new_id: ObjectId,
    /// The account's address, verified or not.
    pub address: Option<&'a EmailAddress>,
    /// The user of the tenant who has that address already.
    pub holder: Option<&'a User>,
    /// The tenant has verified the address's domain.
    pub own_domain: bool,
    /// Who else vouches for the address's domain: a federation of the tenant, or another tenant.
    pub vouched_by: Option<&'a str>,
}

/// Decides whether the account becomes a guest.
pub(super) fn newcomer(
    facts: &IdentifyFacts<'_>,
    sign_up: &SignUp<'_>,
    trace: Trace,
) -> Decision<Identified> {
    let rule = "sign-up";
    let name = &facts.account.sign_in_name;
    let (flow, tenant) = (&sign_up.offer.flow, facts.tenant_name);
    // An address that nobody verified is not taken from those who could.
    let elsewhere = sign_up.vouched_by.filter(|_| facts.verified_address.is_none());
    let (fault, because) = match (sign_up.address, elsewhere, sign_up.holder) {
        _ if !sign_up.offer.takes(&facts.account.provider) => (
            say::sign_up_no_provider(name, flow, names(sign_up.offer)),
            format!("{flow} does not take accounts of {}", facts.account.provider),
        ),
        (None, _, _) => (
            say::sign_up_without_address(facts.account.idp()),
            format!("{} told no address of {name}", facts.account.idp()),
        ),
        (Some(address), _, _) if sign_up.own_domain => (
            say::sign_up_own_domain(address, tenant),
            format!("{} is a domain of {tenant}", address.domain()),
        ),
        (Some(address), Some(other), _) => {
            let idp = facts.account.idp();
            let because = format!("{} is {other}'s, and {idp} verifies none", address.domain());
            (say::sign_up_elsewhere(address, &idp, other), because)
        }
        (Some(address), None, Some(_)) => (
            say::sign_up_address_taken(address, tenant),
            format!("somebody else in {tenant} has the address {address}"),
        ),
        (Some(address), None, None) => {
            let because = format!("{name} of {} signs up as {address}", facts.account.idp());
            return trace.decided(11, rule, because, Identified::SignsUp(sign_up.new_id));
        }
    };
    trace.decided(11, rule, because, Identified::Refused(fault))
}
