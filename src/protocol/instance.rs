//! `/common/discovery/instance`: which hosts are one cloud, and where a tenant's metadata is.
//!
//! MSAL asks the host that it trusts by name (`login.microsoftonline.com`) about the authority it was
//! given. Here every own host is an alias of every other, but those of Entra are as recorded.

use serde_json::{Value, json};
use url::Url;

use super::cloud;
use crate::fault::{Fault, say};

/// The answer for an authority. `origin` is where the client reached us, `origins` all of ours.
/// `authorization_endpoint` is taken as clients send it: with the port or without.
///
/// # Errors
/// 50049 for an endpoint on another host, or one that names no tenant.
pub fn document(
    origin: &str,
    origins: &[String],
    authorization_endpoint: &str,
    api_version: &str,
) -> Result<Value, Fault> {
    let unknown = || {
        let shown: String = authorization_endpoint.chars().take(200).collect();
        say::instance_unknown(shown)
    };
    let asked = Url::parse(authorization_endpoint).map_err(|_| unknown())?;
    let host = asked.host_str().ok_or_else(unknown)?;
    let own = origins.iter().filter(|origin| *origin != cloud::GRAPH);
    let own: Vec<Url> = own.filter_map(|origin| Url::parse(origin).ok()).collect();
    if asked.scheme() != "https" && asked.scheme() != "http"
        || !own.iter().any(|own| own.host_str() == Some(host))
    {
        return Err(unknown());
    }
    let tenant = asked.path_segments().and_then(|mut segments| segments.next());
    let tenant = tenant.filter(|tenant| !tenant.is_empty()).ok_or_else(unknown)?;
    // A host of Entra keeps the name that was asked about.
    let named = asked.origin().ascii_serialization();
    let there = if cloud::is_login(&named) { named.as_str() } else { origin };
    let mut answer = json!({
        "tenant_discovery_endpoint":
            format!("{there}/{tenant}/v2.0/.well-known/openid-configuration"),
        "api-version": api_version,
    });
    if api_version != "1.0" {
        answer["metadata"] = metadata(origin, origins);
    }
    Ok(answer)
}

fn metadata(origin: &str, origins: &[String]) -> Value {
    let (entra, others): (Vec<&String>, Vec<&String>) =
        origins.iter().partition(|origin| cloud::is_entra(origin));
    let mut clouds = Vec::new();
    if entra.iter().any(|origin| cloud::is_login(origin)) {
        let names = std::iter::once(cloud::LOGIN).chain(cloud::LOGIN_ALIASES);
        clouds.push(json!({
            "preferred_network": host_and_port(cloud::LOGIN),
            "preferred_cache": "login.windows.net",
            "aliases": names.map(host_and_port).collect::<Vec<_>>(),
        }));
    }
    let mut aliases: Vec<&str> = others.iter().map(|origin| host_and_port(origin)).collect();
    aliases.sort_unstable();
    aliases.dedup();
    let here = host_and_port(origin);
    let preferred = aliases.iter().find(|alias| **alias == here).or(aliases.first());
    if let Some(preferred) = preferred {
        clouds.push(json!({
            "preferred_network": preferred,
            "preferred_cache": preferred,
            "aliases": aliases,
        }));
    }
    json!(clouds)
}

fn host_and_port(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::{cloud, document};

    const ORIGINS: [&str; 3] =
        ["https://localhost:8443", "https://127.0.0.1:8443", "http://localhost:8443"];

    fn ask(endpoint: &str, version: &str) -> Result<serde_json::Value, String> {
        let origins = ORIGINS.map(str::to_owned);
        document(ORIGINS[0], &origins, endpoint, version).map_err(|fault| fault.to_string())
    }

    #[test]
    fn leads_to_the_tenant_of_the_endpoint_whatever_port_it_names() {
        for endpoint in [
            "https://localhost:8443/contoso.example/oauth2/v2.0/authorize",
            "https://localhost/contoso.example/oauth2/v2.0/authorize",
        ] {
            let answer = ask(endpoint, "1.1").unwrap();
            assert_eq!(
                answer["tenant_discovery_endpoint"],
                "https://localhost:8443/contoso.example/v2.0/.well-known/openid-configuration"
            );
            let aliases = serde_json::json!(["127.0.0.1:8443", "localhost:8443"]);
            assert_eq!(answer["metadata"][0]["aliases"], aliases);
        }
        assert!(ask("https://localhost/common/x", "1.0").unwrap().get("metadata").is_none());
    }

    #[test]
    fn names_the_hosts_of_entra_as_entra_does() {
        let origins =
            ["http://localhost:8080", cloud::LOGIN, cloud::GRAPH, "https://sts.windows.net"];
        let origins = origins.map(str::to_owned);
        let ask = |host: &str| {
            let endpoint = format!("https://{host}/common/oauth2/v2.0/authorize");
            document(cloud::LOGIN, &origins, &endpoint, "1.1").map_err(|fault| fault.to_string())
        };
        let answer = ask("login.microsoftonline.com").unwrap();
        assert_eq!(answer["metadata"][0]["preferred_network"], "login.microsoftonline.com");
        assert_eq!(answer["metadata"][0]["preferred_cache"], "login.windows.net");
        let aliases = [
            "login.microsoftonline.com",
            "login.windows.net",
            "login.microsoft.com",
            "sts.windows.net",
        ];
        assert_eq!(answer["metadata"][0]["aliases"], serde_json::json!(aliases));
        assert_eq!(answer["metadata"][1]["aliases"], serde_json::json!(["localhost:8080"]));
        let answer = ask("sts.windows.net").unwrap();
        assert_eq!(
            answer["tenant_discovery_endpoint"],
            "https://sts.windows.net/common/v2.0/.well-known/openid-configuration"
        );
        for other in ["login.windows.net", "graph.microsoft.com"] {
            assert!(ask(other).is_err(), "nobody signs in at {other} here");
        }
    }

    #[test]
    fn refuses_other_hosts_and_what_names_no_tenant() {
        for endpoint in [
            "https://evil.example/common/oauth2/v2.0/authorize",
            "https://localhost.evil.example/common/oauth2/v2.0/authorize",
            "https://localhost:8443/",
            "ftp://localhost/common/x",
            "not a url",
        ] {
            assert!(ask(endpoint, "1.1").unwrap_err().starts_with("AADSTS50049"), "{endpoint}");
        }
    }
}
