//! Rules that find a home: steps 0 to 4.

use super::Judgement::{Decide, Skip};
use super::{Judgement, Rule, contact_blocks, entra_declined, entra_home};
use crate::decide::hrd::{Choice, EntraAccount, Entry, Facts, Home, Outcome, Standing};
use crate::decide::provider;
use crate::directory::RedemptionProfile;
use crate::fault::{Fault, say};

pub(super) const MEMBER: Rule = Rule {
    id: "member",
    classic_step: 0,
    later_step: 0,
    when: "the address belongs to a member whose account lives in the tenant",
    then: "sign in with the tenant's own password",
    judge: |facts| match &facts.standing {
        Standing::Member { domain } => Decide(
            Outcome::SignIn(Home::ThisTenant { domain: domain.clone() }),
            format!("{} is a member of {}", facts.address, facts.policy.tenant_name),
        ),
        _ => Skip(format!("{} is no member of {}", facts.address, facts.policy.tenant_name)),
    },
};

pub(super) const ALREADY_REDEEMED: Rule = Rule {
    id: "already-redeemed",
    classic_step: 0,
    later_step: 0,
    when: "the guest has redeemed",
    then: "the provider used then, until the redemption is reset; refused (50020) if the tenant \
           has turned that provider off",
    judge: |facts| match &facts.standing {
        Standing::Accepted { home, still_configured: true } => Decide(
            Outcome::SignIn(home.clone()),
            format!("{} redeemed with {}", facts.address, home.identity_provider()),
        ),
        Standing::Accepted { home, still_configured: false } => Decide(
            Outcome::Refused(not_in_tenant(facts, home.identity_provider()).with_remedy(
                provider::remedy(home.identity_provider(), &facts.policy.tenant_name),
            )),
            format!(
                "{} redeemed with {}, which {} has turned off since",
                facts.address,
                home.identity_provider(),
                facts.policy.tenant_name
            ),
        ),
        Standing::Pending => Skip(format!("{} has not redeemed yet", facts.address)),
        _ => Skip(format!("{} is no guest of {}", facts.address, facts.policy.tenant_name)),
    },
};

pub(super) const ENTRA_AND_MICROSOFT_ACCOUNT: Rule = Rule {
    id: "entra-and-microsoft-account",
    classic_step: 1,
    later_step: 1,
    when: "both an Entra account and a Microsoft account have the name",
    then: "ask which of the two (then that one)",
    judge: |facts| {
        let Some(home) = entra_home(facts) else {
            return Skip(format!("no Entra account named {}", facts.address));
        };
        if !facts.microsoft_account {
            return Skip(format!("no Microsoft account named {}", facts.address));
        }
        match facts.choice {
            Choice::NotMade => Decide(
                Outcome::ChooseAccount,
                format!("{} is an account in {} and a Microsoft account", facts.address, home.name),
            ),
            Choice::Entra => Skip("the work or school account was chosen".to_owned()),
            Choice::MicrosoftAccount if contact_blocks(facts) => {
                Skip("the Microsoft account was chosen, but see the next rule".to_owned())
            }
            Choice::MicrosoftAccount => Decide(
                Outcome::SignIn(Home::MicrosoftAccount),
                "the Microsoft account was chosen".to_owned(),
            ),
        }
    },
};

pub(super) const CONTACT_CONFLICT: Rule = Rule {
    id: "contact-conflict",
    classic_step: 1,
    later_step: 1,
    when: "direct link, and the guest object has no proxy address because a contact holds the \
           address; an Entra account is not affected",
    then: "refused (50020); the invitation e-mail works",
    judge: |facts| {
        if !facts.contact_conflict {
            return Skip("no contact holds the address".to_owned());
        }
        if facts.entry == Entry::EmailLink {
            return Skip("a contact holds the address, but the e-mail link names the guest".into());
        }
        if entra_home(facts).is_some() && !entra_declined(facts) {
            return Skip(
                "a contact holds the address, but an Entra account is not affected".into(),
            );
        }
        let fault = not_in_tenant(facts, "unknown")
            .with_remedy("Use the link of the invitation e-mail.")
            .with_remedy(
                "Or delete the contact, delete the guest while it is pending, and invite again.",
            );
        Decide(
            Outcome::Refused(fault),
            format!(
                "a contact of {} holds {}, so the guest object has no proxy address and a direct \
                 link cannot find it",
                facts.policy.tenant_name, facts.address
            ),
        )
    },
};

pub(super) const ENTRA_ACCOUNT: Rule = Rule {
    id: "entra-account",
    classic_step: 1,
    later_step: 1,
    when: "an Entra tenant has an account of that name (an unmanaged one counts in `classic` only, \
           and only for a domain that is not federated)",
    then: "ExternalAzureAD",
    judge: |facts| match (entra_home(facts), &facts.entra) {
        (Some(_), _) if entra_declined(facts) => Skip("the personal account was chosen".to_owned()),
        (Some(tenant), EntraAccount::Unmanaged(_)) => Decide(
            Outcome::SignIn(Home::ExternalAzureAd(tenant.clone())),
            format!("{} has an account in {} (unmanaged)", facts.address, tenant.name),
        ),
        (Some(tenant), _) => Decide(
            Outcome::SignIn(Home::ExternalAzureAd(tenant.clone())),
            format!("{} has an account in {}", facts.address, tenant.name),
        ),
        (None, EntraAccount::Unmanaged(tenant)) if facts.federation.is_some() => Skip(format!(
            "{} has an account in {}, which is unmanaged: the federation comes first",
            facts.address, tenant.name
        )),
        (None, EntraAccount::Unmanaged(tenant)) => Skip(format!(
            "{} has an account in {}, which is unmanaged and no longer used",
            facts.address, tenant.name
        )),
        (None, _) => Skip(format!("no Entra tenant has an account {}", facts.address)),
    },
};

pub(super) const SAML_WSFED_FEDERATION: Rule = Rule {
    id: "saml-wsfed-federation",
    classic_step: 2,
    later_step: 2,
    when: "the tenant has a SAML or WS-Fed federation for the domain",
    then: "that provider, by its issuer URI",
    judge: |facts| match &facts.federation {
        Some(federation) => Decide(
            Outcome::SignIn(Home::Federation(federation.clone())),
            format!(
                "{} federates {} with {} ({})",
                facts.policy.tenant_name,
                facts.address.domain(),
                federation.issuer,
                federation.protocol.as_str()
            ),
        ),
        None => Skip(format!(
            "{} has no federation for {}",
            facts.policy.tenant_name,
            facts.address.domain()
        )),
    },
};

pub(super) const GOOGLE_FEDERATION: Rule = Rule {
    id: "google-federation",
    classic_step: 3,
    later_step: 3,
    when: "the tenant has Google federation and the domain is gmail.com or googlemail.com (or \
           another of `google_domains`)",
    then: "google.com",
    judge: |facts| match (facts.google_domain, facts.policy.google) {
        (true, true) => Decide(
            Outcome::SignIn(Home::Google),
            format!("{} federates with Google", facts.policy.tenant_name),
        ),
        (true, false) => Skip(format!("{} has no Google federation", facts.policy.tenant_name)),
        (false, _) => Skip(format!("{} is no Google domain", facts.address.domain())),
    },
};

pub(super) const MICROSOFT_ACCOUNT: Rule = Rule {
    id: "microsoft-account",
    classic_step: 4,
    later_step: 4,
    when: "a Microsoft account has the name (`classic`: on the direct link only, unless \
           `classic_email_link_checks_msa`)",
    then: "MicrosoftAccount",
    judge: judge_microsoft_account,
};

fn judge_microsoft_account(facts: &Facts) -> Judgement {
    let looked_for = facts.policy.profile != RedemptionProfile::Classic
        || facts.entry == Entry::DirectLink
        || facts.policy.classic_email_link_checks_msa;
    match (looked_for, facts.microsoft_account) {
        (true, true) => Decide(
            Outcome::SignIn(Home::MicrosoftAccount),
            format!("a Microsoft account {} exists", facts.address),
        ),
        (true, false) => Skip(format!("no Microsoft account {} exists", facts.address)),
        (false, _) => {
            Skip("an existing Microsoft account is not looked for on the e-mail link".to_owned())
        }
    }
}

/// 50020 as discovery says it.
pub(super) fn not_in_tenant(facts: &Facts, identity_provider: &str) -> Fault {
    say::guest_not_in_tenant(
        &facts.address,
        identity_provider,
        &facts.policy.tenant_name,
        facts.resource.id,
        &facts.resource.name,
    )
}
