//! Who a proven account is in the tenant.

use std::path::Path;

use guestpass::decide::access::{self, Expected, Identified, IdentifyFacts};
use guestpass::decide::hrd::Resource;
use guestpass::decide::sign_up::{Offer, SignUp};
use guestpass::directory::{
    ExternalUser, ExternalUserState, FlowProvider, IdentityProvider, LinkedAccount, Profile,
    RedemptionProfile, User, UserType, first_party,
};
use guestpass::ids::{EmailAddress, ObjectId};
use serde::Deserialize;
use uuid::Uuid;

/// Guests of the case are numbered from 1; `linked`, `addressed` and `expected` name them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    provider: String,
    sign_in_name: String,
    verified_address: Option<String>,
    profile: Option<RedemptionProfile>,
    #[serde(default)]
    typed: usize,
    #[serde(default)]
    invited: usize,
    #[serde(default)]
    linked: usize,
    #[serde(default)]
    addressed: usize,
    #[serde(default)]
    guests: Vec<Guest>,
    sign_up: Option<SignUpInput>,
}

/// Somebody signs up; `holder` numbers the user who has the address.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignUpInput {
    providers: Vec<FlowProvider>,
    address: Option<String>,
    #[serde(default)]
    holder: usize,
    #[serde(default)]
    own_domain: bool,
    vouched_by: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Guest {
    address: String,
    #[serde(default)]
    accepted: bool,
    #[serde(default)]
    contact_conflict: bool,
}

pub(super) fn case(path: &Path) -> datatest_stable::Result<()> {
    super::run(path, decide, |outcome| match outcome {
        Identified::Refused(fault) => format!("refused {}", fault.code()),
        Identified::SignsUp(_) => "signs up".to_owned(),
        Identified::User(id) => format!("guest {}", id.as_uuid().as_u128()),
    })
}

fn decide(input: Input) -> guestpass::decide::Decision<Identified> {
    let users: Vec<User> = (1..).zip(&input.guests).map(|(n, guest)| user(n, guest)).collect();
    let nth = |number: usize| number.checked_sub(1).map(|index| &users[index]);
    let account = LinkedAccount {
        provider: IdentityProvider::from(input.provider),
        home_tenant: None,
        subject: "subject".to_owned(),
        sign_in_name: input.sign_in_name,
        unverified_name: false,
    };
    let verified: Option<EmailAddress> = input.verified_address.map(|a| a.parse().unwrap());
    let offer = |providers: &[FlowProvider]| Offer {
        flow: "B2X_1_partners".to_owned(),
        providers: providers.to_vec(),
        attributes: vec![],
    };
    let offer = input.sign_up.as_ref().map(|sign_up| offer(&sign_up.providers));
    let told = input.sign_up.as_ref().and_then(|sign_up| sign_up.address.as_ref());
    let told: Option<EmailAddress> = told.map(|address| address.parse().unwrap());
    access::identify(&IdentifyFacts {
        tenant: "c0a70500-0000-4000-8000-00000000c0a7".parse().unwrap(),
        tenant_name: "Contoso",
        profile: input.profile.unwrap_or(RedemptionProfile::Classic),
        account: &account,
        verified_address: verified.as_ref(),
        expected: match (nth(input.invited), nth(input.typed)) {
            (Some(guest), _) => Expected::Invited(guest),
            (None, Some(guest)) => Expected::Typed(guest),
            (None, None) => Expected::Anyone,
        },
        linked_user: nth(input.linked),
        addressed_user: nth(input.addressed),
        resource: &Resource { id: first_party::MY_APPS, name: "My Apps".to_owned() },
        offers_sign_up: false,
        sign_up: offer.as_ref().zip(input.sign_up.as_ref()).map(|(offer, sign_up)| SignUp {
            offer,
            new_id: ObjectId::new(Uuid::from_u128(99)),
            address: told.as_ref(),
            holder: nth(sign_up.holder),
            own_domain: sign_up.own_domain,
            vouched_by: sign_up.vouched_by.as_deref(),
        }),
    })
}

pub(super) fn user(number: u128, guest: &Guest) -> User {
    let address: EmailAddress = guest.address.parse().unwrap();
    let time = "2026-01-01T00:00:00Z".parse().unwrap();
    let reachable = if guest.contact_conflict { vec![] } else { vec![address.clone()] };
    User {
        id: ObjectId::new(Uuid::from_u128(number)),
        tenant: "c0a70500-0000-4000-8000-00000000c0a7".parse().unwrap(),
        user_principal_name: format!("{}#EXT#", guest.address),
        display_name: guest.address.clone(),
        mail: reachable.first().cloned(),
        other_mails: vec![address.clone()],
        proxy_addresses: reachable,
        aliases: vec![],
        user_type: UserType::Guest,
        creation_type: Some("Invitation".to_owned()),
        external: Some(ExternalUser {
            invited_user_email_address: address,
            state: if guest.accepted {
                ExternalUserState::Accepted
            } else {
                ExternalUserState::PendingAcceptance
            },
            state_changed_at: time,
            linked: None,
        }),
        account_enabled: true,
        password: None,
        roles: vec![],
        created_at: time,
        profile: Profile::default(),
    }
}
