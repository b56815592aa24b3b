//! `POST /{t}/oauth2/v2.0/devicecode` (RFC 8628 §3.1 and §3.2, as Entra answers it).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::authorize::{AuthorizationRequest, ResponseType, check_client_id};
use super::claims_request::ClaimsRequest;
use super::params::Params;
use super::prompt::Prompt;
use super::response::{RedirectTarget, ResponseMode};
use super::scope::RequestedScope;
use crate::directory::TokenVersion;
use crate::fault::{Fault, say};
use crate::ids::{ClientId, Digest};

/// Seconds between two polls.
const INTERVAL: u32 = 5;

/// What a device asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRequest {
    /// Who asks.
    pub client_id: ClientId,
    /// What for.
    pub scope: RequestedScope,
    /// Claims asked for by name.
    pub claims: ClaimsRequest,
}

impl DeviceRequest {
    /// Reads the body.
    ///
    /// # Errors
    /// 900144 for a missing parameter, 9002313 for one that is sent twice.
    pub fn parse(params: &Params) -> Result<Self, Fault> {
        if let Some(name) = params.repeated() {
            return Err(say::request_malformed(format!("'{name}' is sent twice")));
        }
        let client_id = check_client_id(params)?;
        let scope = params.get("scope").ok_or_else(|| say::parameter_missing("scope"))?;
        let claims = ClaimsRequest::parse(params.get("claims"))?;
        let scope = RequestedScope::parse(scope)?;
        Ok(Self { client_id, scope, claims })
    }

    /// The sign-in that the person does for the device. `client_info` is always given, since the
    /// device may ask for it only when it polls.
    pub fn sign_in(&self, device: Digest) -> AuthorizationRequest {
        let nowhere = RedirectTarget { uri: String::new(), mode: ResponseMode::Query, state: None };
        AuthorizationRequest {
            client_id: self.client_id,
            target: nowhere,
            response_type: ResponseType::Code,
            scope: self.scope.clone(),
            nonce: None,
            code_challenge: None,
            prompt: Prompt::Unspecified,
            max_age: None,
            login_hint: None,
            sid: None,
            domain_hint: None,
            claims: self.claims.clone(),
            id_token_hint: None,
            client_info: true,
            device: Some(device),
            version: TokenVersion::V2,
        }
    }
}

/// The answer to the device. `page` is where the person types the code.
pub fn answer(device_code: &str, user_code: &str, page: &str, expires_in: i64) -> Value {
    json!({
        "user_code": user_code,
        "device_code": device_code,
        "verification_uri": page,
        "expires_in": expires_in,
        "interval": INTERVAL,
        "message": format!(
            "To sign in, use a web browser to open the page {page} and enter the code {user_code} \
             to authenticate."
        ),
    })
}

/// A typed code as it is compared: letter case, spaces and dashes do not matter.
pub fn normal_user_code(typed: &str) -> String {
    let kept = typed.chars().filter(char::is_ascii_alphanumeric).take(20);
    kept.map(|c| c.to_ascii_uppercase()).collect()
}
