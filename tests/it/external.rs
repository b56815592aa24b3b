//! A provider's slot filled by a real issuer: here another guestpass, which knows nothing of the
//! first one but a registered application.

use guestpass::Server;
use guestpass::browser::Browser;

use crate::sign_out::{is_signed_in_at, logout};
use crate::support::*;

const BROKER: &str = "fab21ca0-0000-4000-8000-0000000000b9";

/// A server whose Fabrikam has the other one registered as an application.
async fn home() -> Server {
    let application = format!(
        "\n[[tenant.application]]\nclient_id = \"{BROKER}\"\ndisplay_name = \"Broker\"\nkind = \"web\"\n\
         secret = \"broker-secret\"\n\
         redirect_uris = [\"http://localhost/te/{CONTOSO}/oauth2/authresp\"]\n\
         post_logout_redirect_uris = [\"http://localhost/te/{CONTOSO}/oauth2/logoutresp\"]\n\
         \n[[tenant.consent]]\nclient_id = \"{BROKER}\"\n\
         scopes = [\"openid\", \"profile\", \"email\"]\n"
    );
    server_of(&in_fabrikam(&application)).await
}

/// A server whose Fabrikam is at the other one.
async fn resource(issuer: &str) -> Server {
    server_of(&at(issuer)).await
}

/// The default world, with Fabrikam at that issuer.
fn at(issuer: &str) -> String {
    in_fabrikam(&format!(
        "\n[tenant.provider]\nissuer = \"{issuer}\"\nclient_id = \"{BROKER}\"\n\
         client_secret = \"broker-secret\"\n"
    ))
}

/// The default world with more in Fabrikam.
fn in_fabrikam(more: &str) -> String {
    let line = "federated_domains = [\"corp.fabrikam.example\"]\n";
    let world = guestpass::config::world::DEFAULT;
    assert!(world.contains(line));
    world.replacen(line, &format!("{line}{more}"), 1)
}

#[tokio::test]
async fn bob_redeems_with_his_account_at_a_real_issuer() {
    let home = home().await;
    let server = resource(&format!("{}/{FABRIKAM}/v2.0", home.origin())).await;
    let mut here = server.browser();
    here.open(&accept_link(&server, "bob@fabrikam.example", CONTOSO).await).await;
    assert!(here.url().starts_with(home.origin()), "{} {}", here.url(), here.text());
    let mut there = home.browser();
    there.open(here.url()).await;
    assert_eq!(there.heading(), "Enter password", "{}", there.text());
    agree_to_all(&home, &mut there, "bob@fabrikam.example").await;
    assert!(there.url().starts_with(server.origin()), "{} {}", there.url(), there.text());
    here.open(there.url()).await;
    assert_eq!(here.heading(), "Review permissions", "{}", here.text());
    agree_to_all(&server, &mut here, "bob@fabrikam.example").await;
    assert_eq!(here.heading(), "My Apps", "{}", here.text());
    assert_eq!(state_of(&server, 1).await, "Accepted");
    assert_eq!(state_of(&home, 1).await, "PendingAcceptance", "the other world is another world");
}

/// Bob has redeemed with his account at the other server: his browser here and his browser there.
async fn bob<'s>(server: &'s Server, home: &'s Server) -> (Browser<'s>, Browser<'s>) {
    let mut here = server.browser();
    here.open(&accept_link(server, "bob@fabrikam.example", CONTOSO).await).await;
    let mut there = home.browser();
    there.open(here.url()).await;
    agree_to_all(home, &mut there, "bob@fabrikam.example").await;
    here.open(there.url()).await;
    agree_to_all(server, &mut here, "bob@fabrikam.example").await;
    assert_eq!(here.heading(), "My Apps", "{}", here.text());
    (here, there)
}

#[tokio::test]
async fn a_sign_out_goes_on_to_the_real_issuer_and_comes_back() {
    let home = home().await;
    let server = resource(&format!("{}/{FABRIKAM}/v2.0", home.origin())).await;
    let (mut here, mut there) = bob(&server, &home).await;
    let back = [("post_logout_redirect_uri", "http://localhost:3000/"), ("state", "s")];
    here.open(&logout(CONTOSO, &back)).await;
    here.submit(&[], None).await;
    let end_session = format!("{}/{FABRIKAM}/oauth2/v2.0/logout?", home.origin());
    assert!(here.url().starts_with(&end_session), "{} {}", here.url(), here.text());
    assert!(is_signed_in_at(&mut there, FABRIKAM).await);
    // The other server believes the id token that it once gave, and sends the browser back.
    there.open(here.url()).await;
    let returned = there.url().to_owned();
    let callback = format!("{}/te/{CONTOSO}/oauth2/logoutresp?state=", server.origin());
    assert!(returned.starts_with(&callback), "{returned} {}", there.text());
    assert!(!is_signed_in_at(&mut there, FABRIKAM).await);
    let mut stranger = server.browser();
    stranger.open(&returned).await;
    assert_eq!(stranger.status(), 403, "{}", stranger.text());
    here.open(&returned).await;
    assert_eq!(here.url(), "http://localhost:3000/?state=s", "{}", here.text());
    here.open(&returned).await;
    assert_eq!(here.status(), 403, "it is over: {}", here.text());
    here.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
    assert_eq!(here.parameter("error").unwrap(), "login_required");
}

#[tokio::test]
async fn a_real_issuer_that_is_down_keeps_nobody_signed_in() {
    let home = home().await;
    let world = at(&format!("{}/{FABRIKAM}/v2.0", home.origin()));
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let file = folder.path().join("store.db");
        Server::builder().world(world.clone()).store_file(file).start()
    };
    let first = start().await.unwrap();
    let (here, _) = bob(&first, &home).await;
    let cookies = ["guestpass_session", "guestpass_browser"];
    let cookies = cookies.map(|name| (name, here.cookie(name).unwrap().to_owned()));
    home.stop().await;
    // Another process has not read the issuer's metadata, and cannot.
    let server = start().await.unwrap();
    let mut here = server.browser();
    for (name, value) in &cookies {
        here.set_cookie(name, value);
    }
    here.open(&logout(CONTOSO, &[])).await;
    here.submit(&[], None).await;
    assert_eq!(here.heading(), "You signed out of your account", "{}", here.text());
    here.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
    assert_eq!(here.parameter("error").unwrap(), "login_required");
}

#[tokio::test]
async fn a_real_issuer_that_is_down_is_a_page_is_a_page_and_changes_nothing() {
    let gone = server().await;
    let issuer = format!("{}/{FABRIKAM}/v2.0", gone.origin());
    gone.stop().await;
    let server = resource(&issuer).await;
    let mut browser = server.browser();
    browser.open(&accept_link(&server, "bob@fabrikam.example", CONTOSO).await).await;
    assert!(browser.alert().is_some(), "{} {}", browser.url(), browser.text());
    assert_eq!(state_of(&server, 1).await, "PendingAcceptance");
    // The rest of the server is as it was.
    let mut frank = server.browser();
    frank.open(&authorize(CONTOSO, &[])).await;
    agree_to_all(&server, &mut frank, "frank@northwind.example").await;
    assert!(frank.parameter("code").is_some());
}

#[tokio::test]
async fn an_issuer_that_answers_for_another_is_not_believed() {
    let home = home().await;
    // The document at this address says the id instead of the domain: another issuer.
    let server = resource(&format!("{}/fabrikam.example/v2.0", home.origin())).await;
    let mut browser = server.browser();
    browser.open(&accept_link(&server, "bob@fabrikam.example", CONTOSO).await).await;
    assert!(browser.url().starts_with(server.origin()), "{}", browser.url());
    assert!(browser.alert().is_some(), "{}", browser.text());
    assert_eq!(state_of(&server, 1).await, "PendingAcceptance");
}
