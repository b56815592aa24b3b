//! What pages of other sites may read: the prose rows of the catalogue. More stands in
//! `cross_origin.rs`.

use axum::http::Method;
use guestpass::Server;

use super::help::*;
use crate::support::*;
use crate::tokens::{CHALLENGE, SPA, VERIFIER};

const SPA_REDIRECT: &str = "http://localhost:3000/spa";
const SPA_ORIGIN: &str = "http://localhost:3000";

/// Origins that are nobody's, or that only look like the application's.
const FOREIGN: [&str; 9] = [
    "https://evil.example",
    "null",
    "https://localhost:3000",
    "http://localhost.evil.example:3000",
    "http://localhost:3000.evil.example",
    "http://127.0.0.1:3000",
    "http://LOCALHOST:3000",
    "http://user@localhost:3000",
    "http://localhost:3000/",
];

/// The metadata of every kind of authority.
fn documents() -> Vec<String> {
    let authorities = [CONTOSO, "contoso.example", "common", "organizations", "consumers"];
    let of = |t: &str| {
        [format!("/{t}/v2.0/.well-known/openid-configuration"), format!("/{t}/discovery/v2.0/keys")]
    };
    authorities.iter().flat_map(|t| of(t)).collect()
}

/// What no page of another site may read.
fn pages() -> Vec<String> {
    let pages = [
        "/",
        "/myapps",
        "/inbox",
        "/error?code=50020",
        "/idp/google",
        "/common/oauth2/deviceauth",
        "/invitations/redeem/?tenant=x&user=y&ticket=z",
    ];
    let own = [
        authorize(CONTOSO, &[]),
        authorize(CONTOSO, &[("prompt", "none")]),
        format!("/{CONTOSO}/oauth2/v2.0/logout"),
        format!("/portal/{CONTOSO}"),
    ];
    pages.map(str::to_owned).into_iter().chain(own).collect()
}

async fn from(server: &Server, method: Method, path: &str, origin: &str) -> Answer {
    send(server, method, path, &[("origin", origin)], "").await
}

#[tokio::test]
async fn cors_01_metadata_and_keys_are_for_everybody() {
    let server = server().await;
    for path in documents() {
        for origin in ["https://anything.example", "null", SPA_ORIGIN] {
            let answer = from(&server, Method::GET, &path, origin).await;
            assert_eq!(answer.status, 200, "{path}");
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
            assert_eq!(answer.header("access-control-allow-credentials"), "", "{path}");
        }
    }
}

/// A redemption, as a page of `origin` would ask for it.
async fn redeem_from(server: &Server, origin: &str, code: &str) -> Answer {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("client_id", SPA),
        ("redirect_uri", SPA_REDIRECT),
        ("code_verifier", VERIFIER),
        ("code", code),
    ];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let path = format!("/{CONTOSO}/oauth2/v2.0/token");
    send(server, Method::POST, &path, &[kind, ("origin", origin)], body).await
}

async fn spa_code(server: &Server) -> String {
    let spa = [
        ("client_id", SPA),
        ("redirect_uri", SPA_REDIRECT),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let mut alice = server.browser();
    alice.open(&authorize(CONTOSO, &spa)).await;
    agree_to_all(server, &mut alice, ALICE).await;
    alice.parameter("code").unwrap_or_else(|| panic!("{}", alice.text()))
}

#[tokio::test]
async fn cors_02_a_registered_page_reads_its_tokens() {
    let server = server().await;
    let code = spa_code(&server).await;
    let answer = redeem_from(&server, SPA_ORIGIN, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("access-control-allow-origin"), SPA_ORIGIN);
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    assert_eq!(answer.header("vary"), "Origin");
    // So it reads why not.
    let again = redeem_from(&server, SPA_ORIGIN, &code).await;
    assert_eq!(again.status, 400);
    assert_eq!(again.header("access-control-allow-origin"), SPA_ORIGIN);
}

#[tokio::test]
async fn cors_03_another_page_reads_nothing() {
    let server = server().await;
    for origin in FOREIGN {
        for code in [spa_code(&server).await, "x".to_owned()] {
            let answer = redeem_from(&server, origin, &code).await;
            assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
        }
        // Of a confidential client nobody's page reads anything.
        let headers =
            [("content-type", "application/x-www-form-urlencoded"), ("origin", SPA_ORIGIN)];
        let body = format!("grant_type=client_credentials&client_id={WEB}&client_secret=x");
        let path = format!("/{CONTOSO}/oauth2/v2.0/token");
        let answer = send(&server, Method::POST, &path, &headers, body).await;
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
}

#[tokio::test]
async fn cors_10_no_answer_takes_cookies_along() {
    let server = server().await;
    let mut paths = documents();
    paths.extend(pages());
    let api = ["/oidc/userinfo", "/v1.0/me", "/v1.0/users", "/v1.0/invitations"];
    paths.extend(api.map(str::to_owned));
    paths.push(format!("/{CONTOSO}/oauth2/v2.0/token"));
    for path in &paths {
        for origin in [SPA_ORIGIN, "https://evil.example", "null"] {
            for method in [Method::GET, Method::POST, Method::OPTIONS] {
                let answer = from(&server, method.clone(), path, origin).await;
                let allowed = answer.header("access-control-allow-credentials");
                assert_eq!(allowed, "", "{method} {path}");
            }
        }
    }
    for path in pages() {
        for origin in [SPA_ORIGIN, "https://evil.example", "null", server.origin()] {
            let answer = from(&server, Method::GET, &path, origin).await;
            assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
        }
    }
}

#[tokio::test]
async fn cors_11_no_page_of_the_internet_is_let_into_a_private_network() {
    let server = server().await;
    let mut paths = documents();
    paths.extend(["/oidc/userinfo", "/v1.0/users", "/_guestpass/reset"].map(str::to_owned));
    paths.push(format!("/{CONTOSO}/oauth2/v2.0/token"));
    for path in paths {
        let asked = [
            ("origin", "https://evil.example"),
            ("access-control-request-method", "POST"),
            ("access-control-request-private-network", "true"),
            ("access-control-request-local-network", "true"),
        ];
        let answer = send(&server, Method::OPTIONS, &path, &asked, "").await;
        for name in ["access-control-allow-private-network", "access-control-allow-local-network"] {
            assert_eq!(answer.header(name), "", "{path}");
        }
    }
}
