//! Whether an invitation may be sent, and what it does to the directory.
//!
//! Sources: `authorizationPolicy` resource (`allowInvitesFrom`), `invitation` resource, and the
//! messages that the real service has been seen to give. Where only a message is published the
//! status is 400.

use crate::decide::{Decision, Trace};
use crate::directory::{AllowInvitesFrom, Role, User, UserType};
use crate::fault::GraphFault;
use crate::ids::{EmailAddress, ObjectId};

/// What the decision looks at.
#[derive(Debug)]
pub struct Facts<'a> {
    /// `authorizationPolicy.allowInvitesFrom`.
    pub allow_invites_from: AllowInvitesFrom,
    /// Who asks.
    pub caller: Caller<'a>,
    /// Whether the token carries one of the permissions that invite.
    pub has_permission: bool,
    /// The address.
    pub address: &'a EmailAddress,
    /// `invitedUserType`.
    pub invited_user_type: UserType,
    /// What the tenant knows of the address.
    pub invitee: Invitee<'a>,
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub enum Caller<'a> {
    /// An application as itself.
    Application,
    /// A person.
    User(&'a User),
}

/// What the tenant knows of an address.
#[derive(Debug, Clone, Copy)]
pub enum Invitee<'a> {
    /// Nothing: a guest object is made.
    Unknown,
    /// Its domain is verified here.
    OwnDomain,
    /// A user has it.
    User(&'a User),
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Make a guest object.
    Create,
    /// The pending guest gets a new ticket.
    InviteAgain(ObjectId),
    /// No.
    Refused(GraphFault),
}

const ADMINISTRATORS_AND_INVITERS: &[Role] =
    &[Role::GlobalAdministrator, Role::UserAdministrator, Role::GuestInviter];

/// Decides about an invitation.
pub fn decide(facts: &Facts<'_>) -> Decision<Outcome> {
    let mut trace = Trace::new();
    if !facts.has_permission {
        let because = "the token has none of User.Invite.All, User.ReadWrite.All, \
                       Directory.ReadWrite.All";
        let refused = Outcome::Refused(GraphFault::denied());
        return trace.decided(0, "permission", because, refused);
    }
    trace.skipped(0, "permission", "the token may invite");
    if !caller_may_invite(facts) {
        let because = format!("allowInvitesFrom is {:?}", facts.allow_invites_from);
        let refused = Outcome::Refused(GraphFault::invitations_not_allowed());
        return trace.decided(0, "allow-invites-from", because, refused);
    }
    trace.skipped(0, "allow-invites-from", "the caller may invite");
    if facts.invited_user_type == UserType::Member && !caller_is_company_administrator(facts) {
        let because = "only a Global Administrator invites members";
        let refused = Outcome::Refused(GraphFault::denied());
        return trace.decided(0, "invited-user-type", because, refused);
    }
    trace.skipped(0, "invited-user-type", "Guest, or a Global Administrator asks");
    invitee(facts, trace)
}

fn invitee(facts: &Facts<'_>, trace: Trace) -> Decision<Outcome> {
    let rule = "invitee";
    match facts.invitee {
        Invitee::Unknown => {
            let because = format!("nobody here has {}", facts.address);
            trace.decided(0, rule, because, Outcome::Create)
        }
        Invitee::User(user) if user.external.is_none() => {
            let fault = GraphFault::bad_request("Invitee is in inviter tenant");
            trace.decided(0, rule, "a member has the address", Outcome::Refused(fault))
        }
        Invitee::User(user) if !user.account_enabled => {
            let fault = GraphFault::bad_request(format!(
                "The invited user already exists in the directory as object ID: {}. They can use \
                 that account to sign in to shared apps and resources, but the account is blocked \
                 from signing in. If the account is unblocked, they can use that account to sign \
                 in to shared apps and resources.",
                user.id
            ));
            trace.decided(0, rule, "the guest is disabled", Outcome::Refused(fault))
        }
        Invitee::User(user) if user.is_pending() && user.is_meant_by(facts.address) => {
            let because = format!("{} is pending: a new ticket replaces the old", user.address());
            trace.decided(0, rule, because, Outcome::InviteAgain(user.id))
        }
        Invitee::User(user) => {
            let fault = GraphFault::bad_request(format!(
                "The invited user already exists in the directory as object ID: {}. They can use \
                 that account to sign in to shared apps and resources.",
                user.id
            ));
            let because = "the guest has redeemed, or is invited by another address";
            trace.decided(0, rule, because, Outcome::Refused(fault))
        }
        Invitee::OwnDomain => {
            let fault = GraphFault::bad_request(format!(
                "The domain of the user's email address {} is a verified domain of this directory.",
                facts.address
            ));
            trace.decided(0, rule, "the domain is verified here", Outcome::Refused(fault))
        }
    }
}

/// An application permission does not work where invitations are off or restricted to
/// administrators (Graph, create invitation).
fn caller_may_invite(facts: &Facts<'_>) -> bool {
    use AllowInvitesFrom as Allow;
    match (facts.allow_invites_from, facts.caller) {
        (Allow::None, _) | (Allow::AdminsAndGuestInviters, Caller::Application) => false,
        (Allow::AdminsAndGuestInviters, Caller::User(user)) => {
            user.has_role(ADMINISTRATORS_AND_INVITERS)
        }
        (Allow::AdminsGuestInvitersAndAllMembers, Caller::User(user)) => {
            user.user_type == UserType::Member || user.has_role(ADMINISTRATORS_AND_INVITERS)
        }
        (Allow::AdminsGuestInvitersAndAllMembers, Caller::Application) | (Allow::Everyone, _) => {
            true
        }
    }
}

fn caller_is_company_administrator(facts: &Facts<'_>) -> bool {
    match facts.caller {
        Caller::Application => false,
        Caller::User(user) => user.has_role(&[Role::GlobalAdministrator]),
    }
}
