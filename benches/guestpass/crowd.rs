//! A tenant with 100 guests beside one with 100,000: nothing may cost more.

use std::fmt::Write as _;
use std::time::Instant;

use axum::body::Body;
use axum::http::Request;
use guestpass::Server;
use http_body_util::BodyExt as _;
use serde_json::Value;

use super::journeys::{self, Guest};
use super::{rate_async, report};

const TENANT: &str = "b1600000-0000-4000-8000-00000000b160";
const CLIENT: &str = "b1600000-0000-4000-8000-0000000000a1";
const DAEMON: &str = "b1600000-0000-4000-8000-0000000000a5";

/// A tenant with so many pending guests.
fn world(guests: usize) -> String {
    let mut world = format!(
        r#"
[[tenant]]
id = "{TENANT}"
name = "Crowd"
domains = ["crowd.onmicrosoft.com", "crowd.example"]
redemption_profile = "classic"

[[tenant.application]]
client_id = "{CLIENT}"
display_name = "Crowd Web"
kind = "web"
secret = "crowd-web-secret"
redirect_uris = ["http://localhost:3000/auth/callback"]

[[tenant.application]]
client_id = "{DAEMON}"
display_name = "Crowd Daemon"
kind = "daemon"
secret = "crowd-daemon-secret"

[[tenant.consent]]
client_id = "{CLIENT}"
scopes = ["openid", "profile", "email", "offline_access"]

[[tenant.app_role_assignment]]
client_id = "{DAEMON}"
roles = ["User.Invite.All", "User.Read.All"]
"#
    );
    for guest in 0..guests {
        let _ = write!(
            world,
            "\n[[tenant.guest]]\nid = \"b1600000-0000-4000-9000-{guest:012}\"\n\
             invited_user_email_address = \"guest{guest}@northwind.example\"\n"
        );
    }
    world
}

/// Per second: invitations, look-ups of a guest, sign-ins of a returning guest.
struct Rates {
    invite: f64,
    look_up: f64,
    sign_in: f64,
}

async fn measure(guests: usize) -> Rates {
    let begun = Instant::now();
    let server = Server::builder().world(world(guests)).start().await.expect("a server starts");
    let took = begun.elapsed().as_secs_f64();
    report(&format!("start with {guests} guests"), &format!("{took:.2} s"));
    let token = token(&server).await;
    let mut number = 0_u32;
    let invite = rate_async(|| {
        number += 1;
        let address = format!("new{number}@northwind.example");
        let body = serde_json::json!({"invitedUserEmailAddress": address,
                                      "inviteRedirectUrl": "https://app.example"});
        graph(&server, &token, Request::post("/v1.0/invitations"), body.to_string(), 201)
    });
    let invite = invite.await;
    let look_up = rate_async(|| {
        let filter = "/v1.0/users?$filter=mail%20eq%20'guest7@northwind.example'";
        graph(&server, &token, Request::get(filter), String::new(), 200)
    });
    let look_up = look_up.await;
    let guest = Guest {
        tenant: TENANT,
        client: CLIENT,
        secret: "crowd-web-secret",
        address: "guest7@northwind.example",
    };
    journeys::sign_in(&server, &guest).await;
    let sign_in = rate_async(|| journeys::sign_in(&server, &guest)).await;
    Rates { invite, look_up, sign_in }
}

async fn token(server: &Server) -> String {
    let form = format!(
        "grant_type=client_credentials&client_id={DAEMON}&client_secret=crowd-daemon-secret\
         &scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"
    );
    let request = Request::post(format!("/{TENANT}/oauth2/v2.0/token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form));
    let answer = server.call(server.origin(), request.expect("a request")).await;
    let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    let tokens: Value = serde_json::from_slice(&bytes).expect("JSON");
    tokens["access_token"].as_str().expect("a token").to_owned()
}

async fn graph(
    server: &Server,
    token: &str,
    request: axum::http::request::Builder,
    body: String,
    status: u16,
) {
    let request = request
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Body::from(body));
    let answer = server.call(server.origin(), request.expect("a request")).await;
    assert_eq!(answer.status().as_u16(), status);
}

pub(super) async fn compare() {
    let few = measure(100).await;
    let many = measure(100_000).await;
    for (what, few, many) in [
        ("invitations", few.invite, many.invite),
        ("look-ups by address", few.look_up, many.look_up),
        ("sign-ins", few.sign_in, many.sign_in),
    ] {
        report(&format!("{what} per second among 100 guests"), &format!("{few:.0}"));
        report(&format!("{what} per second among 100,000 guests"), &format!("{many:.0}"));
        report("  ratio", &format!("{:.2}", many / few));
    }
}
