//! Sign-out: which account, who is told, where the browser goes, and what lives on.

use axum::http::Method;
use guestpass::Server;
use guestpass::browser::Browser;

use crate::support::*;

pub(crate) const SPA: &str = "c0a70500-0000-4000-8000-0000000000a2";
pub(crate) const ALICE: &str = "alice@contoso.example";
pub(crate) const BOB: &str = "bob@fabrikam.example";
const FRANK: &str = "frank@northwind.example";
const PORTAL: &str = "fab21ca0-0000-4000-8000-0000000000b1";
const PORTAL_CALLBACK: &str = "http://localhost:3001/auth/callback";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWXAOG2WYIYUI";

/// The address of a sign-out.
pub(crate) fn logout(tenant: &str, pairs: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("/{tenant}/oauth2/v2.0/logout?{query}")
}

/// Opens an address in the browser's name, with headers that the scripted browser does not send.
pub(crate) async fn opened(
    server: &Server,
    browser: &Browser<'_>,
    path: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let cookies = ["guestpass_browser", "guestpass_session"];
    let cookies = cookies.iter().filter_map(|name| Some((name, browser.cookie(name)?)));
    let cookies: Vec<_> = cookies.map(|(name, value)| format!("{name}={value}")).collect();
    let cookies = cookies.join("; ");
    let mut all = vec![("cookie", cookies.as_str())];
    all.extend_from_slice(headers);
    send(server, Method::GET, path, &all, "").await
}

/// Whether somebody is signed in at a tenant.
pub(crate) async fn is_signed_in_at(browser: &mut Browser<'_>, tenant: &str) -> bool {
    let changes = [("client_id", PORTAL), ("redirect_uri", PORTAL_CALLBACK), ("prompt", "none")];
    browser.open(&authorize(tenant, &changes)).await;
    let error = browser.parameter("error");
    assert!(error.is_some() || browser.parameter("code").is_some(), "{}", browser.text());
    error.as_deref() != Some("login_required")
}

/// The default world, in which Contoso Web and Contoso SPA want to be told.
pub(crate) async fn telling() -> Server {
    server_of(&telling_world("https://web.contoso.example/signout?app=web")).await
}

pub(crate) fn telling_world(web: &str) -> String {
    let world = guestpass::config::world::DEFAULT;
    let add = |world: String, client: &str, url: &str| {
        let line = format!("client_id = \"{client}\"\ndisplay_name");
        assert!(world.contains(&line), "{client}");
        world.replacen(&line, &format!("logout_url = \"{url}\"\n{line}"), 1)
    };
    let world = add(world.to_owned(), WEB, web);
    add(world, SPA, "http://localhost:5173/signout")
}

/// The addresses of which the browser is to open hidden frames.
pub(crate) fn told(page: &str) -> Vec<String> {
    let addresses = page.split("data-address=\"").skip(1);
    let addresses = addresses.filter_map(|rest| rest.split('"').next());
    addresses.map(|address| address.replace("&#38;", "&").replace("&amp;", "&")).collect()
}

fn parameter(address: &str, name: &str) -> String {
    let url = url::Url::parse(address).unwrap();
    let found = url.query_pairs().find(|(known, _)| known == name);
    found.unwrap_or_else(|| panic!("no {name} in {address}")).1.into_owned()
}

/// An id token of Contoso Web for whoever is signed in.
pub(crate) async fn id_token(server: &Server, browser: &mut Browser<'_>, name: &str) -> String {
    browser.open(&authorize(CONTOSO, &[("login_hint", name)])).await;
    let code = browser.parameter("code").unwrap_or_else(|| panic!("{}", browser.text()));
    redeem(server, &code, &[]).await.json()["id_token"].as_str().unwrap().to_owned()
}

/// A browser in which two people are signed in at Contoso.
async fn two(server: &Server) -> Browser<'_> {
    let mut browser = signed_in(server, ALICE).await;
    browser.open(&authorize(CONTOSO, &[("login_hint", FRANK)])).await;
    agree_to_all(server, &mut browser, FRANK).await;
    assert!(browser.parameter("code").is_some(), "{}", browser.text());
    browser
}

async fn who_is_in(browser: &mut Browser<'_>) -> Vec<&'static str> {
    let mut found = Vec::new();
    for name in [ALICE, FRANK] {
        browser.open(&authorize(CONTOSO, &[("login_hint", name), ("prompt", "none")])).await;
        if browser.parameter("code").is_some() {
            found.push(name);
        }
    }
    found
}

#[tokio::test]
async fn with_several_accounts_the_person_chooses() {
    let server = server().await;
    for (chosen, left) in [(ALICE, vec![FRANK]), (FRANK, vec![ALICE]), ("all", vec![])] {
        let mut browser = two(&server).await;
        browser.open(&logout(CONTOSO, &[])).await;
        assert_eq!(browser.heading(), "Pick an account", "{}", browser.text());
        assert!(browser.text().contains(ALICE) && browser.text().contains(FRANK));
        let tiles = browser.html().split("<button").skip(1);
        let sid = tiles.filter(|tile| tile.contains(chosen) || chosen == "all");
        let sid = sid.last().unwrap().split("value=\"").nth(1).unwrap().split('"').next().unwrap();
        let sid = sid.to_owned();
        browser.submit(&[("session", &sid)], None).await;
        assert_eq!(browser.heading(), "You signed out of your account", "{}", browser.text());
        assert_eq!(who_is_in(&mut browser).await, left, "{chosen}");
    }
    let mut browser = two(&server).await;
    browser.open(&logout(CONTOSO, &[])).await;
    browser.submit(&[], Some("back")).await;
    assert_eq!(browser.heading(), "You are still signed in");
    assert_eq!(who_is_in(&mut browser).await, [ALICE, FRANK]);
}

#[tokio::test]
async fn a_hint_skips_the_choice_but_not_the_question() {
    let server = server().await;
    for hint in [FRANK, "FRANK@northwind.example"] {
        let mut browser = two(&server).await;
        browser.open(&logout(CONTOSO, &[("logout_hint", hint)])).await;
        assert_eq!(browser.heading(), "Do you want to sign out?", "{}", browser.text());
        assert!(browser.text().contains(FRANK) && !browser.text().contains(ALICE));
        browser.submit(&[], None).await;
        assert_eq!(who_is_in(&mut browser).await, [ALICE]);
    }
    // From the application's own page it is done at once, as at Entra.
    let mut browser = two(&server).await;
    let path = logout(CONTOSO, &[("logout_hint", ALICE)]);
    let answer = opened(&server, &browser, &path, &[("referer", "http://localhost:3000/")]).await;
    assert!(answer.body.contains("You signed out"), "{}", answer.body);
    assert_eq!(who_is_in(&mut browser).await, [FRANK]);
    // A hint that names nobody does not choose.
    let mut browser = two(&server).await;
    browser.open(&logout(CONTOSO, &[("logout_hint", "nobody@contoso.example")])).await;
    assert_eq!(browser.heading(), "Pick an account");
}

#[tokio::test]
async fn an_id_token_chooses_among_accounts_and_may_be_old() {
    let server = server().await;
    let mut browser = two(&server).await;
    let hint = id_token(&server, &mut browser, FRANK).await;
    server.broker().clock().advance("PT5H".parse().unwrap()).unwrap();
    browser.open(&logout(CONTOSO, &[("id_token_hint", &hint)])).await;
    assert_eq!(browser.heading(), "You signed out of your account", "{}", browser.text());
    assert_eq!(who_is_in(&mut browser).await, [ALICE]);
    // Of somebody who is signed in no more, it is no proof for anybody else.
    browser.open(&logout(CONTOSO, &[("id_token_hint", &hint)])).await;
    assert_eq!(browser.heading(), "Do you want to sign out?", "{}", browser.text());
    assert_eq!(who_is_in(&mut browser).await, [ALICE]);
}

#[tokio::test]
async fn a_guest_is_signed_out_at_home_and_everywhere_else() {
    let server = server().await;
    for at in [CONTOSO, FABRIKAM, "common", "organizations"] {
        let mut bob = signed_in(&server, BOB).await;
        let portal = [("client_id", PORTAL), ("redirect_uri", PORTAL_CALLBACK)];
        bob.open(&authorize(TAILSPIN, &[portal.as_slice(), &[("login_hint", BOB)]].concat())).await;
        agree_to_all(&server, &mut bob, BOB).await;
        assert!(bob.parameter("code").is_some(), "{}", bob.text());
        for tenant in [FABRIKAM, CONTOSO, TAILSPIN] {
            assert!(is_signed_in_at(&mut bob, tenant).await, "{tenant}");
        }
        bob.open(&logout(at, &[])).await;
        assert_eq!(bob.heading(), "Do you want to sign out?", "{at}: {}", bob.text());
        bob.submit(&[], None).await;
        assert_eq!(bob.heading(), "You signed out of your account", "{}", bob.text());
        for tenant in [FABRIKAM, CONTOSO, TAILSPIN] {
            assert!(!is_signed_in_at(&mut bob, tenant).await, "{at} leaves {tenant}");
        }
    }
}

#[tokio::test]
async fn a_microsoft_account_is_signed_out_at_home_too() {
    let server = server().await;
    let carol = "carol@outlook.com";
    let mut browser = signed_in(&server, carol).await;
    assert!(is_signed_in_at(&mut browser, "consumers").await);
    browser.open(&logout("organizations", &[])).await;
    assert_eq!(browser.heading(), "You signed out of your account", "no work account is here");
    assert!(is_signed_in_at(&mut browser, "consumers").await);
    browser.open(&logout(CONTOSO, &[])).await;
    browser.submit(&[], None).await;
    assert!(!is_signed_in_at(&mut browser, "consumers").await);
    assert!(!is_signed_in_at(&mut browser, CONTOSO).await);
}

/// Google shows its page each time, so that there is no session of its own to end.
#[tokio::test]
async fn after_a_sign_out_google_asks_for_the_password() {
    let server = server().await;
    let dave = "dave@gmail.com";
    let mut browser = signed_in(&server, dave).await;
    browser.open(&logout(CONTOSO, &[])).await;
    browser.submit(&[], None).await;
    browser.open(&authorize(CONTOSO, &[("login_hint", dave)])).await;
    assert!(browser.has_id("identifierId"), "{}", browser.text());
    browser.submit(&[("identifier", dave)], None).await;
    assert_eq!(browser.heading(), "Welcome", "{}", browser.text());
}

#[tokio::test]
async fn every_application_that_was_signed_in_to_is_told() {
    let server = telling().await;
    let mut browser = signed_in(&server, ALICE).await;
    let spa = [
        ("client_id", SPA),
        ("redirect_uri", "http://localhost:3000/spa"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    browser.open(&authorize(CONTOSO, &spa)).await;
    assert!(browser.parameter("code").is_some(), "the session is enough: {}", browser.text());
    let sid = claims(&id_token(&server, &mut browser, ALICE).await.into())["sid"].clone();
    browser.open(&logout(CONTOSO, &[("state", "s")])).await;
    assert!(told(browser.html()).is_empty(), "nobody before the person says yes");
    browser.submit(&[], None).await;
    let told = told(browser.html());
    let starts = ["https://web.contoso.example/signout?app=web&", "http://localhost:5173/signout?"];
    assert_eq!(told.len(), 2, "{told:?}");
    for (address, start) in told.iter().zip(starts) {
        assert!(address.starts_with(start), "{address}");
        assert_eq!(parameter(address, "iss"), format!("{}/{CONTOSO}/v2.0", server.origin()));
        assert_eq!(parameter(address, "sid"), sid.as_str().unwrap());
    }
    let policy = browser.header("content-security-policy").unwrap();
    let frames = "frame-src http://localhost:5173 https://web.contoso.example";
    assert!(policy.ends_with(frames), "{policy}");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert!(browser.html().contains("<noscript>\n<iframe hidden"), "{}", browser.html());
}

#[tokio::test]
async fn an_application_keeps_the_sid_that_it_was_told() {
    let server = telling().await;
    let mut browser = signed_in(&server, ALICE).await;
    let first = claims(&id_token(&server, &mut browser, ALICE).await.into())["sid"].clone();
    // A new proof is a new entry, and Contoso SPA has only ever seen this one.
    let spa = [
        ("client_id", SPA),
        ("redirect_uri", "http://localhost:3000/spa"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("prompt", "login"),
    ];
    browser.open(&authorize(CONTOSO, &spa)).await;
    agree_to_all(&server, &mut browser, ALICE).await;
    browser.open(&logout(CONTOSO, &[])).await;
    browser.submit(&[], None).await;
    let told = told(browser.html());
    assert_eq!(parameter(&told[0], "sid"), first.as_str().unwrap());
    assert_ne!(parameter(&told[1], "sid"), first.as_str().unwrap());
}

#[tokio::test]
async fn the_page_that_tells_goes_on_to_the_application() {
    let server = telling().await;
    let mut browser = signed_in(&server, ALICE).await;
    let back = "http://localhost:3000/";
    let pairs = [("post_logout_redirect_uri", back), ("state", "a b&\"")];
    browser.open(&logout(CONTOSO, &pairs)).await;
    browser.submit(&[], None).await;
    assert_eq!(browser.heading(), "You signed out of your account", "{}", browser.text());
    let next = browser.link("Continue").unwrap();
    assert_eq!(next.replace("&#38;", "&"), "http://localhost:3000/?state=a+b%26%22");
}

#[tokio::test]
async fn refresh_tokens_live_on_and_the_session_does_not() {
    let server = server().await;
    let mut browser = signed_in(&server, ALICE).await;
    let code = browser.parameter("code").unwrap();
    let tokens = redeem(&server, &code, &[]).await.json();
    browser.open(&logout(CONTOSO, &[])).await;
    browser.submit(&[], None).await;
    browser.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
    assert_eq!(browser.parameter("error").unwrap(), "login_required");
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ("client_id", WEB),
        ("client_secret", WEB_SECRET),
    ];
    let path = format!("/{CONTOSO}/oauth2/v2.0/token");
    let answer = post_form(&server, &path, &refresh).await;
    assert_eq!(answer.status, 200, "as at Entra: {}", answer.body);
}

/// The claim `login_hint` that Contoso Web gets of somebody who is signed in.
async fn opaque(server: &Server, browser: &mut Browser<'_>, name: &str) -> String {
    let asked = "{\"id_token\":{\"login_hint\":null}}";
    let changes = [("login_hint", name), ("prompt", "none"), ("claims", asked)];
    browser.open(&authorize(CONTOSO, &changes)).await;
    let code = browser.parameter("code").unwrap_or_else(|| panic!("{}", browser.url()));
    let tokens = redeem(server, &code, &[]).await.json();
    claims(&tokens["id_token"])["login_hint"].as_str().expect("a hint").to_owned()
}

#[tokio::test]
async fn a_hint_is_what_our_tokens_call_the_person_too() {
    let server = server().await;
    let mut browser = two(&server).await;
    let hint = opaque(&server, &mut browser, FRANK).await;
    assert!(!hint.contains('@'), "{hint}");
    let last = if hint.ends_with('A') { "Q" } else { "A" };
    let forged = format!("{}{last}", &hint[..hint.len() - 1]);
    let alices = opaque(&server, &mut browser, ALICE).await;
    let mixed = format!("{}{}", &alices[..45], &hint[45..]);
    for wrong in [forged, mixed] {
        browser.open(&logout(CONTOSO, &[("logout_hint", &wrong)])).await;
        assert_eq!(browser.heading(), "Pick an account", "{wrong}: {}", browser.text());
    }
    browser.open(&logout(CONTOSO, &[("logout_hint", &hint)])).await;
    assert_eq!(browser.heading(), "Do you want to sign out?", "{}", browser.text());
    assert!(browser.text().contains(FRANK) && !browser.text().contains(ALICE));
    browser.submit(&[], None).await;
    assert_eq!(who_is_in(&mut browser).await, [ALICE]);
}

#[tokio::test]
async fn who_signed_in_through_v1_hears_of_the_issuer_of_v1() {
    let server = telling().await;
    let mut browser = server.browser();
    let v1 = authorize(CONTOSO, &[]).replace("/oauth2/v2.0/", "/oauth2/");
    browser.open(&v1).await;
    agree_to_all(&server, &mut browser, ALICE).await;
    assert!(browser.parameter("code").is_some(), "{}", browser.text());
    browser.open(&logout(CONTOSO, &[])).await;
    browser.submit(&[], None).await;
    let told = told(browser.html());
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(parameter(&told[0], "iss"), format!("https://sts.windows.net/{CONTOSO}/"));
}
