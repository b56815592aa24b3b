//! Who the person of a grant is in another tenant.
//!
//! A refresh token is bound to the person and the client, not to a tenant (refresh-tokens article).
//! At another tenant's token endpoint it stands for the guest whom the person is there, or for the
//! member where the tenant is the account's home. Whether that user may come in is decided after.

use super::{Decision, Trace};
use crate::directory::{LinkedAccount, User};
use crate::fault::{Fault, say};
use crate::ids::{ClientId, ObjectId, TenantId};

/// What [`decide`] looks at.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The account that was proven, in its home.
    pub account: &'a LinkedAccount,
    /// The address of the user whose token it is.
    pub address: &'a str,
    /// The tenant that is asked for a token now.
    pub tenant: TenantId,
    /// Its name.
    pub tenant_name: &'a str,
    /// The user there that is bound to the account, else the one its name means.
    pub there: Option<&'a User>,
    /// The client.
    pub app: ClientId,
    /// Its name.
    pub app_name: &'a str,
}

/// Decides which user of the tenant the person is.
pub fn decide(facts: &Facts<'_>) -> Decision<Result<ObjectId, Fault>> {
    let mut trace = Trace::new();
    let name = &facts.account.sign_in_name;
    let Some(home) = facts.account.home_tenant else {
        let because = format!("{name} is at home nowhere");
        let fault = say::grant_of_another_tenant();
        return trace.decided(11, "home-account", because, Err(fault));
    };
    trace.skipped(11, "home-account", format!("{name} is at home in {home}"));
    let at_home = home == facts.tenant;
    // A member who merely has that name is somebody else.
    let Some(user) = facts.there.filter(|user| at_home || user.external.is_some()) else {
        let (idp, app) = (facts.account.idp(), facts.app);
        let fault =
            say::guest_not_in_tenant(facts.address, idp, facts.tenant_name, app, facts.app_name);
        let because = format!("{name} is no guest of {}", facts.tenant_name);
        return trace.decided(11, "guest-object", because, Err(fault.for_a_grant()));
    };
    trace.skipped(11, "guest-object", format!("{} is {}", user.address(), user.id));
    if user.is_pending() {
        let fault = say::guest_pending(user.address(), facts.tenant_name);
        let because = format!("{} has not redeemed", user.address());
        return trace.decided(11, "pending", because, Err(fault));
    }
    let bound = match user.linked() {
        Some(linked) => linked.is_same_account(facts.account),
        None => at_home,
    };
    match bound {
        true => {
            let because = format!("{name} is bound to {}", user.address());
            trace.decided(11, "linked-account", because, Ok(user.id))
        }
        false => {
            let because = format!("{} redeemed with another account", user.address());
            let fault = say::grant_revoked().for_a_grant();
            trace.decided(11, "linked-account", because, Err(fault))
        }
    }
}
