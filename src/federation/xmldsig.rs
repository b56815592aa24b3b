//! XML signatures, in the one shape that SAML gives them (SAML Core §5.4).
//!
//! An enveloped RSA-SHA256 signature over the element it stands in, exclusive canonicalization,
//! one reference by that element's identifier. Nothing else is a signature here: no other
//! algorithm, no further reference, no transform that computes. `KeyInfo` is a hint and never a
//! key; keys come from configuration.
//!
//! Reading rule: what was digested is handed on as octets, and whoever reads parses those octets.
//! Nobody goes back to the document, so a copy that was not digested cannot be read. The same holds
//! for `SignedInfo`: its digest is taken from the octets that the key signed.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RsaParameters,
    UnparsedPublicKey,
};

use super::certificate::Certificate;
use super::encoding::{from_base64, to_base64};
use super::xml::{Document, Element, Kind, Markup, Sequence, XmlFault, canonical};
use crate::jose::SigningKey;

/// The namespace of signatures.
pub const NAMESPACE: &str = "http://www.w3.org/2000/09/xmldsig#";
/// `SignatureMethod` of everything we sign.
pub const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
/// What a setting accepts, for providers that nobody can update any more.
pub const RSA_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
const SHA256_DIGEST: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const SHA1_DIGEST: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// Most prefixes of `InclusiveNamespaces`.
const MOST_PREFIXES: usize = 16;

/// Whose signatures count.
#[derive(Debug, Clone, Copy)]
pub struct Trust<'a> {
    /// The signer's certificates; several while it changes its key.
    pub certificates: &'a [Certificate],
    /// Whether SHA-1 is good enough.
    pub accept_sha1: bool,
}

/// Why a signature does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// It is made with a key that is not one of the signer's.
    #[error("it is signed with a certificate that is not configured")]
    Key,
    /// It is not of the one shape.
    #[error("its signature is not of the supported shape: {0}")]
    Shape(String),
    /// It is not the signature of this.
    #[error("its signature does not verify: {0}")]
    Wrong(&'static str),
}

impl From<XmlFault> for SignatureFault {
    fn from(fault: XmlFault) -> Self {
        Self::Shape(fault.0)
    }
}

/// Verifies the signature that stands in `signed`, whose identifier is the attribute `id`. Returns
/// the octets that were digested: the canonical form of the element without the signature.
///
/// # Errors
/// If the signature is not of the one shape, or nobody in `trust` made it over this.
pub fn verify(
    signed: Element<'_>,
    id: &str,
    signature: Element<'_>,
    trust: Trust<'_>,
) -> Result<String, SignatureFault> {
    let shape = |why: &str| SignatureFault::Shape(why.to_owned());
    let own = |child: &Element<'_>| child.is(NAMESPACE, "Signature");
    if signature.parent() != Some(signed) || signed.elements().filter(own).count() != 1 {
        return Err(shape("an element has one signature, as its child"));
    }
    let mut parts = signature.sequence()?;
    let info = parts.required(NAMESPACE, "SignedInfo")?;
    let value = parts.required(NAMESPACE, "SignatureValue")?;
    let key_info = parts.optional(NAMESPACE, "KeyInfo");
    parts.end()?;

    // What is needed to make the octets that the key signed; it is read again from them.
    let method = info.child(NAMESPACE, "CanonicalizationMethod")?;
    let method = method.ok_or_else(|| shape("no CanonicalizationMethod"))?;
    let octets = canonical(info, None, &inclusive(method)?)?;
    let document = Document::parse(&octets, Kind::Message)?;
    let info = SignedInfo::read(document.root(), trust.accept_sha1)?;
    let value = from_base64(&value.packed()?)?;
    let made_by = |certificate: &&Certificate| {
        let key = UnparsedPublicKey::new(info.algorithms.signature, certificate.key());
        key.verify(octets.as_bytes(), &value).is_ok()
    };
    if trust.certificates.iter().find(made_by).is_none() {
        return Err(stranger(key_info, trust.certificates));
    }

    if info.reference != format!("#{}", signed.required(id)?) {
        return Err(shape("its reference does not name the element it stands in"));
    }
    let octets = canonical(signed, Some(signature), &info.inclusive)?;
    let found = digest(info.algorithms.digest, octets.as_bytes());
    verify_slices_are_equal(found.as_ref(), &info.digest)
        .map_err(|_| SignatureFault::Wrong("the document was changed after it was signed"))?;
    Ok(octets)
}

/// Words for a signature that none of the keys made. `KeyInfo` is looked at for this only.
fn stranger(key_info: Option<Element<'_>>, known: &[Certificate]) -> SignatureFault {
    let all = key_info.into_iter().flat_map(Element::all);
    let mut named = all.filter(|element| element.is(NAMESPACE, "X509Certificate"));
    let foreign = named.next().is_some_and(|element| {
        let der = element.packed().ok().and_then(|text| from_base64(&text).ok());
        !known.iter().any(|certificate| Some(certificate.der()) == der.as_deref())
    });
    match foreign {
        true => SignatureFault::Key,
        false => SignatureFault::Wrong("no configured certificate's key made it"),
    }
}

#[derive(Debug, Clone, Copy)]
struct Algorithms {
    signature: &'static RsaParameters,
    digest: &'static Algorithm,
}

/// `SignedInfo`, read from the octets that the key signed.
struct SignedInfo {
    algorithms: Algorithms,
    reference: String,
    inclusive: Vec<String>,
    digest: Vec<u8>,
}

impl SignedInfo {
    fn read(root: Element<'_>, accept_sha1: bool) -> Result<Self, SignatureFault> {
        let mut parts = root.sequence()?;
        inclusive(parts.required(NAMESPACE, "CanonicalizationMethod")?)?;
        let signature = parts.required(NAMESPACE, "SignatureMethod")?;
        let reference = parts.required(NAMESPACE, "Reference")?;
        parts.end()?;
        let mut parts = reference.sequence()?;
        let transforms = parts.required(NAMESPACE, "Transforms")?;
        let method = parts.required(NAMESPACE, "DigestMethod")?;
        let value = parts.required(NAMESPACE, "DigestValue")?;
        parts.end()?;
        let mut parts = transforms.sequence()?;
        let enveloped = parts.required(NAMESPACE, "Transform")?;
        let exclusive = parts.required(NAMESPACE, "Transform")?;
        parts.end()?;
        if algorithm(enveloped)? != ENVELOPED {
            let why = format!("the first transform is '{}'", algorithm(enveloped)?);
            return Err(SignatureFault::Shape(why));
        }
        nothing_in(enveloped)?;
        Ok(Self {
            algorithms: Algorithms {
                signature: signature_algorithm(signature, accept_sha1)?,
                digest: digest_algorithm(method, accept_sha1)?,
            },
            reference: reference.attribute("URI").unwrap_or_default().to_owned(),
            inclusive: inclusive(exclusive)?,
            digest: from_base64(&value.packed()?)?,
        })
    }
}

fn algorithm(method: Element<'_>) -> Result<&str, XmlFault> {
    method.required("Algorithm")
}

fn nothing_in(element: Element<'_>) -> Result<(), XmlFault> {
    element.sequence().and_then(Sequence::end)
}

fn signature_algorithm(
    method: Element<'_>,
    accept_sha1: bool,
) -> Result<&'static RsaParameters, SignatureFault> {
    nothing_in(method)?;
    match algorithm(method)? {
        RSA_SHA256 => Ok(&RSA_PKCS1_2048_8192_SHA256),
        RSA_SHA1 if accept_sha1 => Ok(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY),
        other => Err(unsupported("SignatureMethod", other)),
    }
}

fn digest_algorithm(
    method: Element<'_>,
    accept_sha1: bool,
) -> Result<&'static Algorithm, SignatureFault> {
    nothing_in(method)?;
    match algorithm(method)? {
        SHA256_DIGEST => Ok(&SHA256),
        SHA1_DIGEST if accept_sha1 => Ok(&SHA1_FOR_LEGACY_USE_ONLY),
        other => Err(unsupported("DigestMethod", other)),
    }
}

fn unsupported(what: &str, algorithm: &str) -> SignatureFault {
    let algorithm: String = algorithm.chars().take(100).collect();
    SignatureFault::Shape(format!("{what} '{algorithm}'; it has to be SHA-256"))
}

/// The prefixes that an exclusive canonicalization treats as the inclusive one would.
fn inclusive(method: Element<'_>) -> Result<Vec<String>, SignatureFault> {
    if algorithm(method)? != EXCLUSIVE {
        let why = format!("canonicalization '{}'; it has to be exclusive", algorithm(method)?);
        return Err(SignatureFault::Shape(why));
    }
    let mut parts = method.sequence()?;
    let list = parts.optional(EXCLUSIVE, "InclusiveNamespaces");
    parts.end()?;
    let list = list.and_then(|list| list.attribute("PrefixList")).unwrap_or_default();
    let prefixes: Vec<_> = list.split_ascii_whitespace().map(str::to_owned).collect();
    if prefixes.len() > MOST_PREFIXES {
        return Err(SignatureFault::Shape("too many inclusive namespaces".to_owned()));
    }
    Ok(prefixes)
}

/// Signs an element that has the identifier `id`, and puts the signature before its child `at`.
///
/// # Errors
/// Only if the element is not one that we would read.
pub fn sign(element: Markup, id: &str, at: usize, key: &SigningKey) -> Result<Markup, XmlFault> {
    let unsigned = element.to_string();
    let octets = canonical(Document::parse(&unsigned, Kind::Metadata)?.root(), None, &[])?;
    let transforms =
        [ENVELOPED, EXCLUSIVE].map(|name| Markup::new("ds:Transform").attribute("Algorithm", name));
    let digest = to_base64(digest(&SHA256, octets.as_bytes()).as_ref());
    let reference = Markup::new("ds:Reference")
        .attribute("URI", format!("#{id}"))
        .child(Markup::new("ds:Transforms").children(transforms))
        .child(Markup::new("ds:DigestMethod").attribute("Algorithm", SHA256_DIGEST))
        .child(Markup::with_text("ds:DigestValue", digest));
    let method = Markup::new("ds:CanonicalizationMethod").attribute("Algorithm", EXCLUSIVE);
    let info = |declared: bool| {
        let info = Markup::new("ds:SignedInfo").maybe("xmlns:ds", declared.then_some(NAMESPACE));
        info.child(method.clone())
            .child(Markup::new("ds:SignatureMethod").attribute("Algorithm", RSA_SHA256))
            .child(reference.clone())
    };
    let octets = info(true).to_string();
    let octets = canonical(Document::parse(&octets, Kind::Message)?.root(), None, &[])?;
    let value = to_base64(&key.sign_bytes(octets.as_bytes()));
    let signature = Markup::new("ds:Signature")
        .attribute("xmlns:ds", NAMESPACE)
        .child(info(false))
        .child(Markup::with_text("ds:SignatureValue", value))
        .child(key_info(key.certificate()));
    Ok(element.insert(at, signature))
}

/// `KeyInfo` with a certificate in it, as signatures and metadata have it.
pub fn key_info(certificate: &str) -> Markup {
    let certificate = Markup::with_text("ds:X509Certificate", certificate);
    Markup::new("ds:KeyInfo").child(Markup::new("ds:X509Data").child(certificate))
}
