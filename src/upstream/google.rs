//! The built-in Google: an OpenID Connect provider of its own, as a state machine without I/O.
//!
//! It shows the identifier page each time, prefilled from `login_hint`, then the password page, then
//! answers with a code. One relying party is registered: guestpass's broker.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::directory::GoogleAccount;
use crate::directory::user::password_digest;
use crate::entropy::Entropy;
use crate::ids::{CodeValue, Digest, EmailAddress, InteractionId};
use crate::jose::SigningKey;
use crate::protocol::pkce;

/// The broker's client id at Google.
pub const CLIENT_ID: &str = "guestpass-broker.apps.googleusercontent.example";

const SIGN_IN_LIFETIME: SignedDuration = SignedDuration::from_hours(1);
const CODE_LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// Google's issuer under an origin.
pub fn issuer(origin: &str) -> String {
    format!("{origin}/idp/google")
}

/// What the relying party asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GoogleRequest {
    /// Where the answer goes; checked against the registration.
    pub redirect_uri: String,
    /// Comes back.
    pub state: Option<String>,
    /// Comes back in the id token.
    pub nonce: Option<String>,
    /// PKCE, S256.
    pub code_challenge: String,
    /// Who it should be.
    pub login_hint: Option<String>,
}

/// A sign-in at Google.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GoogleSignIn {
    /// Its id.
    pub id: InteractionId,
    /// The browser it belongs to.
    pub browser: Digest,
    /// What was asked for.
    pub request: GoogleRequest,
    /// When it is over.
    pub expires_at: Timestamp,
    /// Its place among the sign-ins that are kept.
    #[serde(default)]
    pub slot: Option<u32>,
    state: State,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
enum State {
    Identifier,
    Password { address: EmailAddress },
    Answered { code: Digest, account: GoogleAccount, at: Timestamp },
    Redeemed,
}

/// The page that a sign-in is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GooglePage {
    /// It has been answered.
    Done,
    /// Type the address.
    Identifier,
    /// Type the password of this account.
    Password(EmailAddress),
}

impl GoogleSignIn {
    /// A new sign-in, at the identifier page.
    pub fn new(id: InteractionId, browser: Digest, request: GoogleRequest, now: Timestamp) -> Self {
        let expires_at = now.checked_add(SIGN_IN_LIFETIME).unwrap_or(now);
        Self { id, browser, request, expires_at, slot: None, state: State::Identifier }
    }

    /// The page it is at.
    pub fn page(&self) -> GooglePage {
        match &self.state {
            State::Identifier => GooglePage::Identifier,
            State::Password { address } => GooglePage::Password(address.clone()),
            State::Answered { .. } | State::Redeemed => GooglePage::Done,
        }
    }

    /// An account was named that exists.
    pub fn identify(&mut self, address: EmailAddress) {
        if matches!(self.state, State::Identifier | State::Password { .. }) {
            self.state = State::Password { address };
        }
    }

    /// Back to the identifier page.
    pub fn back(&mut self) {
        if matches!(self.state, State::Password { .. }) {
            self.state = State::Identifier;
        }
    }

    /// A password was typed. The right one gives the code; `None` is a wrong one.
    pub fn answer(
        &mut self,
        account: &GoogleAccount,
        typed: &str,
        entropy: &Entropy,
        now: Timestamp,
    ) -> Option<CodeValue> {
        let State::Password { address } = &self.state else { return None };
        let right = account.password.matches(&password_digest(&account.subject, typed));
        if *address != account.address || !right {
            return None;
        }
        let code = CodeValue::new(format!("{}.{}", self.id, entropy.token()));
        self.state = State::Answered { code: code.digest(), account: account.clone(), at: now };
        Some(code)
    }

    /// Redeems the code for the claims of an id token; `None` is `invalid_grant`.
    pub fn redeem(
        &mut self,
        code: &CodeValue,
        redirect_uri: &str,
        verifier: &str,
        now: Timestamp,
    ) -> Option<GoogleAccount> {
        let State::Answered { code: expected, account, at } = &self.state else { return None };
        let fits = expected.matches(&code.digest())
            && self.request.redirect_uri == redirect_uri
            && now.duration_since(*at) <= CODE_LIFETIME
            && pkce::check_verifier(Some(&self.request.code_challenge), Some(verifier)).is_ok();
        if !fits {
            return None;
        }
        let account = account.clone();
        self.state = State::Redeemed;
        Some(account)
    }

    /// The id token for an account that [`GoogleSignIn::redeem`] gave.
    pub fn id_token(
        &self,
        account: &GoogleAccount,
        issuer: &str,
        key: &SigningKey,
        now: Timestamp,
    ) -> String {
        key.sign(&json!({
            "iss": issuer,
            "azp": CLIENT_ID,
            "aud": CLIENT_ID,
            "sub": account.subject,
            "email": account.address,
            "email_verified": true,
            "name": account.display_name,
            "nonce": self.request.nonce,
            "iat": now.as_second(),
            "exp": now.as_second() + 3600,
        }))
    }
}

/// Whether a browser says that it is an embedded web view.
///
/// Source: Google's policy on embedded user agents; the marks are the usual ones of Android's
/// `WebView`, iOS's `WKWebView` (no `Safari/`), CEF and Electron.
pub fn is_embedded(user_agent: &str) -> bool {
    let has = |mark: &str| user_agent.contains(mark);
    let android = has("; wv)") || (has("Android") && has("Version/4.0 Chrome/"));
    let apple = (has("iPhone") || has("iPad")) && has("AppleWebKit") && !has("Safari/");
    android || apple || has("Electron/") || has("CefSharp") || has(" CEF/")
}

#[cfg(test)]
mod tests {
    use super::is_embedded;

    #[test]
    fn knows_embedded_web_views() {
        for embedded in [
            "Mozilla/5.0 (Linux; Android 13; Pixel 7 Build/X; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/115.0 Mobile Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
            "Mozilla/5.0 (X11; Linux) AppleWebKit/537.36 Chrome/114 Electron/25.2.0 Safari/537.36",
        ] {
            assert!(is_embedded(embedded), "{embedded}");
        }
        for browser in [
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0 Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.5 Mobile/15E148 Safari/604.1",
            "",
        ] {
            assert!(!is_embedded(browser), "{browser}");
        }
    }
}
