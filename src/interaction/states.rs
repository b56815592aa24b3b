//! The states of a sign-in, a struct each. A transition takes its state away.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::challenge::Challenge;
use super::granted::Granted;
use super::newcomer::Newcomer;
use super::proof::{Authenticated, Consented, Redeemed};
use super::request::{SignInRequest, Target};
use super::step::Step;
use crate::decide::Trace;
use crate::fault::{Fault, say};
use crate::ids::{
    ConfigurationId, Digest, EmailAddress, InteractionId, MICROSOFT_ACCOUNT_TENANT, ObjectId,
    TenantId, TermsId,
};
use crate::protocol::authority::Authority;

/// A sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interaction {
    /// Redeemed; the application's permissions or "Stay signed in?" are missing.
    Consenting(Consenting),
    /// It is not known yet who it is.
    Discovering(Discovering),
    /// Over.
    Ended(Ended),
    /// It is known who it should be, not that it is.
    Proving(Proving),
    /// Identity proven; review and terms of use may be missing.
    Redeeming(Redeeming),
}

/// It is not known yet who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovering {
    /// What the sign-in is for.
    pub request: SignInRequest,
    /// What was decided so far.
    pub trace: Trace,
    /// The organization that was chosen under Sign-in options.
    pub organization: Option<TenantId>,
    /// The name for which a tile is to be chosen.
    pub choosing: Option<EmailAddress>,
    /// The person wants another account than the signed-in ones.
    pub other_account: bool,
    /// The person wants another name than the hinted or invited one.
    pub other_name: bool,
    /// The person has no account here and wants one.
    pub sign_up: bool,
}

/// It is known who it should be, not that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proving {
    /// What the sign-in is for.
    pub request: SignInRequest,
    /// What was decided so far.
    pub trace: Trace,
    /// The tenant in which the person will be.
    pub tenant: TenantId,
    /// The name that was typed; `None` if a provider's button was used.
    pub typed: Option<EmailAddress>,
    /// How it is to be proven.
    pub method: Method,
    /// The person signs up: the account may be nobody's yet.
    pub sign_up: bool,
}

/// How an identity is to be proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Method {
    /// An account has to be made first, by proving the address.
    CreateAccount {
        /// A Microsoft account, or an unmanaged one.
        microsoft: bool,
        /// For this address.
        address: EmailAddress,
        /// The id it will have.
        user: ObjectId,
        /// Digest of the chosen password.
        password: Option<Digest>,
        /// The code that was mailed.
        challenge: Option<Challenge>,
    },
    /// A code mailed to the address.
    Passcode {
        /// The address.
        address: EmailAddress,
        /// The code, once it was sent.
        challenge: Option<Challenge>,
    },
    /// The password of a user of the tenant.
    Password {
        /// The user.
        user: ObjectId,
    },
    /// Another provider.
    Upstream(Upstream),
}

/// A sign-in that is under way at an upstream provider; exactly one answer fits it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upstream {
    /// Which provider.
    pub provider: crate::directory::IdentityProvider,
    /// The home tenant, for Entra and Microsoft accounts.
    pub home_tenant: Option<TenantId>,
    /// As what the tenant had it configured: an answer is taken while it has the same.
    #[serde(default)]
    pub configuration: Option<ConfigurationId>,
    /// Digest of `state`, `RelayState` or `wctx`.
    pub state: Digest,
    /// What the answer repeats: `nonce`, or the ID of a SAML request as `InResponseTo`.
    pub nonce: String,
    /// PKCE verifier; empty where the protocol has none.
    pub verifier: String,
    /// Where the browser was sent.
    pub url: String,
}

/// Identity proven; review and terms of use may be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redeeming {
    /// What the sign-in is for.
    pub request: SignInRequest,
    /// What was decided so far.
    pub trace: Trace,
    /// Who it is.
    pub authenticated: Authenticated,
    /// The entry in the browser's session.
    pub sid: Uuid,
    /// A work-account password was typed in this sign-in.
    pub typed_password: bool,
    /// Review permissions was accepted in this sign-in.
    pub reviewed: bool,
    /// Terms and their versions accepted in this sign-in.
    pub accepted: Vec<(TermsId, u32)>,
    /// Terms opened in this sign-in.
    pub opened: Vec<TermsId>,
    /// The person signs up: there is no user yet.
    pub newcomer: Option<Newcomer>,
}

/// Redeemed; the application's permissions or "Stay signed in?" are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consenting {
    /// What the sign-in is for.
    pub request: SignInRequest,
    /// What was decided so far.
    pub trace: Trace,
    /// Who it is.
    pub authenticated: Authenticated,
    /// That nothing is left to redeem.
    pub redeemed: Redeemed,
    /// The entry in the browser's session.
    pub sid: Uuid,
    /// Whether "Stay signed in?" is still to be asked.
    pub ask_to_stay: bool,
    /// Permissions requested was accepted in this sign-in.
    pub consented_now: bool,
    /// Whether it is still to be asked if the device is the person's.
    pub confirm_device: bool,
}

/// Over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Its id.
    pub id: InteractionId,
    /// The browser it belonged to.
    pub browser: Digest,
    /// Under which path segment it ran.
    pub authority: Authority,
    /// When it may be forgotten.
    pub expires_at: Timestamp,
    /// What was decided.
    pub trace: Trace,
    /// How it ended.
    pub outcome: Outcome,
    /// Where a person can go from here.
    pub way_on: Option<String>,
}

/// How a sign-in ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The person said no.
    Declined,
    /// A code was issued.
    Granted,
    /// A page was opened.
    Opened,
    /// It was refused, with this code.
    Refused(String),
}

impl Discovering {
    /// A sign-in that starts.
    pub fn start(request: SignInRequest) -> Self {
        Self {
            request,
            trace: Trace::new(),
            organization: None,
            choosing: None,
            other_account: false,
            other_name: false,
            sign_up: false,
        }
    }

    /// The tenant to sign in to; `None` on `common` and `organizations` until one is chosen.
    pub fn tenant(&self) -> Option<TenantId> {
        self.organization.or_else(|| self.request.authority.tenant())
    }

    /// It is known who it should be.
    pub fn prove(
        mut self,
        tenant: TenantId,
        typed: Option<EmailAddress>,
        method: Method,
        trace: Trace,
    ) -> Proving {
        self.trace.extend(trace);
        let sign_up = self.sign_up;
        Proving { request: self.request, trace: self.trace, tenant, typed, method, sign_up }
    }

    /// A session vouches for somebody.
    pub fn recognise(self, authenticated: Authenticated, sid: Uuid, trace: Trace) -> Redeeming {
        redeeming(self.request, self.trace, trace, authenticated, (sid, false))
    }
}

impl Proving {
    /// Back to typing a name.
    pub fn back(self) -> Discovering {
        let organization = Some(self.tenant).filter(|_| self.request.authority.tenant().is_none());
        Discovering {
            request: self.request,
            trace: self.trace,
            organization: organization.filter(|_| self.typed.is_none()),
            choosing: None,
            other_account: true,
            other_name: true,
            sign_up: self.sign_up,
        }
    }

    /// The step that the method is at.
    pub fn step(&self) -> Step {
        match &self.method {
            Method::CreateAccount { challenge: None, .. } => Step::CreateAccount,
            Method::CreateAccount { .. } => Step::VerifyAddress,
            Method::Passcode { challenge: None, .. } => Step::SendCode,
            Method::Passcode { .. } => Step::Passcode,
            Method::Password { .. } => Step::Password,
            Method::Upstream(_) => Step::Upstream,
        }
    }

    /// Identity is proven.
    pub fn prove(self, authenticated: Authenticated, sid: Uuid, trace: Trace) -> Redeeming {
        // "Stay signed in?" follows a work-account password only.
        let typed_password = matches!(self.method, Method::Password { .. })
            && self.tenant != MICROSOFT_ACCOUNT_TENANT;
        redeeming(self.request, self.trace, trace, authenticated, (sid, typed_password))
    }
}

fn redeeming(
    request: SignInRequest,
    mut trace: Trace,
    more: Trace,
    authenticated: Authenticated,
    (sid, typed_password): (Uuid, bool),
) -> Redeeming {
    trace.extend(more);
    let (accepted, opened) = (Vec::new(), Vec::new());
    Redeeming {
        request,
        trace,
        authenticated,
        sid,
        typed_password,
        reviewed: false,
        accepted,
        opened,
        newcomer: None,
    }
}

impl Redeeming {
    /// Nothing is left to redeem.
    ///
    /// # Errors
    /// If the proof is another user's.
    pub fn redeemed(mut self, redeemed: Redeemed, trace: Trace) -> Result<Consenting, Fault> {
        if redeemed.user != self.authenticated.user || redeemed.tenant != self.authenticated.tenant
        {
            return Err(say::internal().with_detail("a redemption of another user"));
        }
        self.trace.extend(trace);
        let confirm_device = self.request.client().is_some_and(|client| client.device.is_some());
        Ok(Consenting {
            request: self.request,
            trace: self.trace,
            authenticated: self.authenticated,
            redeemed,
            sid: self.sid,
            ask_to_stay: self.typed_password,
            consented_now: false,
            confirm_device,
        })
    }
}

impl Consenting {
    /// Everything is there: the only way to a [`Granted`] from a sign-in. `None` if no client
    /// asked for anything.
    pub fn grant(&self, _consented: &Consented) -> Option<Granted> {
        match &self.request.target {
            Target::Client(request) => Some(Granted::complete(self, request)),
            Target::SignOn(request) => Some(Granted::for_assertion(self, request)),
            Target::Page(_) => None,
        }
    }
}
