//! Users of every kind.

use jiff::{SignedDuration, Timestamp};

use super::social;
use crate::config::world::SeededInvitation;
use crate::config::world::file::{GuestEntry, IdentityEntry, TenantEntry, WorldFile};
use crate::directory::user::password_digest;
use crate::directory::{
    ExternalUser, ExternalUserState, IdentityProvider, LinkedAccount, Profile, User, UserType,
};
use crate::ids::{EmailAddress, MICROSOFT_ACCOUNT_TENANT, ObjectId, TenantId};

/// The profile of a member's or guest's entry, whose keys have the same names.
macro_rules! profile {
    ($entry:expr) => {
        Profile {
            given_name: $entry.given_name.clone(),
            surname: $entry.surname.clone(),
            country: $entry.country.clone(),
            usage_location: $entry.usage_location.clone(),
            preferred_language: $entry.preferred_language.clone(),
        }
    };
}

/// A user whose account lives in its tenant.
fn internal(
    tenant: TenantId,
    id: ObjectId,
    address: &EmailAddress,
    name: Option<&String>,
    now: Timestamp,
) -> User {
    User {
        id,
        tenant,
        user_principal_name: address.to_string(),
        display_name: name.cloned().unwrap_or_else(|| address.local_part().to_owned()),
        mail: Some(address.clone()),
        other_mails: Vec::new(),
        proxy_addresses: vec![address.clone()],
        aliases: Vec::new(),
        user_type: UserType::Member,
        creation_type: None,
        external: None,
        account_enabled: true,
        password: None,
        roles: Vec::new(),
        created_at: now,
        profile: Profile::default(),
    }
}

pub(super) fn microsoft_accounts(file: &WorldFile, now: Timestamp) -> Vec<User> {
    let accounts = file.microsoft_account.iter().map(|entry| {
        let tenant = MICROSOFT_ACCOUNT_TENANT;
        let name = entry.display_name.as_ref();
        let mut user = internal(tenant, entry.id, &entry.address, name, now);
        user.password = Some(password_digest(&entry.id.to_string(), &entry.password));
        user.profile = Profile {
            given_name: entry.given_name.clone(),
            surname: entry.surname.clone(),
            preferred_language: entry.preferred_language.clone(),
            ..Profile::default()
        };
        user
    });
    accounts.collect()
}

pub(super) fn members(entry: &TenantEntry, now: Timestamp) -> Vec<User> {
    let members = entry.user.iter().map(|user| {
        let name = user.display_name.as_ref();
        let mut member = internal(entry.id, user.id, &user.user_principal_name, name, now);
        member.password = Some(password_digest(&user.id.to_string(), &user.password));
        member.aliases.clone_from(&user.aliases);
        member.roles.clone_from(&user.roles);
        member.account_enabled = user.account_enabled;
        member.profile = profile!(user);
        member
    });
    members.collect()
}

pub(super) fn guests(file: &WorldFile, entry: &TenantEntry, now: Timestamp) -> Vec<User> {
    entry.guest.iter().map(|guest| self::guest(file, entry, guest, now)).collect()
}

fn guest(file: &WorldFile, entry: &TenantEntry, guest: &GuestEntry, now: Timestamp) -> User {
    let address = &guest.invited_user_email_address;
    let taken = entry.contact.iter().any(|contact| &contact.mail == address);
    let initial = entry.domains.first().map_or("", |domain| domain.as_str());
    let mut user = User::invited(guest.id, entry.id, initial, address, taken, now);
    user.display_name = guest.display_name.clone().unwrap_or(user.display_name);
    user.user_type = guest.user_type;
    user.account_enabled = guest.account_enabled;
    user.roles.clone_from(&guest.roles);
    user.profile = profile!(guest);
    if let (ExternalUserState::Accepted, [identity]) =
        (guest.external_user_state, guest.identities.as_slice())
        && let Ok(account) = link(file, address, identity)
    {
        user.external = Some(ExternalUser {
            invited_user_email_address: address.clone(),
            state: ExternalUserState::Accepted,
            state_changed_at: now,
            linked: Some(account),
        });
    }
    user
}

/// The account that a redeemed guest of the file is bound to.
pub(in crate::config::world) fn link(
    file: &WorldFile,
    address: &EmailAddress,
    identity: &IdentityEntry,
) -> Result<LinkedAccount, String> {
    let provider = IdentityProvider::from(identity.issuer.clone());
    let given = identity.issuer_assigned_id.clone();
    let missing = |what: &str| format!("there is no {what} '{address}' to bind the guest to");
    let (home_tenant, subject, name) = match provider {
        IdentityProvider::ExternalAzureAd => {
            let mut users = file.tenant.iter().flat_map(|t| t.user.iter().map(move |u| (t, u)));
            let found = users.find(|(_, user)| {
                user.user_principal_name == *address || user.aliases.contains(address)
            });
            match (found, given) {
                (Some((tenant, user)), _) => {
                    (Some(tenant.id), user.id.to_string(), user.user_principal_name.to_string())
                }
                (None, Some(subject)) => {
                    let domain = address.domain();
                    let home = file.tenant.iter().find(|tenant| tenant.domains.contains(&domain));
                    let home = home.ok_or_else(|| missing("Entra tenant for"))?;
                    (Some(home.id), subject, address.to_string())
                }
                (None, None) => return Err(missing("Entra account")),
            }
        }
        IdentityProvider::MicrosoftAccount => {
            let found = file.microsoft_account.iter().find(|account| account.address == *address);
            let subject = found.map(|account| account.id.to_string()).or(given);
            let subject = subject.ok_or_else(|| missing("Microsoft account"))?;
            (Some(MICROSOFT_ACCOUNT_TENANT), subject, address.to_string())
        }
        IdentityProvider::Facebook => {
            let found = social::facebook_subject_of(file, address);
            let subject = found.or(given).ok_or_else(|| missing("Facebook account"))?;
            (None, subject, address.to_string())
        }
        IdentityProvider::Google => {
            let found = social::google_subject_of(file, address);
            let subject = found.or(given).ok_or_else(|| missing("Google account"))?;
            (None, subject, address.to_string())
        }
        IdentityProvider::Mail => (None, address.to_string(), address.to_string()),
        IdentityProvider::Federation(_) => {
            let found = file.federation_account.iter().find(|account| account.address == *address);
            let subject = given.or_else(|| found.map(super::federation::subject));
            let subject = subject.ok_or("a federated identity needs issuer_assigned_id")?;
            (None, subject, address.to_string())
        }
    };
    let unverified_name = false;
    Ok(LinkedAccount { provider, home_tenant, subject, sign_in_name: name, unverified_name })
}

/// Seeded mails: each tenant's are a minute older than those of the tenant before it.
pub(super) fn invitations(
    entry: &TenantEntry,
    index: usize,
    now: Timestamp,
) -> Vec<SeededInvitation> {
    let minutes = i64::try_from(index).unwrap_or_default();
    let sent_at = now.checked_sub(SignedDuration::from_mins(minutes)).unwrap_or(now);
    let invited = entry.guest.iter().filter(|guest| guest.invitation);
    invited.map(|guest| SeededInvitation { tenant: entry.id, guest: guest.id, sent_at }).collect()
}
