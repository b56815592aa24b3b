//! An outside issuer's token in place of a secret (workload identity federation).

use guestpass::Server;
use guestpass::jose::KeySet;
use serde_json::{Value, json};

use crate::client_assertion::send_assertion;
use crate::issuer::Issuer;
use crate::support::*;

const DAEMON: &str = "c0a70500-0000-4000-8000-0000000000a5";
const SUBJECT: &str = "repo:contoso/app:ref:refs/heads/main";
const EXCHANGE: &str = "api://AzureADTokenExchange";

/// The default world, in which the daemon trusts an issuer and has no secret.
pub(crate) async fn world(issuer: &str) -> Server {
    let secret = "secret = \"contoso-daemon-secret\"\n";
    let trust = format!(
        "federated_identity_credentials = [{{ name = \"ci\", issuer = \"{issuer}\", subject = \
         \"{SUBJECT}\" }}]\n"
    );
    server_of(&guestpass::config::world::DEFAULT.replacen(secret, &trust, 1)).await
}

pub(crate) fn outside_claims(server: &Server, issuer: &str) -> Value {
    let now = server.broker().clock().now().as_second();
    json!({"iss": issuer, "sub": SUBJECT, "aud": EXCHANGE, "iat": now, "exp": now + 300})
}

fn with(claims: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut claims = claims.clone();
    claims[name] = value.into();
    claims
}

fn keys_of(keys: &[&guestpass::jose::SigningKey]) -> Value {
    json!({"keys": keys.iter().map(|key| key.public().jwk(None)).collect::<Vec<_>>()})
}

fn refused(answer: &Answer) -> u64 {
    assert!([400, 401].contains(&answer.status), "{}", answer.body);
    assert!(answer.json().get("access_token").is_none(), "{}", answer.body);
    answer.json()["error_codes"][0].as_u64().unwrap_or_default()
}

#[tokio::test]
async fn a_token_of_the_registered_issuer_is_the_clients_proof() {
    let keys = KeySet::development().unwrap();
    let issuer = Issuer::start(&keys_of(&[&keys.google])).await;
    let server = world(&issuer.url).await;
    let claims = outside_claims(&server, &issuer.url);
    for audience in [json!(EXCHANGE), json!([EXCHANGE])] {
        let token = keys.google.sign(&with(&claims, "aud", audience));
        let answer = send_assertion(&server, CONTOSO, &token).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let token = crate::support::claims(&answer.json()["access_token"]);
        assert_eq!((&token["azp"], &token["azpacr"]), (&json!(DAEMON), &json!("2")));
    }
    assert_eq!(issuer.asked(), 1, "its keys are kept");
}

#[tokio::test]
async fn each_refusal_says_what_was_received() {
    let keys = KeySet::development().unwrap();
    let issuer = Issuer::start(&keys_of(&[&keys.google])).await;
    let server = world(&issuer.url).await;
    let claims = outside_claims(&server, &issuer.url);
    let slashed = format!("{}/", issuer.url);
    for (name, value, number) in [
        ("iss", json!(slashed), 700_211),
        ("iss", json!("https://evil.example"), 700_211),
        ("sub", json!("repo:contoso/other"), 700_213),
        ("sub", json!(SUBJECT.to_uppercase()), 7_002_138),
        ("aud", json!("api://other"), 700_212),
    ] {
        let shown = value.as_str().unwrap().to_owned();
        let answer =
            send_assertion(&server, CONTOSO, &keys.google.sign(&with(&claims, name, value))).await;
        assert_eq!(refused(&answer), number, "{}", answer.body);
        assert_eq!(answer.json()["error"], "invalid_client");
        assert!(answer.json()["error_description"].as_str().unwrap().contains(&shown), "{shown}");
    }
    let several = keys.google.sign(&with(&claims, "aud", json!([EXCHANGE, "https://other"])));
    assert_eq!(refused(&send_assertion(&server, CONTOSO, &several).await), 700_212);
    assert_eq!(issuer.asked(), 0, "nothing was fetched for a token that cannot be good");
    let late = keys.google.sign(&with(&claims, "exp", claims["iat"].as_i64().unwrap() - 400));
    assert_eq!(refused(&send_assertion(&server, CONTOSO, &late).await), 700_024);
    // An application that trusts nobody says all three.
    let server = crate::support::server().await;
    let answer = send_assertion(&server, CONTOSO, &keys.google.sign(&claims)).await;
    assert_eq!(refused(&answer), 70021);
    for said in [&issuer.url, SUBJECT, EXCHANGE] {
        assert!(answer.body.contains(said), "no {said}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_new_key_is_fetched_once_and_an_unknown_one_not_again() {
    let keys = KeySet::development().unwrap();
    let issuer = Issuer::start(&keys_of(&[&keys.google])).await;
    let server = world(&issuer.url).await;
    let claims = outside_claims(&server, &issuer.url);
    let advance = |span: &str| server.broker().clock().advance(span.parse().unwrap()).unwrap();
    let (old, new) = (keys.google.sign(&claims), keys.consumer.sign(&claims));
    assert_eq!(send_assertion(&server, CONTOSO, &old).await.status, 200);
    // jwt-like floods of unknown keys cost the issuer one question a minute.
    advance("PT61S");
    for _ in 0..20 {
        assert_eq!(refused(&send_assertion(&server, CONTOSO, &new).await), 7_000_272);
    }
    assert_eq!(issuer.asked(), 2);
    issuer.publish(&keys_of(&[&keys.google, &keys.consumer]));
    assert_eq!(refused(&send_assertion(&server, CONTOSO, &new).await), 7_000_272, "cool-down");
    advance("PT61S");
    assert_eq!(send_assertion(&server, CONTOSO, &new).await.status, 200);
    assert_eq!(send_assertion(&server, CONTOSO, &old).await.status, 200, "both are good");
    // The issuer is gone: what is known stays, for a while.
    issuer.answer_with(500);
    advance("PT25H");
    let token = keys.google.sign(&outside_claims(&server, &issuer.url));
    assert_eq!(send_assertion(&server, CONTOSO, &token).await.status, 200);
    advance("PT24H");
    let token = keys.google.sign(&outside_claims(&server, &issuer.url));
    assert_eq!(refused(&send_assertion(&server, CONTOSO, &token).await), 501_661);
}

#[tokio::test]
async fn another_key_under_a_known_name_is_fetched_after_the_cool_down() {
    let keys = KeySet::development().unwrap();
    let mut other = keys.google.public().jwk(None);
    other["n"] = keys.work.public().jwk(None)["n"].clone();
    let issuer = Issuer::start(&json!({"keys": [other]})).await;
    let server = world(&issuer.url).await;
    let token = keys.google.sign(&outside_claims(&server, &issuer.url));
    let advance = |span: &str| server.broker().clock().advance(span.parse().unwrap()).unwrap();
    assert_eq!(refused(&send_assertion(&server, CONTOSO, &token).await), 700_027);
    // The issuer starts anew with another key, and calls it the same.
    issuer.publish(&keys_of(&[&keys.google]));
    assert_eq!(refused(&send_assertion(&server, CONTOSO, &token).await), 700_027, "cool-down");
    assert_eq!(issuer.asked(), 1);
    advance("PT61S");
    assert_eq!(send_assertion(&server, CONTOSO, &token).await.status, 200);
    assert_eq!(send_assertion(&server, CONTOSO, &token).await.status, 200);
    assert_eq!(issuer.asked(), 2, "what verifies asks nobody");
}

#[tokio::test]
async fn why_a_new_key_could_not_be_read_is_said() {
    let keys = KeySet::development().unwrap();
    let issuer = Issuer::start(&keys_of(&[&keys.google])).await;
    let server = world(&issuer.url).await;
    let claims = outside_claims(&server, &issuer.url);
    let (old, new) = (keys.google.sign(&claims), keys.consumer.sign(&claims));
    assert_eq!(send_assertion(&server, CONTOSO, &old).await.status, 200);
    issuer.answer_with(503);
    server.broker().clock().advance("PT61S".parse().unwrap()).unwrap();
    let answer = send_assertion(&server, CONTOSO, &new).await;
    assert_eq!(refused(&answer), 7_000_272);
    let why = "whose keys could not be read anew: it answered with status 503.";
    assert!(answer.body.contains(why), "{}", answer.body);
    assert_eq!(send_assertion(&server, CONTOSO, &old).await.status, 200, "what is known stays");
}

#[tokio::test]
async fn an_issuer_that_lies_or_is_down_vouches_for_nobody() {
    let keys = KeySet::development().unwrap();
    let good = keys_of(&[&keys.google]);
    let jwk = keys.google.public().jwk(None);
    let with_member = |name: &str, value: Value| {
        let mut jwk = jwk.clone();
        jwk[name] = value;
        json!({"keys": [jwk]})
    };
    let many = json!({"keys": vec![jwk.clone(); 101]});
    // 128 bytes are 171 letters, and 172 letters `A` are 129 bytes of zero: three bytes in four letters.
    let small = |zeros: &str| format!("{zeros}{}", "_".repeat(170) + "8");
    let huge = json!({"keys": [jwk], "filler": "x".repeat(1024 * 1024)});
    let elliptic =
        json!({"keys": [{"kty": "EC", "kid": jwk["kid"], "crv": "P-256", "x": "AA", "y": "AA"}]});
    for (story, published) in [
        ("no keys", json!({"keys": []})),
        ("no JWK set", json!([1])),
        ("a symmetric key", json!({"keys": [{"kty": "oct", "k": "AAAA", "kid": jwk["kid"]}]})),
        ("a private key", with_member("d", json!("AAAA"))),
        ("a key for encryption", with_member("use", json!("enc"))),
        ("another algorithm", with_member("alg", json!("RS512"))),
        ("another kind of key", elliptic),
        ("an exponent of one", with_member("e", json!("AQ"))),
        ("a key for something else", with_member("key_ops", json!(["encrypt"]))),
        ("a use that is none", with_member("use", json!(["sig"]))),
        ("a modulus of 1024 bits", with_member("n", json!(small("")))),
        ("the same with zeros", with_member("n", json!(small(&"A".repeat(172))))),
        ("too many keys", many),
        ("too much", huge),
    ] {
        let issuer = Issuer::start(&published).await;
        let server = world(&issuer.url).await;
        let token = keys.google.sign(&outside_claims(&server, &issuer.url));
        let answer = send_assertion(&server, CONTOSO, &token).await;
        assert_eq!(refused(&answer), 501_661, "{story}: {}", answer.body);
        assert!(!answer.body.contains("xxxx"), "{story}: nothing of it is shown");
        // Repaired, it is asked again soon.
        issuer.publish(&good);
        server.broker().clock().advance("PT6S".parse().unwrap()).unwrap();
        assert_eq!(send_assertion(&server, CONTOSO, &token).await.status, 200, "{story}");
    }
    let another = with_member("n", keys.work.public().jwk(None)["n"].clone());
    let issuer = Issuer::start(&another).await;
    let server = world(&issuer.url).await;
    let token = keys.google.sign(&outside_claims(&server, &issuer.url));
    let answer = send_assertion(&server, CONTOSO, &token).await;
    assert_eq!(refused(&answer), 700_027, "{}", answer.body);
    let twice = json!({"keys": [jwk, jwk]});
    let issuer = Issuer::start(&twice).await;
    let server = world(&issuer.url).await;
    let token = keys.google.sign(&outside_claims(&server, &issuer.url));
    assert_eq!(refused(&send_assertion(&server, CONTOSO, &token).await), 7_000_272);
}

#[tokio::test]
async fn the_keys_come_from_where_the_issuer_may_point() {
    let keys = KeySet::development().unwrap();
    for (story, document, status) in [
        (
            "another issuer",
            json!({"issuer": "https://evil.example", "jwks_uri": "{url}/keys"}),
            200,
        ),
        ("no address", json!({"issuer": "{url}", "jwks_uri": "file:///etc/passwd"}), 200),
        ("a private address", json!({"issuer": "{url}", "jwks_uri": "http://10.0.0.1/keys"}), 200),
        (
            "metadata of a cloud",
            json!({"issuer": "{url}", "jwks_uri": "http://169.254.169.254/k"}),
            200,
        ),
        ("no keys", json!({"issuer": "{url}"}), 200),
        ("a redirect", json!({"issuer": "{url}", "jwks_uri": "{url}/keys"}), 302),
        ("an error", json!({"issuer": "{url}", "jwks_uri": "{url}/keys"}), 503),
    ] {
        let issuer = Issuer::start(&keys_of(&[&keys.google])).await;
        let document = document.to_string().replace("{url}", &issuer.url);
        issuer.describe(serde_json::from_str(&document).unwrap());
        issuer.answer_with(status);
        let server = world(&issuer.url).await;
        let token = keys.google.sign(&outside_claims(&server, &issuer.url));
        let answer = send_assertion(&server, CONTOSO, &token).await;
        assert_eq!(refused(&answer), 501_661, "{story}: {}", answer.body);
        assert_eq!(issuer.asked(), 0, "{story}");
    }
}

#[tokio::test]
async fn another_guestpass_can_be_the_issuer() {
    let other = crate::support::server().await;
    let token = daemon_token(&other).await;
    let claims = crate::support::claims(&json!(token));
    let text = |name: &str| claims[name].as_str().unwrap();
    let trust = format!(
        "[[tenant.application.federated_identity_credentials]]\nname = \"other\"\nissuer = \
         \"{}\"\nsubject = \"{}\"\naudiences = [\"{}\"]\n",
        text("iss"),
        text("sub"),
        text("aud")
    );
    let secret = "secret = \"contoso-daemon-secret\"\n";
    let server = server_of(&guestpass::config::world::DEFAULT.replacen(secret, &trust, 1)).await;
    assert_eq!(send_assertion(&server, CONTOSO, &token).await.status, 200);
    other.stop().await;
    assert_eq!(send_assertion(&server, CONTOSO, &token).await.status, 200, "its keys are known");
}

/// Our own keys would verify whatever our own endpoints sign, and some of our routes trust whoever
/// can reach them.
#[tokio::test]
async fn this_server_itself_is_no_outside_issuer() {
    let keys = KeySet::development().unwrap();
    let issuer = Issuer::start(&keys_of(&[&keys.google])).await;
    for path in [format!("/{CONTOSO}/discovery/v2.0/keys"), "/_guestpass/inbox?to=x".to_owned()] {
        let server = world(&issuer.url).await;
        let itself = format!("{}{path}", server.origin());
        for address in [itself.clone(), itself.replacen("http", "HTTP", 1)] {
            issuer.describe(json!({"issuer": issuer.url, "jwks_uri": address}));
            let claims = outside_claims(&server, &issuer.url);
            let answer = send_assertion(&server, CONTOSO, &keys.work.sign(&claims)).await;
            assert_eq!(refused(&answer), 501_661, "{}", answer.body);
            assert!(answer.body.contains("an address of this server itself"), "{}", answer.body);
            server.broker().clock().advance("PT61S".parse().unwrap()).unwrap();
        }
    }
    assert_eq!(issuer.asked(), 0);
}

#[tokio::test]
async fn a_server_is_not_its_own_outside_issuer() {
    let issuer = format!("http://guestpass.example/{CONTOSO}/v2.0");
    let trust = format!(
        "federated_identity_credentials = [{{ name = \"ci\", issuer = \"{issuer}\", subject = \
         \"{SUBJECT}\" }}]\n"
    );
    let secret = "secret = \"contoso-daemon-secret\"\n";
    let world = guestpass::config::world::DEFAULT.replacen(secret, &trust, 1);
    let server = Server::builder().world(world).origin("http://guestpass.example").start().await;
    let server = server.unwrap();
    let token = KeySet::development().unwrap().work.sign(&outside_claims(&server, &issuer));
    let answer = send_assertion(&server, CONTOSO, &token).await;
    assert_eq!(refused(&answer), 501_661, "{}", answer.body);
    assert!(answer.body.contains("an address of this server itself"), "{}", answer.body);
}

#[tokio::test]
async fn a_page_is_no_document_and_plain_bytes_are() {
    let keys = KeySet::development().unwrap();
    let issuer = Issuer::start(&keys_of(&[&keys.google])).await;
    for (kind, taken) in [
        ("text/html", false),
        ("Text/HTML; charset=utf-8", false),
        ("text/plain", false),
        ("application/jwt", false),
        ("application/json; charset=utf-8", true),
        ("application/jwk-set+json", true),
        ("application/octet-stream", true),
        ("", true),
    ] {
        issuer.call_it(kind);
        let server = world(&issuer.url).await;
        let token = keys.google.sign(&outside_claims(&server, &issuer.url));
        let answer = send_assertion(&server, CONTOSO, &token).await;
        if taken {
            assert_eq!(answer.status, 200, "{kind}: {}", answer.body);
        } else {
            assert_eq!(refused(&answer), 501_661, "{kind}: {}", answer.body);
        }
    }
}
