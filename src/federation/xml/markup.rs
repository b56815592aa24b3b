//! Elements that we write.

use std::fmt;

/// An element to be written. Values are escaped when it is, and at no other time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Markup {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    content: Vec<Content>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    Element(Markup),
    Text(String),
}

impl Markup {
    /// An empty element.
    pub fn new(name: &'static str) -> Self {
        Self { name, attributes: Vec::new(), content: Vec::new() }
    }

    /// An element with a text in it.
    pub fn with_text(name: &'static str, text: impl Into<String>) -> Self {
        Self { content: vec![Content::Text(text.into())], ..Self::new(name) }
    }

    /// Adds an attribute.
    pub fn attribute(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// Adds an attribute, if there is a value.
    pub fn maybe(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.attribute(name, value),
            None => self,
        }
    }

    /// Adds an element at the end.
    pub fn child(mut self, child: Self) -> Self {
        self.content.push(Content::Element(child));
        self
    }

    /// Adds elements at the end.
    pub fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.content.extend(children.into_iter().map(Content::Element));
        self
    }

    /// Puts an element before the one at `index`, or at the end.
    pub fn insert(mut self, index: usize, child: Self) -> Self {
        let index = index.min(self.content.len());
        self.content.insert(index, Content::Element(child));
        self
    }

    /// How many children it has.
    pub fn len(&self) -> usize {
        self.content.len()
    }

    /// Whether it has no children.
    pub fn is_empty(&self) -> bool {
        self.content.is_empty()
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}", self.name)?;
        for (name, value) in &self.attributes {
            write!(f, " {name}=\"{}\"", Escaped(value))?;
        }
        if self.content.is_empty() {
            return f.write_str("/>");
        }
        f.write_str(">")?;
        for content in &self.content {
            match content {
                Content::Element(element) => write!(f, "{element}")?,
                Content::Text(text) => write!(f, "{}", Escaped(text))?,
            }
        }
        write!(f, "</{}>", self.name)
    }
}

/// A text that is good in an element and in an attribute. What XML 1.0 cannot hold becomes U+FFFD.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\t' | '\n' | '\r' => write!(f, "&#{};", u32::from(c))?,
                c if c.is_control() || crate::protocol::params::is_noncharacter(c) => {
                    f.write_char('\u{fffd}')?;
                }
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
