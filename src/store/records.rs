//! How each thing becomes a record: its key, when it expires, under what it is found.
//!
//! Every index entry that exists is named here, in [`by`], so that a look-up and the record it
//! looks for cannot disagree.

pub mod by;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Index, Key, Kind, StoreFault, Versioned};
use crate::config::world::Settings;
use crate::directory::application::page_origin;
use crate::directory::{
    AppRoleAssignment, Application, ApplicationKind, Assignee, Assignment, Consent, ConsentType,
    Contact, Group, Invitation, ServicePrincipal, SocialAccount, Tenant, TermsAcceptance, User,
};
use crate::ids::{Digest, EmailAddress};
use crate::interaction::{InteractionRecord, Session};
use crate::jose::KeyRecord;
use crate::mail::Message;
use crate::upstream::social::SocialSignIn;

/// Something the store can hold.
pub trait Record: Clone + Send + Sync + Sized + 'static {
    /// What it is.
    const KIND: Kind;

    /// Where it is.
    fn key(&self) -> Key;

    /// When it may be swept.
    fn expires_at(&self) -> Option<Timestamp> {
        None
    }

    /// Under what it is found.
    fn indexes(&self) -> Vec<Index> {
        Vec::new()
    }

    /// The document.
    fn body(&self) -> String;

    /// Reads the document; the error says what is wrong with it.
    fn parse(body: &str) -> Result<Self, String>;
}

/// A record and the version it was read at.
#[derive(Debug, Clone)]
pub struct Stored<T> {
    /// The version a change must name.
    pub version: u64,
    /// What was read; change it and put it into a change set.
    pub record: T,
}

impl<T: Record> Stored<T> {
    pub(super) fn read(found: Versioned) -> Result<Self, StoreFault> {
        let record = T::parse(&found.body).map_err(|reason| StoreFault::Inconsistent {
            kind: T::KIND.as_str(),
            id: found.key.id,
            reason,
        })?;
        Ok(Self { version: found.version, record })
    }
}

impl<T> std::ops::Deref for Stored<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.record
    }
}

impl<T> std::ops::DerefMut for Stored<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.record
    }
}

/// The document of a plain struct.
#[expect(clippy::expect_used, reason = "structs with string keys always serialise")]
pub(crate) fn to_body<T: Serialize>(record: &T) -> String {
    serde_json::to_string(record).expect("a record serialises")
}

/// Reads the document of a plain struct.
pub(crate) fn from_body<T: DeserializeOwned>(body: &str) -> Result<T, String> {
    serde_json::from_str(body).map_err(|error| error.to_string())
}

/// `body` and `parse` of a plain struct.
macro_rules! document {
    () => {
        fn body(&self) -> String {
            $crate::store::records::to_body(self)
        }

        fn parse(body: &str) -> Result<Self, String> {
            $crate::store::records::from_body(body)
        }
    };
}

// After the macro that it uses.
mod assertions;
mod federation;
mod grants;

pub use assertions::UsedAssertion;

impl Record for Settings {
    const KIND: Kind = Kind::Settings;
    fn key(&self) -> Key {
        by::settings()
    }
    document!();
}

impl Record for KeyRecord {
    const KIND: Kind = Kind::Keys;
    fn key(&self) -> Key {
        by::keys()
    }
    document!();
}

impl Record for Tenant {
    const KIND: Kind = Kind::Tenant;
    fn key(&self) -> Key {
        by::tenant(self.id)
    }
    fn indexes(&self) -> Vec<Index> {
        let domains = self.domains.iter();
        let federated = self.federated_domains.iter().filter(|d| !self.domains.contains(d));
        let domains = domains.chain(federated).map(by::tenant_domain);
        domains.chain([by::tenant_name(&self.display_name)]).collect()
    }
    document!();
}

impl Record for User {
    const KIND: Kind = Kind::User;
    fn key(&self) -> Key {
        by::user(self.tenant, self.id)
    }
    fn indexes(&self) -> Vec<Index> {
        let mut indexes = vec![by::user_principal_name(self.tenant, &self.user_principal_name)];
        let mut addresses: Vec<_> =
            self.mail.iter().chain(&self.other_mails).chain(&self.proxy_addresses).collect();
        addresses.extend(self.external.as_ref().map(|e| &e.invited_user_email_address));
        addresses.extend(&self.aliases);
        addresses.sort();
        addresses.dedup();
        indexes.extend(addresses.iter().map(|address| by::user_address(self.tenant, address)));
        if self.external.is_none() {
            indexes.push(by::sign_in_name(&self.user_principal_name));
            indexes.extend(self.aliases.iter().map(|alias| by::sign_in_name(alias.as_str())));
        }
        indexes.extend(self.linked().map(|account| by::linked_account(self.tenant, account)));
        indexes
    }
    document!();
}

impl Record for SocialAccount {
    const KIND: Kind = Kind::SocialAccount;
    fn key(&self) -> Key {
        by::social_account(self.network, &self.subject)
    }
    fn indexes(&self) -> Vec<Index> {
        let names = self.sign_in_names();
        names.map(|name| by::social_account_named(self.network, name)).collect()
    }
    document!();
}

impl Record for Application {
    const KIND: Kind = Kind::Application;
    fn key(&self) -> Key {
        by::application(self.client_id)
    }
    fn indexes(&self) -> Vec<Index> {
        let names = self.identifier_uris.iter().map(|uri| by::identifier_uri(uri));
        let pages = self.redirect_uris.iter().filter(|_| self.kind == ApplicationKind::Spa);
        let mut pages: Vec<String> = pages.filter_map(|uri| page_origin(uri)).collect();
        pages.sort();
        pages.dedup();
        names.chain(pages.iter().map(|page| by::page_origin(page))).collect()
    }
    document!();
}

impl Record for ServicePrincipal {
    const KIND: Kind = Kind::ServicePrincipal;
    fn key(&self) -> Key {
        by::service_principal(self.tenant, self.app_id)
    }
    fn indexes(&self) -> Vec<Index> {
        vec![by::service_principal_id(self.tenant, self.id)]
    }
    document!();
}

impl Record for Assignment {
    const KIND: Kind = Kind::Assignment;
    fn key(&self) -> Key {
        let (Assignee::Group(id) | Assignee::User(id)) = self.principal;
        by::assignment(self.tenant, self.app, id)
    }
    fn indexes(&self) -> Vec<Index> {
        vec![by::assignments(self.tenant, self.app)]
    }
    document!();
}

impl Record for Consent {
    const KIND: Kind = Kind::Consent;
    fn key(&self) -> Key {
        let (client, resource) = (self.client, self.resource);
        match self.consent_type {
            ConsentType::AllPrincipals => by::consent(self.tenant, client, resource, None),
            ConsentType::Principal(user) => by::consent(self.tenant, client, resource, Some(user)),
        }
    }
    document!();
}

impl Record for AppRoleAssignment {
    const KIND: Kind = Kind::AppRoleAssignment;
    fn key(&self) -> Key {
        by::app_roles(self.tenant, self.client, self.resource)
    }
    document!();
}

impl Record for Contact {
    const KIND: Kind = Kind::Contact;
    fn key(&self) -> Key {
        by::contact(self.tenant, &self.mail)
    }
    document!();
}

impl Record for Group {
    const KIND: Kind = Kind::Group;
    fn key(&self) -> Key {
        by::group(self.tenant, self.id)
    }
    fn indexes(&self) -> Vec<Index> {
        self.members.iter().map(|member| by::groups_with(self.tenant, *member)).collect()
    }
    document!();
}

impl Record for TermsAcceptance {
    const KIND: Kind = Kind::TermsAcceptance;
    fn key(&self) -> Key {
        by::terms_acceptance(self.tenant, self.user, self.terms)
    }
    document!();
}

impl Record for Invitation {
    const KIND: Kind = Kind::Invitation;
    fn key(&self) -> Key {
        by::invitation(self.tenant, self.id)
    }
    fn indexes(&self) -> Vec<Index> {
        vec![by::invitations_of(self.tenant, self.guest)]
    }
    document!();
}

impl Record for InteractionRecord {
    const KIND: Kind = Kind::Interaction;
    fn key(&self) -> Key {
        by::interaction(self.id())
    }
    fn expires_at(&self) -> Option<Timestamp> {
        Some(InteractionRecord::expires_at(self))
    }
    fn indexes(&self) -> Vec<Index> {
        self.slot.into_iter().map(by::sign_in_slot).collect()
    }
    fn body(&self) -> String {
        checked(self.to_body())
    }
    fn parse(body: &str) -> Result<Self, String> {
        Self::from_body(body)
    }
}

impl Record for Session {
    const KIND: Kind = Kind::Session;
    fn key(&self) -> Key {
        by::session(self.key())
    }
    fn expires_at(&self) -> Option<Timestamp> {
        Session::expires_at(self)
    }
    fn body(&self) -> String {
        checked(self.to_body())
    }
    fn parse(body: &str) -> Result<Self, String> {
        Self::from_body(body).map_err(|error| error.to_string())
    }
}

#[expect(clippy::expect_used, reason = "structs with string keys always serialise")]
fn checked(body: Result<String, serde_json::Error>) -> String {
    body.expect("a record serialises")
}

impl Record for Message {
    const KIND: Kind = Kind::Message;
    fn key(&self) -> Key {
        by::message(&self.to, self.id)
    }
    fn expires_at(&self) -> Option<Timestamp> {
        self.forgotten_at()
    }
    fn indexes(&self) -> Vec<Index> {
        vec![by::every_message()]
    }
    document!();
}

impl Record for SocialSignIn {
    const KIND: Kind = Kind::SocialSignIn;
    fn key(&self) -> Key {
        by::social_sign_in(self.id)
    }
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
    fn indexes(&self) -> Vec<Index> {
        self.slot.into_iter().map(by::social_sign_in_slot).collect()
    }
    document!();
}

/// When somebody guessed wrong: for an address, or from a network address.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Guesses {
    /// Whose: digest of what was guessed at.
    pub key: Digest,
    /// The wrong guesses that still count.
    pub wrong: Vec<Timestamp>,
    /// When none of them counts any more.
    pub expires_at: Timestamp,
}

impl Guesses {
    /// The key of the guesses for an address.
    pub fn at_address(address: &EmailAddress) -> Digest {
        Digest::of(format!("address|{address}").as_bytes())
    }

    /// The key of the guesses for a name at a provider, which says nothing of the same name here or
    /// at another one.
    pub fn at_provider(provider: &str, name: &str) -> Digest {
        Digest::of(format!("provider|{provider}|{name}").as_bytes())
    }

    /// The key of the names that were asked about from a network address, and that nobody has.
    pub fn names_from_network(peer: &str) -> Digest {
        Digest::of(format!("names|{peer}").as_bytes())
    }

    /// The key of the device codes that were typed at a network address.
    pub fn codes_from_network(peer: &str) -> Digest {
        Digest::of(format!("codes|{peer}").as_bytes())
    }

    /// The key of the guesses from a network address.
    pub fn from_network(peer: &str) -> Digest {
        Digest::of(format!("network|{peer}").as_bytes())
    }
}

impl Record for Guesses {
    const KIND: Kind = Kind::Guesses;
    fn key(&self) -> Key {
        by::guesses(&self.key)
    }
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
    document!();
}
