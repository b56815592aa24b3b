//! Pages of the built-in SAML and WS-Fed providers.

use askama::Template;

use crate::directory::BuiltInFederation;

/// The front door.
#[derive(Template)]
#[template(path = "idp/about.html")]
pub(in crate::http) struct IdpAboutPage {
    pub(in crate::http) at: BuiltInFederation,
    pub(in crate::http) sign_on: String,
    pub(in crate::http) metadata: &'static str,
}

/// Name and password.
#[derive(Template)]
#[template(path = "idp/sign_in.html")]
pub(in crate::http) struct IdpSignInPage<'a> {
    pub(in crate::http) at: BuiltInFederation,
    pub(in crate::http) action: String,
    pub(in crate::http) token: String,
    pub(in crate::http) party: &'a str,
    pub(in crate::http) hint: &'a str,
    pub(in crate::http) alert: Option<&'a str>,
}
