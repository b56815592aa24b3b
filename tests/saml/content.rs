//! Rows about what a signed assertion says: `saml-27` to `saml-68`.

use guestpass::federation::saml::response;
use guestpass::federation::{Expected, Refusal};
use jiff::{SignedDuration, Timestamp};

use crate::help::{
    ADDRESS, AUDIENCE, ISSUER, REQUEST, RESPONSE_ID, cut, expected, judge, key, meaning, now,
    realm, refused, replaced, sign, signed_after, strangers_key, unsigned,
};

const RESTRICTION: (&str, &str) = ("<saml:AudienceRestriction>", "</saml:AudienceRestriction>");

/// The provider says that, and signs it.
#[track_caller]
fn refused_after(number: u32, edit: impl Fn(&str) -> String) {
    refused(&signed_after(edit), number);
}

#[test]
fn saml_27_no_audience() {
    refused_after(50008, |text| cut(text, RESTRICTION.0, RESTRICTION.1).1);
    refused_after(50008, |text| cut(text, "<saml:Audience>", "</saml:Audience>").1);
    refused_after(50008, |text| cut(text, "<saml:Conditions ", "</saml:Conditions>").1);
    refused_after(50008, |text| replaced(text, AUDIENCE, "", 1));
}

#[test]
fn saml_28_another_audience() {
    for other in [
        "https://sp.example/",
        "http://localhost:8080/",
        "http://localhost:8080/c0a70500-0000-4000-8000-00000000c0a7",
        "http://localhost:8080/C0A70500-0000-4000-8000-00000000C0A7/",
        "http://localhost:8080/c0a70500-0000-4000-8000-00000000c0a7//",
        "urn:federation:MicrosoftOnline",
    ] {
        refused_after(50008, |text| replaced(text, AUDIENCE, other, 1));
    }
    // The old name counts where it is still configured.
    let realm = realm(&[key()]);
    let audiences = [AUDIENCE.to_owned(), "urn:federation:MicrosoftOnline".to_owned()];
    let expected = Expected { audiences: &audiences, ..expected(&realm) };
    let xml = signed_after(|text| replaced(text, AUDIENCE, &audiences[1], 1));
    assert!(response::verify(&xml, &expected).is_ok());
}

#[test]
fn saml_29_two_restrictions_one_foreign() {
    let foreign =
        format!("{}<saml:Audience>urn:other</saml:Audience>{}", RESTRICTION.0, RESTRICTION.1);
    refused_after(50008, |text| {
        replaced(text, RESTRICTION.1, &format!("{}{foreign}", RESTRICTION.1), 1)
    });
    refused_after(50008, |text| {
        replaced(text, RESTRICTION.0, &format!("{foreign}{}", RESTRICTION.0), 1)
    });
    // Two audiences of one restriction are alternatives.
    let two = |text: &str| {
        replaced(
            text,
            "<saml:Audience>",
            "<saml:Audience>urn:other</saml:Audience><saml:Audience>",
            1,
        )
    };
    assert!(judge(&signed_after(two)).is_ok());
}

#[test]
fn a_condition_that_is_not_known_is_not_met() {
    for condition in ["<saml:OneTimeUse/>", "<saml:ProxyRestriction Count=\"0\"/>"] {
        let edit = |text: &str| {
            replaced(text, "</saml:Conditions>", &format!("{condition}</saml:Conditions>"), 1)
        };
        assert!(judge(&signed_after(edit)).is_ok(), "{condition}");
    }
    for condition in
        ["<saml:Condition/>", "<saml:Anything/>", "<x:OneTimeUse xmlns:x=\"urn:x\"/>", "text"]
    {
        refused_after(50008, |text| {
            replaced(text, "</saml:Conditions>", &format!("{condition}</saml:Conditions>"), 1)
        });
    }
}

/// Recipient and destination, one after the other.
#[test]
fn saml_32_another_address() {
    for other in [
        "https://sp.example/login.srf",
        "https://localhost:8080/login.srf",
        "http://127.0.0.1:8080/login.srf",
    ] {
        refused_after(50008, |text| {
            replaced(
                text,
                &format!("Recipient=\"{ADDRESS}\""),
                &format!("Recipient=\"{other}\""),
                1,
            )
        });
        let edited = replaced(
            &unsigned(),
            &format!("Destination=\"{ADDRESS}\""),
            &format!("Destination=\"{other}\""),
            1,
        );
        refused(&sign(&edited, "_assertion", key()), 50008);
        refused(&sign(&edited, RESPONSE_ID, key()), 50008);
    }
    refused_after(50008, |text| replaced(text, &format!(" Recipient=\"{ADDRESS}\""), "", 1));
    // A signed response says where it goes; in an unsigned one the assertion does.
    let silent = replaced(&unsigned(), &format!(" Destination=\"{ADDRESS}\""), "", 1);
    refused(&sign(&silent, RESPONSE_ID, key()), 50008);
    assert!(judge(&sign(&silent, "_assertion", key())).is_ok());
}

#[test]
fn saml_33_an_address_that_only_begins_like_ours() {
    for other in [
        format!("{ADDRESS}/"),
        format!("{ADDRESS}?x"),
        format!("{ADDRESS}.evil.example"),
        ADDRESS[..20].to_owned(),
        format!(" {ADDRESS}"),
        ADDRESS.to_uppercase(),
    ] {
        for name in ["Recipient", "Destination"] {
            refused_after(50008, |text| {
                replaced(text, &format!("{name}=\"{ADDRESS}\""), &format!("{name}=\"{other}\""), 1)
            });
        }
    }
}

/// What is said about a response `minutes` after it was made.
fn judged_after(xml: &str, minutes: i64, seconds: i64) -> Result<(), Refusal> {
    let realm = realm(&[key()]);
    let later = SignedDuration::from_secs(minutes * 60 + seconds);
    let expected = Expected { now: now().checked_add(later).unwrap(), ..expected(&realm) };
    response::verify(xml, &expected).map(|_| ())
}

#[test]
fn time_is_judged_with_five_minutes_to_spare() {
    let xml = signed_after(str::to_owned);
    assert!(judged_after(&xml, -5, 0).is_ok());
    assert!(judged_after(&xml, -5, -1).is_err());
    // The confirmation holds for five minutes, the conditions for sixty.
    assert!(judged_after(&xml, 9, 59).is_ok());
    assert!(judged_after(&xml, 10, 0).is_err());
    assert_eq!(judged_after(&xml, 10, 0).unwrap_err().fault().number(), Some(50008));

    let at = |minutes: i64| {
        let instant = now().checked_add(SignedDuration::from_mins(minutes)).unwrap();
        guestpass::federation::instant::write(instant)
    };
    let until = |minutes: i64| format!("NotOnOrAfter=\"{}\"", at(minutes));
    let short = signed_after(|text| replaced(text, &until(60), &until(1), 1));
    assert!(judged_after(&short, 5, 59).is_ok());
    assert!(judged_after(&short, 6, 0).is_err());
    let start = |minutes: i64| format!("NotBefore=\"{}\"", at(minutes));
    let late = signed_after(|text| replaced(text, &start(0), &start(20), 1));
    assert!(judged_after(&late, 14, 59).is_err());
    let never = signed_after(|text| replaced(text, &start(0), &start(60), 1));
    assert!(judged_after(&never, 4, 0).is_err());
    let session = |minutes: i64| {
        let ends = format!("SessionIndex=\"_session\" SessionNotOnOrAfter=\"{}\"", at(minutes));
        signed_after(move |text| replaced(text, "SessionIndex=\"_session\"", &ends, 1))
    };
    assert!(judged_after(&session(-6), 0, 0).is_err());
    assert!(judged_after(&session(60), 0, 0).is_ok());
    let issued = |minutes: i64| format!("IssueInstant=\"{}\"", at(minutes));
    let future = signed_after(|text| replaced(text, &issued(0), &issued(6), 2));
    assert!(judged_after(&future, 0, 0).is_err());
}

#[test]
fn remembers_an_assertion_as_long_as_it_could_be_used_again() {
    let token = meaning();
    let until: Timestamp = "2026-06-01T12:10:00Z".parse().unwrap();
    assert_eq!(token.replay_until(), until);
}

#[test]
fn saml_36_a_confirmation_without_an_end() {
    let end = " NotOnOrAfter=\"2026-06-01T12:05:00.000Z\"";
    refused_after(50008, |text| replaced(text, end, "", 1));
    refused_after(50008, |text| cut(text, "<saml:SubjectConfirmationData ", "/>").1);
    refused_after(50008, |text| {
        cut(text, "<saml:SubjectConfirmation ", "</saml:SubjectConfirmation>").1
    });
    for method in [
        "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key",
        "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches",
        "",
    ] {
        refused_after(50008, |text| {
            replaced(text, "urn:oasis:names:tc:SAML:2.0:cm:bearer", method, 1)
        });
    }
    refused_after(50008, |text| {
        let (one, _) = cut(text, "<saml:SubjectConfirmation ", "</saml:SubjectConfirmation>");
        replaced(text, &one, &format!("{one}{one}"), 1)
    });
}

/// Profiles §4.1.4.2: a bearer's confirmation must not have one, even a harmless one.
#[test]
fn a_confirmation_with_a_beginning() {
    refused_after(50008, |text| {
        replaced(text, " Recipient=", " NotBefore=\"2026-06-01T11:00:00Z\" Recipient=", 1)
    });
}

/// Every provider that we know says how long an assertion holds.
#[test]
fn conditions_without_an_end() {
    refused_after(50008, |text| {
        replaced(text, " NotOnOrAfter=\"2026-06-01T13:00:00.000Z\"", "", 1)
    });
}

#[test]
fn saml_40_a_time_with_a_million_digits() {
    let long = format!("2026-06-01T12:00:00.{}Z", "1".repeat(200_000));
    refused_after(50008, |text| {
        replaced(
            text,
            "IssueInstant=\"2026-06-01T12:00:00.000Z\"",
            &format!("IssueInstant=\"{long}\""),
            2,
        )
        .replacen(&long, "2026-06-01T12:00:00Z", 1)
    });
    let longer =
        unsigned().replace("12:00:00.000Z", &format!("12:00:00.{}Z", "1".repeat(1_000_000)));
    refused(&longer, 7500525);
}

#[test]
fn saml_41_a_time_that_would_have_to_be_guessed() {
    for time in [
        "2026-06-01T12:05:00",
        "2026-06-01T14:05:00+02:00",
        "2026-06-01T12:05:00+00:00",
        "2026-06-01",
        "now",
        "",
    ] {
        refused_after(50008, |text| {
            replaced(
                text,
                "NotOnOrAfter=\"2026-06-01T12:05:00.000Z\"",
                &format!("NotOnOrAfter=\"{time}\""),
                1,
            )
        });
        refused_after(50008, |text| {
            replaced(
                text,
                "NotBefore=\"2026-06-01T12:00:00.000Z\"",
                &format!("NotBefore=\"{time}\""),
                1,
            )
        });
        refused_after(50008, |text| {
            replaced(
                text,
                "AuthnInstant=\"2026-06-01T12:00:00.000Z\"",
                &format!("AuthnInstant=\"{time}\""),
                1,
            )
        });
    }
}

#[test]
fn saml_42_the_answer_to_another_request() {
    let own = format!("InResponseTo=\"{REQUEST}\"");
    for other in ["InResponseTo=\"_other\"", "InResponseTo=\"\"", "InResponseTo=\"_REQUEST\""] {
        refused_after(50008, |text| replaced(text, &own, other, 2));
        // In one place only.
        refused_after(50008, |text| text.replacen(&own, other, 1));
        refused_after(50008, |text| {
            let at = text.rfind(&own).unwrap();
            format!("{}{}", &text[..at], text[at..].replacen(&own, other, 1))
        });
    }
}

#[test]
fn saml_45_a_sign_in_that_nobody_asked_for() {
    let own = format!(" InResponseTo=\"{REQUEST}\"");
    refused_after(50107, |text| replaced(text, &own, "", 2));
    // Missing in the confirmation only.
    refused_after(50008, |text| {
        let at = text.rfind(&own).unwrap();
        format!("{}{}", &text[..at], text[at..].replacen(&own, "", 1))
    });
}

#[test]
fn saml_50_the_answer_of_another_provider() {
    let other = "https://idp.adatum.example/saml";
    let edited = replaced(&unsigned(), ISSUER, other, 2);
    refused(&sign(&edited, "_assertion", strangers_key()), 50107);
    refused(&sign(&edited, "_assertion", key()), 50107);
    // One of the two issuers only.
    refused_after(50107, |text| text.replacen(ISSUER, other, 1));
    refused_after(50107, |text| {
        let at = text.rfind(ISSUER).unwrap();
        format!("{}{}", &text[..at], text[at..].replacen(ISSUER, other, 1))
    });
    let (issuer, _) = cut(&unsigned(), "<saml:Issuer>", "</saml:Issuer>");
    assert!(judge(&sign(&unsigned().replacen(&issuer, "", 1), "_assertion", key())).is_ok());
}

#[test]
fn saml_51_our_provider_named_by_another() {
    refused(&sign(&unsigned(), "_assertion", strangers_key()), 5000811);
}
