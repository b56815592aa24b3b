//! What each module of the suite (`net.openid.conformance.openid`) proves.

use axum::http::Method;
use serde_json::{Value, json};

use super::flow::*;
use crate::support::*;
use crate::tokens::{CHALLENGE, VERIFIER};

/// The flow as it should be: answer, tokens, userinfo, one subject.
pub(super) async fn oidcc_server(v: &Variant) {
    let server = server().await;
    let (_, response) = v.sign_in(&server, &[]).await;
    let (tokens, claims) = tokens(&server, &response).await;
    assert_eq!(claims["nonce"], NONCE);
    if let Some(first) = response.get("id_token") {
        let first = verified(&server, first).await;
        assert_eq!((&first["iss"], &first["sub"]), (&claims["iss"], &claims["sub"]));
        assert_eq!(first["nonce"], NONCE);
    }
    let info = userinfo(&server, &tokens).await;
    assert_eq!((info.status, &info.json()["sub"]), (200, &claims["sub"]));
}

pub(super) async fn oidcc_server_client_secret_post(v: &Variant) {
    let server = server().await;
    let (_, response) = v.sign_in(&server, &[]).await;
    let answer = redeem(&server, &response["code"], &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    verified(&server, answer.json()["id_token"].as_str().unwrap()).await;
    let methods = &metadata(&server).await["token_endpoint_auth_methods_supported"];
    for method in ["client_secret_basic", "client_secret_post"] {
        assert!(methods.as_array().unwrap().contains(&json!(method)), "{methods}");
    }
}

/// What comes back is an error, in the form and with the state that were asked for.
async fn error(v: &Variant, changes: &[(&str, &str)]) -> String {
    let server = server().await;
    let mut browser = server.browser();
    browser.open(&v.request(changes)).await;
    let response = v.response(&browser);
    assert!(!response.contains_key("code") && !response.contains_key("id_token"));
    assert!(response["error_description"].starts_with(|c: char| c.is_ascii_alphabetic()));
    response["error"].clone()
}

/// Without a response type the error comes in the query, or in the form that was asked for.
pub(super) async fn oidcc_response_type_missing(v: &Variant) {
    let by_default = Variant { response_type: "code", response_mode: v.response_mode };
    let error = error(&by_default, &[("response_type", "")]).await;
    assert!(matches!(error.as_str(), "invalid_request" | "unsupported_response_type"), "{error}");
}

pub(super) async fn oidcc_idtoken_signature(v: &Variant) {
    let server = server().await;
    let (_, response) = v.sign_in(&server, &[]).await;
    let (tokens, _) = tokens(&server, &response).await;
    let token = tokens["id_token"].as_str().unwrap();
    for token in response.get("id_token").map(String::as_str).into_iter().chain([token]) {
        assert_eq!(header(token)["alg"], "RS256");
        verified(&server, token).await;
    }
}

/// Nobody can ask for an unsigned token: the metadata offers none.
pub(super) async fn oidcc_idtoken_unsigned(_: &Variant) {
    let server = server().await;
    let offered = &metadata(&server).await["id_token_signing_alg_values_supported"];
    assert_eq!(offered, &json!(["RS256"]));
}

pub(super) async fn oidcc_userinfo_get(v: &Variant) {
    let server = server().await;
    let (_, response) = v.sign_in(&server, &[]).await;
    let (tokens, claims) = tokens(&server, &response).await;
    let info = userinfo(&server, &tokens).await;
    assert_eq!((info.status, &info.json()["sub"]), (200, &claims["sub"]), "{}", info.body);
    assert!(info.header("content-type").starts_with("application/json"));
}

pub(super) async fn oidcc_userinfo_post_header(v: &Variant) {
    let server = server().await;
    let (_, response) = v.sign_in(&server, &[]).await;
    let (tokens, claims) = tokens(&server, &response).await;
    let token = tokens["access_token"].as_str().unwrap();
    let info = with_token(&server, Method::POST, "/oidc/userinfo", token).await;
    assert_eq!((info.status, &info.json()["sub"]), (200, &claims["sub"]), "{}", info.body);
}

pub(super) async fn oidcc_userinfo_post_body(v: &Variant) {
    let server = server().await;
    let (_, response) = v.sign_in(&server, &[]).await;
    let (tokens, claims) = tokens(&server, &response).await;
    let form = [("access_token", tokens["access_token"].as_str().unwrap())];
    let info = post_form(&server, "/oidc/userinfo", &form).await;
    assert_eq!((info.status, &info.json()["sub"]), (200, &claims["sub"]), "{}", info.body);
}

pub(super) async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow(v: &Variant) {
    let server = server().await;
    let (_, response) = v.sign_in(&server, &[("nonce", "")]).await;
    let (_, claims) = tokens(&server, &response).await;
    assert!(!claims.contains_key("nonce"), "{claims:?}");
}

pub(super) async fn oidcc_ensure_request_without_nonce_fails(v: &Variant) {
    assert_eq!(error(v, &[("nonce", "")]).await, "invalid_request");
}

/// The claims of a scope: in userinfo, and in the id token as Entra does it.
async fn with_scope(v: &Variant, scope: &str) -> (Value, Value) {
    let server = server().await;
    let (_, response) = v.sign_in(&server, &[("scope", scope)]).await;
    let (tokens, claims) = tokens(&server, &response).await;
    (json!(claims), userinfo(&server, &tokens).await.json())
}

pub(super) async fn oidcc_scope_profile(v: &Variant) {
    let (claims, info) = with_scope(v, "openid profile").await;
    assert_eq!((&claims["name"], &info["name"]), (&json!("Alice Young"), &json!("Alice Young")));
    assert_eq!(claims["preferred_username"], ALICE);
    assert!(info.get("email").is_none() && claims.get("email").is_none(), "{info}");
}

pub(super) async fn oidcc_scope_email(v: &Variant) {
    let (claims, info) = with_scope(v, "openid email").await;
    assert_eq!((&claims["email"], &info["email"]), (&json!(ALICE), &json!(ALICE)));
    assert!(info.get("name").is_none(), "{info}");
}

/// A scope that the metadata does not offer is no scope of Microsoft Graph, either.
async fn is_not_offered(v: &Variant, scope: &str) {
    let server = server().await;
    let offered = metadata(&server).await["scopes_supported"].clone();
    assert!(!offered.as_array().unwrap().contains(&json!(scope)), "{offered}");
    assert_eq!(error(v, &[("scope", &format!("openid {scope}"))]).await, "invalid_scope");
}

pub(super) async fn oidcc_scope_address(v: &Variant) {
    is_not_offered(v, "address").await;
}

pub(super) async fn oidcc_scope_phone(v: &Variant) {
    is_not_offered(v, "phone").await;
}

/// All that the metadata offers.
pub(super) async fn oidcc_scope_all(v: &Variant) {
    let server = server().await;
    let offered = metadata(&server).await["scopes_supported"].clone();
    let offered: Vec<&str> =
        offered.as_array().unwrap().iter().map(|scope| scope.as_str().unwrap()).collect();
    let (_, response) = v.sign_in(&server, &[("scope", &offered.join(" "))]).await;
    let (tokens, claims) = tokens(&server, &response).await;
    assert_eq!((&claims["name"], &claims["email"]), (&json!("Alice Young"), &json!(ALICE)));
    assert!(tokens["refresh_token"].is_string(), "{tokens}");
    let info = userinfo(&server, &tokens).await.json();
    assert_eq!((&info["name"], &info["email"]), (&json!("Alice Young"), &json!(ALICE)));
}

pub(super) async fn oidcc_ensure_other_scope_order_succeeds(v: &Variant) {
    let (claims, info) = with_scope(v, "email openid").await;
    assert_eq!((&claims["email"], &info["email"]), (&json!(ALICE), &json!(ALICE)));
}

/// A parameter that may be ignored, and must not be in the way.
async fn is_no_obstacle(v: &Variant, name: &str, value: &str) {
    let server = server().await;
    let (_, response) = v.sign_in(&server, &[(name, value)]).await;
    tokens(&server, &response).await;
}

pub(super) async fn oidcc_display_page(v: &Variant) {
    is_no_obstacle(v, "display", "page").await;
}

pub(super) async fn oidcc_display_popup(v: &Variant) {
    is_no_obstacle(v, "display", "popup").await;
}

pub(super) async fn oidcc_ui_locales(v: &Variant) {
    is_no_obstacle(v, "ui_locales", "se").await;
}

pub(super) async fn oidcc_claims_locales(v: &Variant) {
    is_no_obstacle(v, "claims_locales", "se").await;
}

pub(super) async fn oidcc_ensure_request_with_acr_values_succeeds(v: &Variant) {
    is_no_obstacle(v, "acr_values", "1 2").await;
}

pub(super) async fn oidcc_ensure_request_with_unknown_parameter_succeeds(v: &Variant) {
    is_no_obstacle(v, "extra", "foobar").await;
}

pub(super) async fn oidcc_login_hint(v: &Variant) {
    is_no_obstacle(v, "login_hint", "buffy@contoso.example").await;
    let server = server().await;
    let mut browser = server.browser();
    browser.open(&v.request(&[("login_hint", ALICE)])).await;
    assert_eq!(browser.heading(), "Enter password", "{}", browser.text());
}

/// Signs in again although there is a session.
pub(super) async fn oidcc_prompt_login(v: &Variant) {
    let server = server().await;
    let (mut browser, first) = v.sign_in(&server, &[("max_age", "15000")]).await;
    let (_, first) = tokens(&server, &first).await;
    server.broker().clock().advance("PT1S".parse().unwrap()).unwrap();
    browser.open(&v.request(&[("prompt", "login")])).await;
    assert!(!v.is_back(&browser) && browser.has_id("i0116"), "{}", browser.text());
    let second = v.again(&server, &mut browser, &[("prompt", "login"), ("max_age", "15000")]).await;
    let (_, second) = tokens(&server, &second).await;
    assert_eq!(first["sub"], second["sub"]);
    assert!(second["auth_time"].as_i64() > first["auth_time"].as_i64(), "{second:?}");
}

pub(super) async fn oidcc_prompt_none_not_logged_in(v: &Variant) {
    assert_eq!(error(v, &[("prompt", "none")]).await, "login_required");
}

pub(super) async fn oidcc_prompt_none_logged_in(v: &Variant) {
    let server = server().await;
    let (mut browser, first) = v.sign_in(&server, &[]).await;
    let (_, first) = tokens(&server, &first).await;
    browser.open(&v.request(&[("prompt", "none")])).await;
    let second = v.response(&browser);
    let (_, second) = tokens(&server, &second).await;
    assert_eq!((&first["sub"], &first["iss"]), (&second["sub"], &second["iss"]));
}

pub(super) async fn oidcc_max_age_1(v: &Variant) {
    let server = server().await;
    let (mut browser, first) = v.sign_in(&server, &[("max_age", "15000")]).await;
    let (_, first) = tokens(&server, &first).await;
    server.broker().clock().advance("PT2S".parse().unwrap()).unwrap();
    browser.open(&v.request(&[("max_age", "1")])).await;
    assert!(!v.is_back(&browser) && browser.has_id("i0116"), "{}", browser.text());
    let second = v.again(&server, &mut browser, &[("max_age", "1")]).await;
    let (_, second) = tokens(&server, &second).await;
    let now = server.broker().clock().now().as_second();
    let at = second["auth_time"].as_i64().expect("auth_time is required with max_age");
    assert!(at >= first["auth_time"].as_i64().unwrap() + 2 && now - at <= 60, "{second:?}");
}

pub(super) async fn oidcc_max_age_10000(v: &Variant) {
    let server = server().await;
    let (mut browser, first) = v.sign_in(&server, &[("max_age", "15000")]).await;
    let (_, first) = tokens(&server, &first).await;
    server.broker().clock().advance("PT5S".parse().unwrap()).unwrap();
    browser.open(&v.request(&[("max_age", "10000")])).await;
    let second = v.response(&browser);
    let (_, second) = tokens(&server, &second).await;
    assert_eq!((&first["sub"], &first["auth_time"]), (&second["sub"], &second["auth_time"]));
}

pub(super) async fn oidcc_id_token_hint(v: &Variant) {
    let server = server().await;
    let (mut browser, first) = v.sign_in(&server, &[]).await;
    let (first, claims) = tokens(&server, &first).await;
    let hint = first["id_token"].as_str().unwrap();
    browser.open(&v.request(&[("prompt", "none"), ("id_token_hint", hint)])).await;
    let second = v.response(&browser);
    let (_, second) = tokens(&server, &second).await;
    assert_eq!(claims["sub"], second["sub"]);
}

pub(super) async fn oidcc_codereuse(v: &Variant) {
    used_twice(v, "PT0S").await;
}

/// Thirty seconds later, too; and what the first use gave is revoked.
pub(super) async fn oidcc_codereuse_30seconds(v: &Variant) {
    used_twice(v, "PT30S").await;
}

async fn used_twice(v: &Variant, later: &str) {
    let server = server().await;
    let (_, response) = v.sign_in(&server, &[]).await;
    let (tokens, _) = tokens(&server, &response).await;
    server.broker().clock().advance(later.parse().unwrap()).unwrap();
    let again = exchange(&server, &response["code"], &[]).await;
    assert_eq!((again.status, &again.json()["error"]), (400, &json!("invalid_grant")));
    assert_eq!(userinfo(&server, &tokens).await.status, 401);
}

pub(super) async fn oidcc_ensure_registered_redirect_uri(v: &Variant) {
    let server = server().await;
    for unregistered in ["https://localhost.emobix.co.uk:8443/callback", "http://localhost:3000/x"]
    {
        let mut browser = server.browser();
        browser.open(&v.request(&[("redirect_uri", unregistered)])).await;
        assert_eq!(browser.status(), 400);
        assert!(browser.url().starts_with(server.origin()), "{}", browser.url());
        assert!(browser.alert().unwrap().starts_with("AADSTS50011"), "{}", browser.text());
    }
}

/// The same request from a form.
pub(super) async fn oidcc_ensure_post_request_succeeds(v: &Variant) {
    let server = server().await;
    let (mut browser, _) = v.sign_in(&server, &[]).await;
    let request = v.request(&[]);
    let (path, query) = request.split_once('?').unwrap();
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    browser.post(path, &pairs).await;
    let response = v.response(&browser);
    tokens(&server, &response).await;
}

/// A JWT without a signature.
fn unsigned(claims: &Value) -> String {
    let encode = |value: &Value| {
        base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, value.to_string())
    };
    format!("{}.{}.", encode(&json!({"alg": "none"})), encode(claims))
}

pub(super) async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(
    v: &Variant,
) {
    let server = server().await;
    let metadata = metadata(&server).await;
    assert_eq!(metadata["request_uri_parameter_supported"], false);
    let uri = format!("{}/requests.jwt", server.origin());
    assert_eq!(error(v, &[("request_uri", &uri)]).await, "request_uri_not_supported");
}

pub(super) async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(
    v: &Variant,
) {
    let request = unsigned(&json!({"state": "another", "nonce": "another"}));
    assert_eq!(error(v, &[("request", &request)]).await, "request_not_supported");
}

/// An object's redirect URI does not count: the answer comes to the parameter's.
pub(super) async fn oidcc_ensure_request_object_with_redirect_uri(v: &Variant) {
    let request = unsigned(&json!({"redirect_uri": "http://localhost", "client_id": WEB}));
    assert_eq!(error(v, &[("request", &request)]).await, "request_not_supported");
    // Nor does it stand in for a missing one.
    let server = server().await;
    let mut browser = server.browser();
    browser.open(&v.request(&[("request", &request), ("redirect_uri", "<none>")])).await;
    assert!(!v.is_back(&browser) && browser.status() == 400, "{}", browser.url());
}

/// `claims` is read and is no obstacle; for userinfo it adds nothing.
pub(super) async fn oidcc_claims_essential(v: &Variant) {
    let server = server().await;
    let claims = json!({"userinfo": {"name": {"essential": true}}}).to_string();
    let (_, response) = v.sign_in(&server, &[("claims", &claims)]).await;
    let (tokens, _) = tokens(&server, &response).await;
    let info = userinfo(&server, &tokens).await;
    assert_eq!(info.status, 200, "{}", info.body);
    assert!(info.json().get("name").is_none(), "{}", info.body);
    // For the id token it does.
    let claims = json!({"id_token": {"auth_time": {"essential": true}}}).to_string();
    let (_, response) = v.sign_in(&server, &[("claims", &claims)]).await;
    let (_, claims) = super::flow::tokens(&server, &response).await;
    assert!(claims["auth_time"].is_i64(), "{claims:?}");
}

pub(super) async fn oidcc_refresh_token(v: &Variant) {
    let server = server().await;
    let (_, response) = v.sign_in(&server, &[("scope", "openid offline_access")]).await;
    let (first, claims) = tokens(&server, &response).await;
    let token = first["refresh_token"].as_str().expect("a refresh token");
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", token)];
    let answer = token_request(&server, &pairs).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let second = verified(&server, answer.json()["id_token"].as_str().unwrap()).await;
    for name in ["iss", "sub", "aud"] {
        assert_eq!(claims[name], second[name], "{name}");
    }
    assert!(second["iat"].as_i64() >= claims["iat"].as_i64());
    assert_ne!(answer.json()["access_token"], first["access_token"]);
    assert_eq!(userinfo(&server, &answer.json()).await.status, 200);
    // Another client's, it is worth nothing.
    let pairs = [
        pairs[0],
        pairs[1],
        ("client_id", "fab21ca0-0000-4000-8000-0000000000b1"),
        ("client_secret", "fabrikam-portal-secret"),
    ];
    let path = format!("/{CONTOSO}/oauth2/v2.0/token");
    assert_eq!(post_form(&server, &path, &pairs).await.json()["error"], "invalid_grant");
}

pub(super) async fn oidcc_ensure_request_with_valid_pkce_succeeds(v: &Variant) {
    let server = server().await;
    let pkce = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let (_, response) = v.sign_in(&server, &pkce).await;
    let refused = exchange(&server, &response["code"], &[]).await;
    assert_eq!(refused.json()["error"], "invalid_grant", "{}", refused.body);
    let answer = exchange(&server, &response["code"], &[("code_verifier", VERIFIER)]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    verified(&server, answer.json()["id_token"].as_str().unwrap()).await;
}
