//! WS-Federation.

use guestpass::federation::wsfed::result;
use guestpass::federation::{Expected, VerifiedToken};
use guestpass::server::Server;

use super::help::*;
use crate::support::*;

const SITES: &str = "urn:sites:contoso";
const TRUST: &str = "https://sites.example/_trust/";

fn to_ws_fed(pairs: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("/{CONTOSO}/wsfed?{query}")
}

fn sign_in(realm: &str) -> String {
    to_ws_fed(&[("wa", "wsignin1.0"), ("wtrealm", realm), ("wctx", STATE)])
}

async fn result_of(server: &Server, posted: &Posted, audience: &str) -> VerifiedToken {
    assert_eq!(posted.field("wa"), Some("wsignin1.0"));
    assert_eq!(posted.field("wctx"), Some(STATE));
    let realm = contoso(server).await;
    let audiences = [audience.to_owned()];
    let now = server.broker().clock().now();
    let address = posted.to.as_str();
    let expected = Expected { realm: &realm, audiences: &audiences, address, request: None, now };
    let text = posted.field("wresult").unwrap();
    result::verify(text, &expected).unwrap_or_else(|refusal| panic!("{refusal}: {text}"))
}

#[tokio::test]
async fn a_guest_redeems_on_the_way_to_a_token() {
    let server = sign_on_server().await;
    let posted = signs_in(&server, &sign_in(EXPENSES), "bob@fabrikam.example").await;
    assert_eq!(posted.to, ACS);
    assert_eq!(state_of(&server, 1).await, "Accepted");
    let token = result_of(&server, &posted, EXPENSES).await;
    let claims = token.claims();
    assert_eq!(token.subject().unwrap().name, "bob@fabrikam.example");
    let home = format!("https://sts.windows.net/{FABRIKAM}/");
    assert_eq!(values(claims, "identityprovider"), [home.as_str()]);
    assert!(posted.field("wresult").unwrap().contains("Version=\"2.0\""));
}

#[tokio::test]
async fn an_application_can_have_the_older_token() {
    let server = sign_on_server().await;
    let posted = signs_in(&server, &sign_in(SITES), OLIVIA).await;
    assert_eq!(posted.to, TRUST);
    assert!(posted.field("wresult").unwrap().contains("MajorVersion=\"1\""));
    let token = result_of(&server, &posted, SITES).await;
    assert!(token.subject().unwrap().name.contains("#EXT#"));
    let mut browser = server.browser();
    browser.open(&sign_in(SITES)).await;
    agree_to_all(&server, &mut browser, ALICE).await;
    assert!(browser.alert().unwrap().contains("AADSTS50105"), "{}", browser.text());
}

#[tokio::test]
async fn freshness_hints_and_addresses_are_looked_at() {
    let server = sign_on_server().await;
    let pairs = |more: &[(&'static str, &'static str)]| {
        let mut all = vec![("wa", "wsignin1.0"), ("wtrealm", EXPENSES)];
        all.extend_from_slice(more);
        to_ws_fed(&all)
    };
    let mut browser = server.browser();
    browser.open(&sign_in(EXPENSES)).await;
    agree_to_all(&server, &mut browser, ALICE).await;
    assert!(posted(&browser).is_some(), "{}", browser.text());
    browser.open(&pairs(&[("wfresh", "0")])).await;
    assert_eq!(browser.heading(), "Sign in", "{}", browser.text());
    browser.open(&pairs(&[("wfresh", "5")])).await;
    assert!(posted(&browser).is_some(), "{}", browser.text());
    let mut other = server.browser();
    other.open(&pairs(&[("username", ALICE)])).await;
    assert_eq!(other.heading(), "Enter password", "{}", other.text());
    browser.open(&pairs(&[("wreply", "https://sp.example/acs/other")])).await;
    assert_eq!(posted(&browser).unwrap().to, "https://sp.example/acs/other");
    refused(&server, &pairs(&[("wreply", "https://evil.example/")]), 50011).await;
    refused(&server, &sign_in("https://nobody.example"), 700016).await;
    refused(&server, &to_ws_fed(&[]), 90081).await;
    refused(&server, &to_ws_fed(&[("wa", "wsignin1.0")]), 90081).await;
    refused(&server, &to_ws_fed(&[("wa", "wattr1.0"), ("wtrealm", EXPENSES)]), 9002313).await;
    refused(&server, &pairs(&[("wtrealm", "x")]), 9002313).await;
    refused(&server, &pairs(&[("wfresh", "soon")]), 9002313).await;
}
