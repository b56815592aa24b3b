//! Every route, in process: no socket, no sleep, no order.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where it fails"
)]

mod authorize;
mod claims;
mod client_assertion;
mod clients;
mod common;
mod conformance;
mod contract;
mod create_account;
mod credential_type;
mod cross_origin;
mod device;
mod direct_link;
mod documented;
mod email_link;
mod embed;
mod entra_hosts;
mod errors;
mod external;
mod facebook;
mod federated;
mod federation;
mod golden;
mod graph;
mod home_account;
mod identity_providers;
mod issuer;
mod keys;
mod net;
mod no_token;
mod on_behalf_of;
mod openidconnect_client;
mod pages;
mod password;
mod provider;
mod provider_removed;
mod recorder;
mod robust;
mod security;
mod session;
mod sign_on;
mod sign_out;
mod sign_up;
mod sign_up_elsewhere;
mod signed;
mod support;
mod tampered;
mod tenant_switch;
mod token_endpoint;
mod tokens;
mod told;
mod upstream;
mod v1;
mod workload_identity;
#[path = "../saml/tool.rs"]
mod xmlsec1;
