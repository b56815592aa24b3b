//! What exists: tenants, users, applications, invitations.
//!
//! Data only. Nothing here decides, reads the clock or knows the store; the names are Graph's. A
//! tenant holds its policies and the short lists that belong to it (domains, federations, terms of
//! use); everything that can grow without bound is a record of its own.

pub mod account;
pub mod application;
pub mod credential;
pub mod federation;
pub mod first_party;
pub mod group;
pub mod invitation;
pub mod sign_on;
pub mod social;
pub mod tenant;
pub mod token_configuration;
pub mod user;
pub mod user_flow;

pub use account::{IdentityProvider, LinkedAccount, sts_issuer};
pub use application::{
    AppRoleAssignment, Application, ApplicationKind, Assignee, Assignment, Consent, ConsentType,
    ServicePrincipal, SignInAudience, TokenVersion,
};
pub use credential::{FederatedIdentityCredential, KeyCredential};
pub use federation::{
    BuiltInFederation, Federation, FederationAccount, FederationProtocol, ServiceProvider,
};
pub use group::Group;
pub use invitation::{Contact, Invitation, InvitationStatus};
pub use sign_on::{
    NameIdSource, ResponseSigning, SamlVersion, SignOnConfiguration, SingleSignOnMode,
    WeakAlgorithm,
};
pub use social::{SocialAccount, SocialNetwork, SocialRegistration};
pub use tenant::{
    AllowInvitesFrom, ExternalProvider, FallbackIdentityProvider, InvitationRedemption, Partner,
    PrimaryIdentityProvider, RedemptionProfile, Tenant, TenantKind, TenantLocale, TermsAudience,
    TermsOfUse,
};
pub use token_configuration::{
    AppRole, GroupMembershipClaims, MemberType, OptionalClaim, OptionalClaims, TokenConfiguration,
};
pub use user::{
    ExternalUser, ExternalUserState, Profile, Role, SIGNED_UP, TermsAcceptance, User, UserType,
};
pub use user_flow::{FlowProvider, UserAttribute, UserFlow};
