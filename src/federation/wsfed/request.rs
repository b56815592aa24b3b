//! The query of a request: `wa` and what belongs to it (WS-Federation 1.2 §13.2).

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::federation::instant;
use crate::federation::xml::XmlFault;
use crate::protocol::params::Params;

const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Longest value of a parameter that is sent back.
const LONGEST: usize = 4 * 1024;
/// Longest name of who it should be.
const LONGEST_HINT: usize = 1024;

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// `wsigninout1.0` of the one who came last: end everything, and come back.
    SignOut {
        /// Where to go afterwards, if that is a registered address.
        reply_to: Option<String>,
        /// Who asks.
        realm: Option<String>,
    },
    /// `wsignoutcleanup1.0`: forget this browser's session, no more.
    CleanUp {
        /// Where to go afterwards, if that is a registered address.
        reply_to: Option<String>,
    },
    /// `wsignin1.0`.
    SignIn(SignIn),
}

/// `wsignin1.0`: a token for a realm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// `wtrealm`: who asks, and the token's audience.
    pub realm: String,
    /// `wreply`: where the token goes, if that is a registered address.
    pub reply_to: Option<String>,
    /// `wctx`: sent back as it came.
    pub context: Option<String>,
    /// `wfresh`: how many minutes old a sign-in may be; 0 asks for a new one.
    pub fresh: Option<u32>,
    /// `whr`: where the person is at home.
    pub home: Option<String>,
    /// `wauth`: how to sign in, as a URI.
    pub method: Option<String>,
    /// `username` or `login_hint`: who it should be.
    pub hint: Option<String>,
}

impl Request {
    /// Reads the parameters of a request.
    ///
    /// # Errors
    /// If `wa` is missing or unknown, or a parameter stands twice or is too long.
    pub fn read(params: &Params) -> Result<Self, XmlFault> {
        let names = ["wa", "wtrealm", "wreply", "wctx", "wct", "wfresh", "whr", "wauth"];
        if let Some(twice) = names.into_iter().find(|name| params.count(name) > 1) {
            return Err(XmlFault(format!("the parameter {twice} stands twice")));
        }
        let too_long = |name: &&str| params.get(name).is_some_and(|value| value.len() > LONGEST);
        if let Some(long) = names.into_iter().find(too_long) {
            return Err(XmlFault(format!("{long} has more than {LONGEST} bytes")));
        }
        for name in ["username", "login_hint"] {
            if params.get(name).is_some_and(|hint| hint.len() > LONGEST_HINT) {
                return Err(XmlFault(format!("{name} has more than {LONGEST_HINT} bytes")));
            }
        }
        let owned = |name: &str| params.get(name).map(str::to_owned);
        match params.get("wa") {
            Some("wsignin1.0") => SignIn::read(params).map(Self::SignIn),
            Some("wsignout1.0") => {
                Ok(Self::SignOut { reply_to: owned("wreply"), realm: owned("wtrealm") })
            }
            Some("wsignoutcleanup1.0") => Ok(Self::CleanUp { reply_to: owned("wreply") }),
            Some(_) => Err(XmlFault::new("the action of wa is not known")),
            None => Err(XmlFault::new("the parameter wa is missing")),
        }
    }
}

impl SignIn {
    fn read(params: &Params) -> Result<Self, XmlFault> {
        let owned = |name: &str| params.get(name).map(str::to_owned);
        let realm = owned("wtrealm").ok_or_else(|| XmlFault::new("wtrealm is missing"))?;
        if let Some(time) = params.get("wct") {
            instant::read(time)?;
        }
        let fresh = params.get("wfresh").map(|minutes| minutes.parse::<u32>());
        let fresh = fresh.transpose().map_err(|_| XmlFault::new("wfresh is not a number"))?;
        Ok(Self {
            realm,
            reply_to: owned("wreply"),
            context: owned("wctx"),
            fresh,
            home: owned("whr"),
            method: owned("wauth"),
            hint: owned("username").or_else(|| owned("login_hint")),
        })
    }

    /// The address that asks a provider for a token.
    pub fn address(&self, provider: &str, now: Timestamp) -> String {
        let fresh = self.fresh.map(|minutes| minutes.to_string());
        let now = instant::write(now);
        let pairs = [
            ("wa", Some("wsignin1.0")),
            ("wtrealm", Some(self.realm.as_str())),
            ("wctx", self.context.as_deref()),
            ("wct", Some(now.as_str())),
            ("wreply", self.reply_to.as_deref()),
            ("wfresh", fresh.as_deref()),
            ("whr", self.home.as_deref()),
            ("wauth", self.method.as_deref()),
            ("username", self.hint.as_deref()),
        ];
        address(provider, &pairs)
    }
}

/// The address that ends a session at a provider.
pub fn sign_out(provider: &str, realm: &str, reply_to: Option<&str>) -> String {
    let pairs = [("wa", Some("wsignout1.0")), ("wtrealm", Some(realm)), ("wreply", reply_to)];
    address(provider, &pairs)
}

/// The address that has a relying party forget this browser.
pub fn clean_up(relying_party: &str) -> String {
    address(relying_party, &[("wa", Some("wsignoutcleanup1.0"))])
}

fn address(to: &str, pairs: &[(&str, Option<&str>)]) -> String {
    let pairs = pairs.iter().filter_map(|(name, value)| Some((name, (*value)?)));
    let pairs = pairs.map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, QUERY)));
    let joint = if to.contains('?') { '&' } else { '?' };
    format!("{to}{joint}{}", pairs.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::{Request, SignIn, clean_up, sign_out};
    use crate::protocol::params::Params;

    fn read(query: &str) -> Result<Request, String> {
        Request::read(&Params::parse(query).unwrap()).map_err(|fault| fault.to_string())
    }

    #[test]
    fn reads_back_what_it_writes() {
        let asking = SignIn {
            realm: "https://sp.example/?a=1&b=2".to_owned(),
            reply_to: Some("https://sp.example/login.srf".to_owned()),
            context: Some("estsredirect=2&x= ü\"<>".to_owned()),
            fresh: Some(0),
            home: None,
            method: None,
            hint: Some("heidi+1@adatum.example".to_owned()),
        };
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let address = asking.address("https://sts.adatum.example/adfs/ls/?client=1", now);
        let (_, query) = address.split_once('?').unwrap();
        assert_eq!(read(query), Ok(Request::SignIn(asking)));
    }

    #[test]
    fn knows_signing_out_from_forgetting() {
        let out = sign_out("https://sts.example/", "urn:sp", Some("https://sp.example/"));
        let (_, query) = out.split_once('?').unwrap();
        let (reply_to, realm) = (Some("https://sp.example/".to_owned()), Some("urn:sp".to_owned()));
        assert_eq!(read(query), Ok(Request::SignOut { reply_to, realm }));
        let forget = clean_up("https://sp.example/x");
        let (_, query) = forget.split_once('?').unwrap();
        assert_eq!(read(query), Ok(Request::CleanUp { reply_to: None }));
    }

    #[test]
    fn refuses_what_is_missing_doubled_or_strange() {
        for query in [
            "",
            "wtrealm=a",
            "wa=wsignin1.0",
            "wa=wattr1.0&wtrealm=a",
            "wa=wsignin1.0&wa=wsignout1.0&wtrealm=a",
            "wa=wsignin1.0&wtrealm=a&wtrealm=b",
            "wa=wsignin1.0&wtrealm=a&wct=yesterday",
            "wa=wsignin1.0&wtrealm=a&wfresh=-1",
            &format!("wa=wsignin1.0&wtrealm=a&wctx={}", "x".repeat(5_000)),
            &format!("wa=wsignin1.0&wtrealm=a&username={}", "x".repeat(1_025)),
            &format!("wa=wsignin1.0&wtrealm=a&login_hint={}", "x".repeat(1_025)),
        ] {
            assert!(read(query).is_err(), "{query:.60}");
        }
    }
}
