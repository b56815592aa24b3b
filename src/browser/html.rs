//! What a script needs of a page. The pages are our own and well-formed, so a scanner will do; it is
//! no HTML parser and is never pointed at anything else.

/// A form of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Where it goes.
    pub action: String,
    /// What the page has put in: hidden fields.
    pub hidden: Vec<(String, String)>,
    /// The names of its other fields and buttons.
    pub names: Vec<String>,
}

/// The tags of a page with their attributes as they are written.
fn tags(html: &str) -> impl Iterator<Item = (&str, &str)> {
    html.split('<').skip(1).filter_map(|rest| {
        let (tag, _) = rest.split_once('>')?;
        Some(tag.split_once(char::is_whitespace).unwrap_or((tag, "")))
    })
}

fn attribute(attributes: &str, name: &str) -> Option<String> {
    let start = format!("{name}=\"");
    let mut from = 0;
    while let Some(at) = attributes[from..].find(&start).map(|at| at + from) {
        let whole_name = at == 0 || attributes[..at].ends_with(char::is_whitespace);
        let value = &attributes[at + start.len()..];
        if whole_name {
            return value.split('"').next().map(unescape);
        }
        from = at + start.len();
    }
    None
}

fn unescape(text: &str) -> String {
    let named = text.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"");
    named.replace("&#39;", "'").replace("&quot;", "\"").replace("&#38;", "&").replace("&amp;", "&")
}

pub(super) fn forms(html: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    for (tag, attributes) in tags(html) {
        if tag == "form" {
            let action = attribute(attributes, "action").unwrap_or_default();
            forms.push(Form { action, hidden: Vec::new(), names: Vec::new() });
        }
        let Some(form) = forms.last_mut() else { continue };
        if !matches!(tag, "input" | "button") {
            continue;
        }
        let Some(name) = attribute(attributes, "name") else { continue };
        if attribute(attributes, "type").as_deref() == Some("hidden") {
            form.hidden.push((name, attribute(attributes, "value").unwrap_or_default()));
        } else {
            form.names.push(name);
        }
    }
    forms
}

fn between<'a>(html: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = html.split_once(start)?;
    Some(rest.split_once(end)?.0)
}

pub(super) fn heading(html: &str) -> Option<String> {
    between(html, "<h1", "</h1>").and_then(|h| h.split_once('>')).map(|(_, h)| text(h))
}

pub(super) fn alert(html: &str) -> Option<String> {
    between(html, "role=\"alert\"", "</div>").and_then(|a| a.split_once('>')).map(|(_, a)| text(a))
}

pub(super) fn link(html: &str, wanted: &str) -> Option<String> {
    let anchors = html.split("<a ").skip(1).filter_map(|rest| rest.split_once('>'));
    let mut found = anchors.filter(|(_, rest)| {
        rest.split_once("</a>").is_some_and(|(inside, _)| text(inside).starts_with(wanted))
    });
    found.next().and_then(|(attributes, _)| attribute(attributes, "href"))
}

pub(super) fn text(html: &str) -> String {
    let mut words = String::new();
    for part in html.split('<') {
        let visible = part.split_once('>').map_or(part, |(_, visible)| visible);
        words.push_str(visible);
        words.push(' ');
    }
    let words: Vec<&str> = words.split_whitespace().collect();
    unescape(&words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_forms_links_and_words() {
        let page = r#"<h1>Sign <b>in</b></h1><div class="alert" role="alert"><p>No &#38; no</p></div>
            <form method="post" action="/a?b=1&#38;c=2"><input type="hidden" name="canary" value="x">
            <input type="email" id="i0116" name="loginfmt" value=""></form><a href="/z">Go on</a>"#;
        let forms = forms(page);
        assert_eq!(forms[0].action, "/a?b=1&c=2");
        assert_eq!(forms[0].hidden, [("canary".to_owned(), "x".to_owned())]);
        assert_eq!(forms[0].names, ["loginfmt"]);
        assert_eq!(heading(page).unwrap(), "Sign in");
        assert_eq!(alert(page).unwrap(), "No & no");
        assert_eq!(link(page, "Go on").unwrap(), "/z");
    }
}
