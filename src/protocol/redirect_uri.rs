//! Redirect URIs: what may be registered, and whether a request sent a registered one.
//!
//! URIs are compared byte by byte (RFC 9700 §2.1). A parser would repair: of 44 near misses the WHATWG
//! algorithm maps 13 to the registered value. The one exception is RFC 8252 §7.3, which Entra
//! extends to the name `localhost`: on plain http to the loopback host the port is ignored.

use url::Url;

/// Characters of a URI that Entra does not take.
const FORBIDDEN: &[char] = &['!', '$', '\'', '(', ')', ',', ';', '\\', '"', '<', '>'];

/// Checks a URI that somebody wants to register; the error says what is wrong with it.
///
/// Source: Entra's redirect URI restrictions (length, schemes, no wildcard, no fragment).
pub fn check_registrable(uri: &str) -> Result<(), &'static str> {
    if uri.len() > 256 {
        return Err("it has more than 256 characters");
    }
    if uri.contains('#') {
        return Err("it has a fragment");
    }
    if uri.contains('*') {
        return Err("it has a wildcard");
    }
    if !uri.bytes().all(|b| b.is_ascii_graphic()) || uri.contains(FORBIDDEN) {
        return Err("it has a character that is not allowed");
    }
    check_path(uri)?;
    let url = Url::parse(uri).map_err(|_| "it is not an absolute URI")?;
    if !uri.starts_with(&format!("{}:", url.scheme())) {
        return Err("its scheme is not in lower case");
    }
    let scheme = url.scheme();
    let is_web = matches!(scheme, "http" | "https");
    // A parser repairs `https:app.example` and `https:///app.example`; a browser does, too.
    let host = uri[scheme.len()..].strip_prefix("://");
    if is_web && host.is_none_or(|host| host.starts_with('/')) {
        return Err("its host does not stand behind ://");
    }
    // Nor may it repair the host: what is compared is what is written.
    let written = host.map(|rest| rest.split(['/', '?']).next().unwrap_or_default());
    let written = written.unwrap_or_default();
    if is_web && written.contains(['@', '%']) {
        return Err("it has a user name, or an escape in its host");
    }
    let name = written.split(':').next().unwrap_or_default();
    let whole = written.starts_with('[') || name.split('.').all(|label| !label.is_empty());
    match scheme {
        "https" if url.has_host() && whole => Ok(()),
        // Entra takes no `[::1]`.
        "http" if matches!(name, "localhost" | "127.0.0.1") => Ok(()),
        "http" => Err("http is for localhost and 127.0.0.1 only"),
        "https" | "javascript" | "data" | "vbscript" | "blob" | "file" | "filesystem" | "about"
        | "chrome" | "view-source" | "ws" | "wss" | "ftp" => Err("its scheme is not allowed"),
        _ => Ok(()),
    }?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it has a user name");
    }
    Ok(())
}

/// What a browser would walk through, or decode, before it goes there.
fn check_path(uri: &str) -> Result<(), &'static str> {
    let path = uri.split('?').next().unwrap_or_default().to_ascii_lowercase().replace("%2e", ".");
    if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err("it has a segment of dots");
    }
    let mut escapes = uri.split('%').skip(1);
    let hex = |rest: &str| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    escapes.all(hex).then_some(()).ok_or("it has a % that escapes nothing")
}

/// Checks a redirect URI of an application whose pages run in a browser: no scheme of an app's own.
/// A broker's, for pages inside another application, is one (`brk-…`).
pub fn check_of_a_site(uri: &str) -> Result<(), &'static str> {
    match uri.starts_with("brk-") {
        true => check_registrable(uri),
        false => check_page(uri),
    }
}

/// Checks the address of a page that a browser is to open; the error says what is wrong with it.
pub fn check_page(uri: &str) -> Result<(), &'static str> {
    check_registrable(uri)?;
    match uri.split(':').next() {
        Some("http" | "https") => Ok(()),
        _ => Err("it is not an https address"),
    }
}

/// Whether a registered URI is a page of `origin`, as a browser writes it in `Origin` and `Referer`.
/// On plain http to the loopback host the port is ignored.
pub fn has_origin(registered: &str, origin: &str) -> bool {
    let page = |uri: &str| Url::parse(uri).ok().filter(Url::has_host);
    let (Some(registered), Some(origin)) = (page(registered), page(origin)) else { return false };
    let local = |url: &Url| url.scheme() == "http" && is_loopback(url);
    registered.origin() == origin.origin()
        || (local(&registered) && local(&origin) && registered.host() == origin.host())
}

fn is_loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// Whether `sent` is the registered URI.
pub fn matches(registered: &str, sent: &str) -> bool {
    if registered == sent {
        return true;
    }
    match (Loopback::parse(registered), Loopback::parse(sent)) {
        (Some(registered), Some(sent)) => registered == sent,
        _ => false,
    }
}

/// Whether a page of `origin` is where one of the URIs leads: what `Origin` must say there.
pub fn is_origin_of(uris: &[String], origin: &str) -> bool {
    // An origin has no path, not even the slash that is one of a URI.
    !origin.ends_with('/')
        && uris.iter().filter_map(|uri| origin_of(uri)).any(|own| matches(&own, origin))
}

/// The origin of a URI; an opaque one is written `null`, and so is everybody's else.
fn origin_of(uri: &str) -> Option<String> {
    let origin = Url::parse(uri).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

/// A plain-http loopback URI without its port.
#[derive(PartialEq)]
struct Loopback<'a> {
    host: &'a str,
    rest: &'a str,
}

impl<'a> Loopback<'a> {
    fn parse(uri: &'a str) -> Option<Self> {
        let after_scheme = uri.strip_prefix("http://")?;
        let end = after_scheme.find(['/', '?', '#']).unwrap_or(after_scheme.len());
        let (authority, rest) = after_scheme.split_at(end);
        let host = match authority.split_once(':') {
            None => authority,
            Some((host, port)) => {
                let digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
                (digits && port.parse::<u16>().is_ok()).then_some(host)?
            }
        };
        let rest = if rest.is_empty() { "/" } else { rest };
        matches!(host, "localhost" | "127.0.0.1").then_some(Self { host, rest })
    }
}

#[cfg(test)]
mod tests {
    use super::{
        check_of_a_site, check_page, check_registrable, has_origin, is_origin_of, matches,
    };
    use crate::directory::application::page_origin;

    #[test]
    fn ignores_the_port_of_a_plain_http_loopback_uri_and_nothing_else() {
        for (registered, sent) in [
            ("https://app.example/cb", "https://app.example/cb"),
            ("http://localhost", "http://localhost:53124"),
            ("http://localhost", "http://localhost:53124/"),
            ("http://localhost:3000/auth", "http://localhost/auth"),
            ("http://127.0.0.1/app", "http://127.0.0.1:9/app"),
        ] {
            assert!(matches(registered, sent), "{sent} is {registered}");
        }
        for (registered, sent) in [
            ("https://localhost/cb", "https://localhost:8443/cb"),
            ("http://localhost/app", "http://localhost:80/app/"),
            ("http://localhost/app", "http://localhost:80/app?x=1"),
            ("http://localhost/app", "http://localhost:99999/app"),
            ("http://localhost/app", "http://localhost:/app"),
            ("http://localhost/app", "http://localhost.evil.example:80/app"),
            ("http://localhost/app", "http://localhost@evil.example/app"),
            ("http://localhost/app", "http://LOCALHOST/app"),
            ("http://localhost/app", "http://127.0.0.1/app"),
            ("http://127.0.0.1/app", "http://127.1/app"),
        ] {
            assert!(!matches(registered, sent), "{sent} is not {registered}");
        }
    }

    #[test]
    fn knows_the_pages_of_an_origin() {
        for (registered, origin) in [
            ("https://app.example/cb", "https://app.example"),
            ("https://app.example:444/cb", "https://app.example:444"),
            ("http://localhost:3000/cb", "http://localhost:5173"),
            ("http://localhost", "http://localhost:5173"),
        ] {
            assert!(has_origin(registered, origin), "{registered} is of {origin}");
        }
        for (registered, origin) in [
            ("https://app.example/cb", "http://app.example"),
            ("https://app.example/cb", "https://app.example:444"),
            ("https://app.example/cb", "https://evil.example"),
            ("https://localhost:3000/cb", "https://localhost:5173"),
            ("http://localhost:3000/cb", "http://127.0.0.1:3000"),
            ("myapp://auth", "null"),
            ("myapp:auth", "myapp:auth"),
        ] {
            assert!(!has_origin(registered, origin), "{registered} is not of {origin}");
        }
    }

    #[test]
    fn takes_no_page_that_a_browser_would_run() {
        assert_eq!(check_page("https://app.example/signout?all=1"), Ok(()));
        assert_eq!(check_page("http://localhost:3000/signout"), Ok(()));
        assert_eq!(check_of_a_site("brk-multihub://app.example"), Ok(()));
        assert!(check_of_a_site("myapp://cb").is_err() && check_registrable("myapp://cb").is_ok());
        for wrong in ["javascript:alert(1)", "myapp://signout", "http://app.example/", "/signout"] {
            assert!(check_page(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn knows_the_pages_of_a_uri() {
        let uris = ["http://localhost:3000/spa".to_owned(), "https://app.example/".to_owned()];
        for origin in ["http://localhost:3000", "http://localhost:5555", "https://app.example"] {
            assert!(is_origin_of(&uris, origin), "{origin}");
            let key = page_origin(origin);
            assert!(uris.iter().any(|uri| page_origin(uri) == key), "{origin}");
        }
        for origin in
            ["null", "http://LOCALHOST:3000", "http://localhost:3000/", "https://a.example"]
        {
            assert!(!is_origin_of(&uris, origin), "{origin}");
        }
        assert!(!is_origin_of(&["myapp://auth".to_owned()], "null"));
    }

    #[test]
    fn registers_only_what_is_safe_to_redirect_to() {
        for right in
            ["https://app.example/cb", "http://localhost:3000/", "myapp://auth", "http://127.0.0.1"]
        {
            assert_eq!(check_registrable(right), Ok(()), "{right}");
        }
        for wrong in [
            "https://app.example/cb#x",
            "http://app.example/cb",
            "javascript:alert(1)",
            "data:text/html,x",
            "/cb",
            "https://*.app.example/cb",
            "https://user@app.example/cb",
            "HTTPS://app.example/cb",
            "https://app.example/c b",
            "https:app.example/cb",
            "https:///app.example/cb",
            "",
        ] {
            assert!(check_registrable(wrong).is_err(), "{wrong}");
        }
        assert!(check_registrable(&format!("https://app.example/{}", "a".repeat(256))).is_err());
    }
}
