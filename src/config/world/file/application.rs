//! Applications and who may use them.

use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::tokens::{NameOr, OptionalClaimsEntry, TokenLifetimeEntry, names_or_tables};
use super::yes;
use crate::directory::{
    AppRole, ApplicationKind, FederatedIdentityCredential, GroupMembershipClaims, NameIdSource,
    ResponseSigning, SamlVersion, SignInAudience, SingleSignOnMode, TokenVersion, WeakAlgorithm,
};
use crate::ids::{ClientId, ObjectId};

/// An app registration.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationEntry {
    /// `appId`.
    pub client_id: ClientId,
    /// The name on consent pages and in errors.
    pub display_name: String,
    /// `web`, `spa`, `native`, `daemon` or `resource`.
    pub kind: ApplicationKind,
    /// Whose accounts may sign in.
    #[serde(default = "my_org")]
    pub sign_in_audience: SignInAudience,
    /// The secret of a `web`, `daemon` or `resource` application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// When the secret ends; it never does if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub secret_end_date_time: Option<Timestamp>,
    /// Its certificates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_credentials: Vec<KeyCredentialEntry>,
    /// Outside issuers whose tokens prove that it is the application (workload identity federation).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub federated_identity_credentials: Vec<FederatedIdentityCredential>,
    /// A client assertion is good once, and for ten minutes at most. Entra takes one again, and MSAL
    /// counts on it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub strict_client_assertions: bool,
    /// *Allow public client flows*: the password and device grants without a secret; on for a
    /// `native` application if not given.
    #[serde(default, alias = "allow_public_client", skip_serializing_if = "Option::is_none")]
    pub is_fallback_public_client: Option<bool>,
    /// Where answers may go; compared byte by byte.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Where a sign-out may go.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// Where a hidden frame tells the application that the person signed out (`web.logoutUrl`;
    /// `front_channel_logout_url` is read too).
    #[serde(alias = "front_channel_logout_url", skip_serializing_if = "Option::is_none")]
    pub logout_url: Option<String>,
    /// Where My Apps sends a person (`loginUrl` of SAML sign-on; `login_url` is read too).
    #[serde(alias = "login_url", skip_serializing_if = "Option::is_none")]
    pub home_page_url: Option<String>,
    /// `api://…` names of a resource; `api://{client_id}` if not given. For SAML and WS-Fed sign-on the
    /// entity ids or realms by which the application names itself.
    #[serde(default)]
    pub identifier_uris: Vec<String>,
    /// Delegated permissions of a resource: a name, or a table with `value` and `admin_consent`.
    #[serde(default)]
    pub scopes: Vec<ScopeEntry>,
    /// Roles that the application offers: a name is an application permission; a table has `value`
    /// and `allowed_member_types` (`Application`, `User`).
    #[serde(default, deserialize_with = "names_or_tables")]
    #[schemars(with = "Vec<NameOr<AppRole>>")]
    pub app_roles: Vec<AppRole>,
    /// Whether an id token may come from the authorization endpoint.
    #[serde(default)]
    pub id_token_issuance: bool,
    /// Whether an access token may (implicit grant).
    #[serde(default)]
    pub access_token_issuance: bool,
    /// The generation of access tokens for the application as a resource, 1 or 2; 2 if not given.
    #[serde(default, skip_serializing_if = "is_current")]
    #[schemars(with = "Option<u8>")]
    pub requested_access_token_version: TokenVersion,
    /// Tokens name an address that nobody has proven, too (nOAuth, to test the application's defence).
    #[serde(default)]
    pub emit_unverified_email: bool,
    /// A refresh token is good once, and its second use revokes every token of the sign-in. Entra
    /// itself lets the old one live.
    #[serde(default)]
    pub refresh_token_rotation: bool,
    /// Claims added to id tokens to the application and to access tokens for it.
    #[serde(default)]
    pub optional_claims: OptionalClaimsEntry,
    /// Which groups its tokens name: `None`, `SecurityGroup`, `DirectoryRole`, `ApplicationGroup`,
    /// `All`, or several with commas between them.
    #[serde(default)]
    pub group_membership_claims: GroupMembershipClaims,
    /// How long its tokens live.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_lifetime: Option<TokenLifetimeEntry>,
    /// `saml`: My Apps sends an assertion unasked, if the application has no `login_url`; `oidc`;
    /// `notSupported` if not given.
    #[serde(default, skip_serializing_if = "is_default")]
    pub preferred_single_sign_on_mode: SingleSignOnMode,
    /// SAML and WS-Fed sign-on: what of a response is signed, and the version of assertions.
    #[serde(default, skip_serializing_if = "is_default")]
    pub token_issuance_policy: TokenIssuanceEntry,
    /// SAML and WS-Fed sign-on: the attribute in `NameID`, such as `user.localuserprincipalname`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub name_id_source: NameIdSource,
    /// SAML sign-on: whether requests have to be signed with one of `key_credentials`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub request_signature_verification: RequestSignatureEntry,
}

/// A token issuance policy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TokenIssuanceEntry {
    /// `TokenOnly` if not given, `ResponseOnly` or `ResponseAndToken`.
    pub token_response_signing_policy: ResponseSigning,
    /// `2.0` if not given; `1.1` is for WS-Fed.
    pub saml_token_version: SamlVersion,
}

/// `requestSignatureVerification`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RequestSignatureEntry {
    /// Whether an unsigned request is refused, and one that is signed wrongly. If not, signatures of
    /// sign-in requests are not looked at.
    pub is_signed_request_required: bool,
    /// `rsaSha1` if a signature with SHA-1 counts, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_weak_algorithms: Option<WeakAlgorithm>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A certificate of an application.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyCredentialEntry {
    /// The certificate: PEM, DER in base64, or the path of a PEM file, seen from the world file.
    pub certificate: String,
    /// Its name; the certificate's subject if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// From when it may be used; as the certificate says if not given.
    #[serde(alias = "start", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub start_date_time: Option<Timestamp>,
    /// Until when; as the certificate says if not given.
    #[serde(alias = "end", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub end_date_time: Option<Timestamp>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_current(version: &TokenVersion) -> bool {
    *version == TokenVersion::V2
}

fn my_org() -> SignInAudience {
    SignInAudience::AzureAdMyOrg
}

/// A delegated permission.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(with = "ScopeShape")]
pub struct ScopeEntry {
    /// Its name.
    pub value: String,
    /// Whether only an administrator can consent to it.
    pub admin_consent: bool,
}

/// What may be written for a scope.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "describes the file for the schema; ScopeEntry is what is read")]
enum ScopeShape {
    /// A permission that anybody can consent to.
    Name(String),
    /// A permission and who can consent to it.
    Table {
        /// Its name.
        value: String,
        /// Whether only an administrator can consent to it.
        admin_consent: Option<bool>,
    },
}

/// An untagged enum would hide which key is wrong, so the two spellings are visited by hand.
impl<'de> Deserialize<'de> for ScopeEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Spelling;

        impl<'de> Visitor<'de> for Spelling {
            type Value = ScopeEntry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a permission's name, or a table with value and admin_consent")
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<ScopeEntry, E> {
                Ok(ScopeEntry { value: value.to_owned(), admin_consent: false })
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<ScopeEntry, M::Error> {
                let scope = crate::directory::application::Scope::deserialize(
                    de::value::MapAccessDeserializer::new(map),
                )?;
                Ok(ScopeEntry { value: scope.value, admin_consent: scope.admin_consent })
            }
        }

        deserializer.deserialize_any(Spelling)
    }
}

/// An application as it stands in the tenant.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServicePrincipalEntry {
    /// The application, of any tenant or first-party.
    pub app_id: ClientId,
    /// Its object id here; made from the ids if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<ObjectId>,
    /// Whether people may sign in to it.
    #[serde(default = "yes")]
    pub account_enabled: bool,
    /// Whether only assigned people may.
    #[serde(default, alias = "app_role_assignment_required")]
    pub assignment_required: bool,
}

/// Somebody who is assigned to an application.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignmentEntry {
    /// The application's client id.
    pub app: ClientId,
    /// A user of this tenant: id or address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// A group of this tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<ObjectId>,
    /// App roles for users that come with it.
    #[serde(default)]
    pub roles: Vec<String>,
}

/// Delegated permissions that are consented to.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentEntry {
    /// The client that may ask.
    #[serde(alias = "app")]
    pub client_id: ClientId,
    /// The resource, by client id or `api://` name; Microsoft Graph if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The permissions.
    pub scopes: Vec<String>,
    /// One user, by id or address; tenant-wide if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// Application permissions that a client holds.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppRoleAssignmentEntry {
    /// The client.
    #[serde(alias = "app")]
    pub client_id: ClientId,
    /// The resource, by client id or `api://` name; Microsoft Graph if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The permissions.
    pub roles: Vec<String>,
}
