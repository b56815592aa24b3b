//! JSON, OData options and forms that are almost what they should be.

use axum::http::Method;
use guestpass::Server;
use serde_json::{Value, json};

use crate::support::*;

async fn graph(server: &Server, method: Method, path: &str, body: Vec<u8>) -> Answer {
    let bearer = format!("Bearer {}", daemon_token(server).await);
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    send(server, method, path, &headers, body).await
}

fn assert_bad_request(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 400, "{what}: {}", answer.body);
    let error = &answer.json()["error"];
    assert!(error["code"].is_string() && error["message"].is_string(), "{what}: {}", answer.body);
}

async fn users(server: &Server, query: &str) -> Answer {
    graph(server, Method::GET, &format!("/v1.0/users?{query}"), Vec::new()).await
}

#[tokio::test]
async fn parse_05_json_with_a_byte_order_mark_is_refused() {
    let server = server().await;
    let body = json!({"invitedUserEmailAddress": "new@x.example",
                      "inviteRedirectUrl": "https://app.example"});
    let mut bytes = "\u{feff}".as_bytes().to_vec();
    bytes.extend(body.to_string().into_bytes());
    let answer = graph(&server, Method::POST, "/v1.0/invitations", bytes).await;
    assert_bad_request(&answer, "BOM");
}

#[tokio::test]
async fn parse_08_null_is_refused_for_every_member() {
    let server = server().await;
    let whole = json!({
        "invitedUserEmailAddress": "new@x.example",
        "inviteRedirectUrl": "https://app.example",
        "invitedUserDisplayName": "New",
        "invitedUserType": "Guest",
        "sendInvitationMessage": false,
        "invitedUserMessageInfo": {"customizedMessageBody": "Hello", "messageLanguage": "en-US"},
    });
    for name in whole.as_object().unwrap().keys() {
        let mut body = whole.clone();
        body[name] = Value::Null;
        let body = body.to_string().into_bytes();
        let answer = graph(&server, Method::POST, "/v1.0/invitations", body).await;
        assert_bad_request(&answer, name);
    }
    let body = whole.to_string().into_bytes();
    assert_eq!(graph(&server, Method::POST, "/v1.0/invitations", body).await.status, 201);
}

#[tokio::test]
async fn parse_12_a_quote_in_a_filter_finds_nobody_else() {
    let server = server().await;
    for filter in ["mail eq '' or 1 eq 1", "mail eq 'x' or 1 eq 1 or mail eq 'y'", "' or 1 eq 1"] {
        let filter = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect::<String>();
        let answer = users(&server, &format!("$filter={filter}")).await;
        assert_bad_request(&answer, &filter);
    }
}

#[tokio::test]
async fn parse_13_unknown_selections_and_expansions_are_refused() {
    let server = server().await;
    for query in ["$select=nonsense", "$select=id,passwordHash", "$expand=manager", "$expand=x"] {
        assert_bad_request(&users(&server, query).await, query);
    }
}

#[tokio::test]
async fn parse_14_a_page_size_is_a_number_from_1_to_999() {
    let server = server().await;
    for top in ["0", "-1", "9223372036854775808", "abc", "1000", "1.5"] {
        assert_bad_request(&users(&server, &format!("$top={top}")).await, top);
    }
    assert_eq!(users(&server, "$top=1").await.json()["value"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn parse_15_a_changed_skiptoken_is_refused() {
    let server = server().await;
    let first = users(&server, "$top=1").await.json();
    let next = first["@odata.nextLink"].as_str().expect("a next page");
    let path = next.strip_prefix(server.origin()).expect("an own address");
    let second = graph(&server, Method::GET, path, Vec::new()).await;
    assert_eq!(second.status, 200, "{}", second.body);
    let last = path.chars().last().unwrap();
    let flipped = format!("{}{}", &path[..path.len() - 1], if last == 'A' { 'B' } else { 'A' });
    assert_bad_request(&graph(&server, Method::GET, &flipped, Vec::new()).await, "flipped");
    assert_bad_request(&users(&server, "$skiptoken=1").await, "forged");
}

#[tokio::test]
async fn parse_16_a_search_bomb_is_refused() {
    let server = server().await;
    let query = format!("$search=%22{}%22", "*".repeat(5000));
    assert_bad_request(&users(&server, &query).await, "search");
}

#[tokio::test]
async fn parse_17_a_patch_of_ten_megabytes_is_too_large() {
    let server = server().await;
    let body = format!("{{\"displayName\":\"{}\"}}", "x".repeat(10 * 1024 * 1024));
    let path = "/v1.0/users/c0a70500-0000-4000-8000-000000000106";
    let answer = graph(&server, Method::PATCH, path, body.into_bytes()).await;
    assert_eq!(answer.status, 413, "{}", answer.body);
}

#[tokio::test]
async fn parse_19_form_names_with_brackets_are_refused() {
    let server = server().await;
    for body in ["a[]=1", "a[b]=1", "grant_type[]=client_credentials"] {
        assert_eq!(form(&server, body).await.json()["error"], "invalid_request", "{body}");
    }
}

#[tokio::test]
async fn parse_20_ten_thousand_form_keys_are_refused() {
    let server = server().await;
    let keys: Vec<_> = (0..10_000).map(|number| format!("k{number}=")).collect();
    let answer = form(&server, &keys.join("&")).await;
    assert!(answer.status == 400 || answer.status == 413, "{}", answer.body);
}

#[tokio::test]
async fn parse_21_broken_percent_encoding_is_refused() {
    let server = server().await;
    for value in ["%zz", "%", "%c0%af", "%f0%82%82%ac", "%ff"] {
        let answer = form(&server, &format!("grant_type={value}")).await;
        assert_eq!(answer.status, 400, "{value}: {}", answer.body);
        let path = format!("/{CONTOSO}/oauth2/v2.0/authorize?client_id={value}");
        assert_eq!(get(&server, &path).await.status, 400, "{value}");
    }
}

/// axum would answer such a path with a line of text.
#[tokio::test]
async fn parse_21_a_path_that_is_not_utf_8_gets_an_answer_of_ours() {
    let server = server().await;
    for path in ["/%ff/oauth2/v2.0/authorize", "/inbox/%c0%af", "/portal/%ed%a0%80/users", "/%f5"] {
        let answer = get(&server, path).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.body);
        assert_eq!(answer.json()["error_codes"], json!([9002313]), "{path}");
        let html = send(&server, Method::GET, path, &[("accept", "text/html")], "").await;
        assert_eq!(html.status, 400);
        assert!(html.body.contains("AADSTS9002313: "), "{}", html.body);
    }
    let answer = graph(&server, Method::GET, "/v1.0/users/%ff", Vec::new()).await;
    assert_bad_request(&answer, "a path of Graph");
}

#[tokio::test]
async fn parse_22_surrogates_and_noncharacters_are_refused() {
    let server = server().await;
    let texts: [&[u8]; 4] = [br"\ud800", br"\uffff", b"\xed\xa0\x80", b"\xef\xbf\xbe"];
    for text in texts {
        let body = [b"{\"displayName\":\"".as_slice(), text, b"\"}"].concat();
        let path = "/v1.0/users/c0a70500-0000-4000-8000-000000000106";
        let answer = graph(&server, Method::PATCH, path, body).await;
        assert_bad_request(&answer, &String::from_utf8_lossy(text));
    }
    for value in ["%ed%a0%80", "%ef%bf%be"] {
        let answer = form(&server, &format!("grant_type={value}")).await;
        assert_eq!(answer.status, 400, "{value}: {}", answer.body);
    }
}

async fn form(server: &Server, body: &str) -> Answer {
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let path = format!("/{CONTOSO}/oauth2/v2.0/token");
    send(server, Method::POST, &path, &kind, body.to_owned()).await
}

/// A batch is read as strictly as what is in it, and nothing in it reaches further than its sender.
#[tokio::test]
async fn a_batch_carries_nothing_that_would_not_be_taken_alone() {
    let server = server().await;
    let batch =
        async |body: String| graph(&server, Method::POST, "/v1.0/$batch", body.into_bytes()).await;
    let whole = json!({"requests": [{"id": "1", "method": "GET", "url": "/users"}]}).to_string();
    let deep = whole.replace("\"GET\"", &format!("{}{}", "[".repeat(200), "]".repeat(200)));
    let twice = whole.replace("\"id\"", "\"url\":\"/me\",\"id\"");
    for broken in [format!("\u{feff}{whole}"), deep, twice, "[]".to_owned(), "{}".to_owned()] {
        assert_bad_request(&batch(broken.clone()).await, &broken);
    }
    let one = async |url: &str, method: &str, headers: Value| {
        let part = json!({"id": "1", "method": method, "url": url, "headers": headers});
        let answer = batch(json!({ "requests": [part] }).to_string()).await;
        assert_eq!(answer.status, 200, "{url}: {}", answer.body);
        answer.json()["responses"][0].clone()
    };
    for url in [
        "/../_guestpass/inbox?to=bob@fabrikam.example",
        "/%2e%2e/_guestpass/health",
        "/..%2f_guestpass%2fhealth",
        "//127.0.0.1/_guestpass/health",
        "http://127.0.0.1/_guestpass/health",
        "@evil.example/",
        "/$BATCH",
        "/%24batch",
        "/users\r\nhost: evil.example",
        "/users\u{0}",
        "",
    ] {
        let answer = one(url, "GET", json!({})).await;
        let status = answer["status"].as_u64().unwrap();
        assert!((400..500).contains(&status), "{url:?}: {answer}");
    }
    // The sender is who sent the batch, and the host is where it came.
    for (name, value) in [
        ("authorization", "Bearer x"),
        ("Host", "evil.example"),
        ("cookie", "guestpass_session=x"),
        ("X-HTTP-Method-Override", "DELETE"),
    ] {
        let answer = one("/users?$top=1", "GET", json!({ name: value })).await;
        assert_eq!(answer["status"], 200, "{name}: {answer}");
    }
    for headers in [json!({"a\r\nb": "x"}), json!({"a": "x\r\ny: z"}), json!({"": "x"})] {
        assert_eq!(one("/users", "GET", headers.clone()).await["status"], 400, "{headers}");
    }
}

/// Small requests must not make the server keep answers without end.
#[tokio::test]
async fn a_batch_ends_where_its_answers_are_too_large() {
    let guest = |number: usize| {
        format!(
            "[[tenant.guest]]\nid = \"c0a70500-0000-4000-8000-{number:012}\"\n\
             invited_user_email_address = \"guest{number}@northwind.example\"\n\n"
        )
    };
    let guests: String = (500_000..501_000).map(guest).collect();
    let world = guestpass::config::world::DEFAULT;
    let world = world.replacen("[[tenant.guest]]", &format!("{guests}[[tenant.guest]]"), 1);
    let server = server_of(&world).await;
    let part = |id: usize| json!({"id": id, "method": "GET", "url": "/users?$top=999"});
    let parts: Vec<_> = (0..20).map(part).collect();
    let body = json!({ "requests": parts }).to_string().into_bytes();
    let answer = graph(&server, Method::POST, "/v1.0/$batch", body).await.json();
    let responses = answer["responses"].as_array().unwrap();
    let statuses: Vec<_> = responses.iter().map(|one| one["status"].as_u64().unwrap()).collect();
    let given = statuses.iter().take_while(|status| **status == 200).count();
    assert!((2..20).contains(&given), "{statuses:?}");
    assert!(statuses[given..].iter().all(|status| *status == 507), "{statuses:?}");
}
