//! Rows about several assertions, encrypted ones, and what stands around: `saml-20` to `saml-26`.

use guestpass::federation::saml::answer::{Signed, accepted};

use crate::help::{
    ALL, ASSERTION_ID, EMAIL, RESPONSE_ID, VICTIM, cut_signature, envelope, judge, key, meaning,
    realm, refused, replaced, seed, sign, sign_in, signed_after, strangers_key, unsigned,
};

#[test]
fn one_good_signature_does_not_excuse_a_bad_one() {
    let outer = sign(&signed_after(str::to_owned), RESPONSE_ID, strangers_key());
    refused(&outer, 5000811);
    let inner = sign(&unsigned(), ASSERTION_ID, strangers_key());
    refused(&sign(&inner, RESPONSE_ID, key()), 5000811);
    assert!(judge(&sign(&signed_after(str::to_owned), RESPONSE_ID, key())).is_ok());
}

#[test]
fn saml_20_two_assertions_one_signed() {
    let xml = seed(Signed::Assertion);
    let (genuine, _) = crate::help::cut(&xml, "<saml:Assertion ", "</saml:Assertion>");
    let forged = cut_signature(&genuine).1.replace(EMAIL, VICTIM).replace("_assertion", "_forged");
    for pair in [format!("{genuine}{forged}"), format!("{forged}{genuine}")] {
        refused(&replaced(&xml, &genuine, &pair, 1), 50008);
    }
}

#[test]
fn saml_21_two_assertions_both_signed() {
    let xml = seed(Signed::Assertion);
    let (first, _) = crate::help::cut(&xml, "<saml:Assertion ", "</saml:Assertion>");
    let mut other = sign_in();
    other.id = "_second".to_owned();
    let second = accepted(&envelope(), &other, Signed::Assertion, key()).unwrap();
    let (second, _) = crate::help::cut(&second, "<saml:Assertion ", "</saml:Assertion>");
    let both = replaced(&xml, &first, &format!("{first}{second}"), 1);
    refused(&both, 50008);
    refused(&sign(&both, RESPONSE_ID, key()), 50008);
}

#[test]
fn saml_22_two_roots() {
    let xml = seed(Signed::Assertion);
    refused(&format!("{xml}{}", xml.replace("\"_", "\"_2")), 7500525);
    refused(&format!("{xml}<x/>"), 7500525);
    refused(&format!("{xml} text"), 7500525);
}

#[test]
fn saml_23_an_encrypted_assertion_beside_a_plain_one() {
    let encrypted = "<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\"/></saml:EncryptedAssertion>";
    for signed in ALL {
        let xml = seed(signed);
        let (genuine, _) = crate::help::cut(&xml, "<saml:Assertion ", "</saml:Assertion>");
        for both in [format!("{genuine}{encrypted}"), format!("{encrypted}{genuine}")] {
            refused(&replaced(&xml, &genuine, &both, 1), 50008);
        }
    }
}

/// The provider encrypts, although nobody gave it a key: any key transport is refused alike, in
/// words that say so.
#[test]
fn saml_26_an_encrypted_assertion_with_rsa_1_5() {
    let xml = unsigned();
    let (genuine, _) = crate::help::cut(&xml, "<saml:Assertion ", "</saml:Assertion>");
    for transport in ["rsa-1_5", "rsa-oaep-mgf1p"] {
        let encrypted = format!(
            "<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\"><xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#{transport}\"/></xenc:EncryptedData></saml:EncryptedAssertion>"
        );
        let xml = sign(&replaced(&xml, &genuine, &encrypted, 1), RESPONSE_ID, key());
        let refusal = judge(&xml).unwrap_err();
        assert!(refusal.to_string().contains("encrypted"), "{refusal}");
        refused(&xml, 50008);
    }
    let id = |text: &str| {
        let (name, _) = crate::help::cut(text, "<saml:NameID ", "</saml:NameID>");
        replaced(text, &name, "<saml:EncryptedID/>", 1)
    };
    assert!(judge(&signed_after(id)).unwrap_err().to_string().contains("encrypted"));
}

#[test]
fn a_signature_holds_whatever_the_document_around_it_looks_like() {
    // A proxy may fold lines of base64, and prefixes may be declared again.
    let xml = seed(Signed::Assertion);
    let folded = xml.replace("</ds:SignatureValue>", "\r\n</ds:SignatureValue>");
    assert_eq!(judge(&folded).unwrap(), meaning());
    let declared = replaced(
        &xml,
        "<samlp:Status>",
        "<samlp:Status xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">",
        1,
    );
    assert_eq!(judge(&declared).unwrap(), meaning());
    let bom = format!("\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{xml}\n");
    assert_eq!(judge(&bom).unwrap(), meaning());
    assert_eq!(meaning().account(&realm(&[key()])).unwrap().issuer, crate::help::ISSUER);
}

#[test]
fn a_white_space_inside_the_digested_part_breaks_the_signature() {
    let xml = seed(Signed::Assertion);
    refused(&replaced(&xml, "<saml:Subject>", "<saml:Subject> ", 1), 50006);
    refused(&replaced(&xml, EMAIL, VICTIM, 1), 50006);
    let value = "<ds:SignatureValue>";
    refused(&replaced(&xml, value, &format!("{value}AAAA"), 1), 50006);
    let (old, _) = crate::help::cut(&xml, value, "</ds:SignatureValue>");
    for broken in ["", "not base64!", "AAAA"] {
        let new = format!("{value}{broken}</ds:SignatureValue>");
        refused(&replaced(&xml, &old, &new, 1), 50006);
    }
}
