//! Guests at home: the account that a guest is bound to, where its home tenant is one of ours.
//!
//! A resource tenant does not revoke what a guest has; the home does, by disabling or deleting the
//! account (refresh-tokens article). A home that a real provider serves says so by itself.

use super::Broker;
use super::failure::Failure;
use crate::decide::access::{self, HomeAccount};
use crate::directory::{IdentityProvider, LinkedAccount, User};
use crate::fault::Fault;
use crate::ids::ObjectId;

impl Broker {
    /// What the home says of the account behind a user: of the linked one, or, as long as nothing is
    /// linked, of the one that was `proven`.
    pub(super) async fn at_home(
        &self,
        user: &User,
        proven: Option<&LinkedAccount>,
    ) -> Result<Result<(), Fault>, Failure> {
        let Some(account) = user.linked().or(proven).filter(|_| user.external.is_some()) else {
            return Ok(Ok(()));
        };
        let ours = match account.provider {
            IdentityProvider::ExternalAzureAd | IdentityProvider::MicrosoftAccount => {
                account.home_tenant
            }
            _ => None,
        };
        let Some(home) = ours.filter(|home| *home != user.tenant) else { return Ok(Ok(())) };
        let home = self.find_tenant(home).await?.filter(|home| home.provider.is_none());
        let Some(home) = home else { return Ok(Ok(())) };
        let found = match account.subject.parse::<ObjectId>() {
            Ok(id) => self.user(home.id, id).await?,
            Err(_) => None,
        };
        let facts =
            HomeAccount { account, tenant_name: &home.display_name, found: found.as_deref() };
        Ok(access::at_home(&facts))
    }
}
