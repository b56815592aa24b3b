//! Entra's own host names, for when they are ours: in a network of its own, where
//! `login.microsoftonline.com` is this server, clients run with their default settings.
//!
//! There the hosts share the work as the real ones do. Signing in has four names, of which tokens
//! name one; Graph and userinfo have a host of their own, and nothing else is there.

/// The host that signs in, and whose name stands in issuers.
pub const LOGIN: &str = "https://login.microsoftonline.com";
/// The names by which it has been known as well.
pub const LOGIN_ALIASES: [&str; 3] =
    ["https://login.windows.net", "https://login.microsoft.com", "https://sts.windows.net"];
/// The host of Microsoft Graph and of userinfo.
pub const GRAPH: &str = "https://graph.microsoft.com";

/// Whether people sign in there.
pub fn is_login(origin: &str) -> bool {
    origin == LOGIN || LOGIN_ALIASES.contains(&origin)
}

/// Whether an origin is one of Entra's.
pub fn is_entra(origin: &str) -> bool {
    is_login(origin) || origin == GRAPH
}

/// Whether an origin answers a path. Only Entra's hosts are particular, each about what another of
/// `own` answers.
pub fn answers(own: &[String], origin: &str, path: &str) -> bool {
    let has = |other: &str| own.iter().any(|own| own == other);
    let of_graph = path == "/oidc/userinfo" || path.starts_with("/v1.0/");
    match origin {
        GRAPH => of_graph || !has(LOGIN),
        _ if is_login(origin) => !of_graph || !has(GRAPH),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::{GRAPH, LOGIN, answers};

    #[test]
    fn hosts_of_entra_answer_what_no_other_of_them_does() {
        let both = [LOGIN, GRAPH, "https://sts.windows.net", "http://localhost:8080"];
        let both = both.map(str::to_owned);
        for (path, of_graph) in [
            ("/v1.0/me", true),
            ("/oidc/userinfo", true),
            ("/common/oauth2/v2.0/authorize", false),
            ("/inbox", false),
            ("/v1.0", false),
        ] {
            assert_eq!(answers(&both, GRAPH, path), of_graph, "{path}");
            assert_eq!(answers(&both, LOGIN, path), !of_graph, "{path}");
            assert_eq!(answers(&both, "https://sts.windows.net", path), !of_graph, "{path}");
            assert!(answers(&both, "http://localhost:8080", path));
            assert!(answers(&[LOGIN.to_owned()], LOGIN, path), "it is alone");
            assert!(answers(&[GRAPH.to_owned()], GRAPH, path), "it is alone");
        }
    }
}
