//! Groups.

use serde::{Deserialize, Serialize};

use crate::ids::{ObjectId, TenantId};

/// A group of a tenant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Group {
    /// Its object id.
    pub id: ObjectId,
    /// The tenant.
    pub tenant: TenantId,
    /// Its name.
    pub display_name: String,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether it grants access; one without is for mail.
    #[serde(default = "yes")]
    pub security_enabled: bool,
    /// Whether it is a Microsoft 365 group.
    #[serde(default)]
    pub unified: bool,
    /// Its direct members: users and groups.
    pub members: Vec<ObjectId>,
}

fn yes() -> bool {
    true
}
