//! Where an address that was typed to sign up is proven.

use std::path::Path;

use guestpass::decide::route::Route;
use guestpass::decide::sign_up::{self, Offer};
use guestpass::directory::FlowProvider;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    providers: Vec<FlowProvider>,
    discovery: super::hrd::Input,
}

pub(super) fn case(path: &Path) -> datatest_stable::Result<()> {
    super::run(path, decide, |route| match route {
        Route::Alert(fault) => format!("alert {}", fault.code()),
        Route::Choose => "choose".to_owned(),
        Route::Create(account) => format!("create {}", account.identity_provider()),
        Route::Prove(home) => format!("prove {}", home.identity_provider()),
        Route::Refuse(fault) => format!("refuse {}", fault.code()),
    })
}

fn decide(input: Input) -> guestpass::decide::Decision<Route> {
    let flow = "B2X_1_partners".to_owned();
    let offer = Offer { flow, providers: input.providers, attributes: vec![] };
    sign_up::route(&super::hrd::facts(input.discovery), &offer)
}
