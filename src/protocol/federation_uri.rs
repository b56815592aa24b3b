//! The addresses of a SAML or WS-Fed provider that a tenant federates with.
//!
//! Source: "Add federation with SAML/WS-Fed identity providers". Only https is allowed, and a domain
//! whose sign-in page is on somebody else's host says so in its DNS: `DirectFedAuthUrl=…`.

use url::{Host, Url};

use crate::ids::DomainName;

/// More than any issuer or address has.
const LONGEST: usize = 1024;

/// Checks an issuer URI; the error says what is wrong with it.
///
/// Any URI will do (`urn:…`, `http://…`): it is compared, never opened.
pub fn check_issuer(uri: &str) -> Result<(), &'static str> {
    check_text(uri)?;
    let known = ["ExternalAzureAD", "MicrosoftAccount", "google.com", "facebook.com", "mail"];
    if known.iter().any(|known| uri.trim_end_matches(':').eq_ignore_ascii_case(known)) {
        return Err("it is the name of another identity provider");
    }
    let url = Url::parse(uri).map_err(|_| "it is not an absolute URI")?;
    if matches!(url.scheme(), "javascript" | "data" | "vbscript") {
        return Err("it is a script, not a name");
    }
    if url.host_str() == Some("sts.windows.net") {
        return Err("it is the name of an Entra tenant");
    }
    Ok(())
}

/// Checks the address to which browsers are sent.
pub fn check_passive(uri: &str) -> Result<(), &'static str> {
    check_address(uri)
}

/// Checks the address at which metadata is read.
pub fn check_metadata(uri: &str) -> Result<(), &'static str> {
    check_address(uri)
}

fn check_address(uri: &str) -> Result<(), &'static str> {
    check_text(uri)?;
    let url = Url::parse(uri).map_err(|_| "it is not an absolute URL")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it has a user name");
    }
    if url.fragment().is_some() {
        return Err("it has a fragment");
    }
    match url.scheme() {
        "https" if url.has_host() => Ok(()),
        // A provider that runs on the developer's machine has no certificate.
        "http" if is_loopback(&url) => Ok(()),
        "http" => Err("only https is allowed, but on localhost"),
        _ => Err("it is not an https URL"),
    }
}

fn check_text(uri: &str) -> Result<(), &'static str> {
    if uri.len() > LONGEST {
        return Err("it has more than 1024 characters");
    }
    if uri.chars().any(|c| c.is_control() || c.is_whitespace() || "\"<>\\".contains(c)) {
        return Err("it has a character that is not allowed");
    }
    Ok(())
}

/// Whether a domain may be signed in at that address: its host is the domain or below it, or the
/// domain's TXT record names the address. A loopback host is a developer's own and always may.
pub fn belongs_to(passive: &str, domain: &DomainName, record: Option<&str>) -> bool {
    let Ok(url) = Url::parse(passive) else { return false };
    let host = url.host_str().unwrap_or_default();
    let own = host == domain.as_str()
        || host.strip_suffix(domain.as_str()).is_some_and(|sub| sub.ends_with('.'));
    own || is_loopback(&url) || record == Some(passive)
}

/// Whether an address is on this machine, by whichever name.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_sent_to_https_or_the_own_machine() {
        for good in [
            "https://sts.fabrikam.example/adfs/ls/",
            "https://login.example:8443/sso?x=1",
            "http://localhost:8080/sso",
            "http://127.0.0.1:9/",
            "http://[::1]:9/",
        ] {
            assert_eq!(check_passive(good), Ok(()), "{good}");
        }
        for bad in [
            "http://sts.fabrikam.example/adfs",
            "http://localhost.evil.example/",
            "ftp://sts.fabrikam.example/",
            "javascript:alert(1)",
            "https://user@sts.example/",
            "https://sts.example/ x",
            "https://sts.example/\n",
            "sts.example",
            "",
        ] {
            assert!(check_passive(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_issuer_is_any_uri_but_another_providers_name() {
        for good in ["urn:example:idp", "http://sts.example/trust", "https://idp.example/saml"] {
            assert_eq!(check_issuer(good), Ok(()), "{good}");
        }
        for bad in ["google.com", "mail", "ExternalAzureAD", "no uri", "", "a\u{0}b:c"] {
            assert!(check_issuer(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_domain_answers_for_hosts_below_it_and_for_what_its_dns_names() {
        let domain: DomainName = "fabrikam.example".parse().unwrap();
        let asked = |url: &str, record| belongs_to(url, &domain, record);
        assert!(asked("https://fabrikam.example/adfs", None));
        assert!(asked("https://sts.fabrikam.example/adfs", None));
        assert!(asked("http://localhost:1/", None));
        let elsewhere = "https://fabrikamconglomerate.example/adfs";
        assert!(!asked(elsewhere, None));
        assert!(!asked("https://notfabrikam.example/adfs", None));
        assert!(!asked("https://fabrikam.example.uk/adfs", None));
        assert!(asked(elsewhere, Some(elsewhere)));
        assert!(!asked(elsewhere, Some("https://other.example/adfs")));
    }
}
