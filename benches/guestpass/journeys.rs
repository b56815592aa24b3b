//! What is measured: single requests and whole sign-ins, in process.

use axum::body::Body;
use axum::http::{Method, Request};
use guestpass::Server;
use guestpass::decide::hrd::{
    Choice, DomainOwner, EntraAccount, Entry, FacebookUse, Facts, Policy, Resource, Standing,
};
use guestpass::directory::{FallbackIdentityProvider, RedemptionProfile, first_party};
use http_body_util::BodyExt as _;
use url::form_urlencoded::Serializer;

const CALLBACK: &str = "http://localhost:3000/auth/callback";

/// A guest, and the client that he signs in to.
pub(super) struct Guest {
    pub(super) tenant: &'static str,
    pub(super) client: &'static str,
    pub(super) secret: &'static str,
    pub(super) address: &'static str,
}

impl Guest {
    /// Frank, who has nothing but his mailbox.
    pub(super) const CONTOSO_FRANK: Self = Self {
        tenant: "c0a70500-0000-4000-8000-00000000c0a7",
        client: "c0a70500-0000-4000-8000-0000000000a1",
        secret: "contoso-web-secret",
        address: "frank@northwind.example",
    };
}

/// An address that nobody knows, in a tenant with passcodes: the rules are tried to the last but
/// two.
pub(super) fn facts() -> Facts {
    Facts {
        address: "frank@northwind.example".parse().expect("an address"),
        entry: Entry::DirectLink,
        standing: Standing::Pending,
        entra: EntraAccount::None,
        microsoft_account: false,
        choice: Choice::NotMade,
        federation: None,
        google_domain: false,
        facebook_account: false,
        own_domain: false,
        consumer_domain: false,
        domain_owner: None::<DomainOwner>,
        contact_conflict: false,
        policy: Policy {
            tenant_name: "Contoso".to_owned(),
            profile: RedemptionProfile::Classic,
            one_time_passcode: true,
            google: true,
            facebook: FacebookUse::Off,
            classic_email_link_checks_msa: false,
            order: Vec::new(),
            fallback: FallbackIdentityProvider::DefaultConfiguredIdp,
        },
        resource: Resource { id: first_party::MY_APPS, name: "My Apps".to_owned() },
    }
}

async fn body(server: &Server, request: Request<Body>) -> String {
    let answer = server.call(server.origin(), request).await;
    assert_eq!(answer.status(), 200);
    let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn form(server: &Server, path: &str, pairs: &[(&str, &str)]) -> String {
    let form = Serializer::new(String::new()).extend_pairs(pairs).finish();
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form));
    body(server, request.expect("a request")).await
}

/// A token of Contoso Daemon.
pub(super) async fn daemon_token(server: &Server) -> String {
    let pairs = [
        ("grant_type", "client_credentials"),
        ("client_id", "c0a70500-0000-4000-8000-0000000000a5"),
        ("client_secret", "contoso-daemon-secret"),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    form(server, "/contoso.example/oauth2/v2.0/token", &pairs).await
}

/// Contoso's discovery document.
pub(super) async fn discovery_document(server: &Server) -> String {
    let request = Request::get("/contoso.example/v2.0/.well-known/openid-configuration");
    body(server, request.body(Body::empty()).expect("a request")).await
}

/// From the authorize request to tokens: name, passcode, whatever is asked the first time.
pub(super) async fn sign_in(server: &Server, guest: &Guest) {
    let query = Serializer::new(String::new())
        .extend_pairs([
            ("client_id", guest.client),
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid profile email offline_access"),
            ("state", "s"),
            ("nonce", "n"),
        ])
        .finish();
    let mut browser = server.browser();
    browser.open(&format!("/{}/oauth2/v2.0/authorize?{query}", guest.tenant)).await;
    browser.submit(&[("loginfmt", guest.address)], None).await;
    browser.submit(&[], None).await;
    let to = guest.address.parse().expect("an address");
    let mails = server.broker().inbox(server.origin(), &to, None).await.expect("an inbox");
    let code = mails.into_iter().find_map(|mail| mail.code).expect("a passcode was mailed");
    browser.submit(&[("otc", &code)], None).await;
    while browser.url().starts_with(server.origin()) {
        browser.submit(&[], Some("accept")).await;
    }
    let code = browser.parameter("code").expect("a code");
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("client_id", guest.client),
        ("client_secret", guest.secret),
    ];
    let tokens = form(server, &format!("/{}/oauth2/v2.0/token", guest.tenant), &pairs).await;
    assert!(tokens.contains("id_token"));
}
