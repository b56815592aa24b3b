//! What an application's registration says about sign-on over SAML and WS-Federation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What holds for sign-on over SAML and WS-Federation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOnConfiguration {
    /// `preferredSingleSignOnMode`: what My Apps does without a page of the application.
    #[serde(default)]
    pub preferred_mode: SingleSignOnMode,
    /// What of a SAML response is signed.
    pub token_response_signing: ResponseSigning,
    /// The generation of assertions over WS-Federation.
    pub saml_token_version: SamlVersion,
    /// What a `NameID` is made of, unless the request asks for a format that says so.
    pub name_id_source: NameIdSource,
    /// `requestSignatureVerification.isSignedRequestRequired`.
    pub is_signed_request_required: bool,
    /// `requestSignatureVerification.allowedWeakAlgorithms`.
    pub allowed_weak_algorithms: Option<WeakAlgorithm>,
}

/// `preferredSingleSignOnMode`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SingleSignOnMode {
    /// Nothing in particular.
    #[default]
    #[serde(rename = "notSupported")]
    NotSupported,
    /// OpenID Connect: the application begins.
    #[serde(rename = "oidc")]
    Oidc,
    /// SAML: My Apps sends an assertion that nobody asked for.
    #[serde(rename = "saml")]
    Saml,
}

/// An algorithm that is too weak for a signature that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum WeakAlgorithm {
    /// RSA with SHA-1.
    #[serde(rename = "rsaSha1")]
    RsaSha1,
}

/// `TokenResponseSigningPolicy` of a token issuance policy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ResponseSigning {
    /// The response and the assertion in it.
    ResponseAndToken,
    /// The response only.
    ResponseOnly,
    /// The assertion only.
    #[default]
    TokenOnly,
}

/// `SamlTokenVersion` of a token issuance policy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SamlVersion {
    /// SAML 1.1: SharePoint takes no other.
    #[serde(rename = "1.1")]
    V11,
    /// SAML 2.0.
    #[default]
    #[serde(rename = "2.0")]
    V20,
}

/// The attribute of the user in `NameID`, as the portal names it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum NameIdSource {
    /// The user principal name in this tenant, for every guest the one with `#EXT#`.
    #[serde(rename = "user.localuserprincipalname")]
    LocalUserPrincipalName,
    /// The main address.
    #[serde(rename = "user.mail")]
    Mail,
    /// The object id.
    #[serde(rename = "user.objectid")]
    ObjectId,
    /// The user principal name; of guests from another Entra tenant the one there.
    #[default]
    #[serde(rename = "user.userprincipalname")]
    UserPrincipalName,
}
