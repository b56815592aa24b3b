//! A sign-in as the store keeps it.
//!
//! Reading it is a constructor: the parts are plain data, and only this module puts them back
//! together into proofs, after it has checked that they fit. A row that does not fit is refused.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::newcomer::Newcomer;
use super::proof::{AccountData, Authenticated, Proven, Redeemed};
use super::request::{Entry, SignInRequest};
use super::states::{Consenting, Discovering, Ended, Interaction, Method, Proving, Redeeming};
use crate::decide::Trace;
use crate::ids::{EmailAddress, InteractionId, ObjectId, TenantId, TermsId};
use jiff::Timestamp;

/// What the store holds: the sign-in, and what of it the store itself needs.
#[derive(Debug, Clone)]
pub struct InteractionRecord {
    /// The sign-in.
    pub interaction: Interaction,
    /// Its place among the sign-ins that are kept.
    pub slot: Option<u32>,
}

/// The document. The request is kept once, the rest by state.
#[derive(Serialize, Deserialize)]
struct Document {
    v: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    slot: Option<u32>,
    request: Option<SignInRequest>,
    trace: Trace,
    state: State,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
enum State {
    Consenting {
        who: WhoData,
        sid: Uuid,
        ask_to_stay: bool,
        consented_now: bool,
        #[serde(default)]
        confirm_device: bool,
        since: Option<Timestamp>,
    },
    Discovering {
        organization: Option<TenantId>,
        choosing: Option<EmailAddress>,
        other_account: bool,
        other_name: bool,
        #[serde(default)]
        sign_up: bool,
    },
    Ended(Ended),
    Proving {
        tenant: TenantId,
        typed: Option<EmailAddress>,
        method: Method,
        #[serde(default)]
        sign_up: bool,
    },
    Redeeming {
        who: WhoData,
        sid: Uuid,
        typed_password: bool,
        reviewed: bool,
        accepted: Vec<(TermsId, u32)>,
        opened: Vec<TermsId>,
        #[serde(default)]
        newcomer: Option<Newcomer>,
    },
}

#[derive(Serialize, Deserialize)]
struct WhoData {
    tenant: TenantId,
    user: ObjectId,
    account: AccountData,
    state_of: Option<Timestamp>,
}

impl WhoData {
    fn of(who: &Authenticated) -> Self {
        Self {
            tenant: who.tenant,
            user: who.user,
            account: who.proven.0.clone(),
            state_of: who.state_of,
        }
    }

    fn restore(self) -> Authenticated {
        let Self { tenant, user, account, state_of } = self;
        Authenticated { proven: Proven(account), tenant, user, state_of }
    }
}

impl InteractionRecord {
    /// Its id.
    pub fn id(&self) -> InteractionId {
        self.interaction.core().id
    }

    /// When it may be forgotten.
    pub fn expires_at(&self) -> Timestamp {
        self.interaction.core().expires_at
    }

    /// The document in the store.
    pub(crate) fn to_body(&self) -> Result<String, serde_json::Error> {
        let state = match &self.interaction {
            Interaction::Consenting(state) => State::Consenting {
                who: WhoData::of(&state.authenticated),
                sid: state.sid,
                ask_to_stay: state.ask_to_stay,
                consented_now: state.consented_now,
                confirm_device: state.confirm_device,
                since: state.redeemed.since,
            },
            Interaction::Discovering(state) => State::Discovering {
                organization: state.organization,
                choosing: state.choosing.clone(),
                other_account: state.other_account,
                other_name: state.other_name,
                sign_up: state.sign_up,
            },
            Interaction::Ended(state) => State::Ended(state.clone()),
            Interaction::Proving(state) => State::Proving {
                tenant: state.tenant,
                typed: state.typed.clone(),
                method: state.method.clone(),
                sign_up: state.sign_up,
            },
            Interaction::Redeeming(state) => State::Redeeming {
                who: WhoData::of(&state.authenticated),
                sid: state.sid,
                typed_password: state.typed_password,
                reviewed: state.reviewed,
                accepted: state.accepted.clone(),
                opened: state.opened.clone(),
                newcomer: state.newcomer.clone(),
            },
        };
        let trace = match &self.interaction {
            Interaction::Ended(_) => Trace::new(),
            other => other.core().trace.clone(),
        };
        let request = self.interaction.request().cloned();
        serde_json::to_string(&Document { v: 1, slot: self.slot, request, trace, state })
    }

    /// Reads the document in the store; the error says what does not fit.
    pub(crate) fn from_body(body: &str) -> Result<Self, String> {
        let document: Document = serde_json::from_str(body).map_err(|e| e.to_string())?;
        if document.v != 1 {
            return Err(format!("format {} is not known", document.v));
        }
        let Document { slot, request, trace, state, .. } = document;
        let request = match (request, state) {
            (_, State::Ended(ended)) => {
                return Ok(Self { interaction: Interaction::Ended(ended), slot });
            }
            (None, _) => return Err("it has no request".to_owned()),
            (Some(request), state) => (request, state),
        };
        let (request, state) = request;
        restore(request, trace, state).map(|interaction| Self { interaction, slot })
    }
}

fn restore(request: SignInRequest, trace: Trace, state: State) -> Result<Interaction, String> {
    let authority = request.authority.tenant();
    let invited = match request.entry {
        Entry::Invitation { tenant, .. } => Some(tenant),
        Entry::Direct => None,
    };
    let fits = |tenant: TenantId| {
        let fits = [authority, invited].iter().flatten().all(|expected| *expected == tenant);
        if fits { Ok(()) } else { Err(format!("it was started for another tenant than {tenant}")) }
    };
    Ok(match state {
        State::Consenting { who, sid, ask_to_stay, consented_now, confirm_device, since } => {
            fits(who.tenant)?;
            let redeemed = Redeemed { tenant: who.tenant, user: who.user, since };
            let authenticated = who.restore();
            Interaction::Consenting(Consenting {
                request,
                trace,
                authenticated,
                redeemed,
                sid,
                ask_to_stay,
                consented_now,
                confirm_device,
            })
        }
        State::Discovering { organization, choosing, other_account, other_name, sign_up } => {
            organization.map_or(Ok(()), fits)?;
            Interaction::Discovering(Discovering {
                request,
                trace,
                organization,
                choosing,
                other_account,
                other_name,
                sign_up,
            })
        }
        State::Ended(ended) => Interaction::Ended(ended),
        State::Proving { tenant, typed, method, sign_up } => {
            fits(tenant)?;
            Interaction::Proving(Proving { request, trace, tenant, typed, method, sign_up })
        }
        State::Redeeming { who, sid, typed_password, reviewed, accepted, opened, newcomer } => {
            fits(who.tenant)?;
            let authenticated = who.restore();
            Interaction::Redeeming(Redeeming {
                request,
                trace,
                authenticated,
                sid,
                typed_password,
                reviewed,
                accepted,
                opened,
                newcomer,
            })
        }
    })
}
