//! `/v1.0/identity/identityProviders` and `/v1.0/policies/authenticationFlowsPolicy`.

use axum::Router;
use axum::extract::{Path, Request};
use axum::response::Response;
use axum::routing::get;

use super::{answer, caller, done, json_body};
use crate::http::App;
use crate::http::extract::Context;

pub(in crate::http) fn routes() -> Router<App> {
    Router::new()
        .route("/v1.0/policies/authenticationFlowsPolicy", get(policy).patch(update_policy))
        .route("/v1.0/identity/identityProviders", get(list).post(create))
        .route("/v1.0/identity/identityProviders/{id}", get(read).patch(update).delete(delete))
}

async fn list(context: Context) -> Response {
    let outcome = async {
        let bearer = caller(&context).await?;
        context.app.broker.list_identity_providers(&bearer, &context.here.origin)
    };
    answer(&context, 200, outcome.await)
}

async fn create(context: Context, request: Request) -> Response {
    let outcome = async {
        let bearer = caller(&context).await?;
        let body = json_body(request).await?;
        context.app.broker.create_identity_provider(&bearer, &body).await
    };
    answer(&context, 201, outcome.await)
}

async fn read(context: Context, Path(id): Path<String>) -> Response {
    let outcome = async {
        let bearer = caller(&context).await?;
        context.app.broker.get_identity_provider(&bearer, &id)
    };
    answer(&context, 200, outcome.await)
}

async fn update(context: Context, Path(id): Path<String>, request: Request) -> Response {
    let outcome = async {
        let bearer = caller(&context).await?;
        let body = json_body(request).await?;
        context.app.broker.update_identity_provider(&bearer, &id, &body).await
    };
    done(&context, outcome.await)
}

async fn delete(context: Context, Path(id): Path<String>) -> Response {
    let outcome = async {
        let bearer = caller(&context).await?;
        context.app.broker.delete_identity_provider(&bearer, &id).await
    };
    done(&context, outcome.await)
}

async fn policy(context: Context) -> Response {
    let outcome = async {
        let bearer = caller(&context).await?;
        context.app.broker.authentication_flows_policy(&bearer, &context.here.origin)
    };
    answer(&context, 200, outcome.await)
}

async fn update_policy(context: Context, request: Request) -> Response {
    let outcome = async {
        let bearer = caller(&context).await?;
        let body = json_body(request).await?;
        context.app.broker.update_authentication_flows_policy(&bearer, &body).await
    };
    done(&context, outcome.await)
}
