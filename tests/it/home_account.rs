//! A guest whose home disables or deletes the account, in the middle of a redemption and after it.

use axum::http::Method;
use guestpass::Server;
use guestpass::browser::Browser;
use serde_json::{Value, json};

use crate::support::*;

const BOB: &str = "bob@fabrikam.example";
const BOB_AT_HOME: &str = "/v1.0/users/fab21ca0-0000-4000-8000-000000000001";
const FABRIKAM_DAEMON: &str = "fab21ca0-0000-4000-8000-0000000000a5";
const API: &str = "c0a70500-0000-4000-8000-0000000000a4";

/// The default world with a daemon at Fabrikam, and a secret for Contoso's API.
async fn world() -> Server {
    let default = guestpass::config::world::DEFAULT;
    let portal = "[[tenant.application]]\nclient_id = \"fab21ca0-0000-4000-8000-0000000000b1\"\n";
    let daemon = format!(
        "[[tenant.application]]\nclient_id = \"{FABRIKAM_DAEMON}\"\ndisplay_name = \"Fabrikam \
         Daemon\"\nkind = \"daemon\"\nsecret = \"daemon\"\n\n[[tenant.app_role_assignment]]\n\
         client_id = \"{FABRIKAM_DAEMON}\"\nroles = [\"Directory.ReadWrite.All\"]\n\n"
    );
    let roles = "app_roles = [\"Files.Read.All\"]\n";
    let api = format!(
        "secret = \"api\"\n\n[[tenant.consent]]\nclient_id = \"{API}\"\nscopes = [\"User.Read\"]\n\n\
         [[tenant.consent]]\nclient_id = \"{WEB}\"\nresource = \"api://contoso-api\"\nscopes = \
         [\"Files.Read\"]\n"
    );
    assert!(default.contains(portal) && default.contains(roles));
    let world = default.replacen(portal, &format!("{daemon}{portal}"), 1);
    server_of(&world.replacen(roles, &format!("{roles}{api}"), 1)).await
}

/// What Fabrikam does to Bob's account.
async fn at_home(server: &Server, what: &str) {
    let token = daemon_token_of(server, FABRIKAM, FABRIKAM_DAEMON, "daemon").await;
    let answer = match what {
        "deleted" => with_token(server, Method::DELETE, BOB_AT_HOME, &token).await,
        _ => {
            let body = json!({"accountEnabled": what == "enabled"});
            patch(server, BOB_AT_HOME, &token, &body).await
        }
    };
    assert!((200..300).contains(&answer.status), "{what}: {}", answer.body);
}

/// The number that a page or a redirect names.
fn told(browser: &Browser<'_>) -> String {
    let said = browser.parameter("error_description").unwrap_or_else(|| browser.text());
    let number = said.split("AADSTS").nth(1).unwrap_or_else(|| panic!("no refusal: {said}"));
    number.chars().take_while(char::is_ascii_digit).collect()
}

#[tokio::test]
async fn nobody_redeems_with_an_account_that_the_home_took_away_meanwhile() {
    for (what, number) in [("disabled", "50057"), ("deleted", "50034")] {
        let server = world().await;
        let mut browser = server.browser();
        browser.open(&authorize(CONTOSO, &[])).await;
        type_name(&mut browser, BOB).await;
        browser.submit(&[("passwd", "guestpass")], None).await;
        for _ in 0..3 {
            if browser.heading() == "Review permissions" {
                break;
            }
            browser.submit(&[], None).await;
        }
        assert_eq!(browser.heading(), "Review permissions", "{}", browser.text());
        at_home(&server, what).await;
        browser.submit(&[], None).await;
        assert_eq!(told(&browser), number, "{what}");
        assert_eq!(browser.parameter("code"), None);
        assert_eq!(state_of(&server, 1).await, "PendingAcceptance", "{what}");
    }
}

/// What Bob has got at Contoso, and the ways to use it.
struct Held<'s> {
    server: &'s Server,
    browser: Browser<'s>,
    code: String,
    graph: Value,
    api: Value,
}

impl<'s> Held<'s> {
    async fn of_bob(server: &'s Server) -> Self {
        let scope = "openid profile offline_access api://contoso-api/Files.Read";
        let mut browser = server.browser();
        browser.open(&authorize(CONTOSO, &[])).await;
        agree_to_all(server, &mut browser, BOB).await;
        let graph = Self::tokens(server, &browser).await;
        browser.open(&authorize(CONTOSO, &[("scope", scope)])).await;
        agree_to_all(server, &mut browser, BOB).await;
        let api = Self::tokens(server, &browser).await;
        browser.open(&authorize(CONTOSO, &[])).await;
        agree_to_all(server, &mut browser, BOB).await;
        let code = browser.parameter("code").expect("a code");
        Self { server, browser, code, graph, api }
    }

    async fn tokens(server: &Server, browser: &Browser<'_>) -> Value {
        let code = browser.parameter("code").unwrap_or_else(|| panic!("{}", browser.text()));
        let answer = redeem(server, &code, &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    async fn grant(&self, kind: &str, client: (&str, &str), more: &[(&str, &str)]) -> Value {
        let mut pairs =
            vec![("grant_type", kind), ("client_id", client.0), ("client_secret", client.1)];
        pairs.extend(more);
        post_form(self.server, &format!("/{CONTOSO}/oauth2/v2.0/token"), &pairs).await.json()
    }

    /// Each way: the name, what it says if refused.
    async fn uses(&mut self) -> Vec<(&'static str, String)> {
        let (web, api) = ((WEB, WEB_SECRET), (API, "api"));
        let refresh = self.graph["refresh_token"].as_str().unwrap();
        let refreshed = self.grant("refresh_token", web, &[("refresh_token", refresh)]).await;
        let on_behalf = [
            ("requested_token_use", "on_behalf_of"),
            ("assertion", self.api["access_token"].as_str().unwrap()),
            ("scope", "User.Read"),
        ];
        let bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
        let on_behalf = self.grant(bearer, api, &on_behalf).await;
        let code = [("code", self.code.as_str()), ("redirect_uri", CALLBACK)];
        let redeemed = self.grant("authorization_code", web, &code).await;
        let said = |answer: Value| match answer["access_token"].as_str() {
            Some(_) => String::new(),
            None => format!("{} {}", answer["error"].as_str().unwrap(), answer["error_codes"][0]),
        };
        let mut told = vec![
            ("refresh", said(refreshed)),
            ("on-behalf-of", said(on_behalf)),
            ("code", said(redeemed)),
        ];
        let token = self.graph["access_token"].as_str().unwrap().to_owned();
        for path in ["/v1.0/me", "/oidc/userinfo"] {
            let answer = with_token(self.server, Method::GET, path, &token).await;
            let said = if answer.status == 200 { String::new() } else { answer.status.to_string() };
            told.push((path, said));
        }
        self.browser.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
        let silent = match self.browser.parameter("code") {
            Some(_) => String::new(),
            None => self.browser.parameter("error").unwrap_or_default() + " " + &told_by(self),
        };
        told.push(("prompt=none", silent));
        told
    }
}

fn told_by(held: &Held<'_>) -> String {
    told(&held.browser)
}

#[tokio::test]
async fn what_a_guest_has_ends_when_the_home_takes_the_account_away() {
    for (what, number) in [("disabled", "50057"), ("deleted", "50034")] {
        let server = world().await;
        let mut held = Held::of_bob(&server).await;
        at_home(&server, what).await;
        for (way, said) in held.uses().await {
            match way {
                "/v1.0/me" | "/oidc/userinfo" => assert_eq!(said, "401", "{what}: {way}"),
                "prompt=none" => assert!(said.ends_with(number), "{what}: {way}: {said}"),
                _ => assert_eq!(said, format!("invalid_grant {number}"), "{what}: {way}"),
            }
        }
        held.browser.open(&authorize(CONTOSO, &[])).await;
        assert_eq!(told(&held.browser), number, "{what}: the session");
        assert_eq!(state_of(&server, 1).await, "Accepted", "the object stays as it is");
    }
}

#[tokio::test]
async fn what_a_guest_has_is_good_again_when_the_home_enables_the_account() {
    let server = world().await;
    let mut held = Held::of_bob(&server).await;
    at_home(&server, "disabled").await;
    at_home(&server, "enabled").await;
    for (way, said) in held.uses().await {
        assert_eq!(said, "", "{way}");
    }
}
