//! Whose session a sign-out ends, and whether the person is asked first.
//!
//! Entra ends the session of whoever opens its sign-out address, so that any page can sign anybody
//! out. Here something has to show that the person, or an application that they signed in to, wants
//! it: an id token of ours, or a page of such an application. Otherwise the person is asked. With
//! several accounts the person is asked which, as at Entra, unless a hint names one.

use crate::decide::{Decision, Trace};

/// What the decision looks at.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Who is signed in at the endpoint, each account once.
    pub accounts: Vec<AccountFact>,
    /// What the request shows of its own.
    pub shown: Shown,
    /// Where the browser came from.
    pub came_from: CameFrom,
    /// What the person answered, once they were asked.
    pub answer: Option<Answer>,
}

/// An account that is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFact {
    /// What its holder signs in with.
    pub name: String,
    /// `id_token_hint` was made for its holder.
    pub is_subject: bool,
    /// An application that its holder signed in to has signed a request that names it.
    pub is_named_by_application: bool,
    /// `logout_hint` names it, or a request that nobody signed.
    pub is_hinted: bool,
}

/// What a request can show for itself, by its protocol, apart from whom that is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// OpenID Connect: no `id_token_hint`.
    NoIdToken,
    /// OpenID Connect: an `id_token_hint` of ours.
    IdToken,
    /// SAML: no signature of the application's.
    NoSignature,
    /// SAML: a signature that was taken before.
    UsedSignature,
    /// SAML: a signature of the application's.
    Signature,
    /// WS-Federation: there is nothing that it could show.
    Nothing,
}

/// Where the browser came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CameFrom {
    /// From a page of an application that the session signed into, or from one of ours.
    Application,
    /// From wherever: the request is for another session than the browser's.
    OtherSession,
    /// From anywhere else, or nobody says.
    Elsewhere,
}

/// What the person answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Every account.
    All,
    /// This one.
    One(usize),
}

/// What comes next; accounts by their place in the facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Ask about these.
    Ask(Vec<usize>),
    /// There is nothing to end.
    NobodyIsSignedIn,
    /// End the sessions of these.
    SignOut(Vec<usize>),
}

/// Decides whose session ends.
pub fn decide(facts: &Facts) -> Decision<Outcome> {
    let mut trace = Trace::new();
    let accounts = &facts.accounts;
    if accounts.is_empty() {
        let because = "nobody is signed in here";
        return trace.decided(0, "nobody-signed-in", because, Outcome::NobodyIsSignedIn);
    }
    match facts.answer {
        Some(Answer::All) => {
            let all = Outcome::SignOut((0..accounts.len()).collect());
            return trace.decided(0, "answered", "the person chose every account", all);
        }
        Some(Answer::One(index)) if index < accounts.len() => {
            let because = format!("the person chose {}", accounts[index].name);
            return trace.decided(0, "answered", because, Outcome::SignOut(vec![index]));
        }
        Some(Answer::One(_)) | None => trace.skipped(0, "answered", "the person was not asked yet"),
    }
    if let Some(subject) = accounts.iter().position(|account| account.is_subject) {
        let because = format!("the id_token_hint was issued for {}", accounts[subject].name);
        return trace.decided(0, "id-token-hint", because, Outcome::SignOut(vec![subject]));
    }
    trace.skipped(0, "id-token-hint", "there is none of somebody who is signed in");
    if let Some(named) = accounts.iter().position(|account| account.is_named_by_application) {
        let because = format!("an application has signed a request for {}", accounts[named].name);
        return trace.decided(0, "signed-request", because, Outcome::SignOut(vec![named]));
    }
    let hinted: Vec<usize> = places(accounts, |account| account.is_hinted);
    let meant = if hinted.is_empty() { places(accounts, |_| true) } else { hinted };
    let only = match meant.as_slice() {
        [only] => *only,
        _ => {
            let names = match facts.shown {
                Shown::NoIdToken | Shown::IdToken => "no logout_hint names one of them",
                _ => "the request names none of them",
            };
            let because = format!("several accounts are signed in, and {names}");
            return trace.decided(0, "several-accounts", because, Outcome::Ask(meant));
        }
    };
    trace.skipped(0, "several-accounts", format!("{} is meant", accounts[only].name));
    match facts.came_from {
        CameFrom::Application => {
            let because = "the request comes from a page of an application that was signed in to";
            trace.decided(0, "from-application", because, Outcome::SignOut(meant))
        }
        CameFrom::OtherSession | CameFrom::Elsewhere => {
            let because = no_proof(facts);
            trace.decided(0, "no-proof-of-intent", because, Outcome::Ask(meant))
        }
    }
}

/// Why nothing shows that the person wants it: what its sender could have done.
fn no_proof(facts: &Facts) -> String {
    let own = match facts.shown {
        Shown::NoIdToken => "has no id_token_hint",
        Shown::IdToken => "has no id_token_hint of somebody who is signed in",
        Shown::NoSignature => {
            "is not signed with one of the application's key_credentials by an algorithm that it \
             allows"
        }
        Shown::UsedSignature => "is signed, but came before",
        Shown::Signature => "is signed, but for nobody who is signed in here",
        Shown::Nothing => "",
    };
    let from = match facts.came_from {
        CameFrom::OtherSession => "is for another session",
        _ => "does not come from a page of an application that was signed in to",
    };
    match own {
        "" => format!("the request {from}"),
        own => format!("the request {own}, and {from}"),
    }
}

fn places(accounts: &[AccountFact], which: impl Fn(&AccountFact) -> bool) -> Vec<usize> {
    (0..accounts.len()).filter(|index| which(&accounts[*index])).collect()
}
