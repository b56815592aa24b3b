//! How messages travel: in a query (Bindings §3.4) or in a form (§3.5).
//!
//! A signature of the redirect binding stands beside the message and covers the octets of the query
//! as they came, not as anybody would encode them again.

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::federation::encoding::{deflate, from_base64, inflate, text, to_base64};
use crate::federation::xml::XmlFault;
use crate::federation::xmldsig::{RSA_SHA1, RSA_SHA256, SignatureFault, Trust};
use crate::jose::SigningKey;
use crate::protocol::params::Params;

/// Longest `RelayState`. The specification says 80 bytes; real ones are longer.
pub const MOST_RELAY_STATE: usize = 2 * 1024;

const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Which of the two a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// `SAMLRequest`.
    Request,
    /// `SAMLResponse`.
    Response,
}

impl Direction {
    /// The name of its parameter.
    pub fn parameter(self) -> &'static str {
        match self {
            Self::Request => "SAMLRequest",
            Self::Response => "SAMLResponse",
        }
    }
}

/// A message as it came. It cannot be put together: a signature beside it is that of this document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    xml: String,
    relay_state: Option<String>,
    signature: Option<Detached>,
}

impl Carried {
    /// The document.
    pub fn xml(&self) -> &str {
        &self.xml
    }

    /// `RelayState`, to be sent back. It is never an address to go to.
    pub fn relay_state(&self) -> Option<&str> {
        self.relay_state.as_deref()
    }

    /// The signature beside it.
    pub fn signature(&self) -> Option<&Detached> {
        self.signature.as_ref()
    }
}

/// A signature over a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detached {
    algorithm: String,
    octets: String,
    signature: Vec<u8>,
}

impl Detached {
    /// Verifies it with the sender's certificates.
    ///
    /// # Errors
    /// If none of them made it, or its algorithm is not supported.
    pub fn verify(&self, trust: Trust<'_>) -> Result<(), SignatureFault> {
        let algorithm = match self.algorithm.as_str() {
            RSA_SHA256 => &RSA_PKCS1_2048_8192_SHA256,
            RSA_SHA1 if trust.accept_sha1 => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            other => {
                let other: String = other.chars().take(100).collect();
                return Err(SignatureFault::Shape(format!("SigAlg '{other}'")));
            }
        };
        let made = trust.certificates.iter().any(|certificate| {
            let key = UnparsedPublicKey::new(algorithm, certificate.key());
            key.verify(self.octets.as_bytes(), &self.signature).is_ok()
        });
        let fault = SignatureFault::Wrong("no configured certificate's key made it");
        if made { Ok(()) } else { Err(fault) }
    }
}

/// The address of a message in the redirect binding, signed if there is a key.
pub fn redirect(
    to: &str,
    direction: Direction,
    xml: &str,
    relay_state: Option<&str>,
    key: Option<&SigningKey>,
) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, QUERY).to_string();
    let message = encoded(&to_base64(&deflate(xml.as_bytes())));
    let mut query = format!("{}={message}", direction.parameter());
    if let Some(state) = relay_state {
        query.push_str(&format!("&RelayState={}", encoded(state)));
    }
    if let Some(key) = key {
        query.push_str(&format!("&SigAlg={}", encoded(RSA_SHA256)));
        let signature = to_base64(&key.sign_bytes(query.as_bytes()));
        query.push_str(&format!("&Signature={}", encoded(&signature)));
    }
    let joint = if to.contains('?') { '&' } else { '?' };
    format!("{to}{joint}{query}")
}

/// Reads a query of the redirect binding.
///
/// # Errors
/// If a parameter is missing or stands twice, or the message cannot be decoded.
pub fn from_query(query: &str, direction: Direction) -> Result<Carried, XmlFault> {
    let params = Params::parse(query).map_err(|fault| XmlFault(fault.message().to_owned()))?;
    let message = message(&params, direction)?;
    let xml = text(inflate(&from_base64(message)?)?)?;
    let encoding = params.get("SAMLEncoding");
    if encoding.is_some_and(|e| e != "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE") {
        return Err(XmlFault::new("SAMLEncoding is not DEFLATE"));
    }
    Ok(Carried { xml, relay_state: relay_state(&params)?, signature: detached(query, &params)? })
}

/// Reads a form of the POST binding.
pub fn from_form(params: &Params, direction: Direction) -> Result<Carried, XmlFault> {
    let message = message(params, direction)?;
    let xml = text(from_base64(message)?)?;
    Ok(Carried { xml, relay_state: relay_state(params)?, signature: None })
}

/// A message for a form of the POST binding.
pub fn to_form(xml: &str) -> String {
    to_base64(xml.as_bytes())
}

fn message(params: &Params, direction: Direction) -> Result<&str, XmlFault> {
    let names =
        ["SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature", "SAMLEncoding"];
    if let Some(twice) = names.into_iter().find(|name| params.count(name) > 1) {
        return Err(XmlFault(format!("the parameter {twice} stands twice")));
    }
    if params.has("SAMLRequest") && params.has("SAMLResponse") {
        return Err(XmlFault::new("there is a SAMLRequest and a SAMLResponse"));
    }
    let name = direction.parameter();
    params.get(name).ok_or_else(|| XmlFault(format!("the parameter {name} is missing")))
}

/// `RelayState`, within its limit.
fn relay_state(params: &Params) -> Result<Option<String>, XmlFault> {
    let state = params.get("RelayState");
    if state.is_some_and(|state| state.len() > MOST_RELAY_STATE) {
        return Err(XmlFault(format!("RelayState has more than {MOST_RELAY_STATE} bytes")));
    }
    Ok(state.map(str::to_owned))
}

/// Bindings §3.4.4.1: the signed octets are those of the query, in this order.
fn detached(query: &str, params: &Params) -> Result<Option<Detached>, XmlFault> {
    let (algorithm, signature) = match (params.get("SigAlg"), params.get("Signature")) {
        (None, None) => return Ok(None),
        (Some(algorithm), Some(signature)) => (algorithm, signature),
        _ => return Err(XmlFault::new("SigAlg and Signature come together")),
    };
    let raw = |name: &str| {
        let mut pairs = query.split('&');
        pairs.find(|pair| pair.split_once('=').is_some_and(|(own, _)| own == name))
    };
    let parts = ["SAMLRequest", "SAMLResponse", "RelayState", "SigAlg"].map(raw);
    let octets = parts.into_iter().flatten().collect::<Vec<_>>().join("&");
    // A name that is percent-encoded would not be among them, and would not be signed.
    let named = [("SAMLRequest", 0), ("SAMLResponse", 1), ("RelayState", 2), ("SigAlg", 3)];
    if named.into_iter().any(|(name, at)| params.has(name) != parts[at].is_some()) {
        return Err(XmlFault::new("the name of a signed parameter is percent-encoded"));
    }
    let signature = from_base64(signature)?;
    Ok(Some(Detached { algorithm: algorithm.to_owned(), octets, signature }))
}
