//! One signed response, whoever may sign it, and what is expected of it.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guestpass::federation::saml::answer::{Envelope, SignIn, Signed, accepted};
use guestpass::federation::saml::{PASSWORD, response};
use guestpass::federation::xml::{Document, Element, Kind, canonical};
use guestpass::federation::{
    Certificate, Claim, EMAIL_CLAIM, Expected, PERSISTENT, Realm, Refusal, VerifiedToken,
};
use guestpass::jose::{KeySet, SigningKey};
use jiff::{SignedDuration, Timestamp};

pub(crate) const ISSUER: &str = "https://idp.litware.example/saml";
pub(crate) const ADDRESS: &str = "http://localhost:8080/login.srf";
pub(crate) const AUDIENCE: &str = "http://localhost:8080/c0a70500-0000-4000-8000-00000000c0a7/";
pub(crate) const REQUEST: &str = "_request";
pub(crate) const RESPONSE_ID: &str = "_response";
pub(crate) const ASSERTION_ID: &str = "_assertion";
pub(crate) const NAME: &str = "5f2c1e7a-erin";
pub(crate) const EMAIL: &str = "erin@litware.example";
/// What an attacker would like to be.
pub(crate) const VICTIM: &str = "ceo@litware.example";

pub(crate) const ALL: [Signed; 3] = [Signed::Assertion, Signed::Response, Signed::Both];

static KEYS: LazyLock<KeySet> = LazyLock::new(|| KeySet::development().unwrap());
static REALM: LazyLock<Realm> = LazyLock::new(|| realm(&[key()]));
static AUDIENCES: LazyLock<Vec<String>> = LazyLock::new(|| vec![AUDIENCE.to_owned()]);

/// The provider's key.
pub(crate) fn key() -> &'static SigningKey {
    &KEYS.work
}

/// Somebody else's key.
pub(crate) fn strangers_key() -> &'static SigningKey {
    &KEYS.google
}

pub(crate) fn now() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

/// The provider, with the certificates of these keys.
pub(crate) fn realm(keys: &[&SigningKey]) -> Realm {
    Realm {
        issuer: ISSUER.to_owned(),
        certificates: keys.iter().map(|key| Certificate::of(key).unwrap()).collect(),
        domains: vec!["litware.example".parse().unwrap()],
        accept_sha1: false,
        want_assertions_signed: false,
    }
}

pub(crate) fn expected(realm: &Realm) -> Expected<'_> {
    Expected { realm, audiences: &AUDIENCES, address: ADDRESS, request: Some(REQUEST), now: now() }
}

/// What the server says to a response.
pub(crate) fn judge(xml: &str) -> Result<VerifiedToken, Refusal> {
    response::verify(xml, &expected(&REALM))
}

/// Checks that a response is refused, and with which number.
#[track_caller]
pub(crate) fn refused(xml: &str, number: u32) {
    refused_as(judge(xml), number, xml);
}

#[track_caller]
pub(crate) fn refused_as(judged: Result<VerifiedToken, Refusal>, number: u32, xml: &str) {
    match judged {
        Ok(token) => panic!("accepted as {token:?}: {xml}"),
        Err(refusal) => {
            let fault = refusal.fault();
            assert_eq!(fault.number(), Some(number), "{refusal} in {xml:.3000}");
        }
    }
}

pub(crate) fn envelope() -> Envelope {
    Envelope {
        id: RESPONSE_ID.to_owned(),
        issuer: ISSUER.to_owned(),
        destination: ADDRESS.to_owned(),
        in_response_to: Some(REQUEST.to_owned()),
        now: now(),
    }
}

pub(crate) fn sign_in() -> SignIn {
    let claim = |name: &str, values: &[&str]| Claim {
        name: name.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    SignIn {
        id: ASSERTION_ID.to_owned(),
        audience: AUDIENCE.to_owned(),
        name: NAME.to_owned(),
        format: PERSISTENT.to_owned(),
        qualifier: None,
        lifetime: SignedDuration::from_mins(60),
        signed_in_at: now(),
        context: PASSWORD.to_owned(),
        session_index: "_session".to_owned(),
        claims: vec![
            claim(EMAIL_CLAIM, &[EMAIL]),
            claim("groups", &["admins & owners", "<all>", ""]),
        ],
    }
}

/// A genuine response.
pub(crate) fn seed(signed: Signed) -> String {
    accepted(&envelope(), &sign_in(), signed, key()).unwrap()
}

/// What the genuine response means.
pub(crate) fn meaning() -> VerifiedToken {
    judge(&seed(Signed::Both)).unwrap()
}

/// Replaces a part that must be there exactly `times` times.
#[track_caller]
pub(crate) fn replaced(text: &str, from: &str, to: &str, times: usize) -> String {
    assert_eq!(text.matches(from).count(), times, "'{from}' in {text}");
    text.replace(from, to)
}

/// The first part from `start` to the next `end`, and the text without it.
#[track_caller]
pub(crate) fn cut(text: &str, start: &str, end: &str) -> (String, String) {
    let from = text.find(start).unwrap_or_else(|| panic!("no {start} in {text}"));
    let to = from + text[from..].find(end).expect("an end") + end.len();
    (text[from..to].to_owned(), format!("{}{}", &text[..from], &text[to..]))
}

pub(crate) fn cut_signature(text: &str) -> (String, String) {
    cut(text, "<ds:Signature ", "</ds:Signature>")
}

/// The genuine response without any signature.
pub(crate) fn unsigned() -> String {
    cut_signature(&seed(Signed::Assertion)).1
}

/// A response that the provider itself signs, although it is wrong.
pub(crate) fn signed_after(edit: impl Fn(&str) -> String) -> String {
    sign(&edit(&unsigned()), ASSERTION_ID, key())
}

/// Signs the element with that identifier, in whatever document. The signature goes behind its
/// issuer.
#[track_caller]
pub(crate) fn sign(text: &str, id: &str, key: &SigningKey) -> String {
    sign_as(text, id, key, |info| info)
}

/// The same, with a `SignedInfo` that is edited before it is signed.
#[track_caller]
pub(crate) fn sign_as(
    text: &str,
    id: &str,
    key: &SigningKey,
    edit: impl Fn(String) -> String,
) -> String {
    let info = edit(signed_info(text, id));
    let value = STANDARD.encode(key.sign_bytes(canonical_info(&info).as_bytes()));
    with_signature(text, id, &info, &value, key.certificate())
}

/// `SignedInfo` over an element.
#[track_caller]
pub(crate) fn signed_info(text: &str, id: &str) -> String {
    let document = Document::parse(text, Kind::Metadata).unwrap();
    let own = |element: &Element<'_>| {
        ["ID", "AssertionID"].into_iter().any(|name| element.attribute(name) == Some(id))
    };
    let element = document.root().all().find(own);
    let octets = canonical(element.expect("the element"), None, &[]).unwrap();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, octets.as_bytes());
    format!(
        r##"<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="#{id}"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>{}</ds:DigestValue></ds:Reference></ds:SignedInfo>"##,
        STANDARD.encode(digest)
    )
}

pub(crate) fn canonical_info(info: &str) -> String {
    let document = Document::parse(info, Kind::Metadata).unwrap();
    canonical(document.root(), None, &[]).unwrap()
}

#[track_caller]
pub(crate) fn with_signature(
    text: &str,
    id: &str,
    info: &str,
    value: &str,
    certificate: &str,
) -> String {
    let signature = signature(info, value, certificate);
    let element = text.find(&format!("ID=\"{id}\"")).expect("the element");
    let issuer = "</saml:Issuer>";
    let at = element + text[element..].find(issuer).expect("an issuer") + issuer.len();
    format!("{}{signature}{}", &text[..at], &text[at..])
}

/// A signature as an element.
pub(crate) fn signature(info: &str, value: &str, certificate: &str) -> String {
    format!(
        r#"<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">{info}<ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"#
    )
}
