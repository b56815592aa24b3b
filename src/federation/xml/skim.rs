//! Counts elements, depth and attributes in one pass, before a tree is built.
//!
//! It decides nothing but whether the parser may start: what it lets through is still read by the
//! parser alone.

use super::{Limits, XmlFault};

/// Refuses a document that is not plain XML 1.0 in UTF-8, has a document type, or is larger, deeper
/// or wider than `limits`.
pub(super) fn check(text: &str, limits: &Limits) -> Result<(), XmlFault> {
    if text.len() > limits.bytes {
        return Err(over("bytes", limits.bytes));
    }
    check_references(text)?;
    let mut rest = after_declaration(text)?;
    let (mut elements, mut depth, mut declarations) = (0, 0_usize, 0);
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = after(comment, "-->")?;
        } else if let Some(section) = rest.strip_prefix("![CDATA[") {
            rest = after(section, "]]>")?;
        } else if rest.starts_with('!') {
            return Err(XmlFault::new("a document type is not read"));
        } else if rest.starts_with('?') {
            rest = after(rest, "?>")?;
        } else if rest.starts_with('/') {
            rest = after(rest, ">")?;
            depth = depth.saturating_sub(1);
        } else {
            let (tag, attributes) = tag(rest)?;
            declarations += tag.matches("xmlns").count();
            elements += 1;
            depth += 1;
            check_count("elements", elements, limits.elements)?;
            check_count("levels", depth, limits.depth)?;
            check_count("attributes of one element", attributes, limits.attributes)?;
            check_count("namespace declarations", declarations, limits.declarations)?;
            rest = &rest[tag.len() + 1..];
            if tag.ends_with('/') {
                depth -= 1;
            }
        }
    }
    Ok(())
}

fn check_count(what: &str, found: usize, most: usize) -> Result<(), XmlFault> {
    if found > most { Err(over(what, most)) } else { Ok(()) }
}

fn over(what: &str, most: usize) -> XmlFault {
    XmlFault(format!("more than {most} {what}"))
}

fn after<'t>(text: &'t str, end: &str) -> Result<&'t str, XmlFault> {
    let at = text.find(end).ok_or_else(|| XmlFault(format!("'{end}' is missing")))?;
    Ok(&text[at + end.len()..])
}

/// The inside of a start tag, up to the first `>` that is not quoted, and how many quoted values it
/// has.
fn tag(text: &str) -> Result<(&str, usize), XmlFault> {
    let mut quote = None;
    let mut attributes = 0;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Ok((&text[..at], attributes)),
            (None, b'"' | b'\'') => {
                quote = Some(byte);
                attributes += 1;
            }
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    Err(XmlFault::new("a tag does not end"))
}

/// Refuses references to characters that do not exist; the parser would put U+FFFD there.
fn check_references(text: &str) -> Result<(), XmlFault> {
    for (at, _) in text.match_indices("&#") {
        let rest = &text[at + 2..];
        let digits = rest.split(';').next().unwrap_or_default();
        let number = match digits.strip_prefix('x') {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => digits.parse(),
        };
        if number.ok().and_then(char::from_u32).is_none() {
            return Err(XmlFault::new("a character reference names no character"));
        }
    }
    Ok(())
}

/// The text behind the XML declaration, which may name version 1.0 and UTF-8 only.
fn after_declaration(text: &str) -> Result<&str, XmlFault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Some(declaration) = text.strip_prefix("<?xml") else { return Ok(text) };
    if !declaration.starts_with([' ', '\t', '\r', '\n']) {
        return Ok(text);
    }
    let rest = after(declaration, "?>")?;
    let inside = &declaration[..declaration.len() - rest.len() - 2];
    let words: String = inside.replace('\'', "\"").split_whitespace().collect();
    let plain = ["", "standalone=\"yes\"", "standalone=\"no\""].iter().any(|standalone| {
        let words = words.strip_suffix(standalone).unwrap_or(&words).to_ascii_lowercase();
        words == "version=\"1.0\"" || words == "version=\"1.0\"encoding=\"utf-8\""
    });
    if plain { Ok(rest) } else { Err(XmlFault::new("only XML 1.0 in UTF-8 is read")) }
}
