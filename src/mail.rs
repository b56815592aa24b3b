//! Mails, as data: who, what, when. Links are rendered when a mail is read, with the origin through
//! which it is read.

mod render;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::entropy::Entropy;
use crate::ids::{EmailAddress, InvitationId, MessageId, TenantId};

pub use render::{Links, Rendered};

/// A mail in the inbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Message {
    /// Its id; ids sort newest first.
    pub id: MessageId,
    /// To whom.
    pub to: EmailAddress,
    /// The tenant that sent it.
    pub tenant: Option<TenantId>,
    /// When.
    pub sent_at: Timestamp,
    /// What it says.
    pub content: Content,
}

/// What a mail says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// You are invited.
    Invitation(InvitationMail),
    /// You have been given access; nothing to do (automatic redemption).
    Notification {
        /// The organization's name.
        organization: String,
        /// Its initial domain.
        domain: String,
    },
    /// Your code.
    Passcode {
        /// The organization's name.
        organization: String,
        /// The eight digits.
        code: String,
        /// What the code is for.
        purpose: Purpose,
    },
}

/// What a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Making an account.
    NewAccount,
    /// Signing in.
    SignIn,
}

/// An invitation mail.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InvitationMail {
    /// The inviting organization's name.
    pub organization: String,
    /// Its initial domain.
    pub domain: String,
    /// Who invited; an application invites in the organization's name.
    pub inviter: Option<Inviter>,
    /// The personal message, plain text.
    pub message: Option<String>,
    /// Copy to.
    pub cc: Option<EmailAddress>,
    /// The organization's privacy statement.
    pub privacy_statement_url: Option<String>,
    /// The inviting tenant.
    pub tenant: TenantId,
    /// The invitation.
    pub invitation: InvitationId,
    /// Its ticket.
    pub ticket: String,
}

/// Who invited.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Inviter {
    /// The name.
    pub name: String,
    /// The address, for replies.
    pub address: String,
}

impl Message {
    /// A new mail.
    pub fn new(
        to: EmailAddress,
        tenant: Option<TenantId>,
        content: Content,
        sent_at: Timestamp,
        entropy: &Entropy,
    ) -> Self {
        Self { id: newest_first(sent_at, entropy), to, tenant, sent_at, content }
    }

    /// When it may be forgotten: an invitation never.
    pub fn forgotten_at(&self) -> Option<Timestamp> {
        match self.content {
            Content::Invitation(_) => None,
            _ => self.sent_at.checked_add(SignedDuration::from_hours(24 * 90)).ok(),
        }
    }
}

/// A random GUID whose first 48 bits count down with the milliseconds, and whose next 12 with the
/// mails of one of them, so that the newest sorts first.
fn newest_first(sent_at: Timestamp, entropy: &Entropy) -> MessageId {
    let milliseconds = u64::try_from(sent_at.as_millisecond()).unwrap_or_default();
    let countdown = (1_u64 << 48).saturating_sub(1).saturating_sub(milliseconds);
    let within = 0xfff - (entropy.ordinal() & 0xfff);
    let random = entropy.guid().as_u128() & !(u128::MAX << 80) & !(0xfff << 64);
    let id = (u128::from(countdown) << 80) | random | (u128::from(within) << 64);
    MessageId::new(Uuid::from_u128(id))
}

/// The path of a redeem link, as in the mail.
pub fn redeem_path(tenant: TenantId, invitation: InvitationId, ticket: &str) -> String {
    format!("/invitations/redeem/?tenant={tenant}&user={invitation}&ticket={ticket}&ver=2.0")
}
