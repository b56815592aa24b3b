//! Rows about XML itself: `xml-*`. Each within 50 milliseconds and without memory to speak of.

use std::time::{Duration, Instant};

use guestpass::federation::Refusal;
use guestpass::federation::saml::answer::Signed;
use guestpass::federation::saml::response;

use crate::help::{NAME, judge, meaning, refused, replaced, seed, signed_after, unsigned};

/// Refused as unreadable, and quickly. The bound is for a debug build on a busy machine; what is
/// measured takes a few milliseconds.
#[track_caller]
fn unreadable(xml: &str) {
    let begun = Instant::now();
    let judged = judge(xml);
    let taken = begun.elapsed();
    assert!(taken < Duration::from_secs(2), "{taken:?} for {xml:.100}");
    match judged {
        Err(Refusal::Unreadable(..)) => {}
        other => panic!("{other:?} for {xml}"),
    }
    assert_eq!(judge(xml).unwrap_err().fault().number(), Some(7500525));
}

fn joined(numbers: std::ops::Range<i32>, each: impl Fn(i32) -> String) -> String {
    numbers.map(each).collect::<Vec<_>>().concat()
}

/// A genuine response with something before its root element.
fn behind(prolog: &str) -> String {
    format!("{prolog}{}", seed(Signed::Assertion))
}

#[test]
fn xml_01_an_entity_from_a_file() {
    unreadable("<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r>&x;</r>");
    unreadable(&behind("<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"));
    unreadable(&replaced(
        &behind("<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"),
        NAME,
        "&x;",
        1,
    ));
}

#[test]
fn xml_03_a_parameter_entity_from_the_network() {
    unreadable("<!DOCTYPE r [<!ENTITY % p SYSTEM \"http://127.0.0.1:9/d.dtd\"> %p;]><r/>");
    unreadable(&behind("<!DOCTYPE r PUBLIC \"-//x\" \"http://127.0.0.1:9/d.dtd\">"));
    unreadable(&behind("<!DOCTYPE r>"));
}

#[test]
fn xml_05_entities_that_multiply() {
    let quadratic = format!(
        "<!DOCTYPE q [<!ENTITY a \"{}\">]><q>{}</q>",
        "a".repeat(50_000),
        "&a;".repeat(50_000)
    );
    unreadable(&quadratic);
    let laugh = |n: i32| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10));
    let laughs = joined(1..10, laugh);
    unreadable(&format!("<!DOCTYPE l [<!ENTITY l0 \"lol\">{laughs}]><l>&l9;</l>"));
}

#[test]
fn xml_07_a_document_type_that_hides() {
    let xml =
        "<!DOCTYPE response SYSTEM 'x\"><!--'><response><![CDATA[--><x/><!--]]>--></response>";
    unreadable(xml);
    unreadable(&behind("<!doctype r>"));
    unreadable(&behind("<?xml version='1.0'?><!--x--><!DOCTYPE r>"));
    unreadable(&replaced(
        &seed(Signed::Assertion),
        "<samlp:Status>",
        "<!DOCTYPE r><samlp:Status>",
        1,
    ));
    unreadable(&replaced(
        &seed(Signed::Assertion),
        "<samlp:Status>",
        "<!ENTITY x 'y'><samlp:Status>",
        1,
    ));
}

#[test]
fn xml_08_a_control_character_in_a_namespace() {
    for name in [
        "http://example.com\u{80}",
        "http://example.com\u{85}",
        "http://example.com&#x9f;",
        "http://example.com\u{7f}",
    ] {
        let declared = format!("<saml:Subject xmlns:example=\"{name}\">");
        unreadable(&replaced(&seed(Signed::Assertion), "<saml:Subject>", &declared, 1));
    }
}

#[test]
fn xml_09_ten_thousand_levels() {
    for depth in [33, 10_000, 100_000] {
        let deep = format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        unreadable(&deep);
        let within = replaced(
            &seed(Signed::Assertion),
            "<saml:Subject>",
            &format!("{deep}<saml:Subject>"),
            1,
        );
        unreadable(&within);
        unreadable(&"<a>".repeat(depth));
    }
}

#[test]
fn xml_11_a_million_elements() {
    unreadable(&format!("<r>{}</r>", "<a/>".repeat(1_000_000)));
    unreadable(&format!("<r>{}</r>", "<a/>".repeat(5_000)));
}

#[test]
fn many_attributes_and_namespaces() {
    let attributes = joined(0..20_000, |n| format!(" a{n}=''"));
    unreadable(&format!("<r{attributes}/>"));
    let namespaces = joined(0..10_000, |n| format!(" xmlns:a{n}='u'"));
    unreadable(&format!("<r{namespaces}/>"));
    let level = |n| format!("<a{}>", joined(0..60, |m| format!(" xmlns:p{n}_{m}='u'")));
    let nested = joined(0..31, level);
    unreadable(&format!("{nested}{}", "</a>".repeat(31)));
    // A long name that the canonical form would repeat at each element.
    let long = "u".repeat(100_000);
    let children = "<x:a/>".repeat(4_000);
    unreadable(&format!("<r xmlns:x='{long}'>{children}</r>"));
    unreadable("<a b='1' b='2'/>");
    unreadable("<a xmlns:x='u' xmlns:y='u' x:b='1' y:b='2'/>");
}

#[test]
fn xml_13_a_prefix_that_nobody_declared() {
    unreadable("<saml:Assertion/>");
    unreadable(&replaced(&seed(Signed::Assertion), "<saml:Subject>", "<saml:Subject x:y='z'>", 1));
    unreadable(&unsigned().replace("xmlns:saml=", "xmlns:other="));
}

#[test]
fn xml_14_a_prefix_that_changes_its_meaning() {
    let declared = "<saml:Subject xmlns:saml=\"urn:evil\">";
    unreadable(&replaced(&seed(Signed::Assertion), "<saml:Subject>", declared, 1));
    unreadable(&signed_after(str::to_owned).replacen(
        "<samlp:Status>",
        "<samlp:Status xmlns:samlp=\"urn:evil\">",
        1,
    ));
    unreadable("<a xmlns:xml='urn:evil'/>");
    unreadable("<a xmlns:xmlns='urn:evil'/>");
}

#[test]
fn xml_16_another_encoding_of_the_octets() {
    use base64::Engine as _;
    let decode =
        |bytes: &[u8]| response::decode(&base64::engine::general_purpose::STANDARD.encode(bytes));
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(seed(Signed::Assertion).encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_eq!(decode(&utf16).unwrap_err().fault().number(), Some(7500525));
    let big: Vec<u8> = [0xfe, 0xff]
        .into_iter()
        .chain(seed(Signed::Assertion).encode_utf16().flat_map(u16::to_be_bytes))
        .collect();
    assert!(decode(&big).is_err());
    assert!(decode(b"<a>\xff</a>").is_err());
    assert!(decode(b"<a>\xc0\xaf</a>").is_err());
    assert!(decode(b"<a>\xed\xa0\x80</a>").is_err());
    let plain = decode(seed(Signed::Assertion).as_bytes()).unwrap();
    assert_eq!(judge(&plain).unwrap(), meaning());
}

#[test]
fn xml_17_another_encoding_declared() {
    for encoding in ["UTF-7", "UTF-16", "ISO-8859-1", "utf8", "", "cp037"] {
        unreadable(&behind(&format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>")));
    }
    for declaration in [
        "<?xml version=\"1.1\"?>",
        "<?xml?>",
        "<?xml encoding=\"UTF-8\"?>",
        "<?xml version=\"1.0\"",
        "<?xml version=\"1.0\" evil=\"1\"?>",
        "<?xml version=\"1.0?><!--\"?>",
        " <?xml version=\"1.0\"?>",
        "<?xml version=\"1.0\"?><?xml version=\"1.0\"?>",
    ] {
        unreadable(&behind(declaration));
    }
    for declaration in
        ["<?xml version='1.0'?>", "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"no\" ?>\n"]
    {
        assert_eq!(judge(&behind(declaration)).unwrap(), meaning());
    }
}

#[test]
fn xml_19_characters_that_xml_does_not_have() {
    for character in [
        "\u{0}",
        "\u{1}",
        "\u{b}",
        "\u{1f}",
        "\u{fffe}",
        "\u{ffff}",
        "&#0;",
        "&#x1;",
        "&#xFFFF;",
        "&#xD800;",
        "&#x110000;",
        "&#-1;",
        "&#;",
        "&#x;",
        "\u{80}",
        "&#x85;",
    ] {
        unreadable(&replaced(&seed(Signed::Assertion), NAME, &format!("{NAME}{character}"), 1));
        unreadable(&replaced(
            &seed(Signed::Assertion),
            "_session",
            &format!("_session{character}"),
            1,
        ));
    }
}

#[test]
fn xml_23_an_entity_in_an_attribute() {
    unreadable("<a b=\"&x;\"/>");
    unreadable(&replaced(&seed(Signed::Assertion), "_session", "&session;", 1));
    unreadable(&replaced(&seed(Signed::Assertion), NAME, "&nbsp;", 1));
    unreadable(&replaced(&seed(Signed::Assertion), NAME, "a & b", 1));
    unreadable(&replaced(&seed(Signed::Assertion), "_session", "a<b", 1));
}

#[test]
fn xml_24_line_breaks_in_a_name() {
    for name in
        ["er\rin", "er\r\nin", "er&#13;in", "er&#10;in", "erin&#13;", "&#xD;erin", "erin\r\n"]
    {
        refused(
            &signed_after(|text| replaced(text, &format!(">{NAME}<"), &format!(">{name}<"), 1)),
            50008,
        );
    }
}

#[test]
fn xml_25_four_megabytes_of_text() {
    unreadable(&format!("<a>{}</a>", "x".repeat(4_000_000)));
    unreadable(&format!("<a>{}", "x".repeat(4_000_000)));
    unreadable(&replaced(&seed(Signed::Assertion), NAME, &"x".repeat(300_000), 1));
}

#[test]
fn what_is_no_xml_at_all() {
    for text in [
        "",
        " ",
        "<",
        "<a",
        "<a>",
        "</a>",
        "a",
        "<a></b>",
        "<a b/>",
        "<a b=c/>",
        "<!-- -- --><a/>",
        "<a><![CDATA[</a>",
        "<a/>]]>",
        "<a>]]></a>",
        "&amp;",
        "{\"a\":1}",
        "<1/>",
        "<a:b:c xmlns:a='u'/>",
        "< a/>",
        "<a / >",
        "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='file:///etc/passwd' parse='text'",
    ] {
        unreadable(text);
    }
}

/// Inclusions and hints of schemas are elements and attributes like any other: nothing is fetched,
/// and they have no place in a response.
#[test]
fn inclusions_and_schema_hints_do_nothing() {
    let include = "<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"file:///etc/passwd\" parse=\"text\"/>";
    refused(
        &signed_after(|text| replaced(text, &format!(">{NAME}<"), &format!(">{include}<"), 1)),
        50008,
    );
    let hint = "<saml:Subject xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"urn:x http://127.0.0.1:9/x.xsd\">";
    let xml = signed_after(|text| replaced(text, "<saml:Subject>", hint, 1));
    assert_eq!(judge(&xml).unwrap(), meaning());
}
