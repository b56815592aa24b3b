//! Pages: a struct each is the context of its template, so that a missing field does not compile.

mod idp;
mod sign_in;
pub(super) mod social;

use askama::Template;

use crate::broker::{AskSignOut, Farewell, InboxMessage, MyApps, Portal, WelcomeTenant};
use crate::decide::TraceEntry;
use crate::fault::Entry;

pub(super) use idp::{IdpAboutPage, IdpSignInPage};
pub(super) use sign_in::render;

/// What every form of a sign-in needs.
#[derive(Debug)]
pub(super) struct Frame {
    /// Where the form goes.
    pub(super) action: String,
    /// Where the sign-in stands.
    pub(super) resume: String,
    /// The form's token.
    pub(super) token: String,
    /// The sign-in, which `GetCredentialType` can be told.
    pub(super) sign_in: String,
}

/// Where a device's code is typed.
#[derive(Template)]
#[template(path = "device.html")]
pub(super) struct DevicePage {
    pub(super) token: String,
    pub(super) alert: Option<String>,
}

/// What an error number means.
#[derive(Template)]
#[template(path = "error_code.html")]
pub(super) struct ErrorCodePage<'a> {
    pub(super) entry: Option<&'static Entry>,
    /// With `<code>` where the catalogue has backticks.
    pub(super) cause: String,
    pub(super) asked: &'a str,
}

/// A refusal.
#[derive(Template)]
#[template(path = "error.html")]
pub(super) struct ErrorPage<'a> {
    pub(super) code: String,
    pub(super) message: &'a str,
    pub(super) remedies: &'a [String],
    pub(super) trace: &'a [TraceEntry],
    pub(super) retry: Option<String>,
    pub(super) trace_id: String,
    pub(super) correlation_id: String,
    pub(super) timestamp: String,
}

impl ErrorPage<'_> {
    fn verdict(entry: &TraceEntry) -> &'static str {
        match entry.verdict {
            crate::decide::Verdict::Decided => "decided",
            crate::decide::Verdict::Noted => "noted",
            crate::decide::Verdict::Skipped => "skipped",
        }
    }
}

/// An authorization response that posts itself.
#[derive(Template)]
#[template(path = "form_post.html")]
pub(super) struct FormPostPage {
    pub(super) action: String,
    pub(super) fields: Vec<(String, String)>,
    pub(super) nonce: String,
}

/// The start page.
#[derive(Template)]
#[template(path = "welcome.html")]
pub(super) struct WelcomePage<'a> {
    pub(super) origin: &'a str,
    pub(super) version: &'a str,
    pub(super) inbox: bool,
    pub(super) tenants: &'a [WelcomeTenant],
}

/// My Apps.
#[derive(Template)]
#[template(path = "my_apps.html")]
pub(super) struct MyAppsPage<'a> {
    pub(super) page: &'a MyApps,
}

/// The portal's list of users.
#[derive(Template)]
#[template(path = "portal.html")]
pub(super) struct PortalPage<'a> {
    pub(super) page: &'a Portal,
}

/// A list of mails.
#[derive(Template)]
#[template(path = "inbox.html")]
pub(super) struct InboxPage<'a> {
    pub(super) to: Option<&'a str>,
    pub(super) mails: &'a [InboxMessage],
}

/// A mail.
#[derive(Template)]
#[template(path = "mail.html")]
pub(super) struct MailPage<'a> {
    mail: &'a InboxMessage,
    /// The text without the lines that button and code repeat.
    lines: Vec<&'a str>,
}

impl<'a> MailPage<'a> {
    pub(super) fn new(mail: &'a InboxMessage) -> Self {
        let code = mail.code.as_deref();
        let shown = |line: &&str| !line.starts_with("Accept invitation: ") && Some(*line) != code;
        let mut lines: Vec<_> = mail.text.lines().filter(shown).collect();
        lines.dedup_by(|line, before| line.is_empty() && before.is_empty());
        Self { mail, lines }
    }
}

/// Do you want to sign out, and who?
#[derive(Template)]
#[template(path = "sign_out.html")]
pub(super) struct SignOutPage<'a> {
    pub(super) action: String,
    pub(super) token: String,
    pub(super) ask: &'a AskSignOut,
}

/// You signed out.
#[derive(Template)]
#[template(path = "signed_out.html")]
pub(super) struct SignedOutPage<'a> {
    pub(super) farewell: &'a Farewell,
    pub(super) nonce: &'a str,
}

/// An application answers to a sign-out.
#[derive(Template)]
#[template(path = "heard.html")]
pub(super) struct HeardPage;

/// You did not sign out.
#[derive(Template)]
#[template(path = "still_signed_in.html")]
pub(super) struct StillSignedInPage;
