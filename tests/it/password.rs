//! The password grant: for members, and for nobody else.

use guestpass::Server;
use serde_json::{Value, json};

use crate::support::*;
use crate::tokens::{CLI, SPA};

const PORTAL: &str = "fab21ca0-0000-4000-8000-0000000000b1";
const PORTAL_SECRET: (&str, &str) = ("client_secret", "fabrikam-portal-secret");
const ALICE: &str = "alice@contoso.example";
const SCOPE: &str = "openid profile offline_access User.Read";

/// Sends a name and a password as MSAL for Node does, with a parameter that means nothing here.
async fn ask(server: &Server, tenant: &str, changes: &[(&str, &str)]) -> Answer {
    let mut pairs = vec![
        ("grant_type", "password"),
        ("response_type", "id_token token"),
        ("client_id", CLI),
        ("client_info", "1"),
        ("username", ALICE),
        ("password", "guestpass"),
        ("scope", SCOPE),
    ];
    pairs.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    pairs.extend(changes.iter().filter(|(_, value)| *value != "<absent>"));
    post_form(server, &format!("/{tenant}/oauth2/v2.0/token"), &pairs).await
}

#[tokio::test]
async fn a_member_gets_tokens_at_the_own_tenant() {
    let server = server().await;
    for tenant in [CONTOSO, "contoso.example"] {
        let answer = ask(&server, tenant, &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let tokens = answer.json();
        let id = claims(&tokens["id_token"]);
        assert_eq!((&id["aud"], &id["preferred_username"]), (&json!(CLI), &json!(ALICE)));
        assert!(tokens["client_info"].is_string());
        let access = claims(&tokens["access_token"]);
        assert_eq!(
            (&access["azpacr"], &access["scp"]),
            (&json!("0"), &json!("openid profile User.Read"))
        );
        let token = tokens["access_token"].as_str().unwrap();
        let me = with_token(&server, axum::http::Method::GET, "/v1.0/me", token).await;
        assert_eq!(me.json()["userPrincipalName"], ALICE, "{}", me.body);
        let pairs = [
            ("grant_type", "refresh_token"),
            ("client_id", CLI),
            ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ];
        let path = format!("/{CONTOSO}/oauth2/v2.0/token");
        assert_eq!(post_form(&server, &path, &pairs).await.status, 200);
    }
    // An OpenID scope beside a permission needs no consent of its own; alone it does.
    let consented = "scopes = [\"openid\", \"profile\", \"email\", \"offline_access\", \"User.Read\", \"User.Invite.All\"]";
    let world = guestpass::config::world::DEFAULT.replace(consented, "scopes = [\"User.Read\"]");
    let server = server_of(&world).await;
    assert_eq!(ask(&server, CONTOSO, &[]).await.status, 200);
    let alone = ask(&server, CONTOSO, &[("scope", "openid")]).await;
    assert_eq!(refused_token(&alone, "invalid_grant"), 65001);
    assert_eq!(alone.json()["suberror"], "consent_required");
    assert!(alone.body.contains("named 'Contoso CLI'"), "{}", alone.body);
}

#[tokio::test]
async fn organizations_finds_the_home_by_the_domain() {
    let server = server().await;
    let portal = [("client_id", PORTAL), PORTAL_SECRET];
    let at = |name: &'static str, tenant: &'static str| {
        let changes = [portal[0], portal[1], ("username", name)];
        let server = &server;
        async move { ask(server, tenant, &changes).await }
    };
    let alice = at(ALICE, "organizations").await;
    assert_eq!(alice.status, 200, "{}", alice.body);
    assert_eq!(claims(&alice.json()["id_token"])["tid"], CONTOSO);
    assert_eq!(claims(&alice.json()["access_token"])["azpacr"], "1");
    let nobody = at("frank@northwind.example", "organizations").await;
    assert_eq!(refused_token(&nobody, "invalid_request"), 50059);
    let carol = at("carol@outlook.com", "organizations").await;
    assert_eq!(refused_token(&carol, "invalid_request"), 500_208);
    for authority in ["common", "consumers"] {
        for name in [ALICE, "carol@outlook.com"] {
            assert_eq!(refused_token(&at(name, authority).await, "invalid_request"), 9_001_023);
        }
    }
    let single = ask(&server, "organizations", &[]).await;
    assert_eq!(refused_token(&single, "invalid_request"), 50194);
    let elsewhere = ask(&server, TAILSPIN, &[("username", "tara@tailspin.example")]).await;
    assert_eq!(refused_token(&elsewhere, "unauthorized_client"), 700_016);
}

#[tokio::test]
async fn a_client_may_if_public_clients_are_allowed_or_it_proves_itself() {
    let server = server().await;
    let web = [("client_id", WEB), ("client_secret", "<absent>")];
    assert_eq!(refused_token(&ask(&server, CONTOSO, &web).await, "invalid_client"), 7_000_218);
    let web = [("client_id", WEB), ("client_secret", WEB_SECRET)];
    assert_eq!(ask(&server, CONTOSO, &web).await.status, 200);
    let spa = ask(&server, CONTOSO, &[("client_id", SPA)]).await;
    assert_eq!(refused_token(&spa, "invalid_client"), 7_000_218);
    let default = guestpass::config::world::DEFAULT;
    let with = |after: &str, line: &str| {
        assert!(default.contains(after));
        default.replacen(after, &format!("{after}\n{line}\n"), 1)
    };
    let open = with("secret = \"contoso-web-secret\"", "is_fallback_public_client = true");
    let open = server_of(&open).await;
    let tokens = ask(&open, CONTOSO, &[("client_id", WEB)]).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let closed = with(
        "display_name = \"Contoso CLI\"\nkind = \"native\"",
        "is_fallback_public_client = false",
    );
    let closed = server_of(&closed).await;
    assert_eq!(refused_token(&ask(&closed, CONTOSO, &[]).await, "invalid_client"), 7_000_218);
}

#[tokio::test]
async fn wrong_passwords_count_with_those_of_the_page() {
    let server = server().await;
    let wrong = [("password", "wrong")];
    for name in ["nobody@contoso.example", "no address", "alice@other.example"] {
        let answer = ask(&server, CONTOSO, &[("username", name)]).await;
        assert_eq!(refused_token(&answer, "invalid_grant"), 50034, "{name}");
        assert!(answer.body.contains(name), "{}", answer.body);
    }
    for _ in 0..20 {
        assert_eq!(refused_token(&ask(&server, CONTOSO, &wrong).await, "invalid_grant"), 50126);
    }
    assert_eq!(refused_token(&ask(&server, CONTOSO, &[]).await, "invalid_grant"), 50053, "locked");
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    type_name(&mut browser, ALICE).await;
    browser.submit(&[("passwd", "guestpass")], None).await;
    assert!(browser.alert().unwrap().contains("locked"), "{}", browser.text());
    server.broker().clock().advance("PT11M".parse().unwrap()).unwrap();
    assert_eq!(ask(&server, CONTOSO, &[]).await.status, 200);
    for missing in ["username", "password", "scope"] {
        let answer = ask(&server, CONTOSO, &[(missing, "<absent>")]).await;
        assert_eq!(refused_token(&answer, "invalid_request"), 900_144, "{missing}");
        assert!(answer.body.contains(missing));
    }
    let both = ask(&server, CONTOSO, &[("scope", "User.Read api://contoso-api/Files.Read")]).await;
    assert_eq!(refused_token(&both, "invalid_scope"), 700_022);
}

#[tokio::test]
async fn a_disabled_member_gets_no_token_and_the_refresh_token_dies_too() {
    let server = server().await;
    let tokens = ask(&server, CONTOSO, &[]).await.json();
    let admin = daemon_token(&server).await;
    let path = "/v1.0/users/c0a70500-0000-4000-8000-000000000003";
    let disabled = json!({"accountEnabled": false});
    assert_eq!(patch(&server, path, &admin, &disabled).await.status, 204);
    assert_eq!(refused_token(&ask(&server, CONTOSO, &[]).await, "invalid_grant"), 50057);
    let pairs = [
        ("grant_type", "refresh_token"),
        ("client_id", CLI),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ];
    let answer = post_form(&server, &format!("/{CONTOSO}/oauth2/v2.0/token"), &pairs).await;
    assert_eq!(refused_token(&answer, "invalid_grant"), 50057);
}

/// What an administrator or the guest does before the password is sent.
async fn befalls(server: &Server, story: &str, number: u32, address: &str) {
    let id = format!("c0a70500-0000-4000-8000-0000000001{number:02}");
    let path = format!("/v1.0/users/{id}");
    let token = daemon_token(server).await;
    let redeem = async || {
        let mut browser = server.browser();
        browser.open(&authorize(CONTOSO, &[])).await;
        agree_to_all(server, &mut browser, address).await;
        assert!(browser.parameter("code").is_some(), "{}", browser.text());
    };
    let status = match story {
        "pending" => 204,
        "declined" => {
            let mut browser = server.browser();
            browser.open(&authorize(CONTOSO, &[])).await;
            type_name(&mut browser, address).await;
            match browser.has_id("i0118") {
                true => {
                    browser.submit(&[("passwd", "guestpass")], None).await;
                }
                false => type_passcode(server, &mut browser, address).await,
            }
            if browser.heading() == "Stay signed in?" {
                browser.submit(&[], None).await;
            }
            assert_eq!(browser.heading(), "Review permissions", "{}", browser.text());
            browser.submit(&[], Some("back")).await;
            204
        }
        "redeemed" => {
            redeem().await;
            204
        }
        "disabled" => {
            redeem().await;
            patch(server, &path, &token, &json!({"accountEnabled": false})).await.status
        }
        "deleted" => {
            redeem().await;
            with_token(server, axum::http::Method::DELETE, &path, &token).await.status
        }
        "reset" => {
            redeem().await;
            let body = json!({
                "invitedUserEmailAddress": address,
                "inviteRedirectUrl": "https://app.example",
                "invitedUser": { "id": id },
                "resetRedemption": true,
            });
            post_json(server, "/v1.0/invitations", &token, &body).await.status
        }
        other => panic!("nobody knows how a guest is {other}"),
    };
    assert!((200..300).contains(&status), "{story}: {status}");
}

/// A guest has no password here, whatever becomes of him.
async fn no_token(story: &str) {
    for (address, number, idp) in [
        ("bob@fabrikam.example", 1, format!("https://sts.windows.net/{FABRIKAM}/")),
        ("carol@outlook.com", 2, "live.com".to_owned()),
    ] {
        let server = server().await;
        befalls(&server, story, number, address).await;
        let answer = ask(&server, CONTOSO, &[("username", address)]).await;
        let number = refused_token(&answer, "invalid_grant");
        let gone = story == "deleted" && idp != "live.com";
        assert_eq!(number, if gone { 50034 } else { 50020 }, "{story} {address}");
        let said = answer.json()["error_description"].as_str().unwrap().to_owned();
        assert!(said.contains("does not exist in"), "{said}");
        assert!(gone || said.contains(&format!("from identity provider '{idp}'")), "{said}");
    }
}

#[tokio::test]
async fn no_token_for_a_pending_guest() {
    no_token("pending").await;
}

#[tokio::test]
async fn no_token_for_a_guest_who_declined() {
    no_token("declined").await;
}

#[tokio::test]
async fn no_token_for_a_guest_who_has_redeemed() {
    no_token("redeemed").await;
    let server = server().await;
    let passcode = ask(&server, CONTOSO, &[("username", "frank@northwind.example")]).await;
    assert_eq!(refused_token(&passcode, "invalid_grant"), 50020);
}

#[tokio::test]
async fn no_token_for_a_disabled_guest() {
    no_token("disabled").await;
}

#[tokio::test]
async fn no_token_for_a_deleted_guest() {
    no_token("deleted").await;
}

#[tokio::test]
async fn no_token_for_a_reset_guest() {
    no_token("reset").await;
}

#[tokio::test]
async fn a_password_is_in_no_answer() {
    let server = server().await;
    let secret: Value = json!("p4ssw0rd-of-alice");
    let answer = ask(&server, CONTOSO, &[("password", secret.as_str().unwrap())]).await;
    assert!(!answer.body.contains(secret.as_str().unwrap()), "{}", answer.body);
}
