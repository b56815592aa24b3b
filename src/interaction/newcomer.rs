//! A person who signs up: what the guest object is going to be made of.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::proof::Authenticated;
use crate::directory::{SIGNED_UP, User, UserAttribute};
use crate::ids::EmailAddress;

/// A person who signs up. There is no object in the directory until everything is agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newcomer {
    /// By which user flow.
    pub flow: String,
    /// The address of the account.
    pub address: EmailAddress,
    /// When the account was proven.
    pub since: Timestamp,
    /// What the person has told.
    pub attributes: BTreeMap<UserAttribute, String>,
}

impl Newcomer {
    /// The guest as it would be right now: not in the directory, and not redeemed.
    pub fn user(&self, who: &Authenticated, initial_domain: &str, address_taken: bool) -> User {
        let (id, tenant) = (who.user, who.tenant);
        let mut user =
            User::invited(id, tenant, initial_domain, &self.address, address_taken, self.since);
        user.creation_type = Some(SIGNED_UP.to_owned());
        who.proven.display_name().clone_into(&mut user.display_name);
        for (attribute, value) in &self.attributes {
            let value = value.clone();
            match attribute {
                UserAttribute::Country => user.profile.country = Some(value),
                UserAttribute::DisplayName => user.display_name = value,
                UserAttribute::GivenName => user.profile.given_name = Some(value),
                UserAttribute::Surname => user.profile.surname = Some(value),
            }
        }
        user
    }
}
