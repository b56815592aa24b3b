//! `$filter`.

use serde_json::Value;

use crate::fault::GraphFault;

/// Comparisons that must all hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Filter(Vec<Comparison>);

/// One comparison.
#[derive(Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `property/any(x:x eq 'value')`, or `x/member` where the list is of objects.
    Any {
        /// The list.
        property: String,
        /// The member of an object in it.
        member: Option<String>,
        /// What one of them must be.
        value: String,
    },
    /// `property eq value`.
    Equal {
        /// The property.
        property: String,
        /// What it must be.
        value: Literal,
    },
    /// `property ne value`.
    NotEqual {
        /// The property.
        property: String,
        /// What it must not be.
        value: Literal,
    },
    /// `startswith(property,'value')`.
    StartsWith {
        /// The property.
        property: String,
        /// What it must start with.
        value: String,
    },
}

/// A value.
#[derive(Debug, PartialEq, Eq)]
pub enum Literal {
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// `'…'`.
    Text(String),
}

impl Filter {
    /// Reads a filter; an empty one lets everything through.
    pub fn parse(text: &str, known: &[&str]) -> Result<Self, GraphFault> {
        let mut reader = Reader { rest: text.trim(), known };
        let mut comparisons = Vec::new();
        while !reader.rest.is_empty() {
            if !comparisons.is_empty() {
                reader.keyword("and")?;
            }
            if comparisons.len() == 20 {
                return Err(invalid("more than 20 comparisons"));
            }
            comparisons.push(reader.comparison()?);
            reader.rest = reader.rest.trim_start();
        }
        Ok(Self(comparisons))
    }

    /// The text that a property must be equal to, for an index look-up.
    pub fn equal_to(&self, name: &str) -> Option<&str> {
        self.0.iter().find_map(|comparison| match comparison {
            Comparison::Equal { property, value: Literal::Text(text) } if property == name => {
                Some(text.as_str())
            }
            Comparison::Any { property, member: None, value } if property == name => {
                Some(value.as_str())
            }
            _ => None,
        })
    }

    /// Whether a thing passes; `property` gives its properties as JSON.
    pub fn passes(&self, property: impl Fn(&str) -> Value) -> bool {
        self.0.iter().all(|comparison| match comparison {
            Comparison::Any { property: name, member, value } => {
                let list = property(name);
                let text = |item: &Value| match member {
                    Some(member) => item.get(member).and_then(Value::as_str).map(str::to_owned),
                    None => item.as_str().map(str::to_owned),
                };
                let mut items = list.as_array().into_iter().flatten().filter_map(text);
                items.any(|item| item.eq_ignore_ascii_case(value))
            }
            Comparison::Equal { property: name, value } => value.is(&property(name)),
            Comparison::NotEqual { property: name, value } => !value.is(&property(name)),
            Comparison::StartsWith { property: name, value } => {
                let text = property(name);
                let start = text.as_str().and_then(|text| text.get(..value.len()));
                start.is_some_and(|start| start.eq_ignore_ascii_case(value))
            }
        })
    }
}

impl Literal {
    /// Text is compared without regard to case, as in the directory.
    fn is(&self, value: &Value) -> bool {
        match self {
            Self::Bool(expected) => value.as_bool() == Some(*expected),
            Self::Null => value.is_null(),
            Self::Text(text) => value.as_str().is_some_and(|v| v.eq_ignore_ascii_case(text)),
        }
    }
}

fn invalid(what: &str) -> GraphFault {
    GraphFault::bad_query(format!("Invalid filter clause: {what}."))
}

struct Reader<'a> {
    rest: &'a str,
    known: &'a [&'a str],
}

impl<'a> Reader<'a> {
    fn comparison(&mut self) -> Result<Comparison, GraphFault> {
        if let Some(rest) = self.rest.strip_prefix("startswith(") {
            self.rest = rest;
            let property = self.property()?;
            self.symbol(",")?;
            let value = self.text()?;
            self.symbol(")")?;
            return Ok(Comparison::StartsWith { property, value });
        }
        let property = self.property()?;
        if let Some(rest) = self.rest.strip_prefix("/any(") {
            self.rest = rest;
            let variable = self.word()?;
            self.symbol(":")?;
            if self.word()? != variable {
                return Err(invalid("any() compares its own variable"));
            }
            let member = match self.rest.strip_prefix('/') {
                Some(rest) => {
                    self.rest = rest;
                    Some(self.word()?.to_owned())
                }
                None => None,
            };
            self.keyword("eq")?;
            let value = self.text()?;
            self.symbol(")")?;
            return Ok(Comparison::Any { property, member, value });
        }
        self.rest = self.rest.trim_start();
        let operator = self.word()?;
        let value = self.literal()?;
        match operator {
            "eq" => Ok(Comparison::Equal { property, value }),
            "ne" => Ok(Comparison::NotEqual { property, value }),
            _ => Err(invalid("the operators are eq and ne")),
        }
    }

    fn property(&mut self) -> Result<String, GraphFault> {
        let word = self.word()?;
        let known = self.known.iter().find(|known| known.eq_ignore_ascii_case(word));
        known.map(|known| (*known).to_owned()).ok_or_else(|| invalid("a property is not known"))
    }

    fn literal(&mut self) -> Result<Literal, GraphFault> {
        self.rest = self.rest.trim_start();
        if self.rest.starts_with('\'') {
            return self.text().map(Literal::Text);
        }
        match self.word()? {
            "true" => Ok(Literal::Bool(true)),
            "false" => Ok(Literal::Bool(false)),
            "null" => Ok(Literal::Null),
            _ => Err(invalid("a value is not quoted")),
        }
    }

    /// `'…'`, in which `''` is a quote.
    fn text(&mut self) -> Result<String, GraphFault> {
        let mut rest = self
            .rest
            .trim_start()
            .strip_prefix('\'')
            .ok_or_else(|| invalid("a text is missing"))?;
        let mut text = String::new();
        loop {
            let (part, after) = rest.split_once('\'').ok_or_else(|| invalid("a quote is open"))?;
            text.push_str(part);
            match after.strip_prefix('\'') {
                Some(after) => {
                    text.push('\'');
                    rest = after;
                }
                None => {
                    self.rest = after;
                    return Ok(text);
                }
            }
        }
    }

    fn word(&mut self) -> Result<&'a str, GraphFault> {
        let rest = self.rest.trim_start();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (word, rest) = rest.split_at(end);
        self.rest = rest;
        if word.is_empty() { Err(invalid("a word is missing")) } else { Ok(word) }
    }

    fn keyword(&mut self, expected: &str) -> Result<(), GraphFault> {
        if self.word()? == expected { Ok(()) } else { Err(invalid("only 'and' joins comparisons")) }
    }

    fn symbol(&mut self, expected: &str) -> Result<(), GraphFault> {
        let rest = self.rest.trim_start().strip_prefix(expected);
        self.rest = rest.ok_or_else(|| invalid("a sign is missing"))?;
        Ok(())
    }
}
