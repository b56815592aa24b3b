//! What the registration of a token's audience makes of its user.

use super::membership::{Membership, MembershipClaims};
use super::optional::TokenKind;
use crate::directory::{OptionalClaim, TokenConfiguration, User};

/// For whom a token is made: the client of an id token, the resource of an access token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audience {
    /// The optional claims it asks for.
    pub optional: Vec<OptionalClaim>,
    /// Groups and roles.
    pub membership: MembershipClaims,
    /// How long tokens for it live, if it says so: seconds.
    pub lifetime: Option<u32>,
}

impl Audience {
    /// Applies a registration to a user.
    pub fn of(
        configuration: TokenConfiguration,
        kind: TokenKind,
        user: &User,
        memberships: &[Membership],
        roles: Vec<String>,
    ) -> Self {
        let TokenConfiguration { optional_claims, .. } = &configuration;
        let list = match kind {
            TokenKind::Access => &optional_claims.access_token,
            TokenKind::Id => &optional_claims.id_token,
        };
        Self {
            optional: list.clone(),
            membership: MembershipClaims::of(user, memberships, roles, &configuration, list),
            lifetime: configuration.access_token_lifetime,
        }
    }
}
