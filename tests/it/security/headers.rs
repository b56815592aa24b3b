//! Headers of every answer: the prose rows of the catalogue.

use axum::http::Method;
use guestpass::Server;
use guestpass::browser::Browser;

use super::help::*;
use crate::support::*;

/// Pages that people open, one of each kind.
fn pages() -> Vec<String> {
    let pages = [
        "/",
        "/myapps",
        "/error?code=50020",
        "/inbox",
        "/inbox/frank@northwind.example",
        "/idp/google",
        "/common/oauth2/deviceauth",
        "/invitations/redeem/?tenant=x&user=y&ticket=z",
        "/redeem?rd=x",
        "/nothing/here",
    ];
    let own = [
        authorize(CONTOSO, &[]),
        authorize(CONTOSO, &[("redirect_uri", "https://evil.example")]),
        format!("/{CONTOSO}/oauth2/v2.0/logout"),
        format!("/portal/{CONTOSO}"),
    ];
    pages.map(str::to_owned).into_iter().chain(own).collect()
}

fn directive<'p>(policy: &'p str, name: &str) -> Option<&'p str> {
    let mut directives = policy.split(';').map(str::trim);
    directives.find_map(|found| found.strip_prefix(name)).map(str::trim)
}

/// What holds of every page, whatever it says.
fn assert_page(browser: &Browser<'_>) {
    let header = |name: &str| browser.header(name).unwrap_or_default();
    let policy = header("content-security-policy");
    let place = browser.url();
    assert_eq!(directive(policy, "default-src"), Some("'none'"), "{place}: {policy}");
    assert_eq!(directive(policy, "frame-ancestors"), Some("'none'"), "{place}: {policy}");
    assert_eq!(directive(policy, "base-uri"), Some("'none'"), "{place}: {policy}");
    assert!(!policy.contains("unsafe-"), "{place}: {policy}");
    assert_eq!(header("x-frame-options"), "DENY", "{place}");
    assert_eq!(header("x-content-type-options"), "nosniff", "{place}");
    let has_form = browser.html().contains("<form");
    // A form keeps its Origin only where some referrer is sent.
    let referrer = header("referrer-policy");
    let answers = browser.html().contains("<script");
    let expected = match (has_form, answers) {
        (true, true) => "origin",
        (true, false) => "same-origin",
        (false, _) => "no-referrer",
    };
    assert_eq!(referrer, expected, "{place}");
}

async fn every_page(server: &Server) -> Vec<Browser<'_>> {
    let mut browsers = Vec::new();
    for path in pages() {
        let mut browser = server.browser();
        browser.open(&path).await;
        assert!(browser.html().contains("<html"), "{path} is no page: {}", browser.text());
        browsers.push(browser);
    }
    for step in forms::ALL {
        browsers.push(forms::at(server, step).await);
    }
    browsers
}

#[tokio::test]
async fn hdr_02_no_page_runs_a_script_but_the_one_that_posts_the_answer() {
    let server = forms::server().await;
    for browser in every_page(&server).await {
        assert_page(&browser);
        let policy = browser.header("content-security-policy").unwrap();
        assert!(directive(policy, "script-src").is_none(), "{}: {policy}", browser.url());
        assert!(!browser.html().contains("<script"), "{}", browser.url());
    }
    let mut alice = signed_in(&server, ALICE).await;
    let mut nonces = Vec::new();
    for _ in 0..2 {
        alice.open(&authorize(CONTOSO, &[("response_mode", "form_post")])).await;
        assert_page(&alice);
        let policy = alice.header("content-security-policy").unwrap();
        let nonce = directive(policy, "script-src").unwrap();
        let nonce = nonce.strip_prefix("'nonce-").and_then(|nonce| nonce.strip_suffix('\''));
        let nonce = nonce.expect("one nonce and nothing else").to_owned();
        let scripts = alice.html().matches("<script").count();
        assert_eq!(scripts, alice.html().matches(&format!("nonce=\"{nonce}\"")).count());
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test]
async fn hdr_04_an_address_with_a_secret_reaches_no_other_site() {
    let server = forms::server().await;
    for browser in every_page(&server).await {
        assert_page(&browser);
    }
    // What only leads on sends no referrer at all.
    let answer = get(&server, &authorize(CONTOSO, &[("prompt", "none")])).await;
    assert_eq!((answer.status, answer.header("referrer-policy")), (302, "no-referrer"));
}

#[tokio::test]
async fn hdr_05_what_is_about_a_person_is_kept_by_nobody() {
    let server = forms::server().await;
    for browser in every_page(&server).await {
        assert_eq!(browser.header("cache-control"), Some("no-store"), "{}", browser.url());
    }
    let alice = signed_in(&server, ALICE).await;
    let code = alice.parameter("code").unwrap();
    let path = format!("/{CONTOSO}/oauth2/v2.0/token");
    let token = redeem(&server, &code, &[]).await;
    let access = token.json()["access_token"].as_str().unwrap().to_owned();
    let device = [("client_id", "c0a70500-0000-4000-8000-0000000000a3"), ("scope", "openid")];
    for answer in [
        token,
        post_form(&server, &path, &[("grant_type", "nothing")]).await,
        redeem(&server, &code, &[("client_secret", "wrong")]).await,
        redeem(&server, &code, &[]).await,
        get(&server, &path).await,
        post_form(&server, &format!("/{CONTOSO}/oauth2/v2.0/devicecode"), &device).await,
        with_token(&server, Method::GET, "/oidc/userinfo", &access).await,
        with_token(&server, Method::GET, "/oidc/userinfo", "x").await,
        with_token(&server, Method::GET, "/v1.0/users", &daemon_token(&server).await).await,
        with_token(&server, Method::GET, "/v1.0/me", "x").await,
        get(&server, &authorize(CONTOSO, &[("prompt", "none")])).await,
    ] {
        let cache = (answer.header("cache-control"), answer.header("pragma"));
        assert_eq!(cache, ("no-store", "no-cache"), "{}", answer.body);
    }
}

/// Browsers keep the promise for every port of a name. So it is made under a name of the server's
/// own, and not under one that it serves by http, too, or that is everybody's.
#[tokio::test]
async fn hdr_07_under_a_name_of_its_own_the_server_is_reached_by_https_only() {
    let own = "https://login.guestpass.example";
    let both = "https://both.guestpass.example";
    let server = Server::builder().origin(own).origin(both);
    let server = server.origin("http://both.guestpass.example:8080").start().await.unwrap();
    for (origin, promise) in [
        (own, "max-age=31536000"),
        (both, ""),
        ("http://both.guestpass.example:8080", ""),
        (server.origin(), ""),
    ] {
        for path in ["/", "/common/v2.0/.well-known/openid-configuration", "/nothing"] {
            let request = axum::http::Request::get(path).body(axum::body::Body::empty());
            let answer = server.call(origin, request.unwrap()).await;
            let header = answer.headers().get("strict-transport-security");
            let header = header.map_or("", |value| value.to_str().unwrap());
            assert_eq!(header, promise, "{origin}{path}");
        }
    }
}

#[tokio::test]
async fn hdr_08_no_header_names_a_version() {
    let server = forms::server().await;
    for browser in every_page(&server).await {
        for name in ["server", "x-powered-by", "via"] {
            assert_eq!(browser.header(name), None, "{}", browser.url());
        }
    }
    let answer = get(&server, "/common/v2.0/.well-known/openid-configuration").await;
    assert_eq!(answer.header("server"), "");
}

#[tokio::test]
async fn hdr_09_no_page_of_a_sign_in_can_be_framed() {
    let server = forms::server().await;
    for browser in every_page(&server).await {
        assert_page(&browser);
    }
    let answer = get(&server, "/common/v2.0/.well-known/openid-configuration").await;
    assert_eq!(answer.header("x-frame-options"), "DENY");
}

/// The cookies that a sign-in sets, as the headers say it.
async fn cookies(server: &Server, origin: &str) -> Vec<String> {
    let mut alice = Browser::new(server, origin);
    alice.open(&format!("{origin}{}", authorize(CONTOSO, &[("login_hint", ALICE)]))).await;
    alice.submit(&[("passwd", "guestpass")], None).await;
    alice.hops.iter().flat_map(|hop| hop.set_cookies.clone()).collect()
}

#[tokio::test]
async fn hdr_10_on_https_cookies_are_bound_to_the_host_and_to_https() {
    let https = "https://login.guestpass.example";
    let server = Server::builder().origin(https).start().await.unwrap();
    let cookies = cookies(&server, https).await;
    assert!(cookies.iter().any(|cookie| cookie.starts_with("__Host-guestpass_session=")));
    for cookie in cookies {
        assert!(cookie.starts_with("__Host-guestpass_"), "{cookie}");
        for attribute in ["Secure", "HttpOnly", "SameSite=None", "Path=/"] {
            let mut attributes = cookie.split("; ");
            assert!(attributes.any(|found| found == attribute), "{attribute}: {cookie}");
        }
        assert!(!cookie.contains("Domain="), "{cookie}");
    }
}

#[tokio::test]
async fn hdr_13_on_loopback_http_only_secure_and_its_prefix_are_left_out() {
    let server = server().await;
    let cookies = cookies(&server, server.origin()).await;
    assert!(cookies.iter().any(|cookie| cookie.starts_with("guestpass_session=")));
    for cookie in cookies {
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            let mut attributes = cookie.split("; ");
            assert!(attributes.any(|found| found == attribute), "{attribute}: {cookie}");
        }
        assert!(!cookie.contains("Secure") && !cookie.contains("Domain="), "{cookie}");
    }
}
