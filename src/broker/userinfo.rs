//! Access tokens that come back to us: Graph and userinfo.

use serde_json::{Map, Value, json};

use super::Broker;
use super::failure::Failure;
use super::graph::GraphFailure;
use crate::decide::{email, provider};
use crate::directory::{Role, ServicePrincipal, Tenant, User, first_party, sts_issuer};
use crate::fault::GraphFault;
use crate::ids::{ClientId, ObjectId, TenantId};
use crate::interaction::GrantRecord;
use crate::protocol::authority::Authority;
use crate::protocol::claims;
use crate::protocol::token_handle::TokenHandle;
use crate::store::records::by;

/// How far the clock of whoever made a token may be from ours.
const SKEW_SECONDS: i64 = 60;

/// Who calls with an access token.
#[derive(Debug)]
pub struct Bearer {
    /// The tenant of the token.
    pub tenant: Tenant,
    /// The person, unless an application calls as itself.
    pub user: Option<User>,
    /// The client.
    pub client: ClientId,
    /// `scp` or `roles`.
    pub permissions: Vec<String>,
}

impl Bearer {
    /// Whether the token carries one of the permissions.
    pub fn has_permission(&self, any_of: &[&str]) -> bool {
        self.permissions.iter().any(|permission| any_of.contains(&permission.as_str()))
    }

    /// Whether the caller is an application with the permission, or a person who has it delegated
    /// and holds one of the roles.
    pub fn may(&self, any_of: &[&str], roles: &[Role]) -> bool {
        self.has_permission(any_of) && self.user.as_ref().is_none_or(|user| user.has_role(roles))
    }
}

impl Broker {
    /// Verifies an access token for Microsoft Graph. The person or application is read again: a
    /// token of somebody who was disabled, deleted or reset is worth nothing.
    pub async fn bearer(&self, token: &str) -> Result<Bearer, GraphFault> {
        match self.try_bearer(token).await {
            Ok(bearer) => bearer,
            Err(failure) => Err(GraphFailure::from(failure).into_fault()),
        }
    }

    async fn try_bearer(&self, token: &str) -> Result<Result<Bearer, GraphFault>, Failure> {
        let refused = |why: &str| Ok(Err(GraphFault::invalid_token(why)));
        let claims = match self.verify_own(token).await {
            Ok(claims) => claims,
            Err(why) => return refused(&why.to_string()),
        };
        let tenant = match self.issued_in(&claims) {
            Ok(tenant) => tenant,
            Err(why) => return refused(why),
        };
        if text(&claims, "aud") != Some(&first_party::MICROSOFT_GRAPH.to_string()) {
            return refused("its audience is not Microsoft Graph");
        }
        if claims.contains_key("events") {
            return refused("it tells of a sign-out");
        }
        let now = self.clock.now().as_second();
        let time = |name: &str| claims.get(name).and_then(Value::as_i64);
        let later = |at: i64| now < at.saturating_sub(SKEW_SECONDS);
        let begins = ["nbf", "iat"].into_iter().any(|name| time(name).is_none_or(later));
        if time("exp").is_none_or(|exp| now >= exp.saturating_add(SKEW_SECONDS)) || begins {
            return refused("its lifetime has ended, or not begun");
        }
        let Some(tenant) = self.find_tenant(tenant).await? else {
            return refused("its tenant does not exist");
        };
        let client = text(&claims, "azp").and_then(|azp| azp.parse::<ClientId>().ok());
        let object = text(&claims, "oid").and_then(|oid| oid.parse::<ObjectId>().ok());
        let (Some(client), Some(object)) = (client, object) else {
            return refused("it names nobody");
        };
        let is_app = text(&claims, "idtyp") == Some("app");
        let subject = match is_app {
            true => object.to_string(),
            false => claims::pairwise(tenant.id, object, first_party::MICROSOFT_GRAPH),
        };
        if text(&claims, "sub") != Some(subject.as_str()) {
            return refused("its subject is somebody else");
        }
        if is_app {
            return self.app_bearer(tenant, client, &claims).await;
        }
        self.user_bearer(tenant, client, object, &claims).await
    }

    /// The tenant in which a token was issued whose signature is ours.
    fn issued_in(&self, claims: &Map<String, Value>) -> Result<TenantId, &'static str> {
        let tenant = text(claims, "tid").and_then(|tid| tid.parse::<TenantId>().ok());
        let tenant = tenant.ok_or("it has no tenant")?;
        let issuer = text(claims, "iss").unwrap_or_default();
        let ours = self.origins.issuers().any(|own| {
            issuer.strip_prefix(own).is_some_and(|rest| rest == format!("/{tenant}/v2.0"))
        });
        if ours { Ok(tenant) } else { Err("its issuer is not known here") }
    }

    /// The claims of a token that we have issued, for whom and until when soever. A v1.0 one names
    /// Entra's issuer of its tenant; the family it names shows that it is ours.
    pub(super) async fn own_token(&self, token: &str) -> Result<Map<String, Value>, String> {
        let claims = self.verify_own(token).await.map_err(|why| why.to_string())?;
        let tenant = text(&claims, "tid").and_then(|tid| tid.parse::<TenantId>().ok());
        let v1 = tenant.is_some_and(|tenant| {
            text(&claims, "ver") == Some("1.0")
                && text(&claims, "iss") == Some(sts_issuer(tenant).as_str())
        });
        if !v1 {
            self.issued_in(&claims)?;
        }
        Ok(claims)
    }

    /// Whether nothing of a family is worth anything any more: it was revoked, or the one on which
    /// it rests was.
    pub(super) async fn is_dead(&self, grant: &GrantRecord) -> Result<bool, Failure> {
        let Some(root) = grant.root().filter(|_| !grant.is_revoked()) else {
            return Ok(grant.is_revoked());
        };
        let root = self.store.get::<GrantRecord>(by::grant(root)).await?;
        Ok(root.is_some_and(|root| root.is_revoked()))
    }

    async fn app_bearer(
        &self,
        tenant: Tenant,
        client: ClientId,
        claims: &Map<String, Value>,
    ) -> Result<Result<Bearer, GraphFault>, Failure> {
        let principal = self.service_principal(tenant.id, client).await?;
        if !principal.is_some_and(|principal: crate::store::Stored<ServicePrincipal>| {
            principal.account_enabled
        }) {
            return Ok(Err(GraphFault::invalid_token("its application is disabled")));
        }
        let roles = claims.get("roles").and_then(Value::as_array).cloned().unwrap_or_default();
        let permissions = roles.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        Ok(Ok(Bearer { tenant, user: None, client, permissions }))
    }

    async fn user_bearer(
        &self,
        tenant: Tenant,
        client: ClientId,
        object: ObjectId,
        claims: &Map<String, Value>,
    ) -> Result<Result<Bearer, GraphFault>, Failure> {
        let refused = |why: &str| Ok(Err(GraphFault::invalid_token(why)));
        let Some(handle) = TokenHandle::of(claims) else {
            return refused("it belongs to no grant");
        };
        let grant = self.store.get::<GrantRecord>(by::grant(handle.grant)).await?;
        let Some(grant) = grant else { return refused("its grant was revoked") };
        if self.is_dead(&grant).await? {
            return refused("its grant was revoked");
        }
        let user = self.user(tenant.id, object).await?.map(|stored| stored.record);
        let stands = |user: &User| {
            user.account_enabled && !user.is_pending() && grant.stands_for(user, &handle)
        };
        let Some(user) = user.filter(stands) else {
            return refused("its user was deleted, disabled or reset");
        };
        if provider::is_taken_away(&tenant, &user) {
            return refused("the tenant has turned the provider of its user off");
        }
        if self.at_home(&user, None).await?.is_err() {
            return refused("the home of its user disabled or deleted the account");
        }
        let scopes = text(claims, "scp").unwrap_or_default();
        let permissions = scopes.split(' ').map(str::to_owned).collect();
        Ok(Ok(Bearer { tenant, user: Some(user), client, permissions }))
    }

    /// A token at the endpoint of an authority: `None` is everybody's. One of another tenant is worth
    /// nothing there.
    async fn bearer_at(&self, token: &str, segment: Option<&str>) -> Result<Bearer, GraphFault> {
        let bearer = self.bearer(token).await?;
        let Some(segment) = segment else { return Ok(bearer) };
        let authority = self.resolve_segment(segment).await;
        let authority = authority.map_err(|why| GraphFailure::from(why).into_fault())?;
        let tenant = authority.map(Authority::tenant);
        match tenant {
            Some(tenant) if tenant.is_none_or(|tenant| tenant == bearer.tenant.id) => Ok(bearer),
            _ => Err(GraphFault::invalid_token("it was issued in another tenant")),
        }
    }

    /// `/oidc/userinfo`: `sub` is the id token's, not the access token's.
    ///
    /// # Errors
    /// If the token is not good at the endpoint of that authority.
    pub async fn userinfo(&self, token: &str, segment: Option<&str>) -> Result<Value, GraphFault> {
        let bearer = self.bearer_at(token, segment).await?;
        let Some(user) = bearer.user.as_ref().filter(|_| bearer.has_permission(&["openid"])) else {
            return Err(GraphFault::denied());
        };
        let mut info = Map::new();
        let subject = claims::pairwise(bearer.tenant.id, user.id, bearer.client);
        info.insert("sub".into(), json!(subject));
        if bearer.has_permission(&["profile"]) {
            info.insert("name".into(), json!(user.display_name));
        }
        // Assumption: v1.0's own endpoint names the person as v1.0 tokens do; bell and its like read
        // `oid` and `upn` there, which guests do not have.
        if segment.is_some() {
            info.insert("oid".into(), json!(user.id));
            if user.external.is_none() {
                info.insert("upn".into(), json!(user.user_principal_name));
            }
        }
        let told = email::to_tell(user, &bearer.tenant, false);
        if let Some(mail) = told.filter(|_| bearer.has_permission(&["email"])) {
            info.insert("email".into(), json!(mail));
        }
        Ok(Value::Object(info))
    }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}
