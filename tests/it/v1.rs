//! The v1.0 endpoints, and access tokens of either version by the resource's wish.

use axum::http::Method;
use guestpass::config::world::DEFAULT;
use guestpass::server::Server;
use serde_json::{Value, json};

use crate::support::*;
use crate::tokens::{CLI, SPA};

const API: &str = "c0a70500-0000-4000-8000-0000000000a4";
const DAEMON: (&str, &str) = ("c0a70500-0000-4000-8000-0000000000a5", "contoso-daemon-secret");

/// The default world, with Contoso API as one that takes v1.0 tokens, and implicit tokens for the
/// single-page application.
async fn old_server() -> Server {
    let api = "display_name = \"Contoso API\"";
    let spa = "display_name = \"Contoso SPA\"";
    assert!(DEFAULT.contains(api) && DEFAULT.contains(spa));
    let world = DEFAULT
        .replace(api, &format!("{api}\nrequested_access_token_version = 1"))
        .replace(spa, &format!("{spa}\nid_token_issuance = true\naccess_token_issuance = true"));
    server_of(&world).await
}

fn v1_authorize(changes: &[(&str, &str)]) -> String {
    authorize(CONTOSO, changes).replace("/oauth2/v2.0/authorize", "/oauth2/authorize")
}

async fn sign_in(server: &Server, name: &str, changes: &[(&str, &str)]) -> String {
    let mut browser = server.browser();
    browser.open(&v1_authorize(changes)).await;
    agree_to_all(server, &mut browser, name).await;
    browser.parameter("code").unwrap_or_else(|| panic!("{} {}", browser.url(), browser.text()))
}

async fn redeem_v1(server: &Server, code: &str, more: &[(&str, &str)]) -> Value {
    let mut pairs = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("client_id", WEB),
        ("client_secret", WEB_SECRET),
    ];
    pairs.extend(more);
    let answer = post_form(server, &format!("/{CONTOSO}/oauth2/token"), &pairs).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn header_of(token: &Value) -> Value {
    let header = token.as_str().unwrap().split('.').next().unwrap();
    let plain = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    serde_json::from_slice(&base64::Engine::decode(&plain, header).unwrap()).unwrap()
}

fn sts(tenant: &str) -> Value {
    json!(format!("https://sts.windows.net/{tenant}/"))
}

#[tokio::test]
async fn guests_have_the_names_of_v1() {
    let server = server().await;
    for (name, unique, idp) in [
        ("alice@contoso.example", "alice@contoso.example", None),
        (
            "bob@fabrikam.example",
            "bob@fabrikam.example",
            Some("https://sts.windows.net/fab21ca0-0000-4000-8000-0000000fab21/"),
        ),
        ("carol@outlook.com", "live.com#carol@outlook.com", Some("live.com")),
        ("frank@northwind.example", "mail#frank@northwind.example", Some("mail")),
        ("dave@gmail.com", "google.com#dave@gmail.com", Some("google.com")),
    ] {
        let resource = [("resource", "https://graph.microsoft.com"), ("scope", "openid")];
        let code = sign_in(&server, name, &resource).await;
        let tokens = redeem_v1(&server, &code, &[]).await;
        let id = claims(&tokens["id_token"]);
        assert_eq!((&id["ver"], &id["iss"]), (&json!("1.0"), &sts(CONTOSO)), "{name}");
        assert_eq!(id["unique_name"], unique, "{name}");
        assert_eq!(id.get("idp").and_then(Value::as_str), idp, "{name}");
        assert_eq!(id.get("upn").is_some(), idp.is_none(), "{name}: only members have one");
        assert!(id["amr"].is_array() && id.contains_key("name") && id.contains_key("oid"));
        assert!(!id.contains_key("preferred_username"), "{name}");
        assert_eq!((&id["aud"], &id["nonce"]), (&json!(WEB), &json!("nonce-1")));
        let header = header_of(&tokens["id_token"]);
        assert_eq!(header["x5t"], header["kid"]);
        let keys = get(&server, "/common/discovery/keys").await.json();
        assert_eq!(keys["keys"][0]["kid"], header["kid"]);
        // Graph takes v2.0 tokens here, whatever the endpoint.
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(claims(&tokens["access_token"])["ver"], "2.0");
        assert!(header_of(&tokens["access_token"]).get("x5t").is_none());
        for (segment, good) in [
            (CONTOSO, true),
            ("contoso.example", true),
            ("common", true),
            (TAILSPIN, false),
            ("consumers", false),
            ("nowhere.example", false),
        ] {
            let path = format!("/{segment}/openid/userinfo");
            let info = with_token(&server, Method::GET, &path, access).await;
            assert_eq!(info.status, if good { 200 } else { 401 }, "{segment}: {}", info.body);
            let info = info.json();
            assert_eq!(good, info["sub"] == id["sub"], "{name}: {info}");
            assert_eq!(good, info["oid"] == id["oid"], "{name}: {info}");
            assert_eq!(good && idp.is_none(), info.get("upn").is_some(), "{name}: {info}");
        }
    }
}

#[tokio::test]
async fn an_answer_of_v1_writes_numbers_as_texts() {
    let server = server().await;
    let resource = "https://graph.microsoft.com/";
    let changes = [("resource", resource), ("scope", "")];
    let code = sign_in(&server, "alice@contoso.example", &changes).await;
    let tokens = redeem_v1(&server, &code, &[("resource", resource)]).await;
    let number = |name: &str| tokens[name].as_str().unwrap().parse::<i64>().unwrap();
    assert_eq!(number("expires_on") - number("not_before"), number("expires_in") + 300);
    assert_eq!(tokens["resource"], resource);
    let mut scope: Vec<_> = tokens["scope"].as_str().unwrap().split(' ').collect();
    scope.sort_unstable();
    assert_eq!(scope, ["User.Invite.All", "User.Read", "email", "openid", "profile"], "bare");
    assert_eq!(claims(&tokens["access_token"])["exp"], number("expires_on"));
    // Neither openid nor offline_access was asked for.
    assert!(tokens["id_token"].is_string());
    let more = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ("client_id", WEB),
        ("client_secret", WEB_SECRET),
    ];
    let answer = post_form(&server, &format!("/{CONTOSO}/oauth2/token"), &more).await.json();
    assert_eq!(claims(&answer["id_token"])["ver"], "1.0");
    // The same refresh token gives v2.0 id tokens at the endpoint of v2.0.
    let answer = post_form(&server, &format!("/{CONTOSO}/oauth2/v2.0/token"), &more).await.json();
    assert_eq!(claims(&answer["id_token"])["ver"], "2.0");
    assert!(answer["expires_in"].is_number());
}

#[tokio::test]
async fn a_resource_chooses_the_version_of_its_access_tokens() {
    let server = old_server().await;
    let ask = |path: &'static str, name: &'static str, value: &'static str| {
        let server = &server;
        async move {
            let (id, secret) = DAEMON;
            let pairs = [
                ("grant_type", "client_credentials"),
                ("client_id", id),
                ("client_secret", secret),
                (name, value),
            ];
            let answer = post_form(server, &format!("/{CONTOSO}{path}"), &pairs).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            answer.json()["access_token"].clone()
        }
    };
    for (path, name, value, audience) in [
        ("/oauth2/token", "resource", "api://contoso-api", "api://contoso-api"),
        ("/oauth2/token", "resource", "api://contoso-api/", "api://contoso-api/"),
        ("/oauth2/token", "resource", API, API),
        ("/oauth2/v2.0/token", "scope", "api://contoso-api/.default", "api://contoso-api"),
        ("/oauth2/v2.0/token", "scope", "api://contoso-api//.default", "api://contoso-api/"),
    ] {
        let token = ask(path, name, value).await;
        let token_claims = claims(&token);
        assert_eq!(token_claims["aud"], audience, "{value}");
        assert_eq!((&token_claims["ver"], &token_claims["iss"]), (&json!("1.0"), &sts(CONTOSO)));
        assert_eq!(token_claims["appid"], DAEMON.0);
        assert_eq!(token_claims["appidacr"], "1");
        assert_eq!(token_claims["roles"], json!(["Files.Read.All"]));
        assert!(!token_claims.contains_key("azp") && !token_claims.contains_key("azpacr"));
        let header = header_of(&token);
        assert_eq!(header["x5t"], header["kid"]);
        assert_eq!(
            with_token(&server, Method::GET, "/v1.0/users", token.as_str().unwrap()).await.status,
            401
        );
    }
    let graph = ask("/oauth2/token", "resource", "https://graph.microsoft.com").await;
    assert_eq!(claims(&graph)["ver"], "2.0");
    assert_eq!(
        with_token(&server, Method::GET, "/v1.0/users", graph.as_str().unwrap()).await.status,
        200
    );
}

#[tokio::test]
async fn a_persons_v1_access_token_names_how_they_signed_in() {
    let server = old_server().await;
    let changes = [("scope", "openid profile api://contoso-api/Files.Read")];
    let code = crate::tokens::code_of(&server, "bob@fabrikam.example", &changes).await;
    let tokens = redeem(&server, &code, &[]).await.json();
    // The id token is the endpoint's, v2.0; the access token the resource's.
    assert_eq!(claims(&tokens["id_token"])["ver"], "2.0");
    let access = claims(&tokens["access_token"]);
    assert_eq!((&access["ver"], &access["iss"]), (&json!("1.0"), &sts(CONTOSO)));
    assert_eq!(access["aud"], "api://contoso-api");
    assert_eq!(access["scp"], "Files.Read");
    assert_eq!(
        (&access["appid"], &access["appidacr"], &access["acr"]),
        (&json!(WEB), &json!("1"), &json!("1"))
    );
    assert_eq!(access["unique_name"], "bob@fabrikam.example");
    assert_eq!(access["idp"], sts(FABRIKAM));
    assert!(access["amr"].is_array() && !access.contains_key("upn"));
}

#[tokio::test]
async fn an_unknown_resource_is_refused() {
    let server = server().await;
    let (id, secret) = DAEMON;
    for (resource, error) in
        [("api://nowhere", "invalid_resource"), ("api://contoso-api openid", "invalid_resource")]
    {
        let pairs = [
            ("grant_type", "client_credentials"),
            ("client_id", id),
            ("client_secret", secret),
            ("resource", resource),
        ];
        let answer = post_form(&server, &format!("/{CONTOSO}/oauth2/token"), &pairs).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (400, &json!(error)),
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn an_answer_names_the_resource_that_was_asked_for_first() {
    let server = old_server().await;
    let resource = "https://graph.microsoft.com/";
    let changes = [("resource", resource), ("scope", "")];
    let code = sign_in(&server, "alice@contoso.example", &changes).await;
    let tokens = redeem_v1(&server, &code, &[]).await;
    assert_eq!(tokens["resource"], resource, "named at the authorization endpoint only");
    let more = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ("client_id", WEB),
        ("client_secret", WEB_SECRET),
    ];
    let path = format!("/{CONTOSO}/oauth2/token");
    let again = post_form(&server, &path, &more).await.json();
    assert_eq!(again["resource"], resource);
    let changes = [("scope", "openid offline_access api://contoso-api/Files.Read")];
    let code = crate::tokens::code_of(&server, "adele@contoso.example", &changes).await;
    let tokens = redeem_v1(&server, &code, &[]).await;
    assert_eq!(tokens["resource"], "api://contoso-api");
    assert_eq!(claims(&tokens["access_token"])["aud"], "api://contoso-api");
}

#[tokio::test]
async fn a_refusal_speaks_of_resources() {
    let server = server().await;
    let (id, secret) = DAEMON;
    let mut pairs =
        vec![("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
    for (version, missing) in [("", "'resource'"), ("/v2.0", "'scope'")] {
        let path = format!("/{CONTOSO}/oauth2{version}/token");
        let told = post_form(&server, &path, &pairs).await.json()["error_description"].to_string();
        assert!(told.contains(missing), "{told}");
    }
    pairs.push(("resource", "api://v1 api://cert"));
    let answer = post_form(&server, &format!("/{CONTOSO}/oauth2/token"), &pairs).await.json();
    let told = answer["error_description"].as_str().unwrap();
    assert!(told.contains("named api://v1%20api://cert does not exist"), "{told}");
}

#[tokio::test]
async fn a_device_signs_in_through_v1() {
    let server = server().await;
    let pairs = [("client_id", CLI), ("resource", "https://graph.microsoft.com")];
    let answer = post_form(&server, &format!("/{CONTOSO}/oauth2/devicecode"), &pairs).await.json();
    let page = answer["verification_url"].as_str().unwrap();
    assert!(answer["interval"].is_string() && answer.get("verification_uri").is_none());
    let mut browser = server.browser();
    browser.open(page).await;
    browser.submit(&[("otc", answer["user_code"].as_str().unwrap())], None).await;
    for _ in 0..8 {
        agree_to_all(&server, &mut browser, "alice@contoso.example").await;
        if browser.heading() == "Is this your device?" || browser.has_id("idSIButton9") {
            browser.submit(&[], None).await;
        }
    }
    let pairs = [
        ("grant_type", "device_code"),
        ("client_id", CLI),
        ("code", answer["device_code"].as_str().unwrap()),
    ];
    let tokens = post_form(&server, &format!("/{CONTOSO}/oauth2/token"), &pairs).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    assert_eq!(claims(&tokens.json()["id_token"])["ver"], "1.0");
}

#[tokio::test]
async fn an_implicit_access_token_comes_where_it_is_allowed() {
    let server = old_server().await;
    let spa = [("client_id", SPA), ("redirect_uri", "http://localhost:3000/spa")];
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[spa[0], spa[1], ("response_type", "id_token token")])).await;
    agree_to_all(&server, &mut browser, "olivia@fabrikam.example").await;
    assert!(browser.url().starts_with("http://localhost:3000/spa#"), "{}", browser.url());
    let access = browser.parameter("access_token").unwrap();
    let id = claims(&json!(browser.parameter("id_token").unwrap()));
    assert_eq!(id["at_hash"], guestpass::protocol::claims::half_hash(&access));
    assert_eq!(browser.parameter("token_type").unwrap(), "Bearer");
    assert!(browser.parameter("expires_in").unwrap().parse::<u32>().unwrap() >= 3600);
    assert!(browser.parameter("refresh_token").is_none() && browser.parameter("code").is_none());
    let info = with_token(&server, Method::GET, "/oidc/userinfo", &access).await;
    assert_eq!((info.status, &info.json()["sub"]), (200, &id["sub"]));
    // Alone, without a page, from the session.
    let silent = [spa[0], spa[1], ("response_type", "token"), ("prompt", "none")];
    browser.open(&authorize(CONTOSO, &silent)).await;
    assert!(browser.parameter("access_token").is_some(), "{}", browser.url());
    assert!(browser.parameter("id_token").is_none());
    // Never in a query, and not where the registration does not allow it.
    let in_query = [spa[0], spa[1], ("response_type", "token"), ("response_mode", "query")];
    browser.open(&authorize(CONTOSO, &in_query)).await;
    assert!(browser.parameter("access_token").is_none());
    for response_type in ["id_token token", "token", "token id_token"] {
        browser.open(&authorize(CONTOSO, &[("response_type", response_type)])).await;
        assert_eq!(browser.parameter("error").unwrap(), "unsupported_response_type");
    }
}
