//! How clients prove themselves at the token endpoint.

use axum::http::Method;
use serde_json::json;

use crate::support::*;
use crate::tokens::{CHALLENGE, CLI, SPA, VERIFIER, code_of};

#[tokio::test]
async fn public_clients_need_pkce_and_have_no_secret() {
    let server = server().await;
    for (client, redirect) in [(CLI, "http://localhost:5000"), (SPA, "http://localhost:3000/spa")] {
        let mut browser = server.browser();
        let plain = [("client_id", client), ("redirect_uri", redirect)];
        browser.open(&authorize(CONTOSO, &plain)).await;
        let error = browser.parameter("error_description").unwrap();
        assert!(error.contains("AADSTS9002325"), "{error}");
        let pkce = [
            ("client_id", client),
            ("redirect_uri", redirect),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let code = code_of(&server, "alice@contoso.example", &pkce).await;
        let base = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", redirect),
            ("client_id", client),
            ("code_verifier", VERIFIER),
        ];
        let path = format!("/{CONTOSO}/oauth2/v2.0/token");
        let mut with_secret = base.to_vec();
        with_secret.push(("client_secret", "x"));
        let refused = post_form(&server, &path, &with_secret).await;
        assert_eq!(refused.json()["error_codes"], json!([700_025]), "{}", refused.body);
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(base);
        let body = body.finish();
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let cross = [kind, ("origin", "http://localhost:3000")];
        let (right, wrong, number): (&[_], &[_], _) = if client == SPA {
            (&cross, &cross[..1], 9_002_327)
        } else {
            (&cross[..1], &cross, 9_002_326)
        };
        let refused = send(&server, Method::POST, &path, wrong, body.clone()).await;
        assert_eq!(refused.json()["error_codes"], json!([number]), "{}", refused.body);
        let answer = send(&server, Method::POST, &path, right, body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let cors = answer.header("access-control-allow-origin");
        assert_eq!(cors, if client == SPA { "http://localhost:3000" } else { "" });
        if client == SPA {
            let token = answer.json()["refresh_token"].as_str().unwrap().to_owned();
            server.broker().clock().advance("PT24H1S".parse().unwrap()).unwrap();
            let mut body = url::form_urlencoded::Serializer::new(String::new());
            let pairs =
                [("grant_type", "refresh_token"), ("client_id", SPA), ("refresh_token", &token)];
            body.extend_pairs(pairs);
            let late = send(&server, Method::POST, &path, &cross, body.finish()).await;
            assert_eq!(late.json()["error_codes"], json!([700_084]), "{}", late.body);
        }
    }
}

#[tokio::test]
async fn clients_authenticate_or_are_refused() {
    let server = server().await;
    let path = format!("/{CONTOSO}/oauth2/v2.0/token");
    let graph = "https://graph.microsoft.com/.default";
    let daemon = "c0a70500-0000-4000-8000-0000000000a5";
    let call = |secret: &'static str, scope: &'static str| {
        let (server, path) = (&server, &path);
        async move {
            let pairs = [
                ("grant_type", "client_credentials"),
                ("client_id", daemon),
                ("client_secret", secret),
                ("scope", scope),
            ];
            post_form(server, path, &pairs).await
        }
    };
    let wrong = call("wrong", graph).await;
    assert_eq!((wrong.status, &wrong.json()["error"]), (401, &json!("invalid_client")));
    assert!(wrong.header("www-authenticate").starts_with("Basic"));
    assert_eq!(wrong.header("cache-control"), "no-store");
    assert_eq!(call("", graph).await.json()["error_codes"], json!([7_000_218]));
    for scope in ["User.Read", "openid", "https://graph.microsoft.com/.default openid"] {
        let refused = call("contoso-daemon-secret", scope).await;
        assert_eq!(refused.json()["error"], "invalid_scope", "{scope} {}", refused.body);
    }
    let tokens = call("contoso-daemon-secret", "api://contoso-api/.default").await.json();
    let access = claims(&tokens["access_token"]);
    assert_eq!(access["roles"], json!(["Files.Read.All"]));
    assert_eq!(access["aud"], "c0a70500-0000-4000-8000-0000000000a4");
    assert_eq!(access["idtyp"], "app");
    assert_eq!(access["oid"], access["sub"]);
    assert!(!access.contains_key("scp"));
    // An empty password is none.
    for (secret, expected) in [
        ("contoso-daemon-secret", json!(null)),
        ("", json!([7_000_218])),
        ("contoso-daemon-secret&x=1", json!([7_000_215])),
        ("&v=contoso-daemon-secret", json!([7_000_215])),
    ] {
        let basic = base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            format!("{daemon}:{secret}"),
        );
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("authorization", &format!("Basic {basic}")),
        ];
        let body = "grant_type=client_credentials&scope=https://graph.microsoft.com/.default";
        let answer = send(&server, Method::POST, &path, &headers, body).await;
        assert_eq!(answer.json()["error_codes"], expected, "{}", answer.body);
    }
    for (authority, number) in [("common", 90010), ("consumers", 90010), ("organizations", 90019)] {
        let pairs = [
            ("grant_type", "client_credentials"),
            ("client_id", daemon),
            ("client_secret", "contoso-daemon-secret"),
            ("scope", graph),
        ];
        let refused = post_form(&server, &format!("/{authority}/oauth2/v2.0/token"), &pairs).await;
        assert_eq!(refused.json()["error_codes"], json!([number]), "{authority}");
    }
}
