//! On-behalf-of: an API that was called with a person's token calls another one.

use axum::http::Method;
use guestpass::Server;
use serde_json::{Value, json};

use crate::support::*;

const API: &str = "c0a70500-0000-4000-8000-0000000000a4";
const API_SECRET: &str = "contoso-api-secret";
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const BOB: (&str, u32) = ("bob@fabrikam.example", 1);
const FRANK: (&str, u32) = ("frank@northwind.example", 6);

/// The default world, in which the API has a secret and may read the caller's profile.
async fn world() -> Server {
    world_with("User.Read").await
}

async fn world_with(scope: &str) -> Server {
    let roles = "app_roles = [\"Files.Read.All\"]\n";
    let more = format!(
        "secret = \"{API_SECRET}\"\n\n[[tenant.consent]]\nclient_id = \"{API}\"\nscopes = \
         [\"{scope}\"]\n\n[[tenant.consent]]\nclient_id = \"{WEB}\"\nresource = \
         \"api://contoso-api\"\nscopes = [\"Files.Read\"]\n"
    );
    let default = guestpass::config::world::DEFAULT;
    assert!(default.contains(roles));
    server_of(&default.replacen(roles, &format!("{roles}{more}"), 1)).await
}

/// Signs somebody in at Contoso Web and gives the tokens, the access token being for the API.
async fn tokens_for_api(server: &Server, name: &str) -> Value {
    let scope = "openid profile offline_access api://contoso-api/Files.Read";
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[("scope", scope)])).await;
    agree_to_all(server, &mut browser, name).await;
    let code = browser.parameter("code").unwrap_or_else(|| panic!("{}", browser.text()));
    let answer = redeem(server, &code, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(claims(&answer.json()["access_token"])["aud"], API);
    answer.json()
}

async fn exchange(server: &Server, assertion: &Value, changes: &[(&str, &str)]) -> Answer {
    exchange_at(server, CONTOSO, assertion, changes).await
}

async fn exchange_at(
    server: &Server,
    tenant: &str,
    assertion: &Value,
    changes: &[(&str, &str)],
) -> Answer {
    let mut pairs = vec![
        ("grant_type", JWT_BEARER),
        ("requested_token_use", "on_behalf_of"),
        ("client_id", API),
        ("client_secret", API_SECRET),
        ("client_info", "1"),
        ("assertion", assertion.as_str().expect("a token")),
        ("scope", "User.Read openid profile offline_access"),
    ];
    pairs.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    pairs.extend(changes.iter().filter(|(_, value)| *value != "<absent>"));
    post_form(server, &format!("/{tenant}/oauth2/v2.0/token"), &pairs).await
}

async fn refresh(server: &Server, tokens: &Value) -> Answer {
    let pairs = [
        ("grant_type", "refresh_token"),
        ("client_id", API),
        ("client_secret", API_SECRET),
        ("refresh_token", tokens["refresh_token"].as_str().expect("a refresh token")),
    ];
    post_form(server, &format!("/{CONTOSO}/oauth2/v2.0/token"), &pairs).await
}

#[tokio::test]
async fn an_api_gets_a_token_of_its_caller_for_another_api() {
    let server = world().await;
    for (name, idp) in [
        ("alice@contoso.example", None),
        (BOB.0, Some(format!("https://sts.windows.net/{FABRIKAM}/"))),
        (FRANK.0, Some("mail".to_owned())),
    ] {
        let first = tokens_for_api(&server, name).await;
        let before = claims(&first["access_token"]);
        for scope in [
            "User.Read openid profile offline_access",
            "https://graph.microsoft.com/.default offline_access openid",
        ] {
            let answer = exchange(&server, &first["access_token"], &[("scope", scope)]).await;
            assert_eq!(answer.status, 200, "{name} {}", answer.body);
            let tokens = answer.json();
            let access = claims(&tokens["access_token"]);
            assert_eq!((&access["aud"], &access["azp"]), (&json!(GRAPH), &json!(API)));
            assert_eq!((&access["oid"], &access["tid"]), (&before["oid"], &before["tid"]));
            assert_eq!(access["azpacr"], "1");
            assert!(access["scp"].as_str().unwrap().contains("User.Read"), "{}", access["scp"]);
            assert_eq!(access.get("idp").and_then(Value::as_str), idp.as_deref());
            assert_eq!(claims(&tokens["id_token"])["aud"], API);
            let token = tokens["access_token"].as_str().unwrap();
            let me = with_token(&server, Method::GET, "/v1.0/me", token).await;
            assert_eq!(me.json()["id"], before["oid"], "{}", me.body);
            let again = refresh(&server, &tokens).await;
            assert_eq!(again.status, 200, "{}", again.body);
            assert_eq!(claims(&again.json()["access_token"])["oid"], before["oid"]);
        }
        let without = exchange(&server, &first["access_token"], &[("scope", "User.Read")]).await;
        assert!(without.json().get("refresh_token").is_none(), "no offline_access");
        assert!(without.json().get("id_token").is_none(), "no openid");
    }
}

#[tokio::test]
async fn only_an_access_token_for_the_client_is_an_assertion() {
    let server = world().await;
    let first = tokens_for_api(&server, "alice@contoso.example").await;
    let id_token = exchange(&server, &first["id_token"], &[]).await;
    assert_eq!(refused_token(&id_token, "invalid_grant"), 240_002);
    let app = daemon_token(&server).await;
    let app_only = exchange(&server, &json!(app), &[]).await;
    assert_eq!(refused_token(&app_only, "unauthorized_client"), 7_000_114);
    let other = tokens_of(&server, "openid User.Read").await;
    let audience = exchange(&server, &other["access_token"], &[]).await;
    assert_eq!(refused_token(&audience, "invalid_grant"), 50013);
    for said in [GRAPH, API, "does not match the Client app presenting the assertion"] {
        assert!(audience.body.contains(said), "no {said}: {}", audience.body);
    }
    let web = [("client_id", WEB), ("client_secret", WEB_SECRET)];
    let not_mine = exchange(&server, &first["access_token"], &web).await;
    assert_eq!(refused_token(&not_mine, "invalid_grant"), 50013, "a client that was not called");

    let token = first["access_token"].as_str().unwrap();
    let signature = token.rsplit('.').next().unwrap();
    let forged = token.replace(signature, &signature.chars().rev().collect::<String>());
    for wrong in [json!(forged), json!("garbage"), json!(&token[..token.len() - 1])] {
        assert_eq!(refused_token(&exchange(&server, &wrong, &[]).await, "invalid_grant"), 50013);
    }
    let stranger = crate::support::server().await;
    let theirs = signed_in(&stranger, "alice@contoso.example").await;
    let theirs = redeem(&stranger, &theirs.parameter("code").unwrap(), &[]).await.json();
    let foreign = exchange(&server, &theirs["access_token"], &[]).await;
    assert_eq!(refused_token(&foreign, "invalid_grant"), 50013, "another server with the same key");
    // At another tenant's endpoint, or one that names none.
    let elsewhere = exchange_at(&server, TAILSPIN, &first["access_token"], &[]).await;
    assert_eq!(refused_token(&elsewhere, "unauthorized_client"), 700_016);
    let common = exchange_at(&server, "common", &first["access_token"], &[]).await;
    assert_eq!(refused_token(&common, "invalid_request"), 50194);

    server.broker().clock().advance("PT91M".parse().unwrap()).unwrap();
    let late = exchange(&server, &first["access_token"], &[]).await;
    assert_eq!(refused_token(&late, "invalid_grant"), 500_133);
    assert!(late.body.contains("expiry time of assertion"), "{}", late.body);
}

async fn tokens_of(server: &Server, scope: &str) -> Value {
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[("scope", scope)])).await;
    agree_to_all(server, &mut browser, "alice@contoso.example").await;
    redeem(server, &browser.parameter("code").expect("a code"), &[]).await.json()
}

#[tokio::test]
async fn the_request_is_complete_and_the_client_proves_itself() {
    let server = world().await;
    let first = tokens_for_api(&server, "alice@contoso.example").await;
    let assertion = &first["access_token"];
    for (changes, error, number) in [
        (vec![("client_secret", "<absent>")], "invalid_client", 7_000_218),
        (vec![("client_secret", "wrong")], "invalid_client", 7_000_215),
        (vec![("requested_token_use", "<absent>")], "invalid_request", 900_144),
        (vec![("requested_token_use", "other")], "invalid_request", 90023),
        (vec![("assertion", "<absent>")], "invalid_request", 900_144),
        (vec![("scope", "<absent>")], "invalid_request", 900_144),
        (vec![("scope", "User.Read api://contoso-api/Files.Read")], "invalid_scope", 700_022),
        (vec![("scope", "User.Nothing")], "invalid_scope", 70011),
    ] {
        let answer = exchange(&server, assertion, &changes).await;
        assert_eq!(refused_token(&answer, error), number, "{changes:?} {}", answer.body);
    }
    let cli = "c0a70500-0000-4000-8000-0000000000a3";
    let public = [("client_id", cli), ("client_secret", "<absent>")];
    let answer = exchange(&server, assertion, &public).await;
    assert_eq!(
        refused_token(&answer, "invalid_client"),
        7_000_218,
        "a public client has no callers"
    );
}

#[tokio::test]
async fn without_consent_to_the_api_the_caller_has_to_be_asked() {
    let server = world_with("User.ReadBasic.All").await;
    let first = tokens_for_api(&server, "alice@contoso.example").await;
    for scope in ["User.Read", "User.Read.All", "User.Read openid offline_access"] {
        let answer = exchange(&server, &first["access_token"], &[("scope", scope)]).await;
        assert_eq!(refused_token(&answer, "invalid_grant"), 65001, "{scope} {}", answer.body);
        assert_eq!(answer.json()["suberror"], "consent_required");
        assert!(answer.body.contains("named 'Contoso API'"), "{}", answer.body);
    }
    let granted =
        exchange(&server, &first["access_token"], &[("scope", "User.ReadBasic.All")]).await;
    assert_eq!(granted.status, 200, "{}", granted.body);
}

/// What happens to a guest after the API was called.
async fn befalls(server: &Server, story: &str, (address, number): (&str, u32)) {
    let id = format!("c0a70500-0000-4000-8000-0000000001{number:02}");
    let path = format!("/v1.0/users/{id}");
    let token = daemon_token(server).await;
    if story == "deleted" {
        assert_eq!(with_token(server, Method::DELETE, &path, &token).await.status, 204);
        return;
    }
    if story == "disabled" {
        let body = json!({"accountEnabled": false});
        assert_eq!(patch(server, &path, &token, &body).await.status, 204);
        return;
    }
    let body = json!({
        "invitedUserEmailAddress": address,
        "inviteRedirectUrl": "https://app.example",
        "invitedUser": { "id": id },
        "resetRedemption": true,
    });
    assert_eq!(post_json(server, "/v1.0/invitations", &token, &body).await.status, 201);
    let mut browser = server.browser();
    match story {
        "pending" => {}
        "declined" => {
            browser.open(&authorize(CONTOSO, &[])).await;
            type_name(&mut browser, address).await;
            type_passcode(server, &mut browser, address).await;
            assert_eq!(browser.heading(), "Review permissions", "{}", browser.text());
            browser.submit(&[], Some("back")).await;
        }
        "reset" => {
            browser.open(&authorize(CONTOSO, &[])).await;
            agree_to_all(server, &mut browser, address).await;
            assert!(browser.parameter("code").is_some(), "redeemed anew: {}", browser.text());
        }
        other => panic!("nobody knows how a guest is {other}"),
    }
}

/// Frank came in, and something happened to him: the API gets nothing on his behalf, and is told why.
async fn no_token(story: &str, number: u64, reason: &str) {
    let server = world().await;
    let first = tokens_for_api(&server, FRANK.0).await;
    let second = exchange(&server, &first["access_token"], &[]).await.json();
    befalls(&server, story, FRANK).await;
    let answer = exchange(&server, &first["access_token"], &[]).await;
    assert_eq!(refused_token(&answer, "invalid_grant"), number, "{story} {}", answer.body);
    assert!(answer.body.contains(reason), "no '{reason}': {}", answer.body);
    // What the API got before is worth nothing either.
    let answer = refresh(&server, &second).await;
    assert_eq!(refused_token(&answer, "invalid_grant"), number, "{story} {}", answer.body);
    let token = second["access_token"].as_str().unwrap();
    let me = with_token(&server, Method::GET, "/v1.0/me", token).await;
    assert_eq!(me.status, 401, "{story} {}", me.body);
}

#[tokio::test]
async fn no_token_for_a_pending_guest() {
    no_token("pending", 50014, "has not redeemed").await;
}

#[tokio::test]
async fn no_token_for_a_guest_who_declined() {
    no_token("declined", 50014, "has not redeemed").await;
}

#[tokio::test]
async fn no_token_for_a_disabled_guest() {
    no_token("disabled", 500_571, "guest user account is disabled").await;
}

#[tokio::test]
async fn no_token_for_a_deleted_guest() {
    no_token("deleted", 50020, "does not exist in tenant").await;
}

/// Reset and redeemed again since: what came before stays dead.
#[tokio::test]
async fn no_token_for_a_guest_who_was_reset() {
    no_token("reset", 50173, "revoked").await;
}

#[tokio::test]
async fn what_rests_on_a_revoked_family_dies_with_it() {
    let server = world().await;
    let scope = "openid offline_access api://contoso-api/Files.Read";
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[("scope", scope)])).await;
    agree_to_all(&server, &mut browser, FRANK.0).await;
    let code = browser.parameter("code").expect("a code");
    let first = redeem(&server, &code, &[]).await.json();
    let second = exchange(&server, &first["access_token"], &[]).await.json();
    assert_eq!(refresh(&server, &second).await.status, 200);
    // The code comes again: somebody else has it.
    assert_eq!(redeem(&server, &code, &[]).await.status, 400);
    let answer = exchange(&server, &first["access_token"], &[]).await;
    assert_eq!(refused_token(&answer, "invalid_grant"), 50173);
    assert_eq!(refused_token(&refresh(&server, &second).await, "invalid_grant"), 50173);
    let token = second["access_token"].as_str().unwrap();
    assert_eq!(with_token(&server, Method::GET, "/v1.0/me", token).await.status, 401);
}

#[tokio::test]
async fn an_api_that_takes_v1_tokens_acts_on_behalf_of_its_callers_too() {
    let roles = "app_roles = [\"Files.Read.All\"]\n";
    let more = format!(
        "secret = \"{API_SECRET}\"\nrequested_access_token_version = 1\n\n[[tenant.consent]]\n\
         client_id = \"{API}\"\nscopes = [\"User.Read\"]\n\n[[tenant.consent]]\nclient_id = \
         \"{WEB}\"\nresource = \"api://contoso-api\"\nscopes = [\"Files.Read\"]\n"
    );
    let world = guestpass::config::world::DEFAULT.replacen(roles, &format!("{roles}{more}"), 1);
    let server = server_of(&world).await;
    for asked in ["api://contoso-api".to_owned(), API.to_owned()] {
        let scope = format!("openid offline_access {asked}/Files.Read");
        let mut browser = server.browser();
        browser.open(&authorize(CONTOSO, &[("scope", &scope)])).await;
        agree_to_all(&server, &mut browser, FRANK.0).await;
        let code = browser.parameter("code").unwrap_or_else(|| panic!("{}", browser.text()));
        let first = redeem(&server, &code, &[]).await.json();
        let before = claims(&first["access_token"]);
        assert_eq!((&before["ver"], &before["aud"]), (&json!("1.0"), &json!(asked)));
        let answer = exchange(&server, &first["access_token"], &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(claims(&answer.json()["access_token"])["oid"], before["oid"]);
        // Another server has the same published key, and knows nothing of the family.
        let other = server_of(&world).await;
        let foreign = exchange(&other, &first["access_token"], &[]).await;
        assert_eq!(refused_token(&foreign, "invalid_grant"), 50173);
        let id_token = exchange(&server, &first["id_token"], &[]).await;
        assert_eq!(refused_token(&id_token, "invalid_grant"), 240_002);
    }
}
