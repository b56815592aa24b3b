//! The rules of home-realm discovery, and the table ("book") of each profile.
//!
//! A rule decides or says why it does not. A book ends with a rule that always decides, so that
//! discovery is total. Ids and step numbers are public: tests and people name them.

mod fallback;
mod primary;
mod social;

use super::{Choice, EntraAccount, Facts, HomeTenant, Outcome, Policy};
use crate::directory::{FallbackIdentityProvider, PrimaryIdentityProvider, RedemptionProfile};

/// A rule and its place in the published flow.
#[derive(Debug, Clone, Copy)]
pub struct RuleOf<J> {
    /// Its id.
    pub id: &'static str,
    /// The step in the flow of 2021 to 2022; 0 where it has none.
    pub classic_step: u8,
    /// The step in the flows of 2023 and 2025.
    pub later_step: u8,
    /// When it decides, as a half sentence.
    pub when: &'static str,
    /// What it decides.
    pub then: &'static str,
    /// The function.
    pub judge: J,
}

impl<J> RuleOf<J> {
    /// The step number of the profile's flow.
    pub fn step(&self, later: bool) -> u8 {
        if later { self.later_step } else { self.classic_step }
    }
}

/// A rule that may pass.
pub type Rule = RuleOf<fn(&Facts) -> Judgement>;
/// A rule that always decides.
pub type LastRule = RuleOf<fn(&Facts) -> (Outcome, String)>;

/// What a rule says.
#[derive(Debug)]
pub enum Judgement {
    /// It decides, because of this.
    Decide(Outcome, String),
    /// It does not apply, because of this.
    Skip(String),
    /// It is about something that the tenant does not have, and is not worth a word.
    Unsaid,
}

/// The rules of one profile, in order.
#[derive(Debug)]
pub struct Book {
    /// Asked in turn.
    pub rules: Vec<&'static Rule>,
    /// Decides when none of them did.
    pub last: &'static LastRule,
}

/// The table that a tenant's settings select.
pub fn book(policy: &Policy) -> Book {
    let mut rules = vec![&primary::MEMBER, &primary::ALREADY_REDEEMED];
    match policy.profile {
        RedemptionProfile::Classic => {
            rules.extend(CLASSIC);
            Book { rules, last: &fallback::CREATE_MICROSOFT_ACCOUNT }
        }
        RedemptionProfile::ManagedOnly => {
            rules.extend(MANAGED_ONLY);
            Book { rules, last: &fallback::CREATE_MICROSOFT_ACCOUNT }
        }
        RedemptionProfile::Current => current(policy, rules),
    }
}

const CLASSIC: &[&Rule] = &[
    &primary::ENTRA_AND_MICROSOFT_ACCOUNT,
    &primary::CONTACT_CONFLICT,
    &primary::ENTRA_ACCOUNT,
    &primary::SAML_WSFED_FEDERATION,
    &primary::GOOGLE_FEDERATION,
    &social::FACEBOOK,
    &primary::MICROSOFT_ACCOUNT,
    &fallback::ONE_TIME_PASSCODE,
    &fallback::NO_PASSCODE_ON_DIRECT_LINK,
    &fallback::UNMANAGED_ACCOUNT,
    &fallback::UNMANAGED_ACCOUNT_REFUSED,
];

const MANAGED_ONLY: &[&Rule] = &[
    &primary::ENTRA_AND_MICROSOFT_ACCOUNT,
    &primary::CONTACT_CONFLICT,
    &primary::ENTRA_ACCOUNT,
    &primary::SAML_WSFED_FEDERATION,
    &primary::GOOGLE_FEDERATION,
    &social::FACEBOOK,
    &primary::MICROSOFT_ACCOUNT,
    &fallback::ONE_TIME_PASSCODE,
];

/// A primary provider that is left out of the order is off; the chooser comes with the Entra
/// accounts, wherever those stand in it.
fn current(policy: &Policy, mut rules: Vec<&'static Rule>) -> Book {
    for primary in &policy.order {
        match primary {
            PrimaryIdentityProvider::AzureActiveDirectory => {
                rules.push(&primary::ENTRA_AND_MICROSOFT_ACCOUNT);
                rules.push(&primary::ENTRA_ACCOUNT);
            }
            PrimaryIdentityProvider::ExternalFederation => {
                rules.push(&primary::SAML_WSFED_FEDERATION);
            }
            PrimaryIdentityProvider::SocialIdentityProviders => {
                rules.push(&primary::GOOGLE_FEDERATION);
                rules.push(&social::FACEBOOK);
            }
        }
    }
    if policy.fallback != FallbackIdentityProvider::DefaultConfiguredIdp {
        return Book { rules, last: &fallback::CONFIGURED_FALLBACK };
    }
    rules.push(&primary::MICROSOFT_ACCOUNT);
    rules.push(&fallback::ONE_TIME_PASSCODE);
    Book { rules, last: &fallback::CREATE_MICROSOFT_ACCOUNT }
}

/// Every rule id, for the test that each decides in at least one fixture.
pub const IDS: &[&str] = &[
    "member",
    "already-redeemed",
    "entra-and-microsoft-account",
    "contact-conflict",
    "entra-account",
    "saml-wsfed-federation",
    "google-federation",
    "facebook-account",
    "microsoft-account",
    "one-time-passcode",
    "no-passcode-on-direct-link",
    "unmanaged-account",
    "unmanaged-account-refused",
    "create-microsoft-account",
    "configured-fallback",
];

/// The Entra account as far as the profile looks at it: from 2023 on, unmanaged ones are ignored,
/// and before that where the tenant federates their domain (direct federation, precedence).
fn entra_home(facts: &Facts) -> Option<&HomeTenant> {
    let unmanaged_count =
        facts.policy.profile == RedemptionProfile::Classic && facts.federation.is_none();
    match &facts.entra {
        EntraAccount::Managed(tenant) => Some(tenant),
        EntraAccount::Unmanaged(tenant) if unmanaged_count => Some(tenant),
        EntraAccount::None | EntraAccount::Unmanaged(_) => None,
    }
}

/// Whether the missing proxy address stands in the way of anything but an Entra account.
fn contact_blocks(facts: &Facts) -> bool {
    facts.contact_conflict
        && facts.entry == super::Entry::DirectLink
        && facts.policy.profile != RedemptionProfile::Current
}

/// Whether the Entra account is out of the question because the person picked the personal one.
fn entra_declined(facts: &Facts) -> bool {
    facts.choice == Choice::MicrosoftAccount
}
