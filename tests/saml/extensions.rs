//! `Extensions` of a response: passed over, and no place to hide anything (Core §3.2.2).

use guestpass::federation::saml::answer::Signed;

use crate::help::{
    ASSERTION_ID, RESPONSE_ID, VICTIM, judge, key, meaning, refused, replaced, seed, sign, unsigned,
};

fn holding(what: &str) -> String {
    let hint = format!("<x:Hint xmlns:x=\"urn:x\">{VICTIM}{what}</x:Hint>");
    format!("<samlp:Extensions>{hint}</samlp:Extensions>")
}

/// A response with something before its status, signed by the provider.
fn signed_with(extensions: &str, id: &str) -> String {
    let status = format!("{extensions}<samlp:Status>");
    sign(&replaced(&unsigned(), "<samlp:Status>", &status, 1), id, key())
}

#[test]
fn what_hides_nothing_changes_nothing() {
    for id in [ASSERTION_ID, RESPONSE_ID] {
        assert_eq!(judge(&signed_with(&holding(""), id)).unwrap(), meaning(), "{id}");
    }
}

#[test]
fn parts_of_an_answer_have_no_place_in_them() {
    let names = "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";
    for id in [ASSERTION_ID, RESPONSE_ID] {
        for hidden in ["saml:Assertion", "samlp:Status", "ds:Signature", "a"] {
            let hidden = format!("<{hidden} {names}/>");
            refused(&signed_with(&holding(&hidden), id), 50008);
            refused(
                &signed_with(&format!("<samlp:Extensions>{hidden}</samlp:Extensions>"), id),
                50008,
            );
        }
    }
}

#[test]
fn they_stand_once_and_before_the_status() {
    let extensions = holding("");
    for id in [ASSERTION_ID, RESPONSE_ID] {
        refused(&signed_with(&extensions.repeat(2), id), 50008);
        let edited =
            replaced(&unsigned(), "</samlp:Status>", &format!("</samlp:Status>{extensions}"), 1);
        refused(&sign(&edited, id, key()), 50008);
    }
    // Nobody adds them to what is signed.
    let genuine = seed(Signed::Both);
    refused(
        &replaced(&genuine, "<samlp:Status>", &format!("{extensions}<samlp:Status>"), 1),
        50006,
    );
}
