//! guestpass: a mock identity provider and federation broker that behaves like Microsoft Entra ID
//! toward B2B guests.

pub mod broker;
pub mod browser;
pub mod clock;
pub mod config;
pub mod decide;
pub mod directory;
pub mod entropy;
pub mod fault;
pub mod federation;
pub mod http;
pub mod ids;
pub mod interaction;
pub mod jose;
pub mod mail;
pub mod protocol;
pub mod server;
pub mod store;
pub mod upstream;

pub use server::Server;
