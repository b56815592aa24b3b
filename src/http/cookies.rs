//! Cookies: which browser, and who is signed in.
//!
//! On https the names have the `__Host-` prefix and `SameSite=None`, on http they are `Lax`; the two
//! are separate sessions. A cookie that comes twice with different values counts as none: somebody
//! has planted one.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use crate::broker::NewSession;
use crate::ids::{BrowserKey, SessionKey};

const BROWSER: &str = "guestpass_browser";
const SESSION: &str = "guestpass_session";
/// "Stay signed in" lasts 90 days.
const PERSISTENT_SECONDS: u32 = 90 * 24 * 3600;

/// The cookies of a request.
#[derive(Debug)]
pub(super) struct Cookies {
    pub(super) browser: Option<BrowserKey>,
    pub(super) session: Option<SessionKey>,
}

impl Cookies {
    pub(super) fn read(headers: &HeaderMap, secure: bool) -> Self {
        Self {
            browser: find(headers, &name(BROWSER, secure)).map(BrowserKey::new),
            session: find(headers, &name(SESSION, secure)).map(SessionKey::new),
        }
    }
}

fn name(base: &str, secure: bool) -> String {
    if secure { format!("__Host-{base}") } else { base.to_owned() }
}

/// The value of a cookie, if there is one and only one, and it can be one of ours.
fn find(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(n, _)| n.trim() == name).map(|(_, value)| value.trim());
    let first = values.next()?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let ours = first.len() == 43 && first.bytes().all(plain);
    (ours && values.all(|value| value == first)).then(|| first.to_owned())
}

/// Sets the cookie that names a new browser.
pub(super) fn set_browser(response: &mut Response, key: &BrowserKey, secure: bool) {
    set(response, &name(BROWSER, secure), key.reveal(), secure, None);
}

/// Sets the session cookie.
pub(super) fn set_session(response: &mut Response, session: &NewSession, secure: bool) {
    let age = session.persistent.then_some(PERSISTENT_SECONDS);
    set(response, &name(SESSION, secure), session.key.reveal(), secure, age);
}

fn set(response: &mut Response, name: &str, value: &str, secure: bool, age: Option<u32>) {
    let place = if secure { "Secure; SameSite=None" } else { "SameSite=Lax" };
    let age = age.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let cookie = format!("{name}={value}; Path=/; HttpOnly; {place}{age}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_cookie_that_comes_once_or_twice_the_same() {
        let value = "a".repeat(43);
        let other = "b".repeat(43);
        let read = |lines: &[String]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(COOKIE, line.parse().unwrap());
            }
            Cookies::read(&headers, false).browser.map(|key| key.reveal().to_owned())
        };
        let cookie = |value: &str| format!("guestpass_browser={value}");
        assert_eq!(read(&[format!("x=1; {}", cookie(&value))]), Some(value.clone()));
        assert_eq!(read(&[cookie(&value), cookie(&value)]), Some(value.clone()));
        assert_eq!(read(&[cookie(&value), cookie(&other)]), None);
        assert_eq!(read(&[format!("{}; {}", cookie(&value), cookie(&other))]), None);
        assert_eq!(read(&[cookie("short")]), None);
        assert_eq!(read(&[format!("__Host-{}", cookie(&value))]), None);
    }
}
