//! Client authentication at the token endpoint: RFC 6749 §2.3, `client_secret_post` and
//! `client_secret_basic`, assertions, and public clients that only name themselves.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::client_assertion::{ASSERTION_TYPE, ClientAssertion, Expected};
use super::federated::OutsideProof;
use super::params::Params;
use crate::directory::Application;
use crate::fault::{Fault, say};
use crate::ids::{ClientId, ClientSecret};

/// What a client presented.
#[derive(Debug)]
pub struct Credentials {
    client: ClientId,
    presented: Presented,
}

#[derive(Debug)]
enum Presented {
    Assertion(Box<ClientAssertion>),
    Nothing,
    Secret(ClientSecret),
}

/// A client that proved to be itself, or that is public and has nothing to prove.
///
/// Made by [`Credentials::authenticate`] and [`Credentials::vouched_for`] only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthenticatedClient {
    id: ClientId,
    method: Method,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Assertion,
    None,
    Secret,
}

impl AuthenticatedClient {
    /// Which client.
    pub fn id(&self) -> ClientId {
        self.id
    }

    /// `azpacr`, `appidacr`: 0 for a public client, 1 for a secret, 2 for an assertion.
    pub fn azpacr(&self) -> &'static str {
        match self.method {
            Method::None => "0",
            Method::Secret => "1",
            Method::Assertion => "2",
        }
    }

    /// Whether it proved to be itself.
    pub fn is_confidential(&self) -> bool {
        self.method != Method::None
    }
}

impl Credentials {
    /// Reads credentials from the `Authorization` header or the body, never from both.
    ///
    /// # Errors
    /// 7000215 for a header that is not Basic, 9002313 for two methods at once, 50027 for an
    /// assertion that is no JWT.
    pub fn read(params: &Params, authorization: Option<&str>) -> Result<Self, Fault> {
        let asserts = params.has("client_assertion") || params.has("client_assertion_type");
        if params.has("client_secret") && (asserts || authorization.is_some())
            || asserts && authorization.is_some()
        {
            return Err(say::request_malformed(
                "two client authentication methods (RFC 6749 §2.3)",
            ));
        }
        if asserts {
            return Self::read_assertion(params);
        }
        let Some(header) = authorization else {
            let client = super::authorize::check_client_id(params)?;
            let presented = match params.get("client_secret") {
                Some(secret) => Presented::Secret(ClientSecret::new(secret)),
                None => Presented::Nothing,
            };
            return Ok(Self { client, presented });
        };
        let (id, secret) =
            read_basic(header).ok_or_else(|| say::wrong_secret("(the header is not Basic)"))?;
        let client = id.parse().map_err(|_| say::wrong_secret(id.escape_debug()))?;
        if params.has("client_id") && params.get("client_id") != Some(id.as_str()) {
            return Err(say::request_malformed("two different client ids"));
        }
        // An empty password is none: that is how public clients write it (RFC 6749 §2.3.1).
        let presented = match secret.as_str() {
            "" => Presented::Nothing,
            secret => Presented::Secret(ClientSecret::new(secret)),
        };
        Ok(Self { client, presented })
    }

    fn read_assertion(params: &Params) -> Result<Self, Fault> {
        let required = |name: &'static str| {
            params.get(name).ok_or_else(|| say::parameter_missing(name.to_owned()))
        };
        if required("client_assertion_type")? != ASSERTION_TYPE {
            let why = format!("send {ASSERTION_TYPE}");
            return Err(say::parameter_invalid("client_assertion_type", why));
        }
        let assertion = Box::new(ClientAssertion::read(required("client_assertion")?)?);
        let client = match (params.has("client_id"), assertion.subject()) {
            (false, Some(subject)) => subject,
            _ => super::authorize::check_client_id(params)?,
        };
        Ok(Self { client, presented: Presented::Assertion(assertion) })
    }

    /// The client that is named.
    pub fn client(&self) -> ClientId {
        self.client
    }

    /// The assertion, if there is one.
    pub fn assertion(&self) -> Option<&ClientAssertion> {
        match &self.presented {
            Presented::Assertion(assertion) => Some(assertion),
            Presented::Nothing | Presented::Secret(_) => None,
        }
    }

    /// Checks them against the registration: secrets in constant time. `grant_type` says whether a
    /// client without any may ask for it.
    ///
    /// # Errors
    /// 7000218 without a secret, 7000215 with a wrong one, 7000222 with one that has ended, 700025 for a public client with one, and
    /// what [`ClientAssertion::check`] finds.
    pub fn authenticate(
        self,
        application: &Application,
        grant_type: &str,
        expected: &Expected<'_>,
    ) -> Result<AuthenticatedClient, Fault> {
        let id = application.client_id;
        let confidential = application.is_confidential();
        let method = match (&self.presented, &application.secret) {
            (Presented::Nothing, _) if may_be_public(application, grant_type) => Method::None,
            (Presented::Nothing, _) => return Err(say::secret_missing()),
            (_, None) if !confidential => return Err(say::public_client_sent_secret()),
            (Presented::Secret(given), Some(known)) if known.matches(&given.digest()) => {
                if application.secret_end_date_time.is_some_and(|end| end <= expected.now) {
                    return Err(say::secret_expired(id));
                }
                Method::Secret
            }
            (Presented::Secret(_), _) => return Err(say::wrong_secret(id)),
            (Presented::Assertion(assertion), _) => {
                assertion.check(application, expected)?;
                Method::Assertion
            }
        };
        Ok(AuthenticatedClient { id, method })
    }

    /// An outside issuer has vouched for the client.
    ///
    /// # Errors
    /// An inner one if it vouched for another.
    pub fn vouched_for(
        self,
        application: &Application,
        proof: &OutsideProof,
    ) -> Result<AuthenticatedClient, Fault> {
        let id = application.client_id;
        match proof.application() == id && self.client == id {
            true => Ok(AuthenticatedClient { id, method: Method::Assertion }),
            false => Err(say::internal().with_detail("an outside token of another client")),
        }
    }
}

/// Whether a client may ask without a proof. *Allow public client flows* is what Entra looks at
/// where no redirect URI shows what kind of client it is: password and device code.
fn may_be_public(application: &Application, grant_type: &str) -> bool {
    let without_redirect = matches!(
        grant_type,
        "password" | "device_code" | "urn:ietf:params:oauth:grant-type:device_code"
    );
    match (application.is_confidential(), without_redirect) {
        (true, true) => application.is_fallback_public_client,
        (true, false) => grant_type == "refresh_token" && application.is_fallback_public_client,
        (false, true) => application.is_fallback_public_client,
        (false, false) => true,
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
        // A bare `&` is none of the form encoding: it belongs to the value.
        let params = Params::parse(&format!("v={}", text.replace('&', "%26"))).ok()?;
        Some(params.get("v").unwrap_or_default().to_owned())
    };
    Some((decode(id)?, decode(secret)?))
}
