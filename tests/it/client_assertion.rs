//! Clients that prove themselves by a certificate, as MSAL makes the assertions.

use guestpass::Server;
use serde_json::{Value, json};

use crate::signed::*;
use crate::support::*;

const DAEMON: &str = "c0a70500-0000-4000-8000-0000000000a5";
const GRAPH: &str = "https://graph.microsoft.com/.default";

/// The default world, in which the daemon has a certificate and what else is given.
pub(crate) async fn world(more: &str) -> Server {
    let secret = "secret = \"contoso-daemon-secret\"\n";
    let keys = format!("key_credentials = [{{ certificate = \"{CLIENT}\" }}]\n{more}\n");
    let world = guestpass::config::world::DEFAULT;
    assert!(world.contains(secret));
    let world = world.replacen(secret, &format!("{secret}{keys}"), 1);
    crate::recorder::start();
    Server::builder().world(world).start().await.expect("a server starts")
}

pub(crate) fn claims_of(server: &Server) -> Value {
    let audience = format!("{}/{CONTOSO}/oauth2/v2.0/token", server.origin());
    assertion_claims(DAEMON, &audience, server.broker().clock().now())
}

pub(crate) async fn send_assertion(server: &Server, tenant: &str, assertion: &str) -> Answer {
    let pairs = [
        ("grant_type", "client_credentials"),
        ("client_id", DAEMON),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion),
        ("scope", GRAPH),
    ];
    post_form(server, &format!("/{tenant}/oauth2/v2.0/token"), &pairs).await
}

fn code(answer: &Answer) -> u64 {
    assert_eq!(answer.status, 401, "{}", answer.body);
    assert_eq!(answer.json()["error"], "invalid_client");
    answer.json()["error_codes"][0].as_u64().unwrap_or_default()
}

fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[name] = value;
    claims
}

#[tokio::test]
async fn a_certificate_in_every_spelling_gets_a_token() {
    let server = world("").await;
    let client = Signer::of(CLIENT);
    let claims = claims_of(&server);
    let hexadecimal = guestpass::directory::credential::hexadecimal;
    let x5t =
        base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, client.x5t());
    for header in [
        json!({"alg": "PS256", "typ": "JWT", "x5t#S256": client.x5t_s256()}),
        json!({"alg": "PS256", "x5t#S256": client.x5t_s256().trim_end_matches('=')}),
        json!({"alg": "RS256", "typ": "JWT", "x5t": client.x5t()}),
        json!({"alg": "RS256", "x5t": format!("{}=", client.x5t()), "x5c": [client.x5c()]}),
        json!({"alg": "RS256", "x5t": client.x5t(), "x5t#S256": client.x5t_s256()}),
        json!({"alg": "PS256", "kid": client.x5t()}),
        json!({"alg": "PS256", "kid": hexadecimal(&x5t.unwrap())}),
    ] {
        let answer = send_assertion(&server, CONTOSO, &client.sign(&header, &claims)).await;
        assert_eq!(answer.status, 200, "{header} {}", answer.body);
        let token = crate::support::claims(&answer.json()["access_token"]);
        assert_eq!(token["azpacr"], "2", "by certificate");
        assert_eq!(token["azp"], DAEMON);
    }
    // `client_id` may be left out, and the tenant be called by a domain.
    let assertion = client.sign(&json!({"alg": "PS256", "x5t#S256": client.x5t_s256()}), &claims);
    let pairs = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", &assertion),
        ("scope", GRAPH),
    ];
    let answer = post_form(&server, "/contoso.example/oauth2/v2.0/token", &pairs).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let metadata = get(&server, &format!("/{CONTOSO}/v2.0/.well-known/openid-configuration")).await;
    let methods = metadata.json()["token_endpoint_auth_methods_supported"].clone();
    assert!(methods.as_array().unwrap().contains(&json!("private_key_jwt")), "{methods}");
    // The secret still works, and tokens say so.
    let answer = daemon_token(&server).await;
    assert_eq!(crate::support::claims(&json!(answer))["azpacr"], "1");
}

#[tokio::test]
async fn the_audience_is_this_tenant_of_this_server_in_any_documented_form() {
    let server = world("").await;
    let client = Signer::of(CLIENT);
    let header = json!({"alg": "PS256", "x5t#S256": client.x5t_s256()});
    let origin = server.origin();
    let claims = claims_of(&server);
    for audience in [
        json!(format!("{origin}/{CONTOSO}/oauth2/v2.0/token")),
        json!([format!("{origin}/{CONTOSO}/oauth2/v2.0/token")]),
        json!(format!("{origin}/contoso.example/oauth2/v2.0/token")),
        json!(format!("{origin}/{CONTOSO}/oauth2/token")),
        json!(format!("{origin}/{CONTOSO}/v2.0")),
    ] {
        let assertion = client.sign(&header, &with(&claims, "aud", audience.clone()));
        let answer = send_assertion(&server, CONTOSO, &assertion).await;
        assert_eq!(answer.status, 200, "{audience} {}", answer.body);
    }
    for audience in [
        json!(format!("{origin}/{TAILSPIN}/oauth2/v2.0/token")),
        json!(format!("{origin}/common/oauth2/v2.0/token")),
        json!(format!("https://evil.example/{CONTOSO}/oauth2/v2.0/token")),
        json!(format!("{origin}.evil.example/{CONTOSO}/oauth2/v2.0/token")),
        json!(format!("{origin}/{CONTOSO}/oauth2/v2.0/token?x")),
        json!([format!("{origin}/{CONTOSO}/v2.0"), "https://other.example"]),
        json!([]),
        json!(7),
        json!(null),
    ] {
        let assertion = client.sign(&header, &with(&claims, "aud", audience.clone()));
        let answer = send_assertion(&server, CONTOSO, &assertion).await;
        assert_eq!(code(&answer), 700_023, "{audience} {}", answer.body);
        assert!(answer.body.contains(CONTOSO), "what it should be: {}", answer.body);
    }
    // What is good here is not good at another tenant's endpoint.
    let answer = send_assertion(&server, TAILSPIN, &client.sign(&header, &claims)).await;
    assert_eq!(code(&answer), 700_023, "{}", answer.body);
}

#[tokio::test]
async fn a_refusal_says_what_was_sent_and_what_is_registered() {
    let server = world("").await;
    let (client, stranger) = (Signer::of(CLIENT), Signer::of(STRANGER));
    let claims = claims_of(&server);
    let credential = |path: &str| {
        let pem = std::fs::read_to_string(path).unwrap();
        guestpass::directory::KeyCredential::parse(&pem).unwrap()
    };
    let header = json!({"alg": "RS256", "x5t": stranger.x5t()});
    let unknown = send_assertion(&server, CONTOSO, &stranger.sign(&header, &claims)).await;
    assert_eq!(code(&unknown), 700_027);
    for said in [&credential(STRANGER).thumbprint, &credential(CLIENT).thumbprint] {
        assert!(unknown.body.contains(said.as_str()), "no {said}: {}", unknown.body);
    }
    let header = json!({"alg": "RS256", "x5t": client.x5t()});
    let forged = send_assertion(&server, CONTOSO, &stranger.sign(&header, &claims)).await;
    assert_eq!(code(&forged), 700_027, "the thumbprint of one, the key of another");
    assert!(forged.body.contains("did not match"), "{}", forged.body);
    let both = json!({"alg": "RS256", "x5t": client.x5t(), "x5t#S256": stranger.x5t_s256()});
    let torn = send_assertion(&server, CONTOSO, &client.sign(&both, &claims)).await;
    assert_eq!(code(&torn), 700_027);
    for (name, value) in [("iss", json!(WEB)), ("sub", json!(WEB)), ("sub", json!(7))] {
        let assertion = client.sign(&header, &with(&claims, name, value));
        assert_eq!(code(&send_assertion(&server, CONTOSO, &assertion).await), 700_021, "{name}");
    }
    let nameless = client.sign(&json!({"alg": "RS256", "x5c": [client.x5c()]}), &claims);
    assert_eq!(code(&send_assertion(&server, CONTOSO, &nameless).await), 50027);
}

#[tokio::test]
async fn an_assertion_is_good_in_its_time() {
    let server = world("").await;
    let client = Signer::of(CLIENT);
    let header = json!({"alg": "PS256", "x5t#S256": client.x5t_s256()});
    let claims = claims_of(&server);
    let now = server.broker().clock().now().as_second();
    for (name, value, expected) in [
        ("exp", json!(now - 361), 700_024),
        ("nbf", json!(now + 361), 700_024),
        ("iat", json!(now + 86_400), 700_024),
        ("exp", json!(1e300), 0),
        ("exp", json!(-1e300), 700_024),
        ("exp", json!((now + 600).to_string()), 50027),
        ("exp", json!(null), 50027),
        ("exp", json!(now - 20), 0),
        ("nbf", json!(now + 20), 0),
        ("nbf", json!(now), 0),
        ("exp", json!(now + 7200), 0),
    ] {
        let assertion = client.sign(&header, &with(&claims, name, value.clone()));
        let answer = send_assertion(&server, CONTOSO, &assertion).await;
        match expected {
            0 => assert_eq!(answer.status, 200, "{name} {value} {}", answer.body),
            expected => assert_eq!(code(&answer), expected, "{name} {value} {}", answer.body),
        }
    }
    let assertion = client.sign(&header, &claims);
    server.broker().clock().advance("PT12M".parse().unwrap()).unwrap();
    let late = send_assertion(&server, CONTOSO, &assertion).await;
    assert_eq!(code(&late), 700_024);
    assert!(late.body.contains("Current time: "), "{}", late.body);
}

#[tokio::test]
async fn msal_sends_one_assertion_many_times_unless_the_application_is_strict() {
    let client = Signer::of(CLIENT);
    let header = json!({"alg": "PS256", "x5t#S256": client.x5t_s256()});
    let lenient = world("").await;
    let assertion = client.sign(&header, &claims_of(&lenient));
    for _ in 0..2 {
        assert_eq!(send_assertion(&lenient, CONTOSO, &assertion).await.status, 200);
    }
    let strict = world("strict_client_assertions = true").await;
    let claims = claims_of(&strict);
    let assertion = client.sign(&header, &claims);
    assert_eq!(send_assertion(&strict, CONTOSO, &assertion).await.status, 200);
    let replayed = send_assertion(&strict, CONTOSO, &assertion).await;
    assert_eq!((replayed.status, &replayed.json()["error"]), (401, &json!("invalid_client")));
    assert!(replayed.body.contains("assertion-replayed"), "{}", replayed.body);
    let again = client.sign(&header, &with(&claims, "jti", json!("another")));
    assert_eq!(send_assertion(&strict, CONTOSO, &again).await.status, 200);
    let nameless = client.sign(&header, &with(&claims, "jti", json!("")));
    assert_eq!(code(&send_assertion(&strict, CONTOSO, &nameless).await), 50027);
    let exp = claims["exp"].as_f64().unwrap();
    let long = client.sign(&header, &with(&claims, "exp", json!(exp + 120.0)));
    assert_eq!(code(&send_assertion(&strict, CONTOSO, &long).await), 700_024);
}

#[tokio::test]
async fn a_strict_assertion_is_good_at_one_replica_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let world = guestpass::config::world::DEFAULT.replacen(
        "secret = \"contoso-daemon-secret\"\n",
        &format!(
            "key_credentials = [{{ certificate = \"{CLIENT}\" }}]\nstrict_client_assertions = true\n"
        ),
        1,
    );
    let start = || {
        let builder = Server::builder().world(world.clone());
        builder.store_file(folder.path().join("store.db")).start()
    };
    let [first, second] =
        [start().await.expect("a server"), start().await.expect("another one of the same store")];
    let client = Signer::of(CLIENT);
    let header = json!({"alg": "PS256", "x5t#S256": client.x5t_s256()});
    let claims = claims_of(&first);
    let audience = format!("{}/{CONTOSO}/oauth2/v2.0/token", second.origin());
    let there = client.sign(&header, &with(&claims, "aud", json!(audience)));
    assert_eq!(send_assertion(&first, CONTOSO, &client.sign(&header, &claims)).await.status, 200);
    let replayed = send_assertion(&second, CONTOSO, &there).await;
    assert!(replayed.body.contains("assertion-replayed"), "{}", replayed.body);
}

#[tokio::test]
async fn a_certificate_is_good_in_its_time_and_for_its_kind_of_client() {
    let secret = "secret = \"contoso-daemon-secret\"\n";
    let expired = format!(
        "key_credentials = [{{ certificate = \"{CLIENT}\", end = \"2020-01-01T00:00:00Z\" }}]\n"
    );
    let world = guestpass::config::world::DEFAULT.replacen(secret, &expired, 1);
    let server = server_of(&world).await;
    let client = Signer::of(CLIENT);
    let header = json!({"alg": "RS256", "x5t": client.x5t()});
    let assertion = client.sign(&header, &claims_of(&server));
    let late = send_assertion(&server, CONTOSO, &assertion).await;
    assert_eq!(code(&late), 700_027);
    assert!(late.body.contains("End=2020-01-01T00:00:00Z"), "{}", late.body);
    // A public client has no credential, and two ways at once are one too many.
    let path = format!("/{CONTOSO}/oauth2/v2.0/token");
    let of = |client: &'static str, more: (&'static str, &'static str)| {
        let assertion = assertion.clone();
        let (server, path) = (&server, &path);
        async move {
            let pairs = [
                ("grant_type", "refresh_token"),
                ("refresh_token", "x"),
                ("client_id", client),
                ("client_assertion_type", ASSERTION_TYPE),
                ("client_assertion", &assertion),
                more,
            ];
            post_form(server, path, &pairs).await.json()["error_codes"].clone()
        }
    };
    let cli = "c0a70500-0000-4000-8000-0000000000a3";
    assert_eq!(of(cli, ("scope", "User.Read")).await, json!([700_025]));
    assert_eq!(of(DAEMON, ("client_secret", "x")).await, json!([9_002_313]));
    assert_eq!(of(WEB, ("scope", "User.Read")).await, json!([700_021]));
}
