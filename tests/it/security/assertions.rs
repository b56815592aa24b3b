//! Rows about JWTs: forged by their id, sent as a client's own assertion and as an outside issuer's.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use guestpass::jose::KeySet;
use serde_json::{Value, json};

use super::catalogue::{Row, not_applicable, rows};
use crate::client_assertion::{claims_of, send_assertion, world};
use crate::issuer::Issuer;
use crate::signed::*;
use crate::support::*;
use crate::workload_identity;

/// What a good token is made of.
struct Good {
    header: Value,
    claims: Value,
    signer: Signer,
}

impl Good {
    fn header(&self, change: Value) -> String {
        self.signer.sign(&merged(&self.header, change), &self.claims)
    }

    fn claims(&self, change: Value) -> String {
        self.signer.sign(&self.header, &merged(&self.claims, change))
    }

    fn token(&self) -> String {
        self.claims(json!({}))
    }

    fn raw(&self, claims: &[u8]) -> String {
        let header = URL_SAFE_NO_PAD.encode(self.header.to_string());
        self.signer.sign_text(&format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims)), false)
    }

    /// The same two segments under another header and a signature of the caller's making.
    fn unsigned(&self, header: &Value, signature: impl Fn(&str) -> Vec<u8>) -> String {
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let text = format!("{}.{}", encode(header), encode(&self.claims));
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature(&text)))
    }

    fn hmac(&self, key: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let header = merged(&self.header, json!({"alg": "HS256"}));
        self.unsigned(&header, |text| hmac::sign(&key, text.as_bytes()).as_ref().to_vec())
    }
}

fn merged(value: &Value, change: Value) -> Value {
    let mut value = value.clone();
    if let (Value::Object(value), Value::Object(change)) = (&mut value, change) {
        value.extend(change);
    }
    value
}

/// The token of a row; what is signed is signed with the right key.
fn forge(id: &str, good: &Good, now: i64) -> String {
    let alg = |alg: &str| merged(&good.header, json!({ "alg": alg }));
    let token = good.token();
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("three segments")
    };
    match id {
        "jwt-01" => good.unsigned(&alg("none"), |_| Vec::new()),
        "jwt-02" => good.unsigned(&alg("None"), |_| Vec::new()),
        "jwt-03" => good.unsigned(&alg("nOnE"), |_| Vec::new()),
        "jwt-04" => good.header(json!({"alg": null})),
        "jwt-07" => good.hmac(b""),
        "jwt-08" => good.hmac(b"contoso-daemon-secret"),
        "jwt-09" => good.unsigned(&alg("ES256"), |_| vec![0; 64]),
        "jwt-10" => good.unsigned(&alg("ES256"), |_| vec![0x30, 6, 2, 1, 1, 2, 1, 1]),
        "jwt-12" => {
            let other = good.claims(json!({"jti": "another"}));
            format!("{header}.{claims}.{}", other.rsplit('.').next().unwrap())
        }
        "jwt-15" => good.header(json!({"kid": "a".repeat(1_000_000)})),
        "jwt-16" => good.unsigned(&json!({"alg": "RS256", "kid": ["a"]}), |_| vec![1; 256]),
        "jwt-17" => attacker(good, json!({"jku": "https://evil.example/jwks"})),
        "jwt-20" => attacker(good, json!({"x5c": [Signer::of(STRANGER).x5c()]})),
        "jwt-21" => good.header(json!({"crit": ["exp2"], "exp2": 1})),
        "jwt-22" => good.header(json!({"b64": false, "crit": ["b64"]})),
        "jwt-27" => format!("{token}.d"),
        "jwt-29" => {
            let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
            format!("{header}.{claims}.{}", STANDARD.encode(signature))
        }
        "jwt-30" => format!("{header}. {claims}.{signature}"),
        "jwt-31" => {
            // 256 bytes leave four bits of the last character unused.
            let last = signature.chars().last().unwrap();
            let other = char::from(u8::try_from(last).unwrap() + 1);
            format!("{header}.{claims}.{}{other}", &signature[..signature.len() - 1])
        }
        "jwt-35" => good.raw(b"[1,2]"),
        "jwt-36" => good.raw(&[0xff, 0xfe]),
        "jwt-37" => good.claims(json!({"exp": "9999999999"})),
        "jwt-41" => good.claims(json!({"exp": now - 360})),
        "jwt-42" => good.claims(json!({"nbf": now + 360})),
        "jwt-43" => good.claims(json!({"iat": now + 86_400})),
        "jwt-46" => good.claims(json!({"iss": "https://host/{tenantid}/v2.0"})),
        "jwt-48" => good.claims(json!({"aud": [good.claims["aud"], "other"]})),
        "jwt-49" => good.claims(json!({ "aud": TAILSPIN })),
        "jwt-62" => good.claims(json!({ "aud": WEB })),
        "jwt-50" => good.claims(json!({"aud": []})),
        "jwt-53" => good.claims(json!({"sub": ""})),
        "jwt-55" => good.claims(json!({"sub": 123})),
        "jwt-60" => good.header(json!({"typ": "at+jwt"})),
        "jwt-61" => good.claims(json!({"events": {"http://x": {}}})),
        "jwt-63" => good.claims(json!({"exp": now - 20, "nbf": now + 20})),
        other => panic!("nobody knows how to forge {other}"),
    }
}

/// Signed with another key, which the header brings along.
fn attacker(good: &Good, change: Value) -> String {
    Signer::of(STRANGER).sign(&merged(&good.header, change), &good.claims)
}

/// Rows on claims that an assertion does not have: authorized party, hashes. They are tested on id
/// tokens (`jwt.rs`).
const OF_ID_TOKENS: [&str; 3] = ["jwt-51", "jwt-58", "jwt-59"];

fn judge(row: &Row, surface: &str, answer: &Answer) {
    let seen = format!("{} ({}) as {surface}: {}", row.id, row.expect.note, answer.body);
    // A megabyte does not get as far as the token.
    let too_large = answer.status == 413;
    assert!(too_large || row.expect.status.contains(&answer.status), "{seen}");
    if row.expect.outcome == "reject" {
        assert!(answer.json().get("access_token").is_none(), "{seen}");
        assert!(too_large || answer.json()["error"] == "invalid_client", "{seen}");
    }
}

#[tokio::test]
async fn jwt_rows() {
    let keys = KeySet::development().unwrap();
    let issuer = Issuer::start(&json!({"keys": [keys.google.public().jwk(None)]})).await;
    let (own, outside) = (world("").await, workload_identity::world(&issuer.url).await);
    let kid = keys.google.kid();
    let excused = not_applicable();
    let mut run = 0;
    for row in rows().iter().filter(|row| row.area == "jwt") {
        let excused = excused.iter().any(|(id, _)| *id == row.id);
        if excused || OF_ID_TOKENS.contains(&row.id.as_str()) {
            continue;
        }
        run += 1;
        let signer = Signer::of(CLIENT);
        let header = json!({"alg": "RS256", "typ": "JWT", "x5t": signer.x5t()});
        let good = Good { header, claims: claims_of(&own), signer };
        let now = own.broker().clock().now().as_second();
        judge(row, "its own", &send_assertion(&own, CONTOSO, &forge(&row.id, &good, now)).await);
        let good = Good {
            header: json!({"alg": "RS256", "typ": "JWT", "kid": kid}),
            claims: workload_identity::outside_claims(&outside, &issuer.url),
            signer: Signer::of(CLIENT),
        };
        let token = forge(&row.id, &good, now);
        judge(row, "an outside one", &send_assertion(&outside, CONTOSO, &token).await);
    }
    assert!(run > 30, "{run} rows");
    assert!(issuer.asked() <= 2, "asked {} times", issuer.asked());
}
