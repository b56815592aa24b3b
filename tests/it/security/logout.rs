//! Sign-out: the rows of the catalogue.

use guestpass::Server;
use guestpass::browser::Browser;

use super::help::*;
use crate::sign_out::{id_token, is_signed_in_at, logout, opened, telling, telling_world, told};
use crate::support::*;

pub(super) const BACK: &str = "http://localhost:3000/";
const EVIL: &str = "https://evil.example";
pub(super) const ASKED: &str = "Do you want to sign out?";
pub(super) const DONE: &str = "You signed out of your account";

/// Somebody is signed in and has opened a sign-out address: asked, and signed in still.
pub(super) async fn asks(server: &Server, pairs: &[(&str, &str)]) {
    let mut alice = signed_in(server, ALICE).await;
    alice.open(&logout(CONTOSO, pairs)).await;
    assert_eq!((alice.heading().as_str(), alice.status()), (ASKED, 200), "{}", alice.text());
    assert!(is_signed_in(&mut alice).await, "asking signs nobody out");
}

/// A page that refuses, no way to anywhere, and the session lives.
pub(super) async fn refuses(
    server: &Server,
    alice: &mut Browser<'_>,
    pairs: &[(&str, &str)],
    code: &str,
) {
    alice.open(&logout(CONTOSO, pairs)).await;
    assert!(alice.url().starts_with(server.origin()), "{}", alice.url());
    assert_eq!(alice.status(), 400, "{}", alice.text());
    assert!(alice.alert().unwrap().starts_with(code), "{}", alice.text());
    assert!(is_signed_in(alice).await, "bad input changes nothing");
}

#[tokio::test]
async fn logout_01_an_unregistered_address_is_not_gone_to() {
    let server = server().await;
    // Neither for somebody who is signed in, nor for nobody.
    for mut browser in [signed_in(&server, ALICE).await, server.browser()] {
        let pairs = [("post_logout_redirect_uri", "https://evil.example/")];
        browser.open(&logout(CONTOSO, &pairs)).await;
        if browser.heading() == ASKED {
            browser.submit(&[], None).await;
        }
        assert_eq!(browser.heading(), DONE, "{}", browser.text());
    }
}

#[tokio::test]
async fn logout_04_the_hint_of_another_client_is_no_leave_to_redirect() {
    let server = server().await;
    let mut alice = signed_in(&server, ALICE).await;
    let hint = id_token(&server, &mut alice, ALICE).await;
    // Contoso SPA has registered it, Contoso Web has not.
    let pairs = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", "http://localhost:3000/spa"),
    ];
    alice.open(&logout(CONTOSO, &pairs)).await;
    assert_eq!(alice.heading(), DONE, "{}", alice.text());
    let hint = [("id_token_hint", hint.as_str()), ("client_id", crate::sign_out::SPA)];
    let mut alice = signed_in(&server, ALICE).await;
    refuses(&server, &mut alice, &hint, "AADSTS501461: ").await;
}

#[tokio::test]
async fn logout_06_only_a_state_asks() {
    asks(&server().await, &[("state", "<script>alert(1)</script>")]).await;
}

#[tokio::test]
async fn logout_07_no_parameters_ask() {
    let server = server().await;
    for tenant in [CONTOSO, "contoso.example", "common", "organizations"] {
        let mut alice = signed_in(&server, ALICE).await;
        alice.open(&logout(tenant, &[])).await;
        assert_eq!(alice.heading(), ASKED, "{tenant}: {}", alice.text());
        alice.submit(&[], Some("back")).await;
        assert_eq!(alice.heading(), "You are still signed in");
        assert!(is_signed_in(&mut alice).await);
    }
}

/// authentik ATH-01-011: what a page loads, and where a foreign page leads, signs nobody out.
#[tokio::test]
async fn logout_08_a_foreign_page_signs_nobody_out() {
    let server = server().await;
    let mut alice = signed_in(&server, ALICE).await;
    let evil = ("referer", "https://evil.example/page");
    let app = ("referer", "http://localhost:3000/page");
    for headers in [
        vec![("sec-fetch-dest", "image"), ("sec-fetch-site", "cross-site"), evil],
        // An image in the application's own page: somebody else may have put it there.
        vec![("sec-fetch-dest", "image"), ("sec-fetch-site", "same-site"), app],
        vec![("sec-fetch-dest", "iframe"), app],
        vec![("sec-fetch-dest", "document"), ("sec-fetch-site", "cross-site"), evil],
        vec![("sec-fetch-dest", "document"), ("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-dest", "document"), ("sec-fetch-site", "none")],
        vec![("origin", EVIL), app],
        vec![("origin", "null"), app],
        vec![("referer", "https://localhost:3000.evil.example/")],
        vec![("referer", "http://localhost:3000@evil.example/")],
        vec![],
    ] {
        let pairs = [("post_logout_redirect_uri", BACK), ("logout_hint", ALICE)];
        let answer = opened(&server, &alice, &logout(CONTOSO, &pairs), &headers).await;
        assert_eq!((answer.status, answer.header("location")), (200, ""), "{headers:?}");
        assert!(answer.body.contains(ASKED), "{headers:?}: {}", answer.body);
        assert!(is_signed_in(&mut alice).await, "{headers:?}");
    }
    for headers in [vec![("sec-purpose", "prefetch"), app], vec![("purpose", "prefetch"), app]] {
        let answer = opened(&server, &alice, &logout(CONTOSO, &[]), &headers).await;
        assert_eq!(answer.status, 405, "{headers:?}: {}", answer.body);
    }
    assert!(is_signed_in(&mut alice).await);
    // A page of an application that she signed in to, and one of ours, do.
    for headers in
        [vec![app], vec![("sec-fetch-dest", "document"), ("origin", "http://localhost:3000")]]
    {
        let browser = signed_in(&server, ALICE).await;
        let answer = opened(&server, &browser, &logout(CONTOSO, &[]), &headers).await;
        assert!(answer.body.contains(DONE), "{headers:?}: {}", answer.body);
    }
    let browser = signed_in(&server, ALICE).await;
    let own = [("sec-fetch-dest", "document"), ("sec-fetch-site", "same-origin")];
    let answer = opened(&server, &browser, &logout(CONTOSO, &[]), &own).await;
    assert!(answer.body.contains(DONE), "{}", answer.body);
}

/// The application of another person's session proves nothing for hers.
#[tokio::test]
async fn logout_08_a_page_of_an_application_that_was_not_signed_in_to_asks() {
    let server = server().await;
    let mut bob = server.browser();
    let portal = [
        ("client_id", "fab21ca0-0000-4000-8000-0000000000b1"),
        ("redirect_uri", "http://localhost:3001/auth/callback"),
    ];
    bob.open(&authorize(FABRIKAM, &portal)).await;
    agree_to_all(&server, &mut bob, BOB).await;
    assert!(is_signed_in_at(&mut bob, FABRIKAM).await);
    let headers = [("referer", "https://localhost:3000/")];
    let answer = opened(&server, &bob, &logout(FABRIKAM, &[]), &headers).await;
    assert!(answer.body.contains(ASKED), "{}", answer.body);
}

#[tokio::test]
async fn logout_09_markup_in_a_hint_is_text() {
    let server = server().await;
    let alice = signed_in(&server, ALICE).await;
    let markup = "\"><script>alert(1)</script>";
    for name in ["logout_hint", "state", "post_logout_redirect_uri"] {
        let answer = opened(&server, &alice, &logout(CONTOSO, &[(name, markup)]), &[]).await;
        assert_eq!(answer.status, 200);
        assert!(!answer.body.contains("<script"), "{name}: {}", answer.body);
        let nobody = get(&server, &logout(CONTOSO, &[(name, markup)])).await;
        assert!(!nobody.body.contains("<script"), "{name}: {}", nobody.body);
    }
}

#[tokio::test]
async fn logout_10_a_logout_url_must_be_a_page() {
    for (url, why) in [
        ("javascript:alert(1)", "a character that is not allowed"),
        ("javascript:void", "its scheme is not allowed"),
        ("myapp://signout", "it is not an https address"),
        ("http://web.contoso.example/", "http is for localhost"),
        ("https://web.contoso.example/#x", "it has a fragment"),
    ] {
        let world = telling_world(url);
        let refused = Server::builder().world(world).start().await;
        let refused = refused.err().unwrap_or_else(|| panic!("{url} was taken")).to_string();
        assert!(refused.contains(why) && refused.contains("logout URL"), "{refused}");
    }
    let world = telling_world("https://web.contoso.example/out");
    let other = world.replace("\nlogout_url", "\nfront_channel_logout_url");
    let server = server_of(&other).await;
    let mut browser = signed_in(&server, ALICE).await;
    browser.open(&logout(CONTOSO, &[])).await;
    browser.submit(&[], None).await;
    assert_eq!(told(browser.html()).len(), 1);
}

#[tokio::test]
async fn logout_19_a_session_of_a_thousand_sign_ins_tells_each_application_once() {
    let server = telling().await;
    let mut alice = signed_in(&server, ALICE).await;
    for _ in 0..50 {
        alice.open(&authorize(CONTOSO, &[])).await;
        assert!(alice.parameter("code").is_some());
    }
    alice.open(&logout(CONTOSO, &[])).await;
    alice.submit(&[], None).await;
    assert_eq!(told(alice.html()).len(), 1);
    // Eight frames at a time, and five seconds in all, whoever hangs.
    let page = alice.html();
    assert!(page.contains("started < 8") && page.contains("setTimeout(finish, 5000)"), "{page}");
}

#[tokio::test]
async fn csrf_01_the_question_is_answered_with_its_own_form_only() {
    let server = server().await;
    let mut alice = signed_in(&server, ALICE).await;
    alice.open(&logout(CONTOSO, &[])).await;
    let honest = Post::of(&server, &alice, &[]);
    let mut other = signed_in(&server, ALICE).await;
    other.open(&logout(CONTOSO, &[])).await;
    let theirs = Post::of(&server, &other, &[]).value("canary").to_owned();
    for forged in [
        honest.clone().without("canary"),
        honest.clone().field("canary", ""),
        honest.clone().field("canary", &"A".repeat(43)),
        honest.clone().field("canary", &theirs),
        honest.clone().header("origin", EVIL),
        honest.clone().header("sec-fetch-site", "cross-site"),
        honest.clone().header("sec-fetch-site", "same-site").header("origin", ""),
    ] {
        assert_refused(&forged.send(&server).await, 403, "forged-request");
    }
    let text = honest.clone().header("content-type", "text/plain");
    assert_refused(&text.send(&server).await, 415, "content-type");
    assert!(is_signed_in(&mut alice).await);
    assert_eq!(honest.send(&server).await.status, 200);
    assert!(!is_signed_in(&mut alice).await);
}

#[tokio::test]
async fn bad_requests_sign_nobody_out() {
    let server = server().await;
    let mut alice = signed_in(&server, ALICE).await;
    let hint = id_token(&server, &mut alice, ALICE).await;
    let long = "x".repeat(8193);
    for (pairs, code) in [
        (vec![("state", "1"), ("state", "2")], "AADSTS9002313: "),
        (vec![("id_token_hint", hint.as_str()), ("state", long.as_str())], "AADSTS9002313: "),
        (vec![("id_token_hint", hint.as_str()), ("client_id", "x")], "AADSTS700016: "),
    ] {
        refuses(&server, &mut alice, &pairs, code).await;
    }
    alice.open(&logout("nowhere.example", &[("id_token_hint", &hint)])).await;
    assert!(alice.alert().unwrap().starts_with("AADSTS90002: "), "{}", alice.text());
}
