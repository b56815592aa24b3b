//! Tokens that are none, at every place that takes one: the API (userinfo, Graph), `id_token_hint`,
//! and the answer of an upstream provider. What is done to a genuine token is said row by row; who
//! signs genuinely here has the server's own key, which no attacker has.

use std::sync::Arc;

use aws_lc_rs::hmac;
use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use guestpass::Server;
use guestpass::jose::SigningKey;
use serde_json::{Map, Value, json};

use super::help::*;
use crate::provider::{CLIENT, Provider, SECRET, half_hash, key, other_key};
use crate::support::*;

/// A token about to be made.
struct Token {
    key: Arc<SigningKey>,
    header: Map<String, Value>,
    claims: Map<String, Value>,
    payload: Option<Vec<u8>>,
    signature: Signature,
    bent: Vec<fn(String) -> String>,
}

enum Signature {
    Genuine,
    Bytes(Vec<u8>),
    Hmac(Vec<u8>),
    OfAnotherToken,
}

impl Token {
    fn new(key: Arc<SigningKey>, claims: Map<String, Value>) -> Self {
        let mut token = Self {
            header: Map::new(),
            claims,
            payload: None,
            signature: Signature::Genuine,
            bent: Vec::new(),
            key,
        };
        let kid = token.key.kid().to_owned();
        token.header("typ", "JWT").header("alg", "RS256").header("kid", kid);
        token
    }

    fn header(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    fn claim(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    fn without(&mut self, name: &str) -> &mut Self {
        self.header.remove(name);
        self.claims.remove(name);
        self
    }

    fn signed(&mut self, signature: Signature) -> &mut Self {
        self.signature = signature;
        self
    }

    fn alg(&mut self, alg: &str, signature: Signature) -> &mut Self {
        self.signed(signature).header("alg", alg)
    }

    fn payload(&mut self, payload: impl Into<Vec<u8>>) -> &mut Self {
        self.payload = Some(payload.into());
        self
    }

    /// Signed by somebody else, whose key the header names.
    fn attackers(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        let pem = guestpass::jose::generate("attacker").unwrap();
        self.key = Arc::new(SigningKey::from_pem(&pem).unwrap());
        let kid = self.key.kid().to_owned();
        self.header("kid", kid).header(name, value)
    }

    /// The token as text, changed.
    fn text(&mut self, bend: fn(String) -> String) -> &mut Self {
        self.bent.push(bend);
        self
    }

    fn compact(self) -> String {
        let payload = self.payload.unwrap_or_else(|| json!(self.claims).to_string().into_bytes());
        let header = URL_SAFE_NO_PAD.encode(json!(self.header).to_string());
        let input = format!("{header}.{}", URL_SAFE_NO_PAD.encode(payload));
        let signature = match self.signature {
            Signature::Genuine => self.key.sign_bytes(input.as_bytes()),
            Signature::Bytes(bytes) => bytes,
            Signature::Hmac(secret) => {
                let secret = hmac::Key::new(hmac::HMAC_SHA256, &secret);
                hmac::sign(&secret, input.as_bytes()).as_ref().to_vec()
            }
            Signature::OfAnotherToken => self.key.sign_bytes(b"another.token"),
        };
        let compact = format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature));
        self.bent.into_iter().fold(compact, |text, bend| bend(text))
    }
}

fn now() -> i64 {
    guestpass::clock::Clock::system().now().as_second()
}

type Bend = fn(&mut Token) -> &mut Token;

/// A genuine token of the server's own, bent.
fn own(token: &Value, bend: Bend) -> String {
    let mut token = Token::new(other_key(), claims(token));
    bend(&mut token);
    token.compact()
}

async fn alices(server: &Server) -> Value {
    let code = signed_in(server, ALICE).await.parameter("code").unwrap();
    redeem(server, &code, &[]).await.json()
}

/// Whether userinfo and Graph take the token; both or neither.
async fn api_takes(bend: Bend) -> bool {
    let server = server().await;
    let token = own(&alices(&server).await["access_token"], bend);
    let mut answers = Vec::new();
    for path in ["/oidc/userinfo", "/v1.0/me"] {
        let answer = with_token(&server, Method::GET, path, &token).await;
        assert!(matches!(answer.status, 200 | 401), "{path}: {} {}", answer.status, answer.body);
        assert!(answer.status == 200 || !answer.header("www-authenticate").is_empty());
        assert!(answer.body.len() < 2000, "it echoes the token");
        answers.push(answer.status == 200);
    }
    assert_eq!(answers[0], answers[1]);
    answers[0]
}

/// Whether the token names an account at the authorization endpoint.
async fn hint_takes(bend: Bend) -> bool {
    let server = server().await;
    let mut alice = signed_in(&server, ALICE).await;
    let code = alice.parameter("code").unwrap();
    let token = own(&redeem(&server, &code, &[]).await.json()["id_token"], bend);
    alice.open(&authorize(CONTOSO, &[("prompt", "none"), ("id_token_hint", &token)])).await;
    if alice.parameter("code").is_some() {
        return true;
    }
    // What is longer than an address can be is refused before anybody reads it.
    let error = alice.parameter("error");
    let too_long = token.len() > 60_000 && alice.status() == 400;
    let refused = too_long || error.as_deref() == Some("invalid_request");
    assert!(refused, "{} {error:?}", alice.status());
    false
}

/// Whether the token signs Dave in, as the answer of a provider.
async fn broker_takes(bend: Bend) -> bool {
    let provider = Provider::start().await;
    let server = server_of(&provider.as_google()).await;
    let before = seen(&server, 3).await;
    provider.forge(move |_, claims| {
        let mut token = Token::new(key(), claims);
        bend(&mut token);
        token.compact()
    });
    let mut dave = provider.sign_in(&server, DAVE).await;
    assert_untouched(&server, 3, &before).await;
    if dave.heading() == "Review permissions" {
        return true;
    }
    assert_stopped(&dave, 400, "AADSTS90123: ");
    assert!(dave.cookie(SESSION).is_none(), "no session");
    assert!(!is_signed_in(&mut dave).await);
    assert!(provider.calls("/keys") <= 2, "{} calls", provider.calls("/keys"));
    false
}

#[tokio::test]
async fn a_genuine_token_is_taken_everywhere() {
    assert!(api_takes(|t| t).await && hint_takes(|t| t).await && broker_takes(|t| t).await);
}

#[tokio::test]
async fn jwt_63_clocks_of_provider_and_broker_may_be_a_little_apart() {
    let within: Bend = |t| t.claim("exp", now() - 20).claim("nbf", now() + 20);
    assert!(broker_takes(within).await && api_takes(within).await);
    for beyond in [
        (|t: &mut Token| t.claim("exp", now() - 90)) as Bend,
        |t| t.claim("nbf", now() + 90),
        |t| t.claim("iat", now() + 90),
    ] {
        assert!(!broker_takes(beyond).await && !api_takes(beyond).await);
    }
}

async fn everywhere(bend: Bend) {
    assert!(!api_takes(bend).await, "the API takes it");
    assert!(!hint_takes(bend).await, "the hint is taken");
    assert!(!broker_takes(bend).await, "the broker takes it");
}

async fn api_and_broker(bend: Bend) {
    assert!(!api_takes(bend).await, "the API takes it");
    assert!(!broker_takes(bend).await, "the broker takes it");
}

async fn broker(bend: Bend) {
    assert!(!broker_takes(bend).await, "the broker takes it");
}

/// A test a row: what is done to a genuine token, and where it is then refused.
macro_rules! refused {
    ($($name:ident: $place:ident($bend:expr);)*) => {$(
        #[tokio::test]
        async fn $name() {
            $place($bend).await;
        }
    )*};
}

use Signature::{Bytes, Genuine, Hmac, OfAnotherToken};

refused! {
    jwt_01_alg_none: everywhere(|t| t.alg("none", Bytes(vec![])));
    jwt_02_alg_none_with_a_capital: everywhere(|t| t.alg("None", Bytes(vec![])));
    jwt_03_alg_none_in_mixed_case: everywhere(|t| t.alg("nOnE", Bytes(vec![])));
    jwt_04_no_alg: everywhere(|t| t.without("alg"));
    jwt_07_hs256_with_an_empty_key: everywhere(|t| t.alg("HS256", Hmac(vec![])));
    jwt_08_hs256_with_the_client_secret: everywhere(|t| t.alg("HS256", Hmac(SECRET.into())));
    jwt_09_es256_of_zeros: everywhere(|t| t.alg("ES256", Bytes(vec![0; 64])));
    jwt_10_es256_in_der: everywhere(|t| t.alg("ES256", Bytes(der())));
    jwt_12_the_signature_of_another_token: everywhere(|t| t.signed(OfAnotherToken));
    jwt_15_a_kid_of_a_megabyte: everywhere(|t| t.header("kid", "a".repeat(700_000)));
    jwt_16_a_kid_that_is_a_list: everywhere(|t| t.header("kid", json!(["a"])));
    jwt_17_jku: everywhere(|t| t.attackers("jku", "https://evil.example/jwks"));
    jwt_20_x5c: everywhere(|t| t.attackers("x5c", json!([STANDARD.encode("certificate")])));
    jwt_21_crit_unknown: everywhere(|t| t.header("crit", json!(["exp2"])).header("exp2", 1));
    jwt_22_b64_false: everywhere(|t| t.header("b64", false).header("crit", json!(["b64"])));
    jwt_27_four_segments: everywhere(|t| t.text(|text| format!("{text}.x")));
    jwt_29_padding: everywhere(|t| t.text(|text| format!("{text}==")));
    jwt_30_a_space_inside: everywhere(|t| t.text(|text| text.replacen('.', ". ", 1)));
    jwt_31_another_spelling_of_the_last_bits: everywhere(|t| t.text(respelled));
    jwt_35_claims_that_are_a_list: everywhere(|t| t.payload("[1,2]"));
    jwt_36_claims_that_are_no_utf8: everywhere(|t| t.payload([0xff, 0xfe]));
    jwt_37_exp_as_text: api_and_broker(|t| t.claim("exp", "9999999999"));
    jwt_41_expired_for_six_minutes: api_and_broker(|t| t.claim("exp", now() - 360));
    jwt_42_valid_in_six_minutes: api_and_broker(|t| t.claim("nbf", now() + 360));
    jwt_43_issued_tomorrow: api_and_broker(|t| t.claim("iat", now() + 86400));
    jwt_46_the_template_of_an_issuer: everywhere(|t| t.claim("iss", template(t)));
    jwt_48_another_audience_besides: api_and_broker(|t| t.claim("aud", json!([CLIENT, "x"])));
    jwt_49_another_audience: api_and_broker(|t| t.claim("aud", "another-client"));
    jwt_50_no_audience: api_and_broker(|t| t.claim("aud", json!([])));
    jwt_51_another_authorized_party: broker(|t| t.claim("azp", "another-client"));
    jwt_53_an_empty_subject: everywhere(|t| t.claim("sub", ""));
    jwt_55_a_subject_that_is_a_number: api_and_broker(|t| t.claim("sub", 123));
    jwt_58_the_hash_of_another_access_token: broker(|t| t.claim("at_hash", half_hash("x")));
    jwt_59_the_hash_of_another_code: broker(|t| t.claim("c_hash", half_hash("x")));
    jwt_60_an_access_token: everywhere(|t| t.header("typ", "at+jwt"));
    jwt_61_a_logout_token: everywhere(|t| t.claim("events", json!({"http://x": {}})));
    jwt_62_a_token_for_another_application: api_and_broker(|t| t.claim("aud", WEB));
}

// The same classes, in ways that no row spells out.
refused! {
    crit_that_is_null: everywhere(|t| t.header("crit", Value::Null));
    crit_that_is_empty: everywhere(|t| t.header("crit", json!([])));
    b64_without_crit: everywhere(|t| t.header("b64", false));
    a_kid_that_is_null: everywhere(|t| t.header("kid", Value::Null));
    events_that_are_null: everywhere(|t| t.claim("events", Value::Null));
    a_claim_twice: broker(|t| t.payload(br#"{"sub":"a","sub":"b"}"#));
    hs256_with_the_public_key: everywhere(|t| {
        let jwk = t.key.public().jwk(None);
        let modulus = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap();
        t.alg("HS256", Hmac(modulus))
    });
    hs256_with_the_certificate: everywhere(|t| {
        let certificate = t.key.public().jwk(None)["x5c"][0].as_str().unwrap().to_owned();
        t.alg("HS256", Hmac(certificate.into_bytes()))
    });
    no_signature_under_rs256: everywhere(|t| t.signed(Bytes(vec![])));
    a_truncated_signature: everywhere(|t| t.text(|text| text[..text.len() - 4].to_owned()));
    rs512: everywhere(|t| t.alg("RS512", Genuine));
    ps256: everywhere(|t| t.alg("PS256", Genuine));
    an_unknown_alg: everywhere(|t| t.alg("RS257", Genuine));
    a_kid_that_is_a_path: everywhere(|t| t.header("kid", "../../../../dev/null"));
    a_kid_that_is_sql: everywhere(|t| t.header("kid", "' UNION SELECT 'x"));
    x5u: everywhere(|t| t.attackers("x5u", "https://evil.example/cert.pem"));
    a_jwk_of_the_attackers: everywhere(|t| {
        t.attackers("kid", "attacker");
        let jwk = t.key.public().jwk(None);
        t.header("jwk", jwk)
    });
    an_empty_crit: everywhere(|t| t.header("crit", json!([])));
    a_logout_token_by_its_type: everywhere(|t| t.header("typ", "logout+jwt"));
    a_nested_token: everywhere(|t| t.header("cty", "JWT").payload("a.b.c"));
    five_segments: everywhere(|t| t.text(|_| "e30.e30.e30.e30.e30".to_owned()));
    two_segments: everywhere(|t| t.text(|text| text.rsplit_once('.').unwrap().0.to_owned()));
    no_segments: everywhere(|t| t.text(|_| "x".to_owned()));
    json_serialization: everywhere(|t| t.text(|text| {
        let parts: Vec<_> = text.split('.').collect();
        json!({"protected": parts[0], "payload": parts[1], "signature": parts[2]}).to_string()
    }));
    a_line_break_inside: broker(|t| t.text(|text| text.replacen('.', ".\n", 1)));
    a_padded_payload: everywhere(|t| t.text(|text| text.replacen('.', "=.", 2)));
    claims_that_are_nothing: everywhere(|t| t.payload(""));
    claims_that_are_null: everywhere(|t| t.payload("null"));
    an_exp_beyond_numbers: api_and_broker(|t| {
        let claims = json!(t.claims).to_string();
        let at = claims.find("\"exp\":").unwrap();
        let end = at + claims[at..].find([',', '}']).unwrap();
        t.payload(format!("{}\"exp\":1e400{}", &claims[..at], &claims[end..]))
    });
    no_exp: api_and_broker(|t| t.without("exp"));
    no_issuer: everywhere(|t| t.without("iss"));
    an_issuer_with_a_slash: everywhere(|t| {
        let issuer = format!("{}/", t.claims["iss"].as_str().unwrap());
        t.claim("iss", issuer)
    });
    no_audience_at_all: api_and_broker(|t| t.without("aud"));
    no_iat: broker(|t| t.without("iat"));
    no_subject: api_and_broker(|t| t.without("sub"));
    a_subject_of_ten_kilobytes: api_and_broker(|t| t.claim("sub", "s".repeat(10_000)));
    a_subject_beyond_ascii: api_and_broker(|t| t.claim("sub", "sübject"));
    no_nonce: broker(|t| t.without("nonce"));
    another_nonce: broker(|t| t.claim("nonce", "another"));
}

/// An ECDSA signature as X.509 writes it.
fn der() -> Vec<u8> {
    let mut der = vec![0x30, 0x44];
    for _ in 0..2 {
        der.extend([0x02, 0x20]);
        der.extend([1; 32]);
    }
    der
}

/// The last character replaced by one that a careless decoder reads as the same bytes.
fn respelled(text: String) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = text.as_bytes()[text.len() - 1];
    let value = ALPHABET.iter().position(|byte| *byte == last).unwrap();
    format!("{}{}", &text[..text.len() - 1], char::from(ALPHABET[value ^ 1]))
}

fn template(token: &Token) -> String {
    let issuer = token.claims["iss"].as_str().unwrap();
    let origin = issuer.split('/').take(3).collect::<Vec<_>>().join("/");
    format!("{origin}/{{tenantid}}/v2.0")
}
