//! `/v1.0/users` and `/v1.0/me`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::odata::Options;
use super::{Bearer, GraphFailure, body_object, json as shape, read, retry_graph};
use crate::broker::Broker;
use crate::directory::{Invitation, InvitationStatus, Role, User, UserType};
use crate::fault::GraphFault;
use crate::ids::{EmailAddress, ObjectId};
use crate::protocol::params::Params;
use crate::store::records::by;
use crate::store::{ChangeSet, Page, Stored};

const READING: &[&str] = &[
    "User.Read.All",
    "User.ReadBasic.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const WRITING: &[&str] = &["User.ReadWrite.All", "Directory.ReadWrite.All"];
const ADMINISTRATORS: &[Role] = &[Role::GlobalAdministrator, Role::UserAdministrator];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UserPatch {
    account_enabled: Option<bool>,
    display_name: Option<String>,
    mail: Option<EmailAddress>,
    other_mails: Option<Vec<EmailAddress>>,
    user_type: Option<UserType>,
}

impl Broker {
    /// `GET /me`.
    pub fn me(&self, bearer: &Bearer, params: &Params) -> Result<Value, GraphFault> {
        let options = Options::parse(params, shape::ALL)?;
        let reading = [READING, &["User.Read"]].concat();
        let user = bearer.user.as_ref().filter(|_| bearer.has_permission(&reading));
        let user = user.ok_or_else(GraphFault::denied)?;
        Ok(entity(bearer, user, &options))
    }

    /// `GET /users`.
    pub async fn list_users(
        &self,
        bearer: &Bearer,
        origin: &str,
        params: &Params,
    ) -> Result<Value, GraphFault> {
        check_reads_others(bearer)?;
        let options = Options::parse(params, shape::ALL)?;
        let after = match &options.skiptoken {
            None => None,
            Some(token) => Some(self.open_skiptoken(bearer, token)?),
        };
        let found = self.matching_users(bearer, &options, after).await;
        let (found, more) = found.map_err(GraphFailure::into_fault)?;
        let domain = bearer.tenant.initial_domain();
        let select = selected(&options);
        let value: Vec<_> = found.iter().map(|user| shape::user(user, domain, &select)).collect();
        let mut answer = Map::new();
        let context = format!("{origin}/v1.0/$metadata#users");
        answer.insert("@odata.context".into(), json!(context));
        if options.count {
            let all = Options { top: u32::MAX, ..Options::parse(params, shape::ALL)? };
            let counted = self.matching_users(bearer, &all, None).await;
            let counted = counted.map_err(GraphFailure::into_fault)?;
            let counted = counted.0.len();
            answer.insert("@odata.count".into(), json!(counted));
        }
        if let Some(last) = found.last().filter(|_| more) {
            let token = self.skiptoken(bearer, last.id);
            answer.insert("@odata.nextLink".into(), json!(next_link(origin, params, &token)));
        }
        answer.insert("value".into(), json!(value));
        Ok(Value::Object(answer))
    }

    /// A page of the users that pass the filter, and whether there are more. An address in the
    /// filter is looked up, not searched for.
    async fn matching_users(
        &self,
        bearer: &Bearer,
        options: &Options,
        mut after: Option<String>,
    ) -> Result<(Vec<User>, bool), GraphFailure> {
        let tenant = &bearer.tenant;
        let passes = |user: &User| {
            options.filter.passes(|name| shape::property(user, tenant.initial_domain(), name))
        };
        let top = options.top as usize;
        let named = |name: &str| options.filter.equal_to(name);
        let address = named("mail").or_else(|| named("otherMails"));
        let address = address.or_else(|| named("userPrincipalName").filter(|n| !n.contains('#')));
        if let Some(address) = address {
            let Ok(address) = address.parse::<EmailAddress>() else { return Ok((vec![], false)) };
            let index = by::user_address(tenant.id, &address);
            let found = self.store.find::<User>(index).await?.into_iter().map(|user| user.record);
            return Ok((found.filter(passes).take(top).collect(), false));
        }
        let mut found = Vec::new();
        loop {
            let page = Page { after: after.clone(), limit: 1000 };
            let users = self.store.search::<User>(&by::users_of(tenant.id), &page).await?;
            let whole = users.len() == 1000;
            for user in users {
                after = Some(user.id.to_string());
                if passes(&user) {
                    if found.len() == top {
                        return Ok((found, true));
                    }
                    found.push(user.record);
                }
            }
            if !whole {
                return Ok((found, false));
            }
        }
    }

    /// `GET /users/{id or userPrincipalName}`.
    pub async fn get_user(
        &self,
        bearer: &Bearer,
        name: &str,
        params: &Params,
    ) -> Result<Value, GraphFault> {
        let options = Options::parse(params, shape::ALL)?;
        let user = self.named_user(bearer, name).await;
        let own = |user: &User| bearer.user.as_ref().is_some_and(|caller| caller.id == user.id);
        if !user.as_ref().is_ok_and(|user| own(user)) {
            check_reads_others(bearer)?;
        }
        match user {
            Ok(user) => Ok(entity(bearer, &user, &options)),
            Err(failure) => Err(failure.into_fault()),
        }
    }

    async fn named_user(&self, bearer: &Bearer, name: &str) -> Result<Stored<User>, GraphFailure> {
        let tenant = bearer.tenant.id;
        let found = match name.parse::<ObjectId>() {
            Ok(id) => self.user(tenant, id).await?,
            Err(_) => self.store.find_one(by::user_principal_name(tenant, name)).await?,
        };
        let shown: String = name.chars().filter(|c| !c.is_control()).take(120).collect();
        found.ok_or_else(|| GraphFault::not_found(shown).into())
    }

    /// `PATCH /users/{id}`.
    pub async fn update_user(
        &self,
        bearer: &Bearer,
        name: &str,
        body: &[u8],
    ) -> Result<(), GraphFault> {
        if !bearer.may(WRITING, ADMINISTRATORS) {
            return Err(GraphFault::denied());
        }
        let patch: UserPatch = read(body_object(body)?)?;
        let long = patch.display_name.as_ref().is_some_and(|name| {
            name.trim().is_empty()
                || name.chars().count() > 256
                || name.chars().any(char::is_control)
        });
        if long {
            return Err(GraphFault::bad_request("The displayName is not valid."));
        }
        retry_graph!(self.try_update_user(bearer, name, &patch).await)
    }

    async fn try_update_user(
        &self,
        bearer: &Bearer,
        name: &str,
        patch: &UserPatch,
    ) -> Result<(), GraphFailure> {
        let mut user = self.named_user(bearer, name).await?;
        if let Some(enabled) = patch.account_enabled {
            user.account_enabled = enabled;
        }
        if let Some(name) = &patch.display_name {
            user.display_name.clone_from(name);
        }
        if let Some(mail) = &patch.mail {
            user.mail = Some(mail.clone());
        }
        if let Some(others) = &patch.other_mails {
            user.other_mails.clone_from(others);
        }
        if let Some(user_type) = patch.user_type {
            user.user_type = user_type;
        }
        let mut changes = ChangeSet::new();
        changes.update(&user);
        Ok(self.store.commit(changes).await?)
    }

    /// `DELETE /users/{id}`: the guest's invitations are worth nothing from then on.
    pub async fn delete_user(&self, bearer: &Bearer, name: &str) -> Result<(), GraphFault> {
        if !bearer.may(WRITING, ADMINISTRATORS) {
            return Err(GraphFault::denied());
        }
        retry_graph!(self.try_delete_user(bearer, name).await)
    }

    async fn try_delete_user(&self, bearer: &Bearer, name: &str) -> Result<(), GraphFailure> {
        let user = self.named_user(bearer, name).await?;
        let mut changes = ChangeSet::new();
        changes.delete(&user);
        let index = by::invitations_of(user.tenant, user.id);
        for mut invitation in self.store.find::<Invitation>(index).await? {
            invitation.status = InvitationStatus::Superseded;
            changes.update(&invitation);
        }
        Ok(self.store.commit(changes).await?)
    }

    /// A place in a list, sealed so that only we can make one.
    fn skiptoken(&self, bearer: &Bearer, after: ObjectId) -> String {
        let parts = [&bearer.tenant.id.to_string(), &after.to_string()];
        let code = self.mac.code("skiptoken", &parts.map(String::as_str));
        format!("{after}.{code}")
    }

    fn open_skiptoken(&self, bearer: &Bearer, token: &str) -> Result<String, GraphFault> {
        let forged = || GraphFault::bad_query("The $skiptoken is not valid.");
        let (after, code) = token.split_once('.').ok_or_else(forged)?;
        let tenant = bearer.tenant.id.to_string();
        match self.mac.verifies("skiptoken", &[&tenant, after], code) {
            true => Ok(after.to_owned()),
            false => Err(forged()),
        }
    }
}

/// An application with the permission, or a member; a guest reads nobody but themselves.
fn check_reads_others(bearer: &Bearer) -> Result<(), GraphFault> {
    let guest = bearer.user.as_ref().is_some_and(|user| user.user_type == UserType::Guest);
    let limited = guest && !bearer.may(READING, ADMINISTRATORS);
    if bearer.has_permission(READING) && !limited { Ok(()) } else { Err(GraphFault::denied()) }
}

fn selected(options: &Options) -> Vec<String> {
    if options.select.is_empty() {
        return shape::DEFAULT.iter().map(|name| (*name).to_owned()).collect();
    }
    options.select.clone()
}

fn entity(bearer: &Bearer, user: &User, options: &Options) -> Value {
    let domain = bearer.tenant.initial_domain();
    Value::Object(shape::user(user, domain, &selected(options)))
}

/// The same query with another place to start; an absolute URL on the same host.
fn next_link(origin: &str, params: &Params, token: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for name in ["$select", "$filter", "$top", "$count"] {
        if let Some(value) = params.get(name) {
            query.append_pair(name, value);
        }
    }
    query.append_pair("$skiptoken", token);
    format!("{origin}/v1.0/users?{}", query.finish())
}
