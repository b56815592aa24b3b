//! An assertion to an application needs a `Granted`; what it asked for is not enough.

use guestpass::federation::sign_on::SignOnRequest;
use guestpass::interaction::{Asserting, GrantData};

fn early(asserting: &Asserting<'_>, data: &GrantData, request: &SignOnRequest) {
    let _ = asserting.answer(data, request);
}

fn main() {}
