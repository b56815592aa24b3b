//! The form that a provider's page posts: which protocol it is of, and what it carries.

use super::refusal::Refusal;
use super::saml::binding::{self, Direction};
use super::saml::{logout, response};
use super::verified::{Expected, Protocol, VerifiedToken};
use super::wsfed::result;
use crate::fault::{Fault, say};
use crate::protocol::params::Params;

/// An answer as it was posted; nothing of it is verified.
#[derive(Debug)]
pub struct Posted {
    protocol: Protocol,
    document: String,
    state: Option<String>,
}

impl Posted {
    /// Takes the form apart: SAML by `SAMLResponse`, WS-Federation by `wa`.
    ///
    /// # Errors
    /// 90081 or 90013 if something is missing, 7500525 or 20012 if it cannot be decoded, 9002313 if
    /// a field stands twice or it is an answer of both.
    pub fn read(form: &Params) -> Result<Self, Fault> {
        if let Some(name) = form.repeated() {
            return Err(say::request_malformed(format!("the parameter '{name}' is sent twice")));
        }
        if form.has("SAMLResponse") && (form.has("wa") || form.has("wresult")) {
            return Err(say::request_malformed("it is an answer of SAML and one of WS-Federation"));
        }
        if form.has("SAMLResponse") {
            let carried = binding::from_form(form, Direction::Response);
            let carried = carried.map_err(say::saml_unreadable)?;
            let state = carried.relay_state().map(str::to_owned);
            let document = carried.xml().to_owned();
            return Ok(Self { protocol: Protocol::Saml, document, state });
        }
        match form.get("wa") {
            Some("wsignin1.0") => {
                let document = form.get("wresult");
                let document = document.ok_or_else(|| Refusal::Missing("wresult").fault())?;
                let state = form.get("wctx").map(str::to_owned);
                Ok(Self { protocol: Protocol::WsFed, document: document.to_owned(), state })
            }
            Some(_) => Err(say::ws_fed_message_invalid("the action of wa is not known")),
            None => Err(Refusal::Missing("wa or SAMLResponse").fault()),
        }
    }

    /// What carried it.
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// `RelayState` or `wctx`.
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// Verifies what it carries. WS-Federation repeats no request; its `wctx` does.
    ///
    /// # Errors
    /// In the order in which Entra looks: syntax, realm, key, signature, content.
    pub fn verify(&self, expected: &Expected<'_>) -> Result<VerifiedToken, Refusal> {
        match self.protocol {
            Protocol::Saml => response::verify(&self.document, expected),
            Protocol::WsFed => {
                result::verify(&self.document, &Expected { request: None, ..*expected })
            }
        }
    }

    /// The refusal of an answer that nobody here waits for.
    pub fn unsolicited(&self) -> Fault {
        let issuer = match self.protocol {
            Protocol::Saml => match logout::claimed_issuer(&self.document) {
                Ok(issuer) => issuer,
                Err(fault) => return say::saml_unreadable(fault),
            },
            Protocol::WsFed => String::new(),
        };
        Refusal::Unsolicited(issuer).fault().with_remedy(
            "Start at the application, or at the link of the invitation: a sign-in cannot begin at \
             the identity provider.",
        )
    }
}
