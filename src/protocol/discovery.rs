//! The discovery documents, v2.0 and v1.0, as Entra publishes them.
//!
//! Field by field after recordings of the real one: `issuer` keeps the literal text `{tenantid}` for
//! `common` and `organizations`, the endpoints keep the word they were asked by, and PKCE methods,
//! introspection and revocation are absent although PKCE works. `fixtures/entra/` has the
//! recordings, and every difference from them with its reason.

use serde_json::{Value, json};

use super::authority::Authority;
use crate::directory::{TokenVersion, sts_issuer};
use crate::ids::TenantId;

/// The issuer of a tenant's tokens, v2.0: no trailing slash.
pub fn issuer(origin: &str, tenant: TenantId) -> String {
    format!("{origin}/{tenant}/v2.0")
}

/// The issuer of a tenant's tokens of either version. That of v1.0 names no origin: the real one's
/// is the same whatever address it is called by, and clients have it built in.
pub fn issuer_of(version: TokenVersion, origin: &str, tenant: TenantId) -> String {
    match version {
        TokenVersion::V1 => sts_issuer(tenant),
        TokenVersion::V2 => issuer(origin, tenant),
    }
}

/// The issuer that a discovery document names.
pub fn issuer_of_authority(version: TokenVersion, origin: &str, authority: Authority) -> String {
    match (authority.tenant(), version) {
        (Some(tenant), _) => issuer_of(version, origin, tenant),
        (None, TokenVersion::V1) => sts_issuer("{tenantid}"),
        (None, TokenVersion::V2) => format!("{origin}/{{tenantid}}/v2.0"),
    }
}

/// The document for an authority. `origin` is where the client reached us, `issuer_origin` what
/// tokens name, `graph` where Graph and userinfo are; `region` is the tenant's, if one is named.
pub fn document(
    version: TokenVersion,
    (origin, issuer_origin, graph): (&str, &str, &str),
    authority: Authority,
    region: Option<&str>,
) -> Value {
    let mut document = match version {
        TokenVersion::V1 => v1(origin, authority),
        TokenVersion::V2 => v2(origin, graph, authority),
    };
    let common = json!({
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "issuer": issuer_of_authority(version, issuer_origin, authority),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "tenant_region_scope": region,
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": host_of(graph),
        "rbac_url": "https://pas.windows.net",
    });
    if let (Value::Object(document), Value::Object(common)) = (&mut document, common) {
        document.extend(common);
    }
    document
}

fn v2(origin: &str, graph: &str, authority: Authority) -> Value {
    let endpoint = |name: &str| format!("{origin}/{authority}/oauth2/v2.0/{name}");
    json!({
        "token_endpoint": endpoint("token"),
        "jwks_uri": format!("{origin}/{authority}/discovery/v2.0/keys"),
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "request_uri_parameter_supported": false,
        "userinfo_endpoint": format!("{graph}/oidc/userinfo"),
        "authorization_endpoint": endpoint("authorize"),
        "device_authorization_endpoint": endpoint("devicecode"),
        "end_session_endpoint": endpoint("logout"),
        "claims_supported": [
            "sub", "iss", "cloud_instance_name", "cloud_instance_host_name",
            "cloud_graph_host_name", "msgraph_host", "aud", "exp", "iat", "auth_time", "acr",
            "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email",
        ],
    })
}

fn v1(origin: &str, authority: Authority) -> Value {
    let endpoint = |name: &str| format!("{origin}/{authority}/oauth2/{name}");
    json!({
        "token_endpoint": endpoint("token"),
        // One set of keys for everybody, as recorded.
        "jwks_uri": format!("{origin}/common/discovery/keys"),
        "response_types_supported":
            ["code", "id_token", "code id_token", "token id_token", "token"],
        "scopes_supported": ["openid"],
        "microsoft_multi_refresh_token": true,
        "authorization_endpoint": endpoint("authorize"),
        "device_authorization_endpoint": endpoint("devicecode"),
        "end_session_endpoint": endpoint("logout"),
        "claims_supported": [
            "sub", "iss", "cloud_instance_name", "cloud_instance_host_name",
            "cloud_graph_host_name", "msgraph_host", "aud", "exp", "iat", "auth_time", "acr",
            "amr", "nonce", "email", "given_name", "family_name", "nickname",
        ],
        "userinfo_endpoint": format!("{origin}/{authority}/openid/userinfo"),
    })
}

fn host_of(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}
