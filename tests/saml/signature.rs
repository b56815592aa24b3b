//! Rows about signatures: `saml-01` to `saml-19`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guestpass::federation::saml::answer::{Signed, accepted};
use guestpass::federation::saml::response;

use crate::help::{
    ALL, ASSERTION_ID, EMAIL, NAME, VICTIM, canonical_info, cut_signature, envelope, expected,
    judge, key, meaning, realm, refused, refused_as, replaced, seed, sign, sign_as, sign_in,
    signed_after, signed_info, strangers_key, unsigned, with_signature,
};

const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

#[test]
fn accepts_what_the_provider_signed_wherever_it_signed_it() {
    for signed in ALL {
        let token = judge(&seed(signed)).unwrap();
        assert_eq!(token, meaning());
        let account = token.account(&realm(&[key()])).unwrap();
        assert_eq!((account.subject.as_str(), account.email.as_str()), (NAME, EMAIL));
        assert_eq!(token.claims()[1].values, ["admins & owners", "<all>", ""]);
        assert_eq!((token.assertion(), token.session_index()), (ASSERTION_ID, Some("_session")));
    }
    // The signer of the tests makes what the signer of the server makes.
    let own = signed_after(str::to_owned)
        .replace("SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"", "SignedInfo");
    assert_eq!(own, seed(Signed::Assertion));
}

#[test]
fn accepts_the_new_certificate_and_the_old_one_during_a_roll_over() {
    let both = realm(&[strangers_key(), key()]);
    let by = |key| accepted(&envelope(), &sign_in(), Signed::Assertion, key).unwrap();
    for key in [key(), strangers_key()] {
        assert!(response::verify(&by(key), &expected(&both)).is_ok());
    }
    let next = realm(&[strangers_key()]);
    let old = seed(Signed::Assertion);
    refused_as(response::verify(&old, &expected(&next)), 5000811, &old);
}

#[test]
fn saml_01_unsigned() {
    refused(&unsigned(), 50008);
    refused(&cut_signature(&seed(Signed::Response)).1, 50008);
}

#[test]
fn saml_02_only_the_response_signed_where_the_assertion_must_be() {
    let mut strict = realm(&[key()]);
    strict.want_assertions_signed = true;
    let xml = seed(Signed::Response);
    refused_as(response::verify(&xml, &expected(&strict)), 50008, &xml);
    for signed in [Signed::Assertion, Signed::Both] {
        assert!(response::verify(&seed(signed), &expected(&strict)).is_ok());
    }
}

#[test]
fn saml_04_a_key_that_only_key_info_knows() {
    for signed in ALL {
        refused(&accepted(&envelope(), &sign_in(), signed, strangers_key()).unwrap(), 5000811);
        // Naming the right certificate does not help.
        let xml = accepted(&envelope(), &sign_in(), signed, strangers_key()).unwrap();
        refused(&xml.replace(strangers_key().certificate(), key().certificate()), 50006);
    }
    let bare = |xml: &str| {
        let (from, to) = ("<ds:KeyInfo>", "</ds:KeyInfo>");
        crate::help::cut(xml, from, to).1
    };
    // Without KeyInfo the configured key is tried all the same.
    assert_eq!(judge(&bare(&seed(Signed::Assertion))).unwrap(), meaning());
    refused(&bare(&sign(&unsigned(), ASSERTION_ID, strangers_key())), 50006);
}

#[test]
fn saml_05_hmac_with_the_public_key_as_secret() {
    let certificate = STANDARD.decode(key().certificate()).unwrap();
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        key().certificate()
    );
    for method in [
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
    ] {
        let info = replaced(&signed_info(&unsigned(), ASSERTION_ID), RSA_SHA256, method, 1);
        let algorithm = match method.ends_with("sha1") {
            true => aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            false => aws_lc_rs::hmac::HMAC_SHA256,
        };
        for secret in [certificate.as_slice(), pem.as_bytes()] {
            let secret = aws_lc_rs::hmac::Key::new(algorithm, secret);
            let value = aws_lc_rs::hmac::sign(&secret, canonical_info(&info).as_bytes());
            let value = STANDARD.encode(value);
            let xml = with_signature(&unsigned(), ASSERTION_ID, &info, &value, key().certificate());
            refused(&xml, 50006);
        }
    }
}

#[test]
fn saml_06_sha_1() {
    // Signed by xmlsec1, with the same key.
    let rsa = include_str!("../../fixtures/saml/signed_with_rsa_sha1.xml");
    refused(rsa, 50006);
    let mut lax = realm(&[key()]);
    lax.accept_sha1 = true;
    assert!(response::verify(rsa, &expected(&lax)).is_ok());

    let digest = |info: String| replaced(&info, SHA256, SHA1, 1);
    refused(&sign_as(&unsigned(), ASSERTION_ID, key(), digest), 50006);
}

#[test]
fn saml_07_unknown_algorithms() {
    let mut lax = realm(&[key()]);
    lax.accept_sha1 = true;
    for (from, to) in [
        (RSA_SHA256, "http://www.w3.org/2001/04/xmldsig-more#rsa-md5"),
        (RSA_SHA256, "http://www.w3.org/2001/04/xmldsig-more#RSA-SHA256"),
        (RSA_SHA256, ""),
        (RSA_SHA256, "none"),
        (SHA256, "http://www.w3.org/2001/04/xmlenc#SHA256"),
        (SHA256, "urn:none"),
    ] {
        let xml = sign_as(&unsigned(), ASSERTION_ID, key(), |info| replaced(&info, from, to, 1));
        refused(&xml, 50006);
        refused_as(response::verify(&xml, &expected(&lax)), 50006, &xml);
    }
}

/// The whole of `SignedInfo` edited, and signed with the genuine key.
#[track_caller]
fn refused_info(edit: impl Fn(String) -> String) {
    refused(&sign_as(&unsigned(), ASSERTION_ID, key(), edit), 50006);
}

#[test]
fn saml_08_two_references() {
    refused_info(|info| {
        let (reference, _) = crate::help::cut(&info, "<ds:Reference ", "</ds:Reference>");
        replaced(&info, "</ds:Reference>", &format!("</ds:Reference>{reference}"), 1)
    });
    refused_info(|info| crate::help::cut(&info, "<ds:Reference ", "</ds:Reference>").1);
}

#[test]
fn saml_09_two_signed_infos() {
    let forged = replaced(&unsigned(), EMAIL, VICTIM, 1);
    let (genuine, lying) =
        (signed_info(&unsigned(), ASSERTION_ID), signed_info(&forged, ASSERTION_ID));
    let value = STANDARD.encode(key().sign_bytes(canonical_info(&genuine).as_bytes()));
    for both in [format!("{genuine}{lying}"), format!("{lying}{genuine}")] {
        for text in [&forged, &unsigned()] {
            let xml = with_signature(text, ASSERTION_ID, &both, &value, key().certificate());
            refused(&xml, 50006);
        }
    }
}

#[test]
fn saml_10_a_comment_in_the_digest() {
    let xml = replaced(&seed(Signed::Assertion), "<ds:DigestValue>", "<ds:DigestValue><!--x-->", 1);
    refused(&xml, 7500525);
    let forged = replaced(&unsigned(), EMAIL, VICTIM, 1);
    let lying = signed_info(&forged, ASSERTION_ID);
    let (digest, _) = crate::help::cut(&lying, "<ds:DigestValue>", "</ds:DigestValue>");
    let digest = digest.replace("<ds:DigestValue>", "").replace("</ds:DigestValue>", "");
    let genuine = signed_info(&unsigned(), ASSERTION_ID);
    let value = STANDARD.encode(key().sign_bytes(canonical_info(&genuine).as_bytes()));
    let mixed =
        replaced(&genuine, "<ds:DigestValue>", &format!("<ds:DigestValue><!--{digest}-->"), 1);
    refused(&with_signature(&forged, ASSERTION_ID, &mixed, &value, key().certificate()), 7500525);
}

#[test]
fn saml_11_references_that_name_no_element() {
    for uri in [
        "",
        "#",
        "##_assertion",
        "_assertion",
        "#_other",
        "#_response",
        "#xpointer(/)",
        "#xpointer(id('_assertion'))",
        "#element(/1/3)",
        "https://evil.example/x.xml#_assertion",
        "file:///etc/passwd",
        "#_ASSERTION",
        "#_assertion ",
        "#%5Fassertion",
    ] {
        refused_info(|info| replaced(&info, "URI=\"#_assertion\"", &format!("URI=\"{uri}\""), 1));
    }
    refused_info(|info| replaced(&info, " URI=\"#_assertion\"", "", 1));
}

#[test]
fn a_signature_without_an_identifier_to_name_signs_nothing() {
    let text = replaced(&seed(Signed::Response), "ID=\"_response\" ", "", 1);
    refused(&replaced(&text, "URI=\"#_response\"", "URI=\"#\"", 1), 50006);
    // The provider signs an element without an identifier, and names nothing.
    let bare = replaced(&unsigned(), " ID=\"_assertion\"", " x=\"_assertion\"", 1);
    for uri in ["", " URI=\"\"", " URI=\"#\""] {
        let info = signed_info(&unsigned(), ASSERTION_ID);
        let info = replaced(&info, " URI=\"#_assertion\"", uri, 1);
        let value = STANDARD.encode(key().sign_bytes(canonical_info(&info).as_bytes()));
        let xml = with_signature(
            &bare.replace("x=\"_assertion\"", "ID=\"_assertion\""),
            ASSERTION_ID,
            &info,
            &value,
            key().certificate(),
        );
        refused(&replaced(&xml, " ID=\"_assertion\"", "", 1), 50006);
    }
}

#[test]
fn saml_13_transforms_that_compute() {
    const EXCLUSIVE: &str =
        "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>";
    const ENVELOPED: &str =
        "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>";
    for algorithm in [
        "http://www.w3.org/TR/1999/REC-xpath-19991116",
        "http://www.w3.org/2002/06/xmldsig-filter2",
        "http://www.w3.org/TR/1999/REC-xslt-19991116",
        "http://www.w3.org/2000/09/xmldsig#base64",
        "http://www.w3.org/2002/07/decrypt#XML",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2006/12/xml-c14n11",
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        "http://www.w3.org/2001/10/xml-exc-c14n",
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
    ] {
        let further = format!(
            "<ds:Transform Algorithm=\"{algorithm}\"><ds:XPath>1=0</ds:XPath></ds:Transform>"
        );
        refused_info(|info| replaced(&info, EXCLUSIVE, &format!("{further}{EXCLUSIVE}"), 1));
        refused_info(|info| replaced(&info, ENVELOPED, &further, 1));
        refused_info(|info| replaced(&info, EXCLUSIVE, &format!("{further}</ds:Transforms>"), 1));
    }
    refused_info(|info| replaced(&info, ENVELOPED, "", 1));
    refused_info(|info| replaced(&info, EXCLUSIVE, "</ds:Transforms>", 1));
    let xpath = "<ds:XPath xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">1=0</ds:XPath>";
    refused_info(|info| {
        replaced(&info, ENVELOPED, &ENVELOPED.replace("/>", &format!(">{xpath}</ds:Transform>")), 1)
    });
    refused_info(|info| crate::help::cut(&info, "<ds:Transforms>", "</ds:Transforms>").1);
    let other = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    let method = "CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"";
    refused_info(|info| {
        replaced(&info, method, &format!("CanonicalizationMethod Algorithm=\"{other}\""), 1)
    });
}

#[test]
fn saml_15_nothing_digested() {
    // What a broken canonicalization would digest: nothing at all.
    let empty = STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b""));
    refused_info(|info| {
        let (digest, _) = crate::help::cut(&info, "<ds:DigestValue>", "</ds:DigestValue>");
        replaced(&info, &digest, &format!("<ds:DigestValue>{empty}</ds:DigestValue>"), 1)
    });
    // Names of namespaces that a canonicalization could stumble over.
    for namespace in ["relative", "1", "//", "http://a b/", "\u{fffd}"] {
        let declared = format!("<saml:Subject xmlns:x=\"{namespace}\" x:y=\"z\">");
        let edited = |text: &str| replaced(text, "<saml:Subject>", &declared, 1);
        assert_eq!(judge(&signed_after(edited)).unwrap(), meaning());
        refused(&replaced(&seed(Signed::Assertion), "<saml:Subject>", &declared, 1), 50006);
    }
    for digest in ["", "=", "AAAA", "%%%%"] {
        refused_info(|info| {
            let (old, _) = crate::help::cut(&info, "<ds:DigestValue>", "</ds:DigestValue>");
            replaced(&info, &old, &format!("<ds:DigestValue>{digest}</ds:DigestValue>"), 1)
        });
    }
}

#[test]
fn saml_16_identifiers_that_stand_twice() {
    for signed in ALL {
        let xml = seed(signed);
        refused(&replaced(&xml, "<saml:Subject>", "<saml:Subject ID=\"_assertion\">", 1), 7500525);
        refused(
            &replaced(&xml, "<saml:Subject>", "<saml:Subject xml:id=\"_response\">", 1),
            7500525,
        );
        refused(&replaced(&xml, "<samlp:Status>", "<samlp:Status Id=\"_assertion\">", 1), 7500525);
    }
}

#[test]
fn saml_17_an_identifier_of_another_namespace() {
    let foreign = |text: &str| {
        replaced(
            text,
            "<saml:Assertion ",
            "<saml:Assertion xmlns:x=\"urn:x\" x:ID=\"_assertion\" ",
            1,
        )
    };
    // Beside the real one it is nothing.
    assert_eq!(judge(&signed_after(foreign)).unwrap(), meaning());
    // Alone it does not make an identifier.
    let xml = signed_after(foreign);
    refused(&xml.replacen(" ID=\"_assertion\"", "", 1), 50006);
    let (_, head) = xml.split_once("<saml:Assertion ").unwrap();
    assert!(head.contains(" ID=\"_assertion\""));
    refused(&xml.replacen("Version=\"2.0\" IssueInstant", "IssueInstant", 2), 50006);
}

#[test]
fn saml_19_a_signature_that_names_another_element() {
    // The response's own signature, put where the assertion's would be, and the other way round.
    let (signature, bare) = cut_signature(&seed(Signed::Response));
    let issuer = "</saml:Issuer>";
    let at = bare.rfind(issuer).unwrap() + issuer.len();
    refused(&format!("{}{signature}{}", &bare[..at], &bare[at..]), 50006);
    let (signature, bare) = cut_signature(&seed(Signed::Assertion));
    let at = bare.find(issuer).unwrap() + issuer.len();
    refused(&format!("{}{signature}{}", &bare[..at], &bare[at..]), 50006);
}
