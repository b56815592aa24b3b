//! What pages of other sites may call, and read.

use axum::http::Method;

use crate::support::*;
use crate::tokens::{CHALLENGE, SPA, VERIFIER};

#[tokio::test]
async fn userinfo_and_graph_are_for_every_page_that_has_a_token() {
    let server = server().await;
    for path in ["/oidc/userinfo", "/v1.0/me", "/v1.0/users"] {
        let asked = [
            ("origin", "https://app.example"),
            ("access-control-request-method", "GET"),
            ("access-control-request-headers", "authorization"),
        ];
        let preflight = send(&server, Method::OPTIONS, path, &asked, "").await;
        assert_eq!(preflight.status, 200, "{path}");
        assert_eq!(preflight.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(preflight.header("access-control-allow-headers"), "authorization", "{path}");
        let refused = send(&server, Method::GET, path, &[asked[0]], "").await;
        assert_eq!(refused.status, 401, "{path}: {}", refused.body);
        assert_eq!(refused.header("access-control-allow-origin"), "*", "{path}");
    }
}

#[tokio::test]
async fn a_single_page_application_redeems_from_any_loopback_port() {
    let server = server().await;
    for (redirect, origin) in [
        ("http://localhost:3000/spa", "http://localhost:3000"),
        ("http://localhost:5555/spa", "http://localhost:5555"),
    ] {
        let changes = [
            ("client_id", SPA),
            ("redirect_uri", redirect),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let mut browser = server.browser();
        browser.open(&authorize(CONTOSO, &changes)).await;
        agree_to_all(&server, &mut browser, "alice@contoso.example").await;
        let code = browser.parameter("code").expect("a code");
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("grant_type", "authorization_code"),
                ("client_id", SPA),
                ("redirect_uri", redirect),
                ("code_verifier", VERIFIER),
                ("code", &code),
                ("client_info", "1"),
            ])
            .finish();
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", origin)];
        let path = format!("/{CONTOSO}/oauth2/v2.0/token");
        let answer = send(&server, Method::POST, &path, &headers, form).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.header("access-control-allow-origin"), origin);
        assert!(answer.json()["client_info"].is_string(), "asked for here only");
    }
}

#[tokio::test]
async fn an_address_that_nobody_has_proven_is_not_told() {
    let server = server().await;
    let token = daemon_token(&server).await;
    let alice = "/v1.0/users/c0a70500-0000-4000-8000-000000000003";
    let claimed = serde_json::json!({"mail": "victim@fabrikam.example"});
    assert_eq!(patch(&server, alice, &token, &claimed).await.status, 204);
    let browser = signed_in(&server, "alice@contoso.example").await;
    let tokens = redeem(&server, &browser.parameter("code").unwrap(), &[]).await.json();
    assert!(claims(&tokens["id_token"]).get("email").is_none(), "{tokens}");
    let access = tokens["access_token"].as_str().unwrap();
    let info = with_token(&server, Method::GET, "/oidc/userinfo", access).await;
    assert!(info.json().get("email").is_none(), "{}", info.body);

    // An application that wants to be tested against it gets it.
    let world = guestpass::config::world::DEFAULT.replacen(
        "id_token_issuance = true",
        "id_token_issuance = true\nemit_unverified_email = true",
        1,
    );
    let server = server_of(&world).await;
    let token = daemon_token(&server).await;
    assert_eq!(patch(&server, alice, &token, &claimed).await.status, 204);
    let browser = signed_in(&server, "alice@contoso.example").await;
    let tokens = redeem(&server, &browser.parameter("code").unwrap(), &[]).await.json();
    assert_eq!(claims(&tokens["id_token"])["email"], "victim@fabrikam.example");
}

#[tokio::test]
async fn cors_07_the_null_origin_reads_nothing() {
    let server = server().await;
    let form = format!("grant_type=refresh_token&client_id={SPA}&refresh_token=x");
    let path = format!("/{CONTOSO}/oauth2/v2.0/token");
    for (origin, readable) in [
        ("null", ""),
        ("https://evil.example", ""),
        ("http://localhost:3000", "http://localhost:3000"),
    ] {
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", origin)];
        let answer = send(&server, Method::POST, &path, &headers, form.clone()).await;
        assert_eq!(answer.header("access-control-allow-origin"), readable, "{origin}");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
}

#[tokio::test]
async fn cors_05_pages_are_read_by_no_other_site() {
    let server = server().await;
    let paths =
        [authorize(CONTOSO, &[]), "/myapps".to_owned(), "/common/oauth2/deviceauth".to_owned()];
    for path in paths {
        let answer =
            send(&server, Method::GET, &path, &[("origin", "https://app.example")], "").await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
}

#[tokio::test]
async fn tok_50_a_token_in_the_address_is_refused() {
    let server = server().await;
    let browser = signed_in(&server, "alice@contoso.example").await;
    let tokens = redeem(&server, &browser.parameter("code").unwrap(), &[]).await.json();
    let token = tokens["access_token"].as_str().unwrap();
    let path = format!("/oidc/userinfo?access_token={token}");
    assert_eq!(get(&server, &path).await.status, 401);
    assert_eq!(with_token(&server, Method::GET, &path, token).await.status, 400, "nor besides");
    let tab = format!("Bearer\t{token}");
    let answer = send(&server, Method::GET, "/oidc/userinfo", &[("authorization", &tab)], "").await;
    assert_eq!(answer.status, 401, "tok-51: {}", answer.body);
}

#[tokio::test]
async fn a_preflight_lets_the_pages_of_registered_single_page_applications_go_on() {
    let server = server().await;
    let path = format!("/{CONTOSO}/oauth2/v2.0/token");
    for (origin, allowed) in [
        ("http://localhost:3000", true),
        ("http://localhost:5555", true),
        ("http://localhost:5173", true),
        ("https://localhost:3000", false),
        ("http://localhost:3000/", false),
        ("http://LOCALHOST:3000", false),
        ("http://127.0.0.1:3000", false),
        ("https://evil.example", false),
        ("null", false),
    ] {
        let asked = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "client-request-id,x-client-sku"),
        ];
        let answer = send(&server, Method::OPTIONS, &path, &asked, "").await;
        assert_eq!(answer.status, 204, "{origin}: {}", answer.body);
        let readable = answer.header("access-control-allow-origin");
        assert_eq!(readable, if allowed { origin } else { "" }, "{origin}");
        let headers = answer.header("access-control-allow-headers");
        assert_eq!(headers.is_empty(), !allowed, "{origin}");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        assert!(answer.header("vary").contains("Origin"));
    }
    let plain = send(&server, Method::OPTIONS, &path, &[], "").await;
    assert_eq!((plain.status, plain.header("allow")), (204, "POST, OPTIONS"));
}
