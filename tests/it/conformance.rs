//! The behaviours that the OpenID Foundation's conformance suite tests, module by module: each test is
//! named for its module, in a Rust module for each plan. `deviations.toml` says what Entra does
//! otherwise; `docs/CONFORMANCE.md` is made of both.

mod basic;
mod flow;
mod form_post;
mod hybrid;
mod modules;

/// Tests of the modules of a plan, each run in the plan's variant.
macro_rules! plan {
    ($variant:expr; $($module:ident)*) => {$(
        #[tokio::test]
        async fn $module() {
            super::modules::$module(&$variant).await;
        }
    )*};
}
use plan;
