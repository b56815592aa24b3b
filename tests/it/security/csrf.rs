//! Forged requests: the prose rows of the catalogue.

use axum::http::Method;
use guestpass::Server;
use guestpass::browser::Browser;
use guestpass::server::Bind;
use serde_json::Value;

use super::help::*;
use crate::support::*;

const EVIL: &str = "https://evil.example";

/// What the server knows of the sign-in behind a form; at a built-in provider, its page.
async fn state_behind(server: &Server, browser: &Browser<'_>) -> Value {
    let action = browser.forms().remove(0).action;
    let id = action.split("/signin/").nth(1).unwrap().split('/').next().unwrap();
    if action.starts_with("/idp/") {
        let cookie = format!("{BROWSER}={}", browser.cookie(BROWSER).unwrap());
        let path = action.split_inclusive(id).next().unwrap();
        return send(server, Method::GET, path, &[("cookie", &cookie)], "").await.body.into();
    }
    told(server, id).await
}

/// The form as an honest person would send it, for each page that has one.
async fn every_form(server: &Server) -> Vec<(&'static str, Browser<'_>, Post)> {
    let mut all = Vec::new();
    for step in forms::ALL {
        let browser = forms::at(server, step).await;
        let post = Post::of(server, &browser, forms::honest(step));
        all.push((step, browser, post));
    }
    all
}

/// Nothing has changed, and the honest form still does what it should.
async fn assert_unmoved(server: &Server, browser: &Browser<'_>, before: &Value, step: &str) {
    assert_eq!(&state_behind(server, browser).await, before, "{step} has moved");
}

#[tokio::test]
async fn csrf_01_no_form_is_taken_without_its_token_or_from_another_site() {
    let server = forms::server().await;
    for (step, browser, honest) in every_form(&server).await {
        let before = state_behind(&server, &browser).await;
        for forged in [
            honest.clone().without("canary"),
            honest.clone().without("canary").header("origin", ""),
            honest.clone().without("canary").header("origin", EVIL),
            honest.clone().field("canary", ""),
            honest.clone().field("canary", &"A".repeat(43)),
            honest.clone().header("origin", EVIL),
            honest.clone().header("origin", &format!("{}.evil.example", server.origin())),
            honest.clone().header("sec-fetch-site", "cross-site"),
            honest.clone().header("sec-fetch-site", "same-site").header("origin", ""),
        ] {
            let answer = forged.send(&server).await;
            assert_refused(&answer, 403, "forged-request");
            assert_unmoved(&server, &browser, &before, step).await;
        }
        for (kind, status) in [("text/plain", 415), ("application/json", 415)] {
            let forged = honest.clone().header("content-type", kind);
            assert_refused(&forged.send(&server).await, status, "content-type");
        }
        assert_unmoved(&server, &browser, &before, step).await;
        let answer = honest.send(&server).await;
        assert!(matches!(answer.status, 200 | 303), "{step}: {} {}", answer.status, answer.body);
    }
}

/// A sign-out that nobody can be seen to want asks first; its form is tested in `logout.rs`.
#[tokio::test]
async fn csrf_01_a_sign_out_is_no_background_request() {
    let server = server().await;
    let mut alice = signed_in(&server, ALICE).await;
    let cookie = format!("{SESSION}={}", alice.cookie(SESSION).unwrap());
    let path = format!("/{CONTOSO}/oauth2/v2.0/logout");
    for method in [Method::GET, Method::POST] {
        for purpose in ["image", "empty", "script", "style"] {
            let headers = [
                ("cookie", cookie.as_str()),
                ("content-type", "application/x-www-form-urlencoded"),
                ("origin", EVIL),
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-dest", purpose),
            ];
            let answer = send(&server, method.clone(), &path, &headers, "").await;
            let asked = answer.body.contains("Do you want to sign out?");
            assert!(answer.status == 200 && asked, "{method} {purpose}: {}", answer.body);
        }
    }
    assert!(is_signed_in(&mut alice).await);
}

/// The administration: Graph looks at no cookie, the control API at who asks.
#[tokio::test]
async fn csrf_01_administration_is_not_done_by_cookie_or_from_another_site() {
    let server = server().await;
    let before = seen(&server, 6).await;
    let adele = signed_in(&server, "adele@contoso.example").await;
    let cookie = format!("{SESSION}={}", adele.cookie(SESSION).unwrap());
    let path = format!("/v1.0/users/{}", contoso_guest(6));
    let headers = [("cookie", cookie.as_str()), ("content-type", "application/json")];
    let off = r#"{"accountEnabled": false}"#;
    for (method, body) in [(Method::PATCH, off), (Method::DELETE, "")] {
        let answer = send(&server, method, &path, &headers, body).await;
        assert_eq!(answer.status, 401, "{}", answer.body);
    }
    assert_eq!(send(&server, Method::POST, "/v1.0/invitations", &headers, "{}").await.status, 401);
    for path in ["/_guestpass/reset", "/_guestpass/clock"] {
        for foreign in [("origin", EVIL), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
            let headers = [foreign, ("content-type", "application/json")];
            let body = r#"{"advance":"P1Y"}"#;
            assert_eq!(send(&server, Method::POST, path, &headers, body).await.status, 403);
        }
    }
    assert_untouched(&server, 6, &before).await;
}

#[tokio::test]
async fn csrf_02_a_token_of_another_browser_is_none() {
    let server = forms::server().await;
    for (step, victim, honest) in every_form(&server).await {
        let before = state_behind(&server, &victim).await;
        let attacker = forms::at(&server, step).await;
        let theirs = Post::of(&server, &attacker, forms::honest(step));
        let forged = honest.clone().field("canary", theirs.value("canary"));
        assert_refused(&forged.send(&server).await, 403, "forged-request");
        // And the other way round: the attacker's browser with the victim's whole form.
        let stolen = honest.sent_by(&attacker);
        assert_refused(&stolen.send(&server).await, 403, "forged-request");
        assert_unmoved(&server, &victim, &before, step).await;
    }
}

#[tokio::test]
async fn csrf_03_a_token_of_another_form_is_none() {
    let server = forms::server().await;
    for (step, browser, honest) in every_form(&server).await {
        if forms::is_of_a_provider(step) {
            continue;
        }
        let before = state_behind(&server, &browser).await;
        let id = honest.path.split("/signin/").nth(1).unwrap().split('/').next().unwrap();
        for other in forms::ALL.iter().filter(|other| **other != step) {
            let other = Post::forged(&server, &browser, (id, other), &[]);
            let forged = honest.clone().field("canary", other.value("canary"));
            assert_refused(&forged.send(&server).await, 403, "forged-request");
        }
        // The same step of another sign-in of this browser.
        let elsewhere = server.broker().entropy().guid().to_string();
        let other = Post::forged(&server, &browser, (&elsewhere, step), &[]);
        let forged = honest.field("canary", other.value("canary"));
        assert_refused(&forged.send(&server).await, 403, "forged-request");
        assert_unmoved(&server, &browser, &before, step).await;
    }
}

/// The forms of the built-in providers against each other's, and against a tenant's.
#[tokio::test]
async fn csrf_03_a_token_of_another_form_of_a_provider_is_none() {
    let server = forms::server().await;
    let every: Vec<_> = every_form(&server).await;
    for (step, browser, honest) in every.iter().filter(|(step, ..)| forms::is_of_a_provider(step)) {
        let before = state_behind(&server, browser).await;
        let id = honest.path.split("/signin/").nth(1).unwrap().split('/').next().unwrap();
        for other in ["identifier", "login", "consent", "password", "sign-in", "send-code"] {
            let tenants = Post::forged(&server, browser, (id, other), &[]);
            let forged = honest.clone().field("canary", tenants.value("canary"));
            assert_refused(&forged.send(&server).await, 403, "forged-request");
        }
        for (_, _, other) in every.iter().filter(|(other, ..)| other != step) {
            let forged = honest.clone().field("canary", other.value("canary"));
            assert_refused(&forged.send(&server).await, 403, "forged-request");
        }
        assert_unmoved(&server, browser, &before, step).await;
    }
    let identifier = forms::at(&server, "identifier").await;
    let first = Post::of(&server, &identifier, &[("identifier", DAVE)]);
    let mut second = first.field("Passwd", "guestpass");
    second.path = second.path.replace("/identifier", "/password");
    assert_refused(&second.send(&server).await, 403, "forged-request");
}

/// A template with a form that nobody forges here would be a form without these tests.
#[test]
fn every_form_is_among_those_that_are_forged() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut found = std::collections::BTreeSet::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read_to_string(&path)
                .is_ok_and(|text| text.contains("method=\"post\""))
            {
                let name = path.strip_prefix(&root).unwrap().with_extension("");
                found.insert(name.to_str().unwrap().replace('_', "-"));
            }
        }
    }
    let named = |step: &str| match step {
        "review-permissions" => "signin/review".to_owned(),
        "terms-of-use" => "signin/terms".to_owned(),
        "verify-address" => "signin/passcode".to_owned(),
        "identifier" | "google-password" => {
            format!("google/{}", step.trim_start_matches("google-"))
        }
        "facebook-login" | "facebook-consent" => step.replacen('-', "/", 1),
        "litware-password" | "adatum-password" => "idp/sign-in".to_owned(),
        other => format!("signin/{other}"),
    };
    let mut tried: std::collections::BTreeSet<_> = forms::ALL.map(named).into();
    // Theirs are in `logout.rs` and `tests/it/device.rs`; an answer to an application is no request.
    tried.extend(["sign-out", "device", "form-post"].map(str::to_owned));
    assert_eq!(found, tried);
}

#[tokio::test]
async fn csrf_05_an_origin_that_is_hidden_is_another_sites() {
    let server = forms::server().await;
    for (step, browser, honest) in every_form(&server).await {
        let before = state_behind(&server, &browser).await;
        let forged = honest.header("origin", "null");
        assert_refused(&forged.send(&server).await, 403, "forged-request");
        assert_unmoved(&server, &browser, &before, step).await;
    }
}

#[tokio::test]
async fn csrf_07_nobody_is_signed_in_with_an_attackers_credentials() {
    let server = forms::server().await;
    for step in [
        "password",
        "passcode",
        "google-password",
        "facebook-login",
        "litware-password",
        "adatum-password",
    ] {
        let attacker = forms::at(&server, step).await;
        let right = match step {
            "passcode" => vec![("otc", code_for(&server, FRANK).await)],
            _ => forms::honest(step).iter().map(|(n, v)| (*n, (*v).to_owned())).collect(),
        };
        let right: Vec<_> = right.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let credentials = Post::of(&server, &attacker, &right);
        // The victim has been here before, or never; the attacker's page can send no cookie of
        // the attacker's, and the browser says where the form comes from.
        let mut victim = server.browser();
        victim.open(&authorize(CONTOSO, &[])).await;
        let stranger = server.browser();
        for posted in [
            credentials.clone().sent_by(&victim),
            credentials.clone().sent_by(&stranger),
            credentials.clone().header("origin", EVIL),
        ] {
            assert_refused(&posted.send(&server).await, 403, "forged-request");
        }
        assert!(!is_signed_in(&mut victim).await, "{step}");
    }
    // The same with the provider's answer: Google's redirect for the attacker, opened by the victim.
    let before = seen(&server, 3).await;
    let mut attacker = server.browser();
    let answer = answer_of_google(&server, &mut attacker, "s").await;
    let mut victim = server.browser();
    victim.open(&authorize(CONTOSO, &[("login_hint", DAVE)])).await;
    victim.open(&answer).await;
    assert_stopped(&victim, 403, "sign-in-gone: ");
    assert!(!is_signed_in(&mut victim).await);
    assert_untouched(&server, 3, &before).await;
}

#[tokio::test]
async fn csrf_08_nothing_is_changed_by_a_get() {
    let server = forms::server().await;
    for (step, browser, honest) in every_form(&server).await {
        let before = state_behind(&server, &browser).await;
        for method in [Method::GET, Method::HEAD] {
            let answer = honest.send_as(&server, method).await;
            assert_eq!(answer.status, 405, "{step}: {}", answer.body);
            assert_eq!(answer.header("allow"), "POST", "{step}");
        }
        assert_unmoved(&server, &browser, &before, step).await;
    }
    let token = format!("/{CONTOSO}/oauth2/v2.0/token?grant_type=authorization_code&code=x");
    let others =
        ["/v1.0/invitations", "/_guestpass/clock", "/_guestpass/reset", "/idp/google/token"];
    for path in others.iter().copied().chain([token.as_str()]) {
        assert_eq!(get(&server, path).await.status, 405, "{path}");
    }
}

/// An attacker on a sibling domain can plant cookies, but not read them.
#[tokio::test]
async fn csrf_11_a_cookie_that_was_tossed_makes_no_token_fit() {
    let server = forms::server().await;
    for step in ["password", "review-permissions", "app-consent"] {
        let victim = forms::at(&server, step).await;
        let before = state_behind(&server, &victim).await;
        let attacker = forms::at(&server, step).await;
        let honest = Post::of(&server, &victim, forms::honest(step));
        let theirs = Post::of(&server, &attacker, forms::honest(step));
        let tossed = attacker.cookie(BROWSER).unwrap();
        for forged in [
            // Beside the victim's own cookie, with either token: two browsers are none.
            honest.clone().cookie(BROWSER, tossed),
            honest.clone().field("canary", theirs.value("canary")).cookie(BROWSER, tossed),
            theirs.clone().cookie(BROWSER, victim.cookie(BROWSER).unwrap()),
            // A cookie of the attacker's own making under another name is not looked at.
            honest.clone().field("canary", "tossed").cookie("canary", "tossed"),
        ] {
            assert_refused(&forged.send(&server).await, 403, "forged-request");
        }
        assert_unmoved(&server, &victim, &before, step).await;
    }
}

#[tokio::test]
async fn csrf_11_on_https_a_tossed_cookie_is_not_even_seen() {
    let server = Server::builder().https(Bind::loopback(0)).start().await.unwrap();
    let mut victim = server.browser();
    victim.open(&authorize(CONTOSO, &[("login_hint", ALICE)])).await;
    assert!(victim.cookie("__Host-guestpass_browser").is_some(), "{}", victim.text());
    victim.set_cookie(BROWSER, &"A".repeat(43));
    victim.set_cookie(SESSION, &"A".repeat(43));
    victim.submit(&[("passwd", "guestpass")], None).await;
    agree_to_all(&server, &mut victim, ALICE).await;
    assert!(victim.parameter("code").is_some(), "{}", victim.text());
}
