//! Codes, grants, refresh tokens, waiting devices and sign-outs as records.

use jiff::Timestamp;

use super::{Record, by, checked};
use crate::interaction::{CodeRecord, DeviceRecord, GrantRecord, RefreshRecord, SignOutRecord};
use crate::store::{Index, Key, Kind};

impl Record for CodeRecord {
    const KIND: Kind = Kind::Code;
    fn key(&self) -> Key {
        by::code(self.key())
    }
    fn expires_at(&self) -> Option<Timestamp> {
        self.forgotten_at()
    }
    fn body(&self) -> String {
        checked(self.to_body())
    }
    fn parse(body: &str) -> Result<Self, String> {
        Self::from_body(body).map_err(|error| error.to_string())
    }
}

impl Record for GrantRecord {
    const KIND: Kind = Kind::Grant;
    fn key(&self) -> Key {
        by::grant(self.id())
    }
    fn expires_at(&self) -> Option<Timestamp> {
        self.forgotten_at()
    }
    fn body(&self) -> String {
        checked(self.to_body())
    }
    fn parse(body: &str) -> Result<Self, String> {
        Self::from_body(body).map_err(|error| error.to_string())
    }
}

impl Record for DeviceRecord {
    const KIND: Kind = Kind::Device;
    fn key(&self) -> Key {
        by::device(&self.key)
    }
    fn expires_at(&self) -> Option<Timestamp> {
        // A little longer than it waits, so that the device is told.
        self.expires_at.checked_add(jiff::SignedDuration::from_mins(15)).ok()
    }
    fn indexes(&self) -> Vec<Index> {
        let slot = self.slot.map(by::device_slot);
        slot.into_iter().chain([by::device_user_code(&self.user_code)]).collect()
    }
    document!();
}

impl Record for SignOutRecord {
    const KIND: Kind = Kind::SignOut;
    fn key(&self) -> Key {
        by::sign_out(self.id)
    }
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
    document!();
}

impl Record for RefreshRecord {
    const KIND: Kind = Kind::RefreshToken;
    fn key(&self) -> Key {
        by::refresh_token(self.key())
    }
    fn expires_at(&self) -> Option<Timestamp> {
        Some(RefreshRecord::expires_at(self))
    }
    fn body(&self) -> String {
        checked(self.to_body())
    }
    fn parse(body: &str) -> Result<Self, String> {
        Self::from_body(body).map_err(|error| error.to_string())
    }
}
