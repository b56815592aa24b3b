//! Rows about what a signed assertion says: status, versions and people: `saml-53` to `saml-68`.

use crate::help::{
    ASSERTION_ID, AUDIENCE, EMAIL, ISSUER, NAME, RESPONSE_ID, VICTIM, cut, judge, key, realm,
    refused, refused_as, replaced, sign, signed_after, unsigned,
};

/// The provider says that, and signs it.
#[track_caller]
fn refused_after(number: u32, edit: impl Fn(&str) -> String) {
    refused(&signed_after(edit), number);
}

#[test]
fn saml_53_an_assertion_without_an_issuer() {
    let (issuer, _) = cut(&unsigned(), "<saml:Issuer>", "</saml:Issuer>");
    let at = unsigned().rfind(&issuer).unwrap();
    let without = format!("{}{}", &unsigned()[..at], &unsigned()[at + issuer.len()..]);
    refused(&sign(&without, RESPONSE_ID, key()), 50008);
    let empty = format!(
        "{}<saml:Issuer></saml:Issuer>{}",
        &unsigned()[..at],
        &unsigned()[at + issuer.len()..]
    );
    refused(&sign(&empty, RESPONSE_ID, key()), 50008);
}

#[test]
fn saml_54_a_status_that_says_no() {
    let success = "urn:oasis:names:tc:SAML:2.0:status:Success";
    for status in [
        "urn:oasis:names:tc:SAML:2.0:status:Responder",
        "urn:oasis:names:tc:SAML:2.0:status:Requester",
        "Success",
        "urn:oasis:names:tc:SAML:2.0:status:success",
    ] {
        let edited = replaced(&unsigned(), success, status, 1);
        refused(&sign(&edited, "_assertion", key()), 90123);
        refused(&sign(&edited, RESPONSE_ID, key()), 90123);
    }
    refused_after(50008, |text| replaced(text, &format!(" Value=\"{success}\""), "", 1));
    refused_after(50008, |text| cut(text, "<samlp:Status>", "</samlp:Status>").1);
}

/// The schema has one, and who reads the last one may read another word.
#[test]
fn a_status_has_one_code() {
    let (code, _) = cut(&unsigned(), "<samlp:StatusCode ", "/>");
    let no = code.replace("Success", "Responder");
    for codes in [format!("{code}{code}"), format!("{code}{no}"), format!("{no}{code}")] {
        refused_after(50008, |text| replaced(text, &code, &codes, 1));
    }
    let behind = format!("{code}<samlp:StatusMessage>x</samlp:StatusMessage>{no}");
    refused_after(50008, |text| replaced(text, &code, &behind, 1));
}

/// As auth0's samlp says no: with a message in an attribute, which the schema does not have.
#[test]
fn a_status_without_words_is_told_without_them() {
    let success = "urn:oasis:names:tc:SAML:2.0:status:Success";
    for message in
        ["<samlp:StatusMessage Value=\"no\"/>", "<samlp:StatusMessage> </samlp:StatusMessage>", ""]
    {
        let refusal = judge(&signed_after(|text| {
            let text = replaced(text, success, &success.replace("Success", "Responder"), 1);
            replaced(&text, "</samlp:Status>", &format!("{message}</samlp:Status>"), 1)
        }));
        let words = refusal.unwrap_err().to_string();
        assert!(words.ends_with("answered Responder"), "{words}");
    }
}

#[test]
fn a_provider_that_says_no_is_quoted() {
    use guestpass::federation::saml::answer;
    let xml = answer::refused(
        &crate::help::envelope(),
        ("Responder", "AuthnFailed"),
        "Password\u{7} expired <b>",
        key(),
    );
    let refusal = judge(&xml.unwrap()).unwrap_err();
    assert_eq!(refusal.fault().number(), Some(90123));
    let words = refusal.to_string();
    assert!(words.contains("Responder, AuthnFailed, Password"), "{words}");
    assert!(!words.chars().any(char::is_control), "{words}");
}

#[test]
fn saml_55_no_sign_in_in_it() {
    let statement = ("<saml:AuthnStatement ", "</saml:AuthnStatement>");
    refused_after(50008, |text| cut(text, statement.0, statement.1).1);
    refused_after(50008, |text| {
        let (one, _) = cut(text, statement.0, statement.1);
        replaced(text, &one, &format!("{one}{one}"), 1)
    });
    refused_after(50008, |text| {
        replaced(text, " AuthnInstant=\"2026-06-01T12:00:00.000Z\"", "", 1)
    });
}

#[test]
fn saml_56_another_version() {
    for version in
        ["Version=\"1.1\"", "Version=\"2\"", "Version=\"2.1\"", "Version=\"\"", "version=\"2.0\""]
    {
        refused_after(50008, |text| replaced(text, "Version=\"2.0\"", version, 2));
        refused_after(50008, |text| text.replacen("Version=\"2.0\"", version, 1));
    }
}

/// The provider signs a strange name.
#[track_caller]
fn named(name: &str) -> String {
    signed_after(|text| replaced(text, &format!(">{NAME}<"), &format!(">{name}<"), 1))
}

#[test]
fn a_name_that_is_split_is_read_whole_or_refused() {
    // A comment would be invisible to the signature: nobody may put one in.
    let honest = named("user@good.example.evil.example");
    let split = replaced(&honest, "user@good.example.evil", "user@good.example<!---->.evil", 1);
    refused(&split, 7500525);
    refused(
        &replaced(&honest, "user@good.example.evil", "user@good.example<?x y?>.evil", 1),
        7500525,
    );
    let section =
        replaced(&honest, "user@good.example.evil", "user@good<![CDATA[.example.]]>evil", 1);
    let token = judge(&section).unwrap();
    assert_eq!(token.subject().unwrap().name, "user@good.example.evil.example");
    let reference = replaced(&honest, "user@good.example.evil", "user&#64;good.example.evil", 1);
    assert_eq!(judge(&reference).unwrap(), token);
}

#[test]
fn saml_60_an_element_in_the_name() {
    refused(&named("user@good.example<x/>.evil.example"), 50008);
    refused(&named("user@good.example<saml:NameID>evil</saml:NameID>"), 50008);
}

/// Nothing is trimmed anywhere: white space at an end is refused.
#[test]
fn saml_61_white_space_around_the_name() {
    for name in
        [" erin", "erin ", "\nerin", "erin\r\n", "\terin", "er\nin", "erin\u{a0}", "\u{2003}erin"]
    {
        refused(&named(name), 50008);
    }
    for value in [format!(" {ISSUER}"), format!("{ISSUER}\n")] {
        refused_after(50008, |text| replaced(text, ISSUER, &value, 2));
    }
    refused_after(50008, |text| replaced(text, AUDIENCE, &format!("\n{AUDIENCE}\n"), 1));
}

#[test]
fn saml_62_an_empty_name() {
    refused(&named(""), 50008);
    refused_after(50008, |text| cut(text, "<saml:NameID ", "</saml:NameID>").1);
    refused_after(50008, |text| {
        let (one, _) = cut(text, "<saml:NameID ", "</saml:NameID>");
        replaced(text, &one, &format!("{one}{one}"), 1)
    });
    refused_after(50008, |text| cut(text, "<saml:Subject>", "</saml:Subject>").1);
}

/// Core §8.3.7: 256 characters. What may be invisible but is no control character is the
/// provider's own business.
#[test]
fn a_name_has_256_characters_and_no_control_character() {
    let subject = |name: &str| {
        let found = judge(&named(name)).unwrap().account(&realm(&[key()]));
        found.map(|account| account.subject).map_err(|refusal| refusal.fault().number())
    };
    for name in
        ["n".repeat(256), "ä".repeat(256), "er\u{202e}in".to_owned(), "er\u{200b}in".to_owned()]
    {
        assert_eq!(subject(&name), Ok(name.clone()));
    }
    for name in ["n".repeat(257), "n".repeat(200_000)] {
        assert_eq!(subject(&name), Err(Some(50008)), "{name:.300}");
    }
    refused(&named("er&#9;in"), 50008);
    // These no document may hold at all.
    for name in ["er\u{7f}in", "er\u{85}in", "er\u{9b}in", "er&#127;in"] {
        let xml = replaced(&unsigned(), &format!(">{NAME}<"), &format!(">{name}<"), 1);
        refused(&xml, 7500525);
    }
}

#[test]
fn an_identifier_that_is_remembered_is_short_and_has_no_space() {
    let with = |id: &str| {
        let text = unsigned().replace(&format!("\"{ASSERTION_ID}\""), &format!("\"{id}\""));
        judge(&sign(&text, id, key())).map(|_| ())
    };
    for id in ["a b".to_owned(), "a\u{a0}b".to_owned(), "a".repeat(257)] {
        assert_eq!(with(&id).unwrap_err().fault().number(), Some(50008), "{id}");
    }
    // Some providers begin it with a digit, although no NCName does.
    for id in ["a".repeat(256), "8d4f".to_owned()] {
        with(&id).unwrap();
    }
}

/// Two values are none, whatever the other one looks like.
#[test]
fn a_second_value_that_is_no_text_is_a_second_value() {
    let value = format!("<saml:AttributeValue>{EMAIL}</saml:AttributeValue>");
    let odd = format!("<saml:AttributeValue><x>{VICTIM}</x></saml:AttributeValue>");
    for values in [format!("{value}{odd}"), format!("{odd}{value}"), odd] {
        let xml = signed_after(|text| replaced(text, &value, &values, 1));
        assert_eq!(account(&xml), Err(Some(5000819)), "{values}");
    }
}

/// What the account of a signed response would be.
fn account(xml: &str) -> Result<String, Option<u32>> {
    let token = judge(xml).unwrap();
    let account = token.account(&realm(&[key()]));
    account.map(|account| account.email.to_string()).map_err(|refusal| refusal.fault().number())
}

#[test]
fn saml_66_another_spelling_of_the_claim() {
    let claim = guestpass::federation::EMAIL_CLAIM;
    for other in [
        claim.to_uppercase(),
        claim.replace("emailaddress", "EmailAddress"),
        "emailaddress".to_owned(),
        format!("{claim}/"),
        format!(" {claim}"),
    ] {
        let xml = signed_after(|text| replaced(text, claim, &other, 1));
        assert_eq!(account(&xml), Err(Some(5000819)), "{other}");
    }
}

/// `fed-04`, and what could pass for an address of the domain.
#[test]
fn fed_04_an_address_outside_the_domains() {
    let with = |email: &str| signed_after(|text| replaced(text, EMAIL, email, 1));
    assert_eq!(account(&with("Erin@LITWARE.example")), Ok("erin@litware.example".to_owned()));
    for email in [
        "ceo@contoso.example",
        "erin@sub.litware.example",
        "erin@litware.example.evil.example",
        "erin@evil.example@litware.example",
        "litware.example",
        "@litware.example",
        "",
        " erin@litware.example",
        "erin@litware.example\n",
        "&lt;erin@litware.example&gt;",
        "erin@litware.example,ceo@litware.example",
        "erin@litwa\u{200b}re.example",
    ] {
        assert_eq!(account(&with(email)), Err(Some(5000819)), "{email}");
    }
    let two = |text: &str| {
        replaced(
            text,
            EMAIL,
            &format!("{EMAIL}</saml:AttributeValue><saml:AttributeValue>{VICTIM}"),
            1,
        )
    };
    assert_eq!(account(&signed_after(two)), Err(Some(5000819)));
    let twice = |text: &str| {
        let (one, _) = cut(text, "<saml:Attribute ", "</saml:Attribute>");
        replaced(text, &one, &format!("{one}{}", one.replace(EMAIL, VICTIM)), 1)
    };
    assert_eq!(account(&signed_after(twice)), Err(Some(5000819)));
    let nested = |text: &str| replaced(text, EMAIL, &format!("<x>{EMAIL}</x>"), 1);
    assert_eq!(account(&signed_after(nested)), Err(Some(5000819)));
    let none = |text: &str| cut(text, "<saml:AttributeStatement>", "</saml:AttributeStatement>").1;
    assert_eq!(account(&signed_after(none)), Err(Some(5000819)));
}

#[test]
fn saml_67_a_name_for_another_service_provider() {
    let qualified = |qualifier: &str| {
        let tag = format!("<saml:NameID {qualifier} ");
        signed_after(move |text| replaced(text, "<saml:NameID ", &tag, 1))
    };
    refused(&qualified("SPNameQualifier=\"https://sp.example/\""), 50008);
    refused(&qualified("NameQualifier=\"https://idp.example/\""), 50008);
    assert!(
        judge(&qualified(&format!("SPNameQualifier=\"{AUDIENCE}\" NameQualifier=\"{ISSUER}\"")))
            .is_ok()
    );
}

#[test]
fn saml_68_a_name_that_does_not_last() {
    let persistent = guestpass::federation::PERSISTENT;
    for format in [
        "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
        "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
        "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
        "",
    ] {
        let xml = signed_after(|text| replaced(text, persistent, format, 1));
        assert_eq!(account(&xml), Err(Some(50008)), "{format}");
    }
    let none = signed_after(|text| replaced(text, &format!(" Format=\"{persistent}\""), "", 1));
    assert_eq!(account(&none), Err(Some(50008)));
}

#[test]
fn statements_that_are_not_known_have_no_place() {
    for statement in
        ["<saml:Statement/>", "<saml:Advice/>", "<x:Anything xmlns:x=\"urn:x\"/>", "text"]
    {
        refused_after(50008, |text| {
            replaced(text, "</saml:Assertion>", &format!("{statement}</saml:Assertion>"), 1)
        });
        refused_after(50008, |text| {
            replaced(text, "<saml:Subject>", &format!("{statement}<saml:Subject>"), 1)
        });
    }
    refused_after(50008, |text| {
        replaced(
            text,
            "</saml:AttributeStatement>",
            "<saml:EncryptedAttribute/></saml:AttributeStatement>",
            1,
        )
    });
    let many = "<saml:AttributeValue>x</saml:AttributeValue>".repeat(1_001);
    refused_after(50008, |text| {
        replaced(
            text,
            "</saml:Attribute></saml:AttributeStatement>",
            &format!("{many}</saml:Attribute></saml:AttributeStatement>"),
            1,
        )
    });
}

#[test]
fn another_message_is_not_a_response() {
    for name in ["AuthnRequest", "LogoutResponse", "ArtifactResponse"] {
        refused(&unsigned().replace("samlp:Response", &format!("samlp:{name}")), 7500514);
    }
    refused(&unsigned().replace("urn:oasis:names:tc:SAML:2.0:protocol", "urn:x"), 7500514);
    refused(&refused_realm_text(), 50107);
    let judged = judge(&unsigned());
    refused_as(judged, 50008, "");
}

/// Nobody says who made it.
fn refused_realm_text() -> String {
    let text = cut(&unsigned(), "<saml:Issuer>", "</saml:Issuer>").1;
    cut(&text, "<saml:Assertion ", "</saml:Assertion>").1
}
