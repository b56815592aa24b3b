//! Addresses to listen on, and origins to be called by.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

/// An address to listen on. A loopback address means both families: a browser that resolves
/// `localhost` to `::1` must find the same server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    pub(super) host: String,
    pub(super) address: IpAddr,
    pub(super) port: u16,
}

/// Text that is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an address: write localhost:8080, 127.0.0.1:0, [::1]:8080 or 0.0.0.0:8080")]
pub struct InvalidBind(String);

impl Bind {
    /// A port of loopback; 0 picks a free one.
    pub fn loopback(port: u16) -> Self {
        Self { host: "localhost".to_owned(), address: IpAddr::V4(Ipv4Addr::LOCALHOST), port }
    }
}

impl Bind {
    /// Whether only this machine can reach it.
    pub fn is_loopback(&self) -> bool {
        super::is_loopback(self.address)
    }

    /// The host by which it is announced, without the brackets of IPv6: every address of the
    /// machine is announced as `localhost`.
    pub(super) fn announced(&self) -> String {
        match self.host.as_str() {
            "0.0.0.0" | "[::]" => "localhost".to_owned(),
            host => host.trim_matches(['[', ']']).to_owned(),
        }
    }
}

impl FromStr for Bind {
    type Err = InvalidBind;

    fn from_str(text: &str) -> Result<Self, InvalidBind> {
        let invalid = || InvalidBind(text.to_owned());
        if let Ok(address) = text.parse::<SocketAddr>() {
            let host = match address.ip() {
                IpAddr::V4(ip) => ip.to_string(),
                IpAddr::V6(ip) => format!("[{ip}]"),
            };
            return Ok(Self { host, address: address.ip(), port: address.port() });
        }
        let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
        let port = port.parse().map_err(|_| invalid())?;
        match host {
            "" | "localhost" => Ok(Self::loopback(port)),
            _ => Err(invalid()),
        }
    }
}

impl fmt::Display for Bind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Text that is no origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an origin: write scheme, host and port only, as in http://guestpass:8080")]
pub struct InvalidOrigin(String);

/// Reads an origin, `http://` or `https://`, a host and at most a port; in lower case, without the
/// scheme's own port, as a browser writes it.
pub fn origin(text: &str) -> Result<String, InvalidOrigin> {
    let invalid = || InvalidOrigin(text.to_owned());
    let url = url::Url::parse(text).map_err(|_| invalid())?;
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    let nobody = url.username().is_empty() && url.password().is_none();
    match url.scheme() {
        "http" | "https" if bare && nobody => Ok(url.origin().ascii_serialization()),
        _ => Err(invalid()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Bind, origin};

    #[test]
    fn reads_an_origin_as_a_browser_writes_it() {
        for (text, read) in [
            ("http://guestpass:8080", "http://guestpass:8080"),
            ("https://Login.Example:443/", "https://login.example"),
            ("https://[::1]:8443", "https://[::1]:8443"),
        ] {
            assert_eq!(origin(text).unwrap(), read);
        }
        for wrong in [
            "guestpass:8080",
            "ftp://x",
            "http://x/path",
            "http://x?q",
            "http://a@x",
            "http://",
            "",
        ] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn reads_the_usual_spellings() {
        for (text, shown) in [
            ("localhost:8080", "localhost:8080"),
            ("8080", "localhost:8080"),
            (":0", "localhost:0"),
            ("127.0.0.1:0", "127.0.0.1:0"),
            ("[::1]:8080", "[::1]:8080"),
            ("0.0.0.0:80", "0.0.0.0:80"),
        ] {
            assert_eq!(text.parse::<Bind>().unwrap().to_string(), shown);
        }
        for wrong in ["", "localhost", "example.com:80", "127.0.0.1:99999", "1.2.3:1"] {
            assert!(wrong.parse::<Bind>().is_err(), "{wrong}");
        }
    }
}
