//! The token request: `POST /{t}/oauth2/v2.0/token`.

use super::params::Params;
use super::scope::RequestedScope;
use crate::directory::TokenVersion;
use crate::fault::{Fault, say};
use crate::ids::{AccessTokenValue, CodeValue, RefreshTokenValue, TypedPassword};

/// A token request by grant type.
#[derive(Debug)]
pub enum TokenRequest {
    /// `authorization_code`.
    AuthorizationCode {
        /// The code.
        code: CodeValue,
        /// As at the authorization endpoint.
        redirect_uri: Option<String>,
        /// PKCE.
        code_verifier: Option<String>,
        /// May name one of the resources that were asked for.
        scope: Option<RequestedScope>,
    },
    /// `client_credentials`.
    ClientCredentials {
        /// `{resource}/.default`.
        scope: RequestedScope,
    },
    /// `urn:ietf:params:oauth:grant-type:device_code`; MSAL for JavaScript writes `device_code`.
    DeviceCode {
        /// The device code.
        code: CodeValue,
    },
    /// `urn:ietf:params:oauth:grant-type:jwt-bearer` with `requested_token_use=on_behalf_of`.
    OnBehalfOf {
        /// The access token with which the client was called.
        assertion: AccessTokenValue,
        /// Permissions of one resource.
        scope: RequestedScope,
    },
    /// `password`.
    Password {
        /// As it was typed.
        username: String,
        /// As it was typed.
        password: TypedPassword,
        /// Permissions of one resource.
        scope: RequestedScope,
    },
    /// `refresh_token`.
    RefreshToken {
        /// The refresh token.
        token: RefreshTokenValue,
        /// May name another resource.
        scope: Option<RequestedScope>,
    },
}

impl TokenRequest {
    /// Reads the body.
    ///
    /// # Errors
    /// 900144 for a missing parameter, 70003 for an unknown grant, 9002313 for a repeated one.
    pub fn parse(params: &Params) -> Result<Self, Fault> {
        if let Some(name) = params.repeated() {
            return Err(say::request_malformed(format!("'{name}' is sent twice")));
        }
        let required =
            |name: &str| params.get(name).ok_or_else(|| say::parameter_missing(name.to_owned()));
        // The v1.0 endpoint takes a resource in its place.
        let scope_name = match params.version() {
            TokenVersion::V1 => "resource",
            TokenVersion::V2 => "scope",
        };
        let scope = params.get("scope").map(RequestedScope::parse).transpose()?;
        match required("grant_type")? {
            "authorization_code" => Ok(Self::AuthorizationCode {
                code: CodeValue::new(required("code")?),
                redirect_uri: params.get("redirect_uri").map(str::to_owned),
                // An empty verifier is not an absent one: it never matches.
                code_verifier: params
                    .has("code_verifier")
                    .then(|| params.get("code_verifier").unwrap_or_default().to_owned()),
                scope,
            }),
            "client_credentials" => Ok(Self::ClientCredentials {
                scope: scope.ok_or_else(|| say::parameter_missing(scope_name))?,
            }),
            "device_code" | "urn:ietf:params:oauth:grant-type:device_code" => {
                Ok(Self::DeviceCode { code: CodeValue::new(required("device_code")?) })
            }
            "password" => Ok(Self::Password {
                username: required("username")?.to_owned(),
                password: TypedPassword::new(required("password")?),
                scope: scope.ok_or_else(|| say::parameter_missing(scope_name))?,
            }),
            "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
                if required("requested_token_use")? != "on_behalf_of" {
                    let why = "send on_behalf_of";
                    return Err(say::parameter_invalid("requested_token_use", why));
                }
                Ok(Self::OnBehalfOf {
                    assertion: AccessTokenValue::new(required("assertion")?),
                    scope: scope.ok_or_else(|| say::parameter_missing(scope_name))?,
                })
            }
            "refresh_token" => Ok(Self::RefreshToken {
                token: RefreshTokenValue::new(required("refresh_token")?),
                scope,
            }),
            other => {
                let shown: String = other.escape_debug().take(80).collect();
                Err(say::grant_type_unsupported(shown))
            }
        }
    }

    /// The grant type's name.
    pub fn grant_type(&self) -> &'static str {
        match self {
            Self::AuthorizationCode { .. } => "authorization_code",
            Self::ClientCredentials { .. } => "client_credentials",
            Self::DeviceCode { .. } => "device_code",
            Self::OnBehalfOf { .. } => "urn:ietf:params:oauth:grant-type:jwt-bearer",
            Self::Password { .. } => "password",
            Self::RefreshToken { .. } => "refresh_token",
        }
    }
}
