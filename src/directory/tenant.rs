//! A tenant, its policies and the short lists that belong to it.

use std::collections::BTreeMap;

use jiff::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::federation::Federation;
use super::social::{SocialNetwork, SocialRegistration};
use super::user_flow::UserFlow;
use crate::ids::{DomainName, TenantId, TermsId};

/// A directory. Policies carry Graph's names.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact or a switch of its own")]
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tenant {
    /// `tid`.
    pub id: TenantId,
    /// The organization's name, as on the consent page.
    pub display_name: String,
    /// Verified domains; the first is the initial one.
    pub domains: Vec<DomainName>,
    /// Managed, unmanaged ("viral") or the home of Microsoft accounts.
    pub kind: TenantKind,
    /// Which published generation of the redemption flow applies.
    pub redemption_profile: RedemptionProfile,
    /// `authorizationPolicy.allowInvitesFrom`.
    pub allow_invites_from: AllowInvitesFrom,
    /// E-mail one-time passcode for guests.
    pub email_one_time_passcode: bool,
    /// Google federation.
    pub google: bool,
    /// The domains whose people Google signs in.
    #[serde(default = "google_domains")]
    pub google_domains: Vec<DomainName>,
    /// Facebook: for self-service sign-up.
    #[serde(default)]
    pub facebook: bool,
    /// The other reading: an invitation may be redeemed with Facebook, too.
    #[serde(default)]
    pub facebook_invitations: bool,
    /// The administrator's own registrations at social networks.
    #[serde(default)]
    pub social_registrations: BTreeMap<SocialNetwork, SocialRegistration>,
    /// `authenticationFlowsPolicy.selfServiceSignUp.isEnabled`.
    #[serde(default)]
    pub self_service_sign_up: bool,
    /// How people sign themselves up, once that is enabled.
    #[serde(default)]
    pub user_flows: Vec<UserFlow>,
    /// Whether the built-in Google refuses embedded web views in this tenant's sign-ins.
    pub google_webview_block: bool,
    /// `privacyProfile.statementUrl`.
    pub privacy_statement_url: Option<String>,
    /// `authorizationPolicy.allowEmailVerifiedUsersToJoinOrganization`.
    pub allow_email_verified_users: bool,
    /// Domains of this tenant whose users sign in at a federation server of their own.
    pub federated_domains: Vec<DomainName>,
    /// The other reading of published step 4: look for a Microsoft account on the e-mail link too.
    pub classic_email_link_checks_msa: bool,
    /// Row 5 of the list of cases without a consent page (a guess, off by default).
    pub admin_consent_skips_review: bool,
    /// Whether users may sign in with an e-mail alias instead of their user principal name.
    pub alternate_login_id: bool,
    /// How long an invitation lives; `None` is forever, as published.
    pub invitation_lifetime: Option<Span>,
    /// `invitationRedemptionIdentityProviderConfiguration`; read by the profile `current`.
    pub invitation_redemption: InvitationRedemption,
    /// SAML and WS-Fed providers, the one configured last at the end.
    pub federations: Vec<Federation>,
    /// What stands for the TXT records `DirectFedAuthUrl=…` of other people's domains: the passive
    /// URL that each names. Without it the rule is not checked, for there is no DNS here.
    #[serde(default)]
    pub direct_fed_auth_urls: Option<BTreeMap<DomainName, String>>,
    /// Cross-tenant access, as far as redemption needs it.
    pub partners: Vec<Partner>,
    /// Terms of use, in the order they are shown.
    pub terms_of_use: Vec<TermsOfUse>,
    /// A real OIDC issuer that signs in this tenant's users in place of the built-in pages.
    pub provider: Option<ExternalProvider>,
    /// Where the organization is and how it speaks.
    #[serde(default)]
    pub locale: TenantLocale,
}

/// Where an organization is and how it speaks: facts that tokens can name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantLocale {
    /// `countryLetterCode`: two letters.
    pub country_letter_code: Option<String>,
    /// `preferredLanguage`.
    pub preferred_language: Option<String>,
    /// `tenant_region_scope`, such as `EU`.
    pub region_scope: Option<String>,
}

impl Tenant {
    /// A tenant with the settings of a world file that gives none.
    pub fn bare(id: TenantId, name: String, domains: Vec<DomainName>, kind: TenantKind) -> Self {
        Self {
            id,
            display_name: name,
            domains,
            kind,
            redemption_profile: RedemptionProfile::Classic,
            allow_invites_from: AllowInvitesFrom::Everyone,
            email_one_time_passcode: true,
            google: false,
            google_domains: google_domains(),
            facebook: false,
            facebook_invitations: false,
            social_registrations: BTreeMap::new(),
            self_service_sign_up: false,
            user_flows: Vec::new(),
            google_webview_block: true,
            privacy_statement_url: None,
            allow_email_verified_users: true,
            federated_domains: Vec::new(),
            classic_email_link_checks_msa: false,
            admin_consent_skips_review: false,
            alternate_login_id: false,
            invitation_lifetime: None,
            invitation_redemption: InvitationRedemption::default(),
            federations: Vec::new(),
            direct_fed_auth_urls: None,
            partners: Vec::new(),
            terms_of_use: Vec::new(),
            provider: None,
            locale: TenantLocale::default(),
        }
    }

    /// The initial domain, such as `contoso.onmicrosoft.com`.
    pub fn initial_domain(&self) -> &str {
        self.domains.first().map_or("", DomainName::as_str)
    }

    /// `tenant_region_scope`, in tokens and in the discovery document: where the data lies. Recorded
    /// for tenants: `NA`, `EU` and `WW`.
    pub fn region_scope(&self) -> &str {
        // Assumption: the tenant of Microsoft accounts is everywhere, as Microsoft's own is.
        let default = if self.kind == TenantKind::Consumer { "WW" } else { "EU" };
        self.locale.region_scope.as_deref().unwrap_or(default)
    }

    /// Whether `domain` is verified here.
    pub fn owns(&self, domain: &DomainName) -> bool {
        self.domains.contains(domain)
    }

    /// Whether the tenant lets accounts of a network in.
    pub fn has_network(&self, network: SocialNetwork) -> bool {
        match network {
            SocialNetwork::Facebook => self.facebook,
            SocialNetwork::Google => self.google,
        }
    }

    /// The federation that is configured for `domain`.
    pub fn federation_for(&self, domain: &DomainName) -> Option<&Federation> {
        self.federations.iter().find(|f| f.domains.contains(domain))
    }
}

/// The domains of Google's own mail (google-federation article).
pub fn google_domains() -> Vec<DomainName> {
    ["gmail.com", "googlemail.com"].into_iter().filter_map(|domain| domain.parse().ok()).collect()
}

/// What kind of directory a tenant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantKind {
    /// The home of every Microsoft account.
    Consumer,
    /// Run by its administrators.
    Managed,
    /// Made when somebody signed up with a work address ("viral").
    Unmanaged,
}

/// The published generations of the redemption flow.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum RedemptionProfile {
    /// 2021 to 2022: unmanaged accounts, and a direct link that ends in an error without passcode.
    Classic,
    /// 2025: configurable order and fallback.
    Current,
    /// 2023: only managed tenants are a home.
    ManagedOnly,
}

impl RedemptionProfile {
    /// The name in a world file and in the answers of `explain`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Current => "current",
            Self::ManagedOnly => "managed-only",
        }
    }
}

/// `authorizationPolicy.allowInvitesFrom`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AllowInvitesFrom {
    /// Global Administrator, User Administrator, Guest Inviter.
    AdminsAndGuestInviters,
    /// Those and every member.
    AdminsGuestInvitersAndAllMembers,
    /// Those, every member and every guest.
    Everyone,
    /// Nobody, administrators included.
    None,
}

/// Which providers may redeem an invitation, and in which order (profile `current`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InvitationRedemption {
    /// `primaryIdentityProviderPrecedenceOrder`; a provider that is left out is off.
    pub order: Vec<PrimaryIdentityProvider>,
    /// `fallbackIdentityProvider`.
    pub fallback: FallbackIdentityProvider,
}

impl Default for InvitationRedemption {
    fn default() -> Self {
        Self {
            order: vec![
                PrimaryIdentityProvider::AzureActiveDirectory,
                PrimaryIdentityProvider::ExternalFederation,
                PrimaryIdentityProvider::SocialIdentityProviders,
            ],
            fallback: FallbackIdentityProvider::DefaultConfiguredIdp,
        }
    }
}

/// A member of `primaryIdentityProviderPrecedenceOrder`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum PrimaryIdentityProvider {
    /// An account in another Entra tenant.
    AzureActiveDirectory,
    /// A SAML or WS-Fed federation.
    ExternalFederation,
    /// Google.
    SocialIdentityProviders,
}

/// `fallbackIdentityProvider`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum FallbackIdentityProvider {
    /// An existing Microsoft account, else a passcode if that is on, else a new Microsoft account.
    DefaultConfiguredIdp,
    /// Always a passcode.
    EmailOneTimePasscode,
    /// A Microsoft account, existing or new.
    MicrosoftAccount,
}

/// `crossTenantAccessPolicyConfigurationPartner`, as far as redemption needs it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Partner {
    /// The other tenant.
    pub tenant: TenantId,
    /// `automaticUserConsentSettings.inboundAllowed`.
    pub inbound_allowed: bool,
    /// `automaticUserConsentSettings.outboundAllowed`.
    pub outbound_allowed: bool,
}

/// A terms-of-use agreement.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TermsOfUse {
    /// Its id.
    pub id: TermsId,
    /// The title people see.
    pub display_name: String,
    /// What they agree to, as plain text.
    pub text: String,
    /// Raised when the text changes; an acceptance holds for one version.
    pub version: u32,
    /// `isViewingBeforeAcceptanceRequired`: must be opened before Accept.
    pub is_viewing_before_acceptance_required: bool,
    /// Whom it concerns.
    pub audience: TermsAudience,
}

/// Whom a terms-of-use concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TermsAudience {
    /// Members and guests.
    All,
    /// Guests only.
    Guests,
}

/// A real OIDC issuer in the place of a built-in one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalProvider {
    /// The issuer, whose discovery document is read.
    pub issuer: String,
    /// Our client id there.
    pub client_id: String,
    /// Our secret there; a public client has none.
    pub client_secret: Option<String>,
}
