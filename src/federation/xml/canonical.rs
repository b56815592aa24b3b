//! Exclusive XML Canonicalization 1.0, without comments (<https://www.w3.org/TR/xml-exc-c14n/>).
//!
//! Nothing is safe because of it: what was digested is parsed again and read, so a mistake here
//! makes a signature fail, never a meaning change. `xmlsec1` judges it in `tests/saml/`.

use std::collections::BTreeMap;

use roxmltree::{Attribute, Node};

use super::{Element, XmlFault};

/// Most octets of a canonical form: namespaces that stand once in a document may stand at each of
/// its elements there.
const MOST_BYTES: usize = 1024 * 1024;

/// The canonical form of an element, without one of its children (an enveloped signature). Prefixes
/// in `inclusive` are written wherever they are in scope; `#default` is the empty one.
pub fn canonical(
    element: Element<'_>,
    without: Option<Element<'_>>,
    inclusive: &[String],
) -> Result<String, XmlFault> {
    let mut writer = Writer { out: String::new(), without, inclusive };
    writer.element(element.0, &BTreeMap::new())?;
    Ok(writer.out)
}

/// What prefixes mean to whoever has read the output up to here.
type Rendered<'d> = BTreeMap<&'d str, &'d str>;

struct Writer<'a> {
    out: String,
    without: Option<Element<'a>>,
    inclusive: &'a [String],
}

impl Writer<'_> {
    fn element<'d>(&mut self, node: Node<'d, '_>, above: &Rendered<'d>) -> Result<(), XmlFault> {
        let source = node.document().input_text();
        let name = qualified(&source[node.range().start + 1..]);
        let mut attributes: Vec<_> = node.attributes().collect();
        attributes.sort_by_key(|attribute| (attribute.namespace().unwrap_or(""), attribute.name()));
        let named = |attribute: &Attribute<'_, '_>| qualified(&source[attribute.range().start..]);
        let prefixes = attributes.iter().filter_map(|attribute| prefix(named(attribute)));
        let used = std::iter::once(prefix(name).unwrap_or("")).chain(prefixes);
        let here = self.rendered(node, used.collect(), above);

        self.out.push('<');
        self.out.push_str(name);
        for (prefix, uri) in &here {
            if above.get(prefix) == Some(uri) {
                continue;
            }
            self.out.push_str(if prefix.is_empty() { " xmlns" } else { " xmlns:" });
            self.out.push_str(prefix);
            self.attribute_value(uri);
        }
        for attribute in &attributes {
            self.out.push(' ');
            self.out.push_str(named(attribute));
            self.attribute_value(attribute.value());
        }
        self.out.push('>');
        for child in node.children() {
            if child.is_element() && Some(child.id()) != self.without.map(|gone| gone.0.id()) {
                self.element(child, &here)?;
            } else if child.is_text() {
                self.text(child.text().unwrap_or_default());
            }
        }
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
        if self.out.len() > MOST_BYTES {
            return Err(XmlFault(format!("its canonical form has more than {MOST_BYTES} bytes")));
        }
        Ok(())
    }

    /// What prefixes mean after this element: as above, and what it uses itself.
    fn rendered<'d>(
        &self,
        node: Node<'d, '_>,
        used: Vec<&str>,
        above: &Rendered<'d>,
    ) -> Rendered<'d> {
        let mut here = above.clone();
        for namespace in node.namespaces() {
            let prefix = namespace.name().unwrap_or("");
            let named = if prefix.is_empty() { "#default" } else { prefix };
            if prefix != "xml"
                && (used.contains(&prefix) || self.inclusive.iter().any(|name| name == named))
            {
                here.insert(prefix, namespace_uri(node, prefix));
            }
        }
        // `xmlns=""` is written only where it takes something back.
        if used.contains(&"") && node.tag_name().namespace().is_none() && here.contains_key("") {
            here.insert("", "");
        }
        here
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '\r' => self.out.push_str("&#xD;"),
                other => self.out.push(other),
            }
        }
    }

    fn attribute_value(&mut self, value: &str) {
        self.out.push_str("=\"");
        for c in value.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '"' => self.out.push_str("&quot;"),
                '\t' => self.out.push_str("&#x9;"),
                '\n' => self.out.push_str("&#xA;"),
                '\r' => self.out.push_str("&#xD;"),
                other => self.out.push(other),
            }
        }
        self.out.push('"');
    }
}

fn namespace_uri<'d>(node: Node<'d, '_>, prefix: &str) -> &'d str {
    let prefix = Some(prefix).filter(|prefix| !prefix.is_empty());
    node.lookup_namespace_uri(prefix).unwrap_or("")
}

/// The name at the start of a piece of source.
fn qualified(source: &str) -> &str {
    let end = source.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '='));
    &source[..end.unwrap_or(source.len())]
}

fn prefix(name: &str) -> Option<&str> {
    name.split_once(':').map(|(prefix, _)| prefix).filter(|prefix| *prefix != "xml")
}
