//! What an application's registration says about its tokens: optional claims, groups, lifetime.
//!
//! An id token follows the registration of the client, an access token that of the resource
//! (optional-claims article).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a registration says about tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenConfiguration {
    /// `optionalClaims`.
    pub optional_claims: OptionalClaims,
    /// `groupMembershipClaims`.
    pub group_membership_claims: GroupMembershipClaims,
    /// `AccessTokenLifetime` of its token lifetime policy, in seconds: access tokens for it as a
    /// resource, id tokens for it as a client.
    pub access_token_lifetime: Option<u32>,
}

/// `optionalClaims`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionalClaims {
    /// In id tokens for the application.
    pub id_token: Vec<OptionalClaim>,
    /// In access tokens for the application as a resource.
    pub access_token: Vec<OptionalClaim>,
}

/// `optionalClaim`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OptionalClaim {
    /// Its name, such as `acct`.
    pub name: String,
    /// The directory object of an extension attribute; there are none here, so leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Kept, and of no effect, as in Entra.
    #[serde(default)]
    pub essential: bool,
    /// What changes the claim, such as `include_externally_authenticated_upn`.
    #[serde(default)]
    pub additional_properties: Vec<String>,
}

impl From<String> for OptionalClaim {
    fn from(name: String) -> Self {
        Self { name, ..Self::default() }
    }
}

impl OptionalClaim {
    /// Whether the claim is changed by `property`.
    pub fn has(&self, property: &str) -> bool {
        self.additional_properties.iter().any(|known| known == property)
    }
}

impl OptionalClaims {
    /// Whether tokens of the list ask for a claim that is changed by `property`.
    pub fn has_property(list: &[OptionalClaim], name: &str, property: &str) -> bool {
        list.iter().any(|claim| claim.name == name && claim.has(property))
    }
}

/// `groupMembershipClaims`: one word, or several with commas between them.
#[expect(clippy::struct_excessive_bools, reason = "each is a word of a list")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct GroupMembershipClaims {
    /// Security groups.
    pub security_groups: bool,
    /// Directory roles, as `wids`.
    pub directory_roles: bool,
    /// Groups that are assigned to the application.
    pub application_groups: bool,
    /// Every group, also one that is for mail only.
    pub every_group: bool,
}

impl GroupMembershipClaims {
    /// Whether tokens name groups at all.
    pub fn wants_groups(self) -> bool {
        self.security_groups || self.application_groups || self.every_group
    }
}

impl TryFrom<String> for GroupMembershipClaims {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut claims = Self::default();
        for word in text.split(',').map(str::trim) {
            match word {
                "None" => {}
                "SecurityGroup" => claims.security_groups = true,
                "DirectoryRole" => claims.directory_roles = true,
                "ApplicationGroup" => claims.application_groups = true,
                // Not the groups assigned to the application as such (optional-claims article).
                "All" => {
                    (claims.security_groups, claims.every_group) = (true, true);
                    claims.directory_roles = true;
                }
                other => {
                    return Err(format!(
                        "'{other}' is no groupMembershipClaims: use None, SecurityGroup, \
                         DirectoryRole, ApplicationGroup or All"
                    ));
                }
            }
        }
        Ok(claims)
    }
}

impl From<GroupMembershipClaims> for String {
    fn from(claims: GroupMembershipClaims) -> Self {
        let words = [
            (claims.every_group, "All"),
            (claims.security_groups && !claims.every_group, "SecurityGroup"),
            (claims.directory_roles && !claims.every_group, "DirectoryRole"),
            (claims.application_groups, "ApplicationGroup"),
        ];
        let words: Vec<_> = words.iter().filter(|(on, _)| *on).map(|(_, word)| *word).collect();
        if words.is_empty() { "None".to_owned() } else { words.join(", ") }
    }
}

/// A role that an application offers (`appRoles`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppRole {
    /// Its value in `roles`.
    pub value: String,
    /// Its name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// To whom it can be given: `Application` if not said otherwise.
    #[serde(default = "for_applications")]
    pub allowed_member_types: Vec<MemberType>,
}

/// To whom an app role can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum MemberType {
    /// Applications: an application permission.
    Application,
    /// Users and groups.
    User,
}

fn for_applications() -> Vec<MemberType> {
    vec![MemberType::Application]
}

impl From<String> for AppRole {
    fn from(value: String) -> Self {
        Self { value, display_name: None, allowed_member_types: for_applications() }
    }
}

impl AppRole {
    /// Whether it can be given to one of these.
    pub fn is_for(&self, member: MemberType) -> bool {
        self.allowed_member_types.contains(&member)
    }
}

#[cfg(test)]
mod tests {
    use super::GroupMembershipClaims;

    #[test]
    fn reads_and_writes_group_membership_claims() {
        for (written, read) in [
            ("None", "None"),
            ("SecurityGroup", "SecurityGroup"),
            ("ApplicationGroup,DirectoryRole", "DirectoryRole, ApplicationGroup"),
            ("All", "All"),
            ("All, ApplicationGroup", "All, ApplicationGroup"),
        ] {
            let claims = GroupMembershipClaims::try_from(written.to_owned()).unwrap();
            assert_eq!(String::from(claims), read);
        }
        assert!(GroupMembershipClaims::try_from("Groups".to_owned()).is_err());
    }
}
