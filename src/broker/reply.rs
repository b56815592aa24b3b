//! What a sign-in answers, before it is HTML.

use crate::decide::Trace;
use crate::directory::TermsOfUse;
use crate::fault::Fault;
use crate::ids::{InteractionId, SessionKey};
use crate::interaction::Step;
use crate::protocol::authority::Authority;
use crate::protocol::response::AuthorizationResponse;

/// An answer of a sign-in.
#[derive(Debug)]
pub struct Reply {
    /// The sign-in, for addresses, form tokens and the `x-guestpass-interaction` header.
    pub interaction: InteractionId,
    /// Under which path segment it runs.
    pub authority: Authority,
    /// A session cookie to be set.
    pub session: Option<NewSession>,
    /// The answer itself.
    pub body: Body,
}

/// A session cookie to be set.
#[derive(Debug)]
pub struct NewSession {
    /// Its value.
    pub key: SessionKey,
    /// Outlives the browser.
    pub persistent: bool,
}

/// The answer itself.
#[derive(Debug)]
pub enum Body {
    /// Back to the client.
    Answer(AuthorizationResponse),
    /// Go there.
    Go(String),
    /// A refusal, on a page.
    Refused {
        /// Why.
        fault: Fault,
        /// How it was decided.
        trace: Trace,
        /// Whether the sign-in can go on with another account.
        may_retry: bool,
    },
    /// A page of the sign-in.
    Show(Box<View>),
}

/// A page of a sign-in.
#[derive(Debug)]
pub enum View {
    /// Permissions requested.
    AppConsent {
        /// Who asks.
        app: String,
        /// The organization whose data it is.
        organization: String,
        /// Who is asked.
        user: String,
        /// What for.
        scopes: Vec<ScopeLine>,
    },
    /// Tell what the user flow asks for.
    Attributes {
        /// Whose guest the person will be.
        organization: String,
        /// Who signs up.
        user: String,
        /// What is asked.
        fields: Vec<AttributeField>,
        /// What went wrong.
        alert: Option<String>,
    },
    /// Work or personal.
    ChooseAccount {
        /// The name that both have.
        name: String,
    },
    /// Is the device yours?
    ConfirmDevice {
        /// What waits there.
        app: String,
        /// The organization.
        organization: String,
        /// Who signs in.
        user: String,
    },
    /// Somebody else is signed in.
    ContinueAs {
        /// Who is.
        signed_in: Vec<String>,
        /// Who was invited; not told any more once the invitation is redeemed.
        invited: Option<String>,
        /// Where to.
        organization: String,
    },
    /// Choose a password for a new account.
    CreateAccount {
        /// The address.
        address: String,
        /// A Microsoft account, or an unmanaged one.
        microsoft: bool,
        /// It exists already; offer to sign in with it.
        exists: bool,
        /// What went wrong.
        alert: Option<String>,
    },
    /// What the person said to a device has been noted.
    DeviceDone {
        /// What waits there.
        app: String,
        /// The person said no.
        declined: bool,
    },
    /// Over.
    Done {
        /// Where to go from here.
        way_on: Option<String>,
        /// The person said no.
        declined: bool,
    },
    /// Sign in to an organization.
    Organization {
        /// What was typed.
        typed: String,
        /// What went wrong.
        alert: Option<String>,
    },
    /// Type the code.
    Passcode {
        /// Where it went.
        address: String,
        /// No code is good any more.
        spent: bool,
        /// What went wrong; with 429 if there were too many guesses.
        alert: Option<Fault>,
    },
    /// Type the password.
    Password {
        /// Whose.
        name: String,
        /// Where.
        organization: String,
        /// What went wrong.
        alert: Option<Fault>,
    },
    /// Which of the signed-in accounts.
    PickAccount {
        /// Them.
        accounts: Vec<Tile>,
        /// Where.
        organization: String,
        /// What was wrong with the one that was picked.
        alert: Option<String>,
    },
    /// Review permissions.
    ReviewPermissions {
        /// Who asks.
        organization: String,
        /// Its initial domain.
        domain: String,
        /// Its privacy statement.
        privacy_statement_url: Option<String>,
        /// Who is asked.
        user: String,
    },
    /// Have a code sent.
    SendCode {
        /// Where to.
        address: String,
        /// Where.
        organization: String,
    },
    /// Type a name.
    SignIn {
        /// Where, if a tenant is named.
        organization: Option<String>,
        /// What to open.
        app: String,
        /// What to prefill.
        hint: String,
        /// What went wrong.
        alert: Option<String>,
        /// The tenant's providers.
        providers: Vec<ProviderButton>,
        /// Whether people without an account can sign up.
        sign_up: bool,
    },
    /// No account? Create one.
    SignUp {
        /// Whose guest the person will be.
        organization: String,
        /// What to open.
        app: String,
        /// What to prefill.
        hint: String,
        /// What went wrong.
        alert: Option<String>,
        /// The flow's providers.
        providers: Vec<ProviderButton>,
        /// Whether an address can be typed.
        by_address: bool,
    },
    /// Sign-in options.
    SignInOptions,
    /// Stay signed in?
    StaySignedIn {
        /// Who.
        name: String,
    },
    /// Terms of use.
    TermsOfUse {
        /// Whose.
        organization: String,
        /// What.
        terms: Box<TermsOfUse>,
        /// They were opened in this sign-in.
        opened: bool,
        /// Which of how many.
        number: (usize, usize),
        /// What went wrong.
        alert: Option<String>,
    },
    /// Prove the address of a new account.
    VerifyAddress {
        /// Where the code went.
        address: String,
        /// No code is good any more.
        spent: bool,
        /// What went wrong.
        alert: Option<Fault>,
    },
}

/// An account that is signed in.
#[derive(Debug, Clone)]
pub struct Tile {
    /// The entry in the session.
    pub sid: String,
    /// What the person signs in with.
    pub name: String,
    /// The name on the account.
    pub display_name: String,
}

/// A provider that the tenant has configured.
#[derive(Debug, Clone)]
pub struct ProviderButton {
    /// Its name in the form.
    pub id: String,
    /// Its name for people.
    pub name: String,
}

/// Something that a user flow asks for.
#[derive(Debug, Clone)]
pub struct AttributeField {
    /// Its name in the form.
    pub name: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// What a browser may fill in.
    pub autocomplete: &'static str,
    /// What is known already.
    pub value: String,
}

/// A permission, in words.
#[derive(Debug, Clone)]
pub struct ScopeLine {
    /// `Files.Read`.
    pub name: String,
    /// Whose it is.
    pub resource: String,
}

impl View {
    /// The step whose form the page shows.
    pub fn step(&self) -> Step {
        match self {
            Self::AppConsent { .. } => Step::AppConsent,
            Self::Attributes { .. } => Step::Attributes,
            Self::ChooseAccount { .. } => Step::ChooseAccount,
            Self::ConfirmDevice { .. } => Step::ConfirmDevice,
            Self::ContinueAs { .. } => Step::ContinueAs,
            Self::CreateAccount { .. } => Step::CreateAccount,
            Self::DeviceDone { .. } | Self::Done { .. } => Step::Done,
            Self::Organization { .. } => Step::Organization,
            Self::Passcode { .. } => Step::Passcode,
            Self::Password { .. } => Step::Password,
            Self::PickAccount { .. } => Step::PickAccount,
            Self::ReviewPermissions { .. } => Step::ReviewPermissions,
            Self::SendCode { .. } => Step::SendCode,
            Self::SignIn { .. } | Self::SignInOptions => Step::SignIn,
            Self::SignUp { .. } => Step::SignUp,
            Self::StaySignedIn { .. } => Step::StaySignedIn,
            Self::TermsOfUse { .. } => Step::TermsOfUse,
            Self::VerifyAddress { .. } => Step::VerifyAddress,
        }
    }

    /// The status: 200, but 429 after too many guesses.
    pub fn status(&self) -> u16 {
        match self {
            Self::Passcode { alert: Some(fault), .. }
            | Self::Password { alert: Some(fault), .. }
            | Self::VerifyAddress { alert: Some(fault), .. } => fault.status(),
            _ => 200,
        }
    }
}

/// What a page says that is shown again because of a refusal; the log has its code.
pub fn alert(fault: &Fault) -> String {
    tracing::debug!(code = %fault.code(), error = fault.error(), "a page is shown again");
    fault.message().to_owned()
}

/// The log has the code of a refusal that the browser takes back to the application.
pub(super) fn note_told(fault: &Fault) {
    tracing::debug!(code = %fault.code(), error = fault.error(), "a refusal goes to the client");
}
