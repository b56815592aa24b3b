//! What an assertion to an application says of somebody.
//!
//! Source: SAML-token-claims article; B2B-claims-mapping article for the names of guests;
//! group-claims article for the limit.

use crate::directory::{IdentityProvider, NameIdSource, User, sts_issuer};
use crate::federation::{Claim, EMAIL_CLAIM};
use crate::ids::{ClientId, EmailAddress};
use crate::protocol::claims::membership::MembershipClaims;
use crate::protocol::claims::pairwise;

use super::context::method_uri;
use super::request::NameFormat;

/// More groups than a SAML token names.
const MOST_GROUPS: usize = 150;

const XMLSOAP: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
const MICROSOFT: &str = "http://schemas.microsoft.com/identity/claims";
const ROLES: &str = "http://schemas.microsoft.com/ws/2008/06/identity/claims";

/// What is known of somebody.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The user, as stored now.
    pub user: &'a User,
    /// The address that may be told.
    pub email: Option<&'a EmailAddress>,
    /// Groups and roles.
    pub membership: &'a MembershipClaims,
    /// How the person signed in.
    pub amr: &'a [String],
    /// Where the list of all groups of the user can be asked for.
    pub all_groups: &'a str,
}

/// The claims, in the order in which Entra writes them.
pub fn of(facts: &Facts<'_>) -> Vec<Claim> {
    let user = facts.user;
    let idp = user.linked().map_or_else(|| sts_issuer(user.tenant), |account| account.idp());
    let methods = facts.amr.iter().map(|method| method_uri(method));
    let one = |namespace: &str, name: &str, value: String| claim(namespace, name, vec![value]);
    let mut claims = vec![
        one(MICROSOFT, "tenantid", user.tenant.to_string()),
        one(MICROSOFT, "objectidentifier", user.id.to_string()),
        one(MICROSOFT, "displayname", user.display_name.clone()),
    ];
    add_membership(facts, &mut claims);
    claims.push(one(MICROSOFT, "identityprovider", idp));
    let methods: Vec<String> = methods.collect();
    if !methods.is_empty() {
        let name = "http://schemas.microsoft.com/claims/authnmethodsreferences".to_owned();
        claims.push(Claim { name, values: methods });
    }
    let profile = &user.profile;
    for (name, value) in [("givenname", &profile.given_name), ("surname", &profile.surname)] {
        claims.extend(value.clone().map(|value| one(XMLSOAP, name, value)));
    }
    let email = facts.email.map(|email| vec![email.to_string()]);
    claims.extend(email.map(|values| Claim { name: EMAIL_CLAIM.to_owned(), values }));
    claims.push(one(XMLSOAP, "name", user_principal_name(user).to_owned()));
    claims
}

fn claim(namespace: &str, name: &str, values: Vec<String>) -> Claim {
    Claim { name: format!("{namespace}/{name}"), values }
}

/// Groups, app roles and directory roles; with `emit_as_roles` groups stand for the roles.
fn add_membership(facts: &Facts<'_>, claims: &mut Vec<Claim>) {
    let MembershipClaims { groups, as_roles, roles, wids } = facts.membership;
    let too_many = groups.len() > MOST_GROUPS;
    if too_many {
        let name = "http://schemas.microsoft.com/claims/groups.link".to_owned();
        claims.push(Claim { name, values: vec![facts.all_groups.to_owned()] });
    }
    let replaced = *as_roles && !groups.is_empty() && !too_many;
    let roles = if replaced { groups } else { roles };
    if !groups.is_empty() && !too_many && !replaced {
        claims.push(claim(ROLES, "groups", groups.clone()));
    }
    if !roles.is_empty() {
        claims.push(claim(ROLES, "role", roles.clone()));
    }
    if !wids.is_empty() {
        claims.push(claim(ROLES, "wids", wids.clone()));
    }
}

/// `user.userprincipalname`: a guest from another Entra tenant is named by the name there, every
/// other guest by the name of the object here, with `#EXT#`.
fn user_principal_name(user: &User) -> &str {
    let home = user.linked().filter(|a| a.provider == IdentityProvider::ExternalAzureAd);
    home.map_or(&user.user_principal_name, |account| &account.sign_in_name)
}

/// `NameID`. `random` is new each time. A name that only its holder has told is none: without a
/// `mail` that may be told, it is the user principal name.
pub fn name_id(
    (user, mail): (&User, Option<&EmailAddress>),
    app: ClientId,
    (format, source): (NameFormat, NameIdSource),
    random: String,
) -> String {
    match format {
        NameFormat::Persistent | NameFormat::Unspecified => pairwise(user.tenant, user.id, app),
        NameFormat::Transient => random,
        NameFormat::Default | NameFormat::EmailAddress => match source {
            NameIdSource::UserPrincipalName => user_principal_name(user).to_owned(),
            NameIdSource::LocalUserPrincipalName => user.user_principal_name.clone(),
            NameIdSource::Mail => {
                mail.map_or(user_principal_name(user), EmailAddress::as_str).to_owned()
            }
            NameIdSource::ObjectId => user.id.to_string(),
        },
    }
}
