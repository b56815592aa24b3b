//! What a tenant says of itself to applications: `federationmetadata.xml`.

use crate::directory::TokenVersion;
use crate::federation::metadata::{Entity, Provider};
use crate::protocol::authority::Authority;
use crate::protocol::discovery::issuer_of_authority;

/// The name of an authority as an identity provider: the issuer of v1.0, whatever address it is
/// called by. That of an authority without a tenant is a template.
pub fn entity_id(authority: Authority) -> String {
    // No origin stands in an issuer of v1.0.
    issuer_of_authority(TokenVersion::V1, "", authority)
}

/// Where an authority takes SAML requests.
pub fn sign_on_address(origin: &str, authority: Authority) -> String {
    format!("{origin}/{authority}/saml2")
}

/// Where it takes those of WS-Federation.
pub fn ws_fed_address(origin: &str, authority: Authority) -> String {
    format!("{origin}/{authority}/wsfed")
}

/// The metadata of an authority, to be signed. `certificates` are those of the keys that sign now
/// and of those that have signed not long ago.
pub fn metadata(origin: &str, authority: Authority, certificates: Vec<String>) -> Entity {
    let saml = sign_on_address(origin, authority);
    let provider = Provider {
        certificates,
        sign_on: Some(saml.clone()),
        logout: Some(saml),
        passive: Some(ws_fed_address(origin, authority)),
    };
    let id = format!("_{authority}");
    Entity { id, entity_id: entity_id(authority), provider: Some(provider), consumer: None }
}
