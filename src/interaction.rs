//! Where a sign-in stands.
//!
//! An [`Interaction`] is an enum with a struct per state; a transition consumes one state and gives
//! the next. What must not be forged is carried as a proof value ([`Proven`], [`Authenticated`],
//! [`Redeemed`], [`Consented`]): private fields, no public constructor, no `Deserialize`, minted in
//! one place each. Only [`Granted`], which holds all of them, can become a code or a token.
//!
//! ```text
//! Discovering ─► Proving ─► Redeeming ─► Consenting ─► Granted ─► code
//!      ▲            │           │            │
//!      └── back ────┘           └── Ended ◄──┘
//! ```

mod challenge;
mod common;
mod device;
mod dispatch;
mod granted;
mod grants;
mod issue;
mod newcomer;
mod proof;
mod record;
mod request;
mod session;
mod sign_on;
mod sign_out;
mod states;
mod step;
mod without_page;

pub use challenge::{Challenge, CodeFault};
pub use common::Core;
pub use device::{DEVICE_LIFETIME, DeviceAnswer, DeviceRecord};
pub use dispatch::{Names, Next, Standing, dispatch};
pub use granted::{AppOnly, GrantData, Granted};
pub use grants::{CodeRecord, GrantRecord, RefreshRecord};
pub use issue::{AuthorizationCode, Front, Issuing, LONGEST_TOKEN, TokenResponse, issue_app_only};
pub use newcomer::Newcomer;
pub use proof::{Authenticated, Consented, Proven, Redeemed, VerifiedAssertion};
pub use record::InteractionRecord;
pub use request::{Entry, PageTarget, SignInRequest, Target};
pub use session::{Session, SignedIn};
pub use sign_on::{Asserted, Asserting, session_index};
pub use sign_out::{SignOutRecord, Visited, VisitedBy};
pub use states::{
    Consenting, Discovering, Ended, Interaction, Method, Outcome, Proving, Redeeming, Upstream,
};
pub use step::Step;
pub use without_page::Asked;
