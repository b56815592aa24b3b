//! Others' metadata.

use jiff::Timestamp;

use super::{ADDRESSING, FEDERATION, INSTANCE, METADATA};
use super::{Metadata, ProviderRole, ReplyAddress, ServiceRole};
use crate::federation::certificate::Certificate;
use crate::federation::instant;
use crate::federation::saml::{POST_BINDING, PROTOCOL, REDIRECT_BINDING};
use crate::federation::xml::{Document, Element, Kind, XmlFault};
use crate::federation::xmldsig::{self, SignatureFault, Trust};

/// Most certificates of one role.
const MOST_CERTIFICATES: usize = 20;

/// Why metadata is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMetadata {
    /// It is not metadata, or a part of it cannot be used.
    #[error("not usable metadata: {0}")]
    Unusable(String),
    /// It is not signed as it has to be.
    #[error("metadata that is not signed as it should be: {0}")]
    Signature(#[from] SignatureFault),
}

impl From<XmlFault> for InvalidMetadata {
    fn from(fault: XmlFault) -> Self {
        Self::Unusable(fault.0)
    }
}

/// Reads metadata: of `entity`, or of the only entity in it. With `signer`, it has to be signed.
///
/// # Errors
/// If it cannot be read, has expired, does not name the entity, names something unusable, or is
/// signed and was changed since.
pub fn read(
    text: &str,
    entity: Option<&str>,
    signer: Option<Trust<'_>>,
    now: Timestamp,
) -> Result<Metadata, InvalidMetadata> {
    let document = Document::parse(text, Kind::Metadata)?;
    let Some(trust) = signer else { return descriptor(document.root(), entity, now) };
    let root = document.root();
    let signature = root.child(xmldsig::NAMESPACE, "Signature")?;
    let missing = || SignatureFault::Wrong("there is no signature");
    let signature = signature.ok_or_else(missing)?;
    let octets = xmldsig::verify(root, "ID", signature, trust)?;
    descriptor(Document::parse(&octets, Kind::Metadata)?.root(), entity, now)
}

fn descriptor(
    root: Element<'_>,
    entity: Option<&str>,
    now: Timestamp,
) -> Result<Metadata, InvalidMetadata> {
    check_own_signature(root)?;
    let is_one = |element: &Element<'_>| element.is(METADATA, "EntityDescriptor");
    let found: Vec<_> = match root.is(METADATA, "EntitiesDescriptor") {
        true => root.elements().filter(is_one).collect(),
        false => Some(root).into_iter().filter(is_one).collect(),
    };
    let named = |element: &&Element<'_>| {
        entity.is_none_or(|entity| element.attribute("entityID") == Some(entity))
    };
    let mut named = found.iter().filter(named);
    let (Some(one), None) = (named.next(), named.next()) else {
        let wanted = entity.unwrap_or("one entity");
        let ids = found.iter().filter_map(|element| element.attribute("entityID")).take(3);
        let ids: Vec<String> = ids.map(|id| id.chars().take(100).collect()).collect();
        let ids = if ids.is_empty() { "no entity".to_owned() } else { ids.join(", ") };
        let why = format!("it has to describe {wanted} alone, and describes {ids}");
        return Err(InvalidMetadata::Unusable(why));
    };
    if *one != root {
        check_own_signature(*one)?;
    }
    // Metadata §2.4.1: of several ends the first one counts.
    let mut ends = Vec::new();
    for part in [Some(root), Some(*one), saml_provider(*one), token_service(*one)] {
        ends.extend(part.map(|part| check_validity(part, now)).transpose()?.flatten());
    }
    let valid_until = ends.into_iter().min();
    Ok(Metadata {
        entity_id: one.required("entityID")?.to_owned(),
        valid_until,
        provider: provider(*one)?,
        service: service(*one)?,
    })
}

/// Whose the key is that a document names itself, nobody here knows: trust comes from the address.
/// But a signature that is not of that key says that the document is not what its author made. One
/// of another shape, or without a certificate, is not judged.
fn check_own_signature(element: Element<'_>) -> Result<(), InvalidMetadata> {
    let Some(signature) = element.child(xmldsig::NAMESPACE, "Signature")? else { return Ok(()) };
    let named = signature.all().filter(|e| e.is(xmldsig::NAMESPACE, "X509Certificate"));
    let named = named.take(MOST_CERTIFICATES).filter_map(|named| named.text().ok());
    let certificates: Vec<_> = named.filter_map(|text| Certificate::read(&text).ok()).collect();
    if certificates.is_empty() {
        return Ok(());
    }
    let trust = Trust { certificates: &certificates, accept_sha1: true };
    match xmldsig::verify(element, "ID", signature, trust) {
        Err(SignatureFault::Wrong(_)) => Err(InvalidMetadata::Signature(SignatureFault::Wrong(
            "it was changed after it was signed, or is not of the key that it names",
        ))),
        Ok(_) | Err(SignatureFault::Key | SignatureFault::Shape(_)) => Ok(()),
    }
}

fn check_validity(element: Element<'_>, now: Timestamp) -> Result<Option<Timestamp>, XmlFault> {
    let until = element.attribute("validUntil").map(instant::read).transpose()?;
    match until {
        Some(until) if until <= now => Err(XmlFault(format!("it was valid until {until}"))),
        until => Ok(until),
    }
}

fn saml_provider(entity: Element<'_>) -> Option<Element<'_>> {
    role(entity, "IDPSSODescriptor")
}

fn token_service(entity: Element<'_>) -> Option<Element<'_>> {
    entity.elements().find(|role| is_role(*role, "SecurityTokenServiceType"))
}

/// `IDPSSODescriptor` and the security token service of WS-Federation, which stand side by side.
fn provider(entity: Element<'_>) -> Result<Option<ProviderRole>, XmlFault> {
    let (saml, passive) = (saml_provider(entity), token_service(entity));
    if saml.is_none() && passive.is_none() {
        return Ok(None);
    }
    let mut found = ProviderRole::default();
    if let Some(saml) = saml {
        found.certificates = certificates(saml)?;
        found.sign_on = endpoint(saml, "SingleSignOnService")?;
        found.logout = endpoint(saml, "SingleLogoutService")?;
        found.wants_requests_signed = is_true(saml, "WantAuthnRequestsSigned");
    }
    if let Some(passive) = passive {
        for certificate in certificates(passive)? {
            if !found.certificates.contains(&certificate) {
                found.certificates.push(certificate);
            }
        }
        found.passive = passive_endpoint(passive)?;
    }
    Ok(Some(found))
}

fn service(entity: Element<'_>) -> Result<Option<ServiceRole>, XmlFault> {
    let Some(role) = role(entity, "SPSSODescriptor") else { return Ok(None) };
    let services = role.elements().filter(|e| e.is(METADATA, "AssertionConsumerService"));
    let services = services.filter(|e| e.attribute("Binding") == Some(POST_BINDING));
    let mut reply_to = Vec::new();
    for service in services {
        let index = service.required("index")?.parse();
        let index = index.map_err(|_| XmlFault::new("an index is not a number"))?;
        let address = location(service, "Location")?;
        let place = if is_true(service, "isDefault") { 0 } else { reply_to.len() };
        reply_to.insert(place, ReplyAddress { address, index });
    }
    if reply_to.is_empty() {
        return Err(XmlFault::new("it has no AssertionConsumerService in the POST binding"));
    }
    Ok(Some(ServiceRole {
        // A service provider that signs nothing has no key.
        certificates: certificates(role).unwrap_or_default(),
        reply_to,
        logout: endpoint(role, "SingleLogoutService")?,
        signs_requests: is_true(role, "AuthnRequestsSigned"),
        wants_assertions_signed: is_true(role, "WantAssertionsSigned"),
    }))
}

/// The role of that name that speaks SAML 2.0.
fn role<'d>(entity: Element<'d>, name: &str) -> Option<Element<'d>> {
    let mut roles = entity.elements().filter(|role| role.is(METADATA, name));
    roles.find(|role| {
        let spoken = role.attribute("protocolSupportEnumeration").unwrap_or_default();
        spoken.split_ascii_whitespace().any(|protocol| protocol == PROTOCOL)
    })
}

/// Whether an element is a `RoleDescriptor` of a type of WS-Federation. The prefix of the type stands
/// in a value, so that an exclusive canonicalization may have left out what it means.
fn is_role(element: Element<'_>, name: &str) -> bool {
    let kind = element.attribute_of(INSTANCE, "type").unwrap_or_default();
    let (prefix, local) = kind.split_once(':').unwrap_or(("", kind));
    element.is(METADATA, "RoleDescriptor")
        && local == name
        && element.namespace_of(prefix).is_none_or(|namespace| namespace == FEDERATION)
}

fn is_true(element: Element<'_>, name: &str) -> bool {
    matches!(element.attribute(name), Some("true" | "1"))
}

/// Keys for signatures. One without a use is for everything (Metadata §2.4.1.1).
fn certificates(role: Element<'_>) -> Result<Vec<Certificate>, XmlFault> {
    let keys = role.elements().filter(|key| {
        key.is(METADATA, "KeyDescriptor") && matches!(key.attribute("use"), None | Some("signing"))
    });
    let texts = keys.flat_map(Element::all).filter(|e| e.is(xmldsig::NAMESPACE, "X509Certificate"));
    let mut found = Vec::new();
    let mut why = "it names none".to_owned();
    for text in texts.take(MOST_CERTIFICATES) {
        match Certificate::read(&text.text()?) {
            Ok(certificate) if found.contains(&certificate) => {}
            Ok(certificate) => found.push(certificate),
            Err(fault) => why = fault.to_string(),
        }
    }
    if found.is_empty() {
        return Err(XmlFault(format!("no certificate to verify signatures with: {why}")));
    }
    Ok(found)
}

/// The service's address in the redirect binding.
fn endpoint(role: Element<'_>, name: &str) -> Result<Option<String>, XmlFault> {
    let mut services = role.elements().filter(|service| service.is(METADATA, name));
    let service = services.find(|e| e.attribute("Binding") == Some(REDIRECT_BINDING));
    service.map(|service| location(service, "Location")).transpose()
}

fn passive_endpoint(role: Element<'_>) -> Result<Option<String>, XmlFault> {
    let Some(endpoint) = role.child(FEDERATION, "PassiveRequestorEndpoint")? else {
        return Ok(None);
    };
    let reference = endpoint.child(ADDRESSING, "EndpointReference")?;
    let address = reference.map(|reference| reference.child(ADDRESSING, "Address"));
    let Some(address) = address.transpose()?.flatten() else {
        return Err(XmlFault::new("PassiveRequestorEndpoint has no address"));
    };
    Ok(Some(checked(&address.value()?)?))
}

fn location(service: Element<'_>, name: &str) -> Result<String, XmlFault> {
    checked(service.required(name)?)
}

/// An address that a browser may be sent to.
fn checked(address: &str) -> Result<String, XmlFault> {
    let fault = || {
        let shown: String = address.chars().take(100).collect();
        XmlFault(format!("'{shown}' is not an http or https address"))
    };
    let url = url::Url::parse(address).map_err(|_| fault())?;
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let visible = !address.chars().any(|c| c.is_control() || c.is_whitespace());
    if web && plain && visible { Ok(address.to_owned()) } else { Err(fault()) }
}
