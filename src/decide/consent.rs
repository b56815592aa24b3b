//! Whether the application may have what it asks for: the *Permissions requested* page.

use crate::decide::{Decision, Trace};
use crate::fault::{Fault, say};

/// What the decision looks at.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Whether an application asked at all; a redemption by e-mail opens none.
    pub asked: Asked,
    /// The permissions asked for.
    pub scopes: Vec<ScopeFact>,
    /// The person may consent to what needs an administrator.
    pub is_administrator: bool,
    /// Accepted in this sign-in.
    pub accepted_now: bool,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// A client application.
    ByApplication,
    /// A client application, with `prompt=consent`.
    ByApplicationAgain,
    /// An application with SAML or WS-Federation sign-on: an assertion gives it no permission.
    ForAssertion,
    /// A page of the directory itself, or a first-party application: consented everywhere.
    ByFirstParty,
}

/// One permission that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeFact {
    /// Its name.
    pub value: String,
    /// Only an administrator can consent to it.
    pub admin_consent: bool,
    /// On record, tenant-wide or for this user.
    pub granted: bool,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Ask for these.
    Ask(Vec<String>),
    /// Nothing is missing.
    Consented,
    /// Only an administrator can.
    Refused(Fault),
}

/// Decides whether to ask.
pub fn decide(facts: &Facts) -> Decision<Outcome> {
    let mut trace = Trace::new();
    if facts.asked == Asked::ByFirstParty {
        let because = "a first-party application needs none";
        return trace.decided(11, "app-consent", because, Outcome::Consented);
    }
    if facts.asked == Asked::ForAssertion {
        let because = "an assertion gives the application no permission";
        return trace.decided(11, "app-consent", because, Outcome::Consented);
    }
    let missing: Vec<&ScopeFact> = facts.scopes.iter().filter(|scope| !scope.granted).collect();
    let admin_only: Vec<&str> =
        missing.iter().filter(|s| s.admin_consent).map(|s| s.value.as_str()).collect();
    if !admin_only.is_empty() && !facts.is_administrator {
        let because = format!("{} need an administrator", admin_only.join(", "));
        let fault = say::admin_consent_required(admin_only.join(", "))
            .with_remedy("Ask an administrator to consent for the organization.");
        return trace.decided(11, "admin-consent", because, Outcome::Refused(fault));
    }
    trace.skipped(11, "admin-consent", "nothing asked for needs an administrator, or one asks");
    if facts.accepted_now {
        let because = "accepted in this sign-in";
        return trace.decided(11, "app-consent", because, Outcome::Consented);
    }
    if facts.asked == Asked::ByApplicationAgain {
        let all = facts.scopes.iter().map(|s| s.value.clone()).collect();
        return trace.decided(11, "app-consent", "prompt=consent asks again", Outcome::Ask(all));
    }
    if missing.is_empty() {
        let because = "every permission is granted already";
        return trace.decided(11, "app-consent", because, Outcome::Consented);
    }
    let names: Vec<String> = missing.iter().map(|s| s.value.clone()).collect();
    let because = format!("nobody has consented to {}", names.join(", "));
    trace.decided(11, "app-consent", because, Outcome::Ask(names))
}
