//! What tokens say of members and of guests of every kind, as tables: `fixtures/claims/`.

mod groups;
mod lifetimes;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::support::*;

pub(super) const RESOURCE: &str = "e5000000-0000-4000-8000-000000000000";
pub(super) const WORLD: &str = include_str!("../../fixtures/claims/world.toml");
const PEOPLE: [(&str, &str); 5] = [
    ("member", "mia@resource.example"),
    ("entra", "emil@home.example"),
    ("microsoft", "mona@outlook.com"),
    ("google", "gus@gmail.com"),
    ("passcode", "pia@nowhere.example"),
];

/// An application of the world.
#[derive(Clone, Copy)]
pub(super) struct App {
    pub(super) client: &'static str,
    pub(super) secret: &'static str,
    pub(super) callback: &'static str,
    pub(super) scope: &'static str,
}

pub(super) const CURIOUS: App = App {
    client: "e5000000-0000-4000-8000-0000000000a1",
    secret: "curious-secret-0123",
    callback: "http://localhost:3000/curious",
    scope: "openid profile email offline_access api://curious/Read",
};
pub(super) const PLAIN: App = App {
    client: "e5000000-0000-4000-8000-0000000000a2",
    secret: "plain-secret-012345",
    callback: "http://localhost:3000/plain",
    scope: "openid profile api://plain/Read",
};

/// An authorize request of an application of the world.
pub(super) fn ask(app: App, changes: &[(&str, &str)]) -> String {
    let mut pairs =
        vec![("client_id", app.client), ("redirect_uri", app.callback), ("scope", app.scope)];
    pairs.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    pairs.extend(changes);
    authorize(RESOURCE, &pairs)
}

/// Somebody signs in; the parameters of the answer stay in the browser.
pub(super) async fn tokens_of(
    server: &guestpass::Server,
    app: App,
    name: &str,
    changes: &[(&str, &str)],
) -> Value {
    let mut browser = server.browser();
    browser.open(&ask(app, changes)).await;
    agree_to_all(server, &mut browser, name).await;
    let code = browser.parameter("code");
    let code = code.unwrap_or_else(|| panic!("{name}: {} {}", browser.url(), browser.text()));
    let secret = [("client_id", app.client), ("client_secret", app.secret)];
    let pairs = [secret.as_slice(), &[("redirect_uri", app.callback)]].concat();
    let answer = redeem_at(server, RESOURCE, &code, &pairs).await;
    assert_eq!(answer.status, 200, "{name}: {}", answer.body);
    answer.json()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    id_token: BTreeMap<String, BTreeMap<String, Value>>,
    access_token: BTreeMap<String, BTreeMap<String, Value>>,
}

/// Compares every claim, in both directions.
fn compare(
    table: &BTreeMap<String, BTreeMap<String, Value>>,
    kind: &str,
    token: &Map<String, Value>,
) {
    for (claim, row) in table {
        match (row.get(kind).or_else(|| row.get("all")), token.get(claim)) {
            (None, None) => {}
            (Some(expected), Some(_)) if expected == "*" => {}
            (expected, said) => assert_eq!(said, expected, "{kind}: {claim}"),
        }
    }
    for claim in token.keys() {
        assert!(table.contains_key(claim), "{kind}: {claim} is in no row of the table");
    }
}

async fn check(text: &str, app: App) {
    let table: Table = toml::from_str(text).expect("a table");
    let capable = r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#;
    for (kind, name) in PEOPLE {
        let server = server_of(WORLD).await;
        let tokens = tokens_of(&server, app, name, &[("claims", capable)]).await;
        compare(&table.id_token, kind, &claims(&tokens["id_token"]));
        compare(&table.access_token, kind, &claims(&tokens["access_token"]));
    }
}

#[tokio::test]
async fn an_application_that_asks_gets_every_claim_with_a_fact_behind_it() {
    check(include_str!("../../fixtures/claims/curious.toml"), CURIOUS).await;
}

#[tokio::test]
async fn an_application_that_asks_for_nothing_gets_the_default_claims() {
    check(include_str!("../../fixtures/claims/plain.toml"), PLAIN).await;
}

#[tokio::test]
async fn names_need_the_profile_scope() {
    let server = server_of(WORLD).await;
    let changes = [("scope", "openid")];
    let tokens = tokens_of(&server, CURIOUS, "mia@resource.example", &changes).await;
    let id = claims(&tokens["id_token"]);
    for absent in ["name", "given_name", "family_name", "preferred_username", "upn", "oid"] {
        assert!(!id.contains_key(absent), "{absent}");
    }
    assert_eq!(id["acct"], 0, "{id:?}");
}

#[tokio::test]
async fn the_resource_decides_about_the_access_token_and_the_client_about_the_id_token() {
    let server = server_of(WORLD).await;
    let name = "mia@resource.example";
    let mut browser = server.browser();
    let scope = "openid profile api://curious/Read";
    browser.open(&ask(PLAIN, &[("scope", scope)])).await;
    agree_to_all(&server, &mut browser, name).await;
    let code = browser.parameter("code").expect("a code");
    let pairs = [
        ("client_id", PLAIN.client),
        ("client_secret", PLAIN.secret),
        ("redirect_uri", PLAIN.callback),
    ];
    let tokens = redeem_at(&server, RESOURCE, &code, &pairs).await.json();
    assert!(!claims(&tokens["id_token"]).contains_key("acct"));
    let access = claims(&tokens["access_token"]);
    assert_eq!((&access["acct"], &access["idtyp"]), (&json!(0), &json!("user")));
    assert!(!access.contains_key("xms_cc"), "the client said nothing of itself");
}

#[tokio::test]
async fn a_login_hint_claim_comes_back_as_the_parameter() {
    let server = server_of(WORLD).await;
    let tokens = tokens_of(&server, CURIOUS, "emil@home.example", &[]).await;
    let hint = claims(&tokens["id_token"])["login_hint"].as_str().unwrap().to_owned();
    assert!(hint.starts_with("O.") && !hint.contains('@'), "{hint}");
    // It leads to the home tenant, without a question for the name.
    let mut browser = server.browser();
    browser.open(&ask(CURIOUS, &[("login_hint", &hint)])).await;
    assert_eq!(browser.heading(), "Enter password", "{}", browser.text());
    assert!(browser.text().contains("emil@home.example"), "{}", browser.text());
    agree_to_all(&server, &mut browser, "emil@home.example").await;
    browser.open(&ask(CURIOUS, &[("login_hint", &hint), ("prompt", "none")])).await;
    assert!(browser.parameter("code").is_some(), "{}", browser.url());
    // One that nobody made names nobody, and is not shown.
    let forged: String = hint.chars().rev().collect::<String>().replacen('.', "_", 1);
    let forged = format!("O.{forged}");
    for wrong in [forged.as_str(), "O.", "O.CiQ1234"] {
        let mut browser = server.browser();
        browser.open(&ask(CURIOUS, &[("login_hint", wrong)])).await;
        assert!(browser.has_id("i0116"), "{}", browser.text());
        assert!(!browser.html().contains("emil@") && !browser.html().contains("O."));
    }
}

#[tokio::test]
async fn claims_are_asked_for_by_request_and_more_of_them_with_the_code() {
    let server = server_of(WORLD).await;
    let mut browser = server.browser();
    let first =
        r#"{"id_token":{"acct":null,"nobody_knows":{"essential":true}},"userinfo":{"x":null}}"#;
    browser.open(&ask(PLAIN, &[("claims", first)])).await;
    agree_to_all(&server, &mut browser, "mia@resource.example").await;
    let code = browser.parameter("code").expect("a code");
    let later =
        r#"{"id_token":{"ctry":{"essential":true},"upn":null},"access_token":{"acct":null}}"#;
    let pairs = |claims| {
        [
            ("client_id", PLAIN.client),
            ("client_secret", PLAIN.secret),
            ("redirect_uri", PLAIN.callback),
            ("claims", claims),
        ]
    };
    for wrong in ["[]", "{", "{\"id_token\":1}"] {
        let answer = redeem_at(&server, RESOURCE, &code, &pairs(wrong)).await;
        assert_eq!(answer.json()["error_codes"], json!([90023]), "{wrong}");
    }
    let tokens = redeem_at(&server, RESOURCE, &code, &pairs(later)).await.json();
    let id = claims(&tokens["id_token"]);
    assert_eq!((&id["acct"], &id["ctry"]), (&json!(0), &json!("FR")));
    assert_eq!(id["upn"], "mia@resource.example");
    assert!(!id.contains_key("nobody_knows"));
    assert_eq!(claims(&tokens["access_token"])["acct"], 0);
    browser.open(&ask(PLAIN, &[("claims", "{")])).await;
    assert_eq!(browser.parameter("error").unwrap(), "invalid_request");
    assert!(browser.parameter("error_description").unwrap().contains("AADSTS90023"));
}
