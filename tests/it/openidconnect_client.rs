//! The `openidconnect` crate as an application's client, unmodified: it discovers, verifies and
//! redeems over a socket, while a scripted browser signs the guest in.

use guestpass::Server;
use guestpass::browser::Browser;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims,
};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, TokenResponse as _,
};
use serde_json::{Map, Value};

use crate::net::http_client;
use crate::support::*;

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// An application: Contoso Web.
struct App {
    client: Client,
    issuer: IssuerUrl,
}

/// A sign-in that the application has started.
struct Started {
    url: String,
    state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

impl App {
    async fn of(server: &Server) -> Self {
        let issuer = IssuerUrl::new(format!("{}/{CONTOSO}/v2.0", server.origin())).unwrap();
        // The crate refuses a document whose issuer is another one.
        let metadata = CoreProviderMetadata::discover_async(issuer.clone(), &http_client).await;
        let client = CoreClient::from_provider_metadata(
            metadata.expect("a discovery document"),
            ClientId::new(WEB.to_owned()),
            Some(ClientSecret::new(WEB_SECRET.to_owned())),
        )
        .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).unwrap());
        Self { client, issuer }
    }

    fn start(&self) -> Started {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let (url, state, nonce) = self
            .client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(["profile", "email", "offline_access"].map(|s| Scope::new(s.to_owned())))
            .set_pkce_challenge(challenge)
            .url();
        Started { url: url.to_string(), state, nonce, verifier }
    }

    /// Takes what came back; the crate verifies signature, issuer, audience and nonce.
    async fn finish(&self, started: Started, browser: &Browser<'_>) -> Map<String, Value> {
        assert!(browser.url().starts_with(CALLBACK), "{} {}", browser.url(), browser.text());
        assert_eq!(browser.parameter("state").as_ref(), Some(started.state.secret()));
        let code = AuthorizationCode::new(browser.parameter("code").expect("a code"));
        let tokens = self
            .client
            .exchange_code(code)
            .expect("a token endpoint")
            .set_pkce_verifier(started.verifier)
            .request_async(&http_client)
            .await
            .expect("tokens");
        let token = tokens.id_token().expect("an id token");
        let verifier = self.client.id_token_verifier();
        let claims = token.claims(&verifier, &started.nonce).expect("a valid id token");
        assert_eq!(claims.issuer(), &self.issuer);
        let subject = claims.subject().clone();
        let info: CoreUserInfoClaims = self
            .client
            .user_info(tokens.access_token().clone(), Some(subject.clone()))
            .expect("a userinfo endpoint")
            .request_async(&http_client)
            .await
            .expect("user info");
        assert_eq!(info.subject(), &subject);
        let refreshed = self
            .client
            .exchange_refresh_token(tokens.refresh_token().expect("a refresh token"))
            .expect("a token endpoint")
            .request_async(&http_client)
            .await
            .expect("new tokens");
        let again = refreshed.id_token().expect("an id token");
        let again = again.claims(&verifier, |_: Option<&Nonce>| Ok(())).expect("a valid id token");
        assert_eq!(again.subject(), &subject);
        guestpass::jose::claims_unverified(&token.to_string()).expect("claims")
    }
}

#[tokio::test]
async fn signs_frank_in_by_direct_link_with_a_passcode() {
    let server = server().await;
    let app = App::of(&server).await;
    let started = app.start();
    let mut browser = server.browser();
    browser.open(&started.url).await;
    assert!(browser.has_id("i0116"), "{}", browser.text());
    agree_to_all(&server, &mut browser, "frank@northwind.example").await;
    let claims = app.finish(started, &browser).await;
    assert_eq!(claims["tid"], CONTOSO);
    assert_eq!(claims["oid"], "c0a70500-0000-4000-8000-000000000106");
    assert_eq!(claims["idp"], "mail");
    assert_eq!(claims["email"], "frank@northwind.example");
}

#[tokio::test]
async fn signs_bob_in_at_once_after_he_redeemed_by_email() {
    let server = server().await;
    let app = App::of(&server).await;
    let mut browser = server.browser();
    browser.open(&accept_link(&server, "bob@fabrikam.example", CONTOSO).await).await;
    agree_to_all(&server, &mut browser, "bob@fabrikam.example").await;
    assert_eq!(browser.heading(), "My Apps", "{}", browser.text());
    let started = app.start();
    let pages = browser.hops.iter().filter(|hop| hop.heading.is_some()).count();
    browser.open(&started.url).await;
    let now = browser.hops.iter().filter(|hop| hop.heading.is_some()).count();
    assert_eq!(pages, now, "no page comes between");
    let claims = app.finish(started, &browser).await;
    assert_eq!(claims["idp"], format!("https://sts.windows.net/{FABRIKAM}/"));
    assert_eq!(claims["oid"], "c0a70500-0000-4000-8000-000000000101");
}

#[tokio::test]
async fn signs_dave_in_by_direct_link_through_google() {
    let server = server().await;
    let app = App::of(&server).await;
    let started = app.start();
    let mut browser = server.browser();
    browser.open(&started.url).await;
    agree_to_all(&server, &mut browser, "dave@gmail.com").await;
    let claims = app.finish(started, &browser).await;
    assert_eq!(claims["idp"], "google.com");
    assert_eq!(claims["email"], "dave@gmail.com");
}

#[tokio::test]
async fn signs_dave_in_after_he_redeemed_by_email() {
    let server = server().await;
    let app = App::of(&server).await;
    let mut browser = server.browser();
    browser.open(&accept_link(&server, "dave@gmail.com", CONTOSO).await).await;
    agree_to_all(&server, &mut browser, "dave@gmail.com").await;
    assert_eq!(browser.heading(), "My Apps", "{}", browser.text());
    let started = app.start();
    browser.open(&started.url).await;
    let claims = app.finish(started, &browser).await;
    assert_eq!(claims["idp"], "google.com");
    assert_eq!(claims["oid"], "c0a70500-0000-4000-8000-000000000103");
}
