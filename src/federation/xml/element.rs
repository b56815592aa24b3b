//! An element, with the few questions that are asked of one.

use roxmltree::Node;

use super::XmlFault;

/// An element of a document that may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'d>(pub(super) Node<'d, 'd>);

impl<'d> Element<'d> {
    /// Whether it is `name` of `namespace`. Local names alone are never compared.
    pub fn is(self, namespace: &str, name: &str) -> bool {
        self.0.tag_name().namespace() == Some(namespace) && self.0.tag_name().name() == name
    }

    /// Its namespace.
    pub fn namespace(self) -> Option<&'d str> {
        self.0.tag_name().namespace()
    }

    /// Its local name, for people.
    pub fn name(self) -> &'d str {
        self.0.tag_name().name()
    }

    /// The value of an attribute without a namespace. (roxmltree's own look-up by a bare name takes
    /// an attribute of any namespace.)
    pub fn attribute(self, name: &str) -> Option<&'d str> {
        let own = |a: &roxmltree::Attribute<'d, 'd>| a.namespace().is_none() && a.name() == name;
        self.0.attributes().find(own).map(|attribute| attribute.value())
    }

    /// The value of an attribute of a namespace.
    pub fn attribute_of(self, namespace: &str, name: &str) -> Option<&'d str> {
        self.0.attribute((namespace, name))
    }

    /// The value of an attribute that must be there, and not be empty.
    pub fn required(self, name: &str) -> Result<&'d str, XmlFault> {
        let value = self.attribute(name).filter(|value| !value.is_empty());
        value.ok_or_else(|| XmlFault(format!("{} has no {name}", self.name())))
    }

    /// Whether it has any attribute.
    pub fn has_attributes(self) -> bool {
        self.0.attributes().len() > 0
    }

    /// The namespace that a prefix stands for here.
    pub fn namespace_of(self, prefix: &str) -> Option<&'d str> {
        self.0.lookup_namespace_uri(Some(prefix))
    }

    /// The element that it stands in.
    pub fn parent(self) -> Option<Self> {
        self.0.parent_element().map(Self)
    }

    /// Its child elements.
    pub fn elements(self) -> impl Iterator<Item = Self> {
        self.0.children().filter(|node| node.is_element()).map(Self)
    }

    /// Itself and everything in it.
    pub fn all(self) -> impl Iterator<Item = Self> {
        self.0.descendants().filter(|node| node.is_element()).map(Self)
    }

    /// Its children, one after the other. Text between them is refused.
    pub fn sequence(self) -> Result<Sequence<'d>, XmlFault> {
        let blank = |text: &str| text.chars().all(|c| matches!(c, ' ' | '\t' | '\r' | '\n'));
        let mut texts = self.0.children().filter(|node| node.is_text());
        if texts.any(|node| !blank(node.text().unwrap_or_default())) {
            return Err(XmlFault(format!("{} has text between its elements", self.name())));
        }
        Ok(Sequence { of: self, rest: self.elements().collect::<Vec<_>>(), at: 0 })
    }

    /// The only child of that name, if there is one; a second one is refused.
    pub fn child(self, namespace: &str, name: &str) -> Result<Option<Self>, XmlFault> {
        let mut found = self.elements().filter(|child| child.is(namespace, name));
        match (found.next(), found.next()) {
            (_, Some(_)) => Err(XmlFault(format!("{} has two {name}", self.name()))),
            (first, None) => Ok(first),
        }
    }

    /// Its whole text. Elements and comments inside it are refused, so that nobody reads a part.
    pub fn text(self) -> Result<String, XmlFault> {
        let mut text = String::new();
        for child in self.0.children() {
            if !child.is_text() {
                return Err(XmlFault(format!("{} has more than text in it", self.name())));
            }
            text.push_str(child.text().unwrap_or_default());
        }
        Ok(text)
    }

    /// Its text, as a value that is compared: not empty, no white space at an end, no line break.
    pub fn value(self) -> Result<String, XmlFault> {
        let text = self.text()?;
        if text.is_empty() {
            return Err(XmlFault(format!("{} is empty", self.name())));
        }
        if text.trim() != text || text.chars().any(char::is_control) {
            let why = "white space at an end, or a line break";
            return Err(XmlFault(format!("the value of {} has {why}", self.name())));
        }
        Ok(text)
    }

    /// Its text without white space: base64 is folded as its writer likes.
    pub fn packed(self) -> Result<String, XmlFault> {
        Ok(self.text()?.split_ascii_whitespace().collect())
    }
}

/// The child elements of an element, read in the order in which its schema has them.
#[derive(Debug)]
pub struct Sequence<'d> {
    of: Element<'d>,
    rest: Vec<Element<'d>>,
    at: usize,
}

impl<'d> Sequence<'d> {
    /// The next child.
    pub fn peek(&self) -> Option<Element<'d>> {
        self.rest.get(self.at).copied()
    }

    /// The next child, if it is that.
    pub fn optional(&mut self, namespace: &str, name: &str) -> Option<Element<'d>> {
        let next = self.peek().filter(|next| next.is(namespace, name))?;
        self.at += 1;
        Some(next)
    }

    /// The next child, which must be that.
    pub fn required(&mut self, namespace: &str, name: &str) -> Result<Element<'d>, XmlFault> {
        let here = self.peek().map_or("nothing", Element::name);
        let fault = XmlFault(format!("{} has {here} where {name} belongs", self.of.name()));
        self.optional(namespace, name).ok_or(fault)
    }

    /// All next children that are that.
    pub fn several(&mut self, namespace: &str, name: &str) -> Vec<Element<'d>> {
        std::iter::from_fn(|| self.optional(namespace, name)).collect()
    }

    /// Nothing may be left.
    pub fn end(self) -> Result<(), XmlFault> {
        match self.peek() {
            Some(next) => {
                let (child, of) = (next.name(), self.of.name());
                Err(XmlFault(format!("{child} has no place there in {of}")))
            }
            None => Ok(()),
        }
    }
}
