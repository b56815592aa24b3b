//! What a provider claims about an account, and what of it is believed: the prose rows of the
//! catalogue on linking that need a foreign provider.

use guestpass::Server;
use guestpass::config::world::DEFAULT;
use serde_json::{Value, json};

use super::help::*;
use crate::provider::Provider;
use crate::support::*;

/// A provider in Fabrikam's place, whose account says these claims.
async fn fabrikam(claims: &'static [(&'static str, Value)]) -> (Provider, Server) {
    let provider = Provider::start().await;
    provider.claims(move |all| {
        for name in ["email", "email_verified"] {
            all.remove(name);
        }
        for (name, value) in claims {
            all.insert((*name).to_owned(), value.clone());
        }
    });
    let server = server_of(&provider.as_fabrikam()).await;
    (provider, server)
}

fn leaked(claims: Value) -> &'static [(&'static str, Value)] {
    let Value::Object(claims) = claims else { panic!("no claims: {claims}") };
    let claims = claims.into_iter().map(|(name, value)| (&*name.leak(), value));
    claims.collect::<Vec<_>>().leak()
}

/// nOAuth: an Entra tenant lets its administrator write any address on an account.
#[tokio::test]
async fn fed_03_an_address_whose_owner_was_not_verified_finds_nobody() {
    for claims in [
        json!({"email": BOB}),
        json!({"email": BOB, "xms_edov": false}),
        json!({"email": BOB, "xms_edov": "0"}),
        json!({"email": BOB, "xms_edov": null}),
        json!({"email": BOB, "xms_edov": true, "email_verified": false}),
        json!({"preferred_username": BOB, "upn": BOB, "unique_name": BOB}),
        // The home is the authority for its own domains and no others.
        json!({"email": FRANK, "xms_edov": true}),
        json!({"email": DAVE, "email_verified": true}),
    ] {
        let (provider, server) = fabrikam(leaked(claims.clone())).await;
        let mut bob = provider.sign_in(&server, BOB).await;
        assert_eq!(bob.status(), 400, "{claims}: {}", bob.text());
        assert_nothing_issued(&bob);
        assert!(!is_signed_in(&mut bob).await, "{claims}");
        for number in [1, 3, 6] {
            assert_eq!(state_of(&server, number).await, "PendingAcceptance", "{claims}");
        }
    }
    for claims in [
        json!({"email": BOB, "xms_edov": true}),
        json!({"email": BOB, "xms_edov": "1"}),
        json!({"email": BOB, "xms_edov": 1}),
        json!({"email": BOB, "email_verified": true}),
    ] {
        let (provider, server) = fabrikam(leaked(claims.clone())).await;
        let bob = provider.sign_in(&server, BOB).await;
        assert_eq!(bob.heading(), "Review permissions", "{claims}: {}", bob.text());
    }
}

/// A subject is a provider's own: the same one elsewhere is another person.
#[tokio::test]
async fn fed_06_the_same_subject_of_another_issuer_is_somebody_else() {
    let google = Provider::start().await;
    let microsoft = Provider::start().await;
    let world = format!(
        "{DEFAULT}{}{}",
        google.slot("google_provider"),
        microsoft.slot("microsoft_account_provider")
    );
    let server = server_of(&world).await;
    google.claim("sub", "one-subject");
    let mut dave = google.sign_in(&server, DAVE).await;
    agree_to_all(&server, &mut dave, DAVE).await;
    assert!(dave.parameter("code").is_some(), "{}", dave.text());
    let bound = seen(&server, 3).await;
    for email in [DAVE, "carol@outlook.com"] {
        microsoft.claims(move |claims| {
            claims.insert("sub".into(), "one-subject".into());
            claims.insert("email".into(), email.into());
            claims.insert("preferred_username".into(), email.into());
        });
        let mut carol = microsoft.sign_in(&server, "carol@outlook.com").await;
        if email == DAVE {
            assert_eq!(carol.status(), 400, "{}", carol.text());
            assert_nothing_issued(&carol);
            continue;
        }
        agree_to_all(&server, &mut carol, "carol@outlook.com").await;
        let code = carol.parameter("code").unwrap_or_else(|| panic!("{}", carol.text()));
        let id = claims(&redeem(&server, &code, &[]).await.json()["id_token"]);
        assert_eq!(id["oid"], contoso_guest(2));
    }
    assert_eq!(seen(&server, 3).await, bound);
    // And a subject that differs in case is another one.
    google.claim("sub", "One-Subject");
    let dave = google.sign_in(&server, DAVE).await;
    assert_eq!(dave.status(), 400, "{}", dave.text());
    assert_nothing_issued(&dave);
}

#[tokio::test]
async fn fed_16_what_a_provider_says_about_us_is_in_no_token_of_ours() {
    let provider = Provider::start().await;
    provider.claims(|all| {
        for (name, value) in [
            ("tid", json!(CONTOSO)),
            ("oid", json!("c0a70500-0000-4000-8000-000000000001")),
            ("roles", json!(["Global Administrator"])),
            ("wids", json!(["62e90394-69f5-4237-9190-012177145e10"])),
            ("groups", json!(["c0a70500-0000-4000-8000-0000000000f1"])),
            ("scp", json!("Directory.ReadWrite.All")),
            ("idp", json!("https://sts.windows.net/x/")),
            ("idtyp", json!("app")),
            ("acct", json!(0)),
            ("upn", json!("adele@contoso.example")),
            ("preferred_username", json!("adele@contoso.example")),
            ("azp", json!(crate::provider::CLIENT)),
        ] {
            all.insert(name.to_owned(), value);
        }
    });
    let server = server_of(&provider.as_google()).await;
    let mut dave = provider.sign_in(&server, DAVE).await;
    agree_to_all(&server, &mut dave, DAVE).await;
    let code = dave.parameter("code").unwrap_or_else(|| panic!("{}", dave.text()));
    let tokens = redeem(&server, &code, &[]).await.json();
    for token in ["id_token", "access_token"] {
        let claims = claims(&tokens[token]);
        assert_eq!(claims["tid"], CONTOSO);
        assert_eq!(claims["oid"], contoso_guest(3));
        assert_eq!(claims["idp"], "google.com");
        for absent in ["roles", "wids", "groups", "upn", "idtyp"] {
            assert!(!claims.contains_key(absent), "{token} {absent}: {claims:?}");
        }
        assert!(!json!(claims).to_string().contains("adele"), "{claims:?}");
    }
    let scopes = claims(&tokens["access_token"])["scp"].as_str().unwrap().to_owned();
    assert!(!scopes.contains("Directory"), "{scopes}");
}

#[tokio::test]
async fn fed_17_a_name_with_markup_is_text_on_every_page() {
    let provider = Provider::start().await;
    let name = "<img src=x onerror=alert(1)>\u{202e}\"'&";
    provider.claim("name", name);
    let server = server_of(&provider.as_google()).await;
    let mut dave = provider.sign_in(&server, DAVE).await;
    let clean = |browser: &guestpass::browser::Browser<'_>| {
        assert!(!browser.html().contains("<img src=x"), "{}", browser.html());
        browser.html().contains("&#60;img") || browser.html().contains("&lt;img")
    };
    clean(&dave);
    agree_to_all(&server, &mut dave, DAVE).await;
    let code = dave.parameter("code").unwrap_or_else(|| panic!("{}", dave.text()));
    let mut shown = 0;
    for path in [
        format!("/myapps?tenantid={CONTOSO}"),
        authorize(CONTOSO, &[("prompt", "select_account")]),
        authorize(CONTOSO, &[("prompt", "consent")]),
        accept_link(&server, FRANK, CONTOSO).await,
    ] {
        dave.open(&path).await;
        assert_eq!(dave.status(), 200, "{}", dave.text());
        shown += usize::from(clean(&dave));
    }
    let mut adele = server.browser();
    adele.open(&format!("/portal/{CONTOSO}/users")).await;
    agree_to_all(&server, &mut adele, "adele@contoso.example").await;
    clean(&adele);
    assert!(shown > 0, "the name stands on no page");
    // In a token it is what it is: JSON.
    let id = claims(&redeem(&server, &code, &[]).await.json()["id_token"]);
    let told = id["name"].as_str().unwrap_or_default();
    assert!(told == name || !told.contains('<'), "{told}");
}

#[tokio::test]
async fn fed_18_a_hundred_thousand_groups_are_not_read() {
    let provider = Provider::start().await;
    let server = server_of(&provider.as_google()).await;
    let before = seen(&server, 3).await;
    let groups = |count: usize| {
        json!((0..count).map(|n| format!("00000000-0000-0000-0000-{n:012}")).collect::<Vec<_>>())
    };
    provider.claim("groups", groups(100_000));
    let dave = provider.sign_in(&server, DAVE).await;
    assert_stopped(&dave, 503, "AADSTS40010: ");
    assert_untouched(&server, 3, &before).await;
    // As many as fit are nobody's business here.
    provider.claim("groups", groups(10_000));
    let mut dave = provider.sign_in(&server, DAVE).await;
    agree_to_all(&server, &mut dave, DAVE).await;
    let code = dave.parameter("code").unwrap_or_else(|| panic!("{}", dave.text()));
    let tokens = redeem(&server, &code, &[]).await;
    assert!(tokens.body.len() < 8_000, "{} bytes", tokens.body.len());
}
