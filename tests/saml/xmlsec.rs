//! `xmlsec1`, an XML signature implementation that nobody here wrote, as the judge in both
//! directions.
//!
//! `tests/run` installs it and says that it has to be there (`GUESTPASS_TEST_TOOLS=required`).
//! Without it these tests pass and say so; what it signed is in `fixtures/saml/`, and is read
//! either way.

use std::fs;

use guestpass::federation::metadata::{Consumer, Entity, Provider};
use guestpass::federation::saml::answer::{self, Signed};
use guestpass::federation::saml::request::Asking;

use crate::help::{
    ADDRESS, ALL, AUDIENCE, EMAIL, ISSUER, VICTIM, cut, envelope, judge, key, meaning, now,
    replaced, seed, sign, unsigned,
};
use crate::tool::{here, key_file, option_env_now, verifies, xmlsec1};
use crate::ws_fed;

/// xmlsec1 accepts the document, and would not accept it with `from` changed into `to`.
#[track_caller]
fn accepted_by_xmlsec1(document: &str, parent: &str, from: &str, to: &str) {
    let Some(verified) = verifies(document, parent) else { return };
    assert!(verified, "{document}");
    assert!(document.contains(from), "{from} in {document}");
    assert_eq!(verifies(&document.replace(from, to), parent), Some(false));
}

#[test]
fn accepts_every_response_that_we_sign() {
    for signed in ALL {
        let document = seed(signed);
        if signed != Signed::Response {
            accepted_by_xmlsec1(&document, "Assertion", EMAIL, VICTIM);
        }
        if signed != Signed::Assertion {
            accepted_by_xmlsec1(&document, "Response", EMAIL, VICTIM);
        }
    }
    let no =
        answer::refused(&envelope(), ("Responder", "AuthnFailed"), "No & <never> \"again\"", key())
            .unwrap();
    accepted_by_xmlsec1(&no, "Response", "never", "always");
}

#[test]
fn accepts_every_other_document_that_we_sign() {
    accepted_by_xmlsec1(&ws_fed::seed(), "Assertion", EMAIL, VICTIM);
    let entity = Entity {
        id: "_metadata".to_owned(),
        entity_id: ISSUER.to_owned(),
        provider: Some(Provider {
            certificates: vec![key().certificate().to_owned()],
            sign_on: Some("https://idp.example/sso?a=1&b=2".to_owned()),
            logout: Some("https://idp.example/slo".to_owned()),
            passive: Some("https://idp.example/wsfed".to_owned()),
        }),
        consumer: Some(Consumer { reply_to: ADDRESS.to_owned(), logout: None }),
    };
    let metadata = entity.to_xml(Some(key())).unwrap();
    accepted_by_xmlsec1(&metadata, "EntityDescriptor", "idp.example/sso", "evil.example/sso");
    let asking = Asking {
        id: "_request",
        issuer: AUDIENCE,
        destination: "https://idp.example/sso",
        reply_to: ADDRESS,
        force: true,
        now: now(),
    };
    let request = sign(&asking.to_xml(), "_request", key());
    accepted_by_xmlsec1(&request, "AuthnRequest", ADDRESS, "https://evil.example/");
}

/// A signature that xmlsec1 fills in.
fn template(id: &str, inclusive: &str, method: &str) -> String {
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let list = match inclusive {
        "" => String::new(),
        list => format!(r#"<ec:InclusiveNamespaces xmlns:ec="{exclusive}" PrefixList="{list}"/>"#),
    };
    let digest = match method.ends_with("sha1") {
        true => "http://www.w3.org/2000/09/xmldsig#sha1",
        false => "http://www.w3.org/2001/04/xmlenc#sha256",
    };
    format!(
        r##"<Signature xmlns="http://www.w3.org/2000/09/xmldsig#">
  <SignedInfo>
    <CanonicalizationMethod Algorithm="{exclusive}">{list}</CanonicalizationMethod>
    <SignatureMethod Algorithm="{method}"/>
    <Reference URI="#{id}">
      <Transforms>
        <Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
        <Transform Algorithm="{exclusive}">{list}</Transform>
      </Transforms>
      <DigestMethod Algorithm="{digest}"/>
      <DigestValue/>
    </Reference>
  </SignedInfo>
  <SignatureValue/>
  <KeyInfo><X509Data/></KeyInfo>
</Signature>"##
    )
}

const SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";

/// The response as another implementation might write it: other prefixes, declarations far away
/// from where they are used, types, line breaks.
fn foreign_response() -> String {
    let text = unsigned().replace("saml:", "saml2:").replace("xmlns:saml=", "xmlns:saml2=");
    let text = text.replace("samlp:", "saml2p:").replace("xmlns:samlp=", "xmlns:saml2p=");
    let text = replaced(
        &text,
        "<saml2p:Response ",
        "<saml2p:Response xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:unused=\"urn:unused\"\n   ",
        1,
    );
    let text = text.replacen(
        "<saml2:AttributeValue>",
        "<saml2:AttributeValue  xsi:type = 'xs:string'>",
        1,
    );
    let text = text.replace("</saml2:Attribute><", "</saml2:Attribute>\r\n    <");
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}\n")
}

fn with_template(text: &str, id: &str, template: &str) -> String {
    let at = text.find(&format!("ID=\"{id}\"")).unwrap();
    let issuer = at + text[at..].find(":Issuer>").unwrap();
    let end = issuer + text[issuer + 1..].find(":Issuer>").unwrap() + 1 + ":Issuer>".len();
    format!("{}{template}{}", &text[..end], &text[end..])
}

/// The documents of `fixtures/saml/`, before they are signed.
fn to_be_signed() -> Vec<(&'static str, String)> {
    let foreign = foreign_response();
    let default = unsigned();
    let (assertion, _) = cut(&default, "<saml:Assertion ", "</saml:Assertion>");
    let bare = assertion.replace("xmlns:saml=", "xmlns=").replace("saml:", "");
    let default = replaced(&default, &assertion, &bare, 1);
    let at = bare.find("</Issuer>").unwrap() + "</Issuer>".len();
    let signed = format!("{}{}{}", &bare[..at], template("_assertion", "", SHA256), &bare[at..]);
    vec![
        (
            "signed_assertion.xml",
            with_template(&unsigned(), "_assertion", &template("_assertion", "", SHA256)),
        ),
        (
            "signed_response.xml",
            with_template(&unsigned(), "_response", &template("_response", "", SHA256)),
        ),
        (
            "signed_with_inclusive_namespaces.xml",
            with_template(&foreign, "_assertion", &template("_assertion", "xs xsi", SHA256)),
        ),
        (
            "signed_with_inclusive_default.xml",
            with_template(&foreign, "_response", &template("_response", "#default xs", SHA256)),
        ),
        (
            "signed_with_foreign_prefixes.xml",
            with_template(&foreign, "_assertion", &template("_assertion", "", SHA256)),
        ),
        ("signed_in_the_default_namespace.xml", replaced(&default, &bare, &signed, 1)),
        (
            "signed_with_rsa_sha1.xml",
            with_template(&unsigned(), "_assertion", &template("_assertion", "", SHA1)),
        ),
    ]
}

/// RSA signatures of this kind are always the same: what xmlsec1 signs today is what is kept.
/// `UPDATE_FIXTURES=1` writes it anew.
#[test]
fn signs_what_is_kept_in_fixtures() {
    for (name, document) in to_be_signed() {
        let keys = format!("{0},{0}", key_file());
        let Some(output) = xmlsec1(&["--sign", "--privkey-pem", &keys], &document) else { return };
        let signed = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let path = here("fixtures/saml").join(name);
        if option_env_now("UPDATE_FIXTURES").is_some() {
            fs::write(&path, &signed).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), signed, "{name}");
    }
}

#[test]
fn what_xmlsec1_signed_is_accepted() {
    let folder = fs::read_dir(here("fixtures/saml")).unwrap();
    let mut read = 0;
    for entry in folder {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.ends_with("sha1.xml") {
            continue;
        }
        let document = fs::read_to_string(&path).unwrap();
        let token = judge(&document).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert_eq!(token, meaning(), "{name}");
        assert!(judge(&document.replace(EMAIL, VICTIM)).is_err(), "{name}");
        read += 1;
    }
    assert_eq!(read, to_be_signed().len() - 1);
}
