//! Who a proven account is in the tenant.

use super::Broker;
use super::failure::Failure;
use crate::decide::Trace;
use crate::decide::access::{self, Expected, Identified, IdentifyFacts};
use crate::ids::{EmailAddress, TenantId};
use crate::interaction::{Authenticated, Entry, Newcomer, Proven, SignInRequest};

/// Who a proven account is.
pub(super) struct Found {
    pub(super) authenticated: Authenticated,
    pub(super) trace: Trace,
    /// Nobody yet: somebody who signs up.
    pub(super) newcomer: Option<Newcomer>,
}

impl Broker {
    /// Decides which user of the tenant a proven account is, or, if the person signs up, whether it
    /// becomes one.
    pub(super) async fn identify(
        &self,
        request: &SignInRequest,
        tenant: TenantId,
        (typed, sign_up): (Option<&EmailAddress>, bool),
        proven: Proven,
    ) -> Result<Found, Failure> {
        let tenant = self.tenant(tenant).await?;
        let linked = self.linked_user(tenant.id, proven.account()).await?;
        let addressed = match proven.verified_address() {
            Some(address) => self.user_meant_by(tenant.id, address).await?,
            None => None,
        };
        let invited = match request.entry {
            Entry::Invitation { tenant, guest, .. } => self.user(tenant, guest).await?,
            Entry::Direct => None,
        };
        let typed = match typed {
            Some(address) => self.user_meant_by(tenant.id, address).await?,
            None => None,
        };
        let resource = self.resource(request.application()).await?;
        let expected = match (&invited, &typed) {
            (Some(guest), _) => Expected::Invited(guest),
            (None, Some(user)) => Expected::Typed(user),
            (None, None) => Expected::Anyone,
        };
        let wish = self.sign_up_wish(request, &tenant, sign_up, &proven).await?;
        let decision = access::identify(&IdentifyFacts {
            tenant: tenant.id,
            tenant_name: &tenant.display_name,
            profile: tenant.redemption_profile,
            account: proven.account(),
            verified_address: proven.verified_address(),
            expected,
            linked_user: linked.as_deref(),
            addressed_user: addressed.as_deref().filter(|user| user.external.is_some()),
            resource: &resource,
            offers_sign_up: wish.offered,
            sign_up: wish.facts(&tenant),
        });
        let mut looked_at = [&invited, &linked, &addressed, &typed].into_iter().flatten();
        let state_of = match decision.outcome() {
            Identified::User(id) => looked_at.find(|user| user.id == *id),
            Identified::Refused(_) | Identified::SignsUp(_) => None,
        };
        if let Some(user) = state_of {
            access::check_enabled(user)?;
        }
        let newcomer = match decision.outcome() {
            Identified::SignsUp(_) => wish.newcomer(self.clock.now()),
            Identified::Refused(_) | Identified::User(_) => None,
        };
        let state_of = state_of.and_then(|user| user.standing_since());
        let state_of = newcomer.as_ref().map(|newcomer| newcomer.since).or(state_of);
        let authenticated = Authenticated::identified(proven, tenant.id, &decision, state_of)?;
        Ok(Found { authenticated, trace: decision.into_parts().1, newcomer })
    }
}
