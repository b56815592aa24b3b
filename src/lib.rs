//! guestpass: a mock identity provider and federation broker that behaves like Microsoft Entra ID
//! toward B2B guests.

pub mod clock;
pub mod config;
pub mod decide;
pub mod directory;
pub mod entropy;
pub mod fault;
pub mod ids;
pub mod protocol;
pub mod store;
