//! Codes and tokens. Everything here takes a [`Granted`] or an [`AppOnly`], and nothing else makes
//! a code or a user's token.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;

use super::granted::{AppOnly, GrantData, Granted};
use super::grants::CodeRecord;
use crate::decide::email::Addresses;
use crate::directory::{Application, OptionalClaim, Profile, Tenant, TokenVersion, User};
use crate::entropy::Entropy;
use crate::ids::{ClientId, CodeValue, GrantId, ObjectId, RefreshTokenValue, TenantId};
use crate::jose::SigningKey;
use crate::protocol::claims::audience::Audience;
use crate::protocol::claims::optional::{self, TokenKind, Version};
use crate::protocol::claims::{self, Claims, v1};
use crate::protocol::token_handle::TokenHandle;

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
    pub issuer: String,
    /// The user, as stored now.
    pub user: &'a User,
    /// The tenant that issues.
    pub tenant: &'a Tenant,
    /// What the account's home tenant knows of the person.
    pub home: Option<&'a Profile>,
    /// The addresses that may be told.
    pub addresses: Addresses<'a>,
    /// What comes back as `login_hint`.
    pub login_hint: String,
    /// Where the list of all groups of the user can be asked for.
    pub all_groups: String,
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
    /// The resource of the access token as it was asked for, now or at the authorization endpoint:
    /// v1.0 answers with it.
    #[serde(skip)]
    pub resource: Option<String>,
}

/// What an id token travels with from the authorization endpoint.
#[derive(Debug, Clone, Copy)]
pub struct Front<'a> {
    /// The code, if one is part of the answer.
    pub code: Option<&'a CodeValue>,
    /// The access token, if one is.
    pub access_token: Option<&'a str>,
}

/// `iat` and `nbf` lie five minutes back, as in recorded tokens.
const BACKDATED: SignedDuration = SignedDuration::from_mins(5);
/// An id token's life (configurable-token-lifetimes article).
const ID_TOKEN_SECONDS: i64 = 3600;
/// An access token's life: at least so many seconds, and less than that (access-tokens article: 60
/// to 90 minutes, at random).
const ACCESS_TOKEN_SECONDS: (u32, u32) = (3600, 5400);
/// As long as any token may live: an application's token lifetime policy ends there.
pub const LONGEST_TOKEN: SignedDuration = SignedDuration::from_hours(24);

impl Issuing<'_> {
    /// An id token for the client; `front` says what else travels with it if it does not come from
    /// the token endpoint.
    pub fn id_token(
        &self,
        granted: &Granted,
        client: &Audience,
        front: Option<Front<'_>>,
    ) -> String {
        let data = granted.data();
        let lifetime = client.lifetime.map_or(ID_TOKEN_SECONDS, i64::from);
        let mut claims = self.base(lifetime, data.tenant);
        claims.insert("aud".into(), json!(data.client));
        let subject = claims::pairwise(data.tenant, data.user, data.client);
        claims.insert("sub".into(), json!(subject));
        claims.insert("sid".into(), json!(data.sid));
        let email = self.addresses.email.map(|(email, _)| email);
        claims::about(self.user, email, &data.scope.openid, &mut claims);
        if let Some(nonce) = &data.nonce {
            claims.insert("nonce".into(), json!(nonce));
        }
        if data.wants_auth_time {
            claims.insert("auth_time".into(), json!(data.auth_time.as_second()));
        }
        if let Some(code) = front.as_ref().and_then(|front| front.code) {
            claims.insert("c_hash".into(), json!(claims::half_hash(code.reveal())));
        }
        if let Some(token) = front.as_ref().and_then(|front| front.access_token) {
            claims.insert("at_hash".into(), json!(claims::half_hash(token)));
        }
        let asked = (data.claims.id_token.as_slice(), client);
        let knows_who = data.scope.has("profile");
        if self.endpoint == TokenVersion::V1 {
            v1::id_token(data.tenant, self.person(data), &mut claims);
        }
        let version = version(self.endpoint);
        self.optional(data, asked, (TokenKind::Id, version, knows_who), &mut claims);
        client.membership.add(&self.all_groups, front.is_some(), &mut claims);
        match self.endpoint {
            TokenVersion::V1 => self.key.sign_v1(&claims),
            TokenVersion::V2 => self.key.sign(&claims),
        }
    }

    /// An access token for one resource, and its life in seconds.
    pub fn access_token(
        &self,
        granted: &Granted,
        grant: GrantId,
        (resource, audience): (ClientId, &Audience),
        scopes: &[String],
    ) -> (String, u32) {
        let data = granted.data();
        let handle = TokenHandle { grant, standing_since: data.standing_since };
        let (least, most) = ACCESS_TOKEN_SECONDS;
        let random = || self.entropy.seconds_between(least, most);
        let lifetime = audience.lifetime.unwrap_or_else(random);
        let mut claims = self.base(i64::from(lifetime), data.tenant);
        claims.insert("aud".into(), json!(resource));
        claims.insert("azp".into(), json!(data.client));
        claims.insert("azpacr".into(), json!(self.azpacr));
        let subject = claims::pairwise(data.tenant, data.user, resource);
        claims.insert("sub".into(), json!(subject));
        claims.insert("scp".into(), json!(scopes.join(" ")));
        claims.insert("rh".into(), json!(handle.to_string()));
        claims.insert("sid".into(), json!(data.sid));
        let all = ["profile".to_owned()];
        let email = self.addresses.email.map(|(email, _)| email);
        claims::about(self.user, email, &all, &mut claims);
        let asked = (data.claims.access_token.as_slice(), audience);
        if let Some(named) = &self.v1_audience {
            v1::access_token(data.tenant, named, Some(self.person(data)), &mut claims);
        }
        let version = if self.v1_audience.is_some() { Version::V1 } else { Version::V2 };
        self.optional(data, asked, (TokenKind::Access, version, true), &mut claims);
        audience.membership.add(&self.all_groups, false, &mut claims);
        let token = match &self.v1_audience {
            Some(_) => self.key.sign_v1(&claims),
            None => self.key.sign(&claims),
        };
        (token, lifetime)
    }

    fn person<'a>(&'a self, data: &'a GrantData) -> v1::Person<'a> {
        v1::Person { user: self.user, amr: &data.amr }
    }

    fn base(&self, lifetime: i64, tenant: TenantId) -> Claims {
        base(&self.issuer, &tenant.to_string(), lifetime, self.now, self.entropy)
    }

    /// What the client asked for by name, then what the registration asks for.
    fn optional(
        &self,
        data: &GrantData,
        (named, audience): (&[String], &Audience),
        (kind, version, profile): (TokenKind, Version, bool),
        claims: &mut Claims,
    ) {
        let sid = data.sid.to_string();
        let facts = optional::Facts {
            user: self.user,
            tenant: self.tenant,
            home: self.home,
            email: self.addresses.email,
            verified: (self.addresses.primary, &self.addresses.secondary),
            auth_time: data.auth_time.as_second(),
            sid: &sid,
            ip: data.ip.as_deref(),
            login_hint: &self.login_hint,
            capabilities: &data.claims.capabilities,
            profile,
        };
        // The client cannot ask on behalf of the resource whether its abilities are told.
        let named = named.iter().filter(|name| *name != "xms_cc").cloned();
        let asked: Vec<OptionalClaim> =
            named.map(OptionalClaim::from).chain(audience.optional.iter().cloned()).collect();
        optional::add(&facts, &asked, kind, version, claims);
    }

    /// The whole answer. `written` is the scope as the client wrote it.
    pub fn response(
        &self,
        granted: &Granted,
        client: &Audience,
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
            id_token: data.scope.has("openid").then(|| self.id_token(granted, client, None)),
            client_info: data.client_info.then(|| claims::client_info(self.user)),
            resource: data.scope.asked_resource(),
        }
    }
}

fn version(endpoint: TokenVersion) -> Version {
    match endpoint {
        TokenVersion::V1 => Version::V1,
        TokenVersion::V2 => Version::V2,
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
    let lifetime = app.lifetime.unwrap_or(3599);
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
        resource: None,
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
