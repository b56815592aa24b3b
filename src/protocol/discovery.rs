//! The discovery document, v2.0, as Entra publishes it.
//!
//! Field by field after recordings of the real one: `issuer` keeps the literal text `{tenantid}` for
//! `common` and `organizations`, the endpoints keep the word they were asked by, and PKCE methods,
//! introspection and revocation are absent although PKCE works.

use serde_json::{Value, json};

use super::authority::Authority;
use crate::ids::TenantId;

/// The issuer of a tenant's tokens: no trailing slash.
pub fn issuer(origin: &str, tenant: TenantId) -> String {
    format!("{origin}/{tenant}/v2.0")
}

/// The issuer that a discovery document names.
pub fn issuer_of_authority(origin: &str, authority: Authority) -> String {
    match authority.tenant() {
        Some(tenant) => issuer(origin, tenant),
        None => format!("{origin}/{{tenantid}}/v2.0"),
    }
}

/// The document for an authority. `origin` is where the client reached us, `issuer_origin` what
/// tokens name, `graph` where Graph and userinfo are.
pub fn document(origin: &str, issuer_origin: &str, graph: &str, authority: Authority) -> Value {
    let region = authority.tenant().map(|_| "EU");
    json!({
        "token_endpoint": format!("{origin}/{authority}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{origin}/{authority}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": issuer_of_authority(issuer_origin, authority),
        "request_uri_parameter_supported": false,
        "userinfo_endpoint": format!("{graph}/oidc/userinfo"),
        "authorization_endpoint": format!("{origin}/{authority}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{origin}/{authority}/oauth2/v2.0/devicecode"),
        "http_logout_supported": true,
        "end_session_endpoint": format!("{origin}/{authority}/oauth2/v2.0/logout"),
        "claims_supported": [
            "sub", "iss", "cloud_instance_name", "cloud_instance_host_name",
            "cloud_graph_host_name", "msgraph_host", "aud", "exp", "iat", "auth_time", "acr",
            "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email",
        ],
        "tenant_region_scope": region,
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": host_of(graph),
        "rbac_url": "https://pas.windows.net",
    })
}

fn host_of(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}
