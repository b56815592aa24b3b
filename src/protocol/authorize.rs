//! The authorization request: `GET` or `POST /{t}/oauth2/v2.0/authorize`.
//!
//! What is checked first is shown on a page: the request itself, the client, the redirect URI. From
//! then on there is a [`RedirectTarget`], and every refusal goes back to the client
//! (RFC 6749 §4.1.2.1).

use serde::{Deserialize, Serialize};

use super::claims_request::ClaimsRequest;
use super::params::Params;
use super::prompt::{self, Prompt};
use super::response::{RedirectTarget, ResponseMode};
use super::scope::RequestedScope;
use super::{pkce, redirect_uri};
use crate::directory::{Application, ApplicationKind, TokenVersion, first_party};
use crate::fault::{Fault, say};
use crate::ids::{ClientId, Digest};

/// A request that passed every check that needs no person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: ClientId,
    /// Where the answer goes.
    pub target: RedirectTarget,
    /// What is answered.
    pub response_type: ResponseType,
    /// What for.
    pub scope: RequestedScope,
    /// Comes back in the id token.
    pub nonce: Option<String>,
    /// PKCE challenge, S256.
    pub code_challenge: Option<String>,
    /// What to ask the person.
    pub prompt: Prompt,
    /// How old the sign-in may be, in seconds.
    pub max_age: Option<u64>,
    /// Who it probably is.
    pub login_hint: Option<String>,
    /// The session that it must be, by its claim `sid`.
    #[serde(default)]
    pub sid: Option<String>,
    /// Where that account probably lives; a look-up key, nothing else.
    pub domain_hint: Option<String>,
    /// Claims asked for by name.
    pub claims: ClaimsRequest,
    /// A token that says who it was; verified by the caller before anything trusts it.
    pub id_token_hint: Option<String>,
    /// Whether `client_info` is wanted (MSAL).
    pub client_info: bool,
    /// The device that waits for it, by the digest of its code: then nothing is redirected.
    #[serde(default)]
    pub device: Option<Digest>,
    /// The generation of the endpoint, and of an id token that comes from it.
    #[serde(default)]
    pub version: TokenVersion,
}

/// `response_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseType {
    /// `code`.
    Code,
    /// `code id_token`.
    CodeIdToken,
    /// `id_token`.
    IdToken,
    /// `id_token token`.
    IdTokenToken,
    /// `token`.
    Token,
}

impl ResponseType {
    /// Whether a code is part of the answer.
    pub fn has_code(self) -> bool {
        matches!(self, Self::Code | Self::CodeIdToken)
    }

    /// Whether an id token is part of the answer.
    pub fn has_id_token(self) -> bool {
        matches!(self, Self::CodeIdToken | Self::IdToken | Self::IdTokenToken)
    }

    /// Whether an access token is part of the answer.
    pub fn has_token(self) -> bool {
        matches!(self, Self::IdTokenToken | Self::Token)
    }
}

/// A refusal of an authorization request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Sent back to the client.
    Redirected(Box<RedirectTarget>, Fault),
    /// Shown on a page: there is nowhere safe to send it.
    Shown(Fault),
}

/// Reads `client_id`: present, once, a GUID.
pub fn check_client_id(params: &Params) -> Result<ClientId, Fault> {
    if params.count("client_id") > 1 {
        return Err(say::request_malformed("'client_id' is sent twice"));
    }
    let text = params.get("client_id").ok_or_else(|| say::parameter_missing("client_id"))?;
    let shown: String = text.chars().take(60).collect();
    text.parse().map_err(|_| say::application_not_found(shown, "any tenant"))
}

/// Checks the whole request of a known client.
pub fn check(params: &Params, client: &Application) -> Result<AuthorizationRequest, Refusal> {
    let target = check_target(params, client).map_err(Refusal::Shown)?;
    check_rest(params, client, &target)
        .map_err(|fault| Refusal::Redirected(Box::new(target), fault))
}

/// The redirect URI, byte for byte a registered one (but for the loopback port).
fn check_target(params: &Params, client: &Application) -> Result<RedirectTarget, Fault> {
    if params.count("redirect_uri") > 1 {
        return Err(say::request_malformed("'redirect_uri' is sent twice"));
    }
    // OIDC Core 3.1.2.1: REQUIRED. Entra would pick a registered one; that helps nobody.
    let sent = params.get("redirect_uri");
    let sent = sent.ok_or_else(|| say::redirect_uri_missing(client.client_id))?;
    // A fault of guestpass's own callback is one of its address, not of its registration.
    if client.redirect_uris.is_empty() && client.client_id != first_party::BROKER {
        return Err(say::no_redirect_uri(client.client_id));
    }
    if !client.redirect_uris.iter().any(|registered| redirect_uri::matches(registered, sent)) {
        let shown: String = sent.escape_debug().take(300).collect();
        let registered = format!("Registered: {}", client.redirect_uris.join(", "));
        let fault = say::redirect_uri_mismatch(shown, client.client_id);
        return Err(fault.with_remedy(registered));
    }
    let response_type = params.get("response_type").unwrap_or_default();
    let mode = match params.get("response_mode") {
        Some("form_post") => ResponseMode::FormPost,
        Some("fragment") => ResponseMode::Fragment,
        Some("query") => ResponseMode::Query,
        _ if response_type.contains("token") => ResponseMode::Fragment,
        _ => ResponseMode::Query,
    };
    for (name, most) in [("state", 8192), ("nonce", 2048), ("login_hint", 1024), ("sid", 256)] {
        if params.get(name).is_some_and(|value| value.len() > most) {
            let why = format!("'{name}' is longer than {most} bytes");
            return Err(say::request_malformed(why));
        }
    }
    let state = (params.count("state") == 1).then(|| params.get("state")).flatten();
    Ok(RedirectTarget { uri: sent.to_owned(), mode, state: state.map(str::to_owned) })
}

fn check_rest(
    params: &Params,
    client: &Application,
    target: &RedirectTarget,
) -> Result<AuthorizationRequest, Fault> {
    if let Some(name) = params.repeated() {
        return Err(say::parameter_invalid(name, "it is sent twice"));
    }
    // OIDC Core 6.1, 6.2: not supported, and never half merged with the parameters.
    if params.has("request") {
        return Err(say::request_object_unsupported());
    }
    if params.has("request_uri") {
        return Err(say::request_uri_unsupported());
    }
    let response_type = check_response_type(params)?;
    check_response_mode(params, response_type)?;
    let text = params.get("scope").ok_or_else(|| say::parameter_missing("scope"))?;
    let scope = RequestedScope::parse(text)?;
    let nonce = params.get("nonce").map(str::to_owned);
    if response_type.has_id_token() {
        if !scope.has("openid") {
            return Err(say::scope_invalid("without openid"));
        }
        // OIDC Core 3.2.2.1 and 3.3.2.11: REQUIRED where the front channel carries an id token.
        if nonce.is_none() {
            return Err(say::parameter_missing("nonce"));
        }
        if !client.id_token_issuance {
            return Err(say::response_type_disabled("id_token"));
        }
    }
    if response_type.has_token() && !client.access_token_issuance {
        return Err(say::response_type_disabled("token"));
    }
    let public = matches!(client.kind, ApplicationKind::Native | ApplicationKind::Spa);
    let code_challenge = pkce::check_challenge(params, public && response_type.has_code())?;
    let prompt = Prompt::parse(params)?;
    check_hints(params, prompt)?;
    Ok(AuthorizationRequest {
        client_id: client.client_id,
        target: target.clone(),
        response_type,
        scope,
        nonce,
        code_challenge,
        prompt,
        max_age: prompt::parse_max_age(params)?,
        login_hint: params.get("login_hint").map(str::to_owned),
        sid: params.get("sid").map(str::to_owned),
        domain_hint: params.get("domain_hint").map(str::to_owned),
        claims: ClaimsRequest::parse(params.get("claims"))?,
        id_token_hint: params.get("id_token_hint").map(str::to_owned),
        client_info: params.get("client_info") == Some("1"),
        device: None,
        version: params.version(),
    })
}

fn check_response_type(params: &Params) -> Result<ResponseType, Fault> {
    let text =
        params.get("response_type").ok_or_else(|| say::parameter_missing("response_type"))?;
    let mut words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    match words.as_slice() {
        ["code"] => Ok(ResponseType::Code),
        ["code", "id_token"] => Ok(ResponseType::CodeIdToken),
        ["id_token"] => Ok(ResponseType::IdToken),
        ["id_token", "token"] => Ok(ResponseType::IdTokenToken),
        ["token"] => Ok(ResponseType::Token),
        _ => Err(say::response_type_unsupported(text.escape_debug().take(80).collect::<String>())),
    }
}

/// A person is named in one way, or chosen on the page (authorization-code article; 90005).
fn check_hints(params: &Params, prompt: Prompt) -> Result<(), Fault> {
    if params.get("login_hint").is_none() {
        return Ok(());
    }
    if prompt == Prompt::SelectAccount {
        return Err(say::hints_contradict("prompt=select_account", "login_hint"));
    }
    match params.get("sid") {
        Some(_) => Err(say::hints_contradict("sid", "login_hint")),
        None => Ok(()),
    }
}

/// RFC 9700 §4.3: tokens never go in a query string.
fn check_response_mode(params: &Params, response_type: ResponseType) -> Result<(), Fault> {
    match params.get("response_mode") {
        None | Some("form_post" | "fragment") => Ok(()),
        Some("query") if response_type == ResponseType::Code => Ok(()),
        Some(other) => {
            let shown: String = other.escape_debug().take(60).collect();
            Err(say::response_mode_unsupported(shown))
        }
    }
}
