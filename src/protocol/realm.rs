//! User realm: is a domain managed or federated? Three spellings of one answer, as clients and old
//! sign-in pages ask for it.

use serde_json::{Value, json};

use crate::ids::DomainName;

/// What is known about the domain of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Realm {
    /// Passwords are checked by the tenant that has verified the domain.
    Managed {
        /// The tenant's name.
        brand: String,
        /// The domain.
        domain: DomainName,
    },
    /// The tenant sends the domain's users to a server of their own.
    Federated {
        /// The tenant's name.
        brand: String,
        /// The domain.
        domain: DomainName,
        /// Where they would sign in.
        address: String,
    },
    /// No tenant has verified it.
    Unknown,
}

impl Realm {
    /// `/common/userrealm/{user}?api-version=1.0`, as MSAL asks before the password grant.
    pub fn version_1(&self) -> Value {
        match self {
            Self::Managed { domain, .. } => json!({
                "ver": "1.0",
                "account_type": "Managed",
                "domain_name": domain,
                "cloud_instance_name": "microsoftonline.com",
                "cloud_audience_urn": "urn:federation:MicrosoftOnline",
            }),
            Self::Federated { domain, address, .. } => json!({
                "ver": "1.0",
                "account_type": "Federated",
                "domain_name": domain,
                "federation_protocol": "WSTrust",
                "federation_metadata_url": format!("{address}/mex"),
                "federation_active_auth_url": format!("{address}/trust/2005/usernamemixed"),
                "cloud_instance_name": "microsoftonline.com",
                "cloud_audience_urn": "urn:federation:MicrosoftOnline",
            }),
            // Assumption: the word is not documented for a domain that nobody has.
            Self::Unknown => json!({
                "ver": "1.0",
                "account_type": "Unknown",
                "cloud_instance_name": "microsoftonline.com",
                "cloud_audience_urn": "urn:federation:MicrosoftOnline",
            }),
        }
    }

    /// `/common/userrealm/{user}?api-version=2.0` and `2.1`.
    pub fn version_2(&self, login: &str) -> Value {
        let mut answer = json!({
            "Login": login,
            "NameSpaceType": self.name(),
            "cloud_instance_name": "microsoftonline.com",
            "cloud_audience_urn": "urn:federation:MicrosoftOnline",
        });
        self.describe(login, &mut answer);
        answer
    }

    /// `/GetUserRealm.srf?login=`.
    pub fn srf(&self, login: &str) -> Value {
        let (state, user_state) = match self {
            Self::Federated { .. } => (3, 2),
            Self::Managed { .. } | Self::Unknown => (4, 1),
        };
        let mut answer = json!({
            "State": state,
            "UserState": user_state,
            "Login": login,
            "NameSpaceType": self.name(),
        });
        self.describe(login, &mut answer);
        answer
    }

    /// Where a federated name signs in.
    pub fn address(&self, login: &str) -> Option<String> {
        let Self::Federated { address, .. } = self else { return None };
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("username", login)
            .append_pair("wa", "wsignin1.0")
            .append_pair("wtrealm", "urn:federation:MicrosoftOnline")
            .append_pair("wctx", "")
            .finish();
        Some(format!("{address}/ls/?{query}"))
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Federated { .. } => "Federated",
            Self::Managed { .. } => "Managed",
            Self::Unknown => "Unknown",
        }
    }

    fn describe(&self, login: &str, answer: &mut Value) {
        let (Self::Managed { brand, domain } | Self::Federated { brand, domain, .. }) = self else {
            return;
        };
        answer["DomainName"] = json!(domain);
        answer["FederationBrandName"] = json!(brand);
        if let Some(address) = self.address(login) {
            answer["AuthURL"] = json!(address);
        }
    }
}
