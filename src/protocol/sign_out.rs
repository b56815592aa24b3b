//! The sign-out request: `GET` or `POST /{t}/oauth2/v2.0/logout` (OIDC RP-Initiated Logout 1.0), and
//! what the applications are told of it (OIDC Front-Channel Logout 1.0).

use url::form_urlencoded::Serializer;
use uuid::Uuid;

use super::params::Params;
use super::redirect_uri;
use crate::directory::Application;
use crate::fault::{Fault, say};
use crate::ids::ClientId;

/// A sign-out request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOutRequest {
    /// Where the browser is to go afterwards.
    pub post_logout_redirect_uri: Option<String>,
    /// Comes back there.
    pub state: Option<String>,
    /// Who asks.
    pub client_id: Option<ClientId>,
    /// A token that says who it was; verified by the caller before anything trusts it.
    pub id_token_hint: Option<String>,
    /// The account: its name, or its `login_hint` claim.
    pub logout_hint: Option<String>,
}

impl SignOutRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// 9002313 for a parameter that is sent twice or is longer than anybody needs, 700016 for a
    /// `client_id` that can be none.
    pub fn parse(params: &Params) -> Result<Self, Fault> {
        if let Some(name) = params.repeated() {
            return Err(say::request_malformed(format!("'{name}' is sent twice")));
        }
        for (name, most) in [("state", 8192), ("post_logout_redirect_uri", 4096)] {
            if params.get(name).is_some_and(|value| value.len() > most) {
                let why = format!("'{name}' is longer than {most} bytes");
                return Err(say::request_malformed(why));
            }
        }
        let text = |name: &str| params.get(name).map(str::to_owned);
        let client_id = match params.get("client_id") {
            None => None,
            Some(id) => {
                let shown: String = id.chars().take(60).collect();
                let id = id.parse::<ClientId>();
                Some(id.map_err(|_| say::application_not_found(shown, "any tenant"))?)
            }
        };
        Ok(Self {
            post_logout_redirect_uri: text("post_logout_redirect_uri"),
            state: text("state"),
            client_id,
            id_token_hint: text("id_token_hint"),
            logout_hint: text("logout_hint"),
        })
    }

    /// Its parameters, for the form that asks the person.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let client = self.client_id.map(|id| id.to_string());
        let all = [
            ("post_logout_redirect_uri", &self.post_logout_redirect_uri),
            ("state", &self.state),
            ("client_id", &client),
            ("id_token_hint", &self.id_token_hint),
            ("logout_hint", &self.logout_hint),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
    }

    /// The same request by GET.
    pub fn by_get(&self, path: &str) -> String {
        let query = Serializer::new(String::new()).extend_pairs(self.fields()).finish();
        format!("{path}?{query}")
    }

    /// Where the browser goes, with `state`.
    pub fn way_back(&self) -> Option<String> {
        let uri = self.post_logout_redirect_uri.as_deref()?;
        Some(match &self.state {
            Some(state) => with_query(uri, &[("state", state)]),
            None => uri.to_owned(),
        })
    }
}

/// Whether a sign-out may go there: to what the application has registered for sign-outs, or as a
/// redirect URI, as at Entra. Byte for byte, but for the loopback port.
pub fn is_registered(application: &Application, uri: &str) -> bool {
    let registered = application.post_logout_redirect_uris.iter().chain(&application.redirect_uris);
    registered.into_iter().any(|known| redirect_uri::matches(known, uri))
}

/// Whether a page of this origin is the application's.
pub fn is_page_of(application: &Application, origin: &str) -> bool {
    let registered = application.post_logout_redirect_uris.iter().chain(&application.redirect_uris);
    let pages = registered.chain(&application.logout_url).chain(&application.home_page_url);
    pages.into_iter().any(|known| redirect_uri::has_origin(known, origin))
}

/// The address by which an application is told: its own, with `iss` and `sid` (Front-Channel
/// Logout §3).
pub fn front_channel(logout_url: &str, issuer: &str, sid: Uuid) -> String {
    with_query(logout_url, &[("iss", issuer), ("sid", &sid.to_string())])
}

fn with_query(uri: &str, pairs: &[(&str, &str)]) -> String {
    let mark = if uri.contains('?') { '&' } else { '?' };
    let query = Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{uri}{mark}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_was_sent_and_encodes_what_is_added() {
        let sent = "post_logout_redirect_uri=https%3A%2F%2Fapp.example%2F%3Fx%3D1&state=a+b%26%22";
        let request = SignOutRequest::parse(&Params::parse(sent).unwrap()).unwrap();
        assert_eq!(request.way_back().unwrap(), "https://app.example/?x=1&state=a+b%26%22");
        let told = front_channel("https://app.example/out", "https://iss/x", Uuid::nil());
        let sid = Uuid::nil();
        assert_eq!(told, format!("https://app.example/out?iss=https%3A%2F%2Fiss%2Fx&sid={sid}"));
        for wrong in ["state=1&state=2", "client_id=none"] {
            assert!(SignOutRequest::parse(&Params::parse(wrong).unwrap()).is_err(), "{wrong}");
        }
    }
}
