//! A scripted browser without JavaScript, without a socket.
//!
//! It keeps cookies, follows redirects within the server, reads the forms of the page it is on and
//! posts them. `guestpass demo` tells its journeys with it, and tests drive sign-ins; it sees what
//! any client would see and nothing more.

mod html;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;

use crate::server::Server;

pub use html::Form;

/// A hop of a journey.
#[derive(Debug, Clone)]
pub struct Hop {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The address.
    pub url: String,
    /// The status.
    pub status: u16,
    /// Where it redirected to.
    pub location: Option<String>,
    /// The page's first heading.
    pub heading: Option<String>,
    /// The sign-in it belongs to (`x-guestpass-interaction`).
    pub interaction: Option<String>,
    /// The cookies it set, with their attributes.
    pub set_cookies: Vec<String>,
}

/// The browser.
#[derive(Debug)]
pub struct Browser<'s> {
    server: &'s Server,
    origin: String,
    cookies: Vec<(String, String)>,
    url: String,
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    /// Every request so far.
    pub hops: Vec<Hop>,
    /// `User-Agent`.
    pub user_agent: String,
}

impl<'s> Browser<'s> {
    /// A browser that reaches the server through `origin`.
    pub fn new(server: &'s Server, origin: &str) -> Self {
        Self {
            server,
            origin: origin.to_owned(),
            cookies: Vec::new(),
            url: String::new(),
            status: 0,
            headers: Vec::new(),
            body: String::new(),
            hops: Vec::new(),
            user_agent: "guestpass-browser/1 (scripted)".to_owned(),
        }
    }

    /// The origin by which it reaches the server.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Opens an address and follows redirects, until a page or another site is reached.
    pub async fn open(&mut self, url: &str) -> &mut Self {
        let url = self.absolute(url);
        self.travel(Method::GET, url, None).await;
        self
    }

    /// Fills a form of the page and submits it. `pressed` is the name of the button, if the server
    /// is to know it. `None` fields keep what the page has put in.
    ///
    /// # Panics
    /// If the page has no form: the page is the message.
    pub async fn submit(&mut self, fields: &[(&str, &str)], pressed: Option<&str>) -> &mut Self {
        self.submit_form(0, fields, pressed).await
    }

    /// Like [`Browser::submit`], for the form that stands at `index` on the page.
    ///
    /// # Panics
    /// If the page has no such form.
    #[expect(clippy::panic, reason = "a script that expects another page cannot go on")]
    pub async fn submit_form(
        &mut self,
        index: usize,
        fields: &[(&str, &str)],
        pressed: Option<&str>,
    ) -> &mut Self {
        let Some(form) = self.forms().into_iter().nth(index) else {
            panic!("no form {index} on {} ({}):\n{}", self.url, self.status, self.text());
        };
        let mut pairs = form.hidden;
        pairs.retain(|(name, _)| !fields.iter().any(|(given, _)| given == name));
        pairs.extend(fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        pairs.extend(pressed.map(|name| (name.to_owned(), "1".to_owned())));
        let url = self.absolute(&form.action);
        self.post(&url, &pairs).await
    }

    /// Posts a form to an address and follows redirects.
    pub async fn post(&mut self, url: &str, pairs: &[(String, String)]) -> &mut Self {
        let body =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let url = self.absolute(url);
        self.travel(Method::POST, url, Some(body)).await;
        self
    }

    async fn travel(&mut self, mut method: Method, mut url: String, mut form: Option<String>) {
        for _ in 0..20 {
            let Some(path) = url.strip_prefix(self.origin.as_str()).map(str::to_owned) else {
                // Another site: the journey ends here.
                self.url = url;
                return;
            };
            let response = self.request(&method, &path, form.take()).await;
            let location = self.keep(&method, &url, response).await;
            let Some(location) = location else { return };
            url = self.absolute(&location);
            method = Method::GET;
        }
    }

    async fn request(&self, method: &Method, path: &str, form: Option<String>) -> Response<Body> {
        let path = if path.is_empty() { "/" } else { path };
        let path = path.split('#').next().unwrap_or("/");
        let mut request = Request::builder()
            .method(method.clone())
            .uri(path)
            .header("accept", "text/html")
            .header("user-agent", &self.user_agent);
        if !self.cookies.is_empty() {
            let cookies: Vec<_> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
            request = request.header(COOKIE, cookies.join("; "));
        }
        if form.is_some() {
            request = request
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(ORIGIN, &self.origin);
        }
        let request = request.body(form.map_or_else(Body::empty, Body::from));
        match request {
            Ok(request) => self.server.call(&self.origin, request).await,
            Err(_) => {
                let mut refused = Response::new(Body::empty());
                *refused.status_mut() = StatusCode::BAD_REQUEST;
                refused
            }
        }
    }

    /// Keeps what the answer says; gives the redirect's target.
    async fn keep(
        &mut self,
        method: &Method,
        url: &str,
        response: Response<Body>,
    ) -> Option<String> {
        let (parts, body) = response.into_parts();
        let cookies = parts.headers.get_all(SET_COOKIE).iter();
        let set_cookies = cookies.filter_map(|cookie| cookie.to_str().ok().map(str::to_owned));
        let set_cookies: Vec<String> = set_cookies.collect();
        for cookie in &set_cookies {
            if let Some((name, value)) = cookie.split(';').next().and_then(|c| c.split_once('=')) {
                self.set_cookie(name, value);
            }
        }
        let location = parts.headers.get(LOCATION).and_then(|to| to.to_str().ok());
        let location = location.map(str::to_owned);
        let bytes = body.collect().await.map(http_body_util::Collected::to_bytes);
        self.body = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
        self.status = parts.status.as_u16();
        let headers = parts.headers.iter();
        let headers = headers.map(|(n, v)| (n.to_string(), v.to_str().unwrap_or("").to_owned()));
        self.headers = headers.collect();
        url.clone_into(&mut self.url);
        let heading = location.is_none().then(|| html::heading(&self.body)).flatten();
        self.hops.push(Hop {
            method: if *method == Method::POST { "POST" } else { "GET" },
            url: url.to_owned(),
            status: self.status,
            location: location.clone(),
            heading,
            interaction: self.header("x-guestpass-interaction").map(str::to_owned),
            set_cookies,
        });
        location
    }

    fn absolute(&self, url: &str) -> String {
        if url.starts_with('/') { format!("{}{url}", self.origin) } else { url.to_owned() }
    }

    /// Sets a cookie, as a page or an attacker could.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Where the browser is: a page of the server, or the first address elsewhere.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The status of the last answer.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The last answer's body.
    pub fn html(&self) -> &str {
        &self.body
    }

    /// A header of the last answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The page's first heading.
    pub fn heading(&self) -> String {
        html::heading(&self.body).unwrap_or_default()
    }

    /// The page's words.
    pub fn text(&self) -> String {
        html::text(&self.body)
    }

    /// What the page complains about (`role="alert"`).
    pub fn alert(&self) -> Option<String> {
        html::alert(&self.body)
    }

    /// Whether an element has that id.
    pub fn has_id(&self, id: &str) -> bool {
        self.body.contains(&format!("id=\"{id}\""))
    }

    /// The forms of the page.
    pub fn forms(&self) -> Vec<Form> {
        html::forms(&self.body)
    }

    /// Whether the page's first form goes to this server.
    pub fn posts_here(&self) -> bool {
        let action = self.forms().first().map(|form| self.absolute(&form.action));
        action.is_some_and(|action| action.starts_with(&format!("{}/", self.origin)))
    }

    /// The target of the first link with that text.
    pub fn link(&self, text: &str) -> Option<String> {
        html::link(&self.body, text)
    }

    /// A parameter of the address (query or fragment), as after a redirect to a client.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let url = url::Url::parse(&self.url).ok()?;
        let found = url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned());
        found.or_else(|| {
            let fragment = url::form_urlencoded::parse(url.fragment()?.as_bytes());
            fragment.into_iter().find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
        })
    }
}
