//! What a sign-in is for. Fixed when it starts.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::directory::{TokenVersion, first_party};
use crate::federation::sign_on::SignOnRequest;
use crate::ids::{ClientId, Digest, InteractionId, InvitationId, ObjectId, TenantId};
use crate::protocol::authority::Authority;
use crate::protocol::authorize::AuthorizationRequest;
use crate::protocol::prompt::Prompt;

/// The beginning of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInRequest {
    /// Its id; stands in every address of the sign-in.
    pub id: InteractionId,
    /// The browser it belongs to: digest of its cookie.
    pub browser: Digest,
    /// Under which path segment it runs.
    pub authority: Authority,
    /// The origin it was started at.
    pub origin: String,
    /// The network address it was started from.
    #[serde(default)]
    pub peer: String,
    /// How the person came.
    pub entry: Entry,
    /// What it leads to.
    pub target: Target,
    /// When it was started.
    pub started_at: Timestamp,
    /// When it is over, finished or not.
    pub expires_at: Timestamp,
}

/// How the person came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// By a link of an application or of the directory.
    Direct,
    /// By the link of an invitation. The ticket was verified when the sign-in started; that the
    /// invitation still stands is verified again before anything changes.
    Invitation {
        /// The inviting tenant.
        tenant: TenantId,
        /// The guest object.
        guest: ObjectId,
        /// The invitation.
        invitation: InvitationId,
    },
}

/// What a sign-in leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// An answer to a client.
    Client(Box<AuthorizationRequest>),
    /// A page; no token comes of it.
    Page(PageTarget),
    /// An assertion to an application with SAML or WS-Federation sign-on.
    SignOn(Box<SignOnRequest>),
}

/// A page that a sign-in leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageTarget {
    /// The start of an application, by its sign-on link.
    Application {
        /// Which.
        app: ClientId,
        /// Where it starts.
        url: String,
    },
    /// My Apps of the tenant.
    MyApps,
    /// The portal of the tenant.
    Portal,
    /// `inviteRedirectUrl`.
    Url(String),
}

impl SignInRequest {
    /// The application that is opened: its name stands in refusals, its settings decide.
    pub fn application(&self) -> ClientId {
        match &self.target {
            Target::Client(request) => request.client_id,
            Target::Page(PageTarget::Application { app, .. }) => *app,
            Target::Page(PageTarget::MyApps | PageTarget::Url(_)) => first_party::MY_APPS,
            Target::Page(PageTarget::Portal) => first_party::AZURE_PORTAL,
            Target::SignOn(request) => request.client_id,
        }
    }

    /// The client's request, if a client asked.
    pub fn client(&self) -> Option<&AuthorizationRequest> {
        match &self.target {
            Target::Client(request) => Some(request),
            Target::Page(_) | Target::SignOn(_) => None,
        }
    }

    /// The request for an assertion, if one was asked for.
    pub fn sign_on(&self) -> Option<&SignOnRequest> {
        match &self.target {
            Target::SignOn(request) => Some(request),
            Target::Client(_) | Target::Page(_) => None,
        }
    }

    /// What the person may be asked.
    pub fn prompt(&self) -> Prompt {
        match &self.target {
            Target::Client(request) => request.prompt,
            Target::Page(_) => Prompt::Unspecified,
            Target::SignOn(request) => request.prompt,
        }
    }

    /// The generation of the endpoint; assertions are of the first.
    pub fn version(&self) -> TokenVersion {
        match &self.target {
            Target::Client(request) => request.version,
            Target::Page(_) => TokenVersion::V2,
            Target::SignOn(_) => TokenVersion::V1,
        }
    }

    /// How old the sign-in may be, in seconds.
    pub fn max_age(&self) -> Option<u64> {
        match &self.target {
            Target::Client(request) => request.max_age,
            Target::Page(_) => None,
            Target::SignOn(request) => request.max_age,
        }
    }

    /// Who it probably is.
    pub fn login_hint(&self) -> Option<&str> {
        match &self.target {
            Target::Client(request) => request.login_hint.as_deref(),
            Target::Page(_) => None,
            Target::SignOn(request) => request.login_hint.as_deref(),
        }
    }

    /// Where that account probably lives; a look-up key, nothing else.
    pub fn domain_hint(&self) -> Option<&str> {
        match &self.target {
            Target::Client(request) => request.domain_hint.as_deref(),
            Target::Page(_) => None,
            Target::SignOn(request) => request.domain_hint.as_deref(),
        }
    }

    /// Whether pages may be shown.
    pub fn is_interactive(&self) -> bool {
        self.prompt() != Prompt::None
    }
}
