//! Where a request came from and which origins are ours.

use jiff::Timestamp;
use uuid::Uuid;

use crate::fault::Fault;
use crate::ids::{BrowserKey, SessionKey};
use crate::protocol::cloud;

/// The browser and the origin of a request.
#[derive(Debug, Clone)]
pub struct Here {
    /// The own origin that the request was made to.
    pub origin: String,
    /// The browser, by its cookie; a new one if it had none.
    pub browser: BrowserKey,
    /// The session cookie.
    pub session: Option<SessionKey>,
    /// `User-Agent`.
    pub user_agent: String,
    /// The network address of the caller.
    pub peer: String,
    /// New for each request.
    pub trace_id: Uuid,
    /// `client-request-id`, if the client sent one; else the trace ID.
    pub correlation_id: Uuid,
}

/// The time, as it stands in a refusal.
pub fn stamp(now: Timestamp) -> String {
    now.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

impl Here {
    /// A refusal's `error_description`, and the time in it.
    pub fn described(&self, fault: &Fault, now: Timestamp) -> (String, String) {
        let (trace, correlation) = (self.trace_id, self.correlation_id);
        let time = stamp(now);
        let text =
            format!("{fault} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {time}");
        (text, time)
    }

    /// `error_uri`: what a number means, for those that have one.
    pub fn error_uri(&self, fault: &Fault) -> Option<String> {
        fault.number().map(|number| format!("{}/error?code={number}", self.origin))
    }
}

/// The origins by which this server may be called.
#[derive(Debug, Clone)]
pub struct Origins {
    all: Vec<String>,
    issuer: Option<String>,
}

impl Origins {
    /// Origins (`scheme://host[:port]`, no slash at the end); `issuer` pins the one that tokens
    /// name.
    pub fn new(all: Vec<String>, issuer: Option<String>) -> Self {
        Self { all, issuer }
    }

    /// All of them.
    pub fn all(&self) -> &[String] {
        &self.all
    }

    /// Whether `origin` is ours.
    pub fn has(&self, origin: &str) -> bool {
        self.all.iter().any(|own| own == origin)
    }

    /// The origin that tokens name when they are fetched through `here`: one name for all hosts of
    /// Entra.
    pub fn issuer<'a>(&'a self, here: &'a str) -> &'a str {
        self.issuer.as_deref().unwrap_or_else(|| self.of_entra(here, cloud::LOGIN))
    }

    /// The origin under which people sign in and redeem, for whoever calls `here`.
    pub fn login<'a>(&'a self, here: &'a str) -> &'a str {
        if here == cloud::GRAPH { self.of_entra(here, cloud::LOGIN) } else { here }
    }

    /// The origin of Graph and userinfo, for whoever calls `here`.
    pub fn graph<'a>(&'a self, here: &'a str) -> &'a str {
        self.of_entra(here, cloud::GRAPH)
    }

    /// Another host of Entra for one of them, if it is ours.
    fn of_entra<'a>(&self, here: &'a str, other: &'static str) -> &'a str {
        if cloud::is_entra(here) && self.has(other) { other } else { here }
    }

    /// Every origin that may stand in a token of ours.
    pub fn issuers(&self) -> impl Iterator<Item = &str> {
        self.all.iter().chain(&self.issuer).map(String::as_str)
    }
}
