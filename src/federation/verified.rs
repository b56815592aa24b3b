//! What a provider says, once it is proven that the provider says it.

use jiff::{SignedDuration, Timestamp};

use super::certificate::Certificate;
use super::refusal::Refusal;
use super::xmldsig::Trust;
use crate::ids::{DomainName, EmailAddress};

/// How far two clocks may be apart (Entra: five minutes).
pub const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// `NameID` format that names an account for good, to one service provider.
pub const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
/// Longest name of an account (Core §8.3.7).
const LONGEST_NAME: usize = 256;
/// The claim with the address, in SAML and in WS-Federation.
pub const EMAIL_CLAIM: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress";
/// The claim that names the account in WS-Federation.
pub const IMMUTABLE_ID_CLAIM: &str =
    "http://schemas.microsoft.com/LiveID/Federation/2008/05/ImmutableID";

/// A provider that is trusted for some domains: `samlOrWsFedExternalDomainFederation`.
#[derive(Debug, Clone)]
pub struct Realm {
    /// `issuerUri`.
    pub issuer: String,
    /// `signingCertificate` and `nextSigningCertificate`, or those of its metadata.
    pub certificates: Vec<Certificate>,
    /// Whose addresses it may vouch for.
    pub domains: Vec<DomainName>,
    /// Whether signatures with SHA-1 count; off, unless somebody set it.
    pub accept_sha1: bool,
    /// Whether the assertion itself must be signed, even in a signed response.
    pub want_assertions_signed: bool,
}

impl Realm {
    pub(super) fn trust(&self) -> Trust<'_> {
        Trust { certificates: &self.certificates, accept_sha1: self.accept_sha1 }
    }
}

/// What an answer has to fit.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Whom we asked.
    pub realm: &'a Realm,
    /// Our names: one of them has to be the audience.
    pub audiences: &'a [String],
    /// The address that it had to be sent to.
    pub address: &'a str,
    /// The request that it answers. WS-Federation has no such thing: there it is `wctx`.
    pub request: Option<&'a str>,
    /// When it came.
    pub now: Timestamp,
}

/// An account of a provider, as a verified token names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederatedAccount {
    /// The provider.
    pub issuer: String,
    /// `NameID` or `ImmutableID`: with the issuer, the whole identity.
    pub subject: String,
    /// The address, whose domain is one of the provider's.
    pub email: EmailAddress,
}

/// A token whose signature, issuer, audience, address and time fit. Made in `saml::response` and
/// `wsfed::result` only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedToken {
    pub(super) protocol: Protocol,
    pub(super) issuer: String,
    pub(super) assertion: String,
    pub(super) replay_until: Timestamp,
    pub(super) subject: Option<Subject>,
    pub(super) claims: Vec<Claim>,
    pub(super) signed_in_at: Option<Timestamp>,
    pub(super) context: Option<String>,
    pub(super) session_index: Option<String>,
    pub(super) session_until: Option<Timestamp>,
}

/// What carried a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// SAML 2.0.
    Saml,
    /// WS-Federation.
    WsFed,
}

/// `NameID` or `NameIdentifier`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The name, as it stands.
    pub name: String,
    /// Its format, if one is given.
    pub format: Option<String>,
}

/// An attribute with its values, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Its full name: in SAML 1.1, namespace and name with a slash between.
    pub name: String,
    /// Its values, if all of them are texts; else none.
    pub values: Vec<String>,
}

impl VerifiedToken {
    /// The provider.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The assertion's identifier: it may be used once.
    pub fn assertion(&self) -> &str {
        &self.assertion
    }

    /// Until when its use has to be remembered.
    pub fn replay_until(&self) -> Timestamp {
        self.replay_until
    }

    /// Whom it is about.
    pub fn subject(&self) -> Option<&Subject> {
        self.subject.as_ref()
    }

    /// Everything else it says.
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// When the person signed in there.
    pub fn signed_in_at(&self) -> Option<Timestamp> {
        self.signed_in_at
    }

    /// How the person signed in there: a URI.
    pub fn context(&self) -> Option<&str> {
        self.context.as_deref()
    }

    /// The session there, which a logout names.
    pub fn session_index(&self) -> Option<&str> {
        self.session_index.as_deref()
    }

    /// When the session there ends at the latest.
    pub fn session_until(&self) -> Option<Timestamp> {
        self.session_until
    }

    /// The only value of a claim, by its exact name. Two values are none.
    pub fn claim(&self, name: &str) -> Option<&str> {
        let mut claims = self.claims.iter().filter(|claim| claim.name == name);
        let only = claims.next().filter(|_| claims.next().is_none())?;
        match only.values.as_slice() {
            [value] => Some(value),
            _ => None,
        }
    }

    /// The account, by the rules of an external domain federation: a name that lasts, and an
    /// address whose domain the provider is trusted for.
    ///
    /// # Errors
    /// 5000819 for the address, 90020 for a missing `ImmutableID`, 50008 for a name that does not
    /// last or is longer than a name may be.
    pub fn account(&self, realm: &Realm) -> Result<FederatedAccount, Refusal> {
        let subject = match self.protocol {
            Protocol::Saml => self.persistent_name()?,
            Protocol::WsFed => {
                let id = self.claim(IMMUTABLE_ID_CLAIM).filter(|id| is_plain(id));
                id.ok_or(Refusal::ImmutableIdMissing)?
            }
        };
        if subject.chars().count() > LONGEST_NAME {
            let why = format!("the name of its account has more than {LONGEST_NAME} characters");
            return Err(Refusal::Invalid(self.protocol, why));
        }
        let email = self.claim(EMAIL_CLAIM);
        let email = email.and_then(|email| email.parse::<EmailAddress>().ok());
        let email = email.filter(|email| realm.domains.contains(&email.domain()));
        Ok(FederatedAccount {
            issuer: self.issuer.clone(),
            subject: subject.to_owned(),
            email: email.ok_or(Refusal::EmailNotOfRealm)?,
        })
    }

    /// A `transient` name would be another person tomorrow, an address may be given to another.
    fn persistent_name(&self) -> Result<&str, Refusal> {
        let fault = |why: &str| Refusal::Invalid(self.protocol, why.to_owned());
        let subject = self.subject.as_ref().ok_or_else(|| fault("it names nobody"))?;
        match subject.format.as_deref() == Some(PERSISTENT) {
            true => Ok(&subject.name),
            false => Err(fault(&format!("the format of its NameID has to be {PERSISTENT}"))),
        }
    }
}

/// Not empty, and nothing that is invisible at its ends or inside.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && !text.chars().any(char::is_control)
}
