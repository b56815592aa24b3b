//! What of a verified id token may be believed.
//!
//! The signature says who speaks, not that all of it is true. A subject is the provider's own to
//! name. An address counts only if the provider is the authority for it: an Entra tenant for its
//! verified domains, Google and Microsoft for the addresses they have verified. Everything else a
//! provider might say (`roles`, `groups`, another tenant's `tid`) is ignored (nOAuth).

use jiff::Timestamp;
use openidconnect::core::CoreGenderClaim;
use openidconnect::{AdditionalClaims, IdTokenClaims};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::userinfo::Told;
use super::{Provider, UpstreamFault};
use crate::directory::{IdentityProvider, LinkedAccount};
use crate::ids::EmailAddress;
use crate::interaction::VerifiedAssertion;

/// The claims beside the standard ones that matter here.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ProviderClaims {
    oid: Option<String>,
    tid: Option<String>,
    idp: Option<String>,
    /// "Not before"; judged by [`super::check`].
    pub(super) nbf: Option<i64>,
    /// Whether the owner of the address's domain was verified (Entra).
    xms_edov: Option<Value>,
}

impl AdditionalClaims for ProviderClaims {}

type Claims = IdTokenClaims<ProviderClaims, CoreGenderClaim>;

pub(super) fn believe(
    provider: &Provider,
    claims: &Claims,
    told: &Told,
    now: Timestamp,
) -> Result<VerifiedAssertion, UpstreamFault> {
    let extra = claims.additional_claims();
    if provider.built_in && extra.idp.is_some() {
        return Err(UpstreamFault::refused("the account is a guest there, and lives elsewhere"));
    }
    let tenant = provider.home_tenant.map(|tenant| tenant.to_string());
    if provider.built_in && tenant.is_some() && extra.tid != tenant {
        return Err(UpstreamFault::refused("its id token is another tenant's"));
    }
    // A built-in tenant names an account by its object id, which is what `client_info` shows; a
    // real provider by whatever its `sub` is.
    let subject = match (&extra.oid, provider.built_in) {
        (Some(oid), true) => oid.clone(),
        _ => claims.subject().as_str().to_owned(),
    };
    let (username, email) = (told.preferred_username.as_deref(), told.email.as_deref());
    let verified_address = verified_address(provider, claims, told);
    let name = match &provider.identity_provider {
        IdentityProvider::Facebook | IdentityProvider::Google => email.or(username),
        _ => username.or(email),
    };
    let sign_in_name = name.map_or_else(|| subject.clone(), str::to_owned);
    let display_name = told.name.clone().unwrap_or_else(|| sign_in_name.clone());
    Ok(VerifiedAssertion::from_verified_answer(
        LinkedAccount {
            provider: provider.identity_provider.clone(),
            home_tenant: provider.home_tenant,
            subject,
            sign_in_name,
            unverified_name: !provider.built_in && verified_address.is_none(),
        },
        verified_address,
        display_name,
        vec!["fed".to_owned()],
        auth_time(claims, now),
    ))
}

/// When the person signed in there; now, if the provider does not say.
fn auth_time(claims: &Claims, now: Timestamp) -> Timestamp {
    let said = claims.auth_time().and_then(|at| Timestamp::from_second(at.timestamp()).ok());
    said.map_or(now, |said| said.min(now))
}

fn verified_address(provider: &Provider, claims: &Claims, told: &Told) -> Option<EmailAddress> {
    let (username, email) = (told.preferred_username.as_deref(), told.email.as_deref());
    let verified = told.email_verified == Some(true);
    match &provider.identity_provider {
        // Our own tenants' user principal names are in verified domains by construction.
        IdentityProvider::ExternalAzureAd if provider.built_in => username?.parse().ok(),
        IdentityProvider::ExternalAzureAd => {
            // `xms_edov` is about the address beside it.
            let owned = claims.email().is_some()
                && told.email_verified.is_none()
                && owner_is_verified(claims);
            let address: EmailAddress = email.filter(|_| verified || owned)?.parse().ok()?;
            provider.home_domains.contains(&address.domain()).then_some(address)
        }
        IdentityProvider::MicrosoftAccount if provider.built_in => username?.parse().ok(),
        IdentityProvider::Google | IdentityProvider::MicrosoftAccount => {
            email.filter(|_| verified)?.parse().ok()
        }
        // Facebook's addresses are nobody's word, whatever the token says of them.
        IdentityProvider::Facebook | IdentityProvider::Federation(_) | IdentityProvider::Mail => {
            None
        }
    }
}

/// `xms_edov`, which real tenants write as a truth value, as a number or as text.
fn owner_is_verified(claims: &Claims) -> bool {
    match &claims.additional_claims().xms_edov {
        Some(Value::Bool(verified)) => *verified,
        Some(Value::Number(number)) => number.as_u64() == Some(1),
        Some(Value::String(text)) => matches!(text.as_str(), "1" | "true"),
        _ => false,
    }
}
