//! Invitations, and the other records a tenant holds in number.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{Digest, EmailAddress, InvitationId, ObjectId, TenantId};

/// An invitation and the ticket that redeems it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The inviting tenant.
    pub tenant: TenantId,
    /// The guest object it made or found.
    pub guest: ObjectId,
    /// Where it went.
    pub invited_user_email_address: EmailAddress,
    /// Digest of the ticket in the redeem link.
    pub ticket: Digest,
    /// Where the guest lands; `None` is My Apps of the tenant.
    pub invite_redirect_url: Option<String>,
    /// Whether the ticket is still good.
    pub status: InvitationStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends, if the tenant has set a lifetime.
    pub expires_at: Option<Timestamp>,
}

/// What became of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvitationStatus {
    /// Redeemed: the link is a way back to the resource.
    Completed,
    /// Waiting.
    PendingAcceptance,
    /// A newer one took its place, or the guest was reset.
    Superseded,
}

/// `orgContact`: a contact object of the tenant's address book.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Contact {
    /// The tenant.
    pub tenant: TenantId,
    /// Its address.
    pub mail: EmailAddress,
}
