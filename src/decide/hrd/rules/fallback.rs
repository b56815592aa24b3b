//! Rules for an address without a home: steps 6 to 10.

use super::Judgement::{Decide, Skip};
use super::primary::not_in_tenant;
use super::{LastRule, Rule};
use crate::decide::hrd::{DomainOwner, Entry, Facts, Home, NewAccount, Outcome};
use crate::directory::FallbackIdentityProvider;
use crate::ids::DomainName;

pub(super) const ONE_TIME_PASSCODE: Rule = Rule {
    id: "one-time-passcode",
    classic_step: 7,
    later_step: 6,
    when: "the tenant has turned e-mail one-time passcode on",
    then: "mail: a code goes to the invited address",
    judge: |facts| {
        if facts.policy.one_time_passcode {
            Decide(
                Outcome::SignIn(Home::Mail),
                format!("no other home, and {} mails passcodes", facts.policy.tenant_name),
            )
        } else {
            Skip(format!("{} has turned the passcode off", facts.policy.tenant_name))
        }
    },
};

pub(super) const NO_PASSCODE_ON_DIRECT_LINK: Rule = Rule {
    id: "no-passcode-on-direct-link",
    classic_step: 6,
    later_step: 6,
    when: "direct link, passcode off: steps 8 to 10 do not exist for it",
    then: "refused (50020); turn the passcode on, or use the invitation link",
    judge: |facts| {
        if facts.entry == Entry::EmailLink {
            return Skip("an e-mail link goes on to creating an account".to_owned());
        }
        let fault = not_in_tenant(facts, "unknown")
            .with_remedy(format!(
                "Turn the e-mail one-time passcode on in {}.",
                facts.policy.tenant_name
            ))
            .with_remedy("Or use the link of the invitation e-mail.");
        Decide(
            Outcome::Refused(fault),
            "a direct link cannot create an account, and the passcode is off".to_owned(),
        )
    },
};

pub(super) const UNMANAGED_ACCOUNT: Rule = Rule {
    id: "unmanaged-account",
    classic_step: 9,
    later_step: 9,
    when: "e-mail link, passcode off, a work domain that lets people join by e-mail",
    then: "create an account in an unmanaged tenant (ExternalAzureAD)",
    judge: |facts| match joining(facts) {
        Joining::Consumer => Skip(format!("{} is a consumer domain (step 8)", domain(facts))),
        Joining::Open(because) => Decide(Outcome::CreateAccount(NewAccount::Unmanaged), because),
        Joining::Closed(_, because) => Skip(because),
    },
};

pub(super) const UNMANAGED_ACCOUNT_REFUSED: Rule = Rule {
    id: "unmanaged-account-refused",
    classic_step: 9,
    later_step: 9,
    when: "as before, but the domain's tenant is federated or has AllowEmailVerifiedUsers off",
    then: "refused (50020)",
    judge: |facts| match joining(facts) {
        Joining::Consumer => Skip(format!("{} is a consumer domain (step 8)", domain(facts))),
        Joining::Open(because) => Skip(because),
        Joining::Closed(owner, because) => {
            let name = &owner.tenant.name;
            let fault = not_in_tenant(facts, "unknown")
                .with_remedy(format!("Ask {name} to create an account for {}.", facts.address))
                .with_remedy(format!(
                    "Or turn the e-mail one-time passcode on in {}.",
                    facts.policy.tenant_name
                ));
            Decide(Outcome::Refused(fault), because)
        }
    },
};

/// Whether somebody with the address can make an Entra account by proving the mailbox.
enum Joining<'a> {
    Closed(&'a DomainOwner, String),
    Consumer,
    Open(String),
}

fn joining(facts: &Facts) -> Joining<'_> {
    let domain = domain(facts);
    match &facts.domain_owner {
        _ if facts.consumer_domain => Joining::Consumer,
        None => Joining::Open(format!("{domain} is verified in no Entra tenant")),
        Some(owner) if owner.federated => {
            Joining::Closed(owner, format!("{domain} is federated in {}", owner.tenant.name))
        }
        Some(owner) if !owner.allow_email_verified_users => Joining::Closed(
            owner,
            format!("AllowEmailVerifiedUsers is false in {}", owner.tenant.name),
        ),
        Some(owner) => {
            Joining::Open(format!("{} lets people of {domain} join by e-mail", owner.tenant.name))
        }
    }
}

fn domain(facts: &Facts) -> DomainName {
    facts.address.domain()
}

pub(super) const CREATE_MICROSOFT_ACCOUNT: LastRule = LastRule {
    id: "create-microsoft-account",
    classic_step: 10,
    later_step: 7,
    when: "nothing else applies: passcode off and, in `classic`, an e-mail link to a consumer \
           domain",
    then: "create a Microsoft account with the address (refused, 50020, where an Entra tenant has \
           verified the domain)",
    judge: create_microsoft_account,
};

pub(super) const CONFIGURED_FALLBACK: LastRule = LastRule {
    id: "configured-fallback",
    classic_step: 6,
    later_step: 6,
    when: "`current`, with a fallback other than `defaultConfiguredIdp`",
    then: "mail for `emailOneTimePasscode`; a Microsoft account, existing or new, for \
           `microsoftAccount`",
    judge: |facts| match facts.policy.fallback {
        FallbackIdentityProvider::EmailOneTimePasscode => (
            Outcome::SignIn(Home::Mail),
            "the configured fallback is emailOneTimePasscode".to_owned(),
        ),
        _ if facts.microsoft_account => (
            Outcome::SignIn(Home::MicrosoftAccount),
            format!("the configured fallback is microsoftAccount, and {} exists", facts.address),
        ),
        _ => create_microsoft_account(facts),
    },
};

/// A Microsoft account can have a work address only if no Entra tenant has verified its domain
/// (redemption article of 2025, step 7).
fn create_microsoft_account(facts: &Facts) -> (Outcome, String) {
    match &facts.domain_owner {
        Some(owner) if !facts.consumer_domain => {
            let fault = not_in_tenant(facts, "unknown").with_remedy(format!(
                "Ask {} to create an account for {}, or turn the e-mail one-time passcode on in \
                 {}.",
                owner.tenant.name, facts.address, facts.policy.tenant_name
            ));
            let because = format!(
                "{} is verified in {}, so no Microsoft account can have the address",
                facts.address.domain(),
                owner.tenant.name
            );
            (Outcome::Refused(fault), because)
        }
        _ => (
            Outcome::CreateAccount(NewAccount::MicrosoftAccount),
            "no home was found, and the passcode is off".to_owned(),
        ),
    }
}
