//! Microsoft Graph: invitations, users, service principals.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::*;

fn invitation(address: &str) -> Value {
    json!({"invitedUserEmailAddress": address, "inviteRedirectUrl": "http://localhost:3000/"})
}

/// A delegated token of a member, with the scopes of Contoso Web.
async fn token_of(server: &guestpass::Server, name: &str, scope: &str) -> String {
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[("scope", scope)])).await;
    agree_to_all(server, &mut browser, name).await;
    let code = browser.parameter("code").unwrap_or_else(|| panic!("{}", browser.text()));
    redeem(server, &code, &[]).await.json()["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_inviter_sends_a_personal_mail() {
    let server = server().await;
    let token = token_of(&server, "ian@contoso.example", "openid User.Invite.All").await;
    let mut body = invitation("new@northwind.example");
    body["sendInvitationMessage"] = json!(true);
    body["invitedUserMessageInfo"] = json!({
        "customizedMessageBody": "Welcome <b>aboard</b>!",
        "ccRecipients": [{"emailAddress": {"name": "Boss", "address": "boss@northwind.example"}}],
    });
    let answer = post_json(&server, "/v1.0/invitations", &token, &body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let answer = answer.json();
    assert_eq!(answer["status"], "PendingAcceptance");
    assert_eq!(answer["invitedUserType"], "Guest");
    assert_eq!(answer["invitedUserEmailAddress"], "new@northwind.example");
    let redeem = answer["inviteRedeemUrl"].as_str().unwrap();
    assert!(redeem.starts_with(&format!("{}/redeem?rd=http", server.origin())), "{redeem}");
    for to in ["new@northwind.example", "boss@northwind.example"] {
        let mail = get(&server, &format!("/_guestpass/inbox?to={to}")).await.json()[0].clone();
        assert_eq!(
            mail["subject"],
            "Ian Moss invited you to access applications within their organization"
        );
        let text = mail["text"].as_str().unwrap();
        for part in ["Ian Moss (ian@contoso.example)", "Contoso", "Welcome <b>aboard</b>!"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!mail["html"].as_str().unwrap().contains("<b>aboard"));
        assert_eq!(mail["from"], "Microsoft Invitations (mock) <invites@guestpass.example>");
    }
}

#[tokio::test]
async fn invitations_are_refused_with_the_documented_errors() {
    let server = server().await;
    let daemon = daemon_token(&server).await;
    let cases: &[(&str, u16, &str)] = &[
        ("alice@contoso.example", 400, "Invitee is in inviter tenant"),
        ("nobody@contoso.example", 400, "verified domain of this directory"),
        (
            "olivia@fabrikam.example",
            400,
            "already exists in the directory as object ID: c0a70500-0000-4000-8000-000000000109.",
        ),
        ("not an address", 400, "not valid"),
        ("a+b@northwind.example", 400, "not valid"),
        ("a@x.example\r\nBcc: all@y.example", 400, "not valid"),
    ];
    for (address, status, message) in cases {
        let answer = post_json(&server, "/v1.0/invitations", &daemon, &invitation(address)).await;
        assert_eq!(answer.status, *status, "{address} {}", answer.body);
        let error = &answer.json()["error"];
        assert!(error["message"].as_str().unwrap().contains(message), "{address} {error}");
        assert!(error["innerError"]["request-id"].is_string());
    }
    for url in
        ["javascript:alert(1)", "//evil.example", "/relative", "data:text/html,x", "http:x", ""]
    {
        let body =
            json!({"invitedUserEmailAddress": "x@northwind.example", "inviteRedirectUrl": url});
        let answer = post_json(&server, "/v1.0/invitations", &daemon, &body).await;
        assert_eq!(answer.status, 400, "{url}");
    }
    let tailspin = daemon_token_of(
        &server,
        TAILSPIN,
        "7a115000-0000-4000-8000-0000000000a5",
        "tailspin-daemon-secret",
    )
    .await;
    let answer =
        post_json(&server, "/v1.0/invitations", &tailspin, &invitation("x@y.example")).await;
    assert_eq!(answer.status, 403, "{}", answer.body);
    assert!(answer.body.contains("Guest invitations not allowed for your company"));
    let reader = token_of(&server, "alice@contoso.example", "openid User.Read").await;
    let answer = post_json(&server, "/v1.0/invitations", &reader, &invitation("x@y.example")).await;
    assert_eq!(answer.json()["error"]["code"], "Authorization_RequestDenied");
    let alice = token_of(&server, "alice@contoso.example", "openid User.Invite.All").await;
    let mut member = invitation("x@y.example");
    member["invitedUserType"] = json!("Member");
    assert_eq!(post_json(&server, "/v1.0/invitations", &alice, &member).await.status, 403);
    let adele = token_of(&server, "adele@contoso.example", "openid User.Invite.All").await;
    assert_eq!(post_json(&server, "/v1.0/invitations", &adele, &member).await.status, 201);
    let nobody = post_json(&server, "/v1.0/invitations", "x.y.z", &member).await;
    assert_eq!(nobody.status, 401);
    assert_eq!(nobody.json()["error"]["code"], "InvalidAuthenticationToken");
}

#[tokio::test]
async fn a_contact_takes_the_address_of_a_new_guest() {
    let server = server().await;
    let daemon = daemon_token(&server).await;
    let vera = "/v1.0/users/c0a70500-0000-4000-8000-000000000110";
    with_token(&server, Method::DELETE, vera, &daemon).await;
    let answer =
        post_json(&server, "/v1.0/invitations", &daemon, &invitation("vera@gmail.com")).await;
    let id = answer.json()["invitedUser"]["id"].as_str().unwrap().to_owned();
    let vera = guest(&server, &id).await;
    assert_eq!(vera["proxyAddresses"], json!([]));
    assert_eq!(vera["mail"], json!(null));
    assert_eq!(vera["otherMails"], json!(["vera@gmail.com"]));
}

#[tokio::test]
async fn guests_see_only_themselves() {
    let server = server().await;
    let token = token_of(&server, "frank@northwind.example", "openid User.Read").await;
    let me = with_token(&server, Method::GET, "/v1.0/me", &token).await.json();
    assert_eq!(me["id"], "c0a70500-0000-4000-8000-000000000106");
    assert_eq!(me["userPrincipalName"], "frank_northwind.example#EXT#@contoso.onmicrosoft.com");
    let own = "/v1.0/users/c0a70500-0000-4000-8000-000000000106";
    assert_eq!(with_token(&server, Method::GET, own, &token).await.status, 200);
    for other in ["/v1.0/users", "/v1.0/users/c0a70500-0000-4000-8000-000000000101"] {
        let refused = with_token(&server, Method::GET, other, &token).await;
        assert_eq!(refused.status, 403, "{other}");
        assert_eq!(refused.json()["error"]["code"], "Authorization_RequestDenied");
    }
    assert_eq!(with_token(&server, Method::DELETE, own, &token).await.status, 403);
    let off = json!({"accountEnabled": false});
    assert_eq!(patch(&server, own, &token, &off).await.status, 403);
}

#[tokio::test]
async fn lists_are_filtered_selected_and_paged() {
    let server = server().await;
    let token = daemon_token(&server).await;
    let list = |query: &str| {
        let (server, token) = (&server, token.clone());
        let query: String = query.replace(' ', "%20").replace('\'', "%27").replace('#', "%23");
        async move { with_token(server, Method::GET, &format!("/v1.0/users?{query}"), &token).await }
    };
    let pending = "$filter=userType eq 'Guest' and externalUserState eq 'PendingAcceptance'";
    let answer = list(&format!("{pending}&$count=true&$select=mail")).await.json();
    assert_eq!(answer["@odata.count"], 9);
    assert_eq!(answer["value"].as_array().unwrap().len(), 9);
    assert_eq!(answer["value"][0].as_object().unwrap().len(), 1);
    let bob = list("$filter=mail eq 'BOB@fabrikam.example'").await.json();
    assert_eq!(bob["value"][0]["displayName"], "Bob Stone");
    assert!(bob["value"][0].get("externalUserState").is_none(), "not in the default set");
    let any = list("$filter=otherMails/any(x:x eq 'vera@gmail.com')").await.json();
    assert_eq!(any["value"].as_array().unwrap().len(), 1);
    let mut names = Vec::new();
    let mut next = Some(format!("{}/v1.0/users?$top=4", server.origin()));
    while let Some(url) = next {
        let path = url.strip_prefix(server.origin()).unwrap().to_owned();
        let page = with_token(&server, Method::GET, &path, &token).await.json();
        let users = page["value"].as_array().unwrap().clone();
        assert!(users.len() <= 4);
        names.extend(users.into_iter().map(|user| user["id"].as_str().unwrap().to_owned()));
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 14);
    let upn = "bob_fabrikam.example%23EXT%23@contoso.onmicrosoft.com";
    let by_upn = with_token(&server, Method::GET, &format!("/v1.0/users/{upn}"), &token).await;
    assert_eq!(by_upn.json()["displayName"], "Bob Stone", "{}", by_upn.body);
    for wrong in [
        "$top=0",
        "$filter=password eq 'x'",
        "$select=password",
        "$skiptoken=forged",
        "$skiptoken=c0a70500-0000-4000-8000-000000000101.x",
    ] {
        assert_eq!(list(wrong).await.status, 400, "{wrong}");
    }
    // django-allauth asks for what nobody here has, passport-microsoft ends the address so.
    for path in ["/v1.0/users/{upn}?$select=id,companyName,skills", "/v1.0/users/{upn}/?$select=id"]
    {
        let path = path.replace("{upn}", upn);
        let answer = with_token(&server, Method::GET, &path, &token).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert!(answer.json()["companyName"].is_null());
    }
    let missing = with_token(&server, Method::GET, "/v1.0/users/nobody@x.example", &token).await;
    assert_eq!(
        (missing.status, &missing.json()["error"]["code"]),
        (404, &json!("Request_ResourceNotFound"))
    );
    // Another tenant's user is not there.
    let foreign = "/v1.0/users/fab21ca0-0000-4000-8000-000000000001";
    assert_eq!(with_token(&server, Method::GET, foreign, &token).await.status, 404);
}

#[tokio::test]
async fn a_reset_guest_redeems_again_with_another_account() {
    let server = server().await;
    let daemon = daemon_token(&server).await;
    let olivia = "c0a70500-0000-4000-8000-000000000109";
    let before = guest(&server, olivia).await;
    let body = |address: &str| {
        json!({
            "invitedUserEmailAddress": address,
            "inviteRedirectUrl": "http://localhost:3000/",
            "resetRedemption": true,
            "invitedUser": {"id": olivia},
            "sendInvitationMessage": true,
        })
    };
    let stranger =
        post_json(&server, "/v1.0/invitations", &daemon, &body("new@northwind.example")).await;
    assert_eq!(stranger.status, 400, "the address must be one of the user's");
    let path = format!("/v1.0/users/{olivia}");
    let mails = json!({"otherMails": ["new@northwind.example"], "mail": "new@northwind.example"});
    assert_eq!(patch(&server, &path, &daemon, &mails).await.status, 204);
    let reset =
        post_json(&server, "/v1.0/invitations", &daemon, &body("new@northwind.example")).await;
    assert_eq!(reset.status, 201, "{}", reset.body);
    let after = guest(&server, olivia).await;
    assert_eq!(after["externalUserState"], "PendingAcceptance");
    assert_eq!(after["userPrincipalName"], before["userPrincipalName"]);
    assert_eq!(after["identities"].as_array().unwrap().len(), 1);
    let mut browser = server.browser();
    browser.open(&accept_link(&server, "new@northwind.example", CONTOSO).await).await;
    agree_to_all(&server, &mut browser, "new@northwind.example").await;
    assert_eq!(guest(&server, olivia).await["identities"][0]["issuer"], "mail");
    let alice = token_of(&server, "alice@contoso.example", "openid User.Invite.All").await;
    let refused =
        post_json(&server, "/v1.0/invitations", &alice, &body("new@northwind.example")).await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn bodies_must_be_what_they_should_be() {
    let server = server().await;
    let token = daemon_token(&server).await;
    let bearer = format!("Bearer {token}");
    let post = |body: String, kind: &'static str| {
        let (server, bearer) = (&server, &bearer);
        async move {
            let headers = [("content-type", kind), ("authorization", bearer.as_str())];
            send(server, Method::POST, "/v1.0/invitations", &headers, body).await
        }
    };
    let json = "application/json";
    for field in [
        "invitedUserEmailAddress",
        "inviteRedirectUrl",
        "invitedUserDisplayName",
        "invitedUserType",
        "sendInvitationMessage",
        "resetRedemption",
        "invitedUser",
        "invitedUserMessageInfo",
    ] {
        let mut body = invitation("x@northwind.example");
        body[field] = Value::Null;
        let answer = post(body.to_string(), json).await;
        assert_eq!(answer.status, 400, "{field} {}", answer.body);
        body[field] = json!([[{}]]);
        let answer = post(body.to_string(), json).await;
        assert_eq!(answer.status, 400, "{field} {}", answer.body);
    }
    for body in [
        String::new(),
        "[]".to_owned(),
        "\u{FEFF}{}".to_owned(),
        "{\"a\":1".to_owned(),
        format!("{}1{}", "[".repeat(200), "]".repeat(200)),
        "{\"invitedUserEmailAddress\":\"a@b.example\",\"invitedUserEmailAddress\":\"c@d.example\",\"inviteRedirectUrl\":\"http://x/\"}".to_owned(),
        "{\"invitedUserEmailAddress\":\"a@b.example\",\"inviteRedirectUrl\":\"http://x/\",\"invitedUserDisplayName\":\"\\ud800\"}".to_owned(),
        "{\"invitedUserEmailAddress\":\"a@b.example\",\"inviteRedirectUrl\":\"http://x/\",\"invitedUserDisplayName\":\"\u{FFFE}\"}".to_owned(),
    ] {
        assert_eq!(post(body.clone(), json).await.status, 400, "{body}");
    }
    let mut large = invitation("x@northwind.example");
    large["invitedUserMessageInfo"] = json!({"customizedMessageBody": "x".repeat(5 << 20)});
    assert_eq!(post(large.to_string(), json).await.status, 413);
    assert_eq!(post(invitation("x@northwind.example").to_string(), "text/plain").await.status, 400);
    let mut forged = invitation("x@northwind.example");
    forged["userId"] = json!("c0a70500-0000-4000-8000-000000000001");
    forged["invitedUser"] = json!({"id": "c0a70500-0000-4000-8000-000000000001"});
    let answer = post(forged.to_string(), json).await;
    assert_eq!(answer.status, 201);
    assert_ne!(answer.json()["invitedUser"]["id"], "c0a70500-0000-4000-8000-000000000001");
    let mut many = invitation("y@northwind.example");
    let one = json!({"emailAddress": {"address": "a@b.example"}});
    many["invitedUserMessageInfo"] = json!({"ccRecipients": vec![one; 10_000]});
    assert_eq!(post(many.to_string(), json).await.status, 400);
}

/// Graph's article on JSON batching.
#[tokio::test]
async fn a_batch_is_answered_request_by_request() {
    let server = server().await;
    let token = daemon_token(&server).await;
    let ask = async |requests: Value| {
        post_json(&server, "/v1.0/$batch", &token, &json!({ "requests": requests })).await
    };
    let json_kind = json!({ "Content-Type": "application/json" });
    let invitation = json!({
        "invitedUserEmailAddress": "zoe@northwind.example", "inviteRedirectUrl": "https://app.example",
    });
    let answer = ask(json!([
        { "id": "1", "method": "POST", "url": "/invitations", "headers": json_kind, "body": invitation },
        { "id": 2, "method": "GET", "url": "users?$filter=mail eq 'zoe@northwind.example'",
          "dependsOn": ["1"], "headers": null },
        { "id": "3", "method": "get", "url": "/users?$filter=mail%20eq%20'zoe@northwind.example'" },
        { "id": "4", "method": "DELETE", "url": "/users/nobody@x.example" },
        { "id": "5", "method": "GET", "url": "/me", "dependsOn": ["4"],
          "headers": { "Authorization": "Bearer x" } },
        { "id": "6", "method": "GET", "url": "/../_guestpass/health" },
        { "id": "7", "method": "POST", "url": "/$batch", "headers": json_kind, "body": {} },
        { "id": "8", "method": "DELETE", "url": "/users/c0a70500-0000-4000-8000-000000000106" },
    ]))
    .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let responses = answer.json()["responses"].as_array().unwrap().clone();
    let statuses: Vec<_> = responses.iter().map(|one| one["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [201, 200, 200, 404, 424, 404, 400, 204], "{}", answer.body);
    assert_eq!(responses[2]["body"]["value"][0]["mail"], "zoe@northwind.example");
    assert_eq!(responses[3]["body"]["error"]["code"], "Request_ResourceNotFound");
    assert!(responses[7].get("body").is_none());
    let one = |id: &str| json!({ "id": id, "method": "GET", "url": "/users" });
    let many: Vec<_> = (0..21).map(|number| one(&number.to_string())).collect();
    let later = json!([{ "id": "1", "method": "GET", "url": "/me", "dependsOn": ["2"] }, one("2")]);
    for wrong in [json!([]), json!(many), json!([one("1"), one("1")]), later, json!([{"id": "1"}])]
    {
        assert_eq!(ask(wrong.clone()).await.status, 400, "{wrong}");
    }
    let stranger =
        post_json(&server, "/v1.0/$batch", "x", &json!({ "requests": [one("1")] })).await;
    assert_eq!(stranger.status, 401);
}
