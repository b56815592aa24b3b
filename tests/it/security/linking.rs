//! Which account belongs to which guest: the prose rows of the catalogue that need no foreign
//! provider.

use axum::http::Method;
use guestpass::config::world::World;
use serde_json::json;

use super::help::*;
use crate::support::*;

const EVE: &str = "eve@northwind.example";

/// Somebody of the tenant claims an address before its owner is invited.
#[tokio::test]
async fn fed_09_an_account_that_claimed_the_address_first_gets_nothing() {
    let server = server().await;
    let token = daemon_token(&server).await;
    let alice = "/v1.0/users/c0a70500-0000-4000-8000-000000000003";
    for claimed in [json!({"mail": EVE}), json!({"otherMails": [EVE]})] {
        assert_eq!(patch(&server, alice, &token, &claimed).await.status, 204);
    }
    let invited = invite(&server, EVE, json!({})).await;
    if invited.status == 201 {
        // The owner redeems with the mailbox, and is somebody else than the member.
        let id = invited.json()["invitedUser"]["id"].as_str().unwrap().to_owned();
        assert_ne!(id, "c0a70500-0000-4000-8000-000000000003");
        let mut member = server.browser();
        member.open(&authorize(CONTOSO, &[("login_hint", EVE)])).await;
        assert_ne!(member.heading(), "Enter password", "{}", member.text());
        let mut owner = server.browser();
        owner.open(&accept_link(&server, EVE, CONTOSO).await).await;
        agree_to_all(&server, &mut owner, EVE).await;
        assert_eq!(guest(&server, &id).await["externalUserState"], "Accepted");
    } else {
        assert_eq!(invited.status, 400, "{}", invited.body);
    }
    // A Microsoft account of that name cannot be made without the mailbox.
    let mut thief = forms::at(&server, "create-account").await;
    thief.submit(&[("passwd", "a new password")], None).await;
    thief.submit(&[("otc", "00000000")], None).await;
    assert_nothing_issued(&thief);
    assert!(thief.cookie(SESSION).is_none(), "{}", thief.text());
}

/// No page of a redemption asks for an address, and none takes one.
#[tokio::test]
async fn fed_10_an_address_that_is_sent_along_changes_nobody() {
    let fields = [
        ("email", EVE),
        ("mail", EVE),
        ("invitedUserEmailAddress", EVE),
        ("loginfmt", EVE),
        ("user", "c0a70500-0000-4000-8000-000000000101"),
        ("accept", "1"),
    ];
    let server = server().await;
    let mut frank = forms::at(&server, "review-permissions").await;
    frank.submit(&fields, None).await;
    assert_eq!(frank.heading(), "Terms of use", "{}", frank.text());
    frank.submit(&fields, None).await;
    agree_to_all(&server, &mut frank, FRANK).await;
    let code = frank.parameter("code").unwrap_or_else(|| panic!("{}", frank.text()));
    let id = claims(&redeem(&server, &code, &[]).await.json()["id_token"]);
    assert_eq!((&id["oid"], &id["email"]), (&json!(contoso_guest(6)), &json!(FRANK)));
    assert_eq!(seen(&server, 6).await["mail"], FRANK);
    assert_eq!(state_of(&server, 1).await, "PendingAcceptance");
    // The code goes to the invited mailbox, whatever the form says.
    let mut other = server.browser();
    other.open(&authorize(CONTOSO, &[("login_hint", GRACE)])).await;
    let mut frank = forms::at(&server, "send-code").await;
    frank.submit(&[("send", "1"), ("email", EVE), ("to", EVE)], None).await;
    let inbox = get(&server, &format!("/_guestpass/inbox?to={EVE}")).await;
    assert_eq!(inbox.json(), json!([]), "no code is mailed elsewhere");
}

/// Dave's sign-in, answered by another account of the same provider.
#[tokio::test]
async fn fed_11_what_one_account_has_proven_is_not_anothers() {
    let server = server().await;
    let before = [seen(&server, 3).await, seen(&server, 10).await];
    let mut vera = server.browser();
    vera.open(&authorize(CONTOSO, &[("login_hint", DAVE)])).await;
    vera.submit(&[("identifier", "vera@gmail.com")], None).await;
    vera.submit(&[("Passwd", "guestpass")], None).await;
    assert_stopped(&vera, 400, "AADSTS50020: ");
    assert!(!is_signed_in(&mut vera).await);
    assert_eq!([seen(&server, 3).await, seen(&server, 10).await], before);
    // Once bound, Dave's object is the subject's: the same address with another one is nobody.
    signed_in(&server, DAVE).await;
    let dave = seen(&server, 3).await;
    assert_eq!(dave["identities"][0]["issuerAssignedId"], "100000000000000000001");
    let mut vera = server.browser();
    vera.open(&authorize(CONTOSO, &[("login_hint", DAVE)])).await;
    vera.submit(&[("identifier", "vera@gmail.com")], None).await;
    vera.submit(&[("Passwd", "guestpass")], None).await;
    assert_nothing_issued(&vera);
    assert_eq!(vera.status(), 400, "{}", vera.text());
    assert_eq!(seen(&server, 3).await, dave);
}

#[tokio::test]
async fn fed_14_a_disabled_guest_gets_no_half_session_from_the_provider() {
    let server = server().await;
    signed_in(&server, DAVE).await;
    befalls(&server, "disabled", 3, DAVE).await;
    let mut dave = server.browser();
    let answer = answer_of_google(&server, &mut dave, "s").await;
    dave.open(&answer).await;
    assert_stopped(&dave, 400, "AADSTS500571: ");
    assert!(!is_signed_in(&mut dave).await);
    let resume = dave.hops.iter().find(|hop| hop.interaction.is_some()).unwrap();
    let resume = format!("/{CONTOSO}/resume/{}", resume.interaction.as_ref().unwrap());
    dave.open(&resume).await;
    assert_nothing_issued(&dave);
    // Nothing waits for the day on which the guest is enabled again.
    let token = daemon_token(&server).await;
    let path = format!("/v1.0/users/{}", contoso_guest(3));
    let enabled = patch(&server, &path, &token, &json!({ "accountEnabled": true })).await;
    assert_eq!(enabled.status, 204, "{}", enabled.body);
    assert!(!is_signed_in(&mut dave).await);
    dave.open(&resume).await;
    assert_nothing_issued(&dave);
}

#[tokio::test]
async fn fed_15_the_id_of_a_deleted_guest_is_never_used_again() {
    let server = server().await;
    let mut known = vec![contoso_guest(6)];
    for _ in 0..3 {
        let frank = signed_in(&server, FRANK).await;
        let tokens = redeem(&server, &frank.parameter("code").unwrap(), &[]).await.json();
        let token = daemon_token(&server).await;
        let path = format!("/v1.0/users/{}", known.last().unwrap());
        assert_eq!(with_token(&server, Method::DELETE, &path, &token).await.status, 204);
        let invited = invite(&server, FRANK, json!({})).await;
        assert_eq!(invited.status, 201, "{}", invited.body);
        let id = invited.json()["invitedUser"]["id"].as_str().unwrap().to_owned();
        assert!(!known.contains(&id), "{id}");
        known.push(id);
        // What the old object had is not the new one's.
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(with_token(&server, Method::GET, "/v1.0/me", access).await.status, 401);
    }
}

/// nOAuth: whoever administers a tenant can write any address on an account of it.
#[tokio::test]
async fn fed_20_a_claimed_address_is_in_no_token_and_the_subject_is_another() {
    let server = server().await;
    let token = daemon_token(&server).await;
    let alice = "/v1.0/users/c0a70500-0000-4000-8000-000000000003";
    let victim = json!({"mail": BOB});
    assert_eq!(patch(&server, alice, &token, &victim).await.status, 204);
    let of = async |name: &str| {
        let browser = signed_in(&server, name).await;
        let tokens = redeem(&server, &browser.parameter("code").unwrap(), &[]).await.json();
        let access = tokens["access_token"].as_str().unwrap();
        let info = with_token(&server, Method::GET, "/oidc/userinfo", access).await.json();
        (claims(&tokens["id_token"]), info)
    };
    let (attacker, info) = of(ALICE).await;
    assert!(attacker.get("email").is_none() && info.get("email").is_none(), "{info}");
    let (bob, _) = of(BOB).await;
    assert_eq!(bob["email"], BOB);
    for key in ["oid", "sub"] {
        assert_ne!(attacker[key], bob[key], "{key}");
    }
}

/// dex, CVE-2022-39222: the address under which a sign-in goes on, opened by somebody else.
#[tokio::test]
async fn authz_35_a_sign_in_goes_on_only_in_its_own_browser() {
    let server = server().await;
    for step in ["password", "review-permissions", "terms-of-use", "app-consent", "confirm-device"]
    {
        let victim = forms::at(&server, step).await;
        let id = sign_in_of(&victim);
        let honest = Post::of(&server, &victim, forms::honest(step));
        for mut thief in [server.browser(), forms::at(&server, step).await] {
            thief.open(&format!("/{CONTOSO}/resume/{id}")).await;
            assert_stopped(&thief, 403, "sign-in-gone: ");
            let posted = honest.clone().sent_by(&thief).send(&server).await;
            assert_eq!(posted.status, 403, "{step}: {}", posted.body);
            assert_worthless(&posted.body);
        }
        assert_eq!(honest.send(&server).await.status, 303, "{step}: the victim goes on");
    }
}

/// What is said twice, in two ways, is no answer, and a "no" is none of yes.
#[tokio::test]
async fn step_only_a_clear_yes_accepts() {
    let server = server().await;
    for step in ["review-permissions", "terms-of-use", "app-consent", "confirm-device"] {
        let mut browser = forms::at(&server, step).await;
        let honest = Post::of(&server, &browser, forms::honest(step));
        let (heading, id) = (browser.heading(), sign_in_of(&browser));
        for word in ["0", "false", "No", "null", ""] {
            honest.clone().field("accept", word).send(&server).await;
            browser.open(&format!("/{CONTOSO}/resume/{id}")).await;
            assert_eq!(browser.heading(), heading, "{step} {word}");
        }
        for (name, value) in [("accept", "0"), ("canary", "x")] {
            let doubled = honest.clone().twice(name, value);
            assert_eq!(doubled.send(&server).await.status, 403, "{step} {name}");
        }
        assert_eq!(honest.send(&server).await.status, 303, "{step}");
    }
}

/// A world file is where redirect URIs are registered.
fn registered(uris: &[String]) -> Result<World, String> {
    let callback = "\"http://localhost:3000/auth/callback\"";
    let world = guestpass::config::world::DEFAULT;
    assert!(world.contains(callback));
    let uris: Vec<String> =
        uris.iter().map(|uri| toml::Value::from(uri.as_str()).to_string()).collect();
    let world = world.replacen(callback, &format!("{callback}, {}", uris.join(", ")), 1);
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    World::parse(&world, "world.toml", now).map_err(|mistakes| mistakes.to_string())
}

#[test]
fn ruri_61_what_cannot_be_compared_safely_cannot_be_registered() {
    assert!(registered(&["https://app.example/cb".to_owned()]).is_ok());
    for uri in [
        "https://app.example/cb#x",
        "https://app.example/cb#",
        "http://app.example/cb",
        "http://localhost.evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://10.0.0.1/cb",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://app.example/x",
        "https://*.app.example/cb",
        "http://[::1]/cb",
        "http://127.1/cb",
        "http://0x7f.0.0.1/cb",
        "http://LOCALHOST/cb",
        "https://@app.example/cb",
        "https://%61pp.example/cb",
        "https://app..example/cb",
        "view-source:https://app.example/cb",
        "filesystem:https://app.example/cb",
        "chrome://settings",
        "https://./cb",
        "https://app.example/x/../cb",
        "https://app.example/%2E%2e/cb",
        "https://app.example/%zz",
        "https://\u{430}pp.example/cb",
        "myapp://cb",
        "https://user@app.example/cb",
        "https://app.example\\@evil.example/cb",
        "//app.example/cb",
        "/cb",
        "https:app.example",
        "https://app.example/c b",
        "https://app.example/!cb",
        "https://app.example/$cb",
        "https://app.example/(cb)",
        "https://app.example/c;b",
        "https://app.example/c,b",
        "https://app.example/c'b",
        "https://app.example/c\nb",
        "https://app.example/c\0b",
        "",
    ] {
        let refused = registered(&[uri.to_owned()]);
        let why = refused.err().unwrap_or_else(|| panic!("'{uri}' was registered"));
        assert!(why.contains("cannot be registered"), "{uri}: {why}");
    }
    let long = |length: usize| format!("https://app.example/{}", "a".repeat(length - 20));
    assert!(registered(&[long(256)]).is_ok());
    assert!(registered(&[long(257)]).is_err());
}

#[test]
fn ruri_64_more_than_256_redirect_uris_are_too_many() {
    // Contoso Web has three of its own.
    let uris = |count: usize| (3..count).map(|n| format!("https://app.example/{n}")).collect();
    let some: Vec<String> = uris(256);
    assert!(registered(&some).is_ok());
    let many: Vec<String> = uris(257);
    assert!(registered(&many).unwrap_err().contains("more than 256 URIs"));
}
