//! A user object: member or guest, internal or external.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::account::LinkedAccount;
use crate::ids::{Digest, EmailAddress, ObjectId, TenantId, TermsId};

/// A user of one tenant. Guests are users too, as in Graph.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    /// `oid`.
    pub id: ObjectId,
    /// The tenant it stands in.
    pub tenant: TenantId,
    /// `alias_domain#EXT#@tenant.onmicrosoft.com` for a guest.
    pub user_principal_name: String,
    /// The name shown to people.
    pub display_name: String,
    /// The main address; absent on a guest whose address clashes with a contact.
    pub mail: Option<EmailAddress>,
    /// Further addresses.
    pub other_mails: Vec<EmailAddress>,
    /// The addresses a direct link looks for (without the `SMTP:` prefix).
    pub proxy_addresses: Vec<EmailAddress>,
    /// Aliases of the user principal name.
    pub aliases: Vec<EmailAddress>,
    /// Guest or member; independent of where the account lives.
    pub user_type: UserType,
    /// `Invitation` for invited guests.
    pub creation_type: Option<String>,
    /// Present on users whose account lives elsewhere.
    pub external: Option<ExternalUser>,
    /// Whether the user may sign in here.
    pub account_enabled: bool,
    /// Digest of the password; a guest has none.
    pub password: Option<Digest>,
    /// Directory roles.
    pub roles: Vec<Role>,
    /// When the object was made.
    pub created_at: Timestamp,
    /// What else is known of the person.
    #[serde(default)]
    pub profile: Profile,
}

/// What is known of a person besides name and addresses. All of it may be missing, and of guests it
/// mostly is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// `givenName`.
    pub given_name: Option<String>,
    /// `surname`.
    pub surname: Option<String>,
    /// `country`: free text in Entra; a claim only if it is two letters.
    pub country: Option<String>,
    /// `usageLocation`: two letters.
    pub usage_location: Option<String>,
    /// `preferredLanguage`, such as `de-DE`.
    pub preferred_language: Option<String>,
}

/// `creationType` of guests who signed themselves up.
pub const SIGNED_UP: &str = "SelfServiceSignUp";

impl User {
    /// A guest as it is right after `POST /invitations`.
    ///
    /// `address_taken` is the conflict with a contact object: the guest then has neither a main nor
    /// a proxy address (user-properties and troubleshooting articles).
    pub fn invited(
        id: ObjectId,
        tenant: TenantId,
        initial_domain: &str,
        address: &EmailAddress,
        address_taken: bool,
        now: Timestamp,
    ) -> Self {
        let alias = address.as_str().replace('@', "_");
        Self {
            id,
            tenant,
            user_principal_name: format!("{alias}#EXT#@{initial_domain}"),
            display_name: address.local_part().to_owned(),
            mail: (!address_taken).then(|| address.clone()),
            other_mails: vec![address.clone()],
            proxy_addresses: if address_taken { vec![] } else { vec![address.clone()] },
            aliases: Vec::new(),
            user_type: UserType::Guest,
            creation_type: Some("Invitation".to_owned()),
            external: Some(ExternalUser {
                invited_user_email_address: address.clone(),
                state: ExternalUserState::PendingAcceptance,
                state_changed_at: now,
                linked: None,
            }),
            account_enabled: true,
            password: None,
            roles: Vec::new(),
            created_at: now,
            profile: Profile::default(),
        }
    }

    /// The address people know the user by: the main one, else another, else the name.
    pub fn address(&self) -> &str {
        self.mail
            .as_ref()
            .or_else(|| self.other_mails.first())
            .map_or(&self.user_principal_name, EmailAddress::as_str)
    }

    /// Whether nobody invited the guest: what the object says is that person's own word.
    pub fn signed_up(&self) -> bool {
        self.creation_type.as_deref() == Some(SIGNED_UP)
    }

    /// Whether the invitation is not redeemed yet.
    pub fn is_pending(&self) -> bool {
        matches!(&self.external, Some(e) if e.state == ExternalUserState::PendingAcceptance)
    }

    /// `externalUserStateChangeDateTime`: a reset and a redemption give another one.
    pub fn standing_since(&self) -> Option<Timestamp> {
        self.external.as_ref().map(|external| external.state_changed_at)
    }

    /// The account the guest is bound to, once redeemed.
    pub fn linked(&self) -> Option<&LinkedAccount> {
        self.external.as_ref().and_then(|e| e.linked.as_ref())
    }

    /// Whether the user holds one of `roles`.
    pub fn has_role(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }

    /// Whether an address means this user: any of theirs, but of a pending guest only the invited
    /// one. After a reset to a new address the old one means nobody.
    pub fn is_meant_by(&self, address: &EmailAddress) -> bool {
        match &self.external {
            Some(external) if self.is_pending() => external.invited_user_email_address == *address,
            _ => true,
        }
    }

    /// Whether an address is the user's own name: what a member signs in with, what a guest was
    /// invited as. Other addresses may be written on anybody's object.
    pub fn is_named(&self, address: &EmailAddress) -> bool {
        match &self.external {
            Some(external) => external.invited_user_email_address == *address,
            None => self.user_principal_name.eq_ignore_ascii_case(address.as_str()),
        }
    }

    /// Whether a direct link finds the user by `address`: a proxy address or the main one.
    pub fn is_reachable_at(&self, address: &EmailAddress) -> bool {
        self.proxy_addresses.contains(address) || self.mail.as_ref() == Some(address)
    }
}

/// The digest of a user's password, salted with the object id.
///
/// A fast hash on purpose: the passwords are test data from a world file, and a slow one would be
/// the slowest thing in every test that signs in.
pub fn password_digest(owner: &str, password: &str) -> Digest {
    Digest::of(format!("{owner}\n{password}").as_bytes())
}

/// What a user object holds about an account that lives elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExternalUser {
    /// The address the invitation went to.
    pub invited_user_email_address: EmailAddress,
    /// Whether the invitation is redeemed.
    pub state: ExternalUserState,
    /// When that changed last.
    pub state_changed_at: Timestamp,
    /// The account it is bound to; `None` until redeemed.
    pub linked: Option<LinkedAccount>,
}

impl ExternalUser {
    /// When a change that happens `now` is dated: later than the one before, so that two changes
    /// of one instant are still two.
    pub fn next_change(&self, now: Timestamp) -> Timestamp {
        let after = self.state_changed_at.checked_add(SignedDuration::from_micros(1));
        after.map_or(now, |after| now.max(after))
    }
}

/// `externalUserState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ExternalUserState {
    /// Redeemed: proof of identity, review of permissions and terms of use are all done.
    Accepted,
    /// Invited, not redeemed.
    PendingAcceptance,
}

impl ExternalUserState {
    /// The value in Graph.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "Accepted",
            Self::PendingAcceptance => "PendingAcceptance",
        }
    }
}

/// `userType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum UserType {
    /// Limited rights.
    Guest,
    /// The rights of staff.
    Member,
}

impl UserType {
    /// The value in Graph.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "Guest",
            Self::Member => "Member",
        }
    }
}

/// The directory roles that change what guestpass answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Role {
    /// May configure the providers that guests come from.
    #[serde(rename = "External Identity Provider Administrator")]
    ExternalIdentityProviderAdministrator,
    /// May do everything.
    #[serde(rename = "Global Administrator")]
    GlobalAdministrator,
    /// May invite guests.
    #[serde(rename = "Guest Inviter")]
    GuestInviter,
    /// May reset a redemption.
    #[serde(rename = "Helpdesk Administrator")]
    HelpdeskAdministrator,
    /// May invite, change, disable and delete users.
    #[serde(rename = "User Administrator")]
    UserAdministrator,
}

impl Role {
    /// The role template id: a value of `wids`.
    pub fn template_id(self) -> &'static str {
        match self {
            Self::ExternalIdentityProviderAdministrator => "be2f45a1-457d-42af-a067-6ec1fa63bc45",
            Self::GlobalAdministrator => "62e90394-69f5-4237-9190-012177145e10",
            Self::GuestInviter => "95e79109-95c0-4d8e-aee3-d01accf2d47b",
            Self::HelpdeskAdministrator => "729827e3-9c14-49f7-bb1b-9608f156bbb8",
            Self::UserAdministrator => "fe930be7-5e62-47db-91af-98c3a49a38b1",
        }
    }
}

/// A user accepted one version of a terms-of-use.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TermsAcceptance {
    /// The tenant of both.
    pub tenant: TenantId,
    /// What was accepted.
    pub terms: TermsId,
    /// Which version of it.
    pub version: u32,
    /// By whom.
    pub user: ObjectId,
    /// When.
    pub accepted_at: Timestamp,
}
