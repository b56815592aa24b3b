//! The built-in SAML and WS-Fed providers.

use jiff::Timestamp;

use super::{Record, by};
use crate::directory::{FederationAccount, ServiceProvider};
use crate::store::{Index, Key, Kind};
use crate::upstream::idp::FederationSignIn;

impl Record for FederationAccount {
    const KIND: Kind = Kind::FederationAccount;
    fn key(&self) -> Key {
        by::federation_account(self.builtin, &self.address)
    }
    document!();
}

impl Record for ServiceProvider {
    const KIND: Kind = Kind::ServiceProvider;
    fn key(&self) -> Key {
        by::service_provider(self.builtin, &self.entity_id)
    }
    document!();
}

impl Record for FederationSignIn {
    const KIND: Kind = Kind::FederationSignIn;
    fn key(&self) -> Key {
        by::federation_sign_in(self.id)
    }
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
    fn indexes(&self) -> Vec<Index> {
        self.slot.into_iter().map(by::federation_sign_in_slot).collect()
    }
    document!();
}
