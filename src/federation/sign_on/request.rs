//! What an application with SAML or WS-Federation sign-on asked for, in either protocol.

use serde::{Deserialize, Serialize};

use crate::directory::{Application, ApplicationKind};
use crate::fault::{Fault, say};
use crate::ids::ClientId;
use crate::protocol::prompt::Prompt;
use crate::protocol::redirect_uri;

/// A request that passed every check that needs no person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOnRequest {
    /// Who asks.
    pub client_id: ClientId,
    /// The audience of the assertion: the application by the name it gave itself.
    pub audience: String,
    /// Where the answer goes.
    pub reply_to: ReplyTo,
    /// What to ask the person.
    pub prompt: Prompt,
    /// How old the sign-in may be, in seconds.
    pub max_age: Option<u64>,
    /// Who it probably is.
    pub login_hint: Option<String>,
    /// Where that account probably lives; a look-up key, nothing else.
    pub domain_hint: Option<String>,
    /// The ways to sign in that are good enough; empty for any.
    pub contexts: Vec<String>,
    /// What the protocol adds.
    pub asked: Asked,
}

impl SignOnRequest {
    /// An assertion that the application did not ask for: it is sent where My Apps would lead.
    ///
    /// # Errors
    /// 500113 or 650056 if it has nowhere to go.
    pub fn unasked(app: &Application) -> Result<Self, Fault> {
        let reply_to = ReplyTo::check(app, None, None)?;
        let id = app.client_id.to_string();
        let name = app.identifier_uris.first().unwrap_or(&id);
        let reply = SamlReply { to: reply_to.clone(), in_response_to: None, relay_state: None };
        Ok(Self {
            client_id: app.client_id,
            audience: audience(name),
            reply_to,
            prompt: Prompt::Unspecified,
            max_age: None,
            login_hint: None,
            domain_hint: None,
            contexts: Vec::new(),
            asked: Asked::Saml { reply, name: NameFormat::Default, qualifier: None },
        })
    }
}

/// What a protocol adds to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// `AuthnRequest`.
    Saml {
        /// Where an answer of either kind goes.
        reply: SamlReply,
        /// The `NameID` that is wanted.
        name: NameFormat,
        /// `SPNameQualifier` of it: comes back.
        qualifier: Option<String>,
    },
    /// `wsignin1.0`.
    WsFed {
        /// `wctx`.
        context: Option<String>,
    },
}

/// What a SAML response needs, whether it says yes or no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlReply {
    /// The assertion consumer service.
    pub to: ReplyTo,
    /// `ID` of the request; `None` if nobody asked.
    pub in_response_to: Option<String>,
    /// `RelayState`.
    pub relay_state: Option<String>,
}

/// `NameIDPolicy`: the formats that Entra knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameFormat {
    /// Nothing was asked for.
    // Assumption: the name that the portal fills in for every application.
    #[default]
    Default,
    /// An address.
    EmailAddress,
    /// The same pairwise name each time.
    Persistent,
    /// Another name each time.
    Transient,
    /// Whatever Entra likes: the pairwise name.
    Unspecified,
}

impl NameFormat {
    /// Reads `Format`.
    pub fn read(format: Option<&str>) -> Option<Self> {
        Some(match format {
            None => Self::Default,
            Some("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress") => Self::EmailAddress,
            Some(crate::federation::PERSISTENT) => Self::Persistent,
            Some("urn:oasis:names:tc:SAML:2.0:nameid-format:transient") => Self::Transient,
            Some("urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified") => Self::Unspecified,
            Some(_) => return None,
        })
    }

    /// What stands in the assertion.
    pub fn as_uri(self) -> &'static str {
        match self {
            Self::Default | Self::EmailAddress => {
                "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
            }
            Self::Persistent => crate::federation::PERSISTENT,
            Self::Transient => "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
            Self::Unspecified => "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
        }
    }
}

/// An address that the application has registered. Only this file makes one: without it nothing is
/// sent anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyTo(String);

impl ReplyTo {
    /// The address as it was asked for.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address that a request names, or the one by its number, or the first one.
    ///
    /// # Errors
    /// 50011 if it is not registered, 500113 or 650056 if none is.
    pub fn check(app: &Application, url: Option<&str>, index: Option<u16>) -> Result<Self, Fault> {
        // A page of a public client is no place for an assertion: Entra looks at `web` alone.
        if matches!(app.kind, ApplicationKind::Native | ApplicationKind::Spa) {
            return Err(say::application_misconfigured(app.client_id));
        }
        let is_page = |uri: &&String| redirect_uri::check_page(uri).is_ok();
        let registered: Vec<&String> = app.redirect_uris.iter().filter(is_page).collect();
        let named = match (url, index) {
            (Some(url), _) => registered
                .iter()
                .any(|registered| redirect_uri::matches(registered, url))
                .then(|| url.to_owned())
                .ok_or_else(|| url.to_owned()),
            (None, Some(index)) => {
                let found = registered.get(usize::from(index)).map(|uri| (*uri).clone());
                found.ok_or_else(|| format!("AssertionConsumerServiceIndex {index}"))
            }
            (None, None) => match registered.first() {
                Some(first) => Ok((*first).clone()),
                None => return Err(say::no_redirect_uri(app.client_id)),
            },
        };
        named.map(Self).map_err(|sent| {
            let shown: String = sent.escape_debug().take(300).collect();
            let list = registered.iter().map(|uri| uri.as_str()).collect::<Vec<_>>().join(", ");
            let remedy = match list.is_empty() {
                true => "The application has no reply URL.".to_owned(),
                false => format!("Registered: {list}"),
            };
            say::redirect_uri_mismatch(shown, app.client_id).with_remedy(remedy)
        })
    }
}

/// A refusal of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Sent to the application as a SAML response.
    Answered(Box<SamlReply>, Fault),
    /// Shown on a page: there is nowhere safe to send it, or no way to say it.
    Shown(Fault),
}

/// What stands beside a message: hints in the query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// `login_hint` or `username`.
    pub login_hint: Option<String>,
    /// `whr` or `domain_hint`.
    pub domain_hint: Option<String>,
}

/// An application as it names itself: in `Issuer` or `wtrealm`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// By its client id, whichever prefix it has.
    Id(ClientId),
    /// By an identifier URI.
    Uri(String),
}

/// Reads the name of an application: an identifier URI, or its client id alone or as
/// `spn:{id}` or `api://{id}`.
pub fn named(name: &str) -> Named {
    let bare = name.strip_prefix("spn:").or_else(|| name.strip_prefix("api://")).unwrap_or(name);
    match bare.parse() {
        Ok(id) => Named::Id(id),
        Err(_) => Named::Uri(name.to_owned()),
    }
}

/// The audience of an assertion: the name as it was given, but a bare id has `spn:` before it.
pub(super) fn audience(name: &str) -> String {
    match name.parse::<ClientId>() {
        Ok(_) => format!("spn:{name}"),
        Err(_) => name.to_owned(),
    }
}

/// Longest hint.
const LONGEST_HINT: usize = 1024;

impl Sources {
    /// Reads the hints.
    ///
    /// # Errors
    /// 9002313 for one that is sent twice or is too long.
    pub fn read(params: &crate::protocol::params::Params) -> Result<Self, Fault> {
        let hint = |names: [&str; 2]| {
            for name in names {
                if params.count(name) > 1 {
                    return Err(say::request_malformed(format!("'{name}' is sent twice")));
                }
                if params.get(name).is_some_and(|value| value.len() > LONGEST_HINT) {
                    let why = format!("'{name}' is longer than {LONGEST_HINT} bytes");
                    return Err(say::request_malformed(why));
                }
            }
            let found = names.into_iter().find_map(|name| params.get(name));
            Ok(found.filter(|value| !value.is_empty()).map(str::to_owned))
        };
        let login_hint = hint(["login_hint", "username"])?;
        Ok(Self { login_hint, domain_hint: hint(["whr", "domain_hint"])? })
    }
}
