//! Identity providers that guests come from: guestpass as a relying party and a service provider
//! toward them, and the built-in ones.
//!
//! The client code is the same for a built-in provider and a real one: `openidconnect` over
//! [`http::HttpClient`], which calls our own router in process where the address is our own, and the
//! network where it is not.

mod endpoint;
pub mod external;
pub mod federation;
pub mod http;
pub mod idp;
mod jwk;
pub mod oidc;
pub mod outside;
pub mod social;

pub use federation::Federations;
pub use oidc::{Provider, RelyingParty, Start, UpstreamFault, UpstreamFaultKind};
pub use outside::{OutsideFault, OutsideIssuers};
