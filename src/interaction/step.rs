//! The steps of a sign-in, by the names that stand in addresses.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A page or form of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Type a name.
    SignIn,
    /// No account? Create one.
    SignUp,
    /// Sign in to an organization.
    Organization,
    /// Which of the signed-in accounts.
    PickAccount,
    /// Work or personal.
    ChooseAccount,
    /// Somebody else is signed in: go on as the invited one?
    ContinueAs,
    /// Type the password.
    Password,
    /// Have a code sent.
    SendCode,
    /// Type the code.
    Passcode,
    /// At another provider.
    Upstream,
    /// Choose a password for a new account.
    CreateAccount,
    /// Prove the address of a new account.
    VerifyAddress,
    /// Tell what the user flow asks for.
    Attributes,
    /// Review permissions.
    ReviewPermissions,
    /// Terms of use.
    TermsOfUse,
    /// Permissions requested.
    AppConsent,
    /// Is the device yours?
    ConfirmDevice,
    /// Stay signed in?
    StaySignedIn,
    /// Over.
    Done,
}

const ALL: [Step; 19] = [
    Step::SignIn,
    Step::SignUp,
    Step::Organization,
    Step::PickAccount,
    Step::ChooseAccount,
    Step::ContinueAs,
    Step::Password,
    Step::SendCode,
    Step::Passcode,
    Step::Upstream,
    Step::CreateAccount,
    Step::VerifyAddress,
    Step::Attributes,
    Step::ReviewPermissions,
    Step::TermsOfUse,
    Step::AppConsent,
    Step::ConfirmDevice,
    Step::StaySignedIn,
    Step::Done,
];

impl Step {
    /// The name in addresses and in the control API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::SignUp => "sign-up",
            Self::Organization => "organization",
            Self::PickAccount => "pick-account",
            Self::ChooseAccount => "choose-account",
            Self::ContinueAs => "continue-as",
            Self::Password => "password",
            Self::SendCode => "send-code",
            Self::Passcode => "passcode",
            Self::Upstream => "upstream",
            Self::CreateAccount => "create-account",
            Self::VerifyAddress => "verify-address",
            Self::Attributes => "attributes",
            Self::ReviewPermissions => "review-permissions",
            Self::TermsOfUse => "terms-of-use",
            Self::AppConsent => "app-consent",
            Self::ConfirmDevice => "confirm-device",
            Self::StaySignedIn => "stay-signed-in",
            Self::Done => "done",
        }
    }

    /// How far into the sign-in the step is: who, proof, details, redemption, consent, end. A form for an
    /// earlier part changes nothing; one for a later part is refused.
    pub fn part(self) -> u8 {
        match self {
            Self::SignIn
            | Self::SignUp
            | Self::Organization
            | Self::PickAccount
            | Self::ChooseAccount
            | Self::ContinueAs => 0,
            Self::Password
            | Self::SendCode
            | Self::Passcode
            | Self::Upstream
            | Self::CreateAccount
            | Self::VerifyAddress => 1,
            Self::Attributes => 2,
            Self::ReviewPermissions => 3,
            Self::TermsOfUse => 4,
            Self::AppConsent => 5,
            Self::ConfirmDevice => 6,
            Self::StaySignedIn => 7,
            Self::Done => 8,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Step {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        ALL.into_iter().find(|step| step.as_str() == text && *step != Self::Done).ok_or(())
    }
}
