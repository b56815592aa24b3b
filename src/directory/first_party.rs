//! Microsoft's own applications, which stand in every tenant.
//!
//! The ids are the public ones. [`BROKER`] is ours: the relying party that guestpass itself is
//! toward the tenants it hosts.

use uuid::Uuid;

use crate::ids::ClientId;

const fn id(value: u128) -> ClientId {
    ClientId::new(Uuid::from_u128(value))
}

/// My Apps, the Apps access panel.
pub const MY_APPS: ClientId = id(0x2793_995e_0a7d_40d7_bd35_6968_ba14_2197);
/// The Azure portal.
pub const AZURE_PORTAL: ClientId = id(0xc44b_4083_3bb0_49c1_b47d_974e_53cb_df3c);
/// Microsoft Graph.
pub const MICROSOFT_GRAPH: ClientId = id(0x0000_0003_0000_0000_c000_0000_0000_0000);
/// Microsoft Invitation Acceptance Portal: redemption runs in its name.
pub const INVITATION_PORTAL: ClientId = id(0x4660_504c_45b3_4674_a709_7195_1a6b_0763);
/// guestpass as a relying party toward the tenants and providers it hosts.
pub const BROKER: ClientId = id(0x9e57_9a55_0000_4000_8000_0000_0000_b0c8);

/// Every first-party application: id and name.
pub const ALL: &[(ClientId, &str)] = &[
    (MY_APPS, "My Apps"),
    (AZURE_PORTAL, "Azure Portal"),
    (MICROSOFT_GRAPH, "Microsoft Graph"),
    (INVITATION_PORTAL, "Microsoft Invitation Acceptance Portal"),
    (BROKER, "guestpass broker"),
];

/// The name of a first-party application.
pub fn name_of(app: ClientId) -> Option<&'static str> {
    ALL.iter().find(|(id, _)| *id == app).map(|(_, name)| *name)
}

/// Delegated permissions of Microsoft Graph that a client may ask for, and whether only an
/// administrator can consent to them. Source: Graph permissions reference.
pub const GRAPH_SCOPES: &[(&str, bool)] = &[
    ("openid", false),
    ("profile", false),
    ("email", false),
    ("offline_access", false),
    ("User.Read", false),
    ("User.ReadBasic.All", false),
    ("User.Read.All", true),
    ("User.ReadWrite.All", true),
    ("User.Invite.All", true),
    ("Directory.Read.All", true),
    ("Directory.ReadWrite.All", true),
    ("Application.ReadWrite.All", true),
    ("Directory.AccessAsUser.All", true),
    ("Domain.Read.All", true),
    ("Domain.ReadWrite.All", true),
    ("IdentityProvider.Read.All", true),
    ("IdentityProvider.ReadWrite.All", true),
    ("Policy.Read.All", true),
    ("Policy.ReadWrite.AuthenticationFlows", true),
];

/// Application permissions of Microsoft Graph.
pub const GRAPH_ROLES: &[&str] = &[
    "User.Invite.All",
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "Application.Read.All",
    "Application.ReadWrite.All",
    "Domain.Read.All",
    "Domain.ReadWrite.All",
    "IdentityProvider.Read.All",
    "IdentityProvider.ReadWrite.All",
    "Policy.Read.All",
    "Policy.ReadWrite.AuthenticationFlows",
];
