//! An authorization, from the request to the claims, in the variant of a plan.

use std::collections::BTreeMap;

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use guestpass::Server;
use guestpass::browser::Browser;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};

use crate::provider::half_hash;
use crate::support::*;

pub(crate) const ALICE: &str = "alice@contoso.example";
pub(crate) const STATE: &str = "state-1";
pub(crate) const NONCE: &str = "nonce-1";

/// What the modules of a plan have in common.
pub(crate) struct Variant {
    pub(crate) response_type: &'static str,
    pub(crate) response_mode: Option<&'static str>,
}

/// What came back to the client.
pub(crate) type Response = BTreeMap<String, String>;

impl Variant {
    pub(crate) fn has_id_token(&self) -> bool {
        self.response_type.contains("id_token")
    }

    /// The request, with more parameters or other values; an empty one is left out.
    pub(crate) fn request(&self, changes: &[(&str, &str)]) -> String {
        let mut all = vec![
            ("scope", "openid"),
            ("state", STATE),
            ("nonce", NONCE),
            ("response_type", self.response_type),
        ];
        all.extend(self.response_mode.map(|mode| ("response_mode", mode)));
        all.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        all.extend(changes);
        authorize(CONTOSO, &all)
    }

    /// Whether the browser is back at the client.
    pub(crate) fn is_back(&self, browser: &Browser<'_>) -> bool {
        match self.response_mode {
            Some("form_post") => browser.forms().first().is_some_and(|f| f.action == CALLBACK),
            _ => browser.url().starts_with(CALLBACK),
        }
    }

    /// What came back to the client, in the form that was asked for and in no other.
    pub(crate) fn response(&self, browser: &Browser<'_>) -> Response {
        assert!(self.is_back(browser), "{} {}", browser.url(), browser.text());
        let response: Response = match self.response_mode {
            Some("form_post") => {
                assert!(!browser.url().contains("code="), "{}", browser.url());
                browser.forms().remove(0).hidden.into_iter().collect()
            }
            _ => {
                let mark = if self.has_id_token() { '#' } else { '?' };
                let (place, parameters) = browser.url().split_once(mark).expect("parameters");
                assert_eq!(place, CALLBACK);
                url::form_urlencoded::parse(parameters.as_bytes()).into_owned().collect()
            }
        };
        assert_eq!(response.get("state").map(String::as_str), Some(STATE), "{response:?}");
        response
    }

    /// Somebody signs in, and the client gets an answer.
    pub(crate) async fn sign_in<'s>(
        &self,
        server: &'s Server,
        changes: &[(&str, &str)],
    ) -> (Browser<'s>, Response) {
        let mut browser = server.browser();
        let response = self.again(server, &mut browser, changes).await;
        (browser, response)
    }

    /// The same in a browser that was here before.
    pub(crate) async fn again(
        &self,
        server: &Server,
        browser: &mut Browser<'_>,
        changes: &[(&str, &str)],
    ) -> Response {
        browser.open(&self.request(changes)).await;
        for _ in 0..10 {
            if self.is_back(browser) {
                break;
            }
            match browser.heading().as_str() {
                "Sign in" => type_name(browser, ALICE).await,
                "Enter password" => drop(browser.submit(&[("passwd", "guestpass")], None).await),
                _ => drop(browser.submit(&[], None).await),
            }
        }
        let response = self.response(browser);
        if !response.contains_key("error") {
            self.check(server, &response).await;
        }
        response
    }

    /// The answer itself: what it has to hold, and the id token in it.
    async fn check(&self, server: &Server, response: &Response) {
        assert_eq!(response["iss"], format!("{}/{CONTOSO}/v2.0", server.origin()));
        let code = &response["code"];
        assert_eq!(response.contains_key("id_token"), self.has_id_token(), "{response:?}");
        assert!(!response.contains_key("access_token"), "{response:?}");
        if let Some(token) = response.get("id_token") {
            let claims = verified(server, token).await;
            assert_eq!(claims["c_hash"], half_hash(code), "{claims:?}");
        }
    }
}

/// Redeems a code with `client_secret_basic`, as most modules do.
pub(crate) async fn exchange(server: &Server, code: &str, more: &[(&str, &str)]) -> Answer {
    let mut pairs =
        vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
    pairs.extend(more);
    token_request(server, &pairs).await
}

/// A request of the token endpoint with `client_secret_basic`.
pub(crate) async fn token_request(server: &Server, pairs: &[(&str, &str)]) -> Answer {
    let basic = format!("Basic {}", STANDARD.encode(format!("{WEB}:{WEB_SECRET}")));
    let headers =
        [("authorization", basic.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    send(server, Method::POST, &format!("/{CONTOSO}/oauth2/v2.0/token"), &headers, body).await
}

/// Redeems the code of an answer and verifies the id token that it gives.
pub(crate) async fn tokens(server: &Server, response: &Response) -> (Value, Map<String, Value>) {
    let answer = exchange(server, &response["code"], &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
    let tokens = answer.json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert!(tokens["expires_in"].as_u64().is_some_and(|seconds| seconds > 0), "{tokens}");
    let claims = verified(server, tokens["id_token"].as_str().expect("an id token")).await;
    (tokens, claims)
}

pub(crate) async fn metadata(server: &Server) -> Value {
    get(server, &format!("/{CONTOSO}/v2.0/.well-known/openid-configuration")).await.json()
}

/// The header of a token.
pub(crate) fn header(token: &str) -> Value {
    let header = token.split('.').next().unwrap_or_default();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap()
}

/// Verifies an id token as a client does (OIDC Core 3.1.3.7), with the published keys and nothing of
/// guestpass's own.
pub(crate) async fn verified(server: &Server, token: &str) -> Map<String, Value> {
    let metadata = metadata(server).await;
    let keys = metadata["jwks_uri"].as_str().unwrap().strip_prefix(server.origin()).unwrap();
    let keys = get(server, keys).await.json();
    let header = header(token);
    assert_eq!(header["alg"], "RS256");
    let mut fitting = keys["keys"].as_array().unwrap().iter();
    let key = fitting.find(|key| key["kid"] == header["kid"]).expect("a published key");
    let (n, e) = (key["n"].as_str().unwrap(), key["e"].as_str().unwrap());
    let key = DecodingKey::from_rsa_components(n, e).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[WEB]);
    validation.set_issuer(&[metadata["issuer"].as_str().unwrap()]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // The server's clock is judged below: tests move it.
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Map<String, Value>>(token, &key, &validation);
    let claims = claims.expect("a valid id token").claims;
    let now = server.broker().clock().now().as_second();
    let time = |name: &str| claims[name].as_i64().unwrap_or_else(|| panic!("{name}: {claims:?}"));
    assert!(time("exp") > now && time("iat") <= now && time("iat") < time("exp"), "{claims:?}");
    let subject = claims["sub"].as_str().unwrap();
    assert!(!subject.is_empty() && subject.len() <= 255 && subject.is_ascii());
    assert!(claims.get("nonce").is_none_or(|nonce| nonce == NONCE), "{claims:?}");
    claims
}

/// Userinfo with the token in the header.
pub(crate) async fn userinfo(server: &Server, tokens: &Value) -> Answer {
    let token = tokens["access_token"].as_str().expect("an access token");
    with_token(server, Method::GET, "/oidc/userinfo", token).await
}
