//! HTTP: routes, cookies, extraction, rendering. Nothing else knows axum, and nothing is decided
//! here.

mod assets;
mod control;
mod cookies;
mod credential_type;
mod device;
mod documents;
mod error_code;
mod extract;
mod federation;
mod graph;
mod idp;
mod inbox;
mod oidc;
mod origin;
mod pages;
mod panel;
mod realm;
mod render;
mod sign_in;
mod sign_on;
mod sign_out;
mod social;
mod v1;
mod welcome;

use std::sync::Arc;

use axum::Router;
use axum::http::header::{REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use axum::http::{HeaderValue, Method};
use axum::routing::{any, get, post};
use tower::ServiceExt as _;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::broker::Broker;
use crate::directory::SocialNetwork;

pub use origin::Connection;

/// What the routes share.
#[derive(Debug, Clone)]
pub struct App {
    /// Decides.
    pub broker: Arc<Broker>,
    /// Who may use control API and inbox.
    pub access: Access,
}

/// Who may use control API and inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Nobody: they answer 404.
    Closed,
    /// Everybody who can reach the server: it listens on loopback only.
    Open,
    /// Whoever has the control token.
    Token(String),
}

/// Every route.
pub fn router(app: App) -> Router {
    // A router has chosen before its own layers see a request, so the address is mended around it.
    Router::new().fallback_service(routes(app).map_request(graph::without_empty_segment))
}

fn routes(app: App) -> Router {
    let header =
        |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    oidc_routes()
        .merge(sign_on_routes())
        .merge(page_routes())
        .merge(social::routes(SocialNetwork::Facebook))
        .merge(social::routes(SocialNetwork::Google))
        .merge(graph_routes())
        .merge(control_routes(&app))
        .fallback(render::not_found)
        .method_not_allowed_fallback(render::wrong_method)
        .layer(axum::middleware::from_fn_with_state(app.clone(), origin::check))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(X_FRAME_OPTIONS, "DENY"))
        .layer(header(REFERRER_POLICY, "no-referrer"))
        .layer(CatchPanicLayer::custom(render::panicked))
        .with_state(app)
}

/// What clients call.
fn oidc_routes() -> Router<App> {
    Router::new()
        .route("/{t}/oauth2/v2.0/authorize", get(oidc::authorize).post(oidc::authorize_post))
        .route("/{t}/oauth2/v2.0/token", post(oidc::token).options(oidc::token_preflight))
        .route("/{t}/oauth2/v2.0/devicecode", post(device::code))
        .route("/{t}/oauth2/authorize", get(v1::authorize).post(v1::authorize_post))
        .route("/{t}/oauth2/token", post(v1::token).options(oidc::token_preflight))
        .route("/{t}/oauth2/devicecode", post(v1::device_code))
        .route("/{t}/oauth2/logout", get(sign_out::logout).post(sign_out::logout_post))
        .route("/common/oauth2/deviceauth", get(device::page).post(device::typed))
        .route("/{t}/oauth2/v2.0/logout", get(sign_out::logout).post(sign_out::logout_post))
        .route("/{t}/oauth2/logoutsession", post(sign_out::answer))
        .route("/te/{t}/oauth2/logoutresp", get(sign_out::returned))
        .route("/{t}/v2.0/.well-known/openid-configuration", get(documents::discovery))
        .route("/{t}/.well-known/openid-configuration", get(documents::discovery_v1))
        .route("/{t}/discovery/v2.0/keys", get(documents::keys))
        .route("/{t}/discovery/keys", get(documents::keys_v1))
        .merge(userinfo_route())
        .route("/common/discovery/instance", get(realm::instance))
        // adal writes it so; some tools send the name as a parameter.
        .route("/common/UserRealm/{user}", get(realm::user_realm))
        .route("/common/userrealm/{user}", get(realm::user_realm))
        .route("/common/UserRealm/", get(realm::user_realm_asked))
        .route("/common/userrealm/", get(realm::user_realm_asked))
        .route("/common/UserRealm", get(realm::user_realm_asked))
        .route("/common/userrealm", get(realm::user_realm_asked))
        .route("/{t}/GetCredentialType", post(credential_type::ask))
        .route("/GetUserRealm.srf", get(realm::user_realm_srf))
        .route("/te/{t}/oauth2/authresp", get(sign_in::callback))
}

/// What applications with SAML or WS-Fed sign-on call.
fn sign_on_routes() -> Router<App> {
    let metadata = || get(sign_on::metadata);
    Router::new()
        .route("/{t}/saml2", get(sign_on::saml).post(sign_on::saml_post))
        .route("/{t}/wsfed", get(sign_on::ws_fed).post(sign_on::ws_fed_post))
        // Entra looks at the case of neither, and both are in use.
        .route("/{t}/federationmetadata/2007-06/federationmetadata.xml", metadata())
        .route("/{t}/FederationMetadata/2007-06/FederationMetadata.xml", metadata())
}

fn userinfo_route() -> Router<App> {
    let route = get(oidc::userinfo).post(oidc::userinfo_post);
    Router::new()
        .route("/oidc/userinfo", route)
        .route("/{t}/openid/userinfo", get(v1::userinfo).post(v1::userinfo_post))
        .method_not_allowed_fallback(render::wrong_method)
        .layer(for_every_page())
}

/// Userinfo and Graph can be called by pages of any site, as the real ones can: what counts is the
/// bearer token, and cookies mean nothing there.
fn for_every_page() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::any())
        .allow_headers(AllowHeaders::mirror_request())
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
}

/// What people see.
fn page_routes() -> Router<App> {
    Router::new()
        .route("/", get(welcome::page))
        .route("/error", get(error_code::page))
        .route("/assets/guestpass.css", get(assets::style))
        .route("/assets/icon.svg", get(assets::icon))
        .route("/{t}/resume/{id}", get(sign_in::resume))
        .route("/{t}/signin/{id}/{step}", post(sign_in::answer))
        .route("/redeem", get(sign_in::redeem))
        .route("/invitations/redeem/", get(sign_in::invitation))
        .route("/invitations/redeem", get(sign_in::invitation))
        .route("/myapps", get(panel::my_apps))
        .route("/myapps/{domain}", get(panel::my_apps_of))
        .route("/myapps/signin/{name}/{app}", get(panel::sign_on))
        .route("/portal/{t}", get(panel::portal_root))
        .route("/portal/{t}/users", get(panel::portal))
        .merge(federated_routes())
}

/// SAML and WS-Fed, as a service provider and as the built-in providers.
fn federated_routes() -> Router<App> {
    Router::new()
        .route("/login.srf", get(federation::get).post(federation::answer))
        .route("/idp/litware", get(idp::litware))
        .route("/idp/adatum", get(idp::adatum))
        // Each at the usual place of either protocol.
        .route("/idp/litware/metadata", get(idp::litware_metadata))
        .route("/idp/adatum/metadata", get(idp::adatum_metadata))
        .route(
            "/idp/litware/federationmetadata/2007-06/federationmetadata.xml",
            get(idp::litware_metadata),
        )
        .route(
            "/idp/adatum/federationmetadata/2007-06/federationmetadata.xml",
            get(idp::adatum_metadata),
        )
        .route("/idp/litware/saml", get(idp::saml).post(idp::saml_post))
        .route("/idp/litware/logout", get(idp::logout))
        .route("/idp/adatum/wsfed", get(idp::ws_fed))
        .route("/idp/{name}/signin/{id}", get(idp::page))
        .route("/idp/{name}/signin/{id}/password", post(idp::answer))
}

/// Microsoft Graph.
fn graph_routes() -> Router<App> {
    Router::new()
        .route("/v1.0/invitations", post(graph::invite))
        .route("/v1.0/$batch", post(graph::batch::batch))
        .route("/v1.0/me", get(graph::me))
        .route("/v1.0/users", get(graph::list_users))
        .route(
            "/v1.0/users/{id}",
            get(graph::get_user).patch(graph::update_user).delete(graph::delete_user),
        )
        .route("/v1.0/servicePrincipals", get(graph::list_principals))
        // `servicePrincipals(appId='…')` is one path segment.
        .route(
            "/v1.0/{entity}",
            get(graph::get_principal_by_app).patch(graph::update_principal_by_app),
        )
        .route(
            "/v1.0/servicePrincipals/{id}",
            get(graph::get_principal).patch(graph::update_principal),
        )
        .merge(federation_routes())
        .merge(graph::identity::routes())
        .method_not_allowed_fallback(render::wrong_method)
        .layer(for_every_page())
}

/// SAML and WS-Fed providers: Graph writes their addresses in several ways.
fn federation_routes() -> Router<App> {
    use graph::federations;
    Router::new().route(
        "/v1.0/directory/federationConfigurations/{*rest}",
        get(federations::read)
            .post(federations::create)
            .patch(federations::update)
            .delete(federations::delete),
    )
}

/// Control API and inbox; absent unless they may be used.
fn control_routes(app: &App) -> Router<App> {
    if app.access == Access::Closed {
        return Router::new();
    }
    Router::new()
        .route("/_guestpass/health", get(control::health))
        .route("/_guestpass/explain", get(control::explain))
        .route("/_guestpass/inbox", get(control::inbox))
        .route("/_guestpass/clock", post(control::clock))
        .route("/_guestpass/reset", post(control::reset))
        .route("/_guestpass/keys/rotate", post(control::rotate_keys))
        .route("/_guestpass/interactions/{id}", get(control::interaction))
        .route("/_guestpass/{*rest}", any(render::not_found))
        .route("/inbox", get(inbox::all))
        .route("/inbox/{address}", get(inbox::of))
        .route("/inbox/{address}/{id}", get(inbox::mail))
        .layer(axum::middleware::from_fn_with_state(app.clone(), control::guard))
}

/// Reads a form, for the test of slow clients.
#[cfg(test)]
pub(crate) async fn read_form_for_test(request: axum::extract::Request) -> Result<(), String> {
    extract::read_form(request).await.map(|_| ()).map_err(|fault| fault.to_string())
}
