//! Facebook: a provider of self-service sign-up, and by a setting of invitations.

use super::Judgement::{Decide, Skip, Unsaid};
use super::{Judgement, Rule};
use crate::decide::hrd::{Entry, FacebookUse, Facts, Home, Outcome};

pub(super) const FACEBOOK: Rule = Rule {
    id: "facebook-account",
    classic_step: 3,
    later_step: 3,
    when: "the setting `facebook_invitations` is on, the e-mail link was used, and Facebook has an \
           account of the address",
    then: "facebook.com",
    judge: judge_facebook,
};

/// facebook-federation article: "Users cannot be invited and redeem their invitation using a
/// Facebook account." A tenant without Facebook is not bothered with it.
fn judge_facebook(facts: &Facts) -> Judgement {
    let tenant = &facts.policy.tenant_name;
    match (facts.policy.facebook, facts.facebook_account, facts.entry) {
        (FacebookUse::Off, ..) => Unsaid,
        (FacebookUse::SignUp, true, _) => Skip(format!(
            "Facebook has an account {}, but in {tenant} it signs people up and redeems no \
             invitation (facebook_invitations is off)",
            facts.address
        )),
        (FacebookUse::SignUp, false, _) => {
            Skip(format!("in {tenant} Facebook signs people up and redeems no invitation"))
        }
        (FacebookUse::Invitations, false, _) => {
            Skip(format!("Facebook has no account {}", facts.address))
        }
        (FacebookUse::Invitations, true, Entry::DirectLink) => Skip(format!(
            "Facebook has an account {}, but verifies no address: only the invitation's own link \
             can bind it",
            facts.address
        )),
        (FacebookUse::Invitations, true, Entry::EmailLink) => Decide(
            Outcome::SignIn(Home::Facebook),
            format!("Facebook has an account {}, and may redeem (setting)", facts.address),
        ),
    }
}
