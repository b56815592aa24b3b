//! Optional claims: what an application's registration, or a request's `claims`, asks for by name.
//!
//! Source: optional-claims reference. One table of names, one function from facts to a value. A claim
//! whose fact is missing is left out, as in Entra.

use serde_json::{Value, json};

use super::Claims;
use crate::directory::{OptionalClaim, Profile, Tenant, User};
use crate::ids::EmailAddress;

/// The guest's user principal name as it is stored.
pub const GUEST_UPN: &str = "include_externally_authenticated_upn";
/// The same with `_` for `#`.
pub const GUEST_UPN_WITHOUT_HASH: &str = "include_externally_authenticated_upn_without_hash";
/// `idtyp` on users' tokens too.
pub const INCLUDE_USER_TOKEN: &str = "include_user_token";
/// `aud` of v1.0 access tokens is the client id.
pub const USE_GUID: &str = "use_guid";
/// Groups stand in `roles`.
pub const EMIT_AS_ROLES: &str = "emit_as_roles";
/// Groups stand with their names (`ApplicationGroup` only).
pub const CLOUD_DISPLAY_NAME: &str = "cloud_displayname";

/// Every optional claim of the reference, and its `additionalProperties`.
///
/// The facts behind `acrs` (Conditional Access), `fwd` and `vnet` (virtual networks), `in_corp`
/// (trusted networks), `onprem_sid`, `pwd_exp`, `pwd_url`, `xms_pdl` and `ztdid` (devices) exist for
/// nobody here: those claims can be asked for and are always left out.
const TABLE: &[(&str, &[&str])] = &[
    ("acct", &[]),
    ("acrs", &[]),
    ("aud", &[USE_GUID]),
    ("auth_time", &[]),
    ("ctry", &[]),
    ("email", &[]),
    ("family_name", &[]),
    ("fwd", &[]),
    ("given_name", &[]),
    ("groups", &[CLOUD_DISPLAY_NAME, EMIT_AS_ROLES]),
    ("idtyp", &[INCLUDE_USER_TOKEN]),
    ("in_corp", &[]),
    ("ipaddr", &[]),
    ("login_hint", &[]),
    ("onprem_sid", &[]),
    ("preferred_username", &[]),
    ("pwd_exp", &[]),
    ("pwd_url", &[]),
    ("sid", &[]),
    ("tenant_ctry", &[]),
    ("tenant_region_scope", &[]),
    ("upn", &[GUEST_UPN, GUEST_UPN_WITHOUT_HASH]),
    ("verified_primary_email", &[]),
    ("verified_secondary_email", &[]),
    ("vnet", &[]),
    ("xms_cc", &[]),
    ("xms_edov", &[]),
    ("xms_pdl", &[]),
    ("xms_pl", &[]),
    ("xms_tpl", &[]),
    ("ztdid", &[]),
];

/// The names of all optional claims.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, _)| *name)
}

/// What can change an optional claim; `None` if there is no such claim.
pub fn properties_of(name: &str) -> Option<&'static [&'static str]> {
    TABLE.iter().find(|(known, _)| *known == name).map(|(_, properties)| *properties)
}

/// Whether a text is a two-letter country code.
pub fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Which generation of token it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `ver` 1.0.
    V1,
    /// `ver` 2.0.
    V2,
}

/// Which token it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// An access token.
    Access,
    /// An id token.
    Id,
}

/// What optional claims are made of.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The user of the tenant that issues.
    pub user: &'a User,
    /// That tenant.
    pub tenant: &'a Tenant,
    /// What the home tenant knows of the account: of a member the same object.
    pub home: Option<&'a Profile>,
    /// The address that may be told, and whether somebody vouches for it.
    pub email: Option<(&'a EmailAddress, bool)>,
    /// Addresses that somebody vouches for: the main one, and others.
    pub verified: (Option<&'a EmailAddress>, &'a [&'a EmailAddress]),
    /// When the identity was proven.
    pub auth_time: i64,
    /// The entry in the browser's session.
    pub sid: &'a str,
    /// The network address of the sign-in.
    pub ip: Option<&'a str>,
    /// What comes back as `login_hint`.
    pub login_hint: &'a str,
    /// `xms_cc` of the client's request.
    pub capabilities: &'a [String],
    /// Whether the client may know who it is: it has the `profile` scope, or it is an access token.
    pub profile: bool,
}

/// Adds the claims that are asked for, as far as there is a fact behind them.
pub fn add(
    facts: &Facts<'_>,
    asked: &[OptionalClaim],
    kind: TokenKind,
    version: Version,
    claims: &mut Claims,
) {
    for claim in asked {
        if let Some(value) = value(facts, claim, kind, version) {
            claims.insert(claim.name.clone(), value);
        }
    }
    // "The presence of the `email` claim is required."
    if asked.iter().any(|claim| claim.name == "xms_edov") && claims.contains_key("email") {
        let verified = facts.email.is_some_and(|(_, verified)| verified);
        claims.insert("xms_edov".to_owned(), json!(verified));
    }
}

fn value(
    facts: &Facts<'_>,
    claim: &OptionalClaim,
    kind: TokenKind,
    version: Version,
) -> Option<Value> {
    let Facts { user, tenant, .. } = facts;
    let profile = &user.profile;
    match claim.name.as_str() {
        // 1 is a guest.
        "acct" => Some(json!(u8::from(user.external.is_some()))),
        "auth_time" => Some(json!(facts.auth_time)),
        "ctry" => country(profile).map(|code| json!(code)),
        "email" => facts.email.map(|(email, _)| json!(email)),
        "family_name" => profile.surname.as_ref().filter(|_| facts.profile).map(|name| json!(name)),
        "given_name" => {
            profile.given_name.as_ref().filter(|_| facts.profile).map(|name| json!(name))
        }
        "idtyp" if kind == TokenKind::Access && claim.has(INCLUDE_USER_TOKEN) => {
            Some(json!("user"))
        }
        "ipaddr" => facts.ip.map(|ip| json!(ip)),
        "login_hint" => Some(json!(facts.login_hint)),
        // Always there in v2.0, by the scope.
        "preferred_username" if version == Version::V1 => {
            Some(json!(super::preferred_username(user)))
        }
        "sid" => Some(json!(facts.sid)),
        "tenant_ctry" => tenant.locale.country_letter_code.as_ref().map(|code| json!(code)),
        "tenant_region_scope" => Some(json!(tenant.region_scope())),
        "upn" if facts.profile => user_principal_name(user, claim).map(|upn| json!(upn)),
        "verified_primary_email" => facts.verified.0.map(|address| json!([address])),
        "verified_secondary_email" if !facts.verified.1.is_empty() => Some(json!(facts.verified.1)),
        // The resource says whether it wants to know.
        "xms_cc" if kind == TokenKind::Access && !facts.capabilities.is_empty() => {
            Some(json!(facts.capabilities))
        }
        "xms_pl" => facts
            .home
            .and_then(|home| home.preferred_language.as_ref())
            .map(|language| json!(language.to_ascii_lowercase())),
        "xms_tpl" => tenant.locale.preferred_language.as_ref().map(|language| json!(language)),
        _ => None,
    }
}

/// Assumption: `ctry` is the user's country, and the usage location where that is no code.
fn country(profile: &Profile) -> Option<&str> {
    let places = [&profile.country, &profile.usage_location];
    places.into_iter().flatten().map(String::as_str).find(|text| is_country(text))
}

/// A guest's stands in the token only if the application says how.
fn user_principal_name(user: &User, claim: &OptionalClaim) -> Option<String> {
    if user.external.is_none() {
        return Some(user.user_principal_name.clone());
    }
    if claim.has(GUEST_UPN_WITHOUT_HASH) {
        return Some(user.user_principal_name.replace('#', "_"));
    }
    claim.has(GUEST_UPN).then(|| user.user_principal_name.clone())
}
