//! What should happen: pure functions from facts to a [`Decision`].
//!
//! Every function here is total: it cannot fail, waits for nothing and reads no clock. It answers
//! with an outcome and a [`Trace`] that names each rule it met and the fact that decided it. A
//! refusal is an outcome. Rules are tables in the order of the published redemption flow.

pub mod access;
pub mod account;
pub mod audience;
pub mod consent;
pub mod credential_type;
pub mod email;
pub mod explain;
pub mod federation;
pub mod hrd;
pub mod invite;
pub mod password;
pub mod provider;
pub mod redemption;
pub mod route;
pub mod sign_out;
pub mod sign_up;
pub mod tenant_switch;
mod trace;

pub use trace::{Decision, Trace, TraceEntry, Verdict};
