//! Client authentication at the token endpoint: RFC 6749 §2.3, `client_secret_post` and
//! `client_secret_basic`, and public clients that only name themselves.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::params::Params;
use crate::directory::Application;
use crate::fault::{Fault, say};
use crate::ids::{ClientId, ClientSecret};

/// What a client presented.
#[derive(Debug)]
pub struct Credentials {
    client: ClientId,
    secret: Option<ClientSecret>,
}

/// A client that proved to be itself, or that is public and has nothing to prove.
///
/// Made by [`Credentials::authenticate`] only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthenticatedClient {
    id: ClientId,
    has_secret: bool,
}

impl AuthenticatedClient {
    /// Which client.
    pub fn id(&self) -> ClientId {
        self.id
    }

    /// `azpacr`: 0 for a public client, 1 for a secret.
    pub fn azpacr(&self) -> &'static str {
        if self.has_secret { "1" } else { "0" }
    }

    /// Whether it proved to be itself.
    pub fn is_confidential(&self) -> bool {
        self.has_secret
    }
}

impl Credentials {
    /// Reads credentials from the `Authorization` header or the body, never from both.
    ///
    /// # Errors
    /// 7000215 for a header that is not Basic, 9002313 for two methods at once.
    pub fn read(params: &Params, authorization: Option<&str>) -> Result<Self, Fault> {
        if params.has("client_assertion") || params.has("client_assertion_type") {
            return Err(say::parameter_invalid("client_assertion", "use a client_secret"));
        }
        let Some(header) = authorization else {
            let client = super::authorize::check_client_id(params)?;
            let secret = params.get("client_secret").map(ClientSecret::new);
            return Ok(Self { client, secret });
        };
        if params.has("client_secret") {
            return Err(say::request_malformed(
                "two client authentication methods (RFC 6749 §2.3)",
            ));
        }
        let (id, secret) =
            read_basic(header).ok_or_else(|| say::wrong_secret("of the Authorization header"))?;
        let client = id.parse().map_err(|_| say::wrong_secret(id.escape_debug()))?;
        if params.has("client_id") && params.get("client_id") != Some(id.as_str()) {
            return Err(say::request_malformed("two different client ids"));
        }
        Ok(Self { client, secret: Some(ClientSecret::new(secret)) })
    }

    /// The client that is named.
    pub fn client(&self) -> ClientId {
        self.client
    }

    /// Checks the secret against the registration, in constant time.
    ///
    /// # Errors
    /// 7000218 without a secret, 7000215 with a wrong one, 700025 for a public client with one.
    pub fn authenticate(self, application: &Application) -> Result<AuthenticatedClient, Fault> {
        let id = application.client_id;
        let has_secret = match (&application.secret, &self.secret) {
            (Some(expected), Some(given)) if expected.matches(&given.digest()) => true,
            (Some(_), Some(_)) => return Err(say::wrong_secret(id)),
            (Some(_), None) => return Err(say::secret_missing()),
            (None, Some(_)) => return Err(say::public_client_sent_secret()),
            (None, None) if application.is_confidential() => return Err(say::secret_missing()),
            (None, None) => false,
        };
        Ok(AuthenticatedClient { id, has_secret })
    }
}

/// RFC 6749 §2.3.1: id and secret are form-encoded, joined by a colon, in base64.
pub(crate) fn read_basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let decode = |text: &str| {
        let params = Params::parse(&format!("v={text}")).ok()?;
        params.get("v").map(str::to_owned)
    };
    Some((decode(id)?, decode(secret)?))
}
