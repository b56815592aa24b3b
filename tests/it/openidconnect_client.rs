//! The `openidconnect` crate as an application's client, unmodified: it discovers, verifies and
//! redeems over a socket, while a scripted browser signs people in.

use guestpass::Server;
use guestpass::browser::Browser;
use guestpass::server::Bind;
use openidconnect::core::CoreUserInfoClaims;
use serde_json::{Map, Value};

use crate::net::PortClient as HttpClient;
use crate::support::*;

// snippet:start
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreTokenResponse,
};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, TokenResponse as _,
};

type Failure = Box<dyn std::error::Error>;
type Contoso = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What is kept while the person is away.
struct SignIn {
    url: String,
    state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

async fn contoso(http: &HttpClient) -> Result<Contoso, Failure> {
    let issuer = "http://localhost:8080/c0a70500-0000-4000-8000-00000000c0a7/v2.0".to_owned();
    let metadata = CoreProviderMetadata::discover_async(IssuerUrl::new(issuer)?, http).await?;
    let client_id = ClientId::new("c0a70500-0000-4000-8000-0000000000a1".to_owned());
    let secret = ClientSecret::new("contoso-web-secret".to_owned());
    let callback = RedirectUrl::new("http://localhost:3000/auth/callback".to_owned())?;
    let client = CoreClient::from_provider_metadata(metadata, client_id, Some(secret));
    Ok(client.set_redirect_uri(callback))
}

/// Begins a sign-in: send the browser to its `url`.
fn begin(contoso: &Contoso) -> SignIn {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    let (url, state, nonce) = contoso
        .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(["profile", "email", "offline_access"].map(|s| Scope::new(s.to_owned())))
        .set_pkce_challenge(challenge)
        .url();
    SignIn { url: url.to_string(), state, nonce, verifier }
}

/// Ends a sign-in, with what came back to the redirect URI.
async fn finish(
    contoso: &Contoso,
    http: &HttpClient,
    sign_in: SignIn,
    code: String,
    state: &str,
) -> Result<CoreTokenResponse, Failure> {
    if state != sign_in.state.secret() {
        return Err("this sign-in was begun by another browser".into());
    }
    let exchange = contoso.exchange_code(AuthorizationCode::new(code))?;
    let tokens = exchange.set_pkce_verifier(sign_in.verifier).request_async(http).await?;
    let id_token = tokens.id_token().ok_or("there is no ID token")?;
    // Signature, issuer, audience, times and nonce.
    id_token.claims(&contoso.id_token_verifier(), &sign_in.nonce)?;
    Ok(tokens)
}
// snippet:end

/// The address by which the program above calls the server.
const ORIGIN: &str = "http://localhost:8080";

/// A server on a free port, and a client for which that port is the one of [`ORIGIN`].
async fn server() -> (Server, HttpClient) {
    let builder = Server::builder().http(Bind::loopback(0)).origin(ORIGIN);
    let server = builder.start().await.expect("a server starts");
    let port = server.origin().rsplit(':').next().expect("a port").parse().expect("a number");
    (server, HttpClient(port))
}

/// The rest of what an application may ask for: userinfo, and new tokens.
async fn checked(
    contoso: &Contoso,
    http: &HttpClient,
    tokens: CoreTokenResponse,
) -> Map<String, Value> {
    let token = tokens.id_token().expect("an id token");
    let claims = guestpass::jose::claims_unverified(&token.to_string()).expect("claims");
    let info: CoreUserInfoClaims = contoso
        .user_info(tokens.access_token().clone(), None)
        .expect("a userinfo endpoint")
        .request_async(http)
        .await
        .expect("user info");
    assert_eq!(info.subject().as_str(), claims["sub"]);
    let refreshed = contoso
        .exchange_refresh_token(tokens.refresh_token().expect("a refresh token"))
        .expect("a token endpoint")
        .request_async(http)
        .await
        .expect("new tokens");
    let again = refreshed.id_token().expect("an id token");
    let verifier = contoso.id_token_verifier();
    let again = again.claims(&verifier, |_: Option<&Nonce>| Ok(())).expect("a valid id token");
    assert_eq!(again.subject().as_str(), claims["sub"]);
    claims
}

/// A sign-in from the application and back to it, with what it then knows.
async fn signs_in(
    server: &Server,
    http: &HttpClient,
    browser: &mut Browser<'_>,
    name: &str,
) -> Map<String, Value> {
    let contoso = contoso(http).await.expect("a client");
    let sign_in = begin(&contoso);
    browser.open(&sign_in.url).await;
    agree_to_all(server, browser, name).await;
    assert!(browser.url().starts_with(CALLBACK), "{} {}", browser.url(), browser.text());
    let code = browser.parameter("code").expect("a code");
    let state = browser.parameter("state").expect("the state");
    let tokens = finish(&contoso, http, sign_in, code, &state).await.expect("tokens");
    checked(&contoso, http, tokens).await
}

fn assert_contoso_says(claims: &Map<String, Value>, oid: &str, idp: Option<&str>, email: &str) {
    assert_eq!(claims["iss"], format!("{ORIGIN}/{CONTOSO}/v2.0"));
    assert_eq!(claims["aud"], WEB);
    assert_eq!(claims["tid"], CONTOSO);
    assert_eq!(claims["oid"], oid);
    assert_eq!(claims.get("idp").and_then(Value::as_str), idp);
    assert_eq!(claims["email"], email);
}

#[tokio::test]
async fn signs_a_member_and_guests_in_by_direct_link() {
    let fabrikam = format!("https://sts.windows.net/{FABRIKAM}/");
    for (email, number, idp) in [
        ("alice@contoso.example", "003", None),
        ("bob@fabrikam.example", "101", Some(fabrikam.as_str())),
        ("dave@gmail.com", "103", Some("google.com")),
        ("frank@northwind.example", "106", Some("mail")),
    ] {
        let (server, http) = server().await;
        let mut browser = Browser::new(&server, ORIGIN);
        let claims = signs_in(&server, &http, &mut browser, email).await;
        let oid = format!("c0a70500-0000-4000-8000-000000000{number}");
        assert_contoso_says(&claims, &oid, idp, email);
    }
}

#[tokio::test]
async fn signs_guests_in_at_once_after_they_redeemed_by_email() {
    let fabrikam = format!("https://sts.windows.net/{FABRIKAM}/");
    for (email, number, idp) in [
        ("bob@fabrikam.example", "101", fabrikam.as_str()),
        ("dave@gmail.com", "103", "google.com"),
    ] {
        let (server, http) = server().await;
        let mut browser = Browser::new(&server, ORIGIN);
        let link = accept_link(&server, email, CONTOSO).await;
        browser.open(&link.replace(server.origin(), ORIGIN)).await;
        agree_to_all(&server, &mut browser, email).await;
        assert_eq!(browser.heading(), "My Apps", "{}", browser.text());
        let pages =
            |browser: &Browser<'_>| browser.hops.iter().filter(|hop| hop.heading.is_some()).count();
        let before = pages(&browser);
        let claims = signs_in(&server, &http, &mut browser, email).await;
        assert_eq!(pages(&browser), before, "no page comes between");
        let oid = format!("c0a70500-0000-4000-8000-000000000{number}");
        assert_contoso_says(&claims, &oid, Some(idp), email);
    }
}
