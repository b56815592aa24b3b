//! The authorization response: where it goes and in which form.

use serde::{Deserialize, Serialize};
use url::form_urlencoded::Serializer;

/// `response_mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// An HTML form that posts itself.
    FormPost,
    /// Behind the `#`.
    Fragment,
    /// Behind the `?`.
    Query,
}

/// A redirect URI that was found to be registered, and how to answer there.
///
/// Only [`crate::protocol::authorize`] makes one, after it has verified client and URI: without it
/// nothing can be redirected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedirectTarget {
    pub(super) uri: String,
    pub(super) mode: ResponseMode,
    pub(super) state: Option<String>,
}

/// An answer, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthorizationResponse {
    /// Post these fields there.
    FormPost {
        /// The redirect URI.
        action: String,
        /// Names and values.
        fields: Vec<(String, String)>,
    },
    /// Go there.
    Redirect(String),
}

impl RedirectTarget {
    /// The redirect URI, as the client sent it.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// How the answer is sent.
    pub fn mode(&self) -> ResponseMode {
        self.mode
    }

    /// Builds the answer. `state` comes back byte for byte; `iss` is the issuer of the metadata by
    /// which the client came (RFC 9207). That of `common` is a template, which nobody is: there it
    /// is left out.
    pub fn respond(
        &self,
        mut fields: Vec<(String, String)>,
        issuer: Option<&str>,
    ) -> AuthorizationResponse {
        if let Some(state) = &self.state {
            fields.push(("state".to_owned(), state.clone()));
        }
        fields.extend(issuer.map(|issuer| ("iss".to_owned(), issuer.to_owned())));
        if self.mode == ResponseMode::FormPost {
            return AuthorizationResponse::FormPost { action: self.uri.clone(), fields };
        }
        let mut encoded = Serializer::new(String::new());
        encoded.extend_pairs(&fields);
        let encoded = encoded.finish();
        let mark = match (self.mode, self.uri.contains('?')) {
            (ResponseMode::Fragment, _) => '#',
            (_, true) => '&',
            (_, false) => '?',
        };
        AuthorizationResponse::Redirect(format!("{}{mark}{encoded}", self.uri))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(uri: &str, mode: ResponseMode, state: &str) -> RedirectTarget {
        RedirectTarget { uri: uri.to_owned(), mode, state: Some(state.to_owned()) }
    }

    #[test]
    fn keeps_the_query_of_the_redirect_uri_and_encodes_everything() {
        let respond = |uri: &str, mode| {
            let fields = vec![("code".to_owned(), "a b&c".to_owned())];
            match target(uri, mode, "\"><script>\r\n|").respond(fields, Some("https://iss")) {
                AuthorizationResponse::Redirect(to) => to,
                AuthorizationResponse::FormPost { .. } => panic!("a form"),
            }
        };
        let tail = "code=a+b%26c&state=%22%3E%3Cscript%3E%0D%0A%7C&iss=https%3A%2F%2Fiss";
        assert_eq!(respond("https://a/cb", ResponseMode::Query), format!("https://a/cb?{tail}"));
        assert_eq!(
            respond("https://a/cb?x=1", ResponseMode::Query),
            format!("https://a/cb?x=1&{tail}")
        );
        assert_eq!(respond("https://a/", ResponseMode::Fragment), format!("https://a/#{tail}"));
    }
}
