//! The end of a sign-in, and what of it is kept.
//!
//! [`Granted`] is what tokens are made of. It comes from a complete sign-in, or from the record of one
//! together with fresh decisions: a record proves the past, not the present.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::states::Consenting;
use crate::decide::{Decision, consent, redemption};
use crate::directory::User;
use crate::fault::{Fault, say};
use crate::federation::sign_on::SignOnRequest;
use crate::ids::{ClientId, ObjectId, TenantId};
use crate::protocol::authority::Authority;
use crate::protocol::authorize::AuthorizationRequest;
use crate::protocol::claims_request::ClaimsRequest;
use crate::protocol::client_auth::AuthenticatedClient;
use crate::protocol::scope::RequestedScope;

/// What was granted. Plain data: holding it proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantData {
    /// Where.
    pub tenant: TenantId,
    /// To whom.
    pub user: ObjectId,
    /// Through which client.
    pub client: ClientId,
    /// Under which path segment the sign-in ran.
    pub authority: Authority,
    /// As the client sent it.
    pub redirect_uri: String,
    /// What was asked for.
    pub scope: RequestedScope,
    /// Comes back in the id token.
    pub nonce: Option<String>,
    /// PKCE.
    pub code_challenge: Option<String>,
    /// Claims asked for by name.
    pub claims: ClaimsRequest,
    /// Whether `client_info` is wanted.
    pub client_info: bool,
    /// Whether the client asked for `auth_time`, by `max_age` or by name.
    pub wants_auth_time: bool,
    /// When the identity was proven.
    pub auth_time: Timestamp,
    /// How.
    pub amr: Vec<String>,
    /// `externalUserStateChangeDateTime` of a guest: after a reset it is worth nothing, whoever
    /// redeems next.
    pub standing_since: Option<Timestamp>,
    /// Nobody saw a page: a password or another's access token was sent (see `without_page.rs`).
    #[serde(default)]
    pub without_page: bool,
    /// The entry in the browser's session.
    pub sid: Uuid,
    /// The network address of the sign-in.
    #[serde(default)]
    pub ip: Option<String>,
    /// The sign-in it came from; its trace tells the story.
    pub interaction: crate::ids::InteractionId,
}

impl GrantData {
    /// The same person in another tenant. It proves as little as any [`GrantData`]: whether that
    /// user may come in is decided there.
    ///
    /// # Errors
    /// What the decision says against it, and an inner one if it is about another user.
    pub fn at_another_tenant(
        &self,
        user: &User,
        decision: &Decision<Result<ObjectId, Fault>>,
    ) -> Result<Self, Fault> {
        if decision.outcome().clone()? != user.id {
            return Err(say::internal().with_detail("a decision about another user"));
        }
        let standing_since = user.standing_since();
        Ok(Self { tenant: user.tenant, user: user.id, standing_since, ..self.clone() })
    }
}

/// A complete sign-in of a user who may come in now.
#[derive(Debug, Clone)]
pub struct Granted(GrantData);

impl Granted {
    /// A sign-in that holds every proof; called by [`Consenting::grant`] only.
    pub(super) fn complete(state: &Consenting, request: &AuthorizationRequest) -> Self {
        let proven = state.authenticated.proven();
        let named = |claim: &String| claim == "auth_time";
        Self(GrantData {
            tenant: state.redeemed.tenant,
            user: state.redeemed.user,
            client: request.client_id,
            authority: state.request.authority,
            redirect_uri: request.target.uri().to_owned(),
            scope: request.scope.clone(),
            nonce: request.nonce.clone(),
            code_challenge: request.code_challenge.clone(),
            claims: request.claims.clone(),
            client_info: request.client_info,
            wants_auth_time: request.max_age.is_some() || request.claims.id_token.iter().any(named),
            auth_time: proven.auth_time(),
            amr: proven.amr().to_vec(),
            standing_since: state.redeemed.since,
            without_page: false,
            sid: state.sid,
            ip: Some(state.request.peer.clone()).filter(|peer| !peer.is_empty()),
            interaction: state.request.id,
        })
    }

    /// The same for an application that wants an assertion; called by [`Consenting::grant`] only.
    pub(super) fn for_assertion(state: &Consenting, request: &SignOnRequest) -> Self {
        let proven = state.authenticated.proven();
        Self(GrantData {
            tenant: state.redeemed.tenant,
            user: state.redeemed.user,
            client: request.client_id,
            authority: state.request.authority,
            redirect_uri: request.reply_to.as_str().to_owned(),
            scope: RequestedScope::default(),
            nonce: None,
            code_challenge: None,
            claims: ClaimsRequest::default(),
            client_info: false,
            wants_auth_time: false,
            auth_time: proven.auth_time(),
            amr: proven.amr().to_vec(),
            standing_since: state.redeemed.since,
            without_page: false,
            sid: state.sid,
            ip: None,
            interaction: state.request.id,
        })
    }

    /// A record of one, and the decisions as they are *now*.
    ///
    /// # Errors
    /// What stands against the user: pending again, disabled, not assigned, consent withdrawn.
    pub fn renewed(
        data: GrantData,
        (user, app_name, tenant_name): (&User, &str, &str),
        admitted: &Decision<Result<(), Fault>>,
        redemption: &Decision<redemption::Outcome>,
        consent: &Decision<consent::Outcome>,
    ) -> Result<Self, Fault> {
        if user.id != data.user || user.tenant != data.tenant {
            return Err(say::internal().with_detail("a grant of another user"));
        }
        admitted.outcome().clone()?;
        if user.is_pending() || *redemption.outcome() != redemption::Outcome::Complete {
            return Err(say::guest_pending(user.address(), tenant_name));
        }
        if user.standing_since() != data.standing_since {
            return Err(say::grant_revoked());
        }
        match consent.outcome() {
            consent::Outcome::Consented => Ok(Self(data)),
            // There is no page on which an administrator could be asked for.
            consent::Outcome::Refused(fault) if !data.without_page => Err(fault.clone()),
            consent::Outcome::Ask(_) | consent::Outcome::Refused(_) => {
                Err(say::consent_missing(data.client, app_name))
            }
        }
    }

    /// What was granted.
    pub fn data(&self) -> &GrantData {
        &self.0
    }
}

/// An application that acts as itself.
#[derive(Debug, Clone)]
pub struct AppOnly {
    pub(super) client: AuthenticatedClient,
    pub(super) tenant: TenantId,
    pub(super) resource: ClientId,
    pub(super) roles: Vec<String>,
    pub(super) v1_audience: Option<String>,
    pub(super) lifetime: Option<u32>,
}

impl AppOnly {
    /// For a resource that takes v1.0 access tokens: its name as it was asked for.
    #[must_use]
    pub fn with_v1_audience(self, v1_audience: Option<String>) -> Self {
        Self { v1_audience, ..self }
    }

    /// A client that proved to be itself, and the permissions it holds on a resource.
    ///
    /// # Errors
    /// 7000218 if the client is public.
    pub fn new(
        client: AuthenticatedClient,
        tenant: TenantId,
        resource: ClientId,
        roles: Vec<String>,
    ) -> Result<Self, Fault> {
        if client.is_confidential() {
            Ok(Self { client, tenant, resource, roles, v1_audience: None, lifetime: None })
        } else {
            Err(say::secret_missing())
        }
    }

    /// The same with the lifetime that the resource asks for, in seconds.
    #[must_use]
    pub fn living(self, lifetime: Option<u32>) -> Self {
        Self { lifetime, ..self }
    }
}
