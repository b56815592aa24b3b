//! How many sign-ins are kept.
//!
//! Anybody can start a sign-in, so their number has a limit. A sign-in has one of [`SIGN_INS`]
//! numbered places, which is a unique index entry. Four places are drawn from its random id; the
//! first that is free is taken. If none of them is, the sign-in that started first loses its place,
//! one that is over before all others: about the oldest, found without counting.

use jiff::Timestamp;

use super::Broker;
use super::failure::Failure;
use crate::ids::InteractionId;
use crate::interaction::{DeviceAnswer, DeviceRecord, Interaction, InteractionRecord};
use crate::store::records::by;
use crate::store::{ChangeSet, Index, Record};
use crate::upstream::idp::FederationSignIn;
use crate::upstream::social::SocialSignIn;

/// How many sign-ins are kept, finished ones included: a few KB each, 40 KB at most.
pub(super) const SIGN_INS: u32 = 1 << 15;

impl Broker {
    /// A place for a new sign-in; whoever has to leave it is deleted with the same commit.
    pub(super) async fn slot_for_sign_in(
        &self,
        id: InteractionId,
        changes: &mut ChangeSet,
    ) -> Result<u32, Failure> {
        let age = |record: &InteractionRecord| {
            (!matches!(record.interaction, Interaction::Ended(_)), record.expires_at())
        };
        self.slot(id, by::sign_in_slot, age, changes).await
    }

    /// A place for a new sign-in at a built-in network.
    pub(super) async fn slot_for_social(
        &self,
        id: InteractionId,
        changes: &mut ChangeSet,
    ) -> Result<u32, Failure> {
        let age = |sign_in: &SocialSignIn| (true, sign_in.expires_at);
        self.slot(id, by::social_sign_in_slot, age, changes).await
    }

    /// A place for a new sign-in at a built-in SAML or WS-Fed provider; an answered one leaves
    /// first.
    pub(super) async fn slot_for_federation(
        &self,
        id: InteractionId,
        changes: &mut ChangeSet,
    ) -> Result<u32, Failure> {
        let age = |sign_in: &FederationSignIn| (!sign_in.answered, sign_in.expires_at);
        self.slot(id, by::federation_sign_in_slot, age, changes).await
    }

    /// A place for a device that waits; an answered one leaves first.
    pub(super) async fn slot_for_device(&self, changes: &mut ChangeSet) -> Result<u32, Failure> {
        let age =
            |device: &DeviceRecord| (device.answer == DeviceAnswer::Waiting, device.expires_at);
        let id = InteractionId::new(self.entropy.guid());
        self.slot(id, by::device_slot, age, changes).await
    }

    async fn slot<T: Record>(
        &self,
        id: InteractionId,
        entry: fn(u32) -> Index,
        age: impl Fn(&T) -> (bool, Timestamp),
        changes: &mut ChangeSet,
    ) -> Result<u32, Failure> {
        let mut taken = Vec::new();
        for slot in places(id, self.slots) {
            match self.store.find_one::<T>(entry(slot)).await? {
                None => return Ok(slot),
                Some(holder) => taken.push((slot, holder)),
            }
        }
        let oldest = taken.into_iter().min_by_key(|(_, holder)| age(&holder.record));
        let Some((slot, holder)) = oldest else { return Err(Failure::Conflict) };
        tracing::debug!(slot, "a sign-in makes room for a new one");
        changes.delete(&holder);
        Ok(slot)
    }
}

/// Four places among `slots`, drawn from the random bits of an id.
fn places(id: InteractionId, slots: u32) -> [u32; 4] {
    let bytes = id.as_uuid().into_bytes();
    // Bytes 6 and 8 of a GUID have bits that are not random.
    [0, 3, 9, 12].map(|at| {
        let drawn = bytes[at..at + 3].iter().fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
        drawn % slots.max(1)
    })
}

#[cfg(test)]
mod tests;
