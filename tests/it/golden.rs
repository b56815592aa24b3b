//! Discovery and key documents beside Entra's recorded ones, field by field.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::support::*;

const MSA: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// The words of an authority: what is asked, what the endpoints say, the tenant in the issuer.
const AUTHORITIES: [(&str, &str, &str); 6] = [
    ("common", "common", "{tenantid}"),
    ("organizations", "organizations", "{tenantid}"),
    ("consumers", "consumers", MSA),
    (MSA, "consumers", MSA),
    (CONTOSO, CONTOSO, CONTOSO),
    ("contoso.onmicrosoft.com", CONTOSO, CONTOSO),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Differences {
    difference: Vec<Difference>,
}

/// One deliberate difference.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    document: String,
    field: String,
    /// As recorded; absent if the test knows it from the recording.
    entra: Option<String>,
    /// What stands here instead; absent if the field is.
    ours: Option<String>,
    reason: String,
}

fn differences(document: &str) -> Vec<Difference> {
    let text = include_str!("../../fixtures/entra/differences.toml");
    let all: Differences = toml::from_str(text).unwrap();
    assert!(all.difference.iter().all(|difference| difference.reason.len() > 10));
    all.difference.into_iter().filter(|difference| difference.document == document).collect()
}

fn recorded(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap()
}

/// What Entra would say here: the recording of `common`, with our origin and the asked authority.
fn expected(text: &str, origin: &str, word: &str, tenant: &str) -> Map<String, Value> {
    let here = |value: &Value| match value.as_str() {
        Some(url) if url.starts_with("https://login.microsoftonline.com/common/discovery/keys") => {
            json!(url.replace("https://login.microsoftonline.com", origin))
        }
        Some(url) => {
            let url = url.replace("/common/", &format!("/{word}/"));
            let url = url.replace("https://login.microsoftonline.com", origin);
            json!(url.replace("{tenantid}", tenant))
        }
        None => value.clone(),
    };
    recorded(text).iter().map(|(name, value)| (name.clone(), here(value))).collect()
}

async fn compare_discovery(version: &str, path: &str, text: &str) {
    let server = server().await;
    let origin = server.origin();
    let host = origin.trim_start_matches("http://");
    for (asked, word, tenant) in AUTHORITIES {
        let answer = get(&server, &format!("/{asked}{path}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.header("cache-control"), "max-age=86400, private");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        let mut ours: Map<String, Value> = serde_json::from_str(&answer.body).unwrap();
        let mut expected = expected(text, origin, word, tenant);
        // Not recorded for these: a tenant has a region, where no tenant is named there is none.
        let region = ours.remove("tenant_region_scope").expect("a region, or null");
        assert_eq!(region.is_null(), tenant == "{tenantid}", "{asked}: {region}");
        assert_eq!(expected.remove("tenant_region_scope"), Some(Value::Null));
        for difference in differences(version) {
            let field = &difference.field;
            let theirs = expected.remove(field).expect("a difference is about a recorded field");
            if let Some(entra) = &difference.entra {
                assert_eq!(theirs, json!(entra), "{version} {field}");
            }
            let here = |text: &str| text.replace("{origin}", origin).replace("{host}", host);
            let meant = difference.ours.as_deref().map(|text| json!(here(text)));
            assert_eq!(ours.remove(field), meant, "{version} {field} of {asked}");
            assert_ne!(Some(theirs), meant, "{version} {field} differs no more");
        }
        let names =
            |document: &Map<String, Value>| document.keys().cloned().collect::<BTreeSet<String>>();
        assert_eq!(names(&ours), names(&expected), "{version} of {asked}");
        for (field, value) in &expected {
            assert_eq!(&ours[field], value, "{version} {field} of {asked}");
        }
    }
}

#[tokio::test]
async fn the_discovery_document_is_entras() {
    let text = include_str!("../../fixtures/entra/discovery.v2.common.json");
    compare_discovery("discovery.v2", "/v2.0/.well-known/openid-configuration", text).await;
}

#[tokio::test]
async fn the_discovery_document_of_v1_is_entras() {
    let text = include_str!("../../fixtures/entra/discovery.v1.common.json");
    compare_discovery("discovery.v1", "/.well-known/openid-configuration", text).await;
}

#[tokio::test]
async fn every_address_in_a_discovery_document_exists() {
    let server = server().await;
    for path in ["/v2.0/.well-known/openid-configuration", "/.well-known/openid-configuration"] {
        for (asked, ..) in AUTHORITIES {
            let document = get(&server, &format!("/{asked}{path}")).await.json();
            for (field, value) in document.as_object().unwrap() {
                let Some(url) = value.as_str().filter(|url| url.starts_with(server.origin()))
                else {
                    continue;
                };
                if field == "issuer" {
                    continue;
                }
                let answer = get(&server, &url[server.origin().len()..]).await;
                assert_ne!(answer.status, 404, "{field} {url}");
            }
        }
    }
    let rival =
        ["code_challenge_methods_supported", "introspection_endpoint", "registration_endpoint"];
    let document = get(&server, "/common/v2.0/.well-known/openid-configuration").await.json();
    for absent in rival {
        assert!(document.get(absent).is_none(), "{absent} is in no recording");
    }
}

/// The members of our keys must be the recorded ones, and fit each other.
fn check_key(key: &Value, recorded: &Value) {
    let (key, recorded) = (key.as_object().unwrap(), recorded.as_object().unwrap());
    let names = |key: &Map<String, Value>| key.keys().cloned().collect::<BTreeSet<String>>();
    assert_eq!(names(key), names(recorded));
    for same in ["kty", "use", "e"] {
        assert_eq!(key[same], recorded[same], "{same}");
    }
    assert_eq!(key["kid"], key["x5t"]);
    assert_eq!(key["kid"].as_str().unwrap().len(), recorded["kid"].as_str().unwrap().len());
    assert_eq!(key["n"].as_str().unwrap().len(), 342, "2048 bits");
    let chain = key["x5c"].as_array().unwrap();
    let [certificate] = chain.as_slice() else { panic!("one certificate, not {chain:?}") };
    let standard = base64::engine::general_purpose::STANDARD;
    let certificate = base64::Engine::decode(&standard, certificate.as_str().unwrap()).unwrap();
    let plain = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let modulus = base64::Engine::decode(&plain, key["n"].as_str().unwrap()).unwrap();
    assert!(
        certificate.windows(256).any(|window| window == modulus),
        "the certificate is the key's"
    );
}

#[tokio::test]
async fn the_keys_are_written_as_entra_writes_them() {
    let server = server().await;
    let origin = server.origin();
    let text = include_str!("../../fixtures/entra/keys.v2.common.json");
    let recorded: Value = serde_json::from_str(text).unwrap();
    assert!(differences("keys.v2").is_empty());
    let here = |issuer: &Value| {
        issuer.as_str().unwrap().replace("https://login.microsoftonline.com", origin)
    };
    let (work, consumer) = (&recorded["keys"][0], &recorded["keys"][1]);
    for (asked, meant) in [
        ("common", vec![work, consumer]),
        ("consumers", vec![consumer]),
        ("organizations", vec![work]),
        (CONTOSO, vec![work]),
        ("contoso.example", vec![work]),
    ] {
        let answer = get(&server, &format!("/{asked}/discovery/v2.0/keys")).await;
        assert_eq!(answer.header("cache-control"), "max-age=86400, private");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let keys = answer.json();
        let keys = keys["keys"].as_array().unwrap();
        assert_eq!(keys.len(), meant.len(), "{asked}");
        for (key, recorded) in keys.iter().zip(meant) {
            check_key(key, recorded);
            assert_eq!(key["issuer"], here(&recorded["issuer"]), "{asked}");
        }
    }
}

#[tokio::test]
async fn the_keys_of_v1_are_written_as_entra_writes_them() {
    let server = server().await;
    let text = include_str!("../../fixtures/entra/keys.v1.common.json");
    let recorded: Value = serde_json::from_str(text).unwrap();
    let differences = differences("keys.v1");
    let [listed] = differences.as_slice() else { panic!("one difference") };
    assert_eq!(listed.field, "keys", "the keys of Microsoft accounts are there, too");
    let common = get(&server, "/common/discovery/keys").await.json();
    assert_eq!(common["keys"].as_array().unwrap().len(), 2);
    for (asked, many) in [("common", 2), (CONTOSO, 1), ("consumers", 1)] {
        let keys = get(&server, &format!("/{asked}/discovery/keys")).await.json();
        let keys = keys["keys"].as_array().unwrap().clone();
        assert_eq!(keys.len(), many, "{asked}");
        for key in &keys {
            check_key(key, &recorded["keys"][0]);
        }
    }
    let unknown = get(&server, "/nowhere.example/discovery/keys").await;
    assert_eq!(unknown.json()["error_codes"], json!([90002]));
}

#[tokio::test]
async fn the_region_is_that_of_the_tenant() {
    let world = guestpass::config::world::DEFAULT;
    let name = "name = \"Contoso\"\n";
    assert!(world.contains(name));
    let there = format!("{name}tenant_region_scope = \"NA\"\n");
    let server = server_of(&world.replacen(name, &there, 1)).await;
    for (authority, region) in
        [(CONTOSO, "NA"), ("contoso.example", "NA"), (TAILSPIN, "EU"), ("consumers", "WW")]
    {
        for version in ["/v2.0", ""] {
            let path = format!("/{authority}{version}/.well-known/openid-configuration");
            let document = get(&server, &path).await.json();
            assert_eq!(document["tenant_region_scope"], region, "{path}");
        }
    }
}
