//! `/v1.0/servicePrincipals`: the switches of enterprise applications.

use serde::Deserialize;
use serde_json::{Value, json};

use super::odata::Options;
use super::{Bearer, GraphFailure, body_object, json as shape, read, retry_graph};
use crate::broker::Broker;
use crate::directory::{Role, ServicePrincipal};
use crate::fault::GraphFault;
use crate::ids::{ClientId, ObjectId};
use crate::protocol::params::Params;
use crate::store::records::by;
use crate::store::{ChangeSet, Page, Stored};

const READING: &[&str] = &[
    "Application.Read.All",
    "Application.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const WRITING: &[&str] = &["Application.ReadWrite.All", "Directory.ReadWrite.All"];
const KNOWN: &[&str] = &["id", "appId", "displayName", "accountEnabled"];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PrincipalPatch {
    account_enabled: Option<bool>,
    app_role_assignment_required: Option<bool>,
}

impl Broker {
    /// `GET /servicePrincipals`.
    pub async fn list_service_principals(
        &self,
        bearer: &Bearer,
        params: &Params,
    ) -> Result<Value, GraphFault> {
        if !bearer.may(READING, &[Role::GlobalAdministrator]) {
            return Err(GraphFault::denied());
        }
        let options = Options::parse(params, KNOWN)?;
        let query = by::service_principals_of(bearer.tenant.id);
        let all = self.store.search::<ServicePrincipal>(&query, &Page::ALL).await;
        let all = all.map_err(|fault| GraphFailure::from(fault).into_fault())?;
        let shown = all.iter().map(|principal| shape::service_principal(principal));
        let passing = shown.filter(|principal| {
            options.filter.passes(|name| principal.get(name).cloned().unwrap_or_default())
        });
        Ok(json!({ "value": passing.take(options.top as usize).collect::<Vec<_>>() }))
    }

    /// `GET /servicePrincipals/{id}` or `/servicePrincipals(appId='…')`.
    pub async fn get_service_principal(
        &self,
        bearer: &Bearer,
        name: &str,
    ) -> Result<Value, GraphFault> {
        if !bearer.may(READING, &[Role::GlobalAdministrator]) {
            return Err(GraphFault::denied());
        }
        let found = retry_graph!(self.named_principal(bearer, name).await)?;
        Ok(shape::service_principal(&found))
    }

    /// `PATCH /servicePrincipals/{id}`: *Enabled for users to sign in?* and *Assignment required?*
    pub async fn update_service_principal(
        &self,
        bearer: &Bearer,
        name: &str,
        body: &[u8],
    ) -> Result<(), GraphFault> {
        if !bearer.may(WRITING, &[Role::GlobalAdministrator]) {
            return Err(GraphFault::denied());
        }
        let patch: PrincipalPatch = read(body_object(body)?)?;
        retry_graph!(self.try_update_principal(bearer, name, &patch).await)
    }

    async fn try_update_principal(
        &self,
        bearer: &Bearer,
        name: &str,
        patch: &PrincipalPatch,
    ) -> Result<(), GraphFailure> {
        let mut principal = self.named_principal(bearer, name).await?;
        if let Some(enabled) = patch.account_enabled {
            principal.account_enabled = enabled;
        }
        if let Some(required) = patch.app_role_assignment_required {
            principal.app_role_assignment_required = required;
        }
        let mut changes = ChangeSet::new();
        changes.update(&principal);
        Ok(self.store.commit(changes).await?)
    }

    /// By object id, or by `appId='…'`.
    async fn named_principal(
        &self,
        bearer: &Bearer,
        name: &str,
    ) -> Result<Stored<ServicePrincipal>, GraphFailure> {
        let tenant = bearer.tenant.id;
        let app = name.strip_prefix("appId='").and_then(|rest| rest.strip_suffix('\''));
        let found = match (app, name.parse::<ObjectId>()) {
            (Some(app), _) => match app.parse::<ClientId>() {
                Ok(app) => self.service_principal(tenant, app).await?,
                Err(_) => None,
            },
            (None, Ok(id)) => self.store.find_one(by::service_principal_id(tenant, id)).await?,
            (None, Err(_)) => None,
        };
        let shown: String = name.chars().filter(|c| !c.is_control()).take(120).collect();
        found.ok_or_else(|| GraphFault::not_found(shown).into())
    }
}
