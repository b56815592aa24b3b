//! Assertions to applications with SAML or WS-Federation sign-on. As for every token, it takes a
//! [`Granted`] to make one.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::granted::Granted;
use crate::directory::{ResponseSigning, SamlVersion, SignOnConfiguration, User};
use crate::entropy::Entropy;
use crate::fault::{Fault, say};
use crate::federation::saml::answer::{self, Envelope, SignIn, Signed};
use crate::federation::sign_on::{Asked, NameFormat, SamlReply, SignOnRequest, claims, response};
use crate::federation::wsfed::token::Issued;
use crate::federation::wsfed::{PASSWORD_11, result};
use crate::federation::xml::XmlFault;
use crate::federation::{Claim, sign_on};
use crate::ids::EmailAddress;
use crate::jose::SigningKey;
use crate::protocol::response::AuthorizationResponse;

/// An hour, and five minutes for clocks that differ (configurable-token-lifetimes article).
const LIFETIME: SignedDuration = SignedDuration::from_mins(65);

/// `SessionIndex`: the name of a session toward applications.
pub fn session_index(sid: Uuid) -> String {
    format!("_{sid}")
}

/// What assertions are made with.
#[derive(Debug)]
pub struct Asserting<'a> {
    /// The tenant's name as an identity provider.
    pub issuer: String,
    /// The user, as stored now.
    pub user: &'a User,
    /// The address of the user that may be told.
    pub mail: Option<&'a EmailAddress>,
    /// What is said of the user.
    pub claims: Vec<Claim>,
    /// What the application's registration says.
    pub configuration: &'a SignOnConfiguration,
    /// Signs.
    pub key: Arc<SigningKey>,
    /// Randomness, for identifiers and transient names.
    pub entropy: &'a Entropy,
    /// The time.
    pub now: Timestamp,
}

/// An assertion that was made, and the name that the person has in it.
#[derive(Debug)]
pub struct Asserted {
    /// Goes to the application.
    pub answer: AuthorizationResponse,
    /// `NameID` and its format, by which a logout names the person.
    pub name: (String, &'static str),
}

impl Asserting<'_> {
    /// The answer to a request.
    ///
    /// # Errors
    /// 75011 if the person signed in otherwise than was asked for; an inner one if what was granted
    /// is something else.
    pub fn answer(&self, granted: &Granted, request: &SignOnRequest) -> Result<Asserted, Fault> {
        let data = granted.data();
        let fits = data.client == request.client_id
            && data.redirect_uri == request.reply_to.as_str()
            && (data.user, data.tenant) == (self.user.id, self.user.tenant);
        if !fits {
            return Err(say::internal().with_detail("an assertion of another sign-in"));
        }
        let context = sign_on::asserted_context(&request.contexts, &data.amr)?;
        let (format, qualifier) = match &request.asked {
            Asked::Saml { name, qualifier, .. } => (*name, qualifier.clone()),
            Asked::WsFed { .. } => (NameFormat::Default, None),
        };
        let source = self.configuration.name_id_source;
        let random = self.entropy.token();
        let who = (self.user, self.mail);
        let name = claims::name_id(who, request.client_id, (format, source), random);
        let sign_in = SignIn {
            id: self.id(),
            audience: request.audience.clone(),
            name: name.clone(),
            format: format.as_uri().to_owned(),
            qualifier,
            lifetime: LIFETIME,
            signed_in_at: data.auth_time,
            context,
            session_index: session_index(data.sid),
            claims: self.claims.clone(),
        };
        let answer = match &request.asked {
            Asked::Saml { reply, .. } => self.saml(reply, &sign_in),
            Asked::WsFed { context } => self.ws_fed(request, context.as_deref(), sign_in),
        };
        let answer = answer.map_err(|fault| say::internal().with_detail(fault.to_string()))?;
        Ok(Asserted { answer, name: (name, format.as_uri()) })
    }

    fn saml(&self, reply: &SamlReply, sign_in: &SignIn) -> Result<AuthorizationResponse, XmlFault> {
        let signed = match self.configuration.token_response_signing {
            ResponseSigning::TokenOnly => Signed::Assertion,
            ResponseSigning::ResponseOnly => Signed::Response,
            ResponseSigning::ResponseAndToken => Signed::Both,
        };
        let to = reply.to.as_str().to_owned();
        let envelope = self.envelope(to, reply.in_response_to.clone());
        let xml = answer::accepted(&envelope, sign_in, signed, &self.key)?;
        Ok(response::saml(reply, &xml))
    }

    fn ws_fed(
        &self,
        request: &SignOnRequest,
        context: Option<&str>,
        sign_in: SignIn,
    ) -> Result<AuthorizationResponse, XmlFault> {
        let result = match self.configuration.saml_token_version {
            SamlVersion::V11 => result::issue(&self.older(sign_in), &self.key)?,
            SamlVersion::V20 => {
                let envelope = self.envelope(request.reply_to.as_str().to_owned(), None);
                result::issue_saml2(&envelope, &sign_in, &self.key)?
            }
        };
        Ok(response::ws_fed(&request.reply_to, context, result))
    }

    /// The same as an assertion of SAML 1.1.
    fn older(&self, sign_in: SignIn) -> Issued {
        Issued {
            id: sign_in.id,
            issuer: self.issuer.clone(),
            audience: sign_in.audience,
            name: sign_in.name,
            format: sign_in.format,
            now: self.now,
            lifetime: sign_in.lifetime,
            signed_in_at: sign_in.signed_in_at,
            method: PASSWORD_11.to_owned(),
            claims: sign_in.claims,
        }
    }

    fn envelope(&self, destination: String, in_response_to: Option<String>) -> Envelope {
        let (id, issuer) = (self.id(), self.issuer.clone());
        Envelope { id, issuer, destination, in_response_to, now: self.now }
    }

    fn id(&self) -> String {
        format!("_{}", self.entropy.guid())
    }
}
