//! guestpass as a service provider of SAML and WS-Fed providers.
//!
//! The messages are `federation`'s. This file knows where a provider is and whose signatures count:
//! what a tenant has configured, what the provider's metadata says, or a built-in provider's own
//! key. And it says what of a verified token may be believed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::Request;
use jiff::{SignedDuration, Timestamp};

use super::http::{HttpClient, place};
use super::oidc::UpstreamFault;
use crate::clock::Clock;
use crate::directory::{Federation, FederationProtocol, IdentityProvider, LinkedAccount};
use crate::federation::metadata::{self, Metadata};
use crate::federation::saml::binding::{Direction, redirect};
use crate::federation::saml::request::Asking;
use crate::federation::wsfed::request::SignIn;
use crate::federation::{Certificate, FederatedAccount, Realm, VerifiedToken};
use crate::interaction::VerifiedAssertion;

/// How often metadata is read anew because a signature is unknown.
const COOL_DOWN: SignedDuration = SignedDuration::from_secs(60);
/// How long metadata is kept.
const METADATA_LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// How long a provider is left alone whose metadata could not be read.
const PAUSE: SignedDuration = SignedDuration::from_secs(10);
/// More configurations than any test has; reading anew costs little.
const MOST_KNOWN: usize = 1024;
const DISPLAY_NAME_CLAIM: &str = "http://schemas.microsoft.com/identity/claims/displayname";

/// A provider, ready to be asked.
#[derive(Debug, Clone)]
pub struct Federated {
    /// What it speaks.
    pub protocol: FederationProtocol,
    /// Its name, for people.
    pub name: String,
    /// Where requests go.
    pub sign_on: String,
    /// Whom to believe.
    pub realm: Realm,
}

/// A built-in provider, which needs no metadata: where it is, and its certificate.
pub type OwnProvider = (String, Certificate);

/// What a sign-in at a provider starts with.
#[derive(Debug)]
pub struct Ask<'a> {
    /// The request's id, which a SAML answer repeats.
    pub request: &'a str,
    /// Comes back beside the answer, and finds the sign-in.
    pub state: &'a str,
    /// Our entity id.
    pub entity_id: &'a str,
    /// Where the answer goes.
    pub reply_to: &'a str,
    /// Who it should be.
    pub hint: Option<&'a str>,
    /// Whether the person has to sign in anew there.
    pub force: bool,
    /// When it starts.
    pub now: Timestamp,
}

impl Federated {
    /// The address to send the browser to.
    pub fn address(&self, ask: &Ask<'_>) -> String {
        match self.protocol {
            FederationProtocol::Saml => {
                let asking = Asking {
                    id: ask.request,
                    issuer: ask.entity_id,
                    destination: &self.sign_on,
                    reply_to: ask.reply_to,
                    force: ask.force,
                    now: ask.now,
                };
                let to = match ask.hint {
                    Some(hint) => with_hint(&self.sign_on, hint),
                    None => self.sign_on.clone(),
                };
                redirect(&to, Direction::Request, &asking.to_xml(), Some(ask.state), None)
            }
            FederationProtocol::WsFed => {
                let asking = SignIn {
                    realm: ask.entity_id.to_owned(),
                    reply_to: Some(ask.reply_to.to_owned()),
                    context: Some(ask.state.to_owned()),
                    fresh: ask.force.then_some(0),
                    home: None,
                    method: None,
                    hint: ask.hint.map(str::to_owned),
                };
                asking.address(&self.sign_on, ask.now)
            }
        }
    }
}

/// SAML has no place for a hint; providers read it beside the request, as Entra itself does.
fn with_hint(address: &str, hint: &str) -> String {
    let mut pair = url::form_urlencoded::Serializer::new(String::new());
    pair.append_pair("login_hint", hint);
    let joint = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joint}{}", pair.finish())
}

/// What a verified token proves: an account, and the address for which its provider is trusted.
pub fn believe(
    token: &VerifiedToken,
    account: FederatedAccount,
    now: Timestamp,
) -> VerifiedAssertion {
    let name = token.claim(DISPLAY_NAME_CLAIM).filter(|name| !name.trim().is_empty());
    let display_name = name.unwrap_or_else(|| account.email.local_part()).to_owned();
    let signed_in_at = token.signed_in_at().map_or(now, |at| at.min(now));
    let linked = LinkedAccount {
        provider: IdentityProvider::Federation(account.issuer),
        home_tenant: None,
        subject: account.subject,
        sign_in_name: account.email.to_string(),
        unverified_name: false,
    };
    let email = Some(account.email);
    VerifiedAssertion::from_verified_answer(
        linked,
        email,
        display_name,
        vec!["fed".to_owned()],
        signed_in_at,
    )
}

/// Reads the metadata of providers, and remembers it.
#[derive(Debug)]
pub struct Federations {
    http: HttpClient,
    clock: Clock,
    graph_may_name_private: bool,
    known: Mutex<BTreeMap<Asked, Cell>>,
}

/// An address of metadata, and whether it may be a private one.
type Asked = (String, bool);

/// Held by whoever reads; the others wait for what is read.
type Cell = Arc<tokio::sync::Mutex<Known>>;

#[derive(Debug, Default)]
struct Known {
    read: Option<(Arc<Metadata>, Timestamp)>,
    failed: Option<(UpstreamFault, Timestamp)>,
}

impl Known {
    /// What was read, as long as it may be used.
    fn fresh(&self, federation: &Federation, now: Timestamp) -> Option<Arc<Metadata>> {
        let (metadata, at) = self.read.as_ref()?;
        let good = now.duration_since(*at) < METADATA_LIFETIME
            && metadata.entity_id == federation.issuer_uri
            && metadata.valid_until.is_none_or(|until| now < until);
        good.then(|| metadata.clone())
    }

    /// Why it could not be read a moment ago.
    fn failed_within(&self, pause: SignedDuration, now: Timestamp) -> Option<&UpstreamFault> {
        let (fault, at) = self.failed.as_ref()?;
        (now.duration_since(*at).abs() < pause).then_some(fault)
    }
}

impl Federations {
    /// Over `http`. The world file may name metadata at a private address; whoever configures a
    /// federation through Graph may if `graph_may_name_private`.
    pub fn new(http: HttpClient, clock: Clock, graph_may_name_private: bool) -> Self {
        Self { http, clock, graph_may_name_private, known: Mutex::default() }
    }

    /// A provider as a tenant has configured it. Where that is enough, metadata is used if it is
    /// known, and not read.
    ///
    /// # Errors
    /// If its metadata is needed and cannot be used.
    pub async fn provider(
        &self,
        federation: &Federation,
        own: Option<OwnProvider>,
    ) -> Result<Federated, UpstreamFault> {
        if let Some((sign_on, certificate)) = own {
            return Ok(federated(federation, sign_on, vec![certificate]));
        }
        let Some(url) = &federation.metadata_exchange_uri else {
            return assembled(federation, None);
        };
        let cell = self.cell(federation, url);
        let mut known = cell.lock().await;
        let now = self.clock.now();
        if let Some(metadata) = known.fresh(federation, now) {
            return assembled(federation, Some(&metadata));
        }
        let by_hand =
            federation.passive_sign_in_uri.is_some() && federation.signing_certificate.is_some();
        if by_hand {
            return assembled(federation, None);
        }
        if let Some(fault) = known.failed_within(PAUSE, now) {
            return Err(fault.clone());
        }
        let metadata = self.read(&mut known, federation, url).await?;
        assembled(federation, Some(&metadata))
    }

    /// The provider with metadata read anew, because a signature's key is not known. `None` if it
    /// has no metadata, if that was done just now, or if it cannot be read.
    pub async fn renewed(&self, federation: &Federation) -> Option<Federated> {
        let url = federation.metadata_exchange_uri.as_ref()?;
        let cell = self.cell(federation, url);
        let mut known = cell.lock().await;
        let now = self.clock.now();
        let recent = known.read.as_ref().is_some_and(|(_, at)| now.duration_since(*at) < COOL_DOWN);
        if recent || known.failed_within(COOL_DOWN, now).is_some() {
            return None;
        }
        let read = self.read(&mut known, federation, url).await;
        if let Err(fault) = &read {
            tracing::info!(url, %fault, "metadata could not be read anew");
        }
        let metadata = read.ok()?;
        assembled(federation, Some(&metadata)).ok()
    }

    /// Reads metadata within limits, and notes how it went.
    async fn read(
        &self,
        known: &mut Known,
        federation: &Federation,
        url: &str,
    ) -> Result<Arc<Metadata>, UpstreamFault> {
        let now = self.clock.now();
        match self.fetch(federation, url, now).await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *known = Known { read: Some((metadata.clone(), now)), failed: None };
                Ok(metadata)
            }
            Err(fault) => {
                known.failed = Some((fault.clone(), now));
                Err(fault)
            }
        }
    }

    async fn fetch(
        &self,
        federation: &Federation,
        url: &str,
        now: Timestamp,
    ) -> Result<Metadata, UpstreamFault> {
        let fault = |why: String| UpstreamFault::unusable(format!("its metadata: {why}"));
        if self.http.is_own(url) {
            return Err(fault("it would be read from this server itself".to_owned()));
        }
        let named = place(url);
        let trusted = if self.may_be_private(federation) { named.as_str() } else { "" };
        let request = Request::get(url).header("accept", "application/samlmetadata+xml, */*");
        let request = request.body(Vec::new()).map_err(|error| fault(error.to_string()))?;
        let answer = self.http.send(request, trusted).await?;
        if answer.status().as_u16() != 200 {
            return Err(fault(format!("{named} answered {}", answer.status().as_u16())));
        }
        let text = String::from_utf8(answer.into_body());
        let text = text.map_err(|_| fault("it is not UTF-8".to_owned()))?;
        let read = metadata::read(&text, Some(&federation.issuer_uri), None, now);
        read.map_err(|error| fault(error.to_string()))
    }

    /// Off loopback Graph's principals may be strangers to the network that the server stands in.
    fn may_be_private(&self, federation: &Federation) -> bool {
        self.graph_may_name_private || !federation.metadata_told_by_graph
    }

    fn cell(&self, federation: &Federation, url: &str) -> Cell {
        let asked = (url.to_owned(), self.may_be_private(federation));
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KNOWN && !known.contains_key(&asked) {
            known.clear();
        }
        known.entry(asked).or_default().clone()
    }
}

/// Puts together what is configured and what metadata says.
fn assembled(
    federation: &Federation,
    metadata: Option<&Metadata>,
) -> Result<Federated, UpstreamFault> {
    let configured = [&federation.signing_certificate, &federation.next_signing_certificate];
    let configured = configured.into_iter().flatten().map(|text| Certificate::read(text));
    let mut certificates: Vec<_> = configured.filter_map(Result::ok).collect();
    let mut sign_on = federation.passive_sign_in_uri.clone();
    if let Some(metadata) = metadata {
        let missing = || UpstreamFault::unusable("its metadata is no identity provider's");
        let role = metadata.provider.as_ref().ok_or_else(missing)?;
        certificates.extend(role.certificates.iter().cloned());
        let named = match federation.protocol {
            FederationProtocol::Saml => &role.sign_on,
            FederationProtocol::WsFed => &role.passive,
        };
        sign_on = sign_on.or_else(|| named.clone());
    }
    let missing = |what: &str| {
        UpstreamFault::unusable(format!("{what} is neither configured nor in metadata"))
    };
    let sign_on = sign_on.ok_or_else(|| missing("where people sign in"))?;
    // As it was told, since providers compare it; only what no header can carry is escaped.
    let sign_on = match url::Url::parse(&sign_on) {
        Ok(url) if !sign_on.is_ascii() => url.into(),
        Ok(_) => sign_on,
        Err(_) => return Err(missing("where people sign in")),
    };
    if certificates.is_empty() {
        return Err(missing("a certificate with an RSA key"));
    }
    Ok(federated(federation, sign_on, certificates))
}

fn federated(
    federation: &Federation,
    sign_on: String,
    certificates: Vec<Certificate>,
) -> Federated {
    Federated {
        protocol: federation.protocol,
        name: federation.display_name.clone(),
        sign_on,
        realm: Realm {
            issuer: federation.issuer_uri.clone(),
            certificates,
            domains: federation.domains.clone(),
            accept_sha1: false,
            want_assertions_signed: false,
        },
    }
}
