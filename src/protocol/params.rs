//! `application/x-www-form-urlencoded`, read strictly.
//!
//! The usual decoders repair: they take `%zz` as it stands, turn invalid UTF-8 into U+FFFD and let
//! the last of two equal names win. Here each of these is an error (RFC 6749 §3.1: parameters must
//! not be included more than once).

use std::borrow::Cow;

use crate::directory::TokenVersion;
use crate::fault::{Fault, say};

/// More pairs than any request has.
const MOST_PAIRS: usize = 200;

/// The parameters of a request, decoded, in order, and the generation of the endpoint they came to.
#[derive(Debug, Clone, Default)]
pub struct Params(Vec<(String, String)>, TokenVersion);

impl Params {
    /// Decodes a query string or a form body.
    ///
    /// # Errors
    /// 9002313 for broken escapes, invalid UTF-8, names with brackets and floods of pairs.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let mut pairs = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            if pairs.len() == MOST_PAIRS {
                return Err(say::request_malformed(format!("more than {MOST_PAIRS} parameters")));
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name)?;
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.$@:~".contains(&b);
            if name.is_empty() || name.len() > 100 || !name.bytes().all(plain) {
                return Err(say::request_malformed("a parameter's name is not plain"));
            }
            pairs.push((name, decode(value)?));
        }
        Ok(Self(pairs, TokenVersion::V2))
    }

    /// Decodes a form body.
    pub fn parse_bytes(body: &[u8]) -> Result<Self, Fault> {
        let text = std::str::from_utf8(body)
            .map_err(|_| say::request_malformed("the body is not UTF-8"))?;
        Self::parse(text)
    }

    /// The generation of the endpoint.
    pub fn version(&self) -> TokenVersion {
        self.1
    }

    /// The same, to an endpoint of another generation.
    #[must_use]
    pub fn of(self, version: TokenVersion) -> Self {
        Self(self.0, version)
    }

    /// The same with one value of a parameter, or none. One that is sent twice stays so.
    #[must_use]
    pub fn with(mut self, name: &str, value: Option<&str>) -> Self {
        if self.count(name) < 2 {
            self.0.retain(|(n, _)| n != name);
            self.0.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        }
        self
    }

    /// The same with another name for a parameter.
    #[must_use]
    pub fn renamed(mut self, from: &str, to: &str) -> Self {
        for (name, _) in self.0.iter_mut().filter(|(name, _)| name == from) {
            to.clone_into(name);
        }
        self
    }

    /// The value of a parameter; an empty one counts as absent (RFC 6749 §3.1).
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    }

    /// The value of a parameter whose name is compared without regard to case.
    pub fn get_ignoring_case(&self, name: &str) -> Option<&str> {
        let mut pairs = self.0.iter();
        let found = pairs.find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Whether a parameter is there, empty or not.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    /// Whether a button was pressed, or a box ticked: it says so.
    pub fn affirms(&self, name: &str) -> bool {
        const YES: [&str; 5] = ["1", "accept", "on", "true", "yes"];
        let value = self.get(name).unwrap_or_default();
        YES.iter().any(|word| word.eq_ignore_ascii_case(value))
    }

    /// How often a parameter is there.
    pub fn count(&self, name: &str) -> usize {
        self.0.iter().filter(|(n, _)| n == name).count()
    }

    /// The first name that stands twice.
    pub fn repeated(&self) -> Option<&str> {
        let mut names = self.0.iter().map(|(name, _)| name.as_str());
        names.find(|name| self.count(name) > 1)
    }

    /// The first name that stands with two values.
    pub fn contradictory(&self) -> Option<&str> {
        let first = |name: &str| self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value);
        let mut pairs = self.0.iter();
        pairs.find(|(name, value)| first(name) != Some(value)).map(|(name, _)| name.as_str())
    }
}

/// Percent-decoding that refuses what it cannot decode.
fn decode(text: &str) -> Result<String, Fault> {
    let plus = text.replace('+', " ");
    let broken = plus.bytes().enumerate().any(|(at, byte)| {
        let hex =
            |offset: usize| plus.as_bytes().get(at + offset).is_some_and(u8::is_ascii_hexdigit);
        byte == b'%' && !(hex(1) && hex(2))
    });
    if broken {
        return Err(say::request_malformed("a percent sign without two hexadecimal digits"));
    }
    let decoded = percent_encoding::percent_decode_str(&plus);
    let decoded: Cow<'_, str> =
        decoded.decode_utf8().map_err(|_| say::request_malformed("a value is not UTF-8"))?;
    if decoded.chars().any(is_noncharacter) {
        return Err(say::request_malformed("a value has a Unicode noncharacter"));
    }
    Ok(decoded.into_owned())
}

/// U+FDD0 to U+FDEF, and the last two code points of each plane.
pub(crate) fn is_noncharacter(c: char) -> bool {
    let code = u32::from(c);
    (0xFDD0..=0xFDEF).contains(&code) || code & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::Params;
    use proptest::prelude::*;

    #[test]
    fn decodes_what_is_well_formed() {
        let params = Params::parse("a=1&b=x+y%20z&c=&d=%F0%9F%91%8B&&client-request-id=7").unwrap();
        assert_eq!(params.get("b"), Some("x y z"));
        assert_eq!((params.get("c"), params.has("c")), (None, true));
        assert_eq!(params.get("d"), Some("👋"));
        assert_eq!(params.repeated(), None);
        assert_eq!(Params::parse("a=1&b=2&a=1").unwrap().repeated(), Some("a"));
    }

    /// `parse-19` to `parse-22` and `authz-33` of the security catalogue.
    #[test]
    fn refuses_what_other_decoders_repair() {
        for wrong in [
            "a=%zz",
            "a=%",
            "a=%4",
            "a=%c0%af",
            "a=%ff",
            "a=%ed%a0%80",
            "a=%EF%BF%BE",
            "a[]=1",
            "a[b]=1",
            "client_id=%zz%ff%00",
            "%00=1",
            "=1",
        ] {
            assert!(Params::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Params::parse(&"k=v&".repeat(10_000)).is_err());
        assert!(Params::parse_bytes(b"a=\xff").is_err());
    }

    proptest! {
        #[test]
        fn reads_back_what_the_url_crate_writes(pairs in proptest::collection::vec(
            ("[a-z_]{1,8}", "[^\u{fdd0}-\u{fdef}\u{fffe}\u{ffff}]{0,20}"), 0..5)) {
            let mut out = url::form_urlencoded::Serializer::new(String::new());
            for (name, value) in &pairs {
                out.append_pair(name, value);
            }
            let parsed = Params::parse(&out.finish());
            if pairs.iter().all(|(_, v)| !v.chars().any(super::is_noncharacter)) {
                let parsed = parsed.unwrap();
                prop_assert_eq!(parsed.0, pairs);
            }
        }
    }
}
