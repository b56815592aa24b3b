//! A browser on each page that has a form.

use guestpass::Server;
use guestpass::browser::Browser;

use super::{ALICE, DAVE, FRANK, GRACE, NEEDS_CONSENT, signed_in};
use crate::support::*;

/// Every form that a person can be shown: the steps of a sign-in, and the mock Google's.
pub(crate) const ALL: [&str; 17] = [
    "sign-in",
    "organization",
    "pick-account",
    "choose-account",
    "continue-as",
    "password",
    "send-code",
    "passcode",
    "create-account",
    "verify-address",
    "review-permissions",
    "terms-of-use",
    "app-consent",
    "confirm-device",
    "stay-signed-in",
    "identifier",
    "google-password",
];

/// What an honest person fills in there.
pub(crate) fn honest(step: &str) -> &'static [(&'static str, &'static str)] {
    match step {
        "sign-in" => &[("loginfmt", ALICE)],
        "organization" => &[("organization", "Contoso")],
        "pick-account" => &[("session", "other")],
        "choose-account" => &[("account", "aad")],
        "continue-as" | "review-permissions" | "terms-of-use" | "app-consent"
        | "confirm-device" | "stay-signed-in" => &[("accept", "1")],
        "password" => &[("passwd", "guestpass")],
        "send-code" => &[("send", "1")],
        "passcode" | "verify-address" => &[("otc", "00000000")],
        "create-account" => &[("passwd", "a new password")],
        "identifier" => &[("identifier", DAVE)],
        "google-password" => &[("Passwd", "guestpass")],
        other => panic!("no form {other}"),
    }
}

/// A browser on the page with that form.
pub(crate) async fn at<'s>(server: &'s Server, step: &str) -> Browser<'s> {
    let mut browser = match step {
        "pick-account" | "continue-as" => signed_in(server, ALICE).await,
        _ => server.browser(),
    };
    let hinted = |name: &'static str| authorize(CONTOSO, &[("login_hint", name)]);
    match step {
        "sign-in" => browser.open(&authorize(CONTOSO, &[])).await,
        "organization" => {
            browser.open("/myapps").await;
            let options = browser.link("Sign-in options").unwrap();
            browser.open(&options).await;
            let organization = browser.link("Sign in to an organization").unwrap();
            browser.open(&organization).await
        }
        "pick-account" => browser.open(&authorize(CONTOSO, &[("prompt", "select_account")])).await,
        "choose-account" => browser.open(&hinted(GRACE)).await,
        "continue-as" => browser.open(&accept_link(server, FRANK, CONTOSO).await).await,
        "password" => browser.open(&hinted(ALICE)).await,
        "send-code" | "passcode" | "review-permissions" | "terms-of-use" => {
            browser.open(&hinted(FRANK)).await
        }
        "create-account" | "verify-address" => {
            browser.open(&accept_link(server, FRANK, TAILSPIN).await).await
        }
        "app-consent" => {
            browser.open(&authorize(CONTOSO, &[("login_hint", ALICE), NEEDS_CONSENT])).await
        }
        "confirm-device" => {
            let device = crate::device::start(server).await;
            browser = crate::device::type_code(server, &device).await;
            type_name(&mut browser, ALICE).await;
            &mut browser
        }
        "stay-signed-in" => browser.open(&hinted(ALICE)).await,
        "identifier" | "google-password" => browser.open(&hinted(DAVE)).await,
        other => panic!("no form {other}"),
    };
    match step {
        "passcode" => browser.submit(&[], None).await,
        "review-permissions" | "terms-of-use" => {
            type_passcode(server, &mut browser, FRANK).await;
            if step == "terms-of-use" {
                browser.submit(&[], None).await;
            }
            &mut browser
        }
        "verify-address" => browser.submit(&[("passwd", "a new password")], None).await,
        "app-consent" | "confirm-device" | "stay-signed-in" => {
            browser.submit(&[("passwd", "guestpass")], None).await
        }
        "google-password" => browser.submit(&[("identifier", DAVE)], None).await,
        _ => &mut browser,
    };
    let name = if step == "google-password" { "/password" } else { step };
    let action = browser.forms().into_iter().next().map(|form| form.action).unwrap_or_default();
    assert!(action.ends_with(name), "not at {step} but {action}: {}", browser.text());
    browser
}
