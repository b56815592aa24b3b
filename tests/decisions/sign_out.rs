//! Whose session a sign-out ends.

use std::path::Path;

use guestpass::decide::sign_out::{self, AccountFact, Answer, CameFrom, Facts, Outcome};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    accounts: Vec<Account>,
    #[serde(default)]
    from_application: bool,
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
    let came_from =
        if input.from_application { CameFrom::Application } else { CameFrom::Elsewhere };
    Facts { accounts: accounts.collect(), came_from, answer }
}
