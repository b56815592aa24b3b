//! Codes and tokens. Everything here takes a [`Granted`] or an [`AppOnly`], and nothing else makes
//! a code or a user's token.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;

use super::granted::{AppOnly, GrantData, Granted};
use super::grants::CodeRecord;
use crate::directory::{Application, TokenVersion, User};
use crate::entropy::Entropy;
use crate::ids::{ClientId, CodeValue, EmailAddress, GrantId, ObjectId, RefreshTokenValue};
use crate::jose::SigningKey;
use crate::protocol::claims::{self, Claims, v1};

/// A code that was just made.
#[derive(Debug)]
pub struct AuthorizationCode {
    /// For the client.
    pub value: CodeValue,
    /// For the store.
    pub record: CodeRecord,
}

impl AuthorizationCode {
    /// Makes a code for what was granted.
    pub fn issue(granted: &Granted, entropy: &Entropy, now: Timestamp) -> Self {
        let value = CodeValue::new(format!("1.{}", entropy.token()));
        let record = CodeRecord::of(granted, value.digest(), now);
        Self { value, record }
    }
}

/// What tokens are made with.
#[derive(Debug)]
pub struct Issuing<'a> {
    /// `iss`.
    pub issuer: &'a str,
    /// The user, as stored now.
    pub user: &'a User,
    /// The address that the client may be told.
    pub email: Option<&'a EmailAddress>,
    /// The client.
    pub application: &'a Application,
    /// How the client proved itself.
    pub azpacr: &'static str,
    /// The generation of the endpoint, and of the id token.
    pub endpoint: TokenVersion,
    /// The resource as it was asked for, if it takes v1.0 access tokens.
    pub v1_audience: Option<String>,
    /// Signs.
    pub key: Arc<SigningKey>,
    /// Randomness, for `uti` and lifetimes.
    pub entropy: &'a Entropy,
    /// The time.
    pub now: Timestamp,
}

/// The answer of the token endpoint. Fields in the order in which Entra writes them.
#[derive(Debug, Serialize)]
pub struct TokenResponse {
    /// `Bearer`.
    pub token_type: &'static str,
    /// What was granted, as the client wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Seconds.
    pub expires_in: u32,
    /// Seconds; the same, as nobody is down here.
    pub ext_expires_in: u32,
    /// The access token.
    pub access_token: String,
    /// Only with `offline_access`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Only with `openid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// Only if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_info: Option<String>,
}

/// `iat` and `nbf` lie five minutes back, as in recorded tokens.
const BACKDATED: SignedDuration = SignedDuration::from_mins(5);
/// An id token's life (configurable-token-lifetimes article).
const ID_TOKEN_SECONDS: i64 = 3600;
/// An access token's life: at least so many seconds, and less than that (access-tokens article: 60
/// to 90 minutes, at random).
const ACCESS_TOKEN_SECONDS: (u32, u32) = (3600, 5400);
/// As long as any token may live.
pub const LONGEST_TOKEN: SignedDuration = SignedDuration::from_secs(ACCESS_TOKEN_SECONDS.1 as i64);

impl Issuing<'_> {
    /// An id token; `code` and `access_token` are those that travel with it, if any do.
    pub fn id_token(
        &self,
        granted: &Granted,
        code: Option<&CodeValue>,
        access_token: Option<&str>,
    ) -> String {
        let data = granted.data();
        let mut claims = self.base(ID_TOKEN_SECONDS, &data.tenant.to_string());
        claims.insert("aud".into(), json!(data.client));
        let subject = claims::pairwise(data.tenant, data.user, data.client);
        claims.insert("sub".into(), json!(subject));
        claims.insert("sid".into(), json!(data.sid));
        claims::about(self.user, self.email, &data.scope.openid, &mut claims);
        if let Some(nonce) = &data.nonce {
            claims.insert("nonce".into(), json!(nonce));
        }
        if data.wants_auth_time {
            claims.insert("auth_time".into(), json!(data.auth_time.as_second()));
        }
        if let Some(code) = code {
            claims.insert("c_hash".into(), json!(claims::half_hash(code.reveal())));
        }
        if let Some(token) = access_token {
            claims.insert("at_hash".into(), json!(claims::half_hash(token)));
        }
        self.optional(&data.claims.id_token, data.auth_time, &mut claims);
        match self.endpoint {
            TokenVersion::V1 => {
                v1::id_token(data.tenant, self.person(data), &mut claims);
                self.key.sign_v1(&claims)
            }
            TokenVersion::V2 => self.key.sign(&claims),
        }
    }

    /// An access token for one resource, and its life in seconds.
    pub fn access_token(
        &self,
        granted: &Granted,
        grant: GrantId,
        resource: ClientId,
        scopes: &[String],
    ) -> (String, u32) {
        let data = granted.data();
        let (least, most) = ACCESS_TOKEN_SECONDS;
        let lifetime = self.entropy.seconds_between(least, most);
        let mut claims = self.base(i64::from(lifetime), &data.tenant.to_string());
        claims.insert("aud".into(), json!(resource));
        claims.insert("azp".into(), json!(data.client));
        claims.insert("azpacr".into(), json!(self.azpacr));
        let subject = claims::pairwise(data.tenant, data.user, resource);
        claims.insert("sub".into(), json!(subject));
        claims.insert("scp".into(), json!(scopes.join(" ")));
        claims.insert("rh".into(), json!(format!("1.{grant}.")));
        claims.insert("sid".into(), json!(data.sid));
        let all = ["profile".to_owned()];
        claims::about(self.user, self.email, &all, &mut claims);
        let wids: Vec<_> = self.user.roles.iter().map(|role| role.template_id()).collect();
        if !wids.is_empty() {
            claims.insert("wids".into(), json!(wids));
        }
        self.optional(&data.claims.access_token, data.auth_time, &mut claims);
        let token = match &self.v1_audience {
            Some(audience) => {
                v1::access_token(data.tenant, audience, Some(self.person(data)), &mut claims);
                self.key.sign_v1(&claims)
            }
            None => self.key.sign(&claims),
        };
        (token, lifetime)
    }

    fn person<'a>(&'a self, data: &'a GrantData) -> v1::Person<'a> {
        v1::Person { user: self.user, amr: &data.amr }
    }

    fn base(&self, lifetime: i64, tenant: &str) -> Claims {
        base(self.issuer, tenant, lifetime, self.now, self.entropy)
    }

    fn optional(&self, asked: &[String], auth_time: Timestamp, claims: &mut Claims) {
        let names = asked.iter().chain(&self.application.optional_claims);
        let names: Vec<&str> = names.map(String::as_str).collect();
        claims::optional(self.user, self.email, &names, auth_time.as_second(), claims);
    }

    /// The whole answer. `written` is the scope as the client wrote it.
    pub fn response(
        &self,
        granted: &Granted,
        (access_token, expires_in): (String, u32),
        refresh_token: Option<&RefreshTokenValue>,
        written: String,
    ) -> TokenResponse {
        let data = granted.data();
        TokenResponse {
            token_type: "Bearer",
            scope: Some(written),
            expires_in,
            ext_expires_in: expires_in,
            access_token,
            refresh_token: refresh_token.map(|token| token.reveal().to_owned()),
            id_token: data.scope.has("openid").then(|| self.id_token(granted, None, None)),
            client_info: data.client_info.then(|| claims::client_info(self.user)),
        }
    }
}

/// A token of an application as itself.
pub fn issue_app_only(
    app: &AppOnly,
    principal: ObjectId,
    issuer: &str,
    key: &SigningKey,
    entropy: &Entropy,
    now: Timestamp,
) -> TokenResponse {
    let lifetime = 3599;
    let tenant = app.tenant.to_string();
    let mut claims = base(issuer, &tenant, i64::from(lifetime), now, entropy);
    claims.insert("aud".into(), json!(app.resource));
    claims.insert("azp".into(), json!(app.client.id()));
    claims.insert("azpacr".into(), json!(app.client.azpacr()));
    claims.insert("idtyp".into(), json!("app"));
    claims.insert("oid".into(), json!(principal));
    claims.insert("sub".into(), json!(principal));
    if !app.roles.is_empty() {
        claims.insert("roles".into(), json!(app.roles));
    }
    TokenResponse {
        token_type: "Bearer",
        scope: None,
        expires_in: lifetime,
        ext_expires_in: lifetime,
        access_token: match &app.v1_audience {
            Some(audience) => {
                v1::access_token(app.tenant, audience, None, &mut claims);
                key.sign_v1(&claims)
            }
            None => key.sign(&claims),
        },
        refresh_token: None,
        id_token: None,
        client_info: None,
    }
}

fn base(issuer: &str, tenant: &str, lifetime: i64, now: Timestamp, entropy: &Entropy) -> Claims {
    let start = now.checked_sub(BACKDATED).unwrap_or(now).as_second();
    let mut claims = Claims::new();
    claims.insert("ver".into(), json!("2.0"));
    claims.insert("iss".into(), json!(issuer));
    claims.insert("tid".into(), json!(tenant));
    claims.insert("iat".into(), json!(start));
    claims.insert("nbf".into(), json!(start));
    claims.insert("exp".into(), json!(now.as_second() + lifetime));
    claims.insert("uti".into(), json!(entropy.token().get(..22).unwrap_or_default()));
    claims
}
