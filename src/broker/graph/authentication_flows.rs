//! `/v1.0/policies/authenticationFlowsPolicy`: whether people may sign themselves up.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Bearer, GraphFailure, body_object, read, retry_graph};
use crate::broker::Broker;
use crate::directory::Role;
use crate::fault::GraphFault;

const READING: &[&str] = &["Policy.Read.All", "Policy.ReadWrite.AuthenticationFlows"];
const WRITING: &[&str] = &["Policy.ReadWrite.AuthenticationFlows"];
/// The least privileged role, External ID User Flow Administrator, is not among the roles here.
const ADMINISTRATORS: &[Role] = &[Role::GlobalAdministrator];

/// The body of an update. Other properties cannot be changed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyPatch {
    self_service_sign_up: SelfServiceSignUp,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SelfServiceSignUp {
    is_enabled: bool,
}

impl Broker {
    /// `GET /policies/authenticationFlowsPolicy`.
    pub fn authentication_flows_policy(
        &self,
        bearer: &Bearer,
        origin: &str,
    ) -> Result<Value, GraphFault> {
        if !bearer.may(READING, ADMINISTRATORS) {
            return Err(GraphFault::denied());
        }
        Ok(json!({
            "@odata.context":
                format!("{origin}/v1.0/$metadata#policies/authenticationFlowsPolicy/$entity"),
            "id": "authenticationFlowsPolicy",
            "displayName": "Authentication flows policy",
            "description":
                "Authentication flows policy allows modification of settings related to \
                 authentication flows in AAD tenant, such as self-service sign up configuration.",
            "selfServiceSignUp": { "isEnabled": bearer.tenant.self_service_sign_up },
        }))
    }

    /// `PATCH /policies/authenticationFlowsPolicy`.
    pub async fn update_authentication_flows_policy(
        &self,
        bearer: &Bearer,
        body: &[u8],
    ) -> Result<(), GraphFault> {
        if !bearer.may(WRITING, ADMINISTRATORS) {
            return Err(GraphFault::denied());
        }
        let patch: PolicyPatch = read(body_object(body)?)?;
        let enabled = patch.self_service_sign_up.is_enabled;
        retry_graph!(self.try_switch_sign_up(bearer, enabled).await)
    }

    async fn try_switch_sign_up(&self, bearer: &Bearer, enabled: bool) -> Result<(), GraphFailure> {
        let mut tenant = self.stored_tenant(bearer).await?;
        tenant.self_service_sign_up = enabled;
        self.save_tenant(&tenant).await
    }
}
