//! What a person does on each page, and the hops that follow.

use guestpass::Server;
use guestpass::browser::{Browser, Hop};
use guestpass::fault::Fault;
use serde::Serialize;

use super::pick::Cast;
use crate::cli::failure::CliFault;

/// A piece of the story.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Beat {
    /// What the person, or the application, does.
    Does(String),
    /// A request and its answer.
    Hop {
        /// `GET` or `POST`.
        method: &'static str,
        /// The address, without the server's origin.
        address: String,
        /// The status.
        status: u16,
        /// Where it redirects to.
        #[serde(skip_serializing_if = "Option::is_none")]
        location: Option<String>,
        /// The page's heading.
        #[serde(skip_serializing_if = "Option::is_none")]
        page: Option<String>,
    },
}

/// More pages than any journey has.
const MOST_PAGES: usize = 25;

/// A walk through the pages.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    server: &'a Server,
    cast: &'a Cast,
    pub(super) browser: Browser<'a>,
    pub(super) beats: Vec<Beat>,
    told: usize,
    /// The sign-in, as the first of its answers names it.
    pub(super) interaction: Option<String>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(server: &'a Server, cast: &'a Cast) -> Self {
        let browser = server.browser();
        Self { server, cast, browser, beats: Vec::new(), told: 0, interaction: None }
    }

    pub(super) fn does(&mut self, what: impl Into<String>) {
        self.beats.push(Beat::Does(what.into()));
    }

    /// Opens an address.
    pub(super) async fn open(&mut self, url: &str) {
        self.browser.open(url).await;
        self.catch_up();
    }

    /// Answers pages until the sign-in has left the server, is refused, or is at its end.
    pub(super) async fn go_on(&mut self) -> Result<(), CliFault> {
        for _ in 0..MOST_PAGES {
            let here = self.browser.url().starts_with(self.server.origin());
            // A page that complains would complain again.
            let complains = self.browser.alert().is_some();
            if !here || complains || self.browser.status() != 200 || !self.answer().await? {
                return Ok(());
            }
            self.catch_up();
        }
        let hint = "Report this, with the world file: the journey does not end.";
        Err(CliFault::failed("the sign-in goes in a circle", hint))
    }

    /// Notes the requests since the last time.
    fn catch_up(&mut self) {
        let origin = self.server.origin();
        for hop in self.browser.hops.iter().skip(self.told) {
            let Hop { method, url, status, location, heading, interaction, .. } = hop.clone();
            // The first sign-in of the journey is the guest's; what follows may be one at home.
            self.interaction = self.interaction.take().or(interaction);
            let strip = |url: String| url.strip_prefix(origin).map(str::to_owned).unwrap_or(url);
            let (address, location) = (strip(url), location.map(strip));
            self.beats.push(Beat::Hop { method, address, status, location, page: heading });
        }
        self.told = self.browser.hops.len();
    }

    /// Does what the page asks for. False on a page that asks for nothing.
    async fn answer(&mut self) -> Result<bool, CliFault> {
        let (name, password) = (self.cast.guest.as_str(), self.cast.password.as_str());
        let heading = self.browser.heading();
        match heading.as_str() {
            "Sign in" if self.browser.has_id("identifierId") => {
                self.fill(format!("types {name} at Google"), &[("identifier", name)], None).await;
            }
            "Sign in" if self.browser.has_id("userNameInput") => {
                let what = format!("types {name} and the password at the identity provider");
                self.fill(what, &[("UserName", name), ("Password", password)], None).await;
            }
            "Going back to the application" if self.browser.posts_here() => {
                self.fill("brings the signed answer back", &[], None).await;
            }
            "Sign in" => self.fill(format!("types {name}"), &[("loginfmt", name)], None).await,
            "Welcome" => {
                self.fill("types the Google password", &[("Passwd", password)], None).await;
            }
            "Log in" => {
                let fields = [("email", name), ("pass", password)];
                self.fill("types address and password at Facebook", &fields, None).await;
            }
            _ if self.browser.has_id("share_email") => {
                let fields = [("share_email", "1")];
                let what = "lets Facebook tell name and address";
                self.fill(what, &fields, Some("confirm")).await;
            }
            "Enter password" => {
                self.fill("types the password", &[("passwd", password)], None).await;
            }
            "Verify your email" => self.fill("asks for a code by e-mail", &[], None).await,
            "Enter code" => {
                let code = self.code().await?;
                let what = format!("finds the code {code} in the inbox and types it");
                self.fill(what, &[("otc", &code)], None).await;
            }
            "Review permissions" => self.fill("accepts the organisation", &[], None).await,
            "Permissions requested" => self.fill("accepts what the app asks for", &[], None).await,
            "Stay signed in?" => self.fill("stays signed in", &[], None).await,
            "Terms of use" => {
                if self.browser.has_id("openTerms") {
                    self.fill("opens the terms of use", &[], Some("open")).await;
                }
                self.fill("accepts the terms of use", &[], Some("accept")).await;
            }
            "Create a Microsoft account" if self.browser.has_id("useExisting") => {
                self.does("already has a Microsoft account, and signs in with it");
                self.browser.submit_form(1, &[("existing", "1")], None).await;
            }
            "Create a Microsoft account" | "Create a work account" => {
                self.fill("chooses a password for the new account", &[("passwd", password)], None)
                    .await;
            }
            _ if self.browser.has_id("aadTile") => {
                self.fill("picks the work account", &[("account", "aad")], None).await;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    async fn fill(
        &mut self,
        what: impl Into<String>,
        fields: &[(&str, &str)],
        pressed: Option<&str>,
    ) {
        self.does(what);
        self.browser.submit(fields, pressed).await;
    }

    /// The newest code in the guest's inbox.
    async fn code(&self) -> Result<String, CliFault> {
        let origin = self.server.origin();
        let mails =
            self.server.broker().inbox(origin, &self.cast.guest, None).await.map_err(internal)?;
        mails.into_iter().find_map(|mail| mail.code).ok_or_else(|| {
            CliFault::failed("no code was mailed", "Report this, with the world file.")
        })
    }
}

/// Something that must not happen.
pub(super) fn internal(fault: Fault) -> CliFault {
    CliFault::failed(fault.to_string(), "Set GUESTPASS_LOG=debug and try again to see more.")
}
