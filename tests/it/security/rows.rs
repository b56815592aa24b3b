//! Rows with a request: sent as they stand, judged by what they expect.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, Method};
use guestpass::Server;
use serde_json::Value;

use super::catalogue::{Row, Sent, not_applicable, rows};
use super::wire::{raw, status};
use crate::signed::*;
use crate::support::*;

const A: &str = "aaaa0000-0000-4000-8000-00000000aaaa";
const B: &str = "bbbb0000-0000-4000-8000-00000000bbbb";
const CONFIDENTIAL: &str = "aaaa0000-0000-4000-8000-0000000000c1";
const NATIVE: &str = "aaaa0000-0000-4000-8000-0000000000c2";
const OTHER: &str = "aaaa0000-0000-4000-8000-0000000000c3";
const SECRET: &str = "confidential-secret";
const REDIRECT: &str = "https://app.example/cb";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const ASSERTION_PREFIX: &str = "grant_type=client_credentials&client_id={c}&\
    client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&";

async fn world() -> Server {
    server_of(include_str!("../../../fixtures/security/world.toml")).await
}

/// Signs Ann in and gives the code.
async fn code(server: &Server, client: &str, redirect: &str, challenge: bool) -> String {
    let mut changes =
        vec![("client_id", client), ("redirect_uri", redirect), ("scope", "openid offline_access")];
    if challenge {
        changes.extend([("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]);
    }
    let mut browser = server.browser();
    browser.open(&authorize(A, &changes)).await;
    agree_to_all(server, &mut browser, "ann@a.example").await;
    browser.parameter("code").unwrap_or_else(|| panic!("{} {}", browser.url(), browser.text()))
}

async fn access_token(server: &Server) -> String {
    let code = code(server, CONFIDENTIAL, REDIRECT, false).await;
    let changes =
        [("client_id", CONFIDENTIAL), ("client_secret", SECRET), ("redirect_uri", REDIRECT)];
    let answer = redeem_at(server, A, &code, &changes).await;
    answer.json()["access_token"].as_str().expect("an access token").to_owned()
}

async fn refresh_token(server: &Server) -> String {
    let code = code(server, NATIVE, "http://localhost/app", true).await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("client_id", NATIVE),
        ("redirect_uri", "http://localhost/app"),
        ("code_verifier", VERIFIER),
        ("code", &code),
    ];
    let answer = post_form(server, &format!("/{A}/oauth2/v2.0/token"), &pairs).await;
    answer.json()["refresh_token"].as_str().expect("a refresh token").to_owned()
}

/// The values behind a row's placeholders; codes and tokens are real ones.
async fn values(server: &Server, row: &Row, sent: &Sent) -> BTreeMap<&'static str, String> {
    let body = sent.text();
    let public = body.contains("{rt}");
    let mut values = BTreeMap::from([
        ("{tenant}", A.to_owned()),
        ("{tenantA}", A.to_owned()),
        ("{tenantB}", B.to_owned()),
        ("{c}", if public { NATIVE } else { CONFIDENTIAL }.to_owned()),
        ("{confidential}", CONFIDENTIAL.to_owned()),
        ("{other}", OTHER.to_owned()),
        ("{s}", SECRET.to_owned()),
        ("{challenge_itself}", CHALLENGE.to_owned()),
    ]);
    let basic = format!("{CONFIDENTIAL}:{SECRET}");
    let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, basic);
    values.insert("{basic}", basic);
    let challenge = row.precondition.contains("authorize carried code_challenge")
        || body.contains("{challenge_itself}");
    if body.contains("{code") {
        let code = code(server, CONFIDENTIAL, REDIRECT, challenge).await;
        values.insert("{code_minus_last_char}", code[..code.len() - 1].to_owned());
        values.insert("{code}", code);
    }
    if body.contains("{code2}") {
        values.insert("{code2}", self::code(server, CONFIDENTIAL, REDIRECT, challenge).await);
    }
    if row.area == "client_assertion" {
        values.extend(assertions(server).await);
    }
    if public {
        values.insert("{rt}", refresh_token(server).await);
    }
    if row.area == "userinfo" {
        values.insert("{at}", access_token(server).await);
    }
    values
}

/// An assertion that was used before, and one for another tenant.
async fn assertions(server: &Server) -> [(&'static str, String); 2] {
    let signer = Signer::of(CLIENT);
    let header = serde_json::json!({"alg": "PS256", "x5t#S256": signer.x5t_s256()});
    let assertion = |tenant: &str| {
        let audience = format!("{}/{tenant}/oauth2/v2.0/token", server.origin());
        let now = server.broker().clock().now();
        signer.sign(&header, &assertion_claims(CONFIDENTIAL, &audience, now))
    };
    let used = assertion(A);
    let body = format!("{ASSERTION_PREFIX}client_assertion={used}").replace("{c}", CONFIDENTIAL);
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let path = format!("/{A}/oauth2/v2.0/token");
    let scope = "scope=https%3A%2F%2Fgraph.microsoft.com%2F.default";
    let first = send(server, Method::POST, &path, &[kind], format!("{body}&{scope}")).await;
    assert_eq!(first.status, 200, "it is good once: {}", first.body);
    [("{jti_used_before}", used), ("{aud: other tenant token endpoint}", assertion(B))]
}

fn fill(text: &str, values: &BTreeMap<&str, String>) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}

/// The path and query of a row. Rows on loopback redirect URIs give nothing but that URI.
fn address(row: &Row, sent: &Sent, values: &BTreeMap<&str, String>) -> String {
    let path = fill(&sent.path, values);
    if let Some(raw) = &sent.raw_query {
        return format!("{path}?{}", fill(raw, values));
    }
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (name, value) in &sent.query {
        pairs.push((name.clone(), fill(value.as_str().expect("a text"), values)));
    }
    if row.area == "redirect_uri" && !sent.query.contains_key("client_id") {
        let rest = [
            ("client_id", NATIVE),
            ("response_type", "code"),
            ("scope", "openid"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        pairs.extend(rest.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    if pairs.is_empty() {
        return path;
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{path}?{query}")
}

async fn run(row: &Row, sent: &Sent) -> Result<(), String> {
    let server = world().await;
    let values = values(&server, row, sent).await;
    let address = address(row, sent, &values);
    // Three dots stand for what the row before has in front.
    let body = sent.text();
    let body = match body.strip_prefix("...") {
        Some(rest) => format!("{ASSERTION_PREFIX}{rest}"),
        None => body,
    };
    let body = fill(&body, &values);
    let headers: Vec<(String, String)> = sent
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), fill(value.as_str().expect("a text"), &values)))
        .collect();
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = if address.parse::<axum::http::Uri>().is_ok() {
        let method: Method = sent.method.parse().expect("a method");
        send(&server, method, &address, &headers, body).await
    } else {
        // No request in process can carry it; a socket can.
        let host = server.origin().trim_start_matches("http://");
        let request = format!("{} {address} HTTP/1.1\r\nHost: {host}\r\n\r\n", sent.method);
        let raw = raw(&server, request.as_bytes()).await;
        Answer { status: status(&raw), headers: HeaderMap::new(), body: raw }
    };
    judge(row, &answer)
}

fn judge(row: &Row, answer: &Answer) -> Result<(), String> {
    let expect = &row.expect;
    let seen = format!("{} {} {}", answer.status, answer.header("location"), answer.body);
    let seen: String = seen.chars().take(600).collect();
    if !expect.status.contains(&answer.status) {
        return Err(format!("status {:?} expected, got {seen}", expect.status));
    }
    let location = answer.header("location");
    let given = location.contains("code=") || location.contains("id_token=");
    match expect.outcome.as_str() {
        "reject" | "limit" if given => return Err(format!("it gave a code: {seen}")),
        "reject" | "limit" if answer.status != 302 && !location.is_empty() => {
            return Err(format!("it redirects: {seen}"));
        }
        "accept" if location.contains("error=") => return Err(format!("refused: {seen}")),
        _ => {}
    }
    let Some(allowed) = &expect.error else { return Ok(()) };
    let error = if answer.status == 302 {
        if !location.starts_with(REDIRECT) {
            return Err(format!("it redirects elsewhere: {seen}"));
        }
        let url = url::Url::parse(&location.replace('#', "?")).map_err(|e| e.to_string())?;
        let value = |name: &str| url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v);
        if value("state").as_deref() != Some("s") {
            return Err(format!("the state is lost: {seen}"));
        }
        value("error").map(|error| error.into_owned()).unwrap_or_default()
    } else {
        let body: Value = serde_json::from_str(&answer.body).map_err(|e| format!("{e}: {seen}"))?;
        if answer.status == 401 && answer.header("www-authenticate").is_empty() {
            return Err(format!("no WWW-Authenticate: {seen}"));
        }
        body["error"].as_str().unwrap_or_default().to_owned()
    };
    match allowed.split('|').any(|allowed| allowed == error) {
        true => Ok(()),
        false => Err(format!("error {allowed} expected, got {error}: {seen}")),
    }
}

/// The areas whose rows run from the data: here, and `ssrf` in its own file.
pub(super) const AREAS: [&str; 8] =
    ["authorize", "client_assertion", "path", "pkce", "redirect_uri", "ssrf", "token", "userinfo"];

async fn run_area(area: &str) {
    assert!(AREAS.contains(&area) && area != "ssrf");
    let excused = not_applicable();
    let mut run_rows = 0;
    let mut failed = Vec::new();
    for row in rows().iter().filter(|row| row.area == area) {
        let Some(sent) = &row.request else { continue };
        if excused.iter().any(|(id, _)| *id == row.id) {
            continue;
        }
        assert!(sent.attempts.is_none(), "{} is sent more than once", row.id);
        run_rows += 1;
        if let Err(why) = run(row, sent).await {
            failed.push(format!("{} ({}): {why}", row.id, row.expect.note));
        }
    }
    assert!(run_rows > 0, "no row of {area} ran");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[tokio::test]
async fn authorize_rows() {
    run_area("authorize").await;
}

#[tokio::test]
async fn redirect_uri_rows() {
    run_area("redirect_uri").await;
}

#[tokio::test]
async fn token_rows() {
    run_area("token").await;
}

#[tokio::test]
async fn client_assertion_rows() {
    run_area("client_assertion").await;
}

#[tokio::test]
async fn pkce_rows() {
    run_area("pkce").await;
}

#[tokio::test]
async fn path_rows() {
    run_area("path").await;
}

#[tokio::test]
async fn userinfo_rows() {
    run_area("userinfo").await;
}
