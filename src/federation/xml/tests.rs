use super::{Document, Element, Kind, Markup, canonical};

fn refusal(text: &str) -> String {
    match Document::parse(text, Kind::Message) {
        Ok(_) => format!("accepted: {text:.200}"),
        Err(fault) => fault.to_string(),
    }
}

fn canonical_of(text: &str, inclusive: &[&str]) -> String {
    let inclusive: Vec<_> = inclusive.iter().map(|prefix| (*prefix).to_owned()).collect();
    let document = Document::parse(text, Kind::Message).unwrap();
    canonical(document.root(), None, &inclusive).unwrap()
}

/// The canonical form of the element `b` in a document.
fn canonical_part(text: &str, inclusive: &[&str]) -> String {
    let inclusive: Vec<_> = inclusive.iter().map(|prefix| (*prefix).to_owned()).collect();
    let document = Document::parse(text, Kind::Message).unwrap();
    let part = document.root().all().find(|element| element.name() == "b").unwrap();
    canonical(part, None, &inclusive).unwrap()
}

#[test]
fn canonicalizes_as_the_specification_says() {
    for (text, wanted) in [
        ("<a/>", "<a></a>"),
        ("<?xml version='1.0' encoding='UTF-8'?>\r\n<a  b = 'c' ></a >", "<a b=\"c\"></a>"),
        (
            "<a b='1' a='2' xmlns:x='urn:x' x:a='3'/>",
            "<a xmlns:x=\"urn:x\" a=\"2\" b=\"1\" x:a=\"3\"></a>",
        ),
        (
            "<a b='&#9;&#10;&#13;&lt;&quot;&amp;>'/>",
            "<a b=\"&#x9;&#xA;&#xD;&lt;&quot;&amp;>\"></a>",
        ),
        ("<a>\r\n&#13;&gt;<![CDATA[<&]]></a>", "<a>\n&#xD;&gt;&lt;&amp;</a>"),
        ("<a xmlns='urn:a'><b xmlns=''/></a>", "<a xmlns=\"urn:a\"><b xmlns=\"\"></b></a>"),
        (
            "<a xmlns:x='urn:x'><x:b/><x:c/></a>",
            "<a><x:b xmlns:x=\"urn:x\"></x:b><x:c xmlns:x=\"urn:x\"></x:c></a>",
        ),
        (
            "<x:a xmlns:x='urn:x'><x:b xmlns:x='urn:x'/></x:a>",
            "<x:a xmlns:x=\"urn:x\"><x:b></x:b></x:a>",
        ),
        ("<a xml:lang='en'><b/></a>", "<a xml:lang=\"en\"><b></b></a>"),
    ] {
        assert_eq!(canonical_of(text, &[]), wanted);
    }
}

#[test]
fn takes_from_outside_only_the_namespaces_that_are_used_or_listed() {
    let text =
        "<a xmlns='urn:d' xmlns:x='urn:x' xmlns:y='urn:y' xml:lang='en'><x:b z='1'><c/></x:b></a>";
    assert_eq!(
        canonical_part(text, &[]),
        "<x:b xmlns:x=\"urn:x\" z=\"1\"><c xmlns=\"urn:d\"></c></x:b>"
    );
    assert_eq!(
        canonical_part(text, &["y"]),
        "<x:b xmlns:x=\"urn:x\" xmlns:y=\"urn:y\" z=\"1\"><c xmlns=\"urn:d\"></c></x:b>"
    );
    assert_eq!(
        canonical_part(text, &["#default"]),
        "<x:b xmlns=\"urn:d\" xmlns:x=\"urn:x\" z=\"1\"><c></c></x:b>"
    );
}

#[test]
fn leaves_out_the_one_child_it_is_told_to() {
    let document = Document::parse("<a> <b/> <b/> </a>", Kind::Message).unwrap();
    let first = document.root().elements().next();
    assert_eq!(canonical(document.root(), first, &[]).unwrap(), "<a>  <b></b> </a>");
}

#[test]
fn writes_what_it_reads_back() {
    let nasty = "a<b>&\"'\r\n\t\u{1}]]>\u{fffe} ü 👋";
    let markup = Markup::new("a").attribute("b", nasty).child(Markup::with_text("c", nasty));
    let text = markup.to_string();
    let document = Document::parse(&text, Kind::Message).unwrap();
    let wanted = nasty.replace(['\u{1}', '\u{fffe}'], "\u{fffd}");
    assert_eq!(document.root().attribute("b"), Some(wanted.as_str()));
    let child = document.root().elements().next().unwrap();
    assert_eq!(child.text().unwrap(), wanted);
}

#[test]
fn compares_whole_names_and_never_local_ones() {
    let text = "<a xmlns:x='urn:x' x:ID='1' ID='2'><x:b/><b/></a>";
    let document = Document::parse(text, Kind::Message).unwrap();
    let root = document.root();
    assert_eq!(root.attribute("ID"), Some("2"));
    let found: Vec<_> = root.elements().map(|element| element.is("urn:x", "b")).collect();
    assert_eq!(found, [true, false]);
    assert!(root.sequence().unwrap().required("urn:x", "b").is_ok());
    assert!(root.sequence().unwrap().required("urn:y", "b").is_err());
}

#[test]
fn reads_a_text_whole_or_not_at_all() {
    let document = Document::parse("<a><b>one<c/>two</b><b>o<![CDATA[n]]>e</b></a>", Kind::Message);
    let document = document.unwrap();
    let texts: Vec<_> = document.root().elements().map(Element::text).collect();
    assert!(texts[0].is_err());
    assert_eq!(texts[1].as_deref(), Ok("one"));
    for wrong in ["", " one", "one\n", "o\tne", "one\u{a0}"] {
        let text = Markup::with_text("a", wrong).to_string();
        let document = Document::parse(&text, Kind::Message).unwrap();
        assert!(document.root().value().is_err(), "{wrong:?}");
    }
}

#[test]
fn refuses_comments_and_instructions_in_messages_only() {
    for text in
        ["<a><!-- b --></a>", "<!-- b --><a/>", "<a/><!-- b -->", "<a><?b c?></a>", "<?b c?><a/>"]
    {
        assert!(refusal(text).contains("no comments"), "{}", refusal(text));
        assert!(Document::parse(text, Kind::Metadata).is_ok());
    }
}

#[test]
fn refuses_a_prefix_that_changes_its_meaning_but_not_one_that_repeats_it() {
    assert!(refusal("<x:a xmlns:x='urn:1'><x:b xmlns:x='urn:2'/></x:a>").contains("bound twice"));
    assert!(
        Document::parse("<x:a xmlns:x='urn:1'><x:b xmlns:x='urn:1'/></x:a>", Kind::Message).is_ok()
    );
    assert!(
        Document::parse("<a><x:b xmlns:x='urn:1'/><x:b xmlns:x='urn:2'/></a>", Kind::Message)
            .is_ok()
    );
    assert!(Document::parse("<a xmlns='urn:1'><b xmlns='urn:2'/></a>", Kind::Message).is_ok());
}

#[test]
fn refuses_identifiers_that_stand_twice_whatever_they_are_called() {
    for text in [
        "<a ID='1'><b ID='1'/></a>",
        "<a ID='1'><b Id='1'/></a>",
        "<a ID='1'><b id='1'/></a>",
        "<a ID='1'><b AssertionID='1'/></a>",
        "<a ID='1'><b xml:id='1'/></a>",
        "<a ID='1' id='1'/>",
    ] {
        assert!(refusal(text).contains("stands twice"), "{}", refusal(text));
    }
    // `saml-17`: an attribute of another namespace is no identifier.
    assert!(Document::parse("<a ID='1' xmlns:x='urn:x'><b x:ID='1'/></a>", Kind::Message).is_ok());
}
