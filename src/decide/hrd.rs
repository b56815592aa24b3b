//! Home-realm discovery: which identity provider signs this address in.
//!
//! The rules stand in [`rules`] in the order of the published flow ("Azure AD B2B collaboration
//! invitation redemption", steps 1 to 10), one table a generation of it. [`decide`] walks the table
//! of the tenant's profile; the first rule that applies decides. docs/REDEMPTION.md is rendered
//! from the same tables.

mod page;
pub mod rules;

use crate::decide::{Decision, Trace};
use crate::directory::{
    FallbackIdentityProvider, FederationProtocol, IdentityProvider, PrimaryIdentityProvider,
    RedemptionProfile,
};
use crate::fault::Fault;
use crate::ids::{ClientId, EmailAddress, TenantId};

pub use page::redemption_page;

/// Everything discovery looks at.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact or a switch of its own")]
#[derive(Debug, Clone)]
pub struct Facts {
    /// The address that was typed or invited.
    pub address: EmailAddress,
    /// How the person came.
    pub entry: Entry,
    /// What the address is in the resource tenant.
    pub standing: Standing,
    /// The Entra account of that name.
    pub entra: EntraAccount,
    /// Whether a Microsoft account of that name exists.
    pub microsoft_account: bool,
    /// The tile that was picked, where both exist.
    pub choice: Choice,
    /// The SAML or WS-Fed federation that the tenant has for the domain.
    pub federation: Option<FederationFact>,
    /// The domain is one of the tenant's `google_domains`: gmail.com and googlemail.com by default.
    pub google_domain: bool,
    /// The tenant has Facebook, and Facebook an account of the address.
    pub facebook_account: bool,
    /// The domain is verified in the resource tenant itself.
    pub own_domain: bool,
    /// The domain belongs to consumers (outlook.com, gmail.com, …).
    pub consumer_domain: bool,
    /// The Entra tenant in which the domain is verified.
    pub domain_owner: Option<DomainOwner>,
    /// The guest object has no proxy address because a contact holds it.
    pub contact_conflict: bool,
    /// The tenant's settings.
    pub policy: Policy,
    /// What the person wants to open; named in refusals.
    pub resource: Resource,
}

/// How a person came to the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// By a link that names the tenant, or through *Sign in to an organization*: just in time.
    DirectLink,
    /// By the link of the invitation mail.
    EmailLink,
}

/// What an address is in the resource tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// A guest who has redeemed; the method stays until reset.
    Accepted {
        /// How.
        home: Home,
        /// Whether the tenant still has that provider.
        still_configured: bool,
    },
    /// A member whose account lives in the tenant.
    Member {
        /// The tenant's initial domain.
        domain: String,
    },
    /// A guest who has not redeemed yet.
    Pending,
    /// Nobody.
    Stranger,
}

/// The Entra account of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntraAccount {
    /// In a managed tenant.
    Managed(HomeTenant),
    /// There is none.
    None,
    /// In an unmanaged ("viral") tenant.
    Unmanaged(HomeTenant),
}

/// A home tenant: id and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeTenant {
    /// Its id.
    pub id: TenantId,
    /// Its name.
    pub name: String,
}

/// The tile that was picked in the account chooser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The work or school account.
    Entra,
    /// The personal account.
    MicrosoftAccount,
    /// Not asked yet.
    NotMade,
}

/// A federation that matches the domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederationFact {
    /// SAML or WS-Fed.
    pub protocol: FederationProtocol,
    /// Its issuer URI.
    pub issuer: String,
}

/// The Entra tenant in which a domain is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainOwner {
    /// The tenant.
    pub tenant: HomeTenant,
    /// Its users sign in at a federation server of their own.
    pub federated: bool,
    /// `AllowEmailVerifiedUsers`.
    pub allow_email_verified_users: bool,
}

/// The settings that discovery reads.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The tenant's name, for texts.
    pub tenant_name: String,
    /// Which generation of the flow.
    pub profile: RedemptionProfile,
    /// E-mail one-time passcode.
    pub one_time_passcode: bool,
    /// Google federation.
    pub google: bool,
    /// What Facebook is for.
    pub facebook: FacebookUse,
    /// Look for a Microsoft account on the e-mail link too (`classic`).
    pub classic_email_link_checks_msa: bool,
    /// The order of primary providers (`current`).
    pub order: Vec<PrimaryIdentityProvider>,
    /// What comes after them (`current`).
    pub fallback: FallbackIdentityProvider,
}

/// What Facebook is for in a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FacebookUse {
    /// To redeem invitations, too (`facebook_invitations`).
    Invitations,
    /// Nothing.
    Off,
    /// Self-service sign-up.
    SignUp,
}

/// What the person wants to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// The application.
    pub id: ClientId,
    /// Its name.
    pub name: String,
}

/// What discovery says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Ask which of the two accounts it shall be.
    ChooseAccount,
    /// Guide the person through making an account.
    CreateAccount(NewAccount),
    /// Nobody can sign this address in here.
    Refused(Fault),
    /// Sign in there.
    SignIn(Home),
}

/// A kind of account that can be made on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewAccount {
    /// A Microsoft account.
    MicrosoftAccount,
    /// An account in an unmanaged ("viral") Entra tenant.
    Unmanaged,
}

impl NewAccount {
    /// The provider that the account will belong to.
    pub fn identity_provider(self) -> IdentityProvider {
        match self {
            Self::MicrosoftAccount => IdentityProvider::MicrosoftAccount,
            Self::Unmanaged => IdentityProvider::ExternalAzureAd,
        }
    }
}

/// Where a person signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    /// Another Entra tenant.
    ExternalAzureAd(HomeTenant),
    /// Facebook.
    Facebook,
    /// A SAML or WS-Fed provider.
    Federation(FederationFact),
    /// Google.
    Google,
    /// The mailbox, by passcode.
    Mail,
    /// The Microsoft-account tenant.
    MicrosoftAccount,
    /// The resource tenant itself: a member.
    ThisTenant {
        /// Its initial domain.
        domain: String,
    },
}

impl Home {
    /// The name in the answers of `explain`: the `issuer` a guest's identity would have, or the
    /// initial domain for a member.
    pub fn identity_provider(&self) -> &str {
        match self {
            Self::ExternalAzureAd(_) => "ExternalAzureAD",
            Self::Facebook => "facebook.com",
            Self::Federation(federation) => &federation.issuer,
            Self::Google => "google.com",
            Self::Mail => "mail",
            Self::MicrosoftAccount => "MicrosoftAccount",
            Self::ThisTenant { domain } => domain,
        }
    }
}

/// Decides where the address signs in. The last entry of the trace is the rule that decided.
pub fn decide(facts: &Facts) -> Decision<Outcome> {
    let book = rules::book(&facts.policy);
    let later = facts.policy.profile != RedemptionProfile::Classic;
    let mut trace = Trace::new();
    for rule in &book.rules {
        match (rule.judge)(facts) {
            rules::Judgement::Decide(outcome, because) => {
                return trace.decided(rule.step(later), rule.id, because, outcome);
            }
            rules::Judgement::Skip(because) => trace.skipped(rule.step(later), rule.id, because),
            rules::Judgement::Unsaid => {}
        }
    }
    let last = book.last;
    let (outcome, because) = (last.judge)(facts);
    trace.decided(last.step(later), last.id, because, outcome)
}

#[cfg(test)]
mod tests;
