//! Whether somebody who is signed in already will do.
//!
//! A session of another person is never used silently: where there is doubt, the person is asked.

use crate::decide::{Decision, Trace};
use crate::fault::{Fault, say};

/// What the decision looks at.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone)]
pub struct Facts {
    /// The live sessions of the browser at the tenant.
    pub sessions: Vec<SessionFact>,
    /// Whom the sign-in is for.
    pub wanted: Wanted,
    /// `prompt` lets a session pass without a question.
    pub may_pass: bool,
    /// `prompt=select_account`.
    pub select: bool,
    /// The client names the only `sub` that will do.
    pub subject_asked: bool,
    /// The session that the client names by its `sid`.
    pub session_asked: Option<AskedSession>,
    /// `prompt=none`: nobody can be asked.
    pub silent: bool,
    /// The tenant's name.
    pub tenant_name: String,
}

/// The session that a `sid` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskedSession {
    /// One of those that count here.
    Here,
    /// The browser has none of that name.
    Nowhere,
    /// It counts in another tenant, and its account is nobody here: what that signs in with.
    OfStranger(String),
    /// It does not count here, though its account could.
    Elsewhere,
}

/// A session of the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFact {
    /// What its holder signs in with.
    pub name: String,
    /// Recent enough for `max_age`.
    pub recent: bool,
    /// It is whom the sign-in is for: the hinted account, the invited guest, the asked subject.
    pub wanted: bool,
}

/// Whom a sign-in is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Anybody.
    Anyone,
    /// The account named by `login_hint`.
    Hinted,
    /// The guest whose invitation was opened.
    Invited,
    /// Somebody else than the session offers: the person said so.
    SomebodyElse,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Somebody else is signed in: ask before going on as the invited one.
    ContinueAs,
    /// The client asked for a session that will not do, and nobody can be asked.
    OtherSession(Fault),
    /// The client asked for a subject that is not signed in.
    OtherSubject,
    /// Ask which of the accounts.
    PickAccount,
    /// Ask for a name.
    SignIn,
    /// Take this session.
    UseSession(usize),
}

/// Decides about the browser's sessions.
pub fn decide(facts: &Facts) -> Decision<Outcome> {
    let rule = "session";
    let trace = Trace::new();
    let usable: Vec<usize> = (0..facts.sessions.len())
        .filter(|index| facts.sessions[*index].recent && facts.may_pass)
        .collect();
    let wanted = usable.iter().copied().find(|index| facts.sessions[*index].wanted);
    if facts.subject_asked {
        return match wanted {
            Some(index) => {
                trace.decided(0, rule, "the subject is signed in", Outcome::UseSession(index))
            }
            None => trace.decided(0, rule, "the subject is not signed in", Outcome::OtherSubject),
        };
    }
    if let Some(asked) = facts.session_asked.as_ref().filter(|_| facts.silent && wanted.is_none()) {
        let fault = match asked {
            AskedSession::Nowhere => say::session_unknown(),
            AskedSession::OfStranger(name) => say::session_of_a_stranger(name, &facts.tenant_name),
            AskedSession::Here | AskedSession::Elsewhere => say::session_unfit(),
        };
        return trace.decided(0, rule, fault.to_string(), Outcome::OtherSession(fault));
    }
    let names = || facts.sessions.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join(", ");
    if facts.sessions.is_empty() {
        return trace.decided(0, rule, "nobody is signed in here", Outcome::SignIn);
    }
    if facts.wanted == Wanted::SomebodyElse {
        return trace.decided(0, rule, "another account was asked for", Outcome::SignIn);
    }
    if facts.select {
        return trace.decided(0, rule, "prompt=select_account", Outcome::PickAccount);
    }
    match (facts.wanted, wanted, usable.as_slice()) {
        (Wanted::Hinted | Wanted::Invited, Some(index), _) => {
            let because = format!("{} is signed in", facts.sessions[index].name);
            trace.decided(0, rule, because, Outcome::UseSession(index))
        }
        (Wanted::Invited, None, _) => {
            let because = format!("{} is signed in, not the invited guest", names());
            trace.decided(0, rule, because, Outcome::ContinueAs)
        }
        (Wanted::Hinted, None, _) => {
            let because = format!("{} is signed in, not the hinted account", names());
            trace.decided(0, rule, because, Outcome::SignIn)
        }
        (_, _, [only]) => {
            let because = format!("{} is signed in", facts.sessions[*only].name);
            trace.decided(0, rule, because, Outcome::UseSession(*only))
        }
        (_, _, []) => trace.decided(0, rule, "a fresh sign-in was asked for", Outcome::SignIn),
        (_, _, _) => {
            let because = format!("several accounts are signed in: {}", names());
            trace.decided(0, rule, because, Outcome::PickAccount)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_is_named_is_that_one_or_none() {
        let session = |wanted, recent| SessionFact { name: "a@b.example".into(), recent, wanted };
        let facts = |sessions, asked, silent| Facts {
            sessions,
            wanted: Wanted::Hinted,
            may_pass: true,
            select: false,
            subject_asked: false,
            session_asked: Some(asked),
            silent,
            tenant_name: "Contoso".to_owned(),
        };
        let outcome = |facts: Facts| match decide(&facts).outcome() {
            Outcome::OtherSession(fault) => Err(fault.number()),
            other => Ok(other.clone()),
        };
        let two = || vec![session(false, true), session(true, true)];
        assert_eq!(outcome(facts(two(), AskedSession::Here, true)), Ok(Outcome::UseSession(1)));
        let old = || vec![session(false, true), session(true, false)];
        assert_eq!(outcome(facts(old(), AskedSession::Here, true)), Err(Some(16002)));
        assert_eq!(outcome(facts(old(), AskedSession::Here, false)), Ok(Outcome::SignIn));
        for (asked, number) in [
            (AskedSession::Nowhere, 160021),
            (AskedSession::Elsewhere, 16002),
            (AskedSession::OfStranger("bob@fabrikam.example".to_owned()), 16003),
        ] {
            let seen = outcome(facts(vec![session(false, true)], asked.clone(), true));
            assert_eq!(seen, Err(Some(number)), "{asked:?}");
            assert_eq!(outcome(facts(vec![], asked, true)), Err(Some(number)));
        }
    }
}
