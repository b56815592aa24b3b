//! A document, once it may be read.

use std::collections::BTreeSet;
use std::ptr;

use roxmltree::{Node, ParsingOptions};

use super::{Element, XmlFault, skim};

/// Most namespaces in scope at one element.
const MOST_IN_SCOPE: usize = 64;
/// Longest name of a namespace.
const LONGEST_NAMESPACE: usize = 1024;

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A protocol message. Nobody writes comments into one.
    Message,
    /// Metadata, which people edit.
    Metadata,
}

/// How large a document may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Octets.
    pub bytes: usize,
    /// Elements.
    pub elements: usize,
    /// Elements inside each other.
    pub depth: usize,
    /// Attributes of one element, namespace declarations included.
    pub attributes: usize,
    /// Namespace declarations.
    pub declarations: usize,
}

impl Kind {
    /// How large it may be: many times what real ones are.
    pub fn limits(self) -> Limits {
        let (bytes, elements) = match self {
            Self::Message => (256 * 1024, 4_096),
            Self::Metadata => (1024 * 1024, 16_384),
        };
        Limits { bytes, elements, depth: 32, attributes: 64, declarations: 2_048 }
    }
}

/// A document that may be read.
#[derive(Debug)]
pub struct Document<'t>(roxmltree::Document<'t>);

impl<'t> Document<'t> {
    /// Reads a document. The tree borrows from the text.
    ///
    /// # Errors
    /// If it is not well-formed, over a limit, or has what its kind has no use for.
    pub fn parse(text: &'t str, kind: Kind) -> Result<Self, XmlFault> {
        skim::check(text, &kind.limits())?;
        // A document type is refused by the parser too.
        let options = ParsingOptions { nodes_limit: 100_000, ..ParsingOptions::default() };
        let document = roxmltree::Document::parse_with_options(text, options)
            .map_err(|fault| XmlFault(format!("it is not well-formed: {fault}")))?;
        check(&document, kind)?;
        Ok(Self(document))
    }

    /// Its root element.
    pub fn root(&self) -> Element<'_> {
        Element(self.0.root_element())
    }
}

fn check(document: &roxmltree::Document<'_>, kind: Kind) -> Result<(), XmlFault> {
    let mut identifiers = BTreeSet::new();
    for node in document.descendants() {
        if kind == Kind::Message && (node.is_comment() || node.is_pi()) {
            return Err(XmlFault::new("a message has no comments or processing instructions"));
        }
        if node.is_text() {
            check_characters(node.text().unwrap_or_default())?;
        }
        if !node.is_element() {
            continue;
        }
        check_namespaces(node)?;
        for attribute in node.attributes() {
            check_characters(attribute.value())?;
        }
        let names = identifying(node);
        if let Some(twice) = names.into_iter().find(|name| !identifiers.insert(*name)) {
            return Err(XmlFault(format!("the identifier '{}' stands twice", shortened(twice))));
        }
    }
    Ok(())
}

/// The attributes that some reader would take for the element's identifier.
fn identifying<'d>(node: Node<'d, '_>) -> Vec<&'d str> {
    const XML: &str = "http://www.w3.org/XML/1998/namespace";
    const UTILITY: &str =
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
    let own = node.attributes().filter(|attribute| {
        let name = attribute.name();
        let known = name.eq_ignore_ascii_case("id")
            || ["AssertionID", "ResponseID", "RequestID"].contains(&name);
        known && matches!(attribute.namespace(), None | Some(XML | UTILITY))
    });
    own.map(|attribute| attribute.value()).collect()
}

/// One prefix is one namespace, from an element to its last descendant.
fn check_namespaces(node: Node<'_, '_>) -> Result<(), XmlFault> {
    if node.namespaces().len() > MOST_IN_SCOPE {
        return Err(XmlFault(format!("more than {MOST_IN_SCOPE} namespaces in scope")));
    }
    let parent = node.parent_element();
    // What an element takes over from its parent has been looked at there: a small document may
    // have long names in scope at thousands of elements.
    let inherited = |namespace: &roxmltree::Namespace<'_>| {
        parent.is_some_and(|parent| parent.namespaces().any(|own| ptr::eq(own, namespace)))
    };
    for namespace in node.namespaces().filter(|namespace| !inherited(namespace)) {
        if namespace.uri().len() > LONGEST_NAMESPACE {
            return Err(XmlFault::new("a namespace's name is too long"));
        }
        check_characters(namespace.uri())?;
        let Some(prefix) = namespace.name() else { continue };
        if prefix == "xmlns" {
            return Err(XmlFault::new("the prefix xmlns is not to be bound"));
        }
        let above = parent.and_then(|parent| parent.lookup_namespace_uri(Some(prefix)));
        if above.is_some_and(|above| above != namespace.uri()) {
            return Err(XmlFault(format!("the prefix '{}' is bound twice", shortened(prefix))));
        }
    }
    Ok(())
}

/// Line breaks and tabs are the only control characters, C1 included, and noncharacters are none.
fn check_characters(text: &str) -> Result<(), XmlFault> {
    let strange = |c: char| {
        (c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
            || crate::protocol::params::is_noncharacter(c)
    };
    match text.chars().find(|c| strange(*c)) {
        Some(c) => Err(XmlFault(format!("the character U+{:04X} has no place here", u32::from(c)))),
        None => Ok(()),
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}
