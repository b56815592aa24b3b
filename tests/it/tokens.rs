//! Codes, tokens and what they are worth.

use axum::http::Method;
use serde_json::json;

use crate::support::*;

pub(crate) const SPA: &str = "c0a70500-0000-4000-8000-0000000000a2";
pub(crate) const CLI: &str = "c0a70500-0000-4000-8000-0000000000a3";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A code for a person, who agrees to everything.
pub(crate) async fn code_of(
    server: &guestpass::Server,
    name: &str,
    changes: &[(&str, &str)],
) -> String {
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, changes)).await;
    agree_to_all(server, &mut browser, name).await;
    browser.parameter("code").unwrap_or_else(|| panic!("{} {}", browser.url(), browser.text()))
}

#[tokio::test]
async fn a_member_gets_the_claims_of_a_member() {
    let server = server().await;
    let code = code_of(&server, "alice@contoso.example", &[]).await;
    let answer = redeem(&server, &code, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    let tokens = answer.json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert!(tokens.get("client_info").is_none());
    let id = claims(&tokens["id_token"]);
    assert_eq!(id["ver"], "2.0");
    assert_eq!(id["aud"], WEB);
    assert_eq!(id["preferred_username"], "alice@contoso.example");
    assert_eq!(id["name"], "Alice Young");
    assert_eq!(id["email"], "alice@contoso.example");
    assert_eq!(id["sub"].as_str().unwrap().len(), 43);
    for absent in ["idp", "upn", "acct", "home_oid"] {
        assert!(!id.contains_key(absent), "{absent}");
    }
    assert_eq!(id["exp"].as_i64().unwrap() - id["iat"].as_i64().unwrap(), 3900);
    let access = claims(&tokens["access_token"]);
    assert_eq!(access["aud"], "00000003-0000-0000-c000-000000000000");
    assert_eq!(access["azp"], WEB);
    assert_eq!(access["azpacr"], "1");
    assert_eq!(access["scp"], "openid profile email User.Read");
    assert_ne!(access["sub"], id["sub"], "pairwise");
    let expires_in = tokens["expires_in"].as_u64().unwrap();
    assert!((3600..5400).contains(&expires_in), "{expires_in}");
    assert_eq!(tokens["scope"], "openid profile email User.Read");
}

#[tokio::test]
async fn claims_can_be_asked_for_and_follow_the_scopes() {
    let server = server().await;
    let claims_parameter = r#"{"id_token":{"acct":null,"auth_time":{"essential":true}}}"#;
    let changes = [("claims", claims_parameter), ("scope", "openid")];
    let code = code_of(&server, "frank@northwind.example", &changes).await;
    let tokens = redeem(&server, &code, &[]).await.json();
    let id = claims(&tokens["id_token"]);
    assert_eq!(id["acct"], 1);
    assert!(id["auth_time"].is_i64());
    assert!(!id.contains_key("name") && !id.contains_key("oid"), "no profile scope");
    assert!(tokens.get("refresh_token").is_none(), "no offline_access");
    let code = code_of(&server, "alice@contoso.example", &changes).await;
    let id = claims(&redeem(&server, &code, &[]).await.json()["id_token"]);
    assert_eq!(id["acct"], 0);
    let code =
        code_of(&server, "alice@contoso.example", &[("scope", "User.Read"), ("nonce", "")]).await;
    assert!(redeem(&server, &code, &[]).await.json().get("id_token").is_none());
}

#[tokio::test]
async fn a_code_is_good_once_and_a_replay_revokes_what_it_gave() {
    let server = server().await;
    let code = code_of(&server, "frank@northwind.example", &[]).await;
    let first = redeem(&server, &code, &[]).await.json();
    let access = first["access_token"].as_str().unwrap();
    assert_eq!(with_token(&server, Method::GET, "/v1.0/me", access).await.status, 200);
    let replay = redeem(&server, &code, &[]).await;
    assert_eq!((replay.status, &replay.json()["error"]), (400, &json!("invalid_grant")));
    assert_eq!(replay.json()["error_codes"], json!([54005]));
    assert_eq!(with_token(&server, Method::GET, "/v1.0/me", access).await.status, 401);
    assert_eq!(with_token(&server, Method::GET, "/oidc/userinfo", access).await.status, 401);
    let refreshed = refresh(&server, first["refresh_token"].as_str().unwrap(), &[]).await;
    assert_eq!(refreshed.json()["error_codes"], json!([50173]), "{}", refreshed.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_presented_by_many_at_once_gives_one_answer() {
    let server = std::sync::Arc::new(server().await);
    let code = code_of(&server, "frank@northwind.example", &[]).await;
    let racers: Vec<_> = (0..64)
        .map(|_| {
            let (server, code) = (server.clone(), code.clone());
            tokio::spawn(async move { redeem(&server, &code, &[]).await })
        })
        .collect();
    let mut winners = 0;
    for racer in racers {
        let answer = racer.await.unwrap();
        match answer.status {
            200 => winners += 1,
            400 => assert_eq!(answer.json()["error"], "invalid_grant", "{}", answer.body),
            other => panic!("{other}: {}", answer.body),
        }
    }
    assert_eq!(winners, 1);
}

#[tokio::test]
async fn a_code_belongs_to_its_client_redirect_uri_tenant_and_verifier() {
    let server = server().await;
    let pkce = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let portal = ("client_id", "fab21ca0-0000-4000-8000-0000000000b1");
    let portal_secret = ("client_secret", "fabrikam-portal-secret");
    let refused: &[(&[(&str, &str)], u64)] = &[
        (&[portal, portal_secret, ("code_verifier", VERIFIER)], 70000),
        (&[("redirect_uri", "http://localhost"), ("code_verifier", VERIFIER)], 500_112),
        (&[("redirect_uri", "<absent>"), ("code_verifier", VERIFIER)], 500_112),
        (&[], 501_481),
        (&[("code_verifier", "")], 501_481),
        (&[("code_verifier", CHALLENGE)], 501_481),
        (&[("code_verifier", "short")], 501_481),
    ];
    let code = code_of(&server, "frank@northwind.example", &pkce).await;
    for (changes, number) in refused {
        let answer = redeem(&server, &code, changes).await;
        assert_eq!(answer.status, 400, "{changes:?}");
        assert_eq!(answer.json()["error"], "invalid_grant", "{changes:?} {}", answer.body);
        assert_eq!(answer.json()["error_codes"], json!([number]), "{changes:?}");
    }
    let elsewhere = redeem_at(&server, TAILSPIN, &code, &[("code_verifier", VERIFIER)]).await;
    assert_eq!(elsewhere.json()["error_codes"], json!([700_005]), "{}", elsewhere.body);
    for garbage in [&code[..code.len() - 1], "1.x", &code.to_uppercase(), &format!("{code}\0")] {
        let answer = redeem(&server, garbage, &[("code_verifier", VERIFIER)]).await;
        assert_eq!(answer.json()["error"], "invalid_grant", "{garbage:?}");
    }
    // None of that used it up.
    let answer = redeem(&server, &code, &[("code_verifier", VERIFIER)]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    // A verifier for a code without a challenge: downgrade.
    let code = code_of(&server, "frank@northwind.example", &[]).await;
    let answer = redeem(&server, &code, &[("code_verifier", VERIFIER)]).await;
    assert_eq!(answer.json()["error_codes"], json!([501_481]));
}

#[tokio::test]
async fn a_code_expires_after_ten_minutes() {
    let server = server().await;
    let code = code_of(&server, "frank@northwind.example", &[]).await;
    server.broker().clock().advance("PT10M1S".parse().unwrap()).unwrap();
    let answer = redeem(&server, &code, &[]).await;
    assert_eq!(answer.json()["error_codes"], json!([70008]), "{}", answer.body);
}

#[tokio::test]
async fn a_refresh_token_gives_new_tokens_to_its_client_for_ninety_days() {
    let server = server().await;
    let code = code_of(&server, "frank@northwind.example", &[("client_info", "1")]).await;
    let first = redeem(&server, &code, &[]).await.json();
    let token = first["refresh_token"].as_str().unwrap();
    let second = refresh(&server, token, &[]).await.json();
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    let id = claims(&second["id_token"]);
    assert!(!id.contains_key("nonce"), "the nonce belongs to the sign-in");
    assert_eq!(id["sub"], claims(&first["id_token"])["sub"]);
    assert_eq!(refresh(&server, token, &[]).await.status, 200, "Entra keeps the old one");
    let scope = refresh(&server, token, &[("scope", "openid User.Read")]).await;
    assert_eq!(scope.status, 200, "{}", scope.body);
    for (changes, error) in [
        (vec![("client_id", CLI), ("client_secret", "<absent>")], "invalid_grant"),
        (vec![("scope", "openid admin")], "invalid_scope"),
        (vec![("scope", "api://contoso-api/Files.Read")], "invalid_grant"),
        (vec![("refresh_token", "1.x")], "invalid_grant"),
        (vec![("client_secret", "wrong")], "invalid_client"),
    ] {
        assert_eq!(refresh(&server, token, &changes).await.json()["error"], error, "{changes:?}");
    }
    let access = first["access_token"].as_str().unwrap();
    assert_eq!(refresh(&server, access, &[]).await.json()["error"], "invalid_grant");
    server.broker().clock().advance("PT2161H".parse().unwrap()).unwrap();
    let late = refresh(&server, token, &[]).await.json();
    assert_eq!(late["error_codes"], json!([700_082]));
    assert!(late["error_description"].as_str().unwrap().contains("inactive for 90.00:00:00"));
}

#[tokio::test]
async fn redeeming_reads_the_guest_again() {
    for (story, number) in [("deleted", 50020), ("disabled", 500_571), ("reset", 50014)] {
        let server = server().await;
        let daemon = daemon_token(&server).await;
        let code = code_of(&server, "frank@northwind.example", &[]).await;
        let used = redeem(&server, &code, &[]).await.json();
        let fresh = code_of(&server, "frank@northwind.example", &[]).await;
        let frank = "/v1.0/users/c0a70500-0000-4000-8000-000000000106";
        let status = match story {
            "deleted" => with_token(&server, Method::DELETE, frank, &daemon).await.status,
            "disabled" => {
                patch(&server, frank, &daemon, &json!({"accountEnabled": false})).await.status
            }
            _ => {
                let body = json!({
                    "invitedUserEmailAddress": "frank@northwind.example",
                    "inviteRedirectUrl": "http://localhost:3000/",
                    "resetRedemption": true,
                    "invitedUser": {"id": "c0a70500-0000-4000-8000-000000000106"},
                });
                post_json(&server, "/v1.0/invitations", &daemon, &body).await.status
            }
        };
        assert!((200..300).contains(&status), "{story}: {status}");
        let answer = redeem(&server, &fresh, &[]).await;
        assert_eq!(answer.json()["error"], "invalid_grant", "{story} {}", answer.body);
        assert_eq!(answer.json()["error_codes"], json!([number]), "{story}");
        let refreshed = refresh(&server, used["refresh_token"].as_str().unwrap(), &[]).await;
        assert_eq!(refreshed.json()["error_codes"], json!([number]), "{story}");
        let access = used["access_token"].as_str().unwrap();
        assert_eq!(
            with_token(&server, Method::GET, "/v1.0/me", access).await.status,
            401,
            "{story}"
        );
        // The browser's session is worth nothing either.
        let mut browser = server.browser();
        browser.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
        assert!(browser.parameter("code").is_none(), "{story}");
    }
}

#[tokio::test]
async fn discovery_and_keys_fit_the_tokens() {
    let server = server().await;
    let origin = server.origin();
    let code = code_of(&server, "frank@northwind.example", &[]).await;
    let tokens = redeem(&server, &code, &[]).await.json();
    let metadata = get(&server, &format!("/{CONTOSO}/v2.0/.well-known/openid-configuration")).await;
    assert_eq!(metadata.header("access-control-allow-origin"), "*");
    let metadata = metadata.json();
    assert_eq!(metadata["issuer"], claims(&tokens["id_token"])["iss"]);
    for word in ["common", "organizations"] {
        let document =
            get(&server, &format!("/{word}/v2.0/.well-known/openid-configuration")).await;
        let document = document.json();
        assert_eq!(document["issuer"], format!("{origin}/{{tenantid}}/v2.0"));
        assert_eq!(document["token_endpoint"], format!("{origin}/{word}/oauth2/v2.0/token"));
    }
    let consumers = get(&server, "/consumers/v2.0/.well-known/openid-configuration").await.json();
    assert!(consumers["issuer"].as_str().unwrap().contains("9188040d-6c67-4c5b-b112-36a304b66dad"));
    let by_domain = get(&server, "/contoso.example/v2.0/.well-known/openid-configuration").await;
    assert_eq!(by_domain.json()["token_endpoint"], metadata["token_endpoint"]);
    let unknown = get(&server, "/nowhere.example/v2.0/.well-known/openid-configuration").await;
    assert_eq!((unknown.status, &unknown.json()["error"]), (400, &json!("invalid_tenant")));
    assert_eq!(unknown.json()["error_codes"], json!([90002]));
    let keys = get(&server, &format!("/{CONTOSO}/discovery/v2.0/keys")).await.json();
    let key = &keys["keys"][0];
    assert_eq!((&key["kid"], &key["use"]), (&key["x5t"], &json!("sig")));
    let header = tokens["id_token"].as_str().unwrap().split('.').next().unwrap();
    let header = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, header);
    let header: serde_json::Value = serde_json::from_slice(&header.unwrap()).unwrap();
    assert_eq!((&header["alg"], &header["kid"]), (&json!("RS256"), &key["kid"]));
    let access = tokens["access_token"].as_str().unwrap();
    let info = with_token(&server, Method::GET, "/oidc/userinfo", access).await.json();
    assert_eq!(info["sub"], claims(&tokens["id_token"])["sub"]);
    let form = [("access_token", access)];
    assert_eq!(post_form(&server, "/oidc/userinfo", &form).await.json()["sub"], info["sub"]);
    let id_token = tokens["id_token"].as_str().unwrap();
    assert_eq!(with_token(&server, Method::GET, "/oidc/userinfo", id_token).await.status, 401);
    let in_query = get(&server, &format!("/oidc/userinfo?access_token={access}")).await;
    assert_eq!(in_query.status, 401);
}

#[tokio::test]
async fn a_hybrid_answer_carries_an_id_token_with_the_hash_of_the_code() {
    let server = server().await;
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[("response_type", "code id_token")])).await;
    agree_to_all(&server, &mut browser, "frank@northwind.example").await;
    assert!(browser.url().starts_with(&format!("{CALLBACK}#")), "{}", browser.url());
    let id = claims(&json!(browser.parameter("id_token").unwrap()));
    let code = browser.parameter("code").unwrap();
    assert_eq!(id["c_hash"], guestpass::protocol::claims::half_hash(&code));
    assert_eq!(redeem(&server, &code, &[]).await.status, 200);
    let mut spa = server.browser();
    spa.open(&authorize(
        CONTOSO,
        &[
            ("response_type", "id_token"),
            ("client_id", SPA),
            ("redirect_uri", "http://localhost:3000/spa"),
        ],
    ))
    .await;
    assert_eq!(spa.parameter("error").unwrap(), "unsupported_response_type");
}

/// As recorded: the words of OpenID stand bare and once, `offline_access` not at all.
#[tokio::test]
async fn everything_on_a_resource_is_told_word_by_word() {
    let server = server().await;
    let graph = "https://graph.microsoft.com";
    let scope = format!("openid profile offline_access {graph}/.default");
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[("scope", &scope)])).await;
    agree_to_all(&server, &mut browser, "frank@northwind.example").await;
    let tokens = redeem(&server, &browser.parameter("code").unwrap(), &[]).await.json();
    let words = |text: &serde_json::Value| {
        let mut words: Vec<_> = text.as_str().unwrap().split(' ').map(str::to_owned).collect();
        words.sort();
        words
    };
    let told = ["email", "/.default", "/User.Invite.All", "/User.Read", "openid", "profile"];
    let mut told: Vec<_> =
        told.iter().map(|word| word.replacen('/', &format!("{graph}/"), 1)).collect();
    told.sort();
    assert_eq!(words(&tokens["scope"]), told);
    let access = claims(&tokens["access_token"]);
    assert_eq!(
        words(&access["scp"]),
        ["User.Invite.All", "User.Read", "email", "openid", "profile"]
    );
}
