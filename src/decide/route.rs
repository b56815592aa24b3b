//! From what discovery says to what the sign-in page does.
//!
//! Discovery answers for a stranger as if invited; a real sign-in must not. A stranger without an
//! account anywhere is refused at once and no code is mailed; one with an account signs in there
//! first and is refused then, as in reality.

use super::hrd::{self, Choice, Facts, Home, NewAccount, Outcome, Standing};
use super::{Decision, Trace, audience};
use crate::fault::{Fault, say};
use crate::ids::{ObjectId, TenantId};
use crate::protocol::authority::Authority;

/// What the sign-in page does with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// Show the page again with this.
    Alert(Fault),
    /// Ask which account.
    Choose,
    /// Guide through making an account.
    Create(NewAccount),
    /// Prove it there.
    Prove(Home),
    /// Refuse.
    Refuse(Fault),
}

/// Decides at a tenant.
pub fn at_tenant(facts: &Facts) -> Decision<Route> {
    let decision = hrd::decide(facts);
    let stranger = facts.standing == Standing::Stranger;
    if stranger && facts.own_domain {
        let fault = say::account_not_found(&facts.address, &facts.policy.tenant_name);
        let because = format!("{} is a domain of the tenant", facts.address.domain());
        return decision.into_parts().1.decided(0, "unknown-member", because, Route::Alert(fault));
    }
    let decision = decision.map(|outcome| match outcome {
        Outcome::ChooseAccount => Route::Choose,
        Outcome::Refused(fault) => Route::Refuse(fault),
        Outcome::SignIn(Home::Mail) if stranger => Route::Refuse(not_a_guest(facts, "mail")),
        Outcome::CreateAccount(_) if stranger => Route::Refuse(not_a_guest(facts, "unknown")),
        Outcome::CreateAccount(account) => Route::Create(account),
        Outcome::SignIn(home) => Route::Prove(home),
    });
    if stranger && matches!(decision.outcome(), Route::Refuse(_)) {
        let because = format!("{} is no guest of the tenant; nothing is mailed", facts.address);
        let (route, trace) = decision.into_parts();
        return trace.decided(0, "not-invited", because, route);
    }
    decision
}

fn not_a_guest(facts: &Facts, identity_provider: &str) -> Fault {
    say::guest_not_in_tenant(
        &facts.address,
        identity_provider,
        &facts.policy.tenant_name,
        facts.resource.id,
        &facts.resource.name,
    )
    .with_remedy(format!("Invite {} to {}.", facts.address, facts.policy.tenant_name))
}

/// The accounts of a name, in whichever tenant is their home.
#[derive(Debug, Clone)]
pub struct HomeFacts {
    /// What was typed.
    pub name: String,
    /// Whose accounts the endpoint signs in.
    pub authority: Authority,
    /// The Entra account: tenant and user.
    pub entra: Option<(TenantId, ObjectId)>,
    /// The Microsoft account: tenant and user.
    pub microsoft: Option<(TenantId, ObjectId)>,
    /// The tile that was picked.
    pub choice: Choice,
    /// The application that asks; Microsoft's own ask for everybody.
    pub client: Option<audience::Client>,
}

/// What the sign-in page of `common`, `organizations` or `consumers` does with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HomeRoute {
    /// Show the page again with this.
    Alert(Fault),
    /// Ask which account.
    Choose,
    /// Sign in at home.
    Password(TenantId, ObjectId),
}

/// Decides where no tenant is named: everybody signs in at home.
pub fn at_home(facts: &HomeFacts) -> Decision<HomeRoute> {
    let trace = Trace::new();
    let rule = "home-account";
    let work = facts.authority != Authority::Consumers;
    let personal = facts.authority != Authority::Organizations;
    let entra = facts.entra.filter(|_| work && facts.choice != Choice::MicrosoftAccount);
    let microsoft = facts.microsoft.filter(|_| personal && facts.choice != Choice::Entra);
    let unserved = |account: &Option<(TenantId, ObjectId)>| {
        let (client, (home, _)) = (facts.client.as_ref()?, account.as_ref()?);
        audience::account(client, *home).into_parts().0.err()
    };
    let refusal = unserved(&entra).or_else(|| unserved(&microsoft));
    let entra = entra.filter(|account| unserved(&Some(*account)).is_none());
    let microsoft = microsoft.filter(|account| unserved(&Some(*account)).is_none());
    match (entra, microsoft) {
        (Some(_), Some(_)) => trace.decided(
            0,
            rule,
            format!("{} is a work account and a Microsoft account", facts.name),
            HomeRoute::Choose,
        ),
        (Some((tenant, user)), None) | (None, Some((tenant, user))) => trace.decided(
            0,
            rule,
            format!("{} has its home in {tenant}", facts.name),
            HomeRoute::Password(tenant, user),
        ),
        (None, None) if refusal.is_some() => {
            let because = format!("the account {} is of a kind that is not served", facts.name);
            let fault = refusal.unwrap_or_else(say::account_type_unfit);
            trace.decided(0, rule, because, HomeRoute::Alert(fault))
        }
        (None, None) => {
            let place = format!("/{}", facts.authority);
            let fault = say::account_not_found(&facts.name, place).with_remedy(
                "To sign in as a guest, choose Sign-in options, then Sign in to an organization.",
            );
            let because = format!("no account named {} for /{}", facts.name, facts.authority);
            trace.decided(0, rule, because, HomeRoute::Alert(fault))
        }
    }
}
