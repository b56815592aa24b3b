//! The device authorization grant (RFC 8628): a device waits, a person signs in elsewhere.
//!
//! A [`DeviceRecord`] proves nothing. When the sign-in is complete, what was granted is kept as a
//! [`CodeRecord`] under the device code's digest, and the device redeems that.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::granted::Granted;
use super::grants::CodeRecord;
use crate::ids::{ClientId, Digest};
use crate::protocol::authority::Authority;
use crate::protocol::device::DeviceRequest;

/// How long a device waits (device-code article).
pub const DEVICE_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// A device that waits.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeviceRecord {
    /// Digest of the device code.
    pub key: Digest,
    /// Digest of the code that the person types.
    pub user_code: Digest,
    /// Under which path segment the device asked.
    pub authority: Authority,
    /// What it asked for.
    pub request: DeviceRequest,
    /// When it stops waiting.
    pub expires_at: Timestamp,
    /// Whether the person said something.
    pub answer: DeviceAnswer,
    /// Its place among the devices that are kept.
    #[serde(default)]
    pub slot: Option<u32>,
}

/// What the person said to a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceAnswer {
    /// Signed in, and let the device in.
    Approved,
    /// Said no.
    Declined,
    /// Nothing yet.
    Waiting,
}

impl DeviceRecord {
    /// The client that waits.
    pub fn client(&self) -> ClientId {
        self.request.client_id
    }

    /// Lets the device in: what it can redeem now.
    pub fn approve(&mut self, granted: &Granted, now: Timestamp) -> CodeRecord {
        self.answer = DeviceAnswer::Approved;
        CodeRecord::of(granted, self.key.clone(), now)
    }
}
