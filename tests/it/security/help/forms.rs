//! A browser on each page that has a form.

use guestpass::Server;
use guestpass::browser::Browser;

use super::{ALICE, DAVE, ERIN, FAY, FRANK, GRACE, HEIDI, NEEDS_CONSENT, signed_in};
use crate::support::*;

/// Every form that a person can be shown: the steps of a sign-in, and those of the built-in
/// providers. `every_form_is_among_those_that_are_forged` holds this against the templates.
pub(crate) const ALL: [&str; 23] = [
    "sign-in",
    "sign-up",
    "organization",
    "pick-account",
    "choose-account",
    "continue-as",
    "password",
    "send-code",
    "passcode",
    "create-account",
    "verify-address",
    "attributes",
    "review-permissions",
    "terms-of-use",
    "app-consent",
    "confirm-device",
    "stay-signed-in",
    "identifier",
    "google-password",
    "facebook-login",
    "facebook-consent",
    "litware-password",
    "adatum-password",
];

/// A server on which each of them can be reached: Contoso Web lets people sign up.
pub(crate) async fn server() -> Server {
    server_of(&crate::sign_up::world()).await
}

/// Whether it is a form of a built-in provider.
pub(crate) fn is_of_a_provider(step: &str) -> bool {
    step == "identifier" || step.contains("-password") || step.starts_with("facebook-")
}

/// The end of a form's address.
fn end_of(step: &str) -> &str {
    match step {
        "facebook-login" => "/login",
        "facebook-consent" => "/consent",
        _ if is_of_a_provider(step) && step != "identifier" => "/password",
        _ => step,
    }
}

/// What an honest person fills in there.
pub(crate) fn honest(step: &str) -> &'static [(&'static str, &'static str)] {
    match step {
        "sign-in" => &[("loginfmt", ALICE)],
        "sign-up" => &[("loginfmt", "zoe@northwind.example")],
        "attributes" => &[("displayName", "Fay"), ("country", "DE")],
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
        "facebook-login" => &[("email", FAY), ("pass", "guestpass")],
        "facebook-consent" => &[("confirm", "1"), ("share_email", "1")],
        "litware-password" => &[("UserName", ERIN), ("Password", "guestpass")],
        "adatum-password" => &[("UserName", HEIDI), ("Password", "guestpass")],
        other => panic!("no form {other}"),
    }
}

/// A browser on the page with that form.
pub(crate) async fn at<'s>(server: &'s Server, step: &str) -> Browser<'s> {
    let mut browser = match hinted(step) {
        Some(name) => {
            let mut browser = server.browser();
            browser.open(&authorize(CONTOSO, &[("login_hint", name)])).await;
            browser
        }
        None => entered(server, step).await,
    };
    go_on(server, &mut browser, step).await;
    let name = end_of(step);
    let action = browser.forms().into_iter().next().map(|form| form.action).unwrap_or_default();
    assert!(action.ends_with(name), "not at {step} but {action}: {}", browser.text());
    browser
}

/// Whose name the application knows already, where the way there begins so.
fn hinted(step: &str) -> Option<&'static str> {
    Some(match step {
        "choose-account" => GRACE,
        "password" | "stay-signed-in" => ALICE,
        "send-code" | "passcode" | "review-permissions" | "terms-of-use" => FRANK,
        "litware-password" => ERIN,
        "adatum-password" => HEIDI,
        "identifier" | "google-password" => DAVE,
        _ => return None,
    })
}

/// The other beginnings.
async fn entered<'s>(server: &'s Server, step: &str) -> Browser<'s> {
    let mut browser = match step {
        "pick-account" | "continue-as" => signed_in(server, ALICE).await,
        "confirm-device" => {
            let device = crate::device::start(server).await;
            crate::device::type_code(server, &device).await
        }
        "facebook-login" | "facebook-consent" | "attributes" => {
            crate::sign_up::pressed(server, "facebook").await
        }
        _ => server.browser(),
    };
    match step {
        "sign-in" | "sign-up" => browser.open(&authorize(CONTOSO, &[])).await,
        "organization" => browser.open("/myapps").await,
        "pick-account" => browser.open(&authorize(CONTOSO, &[("prompt", "select_account")])).await,
        "continue-as" => browser.open(&accept_link(server, FRANK, CONTOSO).await).await,
        "create-account" | "verify-address" => {
            browser.open(&accept_link(server, FRANK, TAILSPIN).await).await
        }
        "app-consent" => {
            browser.open(&authorize(CONTOSO, &[("login_hint", ALICE), NEEDS_CONSENT])).await
        }
        "confirm-device" => {
            type_name(&mut browser, ALICE).await;
            &mut browser
        }
        "facebook-login" | "facebook-consent" | "attributes" => &mut browser,
        other => panic!("no form {other}"),
    };
    browser
}

/// The pages between the first one and that form.
async fn go_on(server: &Server, browser: &mut Browser<'_>, step: &str) {
    let links: &[&str] = match step {
        "sign-up" => &["Create one"],
        "organization" => &["Sign-in options", "Sign in to an organization"],
        _ => &[],
    };
    for text in links {
        let link = browser.link(text).unwrap();
        browser.open(&link).await;
    }
    if matches!(step, "review-permissions" | "terms-of-use") {
        type_passcode(server, browser, FRANK).await;
    }
    let forms: &[&[(&str, &str)]] = match step {
        "passcode" | "terms-of-use" => &[&[]],
        "verify-address" => &[honest("create-account")],
        "app-consent" | "confirm-device" | "stay-signed-in" => &[honest("password")],
        "google-password" => &[honest("identifier")],
        "facebook-consent" => &[honest("facebook-login")],
        "attributes" => &[honest("facebook-login"), honest("facebook-consent")],
        _ => &[],
    };
    for form in forms {
        browser.submit(form, None).await;
    }
}
