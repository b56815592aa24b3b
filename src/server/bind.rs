//! Addresses to listen on, and origins to be called by.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// An address to listen on. `localhost`, 127.0.0.1 and ::1 mean both families: a browser that
/// resolves `localhost` to `::1` must find the same server.
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

    /// The addresses to bind, most important first. What else loopback has (127.0.0.2) is itself
    /// only.
    pub(super) fn families(&self) -> Vec<IpAddr> {
        let both = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        if both.contains(&self.address) { both.to_vec() } else { vec![self.address] }
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

/// Text that is no name for a certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a name for a certificate: write a host, an address or a wildcard, as in \
     guestpass, 192.0.2.1 or *.guestpass.example"
)]
pub struct InvalidTlsName(String);

/// Reads a name that a certificate may have: a host name, an IP address, or a wildcard above at
/// least two labels (webpki refuses one above a single label); in lower case.
pub fn tls_name(text: &str) -> Result<String, InvalidTlsName> {
    let name = text.trim_matches(['[', ']']).to_ascii_lowercase();
    if name.parse::<IpAddr>().is_ok() {
        return Ok(name);
    }
    let below = name.strip_prefix("*.");
    let labels: Vec<&str> = below.unwrap_or(&name).split('.').collect();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let is_label = |label: &&str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let numbers = labels.last().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    let enough = labels.len() >= if below.is_some() { 2 } else { 1 };
    match enough && !numbers && name.len() <= 253 && labels.iter().all(is_label) {
        true => Ok(name),
        false => Err(InvalidTlsName(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::{Bind, origin, tls_name};

    #[test]
    fn reads_the_names_of_a_certificate() {
        for (text, read) in [
            ("Guestpass", "guestpass"),
            ("login.microsoftonline.com", "login.microsoftonline.com"),
            ("*.Guestpass.example", "*.guestpass.example"),
            ("192.0.2.1", "192.0.2.1"),
            ("[::1]", "::1"),
            ("::1", "::1"),
        ] {
            assert_eq!(tls_name(text).unwrap(), read);
        }
        for wrong in [
            "",
            "*",
            "*.localhost",
            "a.*.b",
            "guestpass:8443",
            "https://guestpass",
            "-x",
            "a..b",
            "1.2.3.4.5",
            "ä.example",
        ] {
            assert!(tls_name(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn loopback_means_both_families_but_its_other_addresses_themselves() {
        for (text, addresses) in [
            ("localhost:0", &["127.0.0.1", "::1"][..]),
            ("127.0.0.1:0", &["127.0.0.1", "::1"]),
            ("[::1]:0", &["127.0.0.1", "::1"]),
            ("127.0.0.2:0", &["127.0.0.2"]),
            ("0.0.0.0:0", &["0.0.0.0"]),
        ] {
            let bind: Bind = text.parse().unwrap();
            let found: Vec<_> = bind.families().iter().map(ToString::to_string).collect();
            assert_eq!(found, addresses);
        }
    }

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
