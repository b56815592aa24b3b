//! What clients ask before anybody signs in: instance and user realm.

use axum::extract::Path;
use axum::response::Response;
use serde_json::Value;

use super::documents::public;
use super::extract::Context;
use super::render::{json_response, no_store};
use crate::fault::{Fault, say};
use crate::protocol::instance;
use crate::protocol::params::Params;

/// `GET /common/discovery/instance?api-version=&authorization_endpoint=`.
pub(super) async fn instance(context: Context) -> Response {
    let document = || {
        let query = context.query()?;
        let endpoint = query.get("authorization_endpoint");
        let endpoint = endpoint.ok_or_else(|| say::parameter_missing("authorization_endpoint"))?;
        let version = query.get("api-version").unwrap_or("1.0");
        let origins = context.app.broker.origins().all();
        instance::document(&context.here.origin, origins, endpoint, version)
    };
    match document() {
        Ok(document) => public(json_response(200, &document)),
        Err(fault) => context.oauth_fault(&fault),
    }
}

/// `GET /common/userrealm/{user}?api-version=1.0|2.0|2.1`.
pub(super) async fn user_realm(context: Context, Path(user): Path<String>) -> Response {
    let outcome = async { realm_of(&context, &user, &context.query()?).await };
    answer(&context, outcome.await)
}

/// `GET /common/userrealm/?user=&api-version=`.
pub(super) async fn user_realm_asked(context: Context) -> Response {
    let outcome = async {
        let query = context.query()?;
        if let Some(name) = query.repeated() {
            return Err(say::request_malformed(format!("the parameter '{name}' is sent twice")));
        }
        let user = query.get_ignoring_case("user");
        let user = user.ok_or_else(|| say::parameter_missing("user"))?;
        realm_of(&context, user, &query).await
    };
    answer(&context, outcome.await)
}

async fn realm_of(context: &Context, user: &str, query: &Params) -> Result<Value, Fault> {
    let realm = context.app.broker.realm(user).await?;
    Ok(match query.get("api-version") {
        Some(version) if version.starts_with("2.") => realm.version_2(user),
        _ => realm.version_1(),
    })
}

/// `GET /GetUserRealm.srf?login=`.
pub(super) async fn user_realm_srf(context: Context) -> Response {
    let outcome = async {
        let query = context.query()?;
        let login = query.get_ignoring_case("login");
        let login = login.ok_or_else(|| say::parameter_missing("login"))?;
        Ok(context.app.broker.realm(login).await?.srf(login))
    };
    answer(&context, outcome.await)
}

fn answer(context: &Context, outcome: Result<Value, Fault>) -> Response {
    match outcome {
        Ok(realm) => no_store(json_response(200, &realm)),
        Err(fault) => context.oauth_fault(&fault),
    }
}
