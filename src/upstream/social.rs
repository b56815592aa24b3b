//! The built-in Google and the built-in Facebook: OpenID Connect providers of their own, as one state
//! machine without I/O.
//!
//! Google asks for the address, then for the password. Facebook asks for both at once, and then
//! whether the application may know the person; the address can be kept back there. Each answers
//! with a code. One relying party is registered: guestpass's broker.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::directory::user::password_digest;
use crate::directory::{SocialAccount, SocialNetwork};
use crate::entropy::Entropy;
use crate::ids::{CodeValue, Digest, InteractionId};
use crate::jose::SigningKey;
use crate::protocol::pkce;

const SIGN_IN_LIFETIME: SignedDuration = SignedDuration::from_hours(1);
const CODE_LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// The network's issuer under an origin.
pub fn issuer(network: SocialNetwork, origin: &str) -> String {
    format!("{origin}/idp/{}", network.slug())
}

/// The broker's client id there.
pub fn client_id(network: SocialNetwork) -> &'static str {
    match network {
        SocialNetwork::Facebook => "guestpass-broker.apps.facebook.example",
        SocialNetwork::Google => "guestpass-broker.apps.googleusercontent.example",
    }
}

/// Where the network's authorization endpoint is, below the issuer.
pub fn authorize_path(network: SocialNetwork) -> &'static str {
    match network {
        SocialNetwork::Facebook => "/dialog/oauth",
        SocialNetwork::Google => "/o/oauth2/v2/auth",
    }
}

/// Where its token endpoint is.
pub fn token_path(network: SocialNetwork) -> &'static str {
    match network {
        SocialNetwork::Facebook => "/oauth/access_token",
        SocialNetwork::Google => "/token",
    }
}

/// What the relying party asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SocialRequest {
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

impl SocialRequest {
    /// Where the browser goes with an answer.
    pub fn answer(&self, name: &str, value: &str) -> String {
        let mut to = url::form_urlencoded::Serializer::new(String::new());
        to.append_pair(name, value);
        if let Some(state) = &self.state {
            to.append_pair("state", state);
        }
        let mark = if self.redirect_uri.contains('?') { '&' } else { '?' };
        format!("{}{mark}{}", self.redirect_uri, to.finish())
    }
}

/// A sign-in at a network.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SocialSignIn {
    /// Its id.
    pub id: InteractionId,
    /// The browser it belongs to.
    pub browser: Digest,
    /// At which network.
    pub network: SocialNetwork,
    /// What was asked for.
    pub request: SocialRequest,
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
    Answered { code: Digest, account: SocialAccount, at: Timestamp },
    Consent { account: SocialAccount },
    Identifier,
    Password { name: String },
    Redeemed,
}

/// The page that a sign-in is at.
#[derive(Debug, Clone)]
pub enum SocialPage {
    /// Facebook: may the application know this person?
    Consent(Box<SocialAccount>),
    /// It has been answered.
    Done,
    /// Type the name; at Facebook the password, too.
    Identifier,
    /// Google: type the password for this name.
    Password(String),
}

/// What a password led to.
#[derive(Debug, PartialEq, Eq)]
pub enum Proved {
    /// To the question whether the application may know the person.
    Asking,
    /// To a code.
    Code(CodeValue),
    /// Nowhere: it is wrong, or another account's.
    Not,
}

impl SocialSignIn {
    /// A new sign-in, at its first page.
    pub fn new(
        id: InteractionId,
        browser: Digest,
        network: SocialNetwork,
        request: SocialRequest,
        now: Timestamp,
    ) -> Self {
        let expires_at = now.checked_add(SIGN_IN_LIFETIME).unwrap_or(now);
        Self { id, browser, network, request, expires_at, slot: None, state: State::Identifier }
    }

    /// The page it is at.
    pub fn page(&self) -> SocialPage {
        match &self.state {
            State::Answered { .. } | State::Redeemed => SocialPage::Done,
            State::Consent { account } => SocialPage::Consent(Box::new(account.clone())),
            State::Identifier => SocialPage::Identifier,
            State::Password { name } => SocialPage::Password(name.clone()),
        }
    }

    /// Google: an account was named that exists.
    pub fn identify(&mut self, name: &str) {
        if matches!(self.state, State::Identifier | State::Password { .. }) {
            self.state = State::Password { name: name.to_owned() };
        }
    }

    /// Back to the first page.
    pub fn back(&mut self) {
        if matches!(self.state, State::Password { .. } | State::Consent { .. }) {
            self.state = State::Identifier;
        }
    }

    /// A password was typed for an account.
    pub fn prove(
        &mut self,
        account: &SocialAccount,
        typed: &str,
        entropy: &Entropy,
        now: Timestamp,
    ) -> Proved {
        let expected = match (self.network, &self.state) {
            (SocialNetwork::Google, State::Password { name }) => {
                account.sign_in_names().any(|own| own == name)
            }
            (SocialNetwork::Facebook, State::Identifier) => true,
            _ => false,
        };
        let right = account.password.matches(&password_digest(&account.subject, typed));
        if !expected || !right || account.network != self.network {
            return Proved::Not;
        }
        match self.network {
            SocialNetwork::Facebook => {
                self.state = State::Consent { account: account.clone() };
                Proved::Asking
            }
            SocialNetwork::Google => Proved::Code(self.answered(account.clone(), entropy, now)),
        }
    }

    /// Facebook: the application may know the person, with or without the address.
    pub fn consent(
        &mut self,
        with_address: bool,
        entropy: &Entropy,
        now: Timestamp,
    ) -> Option<CodeValue> {
        let State::Consent { account } = &self.state else { return None };
        let mut account = account.clone();
        account.address = account.address.filter(|_| with_address);
        Some(self.answered(account, entropy, now))
    }

    /// Facebook: it may not. Where the browser goes with that.
    pub fn decline(&mut self) -> Option<String> {
        if !matches!(self.state, State::Consent { .. }) {
            return None;
        }
        self.state = State::Redeemed;
        Some(self.request.answer("error", "access_denied"))
    }

    fn answered(&mut self, account: SocialAccount, entropy: &Entropy, now: Timestamp) -> CodeValue {
        let code = CodeValue::new(format!("{}.{}", self.id, entropy.token()));
        self.state = State::Answered { code: code.digest(), account, at: now };
        code
    }

    /// Redeems the code for the account it stands for; `None` is `invalid_grant`.
    pub fn redeem(
        &mut self,
        code: &CodeValue,
        redirect_uri: &str,
        verifier: &str,
        now: Timestamp,
    ) -> Option<SocialAccount> {
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

    /// The id token for an account that [`SocialSignIn::redeem`] gave. Facebook's says of no address
    /// that it is verified.
    pub fn id_token(
        &self,
        account: &SocialAccount,
        issuer: &str,
        key: &SigningKey,
        now: Timestamp,
    ) -> String {
        let client = client_id(self.network);
        let mut claims = json!({
            "iss": issuer,
            "azp": client,
            "aud": client,
            "sub": account.subject,
            "name": account.display_name,
            "nonce": self.request.nonce,
            "iat": now.as_second(),
            "exp": now.as_second() + 3600,
        });
        if let Some(address) = &account.address {
            claims["email"] = json!(address);
            if self.network == SocialNetwork::Google {
                claims["email_verified"] = json!(true);
            }
        }
        key.sign(&claims)
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
