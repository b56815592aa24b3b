//! Parsers of what clients send, under whatever comes: they never panic, and never accept what an
//! independently written rule refuses.

use std::sync::LazyLock;

use guestpass::config::world::{DEFAULT, World};
use guestpass::directory::Application;
use guestpass::jose::{KeySet, verify};
use guestpass::protocol::authorize::{self, Refusal};
use guestpass::protocol::claims_request::ClaimsRequest;
use guestpass::protocol::params::Params;
use guestpass::protocol::redirect_uri;
use guestpass::protocol::scope::RequestedScope;
use guestpass::protocol::token::TokenRequest;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::{CALLBACK, WEB};

const REGISTERED: [&str; 6] = [
    "https://app.example/cb",
    "https://app.example/cb?x=1",
    "http://localhost/app",
    "http://localhost:3000/app",
    "http://127.0.0.1",
    "myapp://auth",
];

/// The rule in other words: the same bytes, or plain http to the same loopback name with the same
/// rest, whatever the port.
fn is_the_registered_one(registered: &str, sent: &str) -> bool {
    let without_port = |uri: &str| {
        let host =
            ["http://localhost", "http://127.0.0.1"].into_iter().find(|h| uri.starts_with(h))?;
        let rest = &uri[host.len()..];
        let digits = rest.strip_prefix(':').map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            rest.split_at(end)
        });
        let rest = match digits {
            None => rest,
            Some((port, rest)) => port.parse::<u16>().ok().map(|_| rest)?,
        };
        let rest = if rest.is_empty() { "/" } else { rest };
        rest.starts_with(['/', '?', '#']).then(|| format!("{host}{rest}"))
    };
    registered == sent || without_port(registered).is_some_and(|it| without_port(sent) == Some(it))
}

/// A registered URI with something done to it, or something else.
fn near_misses() -> impl Strategy<Value = (usize, String)> {
    let piece = prop_oneof![
        Just(String::new()),
        "[:/?#@.%\\\\]{1,3}",
        ":[0-9]{1,6}",
        "[\\PC]{1,4}",
        Just("/../".to_owned()),
        Just("%2e%2e/".to_owned()),
        Just("\u{0}".to_owned()),
        Just("\r\n".to_owned()),
        Just(".evil.example".to_owned()),
        Just("@evil.example".to_owned()),
    ];
    (0..REGISTERED.len(), any::<prop::sample::Index>(), piece, 0..4_usize).prop_map(
        |(which, at, piece, cut)| {
            let chars: Vec<char> = REGISTERED[which].chars().collect();
            let at = at.index(chars.len() + 1);
            let rest = chars[at..].iter().skip(cut).collect::<String>();
            (which, format!("{}{piece}{rest}", chars[..at].iter().collect::<String>()))
        },
    )
}

static CONTOSO_WEB: LazyLock<Application> = LazyLock::new(|| {
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let world = World::parse(DEFAULT, "world.toml", now).unwrap();
    world.applications.into_iter().find(|app| app.client_id.to_string() == WEB).unwrap()
});

/// Values that a parameter may have: right ones, wrong ones, anything.
fn value(right: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        4 => prop::sample::select(right).prop_map(|value| Some(value.to_owned())),
        1 => "\\PC{0,40}".prop_map(Some),
        1 => Just(None),
    ]
}

fn encoded(pairs: &[(&str, Option<String>)]) -> String {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        if let Some(value) = value {
            text.append_pair(name, value);
        }
    }
    text.finish()
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z\"\\\\]{0,6}".prop_map(Value::from),
        Just(json!("id_token")),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        let name = prop_oneof![
            Just("id_token".to_owned()),
            Just("access_token".to_owned()),
            Just("userinfo".to_owned()),
            Just("sub".to_owned()),
            Just("value".to_owned()),
            "[a-z]{1,5}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn a_redirect_uri_matches_only_by_the_exact_rule((which, sent) in near_misses()) {
        let registered = REGISTERED[which];
        let expected = is_the_registered_one(registered, &sent);
        prop_assert_eq!(redirect_uri::matches(registered, &sent), expected, "{}", sent);
    }

    #[test]
    fn what_can_be_registered_leads_to_the_web_or_to_an_app(uri in "\\PC{0,40}") {
        if redirect_uri::check_registrable(&uri).is_ok() {
            let parsed = url::Url::parse(&uri).expect("an absolute URI");
            prop_assert!(!matches!(parsed.scheme(), "javascript" | "data" | "vbscript" | "file"));
            prop_assert!(parsed.fragment().is_none() && parsed.username().is_empty());
        }
    }

    #[test]
    fn parameters_of_any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(params) = Params::parse_bytes(&bytes) {
            prop_assert!(std::str::from_utf8(&bytes).is_ok());
            let _ = TokenRequest::parse(&params);
            let _ = authorize::check_client_id(&params);
        }
    }

    #[test]
    fn an_authorization_request_is_accepted_only_whole(
        response_type in value(&["code", "id_token", "code id_token", "id_token code", "code token"]),
        response_mode in value(&["query", "fragment", "form_post"]),
        redirect in value(&[CALLBACK, "http://localhost", "https://evil.example", "http://localhost:3000/x"]),
        scope in value(&["openid", "openid profile", "User.Read"]),
        nonce in value(&["n"]),
        prompt in value(&["none", "login", "none login", "consent"]),
        max_age in value(&["0", "60", "-1", "99999999999999999999"]),
        claims in value(&["{}", "{\"id_token\":{}}", "[]"]),
        state in value(&["s"]),
    ) {
        let pairs = [
            ("client_id", Some(WEB.to_owned())),
            ("response_type", response_type.clone()),
            ("response_mode", response_mode.clone()),
            ("redirect_uri", redirect.clone()),
            ("scope", scope.clone()),
            ("nonce", nonce.clone()),
            ("prompt", prompt),
            ("max_age", max_age),
            ("claims", claims),
            ("state", state.clone()),
        ];
        let web = &*CONTOSO_WEB;
        let Ok(params) = Params::parse(&encoded(&pairs)) else { return Ok(()) };
        let redirect = redirect.unwrap_or_default();
        let known = web.redirect_uris.iter().any(|own| is_the_registered_one(own, &redirect));
        match authorize::check(&params, web) {
            Err(Refusal::Shown(_)) => {}
            Err(Refusal::Redirected(target, _)) => {
                prop_assert!(known && target.uri() == redirect, "redirected to {}", redirect);
            }
            Ok(request) => {
                prop_assert!(known, "{}", redirect);
                let response_type = response_type.unwrap_or_default();
                if response_type.contains("id_token") {
                    prop_assert!(nonce.is_some_and(|nonce| !nonce.is_empty()));
                    prop_assert!(response_mode.as_deref() != Some("query"));
                    prop_assert!(scope.unwrap_or_default().split(' ').any(|word| word == "openid"));
                }
                prop_assert_eq!(request.target.uri(), redirect);
            }
        }
    }

    #[test]
    fn claims_of_any_shape_are_read_or_refused(value in json_value()) {
        let text = value.to_string();
        if let Ok(read) = ClaimsRequest::parse(Some(&text)) {
            let asked = value.as_object().expect("only an object is a request");
            for (name, list) in [("id_token", &read.id_token), ("access_token", &read.access_token)] {
                let members = asked.get(name).and_then(Value::as_object);
                prop_assert_eq!(members.map_or(0, Map::len), list.len());
            }
            if let Some(subject) = read.subject {
                prop_assert!(asked["id_token"]["sub"].to_string().contains(&json!(subject).to_string()));
            }
        }
    }

    #[test]
    fn claims_of_any_text_are_read_or_refused(text in "[\\[{\\]}\",:a-z0-9]{0,200}") {
        if ClaimsRequest::parse(Some(&text)).is_ok() {
            prop_assert!(serde_json::from_str::<Map<String, Value>>(&text).is_ok());
        }
    }

    #[test]
    fn a_scope_has_only_the_characters_of_the_rfc(text in "\\PC{0,60}") {
        if let Ok(scope) = RequestedScope::parse(&text) {
            prop_assert!(text.is_ascii() && !text.contains(['"', '\\']));
            prop_assert!(scope.openid.len() + scope.permissions.len() <= 100);
        }
    }

    #[test]
    fn a_token_that_was_changed_does_not_verify(
        at in any::<prop::sample::Index>(),
        with in "[A-Za-z0-9_.=+/ -]{0,3}",
        cut in 0..3_usize,
    ) {
        let keys = KeySet::development().unwrap();
        let token = keys.work.sign(&json!({"sub": "somebody", "exp": 4_102_444_800_i64}));
        let at = at.index(token.len());
        let changed = format!("{}{with}{}", &token[..at], &token[(at + cut).min(token.len())..]);
        let verified = verify(&changed, &[keys.work.public()]);
        prop_assert_eq!(verified.is_ok(), changed == token, "{}", changed);
        prop_assert!(verify(&with, &[keys.work.public()]).is_err());
    }
}

#[test]
fn nesting_without_end_is_refused_in_time() {
    for (open, close) in [("[", "]"), ("{\"id_token\":", "}"), ("{\"a\":", "}")] {
        let text = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        assert!(ClaimsRequest::parse(Some(&text)).is_err());
    }
}
