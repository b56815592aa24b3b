//! The server under Entra's own host names: which host answers what, and which names stand where.

use axum::body::Body;
use axum::http::{Method, Request};
use guestpass::Server;
use guestpass::browser::Browser;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use crate::support::*;

const LOGIN: &str = "https://login.microsoftonline.com";
const ALIAS: &str = "https://login.windows.net";
const GRAPH: &str = "https://graph.microsoft.com";

async fn server() -> Server {
    let builder = Server::builder().origin(LOGIN).origin(ALIAS).origin(GRAPH);
    builder.start().await.expect("a server starts")
}

async fn ask(server: &Server, origin: &str, request: Request<Body>) -> (u16, Value) {
    let answer = server.call(origin, request).await;
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

async fn get_at(server: &Server, origin: &str, path: &str, token: &str) -> (u16, Value) {
    let bearer = format!("Bearer {token}");
    let request = Request::get(path).header("authorization", bearer).body(Body::empty()).unwrap();
    ask(server, origin, request).await
}

async fn document(server: &Server, origin: &str) -> Value {
    let path = format!("/{CONTOSO}/v2.0/.well-known/openid-configuration");
    get_at(server, origin, &path, "").await.1
}

/// Frank redeems by direct link under one of the hosts.
async fn frank(server: &Server, origin: &str) -> Value {
    let mut browser = Browser::new(server, origin);
    browser.open(&authorize(CONTOSO, &[])).await;
    type_name(&mut browser, "frank@northwind.example").await;
    type_passcode(server, &mut browser, "frank@northwind.example").await;
    browser.submit(&[], None).await;
    browser.submit(&[], Some("accept")).await;
    let code = browser.parameter("code").unwrap_or_else(|| panic!("{}", browser.text()));
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", &code)
        .append_pair("redirect_uri", CALLBACK)
        .append_pair("client_id", WEB)
        .append_pair("client_secret", WEB_SECRET)
        .finish();
    let request = Request::post(format!("/{CONTOSO}/oauth2/v2.0/token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body));
    let (status, tokens) = ask(server, origin, request.unwrap()).await;
    assert_eq!(status, 200, "{tokens}");
    tokens
}

#[tokio::test]
async fn metadata_names_the_hosts_that_entra_names() {
    let server = server().await;
    for origin in [LOGIN, ALIAS] {
        let found = document(&server, origin).await;
        assert_eq!(found["issuer"], format!("{LOGIN}/{CONTOSO}/v2.0"));
        assert_eq!(found["token_endpoint"], format!("{origin}/{CONTOSO}/oauth2/v2.0/token"));
        assert_eq!(found["userinfo_endpoint"], format!("{GRAPH}/oidc/userinfo"));
        assert_eq!(found["msgraph_host"], "graph.microsoft.com");
    }
    let own = document(&server, server.origin()).await;
    assert_eq!(own["issuer"], format!("{}/{CONTOSO}/v2.0", server.origin()));
    assert_eq!(own["userinfo_endpoint"], format!("{}/oidc/userinfo", server.origin()));
    let path = "/common/discovery/instance?api-version=1.1&authorization_endpoint=\
                https%3A%2F%2Flogin.microsoftonline.com%2Fcommon%2Foauth2%2Fv2.0%2Fauthorize";
    let (_, instance) = get_at(&server, LOGIN, path, "").await;
    assert_eq!(
        instance["tenant_discovery_endpoint"],
        format!("{LOGIN}/common/v2.0/.well-known/openid-configuration")
    );
}

#[tokio::test]
async fn tokens_of_every_login_host_name_one_issuer_and_work_at_graph() {
    for origin in [LOGIN, ALIAS] {
        let server = server().await;
        let tokens = frank(&server, origin).await;
        let id_token = claims(&tokens["id_token"]);
        assert_eq!(id_token["iss"], format!("{LOGIN}/{CONTOSO}/v2.0"));
        assert_eq!(id_token["idp"], "mail");
        let access = tokens["access_token"].as_str().unwrap();
        let (status, info) = get_at(&server, GRAPH, "/oidc/userinfo", access).await;
        assert_eq!((status, &info["sub"]), (200, &id_token["sub"]), "{info}");
        let (status, me) = get_at(&server, GRAPH, "/v1.0/me", access).await;
        assert_eq!((status, &me["id"]), (200, &id_token["oid"]), "{me}");
        // The SDK for Python makes it so.
        assert_eq!(get_at(&server, GRAPH, "/v1.0//me?$select=id", access).await.0, 200);
        // Graph is on its host only, and only Graph is.
        for path in ["/v1.0/me", "/oidc/userinfo"] {
            assert_eq!(get_at(&server, origin, path, access).await.0, 404, "{path}");
            assert_eq!(get_at(&server, server.origin(), path, access).await.0, 200, "{path}");
        }
        let authorize = authorize(CONTOSO, &[]);
        assert_eq!(get_at(&server, GRAPH, &authorize, "").await.0, 404);
    }
}

#[tokio::test]
async fn an_invitation_made_at_graph_is_redeemed_at_login() {
    let server = server().await;
    let token = daemon_token(&server).await;
    let body = json!({
        "invitedUserEmailAddress": "zoe@northwind.example",
        "inviteRedirectUrl": "https://app.example/",
    });
    let request = Request::builder().method(Method::POST).uri("/v1.0/invitations");
    let request = request
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()));
    let (status, invitation) = ask(&server, GRAPH, request.unwrap()).await;
    assert_eq!(status, 201, "{invitation}");
    let context = invitation["@odata.context"].as_str().unwrap();
    assert!(context.starts_with(&format!("{GRAPH}/v1.0/$metadata#invitations")), "{context}");
    let link = invitation["inviteRedeemUrl"].as_str().unwrap();
    assert!(
        link.starts_with(&format!("{LOGIN}/redeem?rd=https%3A%2F%2Flogin.microsoftonline.com"))
    );
    let mut browser = Browser::new(&server, LOGIN);
    browser.open(link).await;
    assert_eq!(browser.heading(), "Verify your email", "{}", browser.text());
}
