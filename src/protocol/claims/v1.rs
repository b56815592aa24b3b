//! The claims of v1.0 tokens: what those of v2.0 are called there, and what stands there only.
//!
//! Source: id-token and access-token claims references, and the sample tokens of the user-token
//! article. A guest's `unique_name` is the name at home; where home is no Entra tenant, the provider
//! stands before it: `live.com#carol@outlook.com`, `mail#frank@northwind.example`.

use serde_json::{Value, json};

use super::{Claims, preferred_username};
use crate::directory::{IdentityProvider, User, sts_issuer};
use crate::ids::TenantId;

/// The person of a token, and how the sign-in went.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// The user.
    pub user: &'a User,
    /// How the identity was proven.
    pub amr: &'a [String],
}

/// Makes the claims of an id token those of a v1.0 one.
pub fn id_token(tenant: TenantId, person: Person<'_>, claims: &mut Claims) {
    issued(tenant, claims);
    about(person, claims);
}

/// Makes the claims of an access token those of a v1.0 one. `audience` is the resource as it was
/// asked for; an application that acts as itself is no person.
pub fn access_token(
    tenant: TenantId,
    audience: &str,
    person: Option<Person<'_>>,
    claims: &mut Claims,
) {
    issued(tenant, claims);
    claims.insert("aud".into(), json!(audience));
    for (v2, v1) in [("azp", "appid"), ("azpacr", "appidacr")] {
        if let Some(value) = claims.remove(v2) {
            claims.insert(v1.into(), value);
        }
    }
    match person {
        Some(person) => {
            claims.insert("acr".into(), json!("1"));
            about(person, claims);
        }
        None => drop(claims.insert("idp".into(), json!(sts_issuer(tenant)))),
    }
}

fn issued(tenant: TenantId, claims: &mut Claims) {
    claims.insert("ver".into(), json!("1.0"));
    claims.insert("iss".into(), json!(sts_issuer(tenant)));
}

fn about(Person { user, amr }: Person<'_>, claims: &mut Claims) {
    claims.remove("preferred_username");
    claims.insert("amr".into(), json!(amr));
    claims.insert("oid".into(), json!(user.id));
    claims.insert("name".into(), json!(user.display_name));
    claims.insert("unique_name".into(), Value::String(unique_name(user)));
    if user.external.is_none() {
        claims.insert("upn".into(), json!(user.user_principal_name));
    }
}

/// What the person signs in with, after the provider if that is no Entra tenant.
pub fn unique_name(user: &User) -> String {
    let name = preferred_username(user);
    match user.linked() {
        Some(account) if account.provider != IdentityProvider::ExternalAzureAd => {
            format!("{}#{name}", account.idp())
        }
        _ => name.to_owned(),
    }
}
