//! Whose session a sign-out ends.

use std::path::Path;

use guestpass::decide::sign_out::{self, AccountFact, Answer, CameFrom, Facts, Outcome, Shown};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    accounts: Vec<Account>,
    /// What the request shows: `no-id-token` if not given.
    #[serde(default)]
    shown: Option<String>,
    #[serde(default)]
    from_application: bool,
    #[serde(default)]
    for_other_session: bool,
    answer: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    name: String,
    #[serde(default)]
    is_subject: bool,
    #[serde(default)]
    is_named_by_application: bool,
    #[serde(default)]
    is_hinted: bool,
}

pub(super) fn case(path: &Path) -> datatest_stable::Result<()> {
    let called = std::cell::RefCell::new(Vec::new());
    super::run(
        path,
        |input: Input| {
            let known = input.accounts.iter().map(|account| account.name.clone());
            called.borrow_mut().extend(known);
            sign_out::decide(&facts(input))
        },
        |outcome| {
            let named = |word: &str, places: &[usize]| {
                let called = called.borrow();
                let all = places.iter().map(|place| called[*place].clone());
                format!("{word} {}", all.collect::<Vec<_>>().join(" "))
            };
            match outcome {
                Outcome::Ask(places) => named("ask", places),
                Outcome::NobodyIsSignedIn => "nobody".to_owned(),
                Outcome::SignOut(places) => named("sign out", places),
            }
        },
    )
}

fn facts(input: Input) -> Facts {
    let answer = input.answer.map(|answer| match answer.as_str() {
        "all" => Answer::All,
        name => {
            let place = input.accounts.iter().position(|account| account.name == name);
            Answer::One(place.expect("an account that is signed in"))
        }
    });
    let accounts = input.accounts.into_iter().map(|account| {
        let Account { name, is_subject, is_named_by_application, is_hinted } = account;
        AccountFact { name, is_subject, is_named_by_application, is_hinted }
    });
    let came_from = match (input.for_other_session, input.from_application) {
        (true, _) => CameFrom::OtherSession,
        (false, true) => CameFrom::Application,
        (false, false) => CameFrom::Elsewhere,
    };
    let shown = match input.shown.as_deref() {
        None | Some("no-id-token") => Shown::NoIdToken,
        Some("id-token") => Shown::IdToken,
        Some("no-signature") => Shown::NoSignature,
        Some("used-signature") => Shown::UsedSignature,
        Some("signature") => Shown::Signature,
        Some("nothing") => Shown::Nothing,
        Some(other) => panic!("a request does not show {other}"),
    };
    Facts { accounts: accounts.collect(), shown, came_from, answer }
}
