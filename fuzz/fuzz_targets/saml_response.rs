//! A SAML response, whatever its octets. What is accepted means what the provider signed.
//!
//! `cargo +nightly fuzz run saml_response` in this folder's parent. It begins with the signed
//! responses of `fixtures/saml/`, which are copied into the corpus by `fuzz/run`.

#![no_main]

use std::sync::LazyLock;

use guestpass::federation::saml::response;
use guestpass::federation::{Certificate, Expected, Realm, VerifiedToken};
use libfuzzer_sys::fuzz_target;

const SEED: &str = include_str!("../../fixtures/saml/signed_assertion.xml");

static REALM: LazyLock<Realm> = LazyLock::new(|| Realm {
    issuer: "https://idp.litware.example/saml".to_owned(),
    certificates: vec![
        Certificate::read(include_str!("../../keys/INSECURE-work.pem")).expect("a certificate"),
    ],
    domains: vec!["litware.example".parse().expect("a domain")],
    accept_sha1: true,
    want_assertions_signed: false,
});

static AUDIENCES: LazyLock<Vec<String>> = LazyLock::new(|| {
    vec!["http://localhost:8080/c0a70500-0000-4000-8000-00000000c0a7/".to_owned()]
});

static MEANING: LazyLock<VerifiedToken> = LazyLock::new(|| judge(SEED).expect("the seed"));

fn judge(text: &str) -> Result<VerifiedToken, guestpass::federation::Refusal> {
    let expected = Expected {
        realm: &REALM,
        audiences: &AUDIENCES,
        address: "http://localhost:8080/login.srf",
        request: Some("_request"),
        now: "2026-06-01T12:00:00Z".parse().expect("a time"),
    };
    response::verify(text, &expected)
}

fuzz_target!(|octets: &[u8]| {
    let Ok(text) = std::str::from_utf8(octets) else { return };
    match judge(text) {
        Ok(token) => assert_eq!(token, *MEANING),
        Err(refusal) => drop(refusal.fault()),
    }
});
