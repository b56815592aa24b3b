//! The whole product of the fact enums: every combination is decided by exactly one rule.

use super::rules::{self, Judgement};
use super::*;
use crate::directory::{InvitationRedemption, first_party};

fn home() -> HomeTenant {
    HomeTenant {
        id: "fab21ca0-0000-4000-8000-0000000fab21".parse().unwrap(),
        name: "Fabrikam".to_owned(),
    }
}

fn policies() -> Vec<Policy> {
    use FallbackIdentityProvider as Fallback;
    use PrimaryIdentityProvider as Primary;
    use RedemptionProfile as Profile;
    let all = InvitationRedemption::default().order;
    let orders = [
        all.clone(),
        vec![Primary::ExternalFederation, Primary::AzureActiveDirectory],
        vec![Primary::SocialIdentityProviders],
        vec![],
    ];
    let mut policies = Vec::new();
    for profile in [Profile::Classic, Profile::ManagedOnly, Profile::Current] {
        let current = profile == Profile::Current;
        let fallbacks = [
            Fallback::DefaultConfiguredIdp,
            Fallback::EmailOneTimePasscode,
            Fallback::MicrosoftAccount,
        ];
        for order in &orders[..if current { 4 } else { 1 }] {
            for fallback in &fallbacks[..if current { 3 } else { 1 }] {
                for bits in 0..8 {
                    policies.push(Policy {
                        tenant_name: "Contoso".to_owned(),
                        profile,
                        one_time_passcode: bits & 1 != 0,
                        google: bits & 2 != 0,
                        facebook: match bits & 6 {
                            0 => FacebookUse::Off,
                            2 => FacebookUse::SignUp,
                            _ => FacebookUse::Invitations,
                        },
                        classic_email_link_checks_msa: bits & 4 != 0,
                        order: order.clone(),
                        fallback: *fallback,
                    });
                }
            }
        }
    }
    policies
}

fn standings() -> Vec<Standing> {
    let mut standings = vec![
        Standing::Member { domain: "contoso.onmicrosoft.com".to_owned() },
        Standing::Pending,
        Standing::Stranger,
    ];
    for still_configured in [true, false] {
        standings.push(Standing::Accepted { home: Home::Mail, still_configured });
    }
    standings
}

fn owners() -> Vec<Option<DomainOwner>> {
    let mut owners = vec![None];
    for (federated, allow_email_verified_users) in [(false, false), (false, true), (true, true)] {
        owners.push(Some(DomainOwner { tenant: home(), federated, allow_email_verified_users }));
    }
    owners
}

fn every_combination(mut check: impl FnMut(&Facts)) {
    let entras =
        [EntraAccount::None, EntraAccount::Managed(home()), EntraAccount::Unmanaged(home())];
    let federation =
        FederationFact { protocol: FederationProtocol::Saml, issuer: "urn:litware".to_owned() };
    for policy in policies() {
        for standing in standings() {
            for entra in &entras {
                for owner in owners() {
                    for choice in [Choice::NotMade, Choice::Entra, Choice::MicrosoftAccount] {
                        for bits in 0..64 {
                            check(&Facts {
                                address: "a@b.example".parse().unwrap(),
                                entry: if bits & 1 != 0 {
                                    Entry::EmailLink
                                } else {
                                    Entry::DirectLink
                                },
                                standing: standing.clone(),
                                entra: entra.clone(),
                                microsoft_account: bits & 2 != 0,
                                choice,
                                federation: (bits & 4 != 0).then(|| federation.clone()),
                                own_domain: false,
                                google_domain: bits & 8 != 0,
                                facebook_account: bits & 16 != 0,
                                consumer_domain: bits & 16 != 0,
                                domain_owner: owner.clone(),
                                contact_conflict: bits & 32 != 0,
                                policy: policy.clone(),
                                resource: Resource {
                                    id: first_party::MY_APPS,
                                    name: "My Apps".to_owned(),
                                },
                            });
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn decides_every_combination_of_facts_by_exactly_one_rule() {
    let mut deciders = std::collections::BTreeMap::new();
    let mut combinations = 0_u32;
    every_combination(|facts| {
        combinations += 1;
        let decision = decide(facts);
        let entries = decision.trace().entries();
        let decided =
            entries.iter().filter(|e| e.verdict == crate::decide::Verdict::Decided).count();
        assert_eq!(decided, 1, "{facts:#?}");
        assert!(rules::IDS.contains(&decision.decided_by()), "{}", decision.decided_by());
        assert!(entries.iter().all(|entry| !entry.because.is_empty()));
        if let Outcome::Refused(fault) = decision.outcome() {
            assert!(fault.number().is_some() && !fault.remedies().is_empty());
        }
        speaks_of_facebook_where_there_is_facebook(facts, &decision);
        *deciders.entry(decision.decided_by().to_owned()).or_insert(0) += 1;
    });
    assert!(combinations > 300_000, "{combinations}");
    assert_eq!(deciders.len(), rules::IDS.len(), "a rule never decides: {deciders:?}");
}

/// A tenant without Facebook hears nothing of it, and an address that nobody has verified binds no
/// account but through the ticket in the mail.
fn speaks_of_facebook_where_there_is_facebook(facts: &Facts, decision: &Decision<Outcome>) {
    let rule = "facebook-account";
    if facts.policy.facebook == FacebookUse::Off {
        let mut entries = decision.trace().entries().iter();
        assert!(entries.all(|entry| entry.rule != rule), "{facts:#?}");
    }
    if decision.decided_by() == rule {
        assert_eq!(facts.entry, Entry::EmailLink, "{facts:#?}");
    }
}

/// In the table of 2021 the fallback rules exclude each other: whatever the order in which they
/// were asked, at most one of them would decide.
#[test]
fn keeps_the_classic_fallback_rules_disjoint() {
    every_combination(|facts| {
        if facts.policy.profile != RedemptionProfile::Classic {
            return;
        }
        let book = rules::book(&facts.policy);
        let disjoint = ["unmanaged-account", "unmanaged-account-refused"];
        let deciding = book
            .rules
            .iter()
            .filter(|rule| disjoint.contains(&rule.id))
            .filter(|rule| matches!((rule.judge)(facts), Judgement::Decide(..)))
            .count();
        assert!(deciding <= 1, "{facts:#?}");
    });
}

/// Seed step 4 to 10: a just-in-time redemption never creates an account in `classic`.
#[test]
fn creates_no_account_on_a_classic_direct_link() {
    every_combination(|facts| {
        if facts.policy.profile == RedemptionProfile::Classic && facts.entry == Entry::DirectLink {
            assert!(!matches!(decide(facts).outcome(), Outcome::CreateAccount(_)), "{facts:#?}");
        }
    });
}

/// A passcode is never the answer where the tenant has turned it off, unless the configured
/// fallback forces it.
#[test]
fn mails_no_passcode_where_it_is_off() {
    every_combination(|facts| {
        let decision = decide(facts);
        let forced = decision.decided_by() == "configured-fallback";
        let sticky = decision.decided_by() == "already-redeemed";
        if !facts.policy.one_time_passcode && !forced && !sticky {
            assert_ne!(*decision.outcome(), Outcome::SignIn(Home::Mail), "{facts:#?}");
        }
    });
}

#[test]
fn names_every_rule_in_a_fixture() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/decisions/hrd");
    let texts: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    for id in rules::IDS {
        let line = format!("decided_by = \"{id}\"");
        assert!(texts.iter().any(|text| text.contains(&line)), "no fixture is decided by {id}");
    }
}
