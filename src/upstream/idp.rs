//! The built-in SAML and WS-Fed providers, Litware and Adatum, as a state machine without I/O.
//!
//! Each shows one page, prefilled from the request's hint, and answers with a signed document that
//! the browser posts to whoever asked. They keep no session: every request asks for the password.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::directory::user::password_digest;
use crate::directory::{BuiltInFederation, FederationAccount, FederationProtocol};
use crate::federation::metadata::{Entity, Provider};
use crate::federation::saml::PASSWORD;
use crate::federation::saml::answer::{self, Envelope, Signed};
use crate::federation::saml::binding::to_form;
use crate::federation::sign_on::{NameFormat, asserted_context};
use crate::federation::wsfed::token::Issued;
use crate::federation::wsfed::{PASSWORD_11, result};
use crate::federation::xml::XmlFault;
use crate::federation::{Claim, EMAIL_CLAIM, IMMUTABLE_ID_CLAIM, PERSISTENT};
use crate::ids::{Digest, InteractionId};
use crate::jose::SigningKey;

const SIGN_IN_LIFETIME: SignedDuration = SignedDuration::from_hours(1);
/// How long a token holds, as at AD FS.
const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(1);
const UPN_CLAIM: &str = "http://schemas.xmlsoap.org/claims/UPN";
const DISPLAY_NAME_CLAIM: &str = "http://schemas.microsoft.com/identity/claims/displayname";
const GIVEN_NAME_CLAIM: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname";
const SURNAME_CLAIM: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname";
const NAME_CLAIM: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name";
const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
const EMAIL_FORMAT: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";

/// Where a built-in provider takes requests.
pub fn sign_on(at: BuiltInFederation, origin: &str) -> String {
    match at {
        BuiltInFederation::Adatum => format!("{origin}/idp/adatum/wsfed"),
        BuiltInFederation::Litware => format!("{origin}/idp/litware/saml"),
    }
}

/// Where a built-in SAML provider takes logout requests.
pub fn logout(at: BuiltInFederation, origin: &str) -> Option<String> {
    (at == BuiltInFederation::Litware).then(|| format!("{origin}/idp/litware/logout"))
}

/// A built-in provider's metadata, signed. `certificates` are those of its keys, the current one
/// first.
///
/// # Errors
/// If a value cannot stand in a document.
pub fn metadata(
    at: BuiltInFederation,
    origin: &str,
    certificates: Vec<String>,
    key: &SigningKey,
) -> Result<String, XmlFault> {
    let sign_on = sign_on(at, origin);
    let is_saml = at.protocol() == FederationProtocol::Saml;
    let provider = Provider {
        certificates,
        sign_on: is_saml.then(|| sign_on.clone()),
        logout: logout(at, origin),
        passive: (!is_saml).then_some(sign_on),
    };
    let entity = Entity {
        id: format!("_{}", at.name()),
        entity_id: at.entity_id().to_owned(),
        provider: Some(provider),
        consumer: None,
    };
    entity.to_xml(Some(key))
}

/// What a service provider asked for, once it is known that it may.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Asked {
    /// The name under which the service provider knows us.
    pub issuer: String,
    /// Its own name: the audience.
    pub audience: String,
    /// The name that people know.
    pub party: String,
    /// Where the answer goes; checked against the registration.
    pub reply_to: String,
    /// `RelayState` or `wctx`, which comes back.
    pub context: Option<String>,
    /// Who it should be.
    pub hint: Option<String>,
    /// The SAML request.
    pub saml: Option<SamlRequest>,
}

/// What only a SAML request has.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SamlRequest {
    /// Its `ID`.
    pub id: String,
    /// The `NameID` format it wants.
    pub format: Option<String>,
    /// The ways to sign in that it takes.
    pub contexts: Vec<String>,
}

impl SamlRequest {
    /// What nobody who signs in here could fulfil: it is answered at once (Core §3.3.2.2.1,
    /// §3.4.1.1). `passive` says that nothing may be shown.
    pub fn unfulfillable(&self, passive: bool) -> Option<Refused> {
        let shown = |asked: &str| asked.escape_debug().take(300).collect::<String>();
        if let Some(format) = &self.format
            && NameFormat::read(Some(format)).is_none()
        {
            let message = format!(
                "There are no names of the format '{}' here, but persistent, transient and \
                 emailAddress ones.",
                shown(format)
            );
            return Some(Refused { status: ("Requester", "InvalidNameIDPolicy"), message });
        }
        if self.context().is_none() {
            let asked = shown(&self.contexts.join(", "));
            let message = format!("People sign in with a password here, not with '{asked}'.");
            return Some(Refused { status: ("Responder", "NoAuthnContext"), message });
        }
        passive.then(|| Refused {
            status: ("Responder", "NoPassive"),
            message: "Nobody is signed in, and nothing may be shown.".to_owned(),
        })
    }

    /// The class to assert of a password, whether over TLS or not: that is for the service provider
    /// to see.
    fn context(&self) -> Option<String> {
        asserted_context(&self.contexts, &["pwd".to_owned()]).ok()
    }
}

/// An answer without anybody having signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Whose fault it is, and what it is, in the last words of SAML's status codes.
    pub status: (&'static str, &'static str),
    /// The same for people.
    pub message: String,
}

/// A sign-in at a built-in provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FederationSignIn {
    /// Its id.
    pub id: InteractionId,
    /// Where.
    pub at: BuiltInFederation,
    /// The browser it belongs to.
    pub browser: Digest,
    /// What was asked for.
    pub asked: Asked,
    /// When it is over.
    pub expires_at: Timestamp,
    /// Its place among those that are kept.
    #[serde(default)]
    pub slot: Option<u32>,
    /// Whether it has been answered.
    pub answered: bool,
}

/// An answer that the browser posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Where to.
    pub to: String,
    /// The fields of the form.
    pub fields: Vec<(String, String)>,
}

impl FederationSignIn {
    /// A sign-in that starts.
    pub fn new(
        id: InteractionId,
        at: BuiltInFederation,
        browser: Digest,
        asked: Asked,
        now: Timestamp,
    ) -> Self {
        let expires_at = now.checked_add(SIGN_IN_LIFETIME).unwrap_or(now);
        Self { id, at, browser, asked, expires_at, slot: None, answered: false }
    }

    /// A name and a password were typed; the right ones give the answer, `None` are wrong ones.
    /// `id` is new, for the documents that are made.
    pub fn answer(
        &mut self,
        account: &FederationAccount,
        typed: &str,
        (id, key): (&str, &SigningKey),
        now: Timestamp,
    ) -> Option<Result<Delivery, XmlFault>> {
        let right = account.password.matches(&password_digest(&account.subject, typed));
        if self.answered || account.builtin != self.at || !right {
            return None;
        }
        self.answered = true;
        Some(match &self.asked.saml {
            Some(request) => self.asked.response(request, account, (id, key), now),
            None => self.asked.result(account, (id, key), now),
        })
    }
}

impl Asked {
    /// A refusal, without anybody having signed in.
    pub fn refused(
        &self,
        refused: &Refused,
        (id, key): (&str, &SigningKey),
        now: Timestamp,
    ) -> Result<Delivery, XmlFault> {
        let Refused { status, message } = refused;
        let xml = answer::refused(&self.envelope(id, now), *status, message, key)?;
        Ok(self.delivery("SAMLResponse", to_form(&xml), "RelayState"))
    }

    fn envelope(&self, id: &str, now: Timestamp) -> Envelope {
        Envelope {
            id: format!("_r{id}"),
            issuer: self.issuer.clone(),
            destination: self.reply_to.clone(),
            in_response_to: self.saml.as_ref().map(|request| request.id.clone()),
            now,
        }
    }

    fn response(
        &self,
        request: &SamlRequest,
        account: &FederationAccount,
        (id, key): (&str, &SigningKey),
        now: Timestamp,
    ) -> Result<Delivery, XmlFault> {
        let (format, name) = match request.format.as_deref() {
            Some(EMAIL_FORMAT) => (EMAIL_FORMAT, account.address.to_string()),
            Some(TRANSIENT) => (TRANSIENT, format!("_t{id}")),
            _ => (PERSISTENT, account.subject.clone()),
        };
        let sign_in = answer::SignIn {
            id: format!("_a{id}"),
            audience: self.audience.clone(),
            name,
            format: format.to_owned(),
            qualifier: None,
            lifetime: TOKEN_LIFETIME,
            signed_in_at: now,
            context: request.context().unwrap_or_else(|| PASSWORD.to_owned()),
            session_index: format!("_s{id}"),
            claims: claims(account, vec![claim(NAME_CLAIM, account.address.as_str())]),
        };
        let xml = answer::accepted(&self.envelope(id, now), &sign_in, Signed::Both, key)?;
        Ok(self.delivery("SAMLResponse", to_form(&xml), "RelayState"))
    }

    fn result(
        &self,
        account: &FederationAccount,
        (id, key): (&str, &SigningKey),
        now: Timestamp,
    ) -> Result<Delivery, XmlFault> {
        let token = Issued {
            id: format!("_a{id}"),
            issuer: self.issuer.clone(),
            audience: self.audience.clone(),
            name: account.subject.clone(),
            format: UNSPECIFIED.to_owned(),
            now,
            lifetime: TOKEN_LIFETIME,
            signed_in_at: now,
            method: PASSWORD_11.to_owned(),
            claims: claims(
                account,
                vec![
                    claim(UPN_CLAIM, account.address.as_str()),
                    claim(IMMUTABLE_ID_CLAIM, &account.subject),
                ],
            ),
        };
        let mut delivery = self.delivery("wresult", result::issue(&token, key)?, "wctx");
        delivery.fields.insert(0, ("wa".to_owned(), "wsignin1.0".to_owned()));
        Ok(delivery)
    }

    fn delivery(&self, name: &str, message: String, context: &str) -> Delivery {
        let mut fields = vec![(name.to_owned(), message)];
        fields.extend(self.context.clone().map(|value| (context.to_owned(), value)));
        Delivery { to: self.reply_to.clone(), fields }
    }
}

/// What both protocols say of an account.
fn claims(account: &FederationAccount, mut claims: Vec<Claim>) -> Vec<Claim> {
    claims.push(claim(EMAIL_CLAIM, account.address.as_str()));
    claims.push(claim(DISPLAY_NAME_CLAIM, &account.display_name));
    let given = account.given_name.iter().map(|name| claim(GIVEN_NAME_CLAIM, name));
    let names = given.chain(account.surname.iter().map(|name| claim(SURNAME_CLAIM, name)));
    claims.extend(names);
    claims
}

fn claim(name: &str, value: &str) -> Claim {
    Claim { name: name.to_owned(), values: vec![value.to_owned()] }
}
