//! The pages of the built-in Google and Facebook.

use askama::Template;

use crate::broker::{SocialView, alert as alert_of};
use crate::directory::SocialNetwork;
use crate::http::render::rendered;
use crate::upstream::social::SocialPage;

/// What every form of a network needs.
#[derive(Debug)]
pub(in crate::http) struct SocialFrame {
    /// Where the form goes.
    pub(in crate::http) action: String,
    /// The form's token.
    pub(in crate::http) token: String,
}

macro_rules! page {
    ($name:ident, $path:literal { $($field:ident: $kind:ty),* $(,)? }) => {
        #[derive(Template)]
        #[template(path = $path)]
        struct $name<'a> {
            frame: SocialFrame,
            $($field: $kind,)*
            alert: Option<&'a str>,
        }
    };
}

page!(GoogleIdentifierPage, "google/identifier.html" { hint: &'a str });
page!(GooglePasswordPage, "google/password.html" { address: &'a str });
page!(FacebookLoginPage, "facebook/login.html" { hint: &'a str });
page!(FacebookConsentPage, "facebook/consent.html" { name: &'a str, address: Option<&'a str> });

/// Google's front door.
#[derive(Template)]
#[template(path = "google/about.html")]
struct GoogleAboutPage<'a> {
    origin: &'a str,
}

/// Facebook's front door.
#[derive(Template)]
#[template(path = "facebook/about.html")]
struct FacebookAboutPage<'a> {
    origin: &'a str,
}

/// A network's front door.
pub(in crate::http) fn about(network: SocialNetwork, origin: &str) -> String {
    match network {
        SocialNetwork::Facebook => rendered(&FacebookAboutPage { origin }),
        SocialNetwork::Google => rendered(&GoogleAboutPage { origin }),
    }
}

/// The page of a sign-in; `None` once it has been answered.
pub(in crate::http) fn render(
    view: &SocialView,
    frame: impl Fn(&str) -> SocialFrame,
) -> Option<String> {
    let alert = view.alert.as_ref().map(alert_of);
    let alert = alert.as_deref();
    let hint = view.hint.as_str();
    Some(match (&view.page, view.network) {
        (SocialPage::Identifier, SocialNetwork::Google) => {
            rendered(&GoogleIdentifierPage { frame: frame("identifier"), hint, alert })
        }
        (SocialPage::Password(name), _) => {
            rendered(&GooglePasswordPage { frame: frame("password"), address: name, alert })
        }
        (SocialPage::Identifier, SocialNetwork::Facebook) => {
            rendered(&FacebookLoginPage { frame: frame("login"), hint, alert })
        }
        (SocialPage::Consent(account), _) => {
            let address = account.address.as_ref().map(|address| address.as_str());
            let name = account.display_name.as_str();
            rendered(&FacebookConsentPage { frame: frame("consent"), name, address, alert })
        }
        (SocialPage::Done, _) => return None,
    })
}
