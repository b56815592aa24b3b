//! Sessions: the prose rows of the catalogue.

use axum::http::Method;
use guestpass::Server;
use guestpass::browser::Browser;

use super::help::*;
use crate::support::*;

/// A browser that holds nothing but these cookies.
fn holding<'s>(server: &'s Server, cookies: &[(&str, &str)]) -> Browser<'s> {
    let mut browser = server.browser();
    for (name, value) in cookies {
        browser.set_cookie(name, value);
    }
    browser
}

#[tokio::test]
async fn sess_01_a_session_id_that_was_planted_is_not_kept() {
    let server = server().await;
    let planted = "A".repeat(43);
    let mut alice = holding(&server, &[(SESSION, &planted)]);
    alice.open(&authorize(CONTOSO, &[("login_hint", ALICE)])).await;
    agree_to_all(&server, &mut alice, ALICE).await;
    assert!(alice.parameter("code").is_some(), "{}", alice.text());
    let first = alice.cookie(SESSION).unwrap().to_owned();
    assert_ne!(first, planted);
    assert!(!is_signed_in(&mut holding(&server, &[(SESSION, &planted)])).await);
    // Each proof gives a new id, and so does "Stay signed in?".
    alice.open(&authorize(CONTOSO, &[("prompt", "login"), ("login_hint", ALICE)])).await;
    alice.submit(&[("passwd", "guestpass")], None).await;
    let second = alice.cookie(SESSION).unwrap().to_owned();
    assert_eq!(alice.heading(), "Stay signed in?", "{}", alice.text());
    alice.submit(&[], None).await;
    let third = alice.cookie(SESSION).unwrap().to_owned();
    for (old, new) in [(&first, &second), (&second, &third)] {
        assert_ne!(old, new);
        assert!(!is_signed_in(&mut holding(&server, &[(SESSION, old)])).await);
    }
    assert!(is_signed_in(&mut holding(&server, &[(SESSION, &third)])).await);
}

/// The anonymous id that names a browser is planted too: with it the attacker knows a sign-in that
/// the victim will go through, and has the cookie to which it is bound.
#[tokio::test]
async fn sess_01_a_browser_id_that_was_planted_opens_nothing_after_the_login() {
    for (address, name) in [("app-consent", ALICE), ("stay-signed-in", ALICE)] {
        let server = server().await;
        let mut attacker = server.browser();
        let changes = match address {
            "app-consent" => vec![("login_hint", name), NEEDS_CONSENT],
            _ => vec![("login_hint", name)],
        };
        attacker.open(&authorize(CONTOSO, &changes)).await;
        let planted = attacker.cookie(BROWSER).unwrap().to_owned();
        let resume = format!("/{CONTOSO}/resume/{}", sign_in_of(&attacker));
        // The victim is led to the attacker's sign-in, and signs in there.
        let mut victim = holding(&server, &[(BROWSER, &planted)]);
        victim.open(&resume).await;
        victim.submit(&[("passwd", "guestpass")], None).await;
        assert!(victim.cookie(SESSION).is_some(), "{}", victim.text());
        // The attacker, with the browser's id but not the new session's, goes on.
        attacker.open(&resume).await;
        assert_stopped(&attacker, 403, "sign-in-gone: ");
        let step = (resume.rsplit_once('/').unwrap().1, address);
        let accept = Post::forged(&server, &attacker, step, &[("accept", "1")]).send(&server).await;
        assert_refused(&accept, 403, "sign-in-gone");
        agree_to_all(&server, &mut victim, name).await;
        assert!(victim.parameter("code").is_some(), "{}", victim.text());
    }
}

#[tokio::test]
async fn sess_02_a_redemption_as_another_person_changes_the_session_id() {
    let server = server().await;
    let mut browser = signed_in(&server, ALICE).await;
    let planted = browser.cookie(SESSION).unwrap().to_owned();
    browser.open(&accept_link(&server, FRANK, CONTOSO).await).await;
    browser.submit(&[], None).await;
    type_passcode(&server, &mut browser, FRANK).await;
    let new = browser.cookie(SESSION).unwrap().to_owned();
    assert_ne!(new, planted, "already before the redemption is complete");
    assert!(!is_signed_in(&mut holding(&server, &[(SESSION, &planted)])).await);
    agree_to_all(&server, &mut browser, FRANK).await;
    assert_eq!(browser.heading(), "My Apps", "{}", browser.text());
    assert_eq!(state_of(&server, 6).await, "Accepted");
    let mut planted = holding(&server, &[(SESSION, &planted)]);
    assert!(!is_signed_in(&mut planted).await);
    planted.open(&format!("/myapps?tenantid={CONTOSO}")).await;
    assert!(planted.has_id("i0116"), "{}", planted.text());
}

#[tokio::test]
async fn sess_03_the_invitation_of_another_person_asks_first() {
    let server = server().await;
    let before = seen(&server, 6).await;
    for button in ["back", "accept"] {
        let mut alice = signed_in(&server, ALICE).await;
        alice.open(&accept_link(&server, FRANK, CONTOSO).await).await;
        assert_eq!(alice.heading(), "This invitation is for somebody else");
        assert!(alice.text().contains(ALICE) && alice.text().contains(FRANK), "{}", alice.text());
        alice.submit(&[], Some(button)).await;
        let expected = if button == "back" { "You didn't accept" } else { "Verify your email" };
        assert_eq!(alice.heading(), expected, "{}", alice.text());
        assert!(is_signed_in(&mut alice).await, "nobody is signed out");
        assert_untouched(&server, 6, &before).await;
    }
    // Two people in one browser stay two people.
    let mut both = signed_in(&server, ALICE).await;
    both.open(&accept_link(&server, FRANK, CONTOSO).await).await;
    both.submit(&[], None).await;
    agree_to_all(&server, &mut both, FRANK).await;
    for (name, oid) in [(ALICE, "c0a70500-0000-4000-8000-000000000003"), (FRANK, &contoso_guest(6))]
    {
        both.open(&authorize(CONTOSO, &[("login_hint", name)])).await;
        let code = both.parameter("code").unwrap_or_else(|| panic!("{name}: {}", both.text()));
        let tokens = redeem(&server, &code, &[]).await.json();
        assert_eq!(claims(&tokens["id_token"])["oid"], oid);
    }
}

#[tokio::test]
async fn sess_04_a_session_of_one_tenant_is_none_at_another() {
    let server = server().await;
    let portal = [
        ("client_id", "fab21ca0-0000-4000-8000-0000000000b1"),
        ("redirect_uri", "http://localhost:3001/auth/callback"),
        ("prompt", "none"),
    ];
    for name in [ALICE, FRANK] {
        let mut browser = signed_in(&server, name).await;
        for tenant in [TAILSPIN, WOODGROVE, FABRIKAM] {
            browser.open(&authorize(tenant, &portal)).await;
            assert_eq!(browser.parameter("error").unwrap(), "login_required", "{name} {tenant}");
            browser.open(&format!("/myapps?tenantid={tenant}")).await;
            assert!(browser.has_id("i0116"), "{name} {tenant}: {}", browser.text());
        }
        assert!(is_signed_in(&mut browser).await);
    }
}

#[tokio::test]
async fn sess_06_two_different_session_cookies_are_none() {
    let server = server().await;
    let alice = signed_in(&server, ALICE).await;
    let frank = signed_in(&server, FRANK).await;
    let [first, second] =
        [&alice, &frank].map(|b| format!("{SESSION}={}", b.cookie(SESSION).unwrap()));
    let path = authorize(CONTOSO, &[("prompt", "none")]);
    let planted = format!("{SESSION}={}", "A".repeat(43));
    for (one, other, count) in
        [(&first, &second, 0), (&second, &first, 0), (&first, &planted, 0), (&first, &first, 1)]
    {
        let together = format!("{one}; {other}");
        for headers in [
            vec![("cookie", together.as_str())],
            vec![("cookie", one.as_str()), ("cookie", other.as_str())],
        ] {
            let answer = send(&server, Method::GET, &path, &headers, "").await;
            let to = answer.header("location");
            assert_eq!(to.matches("?code=").count(), count, "{together}: {to}");
            assert_eq!(to.contains("error=login_required"), count == 0, "{to}");
        }
    }
}

#[tokio::test]
async fn sess_07_a_session_is_dead_on_every_replica_after_sign_out() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = replicas(&folder).await;
    let mut alice = signed_in(&first, ALICE).await;
    let session = alice.cookie(SESSION).unwrap().to_owned();
    assert!(is_signed_in(&mut holding(&second, &[(SESSION, &session)])).await);
    alice.open(&format!("/{CONTOSO}/oauth2/v2.0/logout")).await;
    alice.submit(&[], None).await;
    assert_eq!(alice.heading(), "You signed out of your account");
    for replica in [&second, &first] {
        assert!(!is_signed_in(&mut holding(replica, &[(SESSION, &session)])).await);
    }
}

/// A sign-in that is under way does not outlive the session it was made with.
#[tokio::test]
async fn sess_07_a_sign_out_in_another_tab_ends_the_sign_in_that_is_under_way() {
    let server = server().await;
    let before = seen(&server, 6).await;
    let mut frank = forms::at(&server, "review-permissions").await;
    let accept = Post::of(&server, &frank, &[]);
    frank.open(&format!("/{CONTOSO}/oauth2/v2.0/logout")).await;
    frank.submit(&[], None).await;
    assert_eq!(frank.heading(), "You signed out of your account");
    assert_refused(&accept.send(&server).await, 403, "sign-in-gone");
    assert_untouched(&server, 6, &before).await;
}

#[tokio::test]
async fn sess_08_a_session_is_worth_nothing_once_its_user_is_disabled() {
    let server = server().await;
    let mut frank = signed_in(&server, FRANK).await;
    assert!(is_signed_in(&mut frank).await);
    befalls(&server, "disabled", 6, FRANK).await;
    assert!(!is_signed_in(&mut frank).await, "within one request");
    assert!(frank.parameter("error_description").unwrap().starts_with("AADSTS500571"));
    frank.open(&authorize(CONTOSO, &[])).await;
    assert_stopped(&frank, 400, "AADSTS500571: ");
    frank.open(&format!("/myapps?tenantid={CONTOSO}")).await;
    assert_stopped(&frank, 400, "AADSTS500571: ");
    assert!(!frank.text().contains("Contoso Web"), "{}", frank.text());
    befalls(&server, "enabled", 6, FRANK).await;
    assert!(is_signed_in(&mut frank).await);
}
