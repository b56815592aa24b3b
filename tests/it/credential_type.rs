//! `GetCredentialType`: the numbers for each person of the world, and that the sign-in page of the
//! same context does what they say.

use axum::http::Method;
use guestpass::Server;
use guestpass::browser::Browser;
use serde_json::{Value, json};

use crate::support::*;

const PORTAL: &str = "fab21ca0-0000-4000-8000-0000000000b1";
const PORTAL_CALLBACK: &str = "http://localhost:3001/auth/callback";

/// `IfExistsResult`, `DomainType`, `PrefCredential`.
type Numbers = [u64; 3];

const PASSWORD: Numbers = [0, 3, 1];
const MICROSOFT: Numbers = [5, 2, 6];
const BOTH: Numbers = [6, 3, 1];
const GOOGLE: Numbers = [0, 2, 12];
const PARTNER: Numbers = [0, 5, 5];
const PASSCODE: Numbers = [0, 1, 3];
const NOBODY: Numbers = [1, 1, 1];
/// Nobody, in a domain that a tenant has verified.
const NO_USER: Numbers = [1, 3, 1];
/// Google would sign them in, but the tenant has not invited them.
const UNINVITED_AT_GOOGLE: Numbers = [1, 2, 12];
const OWN_SERVER: Numbers = [1, 4, 4];

/// A person, and what is said at Contoso, at Tailspin, at Woodgrove and on `common`.
const PEOPLE: [(&str, [Numbers; 4]); 20] = [
    ("adele@contoso.example", [PASSWORD; 4]),
    ("ian@contoso.example", [PASSWORD; 4]),
    ("alice@contoso.example", [PASSWORD; 4]),
    ("uma@contoso.example", [PASSWORD; 4]),
    ("bob@fabrikam.example", [PASSWORD; 4]),
    ("grace@fabrikam.example", [BOTH; 4]),
    ("olivia@fabrikam.example", [PASSWORD; 4]),
    ("carol@outlook.com", [MICROSOFT; 4]),
    ("dave@gmail.com", [GOOGLE, NOBODY, UNINVITED_AT_GOOGLE, NOBODY]),
    ("vera@gmail.com", [NOBODY, NOBODY, UNINVITED_AT_GOOGLE, NOBODY]),
    ("erin@litware.example", [PARTNER, NOBODY, NOBODY, NOBODY]),
    ("heidi@adatum.example", [PARTNER, NOBODY, NOBODY, NOBODY]),
    ("frank@northwind.example", [PASSCODE, NOBODY, NOBODY, NOBODY]),
    // From 2023 on an unmanaged tenant is nobody's home.
    ("judy@proseware.example", [PASSWORD, PASSWORD, NO_USER, PASSWORD]),
    ("wendy@woodgrove.example", [PASSWORD; 4]),
    ("tara@tailspin.example", [PASSWORD; 4]),
    ("nobody@contoso.example", [NO_USER; 4]),
    ("nobody@fabrikam.example", [NO_USER; 4]),
    ("nobody@corp.fabrikam.example", [OWN_SERVER; 4]),
    ("stranger@nowhere.example", [NOBODY; 4]),
];

const CONTEXTS: [&str; 4] = [CONTOSO, TAILSPIN, WOODGROVE, "common"];

async fn asked(server: &Server, path: &str, body: &Value) -> Answer {
    let kind = [("content-type", "application/json; charset=UTF-8")];
    send(server, Method::POST, path, &kind, body.to_string()).await
}

async fn about(server: &Server, context: &str, name: &str) -> Value {
    let body = json!({"username": name, "isOtherIdpSupported": true, "checkPhones": false});
    let path = format!("/{context}/GetCredentialType?mkt=en-US");
    let answer = asked(server, &path, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("access-control-allow-origin"), "");
    answer.json()
}

fn numbers(answer: &Value) -> Numbers {
    [
        &answer["IfExistsResult"],
        &answer["EstsProperties"]["DomainType"],
        &answer["Credentials"]["PrefCredential"],
    ]
    .map(|number| number.as_u64().unwrap())
}

#[tokio::test]
async fn tells_of_each_person_in_each_context() {
    let server = server().await;
    for (name, expected) in PEOPLE {
        for (context, expected) in CONTEXTS.into_iter().zip(expected) {
            let answer = about(&server, context, name).await;
            assert_eq!(numbers(&answer), expected, "{name} at {context}: {answer}");
            assert_eq!((&answer["Username"], &answer["Display"]), (&json!(name), &json!(name)));
            let credentials = &answer["Credentials"];
            assert_eq!(credentials["HasPassword"], expected[2] == 1, "{name} at {context}");
            let federated = matches!(expected[2], 4 | 5);
            assert_eq!(credentials["FederationRedirectUrl"].is_string(), federated, "{answer}");
            assert_eq!(answer["ThrottleStatus"], 0);
            let unmanaged = name.starts_with("judy") && expected == PASSWORD;
            assert_eq!(answer["IsUnmanaged"], unmanaged, "{name} at {context}");
            assert!(answer["FlowToken"].is_string() && answer["apiCanary"].is_string());
        }
    }
    let redirect = |answer: &Value| answer["Credentials"]["FederationRedirectUrl"].clone();
    let erin = redirect(&about(&server, CONTOSO, "erin@litware.example").await);
    assert_eq!(erin, format!("{}/idp/litware/saml", server.origin()));
    let corp = redirect(&about(&server, CONTOSO, "nobody@corp.fabrikam.example").await);
    assert!(corp.as_str().unwrap().starts_with("https://sts.corp.fabrikam.example/adfs/ls/?"));
}

/// Where a name leads from the sign-in page, in the numbers that would announce it.
async fn walked(browser: &mut Browser<'_>, context: &str, name: &str) -> &'static str {
    let portal = [("client_id", PORTAL), ("redirect_uri", PORTAL_CALLBACK), ("scope", "openid")];
    browser.open(&authorize(context, &portal)).await;
    type_name(browser, name).await;
    match browser.heading().as_str() {
        "Enter password" if browser.url().contains("/consumers/") => "Microsoft account",
        "Enter password" => "password",
        "Verify your email" => "passcode",
        "Sign in" if browser.has_id("identifierId") => "Google",
        _ if browser.has_id("aadTile") => "both",
        "Sign in" if browser.has_id("userNameInput") => "partner",
        _ if browser.url().contains("/idp/") => "partner",
        _ if browser.alert().is_some() => "nobody",
        other => panic!("{other}: {}", browser.text()),
    }
}

#[tokio::test]
async fn says_what_the_sign_in_page_then_does() {
    let server = server().await;
    for (name, expected) in PEOPLE {
        for (context, expected) in CONTEXTS.into_iter().zip(expected) {
            let mut browser = server.browser();
            let walked = walked(&mut browser, context, name).await;
            let announced = match expected {
                PASSWORD => "password",
                // On `common` everybody is at home, and the page of the home comes at once.
                MICROSOFT if context == "common" => "password",
                MICROSOFT => "Microsoft account",
                BOTH => "both",
                GOOGLE | UNINVITED_AT_GOOGLE => "Google",
                PARTNER => "partner",
                PASSCODE => "passcode",
                NOBODY | NO_USER | OWN_SERVER => "nobody",
                other => panic!("{other:?}"),
            };
            assert_eq!(walked, announced, "{name} at {context}");
        }
    }
}

#[tokio::test]
async fn each_authority_knows_its_own_kind_of_accounts() {
    let server = server().await;
    for (authority, name, expected) in [
        ("organizations", "bob@fabrikam.example", PASSWORD),
        ("organizations", "carol@outlook.com", NOBODY),
        ("organizations", "grace@fabrikam.example", PASSWORD),
        ("consumers", "carol@outlook.com", [0, 2, 1]),
        ("consumers", "grace@fabrikam.example", [0, 2, 1]),
        ("consumers", "bob@fabrikam.example", NO_USER),
        ("contoso.example", "frank@northwind.example", PASSCODE),
    ] {
        let answer = about(&server, authority, name).await;
        assert_eq!(numbers(&answer), expected, "{name} at {authority}");
    }
}

/// The sign-in that `originalRequest` names decides, as far as it is this browser's.
#[tokio::test]
async fn the_sign_in_gives_the_context() {
    let server = server().await;
    for (tenant, name, by_mail, by_path) in [
        // The classic e-mail link looks for no Microsoft account; see docs/REDEMPTION.md.
        (CONTOSO, "carol@outlook.com", [0, 2, 3], MICROSOFT),
        (TAILSPIN, "carol@outlook.com", MICROSOFT, MICROSOFT),
        (TAILSPIN, "frank@northwind.example", NOBODY, NOBODY),
        (CONTOSO, "vera@gmail.com", GOOGLE, NOBODY),
    ] {
        let mut browser = server.browser();
        browser.open(&accept_link(&server, name, tenant).await).await;
        let hop = browser.hops.iter().find_map(|hop| hop.interaction.clone());
        let body = json!({"username": name, "originalRequest": hop.unwrap()});
        let cookie = format!("guestpass_browser={}", browser.cookie("guestpass_browser").unwrap());
        for (cookie, expected) in [(cookie.as_str(), by_mail), ("", by_path)] {
            let headers = [("content-type", "application/json"), ("cookie", cookie)];
            let path = format!("/{tenant}/GetCredentialType");
            let answer = send(&server, Method::POST, &path, &headers, body.to_string()).await;
            assert_eq!(numbers(&answer.json()), expected, "{name} at {tenant}");
        }
    }
    // An organization that was chosen on `common`, by the page's own field.
    let mut browser = server.browser();
    browser.open("/myapps").await;
    let options = browser.link("Sign-in options").unwrap();
    browser.open(&options).await;
    let organization = browser.link("Sign in to an organization").unwrap();
    browser.open(&organization).await;
    browser.submit(&[("organization", "Contoso")], None).await;
    let fields = browser.forms()[0].hidden.clone();
    let context = fields.iter().find(|(name, _)| name == "ctx").expect("a ctx").1.clone();
    let cookie = format!("guestpass_browser={}", browser.cookie("guestpass_browser").unwrap());
    let headers = [("cookie", cookie.as_str())];
    let body = json!({"username": "frank@northwind.example", "originalRequest": context});
    let path = "/common/GetCredentialType";
    let answer = send(&server, Method::POST, path, &headers, body.to_string()).await;
    assert_eq!(numbers(&answer.json()), PASSCODE);
    for nonsense in ["x", "", "00000000-0000-4000-8000-000000000000"] {
        let body = json!({"username": "frank@northwind.example", "originalRequest": nonsense});
        assert_eq!(numbers(&asked(&server, path, &body).await.json()), NOBODY, "{nonsense:?}");
    }
}

#[tokio::test]
async fn what_is_no_question_gets_a_clear_answer() {
    let server = server().await;
    let path = "/common/GetCredentialType";
    for (body, number) in [
        ("", 9002313),
        ("username=a@b.example", 9002313),
        ("{\"username\":[]}", 9002313),
        ("{\"username\":\"\"}", 900144),
        ("{}", 900144),
    ] {
        let answer = send(&server, Method::POST, path, &[], body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
        assert_eq!(answer.json()["error_codes"], json!([number]), "{body}: {}", answer.body);
    }
    let deep = format!("{{\"username\":{}", "[".repeat(10_000));
    assert_eq!(send(&server, Method::POST, path, &[], deep).await.status, 400);
    let large = format!("{{\"username\":\"{}\"}}", "a".repeat(100_000));
    assert_eq!(send(&server, Method::POST, path, &[], large).await.status, 413);
    let unknown = json!({"username": "bob@fabrikam.example"});
    let answer = asked(&server, "/nowhere.example/GetCredentialType", &unknown).await;
    assert_eq!((answer.status, &answer.json()["error_codes"]), (400, &json!([90002])));
    assert_eq!(get(&server, path).await.status, 405);
    for name in ["bob", "+49 30 1234", "a@b@c.example", "<script>@x", &"x".repeat(5000)] {
        let answer = asked(&server, path, &json!({"username": name})).await;
        assert_eq!((answer.status, numbers(&answer.json())), (200, NOBODY), "{name}");
        assert_eq!(answer.json()["Username"], *name);
    }
}

#[tokio::test]
async fn a_flood_of_unknown_names_is_throttled_and_known_ones_never_count() {
    let server = server().await;
    for _ in 0..300 {
        assert_eq!(numbers(&about(&server, "common", "bob@fabrikam.example").await), PASSWORD);
    }
    for guess in 0..200 {
        let name = format!("guess-{guess}@fabrikam.example");
        assert_eq!(numbers(&about(&server, "common", &name).await), NO_USER, "{guess}");
    }
    for name in ["guess-200@fabrikam.example", "bob@fabrikam.example"] {
        let answer = about(&server, "common", name).await;
        assert_eq!(
            (answer["IfExistsResult"].as_u64(), &answer["ThrottleStatus"]),
            (Some(2), &json!(1))
        );
    }
    server.broker().clock().advance("PT11M".parse().unwrap()).unwrap();
    assert_eq!(numbers(&about(&server, "common", "bob@fabrikam.example").await), PASSWORD);
}

/// Known and unknown names are told apart, as at Entra; but by nothing beside the numbers.
#[tokio::test]
async fn known_and_unknown_names_have_answers_of_one_shape() {
    let server = server().await;
    let shape = |answer: &Value| {
        let mut names: Vec<String> = answer.as_object().unwrap().keys().cloned().collect();
        names.extend(answer["Credentials"].as_object().unwrap().keys().cloned());
        names.extend(answer["EstsProperties"].as_object().unwrap().keys().cloned());
        names
    };
    let bob = about(&server, CONTOSO, "bob@fabrikam.example").await;
    let nob = about(&server, CONTOSO, "nob@fabrikam.example").await;
    assert_eq!(shape(&bob), shape(&nob));
    let length = |answer: &Value| answer.to_string().len();
    assert!(length(&bob).abs_diff(length(&nob)) <= 16);
}
