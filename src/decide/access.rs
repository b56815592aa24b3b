//! Who a proven account is in the tenant, and whether that user may come in.
//!
//! [`identify`] answers after the sign-in: the account must be the one that was invited, except on
//! the redeem link, where any account of the provider that discovery chose is bound (the alias
//! case of the redemption article). Once redeemed, only the provider's subject counts. [`admit`]
//! is the policy that comes before consent.

use crate::decide::hrd::Resource;
use crate::decide::sign_up::{self, SignUp};
use crate::decide::{Decision, Trace};
use crate::directory::{IdentityProvider, LinkedAccount, RedemptionProfile, User};
use crate::fault::{Fault, say};
use crate::ids::{EmailAddress, ObjectId, TenantId};

/// What [`identify`] looks at.
#[derive(Debug)]
pub struct IdentifyFacts<'a> {
    /// The resource tenant.
    pub tenant: TenantId,
    /// Its name.
    pub tenant_name: &'a str,
    /// The generation of the flow.
    pub profile: RedemptionProfile,
    /// The account that was proven.
    pub account: &'a LinkedAccount,
    /// An address of the account that its provider verified.
    pub verified_address: Option<&'a EmailAddress>,
    /// Whom the sign-in is for.
    pub expected: Expected<'a>,
    /// The user of the tenant that is bound to the account, or is the account.
    pub linked_user: Option<&'a User>,
    /// The guest of the tenant that has the verified address.
    pub addressed_user: Option<&'a User>,
    /// What the person wants to open.
    pub resource: &'a Resource,
    /// The application lets strangers sign up.
    pub offers_sign_up: bool,
    /// The person wants to, and may.
    pub sign_up: Option<SignUp<'a>>,
}

/// Whom a sign-in is for.
#[derive(Debug, Clone, Copy)]
pub enum Expected<'a> {
    /// Whoever it turns out to be: no address was typed.
    Anyone,
    /// The guest whose invitation link was opened.
    Invited(&'a User),
    /// The user whose address was typed.
    Typed(&'a User),
}

/// The answer of [`identify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identified {
    /// Nobody who may come in.
    Refused(Fault),
    /// Nobody yet: the guest who will have this id, once everything is agreed to.
    SignsUp(ObjectId),
    /// This user of the tenant.
    User(ObjectId),
}

/// Decides which user of the tenant the account is.
pub fn identify(facts: &IdentifyFacts<'_>) -> Decision<Identified> {
    let mut trace = Trace::new();
    let step = 11;
    let name = &facts.account.sign_in_name;
    if let Some(user) = facts.linked_user {
        let (refusal, because) = match facts.expected {
            Expected::Invited(guest) if guest.id != user.id => (
                say::invitation_account_taken(name, facts.tenant_name),
                format!("{name} is already in {} as {}", facts.tenant_name, user.address()),
            ),
            Expected::Typed(guest) if guest.id != user.id => (
                wrong_account(facts, guest, user.address()),
                format!("{} was typed, {name} signed in", guest.address()),
            ),
            _ => {
                let because = format!("{name} is bound to {} by its subject", user.address());
                return trace.decided(step, "linked-account", because, Identified::User(user.id));
            }
        };
        return trace.decided(step, "linked-account", because, Identified::Refused(refusal));
    }
    trace.skipped(step, "linked-account", format!("nobody in the tenant is bound to {name}"));
    if let Expected::Invited(guest) = facts.expected {
        return invited(facts, guest, trace);
    }
    trace.skipped(step, "invitation-link", "no invitation link was used");
    direct(facts, trace)
}

/// The refusal of an account that is `bound` to another guest than the one that is meant.
fn wrong_account(facts: &IdentifyFacts<'_>, guest: &User, bound: &str) -> Fault {
    let name = &facts.account.sign_in_name;
    let fault = say::wrong_account(name, guest.address(), facts.tenant_name);
    if name != guest.address() {
        return fault;
    }
    fault.with_remedy(format!(
        "The address is the same, the account is not: {} calls it '{}', and that is bound to          {bound}. An account is what its provider calls it (NameID, ImmutableID, sub), not its          address.",
        facts.account.provider, facts.account.subject
    ))
}

/// The redeem link carries the guest: the account only has to be free.
fn invited(facts: &IdentifyFacts<'_>, guest: &User, trace: Trace) -> Decision<Identified> {
    let name = &facts.account.sign_in_name;
    let rule = "invitation-link";
    if !guest.is_pending() {
        let because = format!("{} has redeemed with another account", guest.address());
        let fault = say::wrong_account(name, guest.address(), facts.tenant_name);
        return trace.decided(11, rule, because, Identified::Refused(fault));
    }
    if let Some(other) = facts.addressed_user.filter(|other| other.id != guest.id) {
        let because = format!("{name} belongs to {}, another user here", other.address());
        let fault = say::invitation_account_taken(name, facts.tenant_name);
        return trace.decided(11, rule, because, Identified::Refused(fault));
    }
    let because = if facts.verified_address.is_some_and(|a| a.as_str() == guest.address()) {
        format!("the invitation link of {0}, opened as {0}", guest.address())
    } else {
        format!("the invitation link of {} binds {name} (alias rule)", guest.address())
    };
    trace.decided(11, rule, because, Identified::User(guest.id))
}

/// Just in time: a pending guest must have the address that the provider verified.
fn direct(facts: &IdentifyFacts<'_>, trace: Trace) -> Decision<Identified> {
    let name = &facts.account.sign_in_name;
    let rule = "verified-address";
    let candidate = match facts.expected {
        Expected::Typed(guest) => Some(guest),
        Expected::Anyone | Expected::Invited(_) => facts.addressed_user,
    };
    let found = candidate
        .zip(facts.verified_address)
        .filter(|(guest, address)| guest.is_pending() && has_address(facts, guest, address));
    if let Some((guest, address)) = found {
        let because =
            format!("{} has verified {address} for the pending guest", facts.account.idp());
        return trace.decided(11, rule, because, Identified::User(guest.id));
    }
    if let (Some(sign_up), None) = (&facts.sign_up, candidate) {
        let mut trace = trace;
        trace.skipped(11, rule, format!("nobody in the tenant has the address of {name}"));
        return sign_up::newcomer(facts, sign_up, trace);
    }
    let idp = facts.account.idp();
    let resource = facts.resource;
    let mut fault =
        say::guest_not_in_tenant(name, &idp, facts.tenant_name, resource.id, &resource.name);
    let because = match candidate {
        Some(guest) if guest.is_pending() && facts.account.unverified_name => {
            fault = fault
                .with_remedy("Use the link of the invitation e-mail: it binds any account.")
                .with_remedy(
                    "Or have the provider say that the address is verified (email_verified).",
                );
            format!("{idp} does not say that {name} is verified")
        }
        Some(guest) if guest.is_pending() => {
            fault = fault
                .with_remedy(format!("Sign in as {}.", guest.address()))
                .with_remedy("Or use the link of the invitation e-mail: it binds another account.");
            format!("{name} signed in, but {} was invited", guest.address())
        }
        Some(guest) => {
            fault = fault
                .with_remedy("If the account was made again, reset the guest's redemption status.");
            format!("{} redeemed with another account", guest.address())
        }
        None => {
            fault = fault.with_remedy(format!("Invite {name} to {}.", facts.tenant_name));
            if facts.offers_sign_up {
                fault = fault.with_remedy(sign_up::REMEDY);
            }
            format!("no user of the tenant has the address of {name}")
        }
    };
    trace.decided(11, rule, because, Identified::Refused(fault))
}

/// Whether an address is the invited one, and can be found: as proxy or main address; from the
/// profile `current` on, and for Entra accounts always, in any case (a contact that holds it does
/// not matter).
fn has_address(facts: &IdentifyFacts<'_>, guest: &User, address: &EmailAddress) -> bool {
    let invited = guest.external.as_ref().map(|e| &e.invited_user_email_address);
    let looks_further = facts.profile == RedemptionProfile::Current
        || facts.account.provider == IdentityProvider::ExternalAzureAd;
    invited == Some(address) && (looks_further || guest.is_reachable_at(address))
}

/// What [`admit`] looks at.
#[derive(Debug)]
pub struct AdmitFacts<'a> {
    /// The user.
    pub user: &'a User,
    /// What the user wants to open.
    pub resource: &'a Resource,
    /// Whether it serves the kind of account that the user is.
    pub account_type: Result<(), Fault>,
    /// The domain of a tenant that nobody administers and that has no instance of it.
    pub unmanaged: Option<&'a str>,
    /// Whether people may sign in to it in this tenant.
    pub application_enabled: bool,
    /// The name of the tenant, if the application has to be installed there and is not: consent
    /// installs it, but nothing is consented to for an assertion.
    pub application_missing: Option<&'a str>,
    /// `Some(false)` if this is a redemption by e-mail and the acceptance portal is off.
    pub acceptance_portal_enabled: Option<bool>,
    /// Whether the tenant still has the provider of a guest's account.
    pub provider: Result<(), Fault>,
    /// What the home of a guest says of the account.
    pub at_home: Result<(), Fault>,
    /// Whether the user is assigned, where assignment is required.
    pub assignment: Assigned,
    /// For somebody who signs up: whether the application still offers the user flow.
    pub sign_up: Option<bool>,
}

/// Whether a user is assigned to an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assigned {
    /// It is required and missing.
    Missing,
    /// It is not required.
    NotRequired,
    /// Directly or through a group.
    Yes,
}

/// What [`at_home`] looks at.
#[derive(Debug)]
pub struct HomeAccount<'a> {
    /// The account that a guest is bound to, or is about to be.
    pub account: &'a LinkedAccount,
    /// The name of its home tenant, one of ours.
    pub tenant_name: &'a str,
    /// The user object there, if there still is one.
    pub found: Option<&'a User>,
}

/// Whether a guest's home still vouches for the account: only the home revokes what a guest has.
pub fn at_home(facts: &HomeAccount<'_>) -> Result<(), Fault> {
    let name = &facts.account.sign_in_name;
    match facts.found {
        Some(user) if user.account_enabled => Ok(()),
        Some(_) => Err(say::user_disabled().with_remedy(format!(
            "{name} is disabled at home, in {}: enable the account there.",
            facts.tenant_name
        ))),
        None => Err(say::account_not_found(name, facts.tenant_name)),
    }
}

/// Whether somebody may have a session at all.
pub fn check_enabled(user: &User) -> Result<(), Fault> {
    match user.external {
        _ if user.account_enabled => Ok(()),
        Some(_) => Err(say::guest_disabled()),
        None => Err(say::user_disabled()),
    }
}

/// Decides whether the user may come in, before anything is asked of them.
pub fn admit(facts: &AdmitFacts<'_>) -> Decision<Result<(), Fault>> {
    let mut trace = Trace::new();
    if let Err(fault) = check_enabled(facts.user) {
        return trace.decided(11, "account-enabled", "accountEnabled is false", Err(fault));
    }
    trace.skipped(11, "account-enabled", "the account is enabled");
    if let Err(fault) = &facts.at_home {
        let because = "the home disabled or deleted the account";
        return trace.decided(11, "home-account", because, Err(fault.clone()));
    }
    trace.skipped(11, "home-account", "the home vouches for the account, or is not asked");
    if let Err(fault) = &facts.provider {
        let because = "the tenant has turned the account's provider off since";
        return trace.decided(11, "provider", because, Err(fault.clone()));
    }
    trace.skipped(11, "provider", "the tenant has the account's provider");
    let resource = facts.resource;
    if let Err(fault) = &facts.account_type {
        let because = format!("{} is not for accounts of this kind", resource.name);
        return trace.decided(11, "account-type", because, Err(fault.clone()));
    }
    trace.skipped(11, "account-type", format!("{} is for such accounts", resource.name));
    if let Some(domain) = facts.unmanaged {
        let because = format!("nobody administers {domain}, and {} is not there", resource.name);
        let fault = say::unmanaged_tenant(&resource.name, domain);
        return trace.decided(11, "unmanaged-tenant", because, Err(fault));
    }
    if let Some(tenant) = facts.application_missing {
        let because = format!("{} is not installed in {tenant}", resource.name);
        let fault = say::application_not_found(resource.id, tenant);
        return trace.decided(11, "application-installed", because, Err(fault));
    }
    if !facts.application_enabled {
        let because = format!("{} is disabled in the tenant", resource.name);
        let fault = say::application_disabled(resource.id, &resource.name);
        return trace.decided(11, "application-enabled", because, Err(fault));
    }
    trace.skipped(11, "application-enabled", format!("{} is enabled", resource.name));
    if let Some(fault) = portal_switch(facts.acceptance_portal_enabled) {
        return trace.decided(11, "acceptance-portal", "it is disabled", Err(fault));
    }
    trace.skipped(11, "acceptance-portal", "not needed, or enabled");
    if facts.sign_up == Some(false) {
        let because = format!("{} no longer offers the user flow", resource.name);
        let fault = say::sign_up_not_offered(&resource.name);
        return trace.decided(11, "user-flow", because, Err(fault));
    }
    if facts.assignment == Assigned::Missing {
        let because = format!("{} requires assignment", resource.name);
        let fault = say::not_assigned(resource.id, &resource.name, facts.user.address());
        return trace.decided(11, "assignment", because, Err(fault));
    }
    trace.decided(11, "assignment", "assigned, or not required", Ok(()))
}

/// The refusal of a redemption by e-mail while the acceptance portal is switched off.
///
/// That the number is 7000112 is an inference: it is what a disabled first-party application gives.
pub fn portal_switch(enabled: Option<bool>) -> Option<Fault> {
    use crate::directory::first_party::INVITATION_PORTAL;
    let name = "Microsoft Invitation Acceptance Portal";
    (enabled == Some(false)).then(|| {
        say::application_disabled(INVITATION_PORTAL, name).with_remedy(format!(
            "Set “Enabled for users to sign-in?” of the enterprise application “{name}” to Yes \
             (accountEnabled = true), then open the invitation link again."
        ))
    })
}
