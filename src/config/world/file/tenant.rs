//! A tenant and what belongs to it.

use std::collections::BTreeMap;

use jiff::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AppRoleAssignmentEntry, ApplicationEntry, AssignmentEntry, ConsentEntry, FederationEntry,
    ServicePrincipalEntry, one, password, yes,
};
use crate::directory::tenant::google_domains;
use crate::directory::{
    AllowInvitesFrom, ExternalProvider, ExternalUserState, InvitationRedemption, RedemptionProfile,
    Role, TermsAudience, UserFlow, UserType,
};
use crate::ids::{DomainName, EmailAddress, ObjectId, TenantId, TermsId};

/// A tenant.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a settings file, each named")]
pub struct TenantEntry {
    /// `tid`.
    pub id: TenantId,
    /// The organization's name.
    pub name: String,
    /// Verified domains; the first is the initial one.
    pub domains: Vec<DomainName>,
    /// Which generation of the redemption flow applies.
    #[serde(default = "classic")]
    pub redemption_profile: RedemptionProfile,
    /// False for an unmanaged ("viral") tenant.
    #[serde(default = "yes")]
    pub managed: bool,
    /// Who may invite guests.
    #[serde(default = "everyone")]
    pub allow_invites_from: AllowInvitesFrom,
    /// E-mail one-time passcode for guests.
    #[serde(default = "yes")]
    pub email_one_time_passcode: bool,
    /// Google federation.
    #[serde(default)]
    pub google: bool,
    /// The domains whose people Google signs in; more than Gmail's for Google Workspace.
    #[serde(default = "google_domains")]
    pub google_domains: Vec<DomainName>,
    /// Facebook, as a provider of self-service sign-up.
    #[serde(default)]
    pub facebook: bool,
    /// Let invited guests redeem with Facebook, too, by the link of the invitation e-mail.
    #[serde(default)]
    pub facebook_invitations: bool,
    /// Self-service sign-up (`authenticationFlowsPolicy.selfServiceSignUp.isEnabled`).
    #[serde(default)]
    pub self_service_sign_up: bool,
    /// User flows: how people sign themselves up for applications.
    #[serde(default)]
    pub user_flow: Vec<UserFlow>,
    /// Whether the built-in Google refuses embedded web views.
    #[serde(default = "yes")]
    pub google_webview_block: bool,
    /// Shown on Review permissions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privacy_statement_url: Option<String>,
    /// Whether people may join by proving an address of a verified domain.
    #[serde(default = "yes")]
    pub allow_email_verified_users: bool,
    /// Domains of this tenant whose users sign in at a federation server.
    #[serde(default)]
    pub federated_domains: Vec<DomainName>,
    /// Look for a Microsoft account on the e-mail link too (profile `classic`).
    #[serde(default)]
    pub classic_email_link_checks_msa: bool,
    /// Skip Review permissions where an administrator has consented for everyone.
    #[serde(default)]
    pub admin_consent_skips_review: bool,
    /// Let users sign in with an e-mail alias.
    #[serde(default)]
    pub alternate_login_id: bool,
    /// How long an invitation lives, such as `P90D`; without it, forever.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub invitation_lifetime: Option<Span>,
    /// Order and fallback of the providers that redeem (profile `current`).
    #[serde(default)]
    pub invitation_redemption: InvitationRedemption,
    /// A real OIDC issuer that signs in this tenant's users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<ExternalProvider>,
    /// Where the organization is, in two letters: `tenant_ctry`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_letter_code: Option<String>,
    /// The organization's language, such as `de`: `xms_tpl`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_language: Option<String>,
    /// The region the tenant is kept in; `EU` if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_region_scope: Option<String>,
    /// Cross-tenant access settings of other tenants.
    #[serde(default)]
    pub partner: Vec<PartnerEntry>,
    /// Contact objects.
    #[serde(default)]
    pub contact: Vec<ContactEntry>,
    /// SAML and WS-Fed providers.
    #[serde(default)]
    pub federation: Vec<FederationEntry>,
    /// Stands for the TXT records `DirectFedAuthUrl=…` of others' domains, as there is no DNS here:
    /// the passive URL that each domain names. Without this key the rule is not checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub direct_fed_auth_urls: Option<BTreeMap<DomainName, String>>,
    /// Terms of use, in the order they are shown.
    #[serde(default)]
    pub terms_of_use: Vec<TermsEntry>,
    /// Members.
    #[serde(default)]
    pub user: Vec<UserEntry>,
    /// Guests.
    #[serde(default)]
    pub guest: Vec<GuestEntry>,
    /// Groups.
    #[serde(default)]
    pub group: Vec<GroupEntry>,
    /// App registrations.
    #[serde(default)]
    pub application: Vec<ApplicationEntry>,
    /// Instances of applications whose settings differ from the default, or of other tenants'.
    #[serde(default)]
    pub service_principal: Vec<ServicePrincipalEntry>,
    /// Who is assigned to an application.
    #[serde(default)]
    pub assignment: Vec<AssignmentEntry>,
    /// Delegated permissions that are consented to.
    #[serde(default)]
    pub consent: Vec<ConsentEntry>,
    /// Application permissions that clients hold.
    #[serde(default)]
    pub app_role_assignment: Vec<AppRoleAssignmentEntry>,
}

fn classic() -> RedemptionProfile {
    RedemptionProfile::Classic
}

fn everyone() -> AllowInvitesFrom {
    AllowInvitesFrom::Everyone
}

/// Cross-tenant access settings toward one other tenant.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartnerEntry {
    /// The other tenant: id or domain.
    pub tenant: String,
    /// Automatic redemption.
    #[serde(default)]
    pub automatic_user_consent_settings: AutomaticUserConsent,
}

/// `automaticUserConsentSettings`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AutomaticUserConsent {
    /// As the resource tenant.
    pub inbound_allowed: bool,
    /// As the home tenant.
    pub outbound_allowed: bool,
}

/// A contact object.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactEntry {
    /// Its address. A guest with the same address gets no proxy address.
    pub mail: EmailAddress,
}

/// A terms-of-use.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TermsEntry {
    /// Its id; made from the title if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<TermsId>,
    /// The title people see.
    pub display_name: String,
    /// What they agree to.
    #[serde(default)]
    pub text: String,
    /// Raise it when the text changes: everybody is asked again.
    #[serde(default = "one")]
    pub version: u32,
    /// Whether it must be opened before Accept.
    #[serde(default)]
    pub is_viewing_before_acceptance_required: bool,
    /// Whom it concerns.
    #[serde(default = "guests")]
    pub audience: TermsAudience,
    /// Who has accepted it already: ids or addresses of this tenant's users.
    #[serde(default)]
    pub accepted_by: Vec<String>,
}

fn guests() -> TermsAudience {
    TermsAudience::Guests
}

/// A member.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserEntry {
    /// `oid`.
    pub id: ObjectId,
    /// What the person signs in with.
    pub user_principal_name: EmailAddress,
    /// The name shown to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The first name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// The last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surname: Option<String>,
    /// The country: a claim (`ctry`) if it is two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Where licences are used: two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_location: Option<String>,
    /// The language, such as `de-DE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_language: Option<String>,
    /// The password; `guestpass` if not given.
    #[serde(default = "password")]
    pub password: String,
    /// Directory roles.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// Further addresses of the mailbox.
    #[serde(default)]
    pub aliases: Vec<EmailAddress>,
    /// Whether the user may sign in.
    #[serde(default = "yes")]
    pub account_enabled: bool,
}

/// A guest.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GuestEntry {
    /// `oid` in this tenant.
    pub id: ObjectId,
    /// The address that was invited.
    pub invited_user_email_address: EmailAddress,
    /// The name shown to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The first name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// The last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surname: Option<String>,
    /// The country: a claim (`ctry`) if it is two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Where licences are used: two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_location: Option<String>,
    /// The language, such as `de-DE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_language: Option<String>,
    /// Whether the invitation is redeemed.
    #[serde(default = "pending")]
    pub external_user_state: ExternalUserState,
    /// How it was redeemed; needed for `Accepted`.
    #[serde(default)]
    pub identities: Vec<IdentityEntry>,
    /// True sends an invitation e-mail at the start.
    #[serde(default)]
    pub invitation: bool,
    /// `Guest` or `Member`.
    #[serde(default = "guest_type")]
    pub user_type: UserType,
    /// Whether the guest may sign in.
    #[serde(default = "yes")]
    pub account_enabled: bool,
    /// Directory roles.
    #[serde(default)]
    pub roles: Vec<Role>,
}

fn pending() -> ExternalUserState {
    ExternalUserState::PendingAcceptance
}

fn guest_type() -> UserType {
    UserType::Guest
}

/// How a guest redeemed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityEntry {
    /// `ExternalAzureAD`, `MicrosoftAccount`, `google.com`, `facebook.com`, `mail` or an issuer URI.
    pub issuer: String,
    /// The subject there; for Entra, Microsoft and social accounts of this file it is looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer_assigned_id: Option<String>,
    /// `federated`, as Graph writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in_type: Option<String>,
}

/// A group.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupEntry {
    /// Its object id.
    pub id: ObjectId,
    /// Its name.
    pub display_name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it grants access; without, it is for mail.
    #[serde(default = "yes")]
    pub security_enabled: bool,
    /// `Unified` for a Microsoft 365 group.
    #[serde(default)]
    pub group_types: Vec<GroupType>,
    /// Ids or addresses of this tenant's users, ids of its groups.
    #[serde(default)]
    pub members: Vec<String>,
}

/// `groupTypes`. Dynamic groups are not built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum GroupType {
    /// A Microsoft 365 group.
    Unified,
}
