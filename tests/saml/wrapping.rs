//! Signature wrapping: a genuine signature, and something else that is read (`xsw-*`).
//!
//! XSW1 to XSW8 are those of "On Breaking SAML" (Somorovsky et al., 2012); the others come from
//! advisories of the libraries that are named in the rows. Each is made of responses in which the
//! response, the assertion or both are signed, as far as the structure allows.

use guestpass::federation::Refusal;
use guestpass::federation::saml::answer::Signed;

use crate::help::{
    ALL, ASSERTION_ID, EMAIL, NAME, RESPONSE_ID, VICTIM, canonical_info, cut, cut_signature, judge,
    key, meaning, replaced, seed, sign, sign_as, signed_info, with_signature,
};

/// Nothing of the attacker's is believed. A structure may only be accepted if it means what the
/// provider signed, and these are none of those.
#[track_caller]
fn refused(xml: &str) {
    assert!(xml.contains(VICTIM) || xml.contains("_forged"), "nothing is forged in {xml}");
    match judge(xml) {
        Ok(token) => panic!("accepted as {token:?}: {xml}"),
        Err(Refusal::Missing(_) | Refusal::Denied(..)) => panic!("not judged: {xml}"),
        Err(_) => {}
    }
}

/// The parts of a genuine response.
struct Parts {
    whole: String,
    assertion: String,
}

fn parts(signed: Signed) -> Parts {
    let whole = seed(signed);
    let (assertion, _) = cut(&whole, "<saml:Assertion ", "</saml:Assertion>");
    Parts { whole, assertion }
}

/// Forged values, under another identifier.
fn forged(text: &str, id: &str) -> String {
    let new = format!("\"{id}_forged\"");
    text.replace(EMAIL, VICTIM)
        .replace(NAME, "ceo")
        .replace(&format!("ID=\"{id}\""), &format!("ID={new}"))
}

fn bare(text: &str) -> String {
    if text.contains("<ds:Signature ") { cut_signature(text).1 } else { text.to_owned() }
}

/// The response's own signature, and the response without it.
fn response_signature(text: &str) -> (String, String) {
    cut_signature(text)
}

fn into_signature(text: &str, what: &str) -> String {
    text.replacen("</ds:Signature>", &format!("{what}</ds:Signature>"), 1)
}

fn before_end(text: &str, end: &str, what: &str) -> String {
    let at = text.rfind(end).unwrap();
    format!("{}{what}{}", &text[..at], &text[at..])
}

const RESPONSES: [Signed; 2] = [Signed::Response, Signed::Both];
const ASSERTIONS: [Signed; 2] = [Signed::Assertion, Signed::Both];

#[test]
fn xsw_xsw1_the_response_inside_its_own_signature() {
    for signed in RESPONSES {
        let Parts { whole, .. } = parts(signed);
        let (_, copy) = response_signature(&whole);
        let outer = forged(&whole, RESPONSE_ID).replace("\"_assertion\"", "\"_a_forged\"");
        refused(&into_signature(&outer, &copy));
        refused(&into_signature(&outer, &format!("<ds:Object>{copy}</ds:Object>")));
    }
}

#[test]
fn xsw_xsw2_the_response_before_its_signature() {
    for signed in RESPONSES {
        let Parts { whole, .. } = parts(signed);
        let (signature, copy) = response_signature(&whole);
        let outer = forged(&copy, RESPONSE_ID).replace("\"_assertion\"", "\"_a_forged\"");
        for both in [format!("{copy}{signature}"), format!("{signature}{copy}")] {
            refused(&outer.replacen("</saml:Issuer>", &format!("</saml:Issuer>{both}"), 1));
        }
    }
}

#[test]
fn xsw_xsw3_a_forged_assertion_before_the_genuine_one() {
    for signed in ASSERTIONS {
        let Parts { whole, assertion } = parts(signed);
        let lie = forged(&bare(&assertion), ASSERTION_ID);
        refused(&replaced(&whole, &assertion, &format!("{lie}{assertion}"), 1));
        refused(&replaced(&whole, &assertion, &format!("{assertion}{lie}"), 1));
    }
}

#[test]
fn xsw_xsw4_the_genuine_assertion_inside_a_forged_one() {
    for signed in ASSERTIONS {
        let Parts { whole, assertion } = parts(signed);
        let lie = forged(&bare(&assertion), ASSERTION_ID);
        let around = before_end(&lie, "</saml:Assertion>", &assertion);
        refused(&replaced(&whole, &assertion, &around, 1));
        let first = lie.replacen("<saml:Subject>", &format!("{assertion}<saml:Subject>"), 1);
        refused(&replaced(&whole, &assertion, &first, 1));
    }
}

#[test]
fn xsw_xsw5_a_forged_assertion_that_keeps_the_signature() {
    for signed in ASSERTIONS {
        let Parts { whole, assertion } = parts(signed);
        let lie = forged(&assertion, ASSERTION_ID);
        let copy = bare(&assertion);
        refused(&replaced(&whole, &assertion, &format!("{lie}{copy}"), 1));
        refused(&replaced(&whole, &assertion, &lie, 1));
    }
}

#[test]
fn xsw_xsw6_the_genuine_assertion_inside_the_kept_signature() {
    for signed in ASSERTIONS {
        let Parts { whole, assertion } = parts(signed);
        let lie = forged(&assertion, ASSERTION_ID);
        refused(&replaced(&whole, &assertion, &into_signature(&lie, &bare(&assertion)), 1));
    }
}

#[test]
fn xsw_xsw7_a_forged_assertion_in_extensions() {
    for signed in ASSERTIONS {
        let Parts { whole, assertion } = parts(signed);
        let lie = bare(&assertion).replace(EMAIL, VICTIM);
        for lie in [lie.clone(), forged(&lie, ASSERTION_ID)] {
            let extensions = format!("<samlp:Extensions>{lie}</samlp:Extensions>");
            refused(&replaced(&whole, &assertion, &format!("{extensions}{assertion}"), 1));
            refused(&whole.replacen("<samlp:Status>", &format!("{extensions}<samlp:Status>"), 1));
        }
    }
}

#[test]
fn xsw_xsw8_the_genuine_assertion_in_an_object_of_the_kept_signature() {
    for signed in ASSERTIONS {
        let Parts { whole, assertion } = parts(signed);
        let object = format!("<ds:Object>{}</ds:Object>", bare(&assertion));
        for lie in [forged(&assertion, ASSERTION_ID), assertion.replace(EMAIL, VICTIM)] {
            refused(&replaced(&whole, &assertion, &into_signature(&lie, &object), 1));
        }
    }
}

#[test]
fn xsw_xsw9_cve_2019_3465_two_signed_infos() {
    let Parts { whole, assertion } = parts(Signed::Assertion);
    let lie = bare(&assertion).replace(EMAIL, VICTIM);
    let in_response = |text: &str| replaced(&whole, &assertion, text, 1);
    let genuine = signed_info(&in_response(&bare(&assertion)), ASSERTION_ID);
    let lying = signed_info(&in_response(&lie), ASSERTION_ID);
    let (value, _) = cut(&assertion, "<ds:SignatureValue>", "</ds:SignatureValue>");
    let value = value.replace("<ds:SignatureValue>", "").replace("</ds:SignatureValue>", "");
    for infos in [format!("{genuine}{lying}"), format!("{lying}{genuine}")] {
        let text =
            with_signature(&in_response(&lie), ASSERTION_ID, &infos, &value, key().certificate());
        let hidden =
            format!("<hidden>{}</hidden>", bare(&assertion).replace(ASSERTION_ID, "_forged"));
        refused(&text);
        refused(&before_end(&text, "</samlp:Response>", &hidden));
    }
}

/// crewjam's ninth: the assertion's signature stands in the response.
#[test]
fn the_assertions_signature_in_the_response() {
    let Parts { whole, assertion } = parts(Signed::Assertion);
    let (signature, copy) = cut_signature(&assertion);
    let lie = forged(&copy, ASSERTION_ID);
    for inside in [format!("{lie}{copy}"), format!("{copy}{lie}"), lie.clone()] {
        let text = replaced(&whole, &assertion, &inside, 1);
        refused(&text.replacen("</saml:Issuer>", &format!("</saml:Issuer>{signature}"), 1));
        refused(&before_end(&text, "</samlp:Response>", &signature));
        refused(&text.replacen("<samlp:Status>", &format!("<samlp:Status>{signature}"), 1));
    }
}

#[test]
fn xsw_xsw_concealed_in_the_status_detail() {
    for signed in ALL {
        let Parts { whole, .. } = parts(signed);
        let outer = bare(&bare(&forged(&whole, RESPONSE_ID)));
        let outer = outer.replace("\"_assertion\"", "\"_a_forged\"");
        let detail = format!("<samlp:StatusDetail>{whole}</samlp:StatusDetail></samlp:Status>");
        refused(&replaced(&outer, "</samlp:Status>", &detail, 1));
    }
}

#[test]
fn xsw_xsw_doubled_with_the_genuine_signature() {
    for signed in ASSERTIONS {
        let Parts { whole, assertion } = parts(signed);
        let lie = forged(&assertion, ASSERTION_ID);
        refused(&replaced(&whole, &assertion, &format!("{lie}{assertion}"), 1));
        refused(&replaced(&whole, &assertion, &format!("{assertion}{lie}"), 1));
    }
}

#[test]
fn xsw_xsw_encrypted_beside_a_signed_element() {
    let encrypted = "<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" Id=\"_forged\"/></saml:EncryptedAssertion>";
    for signed in ALL {
        let Parts { whole, assertion } = parts(signed);
        refused(&replaced(&whole, &assertion, &format!("{assertion}{encrypted}"), 1));
        refused(&replaced(&whole, &assertion, &format!("{encrypted}{assertion}"), 1));
        let parked = format!("<samlp:StatusDetail>{assertion}</samlp:StatusDetail></samlp:Status>");
        let text = replaced(&whole, &assertion, encrypted, 1);
        refused(&replaced(&text, "</samlp:Status>", &parked, 1));
    }
}

#[test]
fn xsw_xsw_advice_of_a_forged_assertion() {
    for signed in ASSERTIONS {
        let Parts { whole, assertion } = parts(signed);
        let lie = forged(&bare(&assertion), ASSERTION_ID);
        let advice = format!("</saml:Conditions><saml:Advice>{assertion}</saml:Advice>");
        let around = replaced(&lie, "</saml:Conditions>", &advice, 1);
        refused(&replaced(&whole, &assertion, &around, 1));
        let signature = cut_signature(&assertion).0;
        let kept = around.replacen("</saml:Issuer>", &format!("</saml:Issuer>{signature}"), 1);
        refused(&replaced(&whole, &assertion, &kept, 1));
    }
}

#[test]
fn xsw_xsw_ancestor_of_the_genuine_response() {
    for signed in ALL {
        let Parts { whole, .. } = parts(signed);
        let outer = bare(&bare(&forged(&whole, RESPONSE_ID)));
        let (_, hollow) = cut(&outer, "<saml:Assertion ", "</saml:Assertion>");
        refused(&before_end(&hollow, "</samlp:Response>", &whole));
        refused(&replaced(&hollow, "</samlp:Status>", &format!("</samlp:Status>{whole}"), 1));
        refused(
            &format!("<wrapper>{whole}{}</wrapper>", "<!--_forged-->")
                .replace("<!--_forged-->", "<x ID=\"_forged\"/>"),
        );
    }
}

#[test]
fn xsw_xsw_xpointer_that_picks_a_subject() {
    let Parts { whole, assertion } = parts(Signed::Assertion);
    let two = |text: &str| {
        let (subject, _) = cut(text, "<saml:Subject>", "</saml:Subject>");
        text.replacen(&subject, &format!("{}{subject}", subject.replace(NAME, "_forged")), 1)
    };
    let text = two(&replaced(&whole, &assertion, &bare(&assertion), 1));
    for pointer in [
        "#element(/1/3)",
        "#element(_assertion/2)",
        "#xpointer(//saml:Subject[2])",
        "#xmlns(a=urn:a)xpointer(//a:b)",
    ] {
        refused(&sign_as(&text, ASSERTION_ID, key(), |info| {
            replaced(&info, "URI=\"#_assertion\"", &format!("URI=\"{pointer}\""), 1)
        }));
    }
    refused(&sign(&text, ASSERTION_ID, key()));
}

#[test]
fn xsw_xsw_wrong_namespace_beside_the_genuine_one() {
    for signed in ALL {
        let Parts { whole, assertion } = parts(signed);
        let lie = forged(&bare(&assertion), ASSERTION_ID);
        for namespace in [
            "urn:evil",
            "urn:oasis:names:tc:SAML:1.0:assertion",
            "urn:oasis:names:tc:SAML:2.0:assertion/",
        ] {
            let alien = lie.replace("urn:oasis:names:tc:SAML:2.0:assertion", namespace);
            let alien = alien.replace("saml:", "evil:").replace("xmlns:saml=", "xmlns:evil=");
            refused(&replaced(&whole, &assertion, &format!("{alien}{assertion}"), 1));
            refused(&replaced(&whole, &assertion, &format!("{assertion}{alien}"), 1));
        }
        let nameless = lie.replace("saml:", "").replace("xmlns:saml=", "xmlns=");
        let nameless =
            nameless.replace("xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\"", "xmlns=\"\"");
        refused(&replaced(&whole, &assertion, &format!("{nameless}{assertion}"), 1));
    }
}

#[test]
fn xsw_xsw_unsigned_attributes_of_the_response() {
    // Only the assertion is signed: whatever of the response differs from it makes it fail, and
    // nothing of the response is believed.
    let Parts { whole, .. } = parts(Signed::Assertion);
    let head = |from: &str, to: &str| {
        format!("{}_forged", whole.replacen(from, to, 1))
            .replace("</samlp:Response>_forged", "</samlp:Response>")
    };
    for (from, to) in [
        ("InResponseTo=\"_request\"", "InResponseTo=\"_forged\""),
        ("Destination=\"http://localhost:8080/login.srf\"", "Destination=\"_forged\""),
        ("status:Success", "status:_forged"),
        ("Version=\"2.0\"", "Version=\"_forged\""),
        ("IssueInstant=\"2026-06-01T12:00:00.000Z\"", "IssueInstant=\"_forged\""),
    ] {
        assert!(judge(&head(from, to)).is_err(), "{to}");
    }
    // A new envelope around the assertion of another sign-in changes nothing of it: the assertion
    // says itself which request it answers.
    let other = whole.replace("_request", "_other");
    let stolen = replaced(
        &other,
        "InResponseTo=\"_other\" NotOnOrAfter",
        "InResponseTo=\"_request\" NotOnOrAfter",
        1,
    );
    assert!(judge(&stolen).is_err());
    let renamed = whole.replacen("ID=\"_response\"", "ID=\"_forged\"", 1);
    assert_eq!(judge(&renamed).unwrap(), meaning());
}

/// Attributes that a DTD or a careless reader would take for identifiers (libxml2's `xml:id`).
#[test]
fn identifiers_by_other_names() {
    for signed in ASSERTIONS {
        let Parts { whole, assertion } = parts(signed);
        for name in ["xml:id", "Id", "id", "AssertionID"] {
            let lie = forged(&assertion, ASSERTION_ID).replacen(
                "<saml:Assertion ",
                &format!("<saml:Assertion {name}=\"_assertion\" "),
                1,
            );
            refused(&replaced(&whole, &assertion, &lie, 1));
            refused(&replaced(&whole, &assertion, &format!("{lie}{}", bare(&assertion)), 1));
            let copy =
                bare(&assertion).replace("ID=\"_assertion\"", &format!("{name}=\"_assertion\""));
            let lie = forged(&assertion, ASSERTION_ID);
            refused(&replaced(&whole, &assertion, &format!("{lie}{copy}"), 1));
        }
    }
}

/// A transform that chooses what is digested (CVE-2026-49289 class): the reference is the forged
/// element's, the filter picks the genuine one.
#[test]
fn a_filter_that_chooses_what_is_digested() {
    let Parts { whole, assertion } = parts(Signed::Assertion);
    let lie = bare(&assertion).replace(EMAIL, VICTIM);
    let text = replaced(&whole, &assertion, &lie, 1);
    let info = signed_info(&replaced(&whole, &assertion, &bare(&assertion), 1), ASSERTION_ID);
    let filter = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>ancestor-or-self::*[@ID='_assertion']</ds:XPath></ds:Transform></ds:Transforms>";
    let info = replaced(&info, "</ds:Transforms>", filter, 1);
    let value = key().sign_bytes(canonical_info(&info).as_bytes());
    let value = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, value);
    refused(&with_signature(&text, ASSERTION_ID, &info, &value, key().certificate()));
}

/// Two signatures in one element: a genuine one, and one that covers what is read.
#[test]
fn two_signatures_in_one_element() {
    for signed in ASSERTIONS {
        let Parts { whole, assertion } = parts(signed);
        let (signature, _) = cut_signature(&assertion);
        let lie = forged(&assertion, ASSERTION_ID);
        for text in [
            lie.replacen(&signature, &format!("{signature}{signature}"), 1),
            before_end(&lie, "</saml:Assertion>", &signature),
        ] {
            refused(&replaced(&whole, &assertion, &text, 1));
        }
        let twice = assertion.replacen(&signature, &format!("{signature}{signature}"), 1);
        assert!(judge(&replaced(&whole, &assertion, &twice, 1)).is_err());
    }
}

/// Our reader would not look there; another one might. No signature covers these places.
#[test]
fn a_second_assertion_has_no_place_at_all() {
    let Parts { whole, assertion } = parts(Signed::Assertion);
    let lie = forged(&bare(&assertion), ASSERTION_ID);
    for end in ["</ds:KeyInfo>", "</ds:X509Data>", "</samlp:Status>"] {
        refused(&before_end(&whole, end, &lie));
    }
}
