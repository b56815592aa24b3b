//! Microsoft Graph's routes.

pub(super) mod batch;
pub(super) mod federations;
pub(super) mod identity;

use axum::extract::{Path, Request};
use axum::http::uri::PathAndQuery;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::extract::{Context, GRAPH_LIMIT, read_body};
use super::render::{json_response, no_store};
use crate::broker::Bearer;
use crate::fault::{Fault, GraphFault};
use crate::protocol::params::Params;

/// Takes an empty segment after the version or at the end out of an address, as Graph does: the SDK
/// for Python asks for `/v1.0//users` by default, passport-microsoft for `/v1.0/me/`.
pub(super) fn without_empty_segment(mut request: Request) -> Request {
    let mended = request.uri().path_and_query().and_then(|address| {
        let rest = address.path().strip_prefix("/v1.0/")?;
        let path = rest.strip_prefix('/').unwrap_or(rest);
        let path = path.strip_suffix('/').unwrap_or(path);
        let query = address.query().map(|query| format!("?{query}")).unwrap_or_default();
        let address = format!("/v1.0/{path}{query}");
        (path != rest).then(|| PathAndQuery::try_from(address).ok()).flatten()
    });
    if let Some(address) = mended {
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = Some(address);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}

/// The caller: `Authorization: Bearer`, and nothing else.
async fn caller(context: &Context) -> Result<Bearer, GraphFault> {
    let token = context.bearer();
    let token = token.ok_or_else(|| GraphFault::invalid_token("there is none"))?;
    context.app.broker.bearer(token).await
}

fn query(context: &Context) -> Result<Params, GraphFault> {
    context.query().map_err(|fault| GraphFault::bad_query(fault.message().to_owned()))
}

async fn json_body(request: Request) -> Result<axum::body::Bytes, GraphFault> {
    let kind = request.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(GraphFault::bad_request("The request body must be application/json."));
    }
    read_body(request, GRAPH_LIMIT).await.map_err(|fault: Fault| match fault.status() {
        413 => GraphFault::too_large(),
        _ => GraphFault::bad_request(fault.message().to_owned()),
    })
}

fn answer(context: &Context, status: u16, outcome: Result<Value, GraphFault>) -> Response {
    match outcome {
        Ok(body) => no_store(json_response(status, &body)),
        Err(fault) => context.graph_fault(&fault),
    }
}

fn done(context: &Context, outcome: Result<(), GraphFault>) -> Response {
    match outcome {
        Ok(()) => no_store(StatusCode::NO_CONTENT.into_response()),
        Err(fault) => context.graph_fault(&fault),
    }
}

/// `POST /v1.0/invitations`.
pub(super) async fn invite(context: Context, request: Request) -> Response {
    let outcome = async {
        let bearer = caller(&context).await?;
        let body = json_body(request).await?;
        context.app.broker.invite(&bearer, &context.here.origin, &body).await
    };
    answer(&context, 201, outcome.await)
}

/// `GET /v1.0/me`.
pub(super) async fn me(context: Context) -> Response {
    let outcome = async {
        let bearer = caller(&context).await?;
        context.app.broker.me(&bearer, &query(&context)?)
    };
    answer(&context, 200, outcome.await)
}

/// `GET /v1.0/users`.
pub(super) async fn list_users(context: Context) -> Response {
    let outcome = async {
        let bearer = caller(&context).await?;
        let query = query(&context)?;
        context.app.broker.list_users(&bearer, &context.here.origin, &query).await
    };
    answer(&context, 200, outcome.await)
}

/// `GET /v1.0/users/{id}`.
pub(super) async fn get_user(context: Context, Path(id): Path<String>) -> Response {
    let outcome = async {
        let bearer = caller(&context).await?;
        context.app.broker.get_user(&bearer, &id, &query(&context)?).await
    };
    answer(&context, 200, outcome.await)
}

/// `PATCH /v1.0/users/{id}`.
pub(super) async fn update_user(
    context: Context,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let outcome = async {
        let bearer = caller(&context).await?;
        let body = json_body(request).await?;
        context.app.broker.update_user(&bearer, &id, &body).await
    };
    done(&context, outcome.await)
}

/// `DELETE /v1.0/users/{id}`.
pub(super) async fn delete_user(context: Context, Path(id): Path<String>) -> Response {
    let outcome = async {
        let bearer = caller(&context).await?;
        context.app.broker.delete_user(&bearer, &id).await
    };
    done(&context, outcome.await)
}

/// `GET /v1.0/servicePrincipals`.
pub(super) async fn list_principals(context: Context) -> Response {
    let outcome = async {
        let bearer = caller(&context).await?;
        context.app.broker.list_service_principals(&bearer, &query(&context)?).await
    };
    answer(&context, 200, outcome.await)
}

/// `GET /v1.0/servicePrincipals/{id}`.
pub(super) async fn get_principal(context: Context, Path(id): Path<String>) -> Response {
    let outcome = async {
        let bearer = caller(&context).await?;
        context.app.broker.get_service_principal(&bearer, &id).await
    };
    answer(&context, 200, outcome.await)
}

/// `PATCH /v1.0/servicePrincipals/{id}`.
pub(super) async fn update_principal(
    context: Context,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let outcome = async {
        let bearer = caller(&context).await?;
        let body = json_body(request).await?;
        context.app.broker.update_service_principal(&bearer, &id, &body).await
    };
    done(&context, outcome.await)
}

/// The inside of `servicePrincipals(appId='…')`.
fn by_app(entity: &str) -> Result<String, GraphFault> {
    let inside = entity.strip_prefix("servicePrincipals(").and_then(|rest| rest.strip_suffix(')'));
    inside.map(str::to_owned).ok_or_else(|| {
        let shown: String = entity.chars().filter(|c| !c.is_control()).take(60).collect();
        GraphFault::not_found(shown)
    })
}

/// `GET /v1.0/servicePrincipals(appId='…')`.
pub(super) async fn get_principal_by_app(context: Context, Path(entity): Path<String>) -> Response {
    let outcome = async {
        let name = by_app(&entity)?;
        let bearer = caller(&context).await?;
        context.app.broker.get_service_principal(&bearer, &name).await
    };
    answer(&context, 200, outcome.await)
}

/// `PATCH /v1.0/servicePrincipals(appId='…')`.
pub(super) async fn update_principal_by_app(
    context: Context,
    Path(entity): Path<String>,
    request: Request,
) -> Response {
    let outcome = async {
        let name = by_app(&entity)?;
        let bearer = caller(&context).await?;
        let body = json_body(request).await?;
        context.app.broker.update_service_principal(&bearer, &name, &body).await
    };
    done(&context, outcome.await)
}
