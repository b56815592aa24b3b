//! Accounts at the built-in social networks.

use super::guid_of;
use crate::config::world::file::{FacebookAccountEntry, GoogleAccountEntry, WorldFile};
use crate::directory::social::phone_number;
use crate::directory::user::password_digest;
use crate::directory::{SocialAccount, SocialNetwork};
use crate::ids::EmailAddress;

pub(super) fn accounts(file: &WorldFile) -> Vec<SocialAccount> {
    let google = file.google_account.iter().map(google_account);
    google.chain(file.facebook_account.iter().map(facebook_account)).collect()
}

fn google_account(entry: &GoogleAccountEntry) -> SocialAccount {
    let subject = google_subject(entry);
    let name = entry.display_name.clone();
    SocialAccount {
        network: SocialNetwork::Google,
        address: Some(entry.address.clone()),
        phone: None,
        display_name: name.unwrap_or_else(|| entry.address.local_part().to_owned()),
        password: password_digest(&subject, &entry.password),
        subject,
    }
}

fn facebook_account(entry: &FacebookAccountEntry) -> SocialAccount {
    let subject = facebook_subject(entry);
    let phone = entry.phone.as_deref().and_then(phone_number);
    let local = entry.address.as_ref().map(|address| address.local_part().to_owned());
    let name = entry.display_name.clone().or(local).or_else(|| phone.clone());
    SocialAccount {
        network: SocialNetwork::Facebook,
        address: entry.address.clone(),
        phone,
        display_name: name.unwrap_or_default(),
        password: password_digest(&subject, &entry.password),
        subject,
    }
}

/// Google's `sub` is a decimal number; without one in the file it follows from the address.
fn google_subject(entry: &GoogleAccountEntry) -> String {
    entry.id.clone().unwrap_or_else(|| derived("google", entry.address.as_str(), 20))
}

/// Facebook's, too.
fn facebook_subject(entry: &FacebookAccountEntry) -> String {
    let address = entry.address.as_ref().map(EmailAddress::as_str);
    let name = address.or(entry.phone.as_deref()).unwrap_or_default();
    entry.id.clone().unwrap_or_else(|| derived("facebook", name, 15))
}

fn derived(network: &str, name: &str, digits: u32) -> String {
    let number = guid_of(&format!("{network}:{name}")).as_u128() % 10_u128.pow(digits);
    format!("1{number:0width$}", width = digits as usize)
}

/// The subject of the Google account of an address.
pub(super) fn google_subject_of(file: &WorldFile, address: &EmailAddress) -> Option<String> {
    file.google_account.iter().find(|account| account.address == *address).map(google_subject)
}

/// The subject of the Facebook account of an address.
pub(super) fn facebook_subject_of(file: &WorldFile, address: &EmailAddress) -> Option<String> {
    let mut accounts = file.facebook_account.iter();
    accounts.find(|account| account.address.as_ref() == Some(address)).map(facebook_subject)
}
