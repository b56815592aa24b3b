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
            let tag = tag(rest)?;
            let attributes = attributes(tag);
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

/// The inside of a start tag: up to the first `>` that is not quoted.
fn tag(text: &str) -> Result<&str, XmlFault> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Ok(&text[..at]),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    Err(XmlFault::new("a tag does not end"))
}

/// As many as there are quoted values.
fn attributes(tag: &str) -> usize {
    let mut quote = None;
    let mut found = 0;
    for byte in tag.bytes() {
        match quote {
            None if byte == b'"' || byte == b'\'' => {
                quote = Some(byte);
                found += 1;
            }
            Some(open) if open == byte => quote = None,
            _ => {}
        }
    }
    found
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
