//! Grants for which nobody sees a page: a member's password, and the access token with which a
//! client was called. Each needs its proof; what the directory says of the user is decided after,
//! as for every grant.

use jiff::Timestamp;
use uuid::Uuid;

use super::granted::GrantData;
use super::grants::GrantRecord;
use super::proof::Proven;
use crate::directory::User;
use crate::fault::{Fault, say};
use crate::ids::{ClientId, InteractionId};
use crate::protocol::authority::Authority;
use crate::protocol::claims_request::ClaimsRequest;
use crate::protocol::scope::RequestedScope;
use crate::protocol::token_handle::TokenHandle;

/// What a client asks for at the token endpoint itself.
#[derive(Debug)]
pub struct Asked {
    /// The client.
    pub client: ClientId,
    /// Where.
    pub authority: Authority,
    /// Permissions of one resource.
    pub scope: RequestedScope,
    /// Claims asked for by name.
    pub claims: ClaimsRequest,
    /// Whether `client_info` is wanted.
    pub client_info: bool,
    /// The network address of the person, where that is known.
    pub ip: Option<String>,
}

impl GrantData {
    /// For a member who gave the client the password (resource-owner password credentials).
    ///
    /// # Errors
    /// An inner one if the proof is another account's.
    pub fn by_password(
        proven: &Proven,
        user: &User,
        asked: Asked,
        (sid, interaction): (Uuid, InteractionId),
    ) -> Result<Self, Fault> {
        let account = proven.account();
        let is_own = account.home_tenant == Some(user.tenant)
            && account.subject == user.id.to_string()
            && user.external.is_none();
        if !is_own {
            return Err(say::internal().with_detail("a password of another account"));
        }
        let amr = proven.amr().to_vec();
        Ok(Self::asked(asked, user, (proven.auth_time(), amr), (sid, interaction)))
    }

    /// For the person of an access token, at a client that was called with it.
    ///
    /// # Errors
    /// 50014 for a guest who is to redeem again, 50173 if the token's family was revoked, or the
    /// person reset since.
    pub fn on_behalf_of(
        (grant, handle): (&GrantRecord, &TokenHandle),
        (user, tenant_name): (&User, &str),
        asked: Asked,
    ) -> Result<Self, Fault> {
        if user.is_pending() {
            return Err(say::guest_pending(user.address(), tenant_name).for_a_grant());
        }
        if grant.is_revoked() || !grant.stands_for(user, handle) {
            return Err(say::grant_revoked());
        }
        let before = grant.data();
        let proof = (before.auth_time, before.amr.clone());
        let asked = Asked { ip: before.ip.clone(), ..asked };
        Ok(Self::asked(asked, user, proof, (before.sid, before.interaction)))
    }

    fn asked(
        asked: Asked,
        user: &User,
        (auth_time, amr): (Timestamp, Vec<String>),
        (sid, interaction): (Uuid, InteractionId),
    ) -> Self {
        let named = |claim: &String| claim == "auth_time";
        Self {
            tenant: user.tenant,
            user: user.id,
            client: asked.client,
            authority: asked.authority,
            redirect_uri: String::new(),
            scope: asked.scope,
            nonce: None,
            code_challenge: None,
            wants_auth_time: asked.claims.id_token.iter().any(named),
            claims: asked.claims,
            client_info: asked.client_info,
            auth_time,
            amr,
            standing_since: user.standing_since(),
            without_page: true,
            ip: asked.ip,
            sid,
            interaction,
        }
    }
}
