//! Home-realm discovery.

use std::path::Path;

use guestpass::decide::hrd::{
    self, Choice, DomainOwner, EntraAccount, Entry, FacebookUse, Facts, FederationFact, Home,
    HomeTenant, Outcome, Policy, Resource, Standing,
};
use guestpass::directory::{
    FallbackIdentityProvider, FederationProtocol, InvitationRedemption, PrimaryIdentityProvider,
    RedemptionProfile, first_party,
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    address: String,
    entry: String,
    standing: String,
    profile: RedemptionProfile,
    #[serde(default = "yes")]
    still_configured: bool,
    #[serde(default)]
    entra: String,
    #[serde(default)]
    microsoft_account: bool,
    #[serde(default)]
    choice: String,
    federation: Option<String>,
    #[serde(default)]
    google_domain: bool,
    #[serde(default)]
    facebook_account: bool,
    #[serde(default)]
    facebook: String,
    #[serde(default)]
    own_domain: bool,
    #[serde(default)]
    consumer_domain: bool,
    domain_owner: Option<String>,
    #[serde(default)]
    contact_conflict: bool,
    #[serde(default = "yes")]
    one_time_passcode: bool,
    #[serde(default)]
    google: bool,
    #[serde(default)]
    classic_email_link_checks_msa: bool,
    order: Option<Vec<PrimaryIdentityProvider>>,
    fallback: Option<FallbackIdentityProvider>,
}

fn yes() -> bool {
    true
}

pub(super) fn case(path: &Path) -> datatest_stable::Result<()> {
    super::run(path, |input: Input| hrd::decide(&facts(input)), show)
}

pub(super) fn facts(input: Input) -> Facts {
    let home = HomeTenant {
        id: "fab21ca0-0000-4000-8000-0000000fab21".parse().unwrap(),
        name: "Fabrikam".to_owned(),
    };
    let federation = input.federation.as_deref().map(federation);
    Facts {
        address: input.address.parse().unwrap(),
        entry: if input.entry == "email-link" { Entry::EmailLink } else { Entry::DirectLink },
        standing: match input.standing.split_once(' ').unwrap_or((&input.standing, "")) {
            ("pending", _) => Standing::Pending,
            ("stranger", _) => Standing::Stranger,
            ("member", _) => Standing::Member { domain: "contoso.onmicrosoft.com".to_owned() },
            ("accepted", provider) => Standing::Accepted {
                home: match provider {
                    "mail" => Home::Mail,
                    "google.com" => Home::Google,
                    "facebook.com" => Home::Facebook,
                    "MicrosoftAccount" => Home::MicrosoftAccount,
                    "ExternalAzureAD" => Home::ExternalAzureAd(home.clone()),
                    _ => Home::Federation(federation.clone().unwrap()),
                },
                still_configured: input.still_configured,
            },
            other => panic!("no standing {other:?}"),
        },
        entra: match input.entra.as_str() {
            "" => EntraAccount::None,
            "managed" => EntraAccount::Managed(home.clone()),
            "unmanaged" => EntraAccount::Unmanaged(home.clone()),
            other => panic!("no Entra account {other:?}"),
        },
        microsoft_account: input.microsoft_account,
        choice: choice(&input.choice),
        federation,
        own_domain: input.own_domain,
        google_domain: input.google_domain,
        facebook_account: input.facebook_account,
        consumer_domain: input.consumer_domain,
        domain_owner: input.domain_owner.map(|kind| DomainOwner {
            tenant: home,
            federated: kind == "federated",
            allow_email_verified_users: kind != "closed",
        }),
        contact_conflict: input.contact_conflict,
        policy: Policy {
            tenant_name: "Contoso".to_owned(),
            profile: input.profile,
            one_time_passcode: input.one_time_passcode,
            google: input.google,
            facebook: facebook(&input.facebook),
            classic_email_link_checks_msa: input.classic_email_link_checks_msa,
            order: input.order.unwrap_or(InvitationRedemption::default().order),
            fallback: input.fallback.unwrap_or(FallbackIdentityProvider::DefaultConfiguredIdp),
        },
        resource: Resource { id: first_party::MY_APPS, name: "My Apps".to_owned() },
    }
}

fn choice(text: &str) -> Choice {
    match text {
        "" => Choice::NotMade,
        "entra" => Choice::Entra,
        "microsoft-account" => Choice::MicrosoftAccount,
        other => panic!("no choice {other:?}"),
    }
}

fn facebook(text: &str) -> FacebookUse {
    match text {
        "" => FacebookUse::Off,
        "sign-up" => FacebookUse::SignUp,
        "invitations" => FacebookUse::Invitations,
        other => panic!("no use of Facebook {other:?}"),
    }
}

fn federation(text: &str) -> FederationFact {
    let (protocol, issuer) = text.split_once(' ').unwrap();
    let protocol = match protocol {
        "saml" => FederationProtocol::Saml,
        "wsFed" => FederationProtocol::WsFed,
        other => panic!("no protocol {other:?}"),
    };
    FederationFact { protocol, issuer: issuer.to_owned() }
}

fn show(outcome: &Outcome) -> String {
    match outcome {
        Outcome::ChooseAccount => "choose_account".to_owned(),
        Outcome::CreateAccount(account) => {
            format!("create_account {}", account.identity_provider())
        }
        Outcome::Refused(fault) => format!("refused {}", fault.number().unwrap()),
        Outcome::SignIn(home) => format!("sign_in {}", home.identity_provider()),
    }
}
