//! The one dispatcher: what is still missing?
//!
//! No step links to another. Each ends at `resume`, which gathers the facts and asks here; the order
//! of what may be missing is written in this file and nowhere else. `prompt=none` turns whatever is
//! missing into its OAuth error.

use super::step::Step;
use crate::decide::{Decision, account, consent, redemption};
use crate::fault::{Fault, say};
use crate::ids::TermsId;

/// Where the sign-in stands, as decided from fresh facts. One variant per state.
#[derive(Debug)]
pub enum Standing<'a> {
    /// Nobody is known.
    Discovering {
        /// Whether a session will do.
        account: &'a Decision<account::Outcome>,
        /// Whether the person wants to sign up.
        sign_up: bool,
    },
    /// Somebody is known, but not proven.
    Proving {
        /// The step of the method.
        step: Step,
    },
    /// Somebody is proven.
    Proven {
        /// Tenant policy before consent.
        admitted: &'a Decision<Result<(), Fault>>,
        /// Review of permissions and terms of use.
        redemption: &'a Decision<redemption::Outcome>,
        /// Whether the redemption is committed already.
        redeemed: bool,
        /// The application's permissions.
        consent: &'a Decision<consent::Outcome>,
        /// Whether it is to be asked if the device is the person's.
        confirm_device: bool,
        /// Whether "Stay signed in?" is to be asked.
        ask_to_stay: bool,
        /// The person and the application, for the errors of `prompt=none`.
        names: Names<'a>,
    },
}

/// Names for the errors of `prompt=none`.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// The person.
    pub user: &'a str,
    /// The tenant.
    pub tenant: &'a str,
    /// The application's id.
    pub app: &'a str,
    /// The application's name.
    pub app_name: &'a str,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Ask the person.
    Ask(Step),
    /// Ask for these permissions.
    AskConsent(Vec<String>),
    /// Ask for this terms-of-use.
    AskTerms(TermsId),
    /// Nothing is missing: issue, or open the page.
    Complete,
    /// Everything is accepted: commit the redemption.
    Redeem,
    /// No.
    Refuse(Fault),
    /// Take this session of the browser.
    UseSession(usize),
}

/// Decides what is missing. `interactive` is false for `prompt=none`.
pub fn dispatch(standing: &Standing<'_>, interactive: bool) -> Next {
    match standing {
        Standing::Discovering { account, sign_up } => {
            match discovering(account.outcome(), interactive) {
                Next::Ask(Step::SignIn) if *sign_up => Next::Ask(Step::SignUp),
                next => next,
            }
        }
        Standing::Proving { .. } if !interactive => Next::Refuse(say::not_signed_in()),
        Standing::Proving { step } => Next::Ask(*step),
        Standing::Proven { .. } => proven(standing, interactive),
    }
}

fn discovering(outcome: &account::Outcome, interactive: bool) -> Next {
    use account::Outcome as Account;
    match outcome {
        Account::UseSession(index) => Next::UseSession(*index),
        Account::OtherSession(fault) => Next::Refuse(fault.clone()),
        Account::OtherSubject => Next::Refuse(say::subject_not_signed_in()),
        Account::PickAccount if !interactive => Next::Refuse(say::several_sessions()),
        _ if !interactive => Next::Refuse(say::not_signed_in()),
        Account::ContinueAs => Next::Ask(Step::ContinueAs),
        Account::PickAccount => Next::Ask(Step::PickAccount),
        Account::SignIn => Next::Ask(Step::SignIn),
    }
}

/// Policy, attributes, review, terms, (second factor: later), consent, the device, stay signed in.
fn proven(standing: &Standing<'_>, interactive: bool) -> Next {
    let Standing::Proven { admitted, redemption, redeemed, consent, names, .. } = standing else {
        return Next::Refuse(say::internal());
    };
    let Standing::Proven { confirm_device, ask_to_stay, .. } = standing else {
        return Next::Refuse(say::internal());
    };
    if let Err(fault) = admitted.outcome() {
        return Next::Refuse(fault.clone());
    }
    let pending = || Next::Refuse(say::guest_pending(names.user, names.tenant));
    match redemption.outcome() {
        redemption::Outcome::Complete => {}
        _ if !interactive => return pending(),
        redemption::Outcome::Attributes => return Next::Ask(Step::Attributes),
        redemption::Outcome::ReviewPermissions => return Next::Ask(Step::ReviewPermissions),
        redemption::Outcome::TermsOfUse(terms) => return Next::AskTerms(*terms),
    }
    if !redeemed {
        return Next::Redeem;
    }
    match consent.outcome() {
        consent::Outcome::Consented => {}
        consent::Outcome::Refused(fault) => return Next::Refuse(fault.clone()),
        consent::Outcome::Ask(_) if !interactive => {
            return Next::Refuse(say::consent_missing(names.app, names.app_name));
        }
        consent::Outcome::Ask(scopes) => return Next::AskConsent(scopes.clone()),
    }
    if *confirm_device {
        return Next::Ask(Step::ConfirmDevice);
    }
    if *ask_to_stay && interactive {
        return Next::Ask(Step::StaySignedIn);
    }
    Next::Complete
}
