//! The claims of a user's tokens, v2.0.
//!
//! Source: id-token, access-token and optional-claims references; for guests the sample tokens of the
//! user-token article and MSAL's tests. `tid`, `oid` and `sub` are the resource tenant's;
//! `preferred_username` is the guest's own address; `idp` stands on guests' tokens only.

pub mod audience;
pub mod membership;
pub mod optional;
pub mod v1;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::directory::User;
use crate::ids::{ClientId, EmailAddress, ObjectId, TenantId};

/// A set of claims in the making.
pub type Claims = Map<String, Value>;

/// `sub`: one value per user, application and tenant, the same in every run.
pub fn pairwise(tenant: TenantId, user: ObjectId, application: ClientId) -> String {
    let seed = format!("guestpass pairwise|{tenant}|{user}|{application}");
    URL_SAFE_NO_PAD.encode(digest(&SHA256, seed.as_bytes()))
}

/// What the person signs in with: the home user principal name or the address, never `#EXT#`.
pub fn preferred_username(user: &User) -> &str {
    user.linked().map_or(&user.user_principal_name, |account| &account.sign_in_name)
}

/// Claims about the person that the scopes let through.
///
/// `email` is a default claim for guests with an address; members need the scope. `email` is the
/// address that may be told.
pub fn about(
    user: &User,
    email: Option<&EmailAddress>,
    openid_scopes: &[String],
    claims: &mut Claims,
) {
    let has = |scope: &str| openid_scopes.iter().any(|s| s == scope);
    if has("profile") {
        claims.insert("name".into(), json!(user.display_name));
        claims.insert("oid".into(), json!(user.id));
        claims.insert("preferred_username".into(), json!(preferred_username(user)));
    }
    let guest = user.external.is_some();
    if let Some(email) = email.filter(|_| guest || has("email")) {
        claims.insert("email".into(), json!(email));
    }
    if let Some(account) = user.linked() {
        claims.insert("idp".into(), json!(account.idp()));
    }
}

/// `client_info`: the ids of the *home* account, by which MSAL names an account. Guests without a
/// home tenant have the resource tenant's.
pub fn client_info(user: &User) -> String {
    let home = user.linked().and_then(|account| Some((&account.subject, account.home_tenant?)));
    let home = home.filter(|(subject, _)| subject.parse::<ObjectId>().is_ok());
    let info = match home {
        Some((subject, tenant)) => json!({ "uid": subject, "utid": tenant }),
        None => json!({ "uid": user.id, "utid": user.tenant }),
    };
    URL_SAFE_NO_PAD.encode(info.to_string())
}

/// `c_hash` and `at_hash`: the left half of the SHA-256 (OIDC Core 3.3.2.11).
pub fn half_hash(value: &str) -> String {
    URL_SAFE_NO_PAD.encode(&digest(&SHA256, value.as_bytes()).as_ref()[..16])
}
