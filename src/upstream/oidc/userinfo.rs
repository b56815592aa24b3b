//! What a provider tells of a person: in the id token, or, where that names no address, at its
//! userinfo endpoint. With a code, the claims of a scope may be there only (OIDC Core §5.4).

use openidconnect::core::CoreGenderClaim;
use openidconnect::{AccessToken, EmptyAdditionalClaims, UserInfoClaims, UserInfoError};

use super::{Claims, OidcClient, Provider, RelyingParty, UpstreamFault};

type Info = UserInfoClaims<EmptyAdditionalClaims, CoreGenderClaim>;

/// The claims about a person that matter here. The address and whether it was verified are of one
/// document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) email: Option<String>,
    pub(super) email_verified: Option<bool>,
    pub(super) preferred_username: Option<String>,
    pub(super) name: Option<String>,
}

impl RelyingParty {
    /// What the id token tells, and of a real provider what it tells besides.
    pub(super) async fn told(
        &self,
        provider: &Provider,
        client: &OidcClient,
        claims: &Claims,
        access_token: &AccessToken,
    ) -> Result<Told, UpstreamFault> {
        let told = Told::by_token(claims);
        if provider.built_in || told.email.is_some() {
            return Ok(told);
        }
        // The answer must be about the subject of the id token (§5.3.2).
        let subject = Some(claims.subject().clone());
        let Ok(request) = client.user_info(access_token.clone(), subject) else { return Ok(told) };
        let answer: Result<Info, _> = request.request_async(&self.caller(provider)).await;
        match answer {
            Ok(info) => Ok(told.or(&info)),
            Err(UserInfoError::Request(fault)) => Err(fault.into()),
            // It does not tell us more, which is its right.
            Err(UserInfoError::Response(status, ..)) if status.is_client_error() => Ok(told),
            Err(UserInfoError::ClaimsVerification(_)) => {
                Err(UpstreamFault::refused("its userinfo is about somebody else"))
            }
            Err(_) => Err(UpstreamFault::unusable(
                "its userinfo endpoint answered with something else than claims",
            )),
        }
    }
}

impl Told {
    fn by_token(claims: &Claims) -> Self {
        let name = claims.name().and_then(|name| name.get(None));
        Self {
            email: claims.email().map(|email| email.to_string()),
            email_verified: claims.email_verified(),
            preferred_username: claims.preferred_username().map(|name| name.to_string()),
            name: name.map(|name| name.to_string()),
        }
    }

    fn or(self, info: &Info) -> Self {
        let name = info.name().and_then(|name| name.get(None));
        let username = || info.preferred_username().map(|name| name.to_string());
        Self {
            email: info.email().map(|email| email.to_string()),
            email_verified: info.email_verified(),
            preferred_username: self.preferred_username.or_else(username),
            name: self.name.or_else(|| name.map(|name| name.to_string())),
        }
    }
}
