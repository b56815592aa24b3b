//! Where the metadata of a provider may lead.

use url::Url;

use crate::protocol::federation_uri::is_loopback;

/// Whether an address that an issuer's metadata names may be followed: https, and from an issuer
/// that is itself on plain http also http, at its own host or on loopback. A provider in a container
/// has two names on one machine, each with a port of its own.
pub(super) fn may_be_followed(issuer: &str, address: &Url) -> bool {
    let Ok(issuer) = Url::parse(issuer) else { return false };
    let plain = address.username().is_empty() && address.password().is_none();
    let reachable = match (issuer.scheme(), address.scheme()) {
        (_, "https") => address.has_host(),
        ("http", "http") => address.host() == issuer.host() || is_loopback(address),
        _ => false,
    };
    plain && reachable
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(issuer: &str, address: &str) -> bool {
        may_be_followed(issuer, &Url::parse(address).unwrap())
    }

    #[test]
    fn follows_https_and_plain_http_only_at_home() {
        for issuer in ["https://idp.example", "http://idp.example:8080"] {
            assert!(allowed(issuer, "https://idp.example/token"));
            assert!(allowed(issuer, "https://other.example:8443/token"));
            for refused in [
                "http://other.example/token",
                "http://idp.example.evil.example/token",
                "http://10.0.0.1/token",
                "http://localhost.evil.example/token",
                "https://user:pw@idp.example/token",
                "http://user@idp.example:8080/token",
                "javascript:alert(1)",
                "data:text/html,x",
                "ftp://idp.example/token",
                "file:///etc/passwd",
            ] {
                assert!(!allowed(issuer, refused), "{issuer} {refused}");
            }
        }
        for address in [
            "http://idp.example/token",
            "http://IDP.example:9090/token",
            "http://localhost:4000/token",
            "http://idp.localhost/token",
            "http://127.0.0.1:4000/token",
            "http://[::1]:4000/token",
        ] {
            assert!(allowed("http://idp.example:8080", address), "{address}");
            assert!(!allowed("https://idp.example", address), "{address}");
        }
        assert!(!allowed("no issuer", "https://idp.example/token"));
    }
}
