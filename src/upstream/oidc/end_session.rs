//! Signing out at a real provider (OIDC RP-Initiated Logout 1.0).

use std::str::FromStr as _;

use openidconnect::core::{
    CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
};
use openidconnect::{CsrfToken, IdToken, LogoutRequest, PostLogoutRedirectUrl};

use super::believe::ProviderClaims;
use super::{Provider, RelyingParty, UpstreamFault};

type Token = IdToken<
    ProviderClaims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

impl RelyingParty {
    /// Where to send the browser so that the provider ends its session, too. `None` if it has no
    /// place for that.
    pub async fn end_session(
        &self,
        provider: &Provider,
        id_token: &str,
        callback: &str,
        state: &str,
    ) -> Result<Option<String>, UpstreamFault> {
        let about = self.about(provider).await?;
        let endpoint = about.metadata.additional_metadata().end_session_endpoint.clone();
        let Some(endpoint) = endpoint else { return Ok(None) };
        let token = Token::from_str(id_token)
            .map_err(|_| UpstreamFault::refused("its id token cannot be read any more"))?;
        let callback = PostLogoutRedirectUrl::new(callback.to_owned())
            .map_err(|_| UpstreamFault::unusable("our own address is not a URL"))?;
        let request = LogoutRequest::from(endpoint)
            .set_id_token_hint(&token)
            .set_client_id(openidconnect::ClientId::new(provider.client_id.clone()))
            .set_post_logout_redirect_uri(callback)
            .set_state(CsrfToken::new(state.to_owned()));
        Ok(Some(request.http_get_url().into()))
    }
}
