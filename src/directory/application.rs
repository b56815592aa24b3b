//! Applications, their service principals, and who may use them.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::credential::{FederatedIdentityCredential, KeyCredential};
use super::sign_on::SignOnConfiguration;
use super::token_configuration::{AppRole, TokenConfiguration};
use crate::ids::{ClientId, Digest, ObjectId, TenantId};

/// An app registration. Its instance in a tenant is a [`ServicePrincipal`].
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Application {
    /// `appId`, `client_id`.
    pub client_id: ClientId,
    /// The tenant that registered it.
    pub tenant: TenantId,
    /// The name on consent pages and in errors.
    pub display_name: String,
    /// What kind of client it is.
    pub kind: ApplicationKind,
    /// Whose accounts may sign in.
    pub sign_in_audience: SignInAudience,
    /// Digest of the secret of a confidential client.
    pub secret: Option<Digest>,
    /// When the secret ends (`passwordCredentials.endDateTime`).
    #[serde(default)]
    pub secret_end_date_time: Option<Timestamp>,
    /// The certificates of a confidential client.
    #[serde(default)]
    pub key_credentials: Vec<KeyCredential>,
    /// The outside issuers whose tokens are its proof.
    #[serde(default)]
    pub federated_identity_credentials: Vec<FederatedIdentityCredential>,
    /// Whether an assertion is good once, and for ten minutes at most.
    #[serde(default)]
    pub strict_client_assertions: bool,
    /// *Allow public client flows*: the password and device grants, without a proof of the client.
    #[serde(default)]
    pub is_fallback_public_client: bool,
    /// Where answers may go; compared byte by byte.
    pub redirect_uris: Vec<String>,
    /// Where a sign-out may go.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where a hidden frame tells the application that the person signed out (`web.logoutUrl`).
    #[serde(default)]
    pub logout_url: Option<String>,
    /// Where My Apps sends a person; without it, the root of the first redirect URI.
    pub home_page_url: Option<String>,
    /// `api://…` names of a resource.
    pub identifier_uris: Vec<String>,
    /// Delegated permissions that a resource offers.
    pub scopes: Vec<Scope>,
    /// Roles that it offers: to applications (application permissions), users and groups.
    pub app_roles: Vec<AppRole>,
    /// Whether `id_token` may come from the authorization endpoint.
    pub id_token_issuance: bool,
    /// Whether an access token may (`implicitGrantSettings.enableAccessTokenIssuance`).
    #[serde(default)]
    pub access_token_issuance: bool,
    /// `api.requestedAccessTokenVersion`: the generation of access tokens for it.
    #[serde(default)]
    pub requested_access_token_version: TokenVersion,
    /// Whether its tokens name an address that nobody has proven (nOAuth, on request).
    #[serde(default)]
    pub emit_unverified_email: bool,
    /// Whether a refresh token is good once, and its second use ends the family (RFC 9700 §4.14.2).
    #[serde(default)]
    pub refresh_token_rotation: bool,
    /// What its tokens say: optional claims, groups, how long they live.
    #[serde(default)]
    pub token_configuration: TokenConfiguration,
    /// What holds for sign-on over SAML and WS-Federation.
    #[serde(default)]
    pub sign_on: SignOnConfiguration,
}

impl Application {
    /// Whether the client can keep a secret. An API can if it was given one.
    pub fn is_confidential(&self) -> bool {
        match self.kind {
            ApplicationKind::Daemon | ApplicationKind::Web => true,
            ApplicationKind::Resource => self.has_credential(),
            ApplicationKind::Native | ApplicationKind::Spa => false,
        }
    }

    /// Whether there is anything by which it could prove itself.
    pub fn has_credential(&self) -> bool {
        self.secret.is_some()
            || !self.key_credentials.is_empty()
            || !self.federated_identity_credentials.is_empty()
    }
}

/// Under what the page of a URI is looked up: its origin, on plain loopback http without the port,
/// which does not count there.
pub fn page_origin(uri: &str) -> Option<String> {
    let url = url::Url::parse(uri).ok()?;
    let origin = url.origin();
    match (url.scheme(), url.host_str()) {
        ("http", Some(host @ ("localhost" | "127.0.0.1"))) => Some(format!("http://{host}")),
        _ => origin.is_tuple().then(|| origin.ascii_serialization()),
    }
}

/// What kind of client an application is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ApplicationKind {
    /// Signs in as itself only.
    Daemon,
    /// Installed on a device: public, PKCE required.
    Native,
    /// An API. With a secret or certificate it can call others on behalf of its callers.
    Resource,
    /// Runs in a browser: public, PKCE required, redeems codes across origins.
    Spa,
    /// Runs on a server with a secret.
    Web,
}

/// The generation of an endpoint, or of a token.
///
/// An id token has that of the endpoint it came from, an access token the one that its resource
/// asks for (`api.requestedAccessTokenVersion`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum TokenVersion {
    /// `1.0`, Azure AD's first.
    V1,
    /// `2.0`, the Microsoft identity platform.
    #[default]
    V2,
}

impl TokenVersion {
    /// The claim `ver`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "1.0",
            Self::V2 => "2.0",
        }
    }
}

impl TryFrom<u8> for TokenVersion {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        match number {
            1 => Ok(Self::V1),
            2 => Ok(Self::V2),
            other => Err(format!("a token version is 1 or 2, not {other}")),
        }
    }
}

impl From<TokenVersion> for u8 {
    fn from(version: TokenVersion) -> Self {
        match version {
            TokenVersion::V1 => 1,
            TokenVersion::V2 => 2,
        }
    }
}

/// `signInAudience`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SignInAudience {
    /// Every Entra tenant and Microsoft accounts.
    #[serde(rename = "AzureADandPersonalMicrosoftAccount")]
    AzureAdAndPersonalMicrosoftAccount,
    /// Every Entra tenant.
    #[serde(rename = "AzureADMultipleOrgs")]
    AzureAdMultipleOrgs,
    /// The tenant that registered it.
    #[serde(rename = "AzureADMyOrg")]
    AzureAdMyOrg,
    /// Microsoft accounts only.
    PersonalMicrosoftAccount,
}

/// A delegated permission that a resource offers (`oauth2PermissionScopes`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Its name, such as `Files.Read`.
    pub value: String,
    /// Whether only an administrator can consent to it.
    #[serde(default)]
    pub admin_consent: bool,
}

/// An application as it stands in one tenant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServicePrincipal {
    /// Its object id there.
    pub id: ObjectId,
    /// The tenant.
    pub tenant: TenantId,
    /// The application.
    pub app_id: ClientId,
    /// The application's name.
    pub display_name: String,
    /// *Enabled for users to sign in?*
    pub account_enabled: bool,
    /// `appRoleAssignmentRequired`: only assigned people may sign in.
    pub app_role_assignment_required: bool,
}

/// A user or group that is assigned to an application.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Assignment {
    /// The tenant of both.
    pub tenant: TenantId,
    /// The application.
    pub app: ClientId,
    /// Who is assigned.
    pub principal: Assignee,
    /// The app roles that come with it, by value.
    #[serde(default)]
    pub roles: Vec<String>,
}

/// A user or a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assignee {
    /// Every member of the group.
    Group(ObjectId),
    /// One user.
    User(ObjectId),
}

/// `oAuth2PermissionGrant`: delegated permissions that somebody consented to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Consent {
    /// Where it holds.
    pub tenant: TenantId,
    /// The client that may ask.
    pub client: ClientId,
    /// The resource whose permissions they are.
    pub resource: ClientId,
    /// For whom.
    pub consent_type: ConsentType,
    /// The permissions.
    pub scopes: Vec<String>,
}

/// `consentType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentType {
    /// Tenant-wide, by an administrator.
    AllPrincipals,
    /// For one user.
    Principal(ObjectId),
}

/// An application permission that a client holds on a resource.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AppRoleAssignment {
    /// Where it holds.
    pub tenant: TenantId,
    /// The client.
    pub client: ClientId,
    /// The resource.
    pub resource: ClientId,
    /// The permissions.
    pub roles: Vec<String>,
}
