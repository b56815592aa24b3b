//! The first path segment of an endpoint.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{DomainName, MICROSOFT_ACCOUNT_TENANT, TenantId};

/// Whose accounts an endpoint signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// Work, school and Microsoft accounts, each at home.
    Common,
    /// Microsoft accounts only.
    Consumers,
    /// Work and school accounts only, each at home.
    Organizations,
    /// One tenant: its members and guests.
    Tenant(TenantId),
}

impl Authority {
    /// The tenant, where the authority names one.
    pub fn tenant(self) -> Option<TenantId> {
        match self {
            Self::Common | Self::Organizations => None,
            Self::Consumers => Some(MICROSOFT_ACCOUNT_TENANT),
            Self::Tenant(tenant) => Some(tenant),
        }
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Common => f.write_str("common"),
            Self::Consumers => f.write_str("consumers"),
            Self::Organizations => f.write_str("organizations"),
            Self::Tenant(tenant) => tenant.fmt(f),
        }
    }
}

/// The segment as it was written, before a domain is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// A word or a tenant id.
    Authority(Authority),
    /// A verified domain, perhaps.
    Domain(DomainName),
}

impl Segment {
    /// Reads a path segment; `None` if it can be no tenant.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "common" => Self::Authority(Authority::Common),
            "consumers" => Self::Authority(Authority::Consumers),
            "organizations" => Self::Authority(Authority::Organizations),
            _ => match text.parse::<TenantId>() {
                Ok(MICROSOFT_ACCOUNT_TENANT) => Self::Authority(Authority::Consumers),
                Ok(tenant) => Self::Authority(Authority::Tenant(tenant)),
                Err(_) => Self::Domain(text.parse().ok()?),
            },
        })
    }
}
