//! Whose domain a name is in.

use super::Broker;
use super::failure::Failure;
use crate::fault::{Fault, say};
use crate::ids::EmailAddress;
use crate::protocol::realm::Realm;

impl Broker {
    /// What `/common/userrealm/{user}` and `/GetUserRealm.srf` tell about a name.
    pub async fn realm(&self, login: &str) -> Result<Realm, Fault> {
        let Ok(address) = login.parse::<EmailAddress>() else { return Ok(Realm::Unknown) };
        match self.realm_of(&address).await {
            Ok(realm) => Ok(realm),
            Err(Failure::Fault(fault)) => Err(fault),
            Err(Failure::Conflict) => Err(say::internal()),
        }
    }

    pub(super) async fn realm_of(&self, address: &EmailAddress) -> Result<Realm, Failure> {
        let domain = address.domain();
        let Some(tenant) = self.tenant_of_domain(&domain).await? else { return Ok(Realm::Unknown) };
        let brand = tenant.display_name.clone();
        Ok(match tenant.federated_domains.contains(&domain) {
            // Assumption: where it would be; nothing answers there.
            true => {
                Realm::Federated { address: format!("https://sts.{domain}/adfs"), brand, domain }
            }
            false => Realm::Managed { brand, domain },
        })
    }
}
