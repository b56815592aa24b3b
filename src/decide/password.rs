//! Whose password a client has sent (resource-owner password credentials).
//!
//! Entra takes it for members only: a guest's account lives elsewhere, and Microsoft accounts have
//! no password grant at all (AADSTS50020 article, cause 7).

use super::{Decision, Trace};
use crate::directory::User;
use crate::fault::{Fault, say};
use crate::ids::{ClientId, EmailAddress, ObjectId};

/// What [`decide`] looks at.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The name that was typed.
    pub typed: &'a EmailAddress,
    /// The tenant.
    pub tenant_name: &'a str,
    /// Its user of that name.
    pub user: Option<&'a User>,
    /// Whether the name may be used for sign-in: a user principal name, or an alias where allowed.
    pub may_be_typed: bool,
    /// The tenant's users sign in at a real provider, so it has no passwords.
    pub signs_in_elsewhere: bool,
    /// `idp` of the account of that name in another home, if there is one.
    pub elsewhere: Option<&'a str>,
    /// The client.
    pub app: ClientId,
    /// Its name.
    pub app_name: &'a str,
}

/// Decides which member's password it is to be.
pub fn decide(facts: &Facts<'_>) -> Decision<Result<ObjectId, Fault>> {
    let mut trace = Trace::new();
    let (typed, tenant) = (facts.typed, facts.tenant_name);
    let stranger = |idp: &str| {
        say::guest_not_in_tenant(typed, idp, tenant, facts.app, facts.app_name).for_a_grant()
    };
    let guest_of = |idp: &str| {
        let why = "The password grant is for members of a tenant: a guest signs in on a page.";
        stranger(idp).with_remedy(why)
    };
    if let Some(user) = facts.user.filter(|user| user.external.is_some()) {
        let idp = user.linked().map(|account| account.idp());
        let idp = idp.as_deref().or(facts.elsewhere).unwrap_or("unknown");
        let because = format!("{typed} is a guest of {tenant}");
        return trace.decided(11, "guest-has-no-password", because, Err(guest_of(idp)));
    }
    trace.skipped(11, "guest-has-no-password", format!("{typed} is no guest of {tenant}"));
    if let (None, Some("live.com")) = (facts.user, facts.elsewhere) {
        let because = format!("{typed} is a Microsoft account");
        return trace.decided(11, "microsoft-account", because, Err(stranger("live.com")));
    }
    let Some(user) = facts.user.filter(|_| facts.may_be_typed) else {
        let because = format!("nobody in {tenant} signs in as {typed}");
        let fault = say::account_not_found(typed, tenant);
        return trace.decided(11, "member", because, Err(fault));
    };
    if facts.signs_in_elsewhere {
        let because = format!("{tenant} has its users sign in at another issuer");
        return trace.decided(11, "member", because, Err(say::no_password()));
    }
    trace.decided(11, "member", format!("{typed} is {}", user.id), Ok(user.id))
}

#[cfg(test)]
mod tests {
    use super::{Facts, decide};
    use crate::directory::User;

    #[test]
    fn is_for_members_who_have_a_password() {
        let id = "c0a70500-0000-4000-8000-000000000101".parse().unwrap();
        let tenant = "c0a70500-0000-4000-8000-00000000c0a7".parse().unwrap();
        let typed = "bob@fabrikam.example".parse().unwrap();
        let now = jiff::Timestamp::UNIX_EPOCH;
        let guest = User::invited(id, tenant, "contoso.onmicrosoft.com", &typed, false, now);
        let member = User { external: None, ..guest.clone() };
        let app = "c0a70500-0000-4000-8000-0000000000a3".parse().unwrap();
        let number = |user: Option<&User>, may_be_typed, signs_in_elsewhere, elsewhere| {
            let tenant_name = "Contoso";
            let facts = Facts {
                typed: &typed,
                tenant_name,
                user,
                may_be_typed,
                signs_in_elsewhere,
                elsewhere,
                app,
                app_name: "CLI",
            };
            decide(&facts).outcome().clone().map_err(|fault| fault.number())
        };
        assert_eq!(number(Some(&member), true, false, None), Ok(id));
        assert_eq!(number(Some(&member), false, false, None), Err(Some(50034)), "an alias");
        assert_eq!(number(Some(&member), true, true, None), Err(Some(50056)));
        assert_eq!(number(Some(&guest), true, false, Some("live.com")), Err(Some(50020)));
        assert_eq!(number(None, true, false, Some("live.com")), Err(Some(50020)));
        assert_eq!(number(None, true, false, Some("https://sts.example/")), Err(Some(50034)));
        assert_eq!(number(None, true, false, None), Err(Some(50034)));
    }
}
