//! What the tests of the catalogue share: forms to be bent, pages to stand on, guests to compare.

pub(super) mod forms;

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request};
use guestpass::Server;
use guestpass::browser::Browser;
use guestpass::clock::Clock;
use guestpass::ids::BrowserKey;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::*;

pub(super) const ALICE: &str = "alice@contoso.example";
pub(super) const BOB: &str = "bob@fabrikam.example";
pub(super) const DAVE: &str = "dave@gmail.com";
pub(super) const ERIN: &str = "erin@litware.example";
pub(super) const FAY: &str = "fay@example.org";
pub(super) const FRANK: &str = "frank@northwind.example";
pub(super) const GRACE: &str = "grace@fabrikam.example";
pub(super) const HEIDI: &str = "heidi@adatum.example";
pub(super) const OLIVIA: &str = "olivia@fabrikam.example";
pub(super) const BROWSER: &str = "guestpass_browser";
pub(super) const SESSION: &str = "guestpass_session";
/// A permission that nobody has consented to yet.
pub(super) const NEEDS_CONSENT: (&str, &str) = ("scope", "openid api://contoso-api/Files.Read");

/// A server whose clock stands still until it is advanced.
pub(super) async fn server_at_rest() -> Server {
    let clock = Clock::fixed("2026-01-01T00:00:00Z".parse().unwrap());
    crate::recorder::start();
    Server::builder().clock(clock).start().await.expect("a server starts")
}

/// Two servers with one store.
pub(super) async fn replicas(folder: &tempfile::TempDir) -> [Arc<Server>; 2] {
    let start = || Server::builder().store_file(folder.path().join("store.db")).start();
    let first = start().await.expect("a server starts");
    [Arc::new(first), Arc::new(start().await.expect("another one"))]
}

pub(super) fn advance(server: &Server, span: &str) {
    server.broker().clock().advance(span.parse().unwrap()).unwrap();
}

/// A form as the browser would post it, to be bent before it is sent.
#[derive(Debug, Clone)]
pub(super) struct Post {
    origin: String,
    pub(super) path: String,
    cookies: Vec<String>,
    pairs: Vec<(String, String)>,
    headers: Vec<(String, String)>,
}

impl Post {
    /// The first form of the page that the browser is on.
    pub(super) fn of(server: &Server, browser: &Browser<'_>, fields: &[(&str, &str)]) -> Self {
        let form = browser.forms().into_iter().next();
        let form =
            form.unwrap_or_else(|| panic!("no form on {}: {}", browser.url(), browser.text()));
        let post = Self {
            origin: server.origin().to_owned(),
            path: form.action,
            cookies: cookies_of(browser),
            pairs: form.hidden,
            headers: vec![("origin".to_owned(), server.origin().to_owned())],
        };
        fields.iter().fold(post, |post, (name, value)| post.field(name, value))
    }

    /// A form of another step of Contoso's sign-in `id`, with the token that it would have.
    pub(super) fn forged(
        server: &Server,
        browser: &Browser<'_>,
        (id, step): (&str, &str),
        fields: &[(&str, &str)],
    ) -> Self {
        let key = BrowserKey::new(browser.cookie(BROWSER).expect("a browser that was here"));
        let canary = server.broker().form_token(id.parse().unwrap(), step, &key);
        let post = Self {
            origin: server.origin().to_owned(),
            path: format!("/{CONTOSO}/signin/{id}/{step}"),
            cookies: cookies_of(browser),
            pairs: vec![("canary".to_owned(), canary)],
            headers: vec![("origin".to_owned(), server.origin().to_owned())],
        };
        fields.iter().fold(post, |post, (name, value)| post.field(name, value))
    }

    pub(super) fn field(self, name: &str, value: &str) -> Self {
        let mut post = self.without(name);
        post.pairs.push((name.to_owned(), value.to_owned()));
        post
    }

    /// A field beside the one of that name.
    pub(super) fn twice(mut self, name: &str, value: &str) -> Self {
        self.pairs.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn without(mut self, name: &str) -> Self {
        self.pairs.retain(|(known, _)| known != name);
        self
    }

    /// The value of a field.
    pub(super) fn value(&self, name: &str) -> &str {
        self.pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Another header, in place of an earlier one; an empty one is left out.
    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// The same from another browser.
    pub(super) fn sent_by(mut self, browser: &Browser<'_>) -> Self {
        self.cookies = cookies_of(browser);
        self
    }

    /// One more cookie.
    pub(super) fn cookie(mut self, name: &str, value: &str) -> Self {
        self.cookies.push(format!("{name}={value}"));
        self
    }

    pub(super) async fn send(&self, server: &Server) -> Answer {
        self.send_as(server, Method::POST).await
    }

    /// Opens an address with the cookies that the form would carry.
    pub(super) async fn open(mut self, server: &Server, path: &str) -> Answer {
        self.pairs.clear();
        path.clone_into(&mut self.path);
        self.send_as(server, Method::GET).await
    }

    /// Sends it by another method; what has no body carries the fields in its query.
    pub(super) async fn send_as(&self, server: &Server, method: Method) -> Answer {
        let form =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.pairs).finish();
        let has_body = method == Method::POST;
        let path = if has_body { self.path.clone() } else { format!("{}?{form}", self.path) };
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request = request.header("cookie", self.cookies.join("; "));
        if has_body && !self.headers.iter().any(|(name, _)| name == "content-type") {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let body = if has_body { Body::from(form) } else { Body::empty() };
        let response = server.call(&self.origin, request.body(body).expect("a request")).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}

fn cookies_of(browser: &Browser<'_>) -> Vec<String> {
    let names = [BROWSER, SESSION, "__Host-guestpass_browser", "__Host-guestpass_session"];
    let cookie = |name: &&str| browser.cookie(name).map(|value| format!("{name}={value}"));
    names.iter().filter_map(cookie).collect()
}

/// Sends them all at the same time.
pub(super) async fn at_once(posts: Vec<(Arc<Server>, Post)>) -> Vec<Answer> {
    let mut racers = JoinSet::new();
    for (server, post) in posts {
        racers.spawn(async move { post.send(&server).await });
    }
    racers.join_all().await
}

/// Whether an answer signs a browser in.
pub(super) fn signs_in(answer: &Answer) -> bool {
    let cookies = answer.headers.get_all("set-cookie").iter();
    cookies.filter_map(|cookie| cookie.to_str().ok()).any(|cookie| cookie.contains(SESSION))
}

/// The id of the sign-in whose page the browser is on.
pub(super) fn sign_in_of(browser: &Browser<'_>) -> String {
    browser.header("x-guestpass-interaction").expect("a page of a sign-in").to_owned()
}

/// The id of Contoso's sign-in while the browser is at another provider: it stands in front of
/// the `state` that was sent there.
pub(super) fn sign_in_behind(browser: &Browser<'_>) -> String {
    let sent = browser.hops.iter().rfind(|hop| hop.url.contains("oauth2%2Fauthresp"));
    let sent = url::Url::parse(&sent.expect("sent to a provider").url).unwrap();
    let state = sent.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    state.split('.').next().unwrap().to_owned()
}

/// The sign-in as the control API tells it.
pub(super) async fn told(server: &Server, id: &str) -> Value {
    get(server, &format!("/_guestpass/interactions/{id}")).await.json()
}

/// A refusal with its reason, and nothing that is worth anything.
pub(super) fn assert_refused(answer: &Answer, status: u16, reason: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert!(answer.body.contains(&format!("{reason}: ")), "no {reason}: {}", answer.body);
    assert_eq!(answer.header("location"), "");
    assert!(!signs_in(answer), "a refusal signs nobody in");
    assert_worthless(&answer.body);
}

/// The same for the page that a browser has come to.
pub(super) fn assert_stopped(browser: &Browser<'_>, status: u16, reason: &str) {
    let alert = browser.alert().unwrap_or_default();
    assert!(alert.starts_with(reason), "no {reason} but {} {}", browser.url(), browser.text());
    assert_eq!(browser.status(), status, "{alert}");
    assert_nothing_issued(browser);
}

/// The browser holds neither a code nor a token.
pub(super) fn assert_nothing_issued(browser: &Browser<'_>) {
    let at_a_client = browser.url().starts_with("http://localhost:300");
    assert!(!at_a_client || browser.parameter("code").is_none(), "a code: {}", browser.url());
    assert!(!browser.url().contains("token="), "a token: {}", browser.url());
    assert_worthless(browser.html());
}

pub(super) fn assert_worthless(page: &str) {
    for mark in ["name=\"code\"", "code=1.", "access_token", "refresh_token", "eyJ"] {
        assert!(!page.contains(mark), "{mark} in {page}");
    }
}

/// The object id of a guest of Contoso.
pub(super) fn contoso_guest(number: u32) -> String {
    format!("c0a70500-0000-4000-8000-0000000001{number:02}")
}

/// A guest of Contoso as Graph shows it.
pub(super) async fn seen(server: &Server, number: u32) -> Value {
    guest(server, &contoso_guest(number)).await
}

/// State, time of its change, identities and everything else of a guest are as they were.
pub(super) async fn assert_untouched(server: &Server, number: u32, before: &Value) {
    let now = seen(server, number).await;
    assert_eq!(now["externalUserState"], "PendingAcceptance");
    assert_eq!(&now, before);
}

/// Invites an address to Contoso; `more` is merged into the request.
pub(super) async fn invite(server: &Server, address: &str, more: Value) -> Answer {
    let mut body = json!({
        "invitedUserEmailAddress": address,
        "inviteRedirectUrl": "http://localhost:3000/",
        "sendInvitationMessage": true,
    });
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    post_json(server, "/v1.0/invitations", &daemon_token(server).await, &body).await
}

/// What an administrator does to a guest while a sign-in is under way.
pub(super) async fn befalls(server: &Server, story: &str, number: u32, address: &str) {
    let token = daemon_token(server).await;
    let id = contoso_guest(number);
    let path = format!("/v1.0/users/{id}");
    let status = match story {
        "deleted" => with_token(server, Method::DELETE, &path, &token).await.status,
        "disabled" | "enabled" => {
            let body = json!({"accountEnabled": story == "enabled"});
            patch(server, &path, &token, &body).await.status
        }
        "reset" => {
            let more = json!({"resetRedemption": true, "invitedUser": {"id": id}});
            invite(server, address, more).await.status
        }
        other => panic!("nobody knows how a guest is {other}"),
    };
    assert!((200..300).contains(&status), "{story}: {status}");
}

/// A delegated token of a member of Contoso for Graph.
pub(super) async fn member_token(server: &Server, name: &str, scope: &str) -> String {
    let mut browser = server.browser();
    browser.open(&authorize(CONTOSO, &[("scope", scope)])).await;
    agree_to_all(server, &mut browser, name).await;
    let code = browser.parameter("code").unwrap_or_else(|| panic!("{}", browser.text()));
    redeem(server, &code, &[]).await.json()["access_token"].as_str().unwrap().to_owned()
}

/// Whether the browser is signed in at Contoso.
pub(super) async fn is_signed_in(browser: &mut Browser<'_>) -> bool {
    browser.open(&authorize(CONTOSO, &[("prompt", "none")])).await;
    let answered = browser.parameter("code").is_some();
    assert!(answered || browser.parameter("error").is_some(), "{}", browser.text());
    answered
}

/// Dave stands before Google's answer: the address to which Google would send his browser.
pub(super) async fn answer_of_google(
    server: &Server,
    dave: &mut Browser<'_>,
    state: &str,
) -> String {
    dave.open(&authorize(CONTOSO, &[("login_hint", DAVE), ("state", state)])).await;
    dave.submit(&[("identifier", DAVE)], None).await;
    let answer = Post::of(server, dave, &[("Passwd", "guestpass")]).send(server).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.header("location").to_owned()
}
