//! What the tests share: servers, journeys, tokens.

use axum::body::Body;
use axum::http::{Method, Request};
use guestpass::browser::Browser;
use guestpass::server::Server;
use http_body_util::BodyExt as _;
use serde_json::{Map, Value};

pub(crate) const CONTOSO: &str = "c0a70500-0000-4000-8000-00000000c0a7";
pub(crate) const TAILSPIN: &str = "7a115000-0000-4000-8000-000000007a11";
pub(crate) const WOODGROVE: &str = "30006000-0000-4000-8000-000000003000";
pub(crate) const FABRIKAM: &str = "fab21ca0-0000-4000-8000-0000000fab21";
pub(crate) const WEB: &str = "c0a70500-0000-4000-8000-0000000000a1";
pub(crate) const WEB_SECRET: &str = "contoso-web-secret";
pub(crate) const CALLBACK: &str = "http://localhost:3000/auth/callback";
pub(crate) const SCOPE: &str = "openid profile email offline_access User.Read";

/// A server with the default world.
pub(crate) async fn server() -> Server {
    crate::recorder::start();
    Server::builder().start().await.expect("a server starts")
}

/// A server with another world.
pub(crate) async fn server_of(world: &str) -> Server {
    crate::recorder::start();
    Server::builder().world(world).start().await.expect("a server starts")
}

/// A world in which Contoso's daemon has more permissions on Graph.
pub(crate) fn with_permissions(world: &str, more: &[&str]) -> String {
    let roles = "[\"User.Invite.All\", \"User.Read.All\", \"Directory.ReadWrite.All\"";
    assert!(world.contains(roles), "the daemon's permissions");
    let more = more.join("\", \"");
    world.replacen(roles, &format!("{roles}, \"{more}\""), 1)
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Sends a request.
pub(crate) async fn send(
    server: &Server,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body> + Send,
) -> Answer {
    send_request(server, method, path, headers, body.into()).await
}

async fn send_request(
    server: &Server,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: Body,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body).expect("a request");
    let response = server.call(server.origin(), request).await;
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    let body = String::from_utf8_lossy(&body).into_owned();
    Answer { status: parts.status.as_u16(), headers: parts.headers, body }
}

pub(crate) async fn get(server: &Server, path: &str) -> Answer {
    send(server, Method::GET, path, &[], Body::empty()).await
}

pub(crate) async fn post_form(server: &Server, path: &str, pairs: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let kind = ("content-type", "application/x-www-form-urlencoded");
    send(server, Method::POST, path, &[kind], body).await
}

pub(crate) async fn post_json(server: &Server, path: &str, token: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    send(server, Method::POST, path, &headers, body.to_string()).await
}

pub(crate) async fn with_token(server: &Server, method: Method, path: &str, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    send(server, method, path, &[("authorization", bearer.as_str())], Body::empty()).await
}

pub(crate) async fn patch(server: &Server, path: &str, token: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    send(server, Method::PATCH, path, &headers, body.to_string()).await
}

/// The address of an authorize request of Contoso Web, with more parameters or other values.
pub(crate) fn authorize(tenant: &str, changes: &[(&str, &str)]) -> String {
    let mut pairs = vec![
        ("client_id", WEB),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", SCOPE),
        ("state", "state-1"),
        ("nonce", "nonce-1"),
    ];
    pairs.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    pairs.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    format!("/{tenant}/oauth2/v2.0/authorize?{}", query.finish())
}

/// The newest code that was mailed to an address.
pub(crate) async fn code_for(server: &Server, address: &str) -> String {
    let to = address.parse().expect("an address");
    let mails = server.broker().inbox(server.origin(), &to, None).await.expect("an inbox");
    mails.into_iter().find_map(|mail| mail.code).expect("a code was mailed")
}

/// The Accept link of the newest invitation to an address, of one tenant.
pub(crate) async fn accept_link(server: &Server, address: &str, tenant: &str) -> String {
    let to = address.parse().expect("an address");
    let mails = server.broker().inbox(server.origin(), &to, Some(tenant)).await.expect("an inbox");
    mails.into_iter().find_map(|mail| mail.links.accept).expect("an invitation was mailed")
}

/// Types a name on the sign-in page.
pub(crate) async fn type_name(browser: &mut Browser<'_>, name: &str) {
    assert!(browser.has_id("i0116"), "no sign-in page but {}", browser.text());
    browser.submit(&[("loginfmt", name)], None).await;
}

/// Has a passcode sent and types it.
pub(crate) async fn type_passcode(server: &Server, browser: &mut Browser<'_>, address: &str) {
    assert_eq!(browser.heading(), "Verify your email", "{}", browser.text());
    browser.submit(&[], None).await;
    assert!(browser.has_id("idTxtBx_OTC_Password"), "{}", browser.text());
    let code = code_for(server, address).await;
    browser.submit(&[("otc", &code)], None).await;
}

/// Answers whatever page comes, as a person who agrees to everything, until the browser has left
/// the sign-in. `name` is typed where a name is asked for, the password is everyone's.
pub(crate) async fn agree_to_all(server: &Server, browser: &mut Browser<'_>, name: &str) {
    for _ in 0..20 {
        if !browser.url().starts_with(browser.origin()) || browser.status() != 200 {
            return;
        }
        match browser.heading().as_str() {
            "Sign in" if browser.has_id("identifierId") => {
                browser.submit(&[("identifier", name)], None).await;
            }
            "Welcome" => {
                browser.submit(&[("Passwd", "guestpass")], None).await;
            }
            "Sign in" if browser.has_id("userNameInput") => {
                browser.submit(&[("UserName", name), ("Password", "guestpass")], None).await;
            }
            "Going back to the application" if browser.posts_here() => {
                browser.submit(&[], None).await;
            }
            "Sign in" => type_name(browser, name).await,
            "Log in" => {
                browser.submit(&[("email", name), ("pass", "guestpass")], None).await;
            }
            heading if heading.starts_with("Continue as") && browser.has_id("confirm") => {
                browser.submit(&[("share_email", "1")], Some("confirm")).await;
            }
            "Enter password" => {
                browser.submit(&[("passwd", "guestpass")], None).await;
            }
            "Verify your email" => type_passcode(server, browser, name).await,
            "Review permissions" | "Permissions requested" | "Stay signed in?" => {
                browser.submit(&[], None).await;
            }
            "Terms of use" => {
                if browser.has_id("openTerms") {
                    browser.submit(&[], Some("open")).await;
                }
                browser.submit(&[], Some("accept")).await;
            }
            _ => return,
        }
    }
}

/// Redeems a code at Contoso Web.
pub(crate) async fn redeem(server: &Server, code: &str, changes: &[(&str, &str)]) -> Answer {
    redeem_at(server, CONTOSO, code, changes).await
}

pub(crate) async fn redeem_at(
    server: &Server,
    tenant: &str,
    code: &str,
    changes: &[(&str, &str)],
) -> Answer {
    let mut pairs = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("client_id", WEB),
        ("client_secret", WEB_SECRET),
    ];
    pairs.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    pairs.extend(changes.iter().filter(|(_, value)| *value != "<absent>"));
    post_form(server, &format!("/{tenant}/oauth2/v2.0/token"), &pairs).await
}

/// The claims of a token.
pub(crate) fn claims(token: &Value) -> Map<String, Value> {
    guestpass::jose::claims_unverified(token.as_str().expect("a token")).expect("a JWT")
}

/// A token of a daemon for Microsoft Graph.
pub(crate) async fn daemon_token(server: &Server) -> String {
    daemon_token_of(
        server,
        CONTOSO,
        "c0a70500-0000-4000-8000-0000000000a5",
        "contoso-daemon-secret",
    )
    .await
}

pub(crate) async fn daemon_token_of(
    server: &Server,
    tenant: &str,
    client: &str,
    secret: &str,
) -> String {
    let answer = post_form(
        server,
        &format!("/{tenant}/oauth2/v2.0/token"),
        &[
            ("grant_type", "client_credentials"),
            ("client_id", client),
            ("client_secret", secret),
            ("scope", "https://graph.microsoft.com/.default"),
        ],
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

/// A guest as Graph shows it.
pub(crate) async fn guest(server: &Server, id: &str) -> Value {
    let token = daemon_token(server).await;
    let select = "id,mail,otherMails,proxyAddresses,userPrincipalName,userType,externalUserState,\
                  externalUserStateChangeDateTime,identities,creationType,accountEnabled,displayName";
    let answer =
        with_token(server, Method::GET, &format!("/v1.0/users/{id}?$select={select}"), &token)
            .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

/// Whether a guest of Contoso is `Accepted`; NN as in the default world.
pub(crate) async fn state_of(server: &Server, number: u32) -> String {
    let id = format!("c0a70500-0000-4000-8000-0000000001{number:02}");
    guest(server, &id).await["externalUserState"].as_str().unwrap().to_owned()
}

/// A browser in which somebody is signed in at Contoso Web.
pub(crate) async fn signed_in<'s>(
    server: &'s guestpass::Server,
    name: &str,
) -> guestpass::browser::Browser<'s> {
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[])).await;
    agree_to_all(server, &mut browser, name).await;
    assert!(browser.parameter("code").is_some(), "{}", browser.text());
    browser
}

/// Contoso Web redeems a refresh token, with changes to its request.
pub(crate) async fn refresh(server: &Server, token: &str, changes: &[(&str, &str)]) -> Answer {
    let mut pairs = vec![
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("client_id", WEB),
        ("client_secret", WEB_SECRET),
    ];
    pairs.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    pairs.extend(changes.iter().filter(|(_, value)| *value != "<absent>"));
    post_form(server, &format!("/{CONTOSO}/oauth2/v2.0/token"), &pairs).await
}

/// The number of a refusal of the token endpoint, which gives nothing.
pub(crate) fn refused_token(answer: &Answer, error: &str) -> u64 {
    assert!([400, 401, 429].contains(&answer.status), "{}", answer.body);
    let body = answer.json();
    assert_eq!(body["error"], error, "{}", answer.body);
    for token in ["access_token", "refresh_token", "id_token"] {
        assert!(body.get(token).is_none(), "{}", answer.body);
    }
    body["error_codes"][0].as_u64().unwrap_or_default()
}
