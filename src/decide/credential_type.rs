//! What `GetCredentialType` says of a name: the decision of the sign-in page, in its numbers.
//!
//! Which numbers a guest's home gets is not published; only the numbers themselves are.

use super::hrd::{DomainOwner, EntraAccount, Facts, Home, NewAccount, Standing};
use super::route::{self, HomeFacts, HomeRoute, Route};
use super::sign_up::{self, Offer};
use crate::ids::MICROSOFT_ACCOUNT_TENANT;
use crate::protocol::authority::Authority;
use crate::protocol::credential_type::{CredentialType, DomainType, IfExists, PrefCredential};

/// What is said, and where a federated name is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The numbers.
    pub kind: CredentialType,
    /// Where to.
    pub redirect: Redirect,
}

/// Where a federated name is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redirect {
    /// To the server of its domain.
    Domain,
    /// To the provider with which the resource tenant federates, by its issuer.
    Federation(String),
    /// Nowhere.
    Nowhere,
}

fn told(exists: IfExists, domain: DomainType, preferred: PrefCredential) -> Told {
    let kind = CredentialType { exists, domain, preferred, is_unmanaged: false };
    Told { kind, redirect: Redirect::Nowhere }
}

/// Too many names were asked about.
pub fn throttled() -> Told {
    told(IfExists::Throttled, DomainType::Unknown, PrefCredential::Password)
}

/// Nobody has the name. Of a domain's own server only the domain is known.
pub fn nobody(owner: Option<&DomainOwner>) -> Told {
    match owner {
        Some(owner) if owner.federated => at_own_server(IfExists::NotFound),
        Some(_) => told(IfExists::NotFound, DomainType::Managed, PrefCredential::Password),
        None => told(IfExists::NotFound, DomainType::Unknown, PrefCredential::Password),
    }
}

fn at_own_server(exists: IfExists) -> Told {
    let told = told(exists, DomainType::Federated, PrefCredential::Federation);
    Told { redirect: Redirect::Domain, ..told }
}

fn microsoft_account() -> Told {
    let other = IfExists::OtherMicrosoftIdp;
    told(other, DomainType::Consumer, PrefCredential::OtherMicrosoftIdp)
}

fn both() -> Told {
    told(IfExists::Both, DomainType::Managed, PrefCredential::Password)
}

fn work_account(owner: Option<&DomainOwner>, is_unmanaged: bool) -> Told {
    if owner.is_some_and(|owner| owner.federated) {
        return at_own_server(IfExists::Exists);
    }
    let mut told = told(IfExists::Exists, DomainType::Managed, PrefCredential::Password);
    told.kind.is_unmanaged = is_unmanaged;
    told
}

/// At a tenant; on the page on which people sign up, by what the application offers.
pub fn at_tenant(facts: &Facts, sign_up: Option<&Offer>) -> Told {
    let owner = facts.domain_owner.as_ref();
    let known = match facts.standing {
        Standing::Stranger => IfExists::NotFound,
        _ => IfExists::Exists,
    };
    let decision = match sign_up {
        Some(offer) => sign_up::route(facts, offer),
        None => route::at_tenant(facts),
    };
    match decision.into_parts().0 {
        Route::Choose => both(),
        Route::Create(NewAccount::MicrosoftAccount) if facts.microsoft_account => {
            microsoft_account()
        }
        Route::Alert(_) | Route::Create(_) | Route::Refuse(_) => nobody(owner),
        Route::Prove(Home::ThisTenant { .. }) => work_account(None, false),
        Route::Prove(Home::ExternalAzureAd(_)) => {
            work_account(owner, matches!(facts.entra, EntraAccount::Unmanaged(_)))
        }
        Route::Prove(Home::MicrosoftAccount) => microsoft_account(),
        Route::Prove(Home::Facebook) => told(known, DomainType::Consumer, PrefCredential::Facebook),
        Route::Prove(Home::Google) => told(known, DomainType::Consumer, PrefCredential::Google),
        Route::Prove(Home::Mail) => {
            let consumer = facts.consumer_domain;
            let domain = if consumer { DomainType::Consumer } else { DomainType::Unknown };
            told(known, domain, PrefCredential::OneTimeCode)
        }
        Route::Prove(Home::Federation(federation)) => {
            let preferred = PrefCredential::CloudFederation;
            let told = told(known, DomainType::CloudFederated, preferred);
            Told { redirect: Redirect::Federation(federation.issuer), ..told }
        }
    }
}

/// On `common`, `organizations` or `consumers`.
pub fn at_home(facts: &HomeFacts, owner: Option<&DomainOwner>, is_unmanaged: bool) -> Told {
    match route::at_home(facts).into_parts().0 {
        HomeRoute::Alert(_) => nobody(owner),
        HomeRoute::Choose => both(),
        HomeRoute::Password(MICROSOFT_ACCOUNT_TENANT, _)
            if facts.authority == Authority::Consumers =>
        {
            told(IfExists::Exists, DomainType::Consumer, PrefCredential::Password)
        }
        HomeRoute::Password(MICROSOFT_ACCOUNT_TENANT, _) => microsoft_account(),
        HomeRoute::Password(..) => work_account(owner, is_unmanaged),
    }
}
