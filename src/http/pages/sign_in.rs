//! The pages of a sign-in.

use askama::Template;

use super::Frame;
use crate::broker::{AttributeField, ProviderButton, ScopeLine, Tile, View, alert as alert_of};
use crate::directory::TermsOfUse;
use crate::fault::Fault;
use crate::http::render::rendered;

macro_rules! page {
    ($name:ident, $path:literal { $($field:ident: $kind:ty),* $(,)? }) => {
        #[derive(Template)]
        #[template(path = $path)]
        struct $name<'a> {
            frame: &'a Frame,
            $($field: $kind),*
        }
    };
}

page!(AppConsentPage, "signin/app_consent.html" {
    app: String, organization: String, user: String, scopes: Vec<ScopeLine>,
});
page!(AttributesPage, "signin/attributes.html" {
    organization: String, user: String, fields: Vec<AttributeField>, alert: Option<String>,
});
page!(ChooseAccountPage, "signin/choose_account.html" { name: String });
page!(ConfirmDevicePage, "signin/confirm_device.html" {
    app: String, organization: String, user: String,
});
page!(ContinueAsPage, "signin/continue_as.html" {
    signed_in: Vec<String>, invited: Option<String>, organization: String,
});
page!(CreateAccountPage, "signin/create_account.html" {
    address: String, microsoft: bool, exists: bool, alert: Option<String>,
});
page!(OrganizationPage, "signin/organization.html" { typed: String, alert: Option<String> });
page!(PasscodePage, "signin/passcode.html" {
    address: String, spent: bool, alert: Option<String>, new_account: bool,
});
page!(PasswordPage, "signin/password.html" {
    name: String, organization: String, alert: Option<String>,
});
page!(PickAccountPage, "signin/pick_account.html" { accounts: Vec<Tile>, organization: String, alert: Option<String> });
page!(ReviewPage, "signin/review.html" {
    organization: String, domain: String, privacy_statement_url: Option<String>, user: String,
});
page!(SendCodePage, "signin/send_code.html" { address: String, organization: String });
page!(SignInPage, "signin/sign_in.html" {
    organization: Option<String>, app: String, hint: String, alert: Option<String>,
    providers: Vec<ProviderButton>, sign_up: bool,
});
page!(SignUpPage, "signin/sign_up.html" {
    organization: String, app: String, hint: String, alert: Option<String>,
    providers: Vec<ProviderButton>, by_address: bool,
});
page!(OptionsPage, "signin/options.html" {});
page!(StaySignedInPage, "signin/stay_signed_in.html" { name: String });
page!(TermsPage, "signin/terms.html" {
    organization: String, terms: Box<TermsOfUse>, opened: bool, number: (usize, usize),
    alert: Option<String>,
});

/// The end at the other device has no form.
#[derive(Template)]
#[template(path = "signin/device_done.html")]
struct DeviceDonePage {
    app: String,
    declined: bool,
}

/// The end has no form.
#[derive(Template)]
#[template(path = "signin/done.html")]
struct DonePage {
    way_on: Option<String>,
    declined: bool,
}

/// A page as HTML.
pub(in crate::http) fn render(view: View, frame: &Frame) -> String {
    let text = |alert: Option<Fault>| alert.map(|fault| alert_of(&fault));
    match view {
        View::AppConsent { app, organization, user, scopes } => {
            rendered(&AppConsentPage { frame, app, organization, user, scopes })
        }
        View::Attributes { organization, user, fields, alert } => {
            rendered(&AttributesPage { frame, organization, user, fields, alert })
        }
        View::ChooseAccount { name } => rendered(&ChooseAccountPage { frame, name }),
        View::ConfirmDevice { app, organization, user } => {
            rendered(&ConfirmDevicePage { frame, app, organization, user })
        }
        View::ContinueAs { signed_in, invited, organization } => {
            rendered(&ContinueAsPage { frame, signed_in, invited, organization })
        }
        View::CreateAccount { address, microsoft, exists, alert } => {
            rendered(&CreateAccountPage { frame, address, microsoft, exists, alert })
        }
        View::DeviceDone { app, declined } => rendered(&DeviceDonePage { app, declined }),
        View::Done { way_on, declined } => rendered(&DonePage { way_on, declined }),
        View::Organization { typed, alert } => rendered(&OrganizationPage { frame, typed, alert }),
        View::Passcode { address, spent, alert } => {
            let alert = text(alert);
            rendered(&PasscodePage { frame, address, spent, alert, new_account: false })
        }
        View::Password { name, organization, alert } => {
            rendered(&PasswordPage { frame, name, organization, alert: text(alert) })
        }
        View::PickAccount { accounts, organization, alert } => {
            rendered(&PickAccountPage { frame, accounts, organization, alert })
        }
        View::ReviewPermissions { organization, domain, privacy_statement_url, user } => {
            rendered(&ReviewPage { frame, organization, domain, privacy_statement_url, user })
        }
        View::SendCode { address, organization } => {
            rendered(&SendCodePage { frame, address, organization })
        }
        View::SignIn { organization, app, hint, alert, providers, sign_up } => {
            rendered(&SignInPage { frame, organization, app, hint, alert, providers, sign_up })
        }
        View::SignUp { organization, app, hint, alert, providers, by_address } => {
            let page = SignUpPage { frame, organization, app, hint, alert, providers, by_address };
            rendered(&page)
        }
        View::SignInOptions => rendered(&OptionsPage { frame }),
        View::StaySignedIn { name } => rendered(&StaySignedInPage { frame, name }),
        View::TermsOfUse { organization, terms, opened, number, alert } => {
            rendered(&TermsPage { frame, organization, terms, opened, number, alert })
        }
        View::VerifyAddress { address, spent, alert } => {
            let alert = text(alert);
            rendered(&PasscodePage { frame, address, spent, alert, new_account: true })
        }
    }
}
