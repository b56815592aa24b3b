//! `scope`: OpenID Connect scopes, permissions of one or more resources, `/.default`.

use serde::{Deserialize, Serialize};

use crate::fault::{Fault, say};

/// More scopes than any client asks for; a flood is refused before it costs anything.
const MOST_SCOPES: usize = 100;

/// The four scopes of OpenID Connect that Entra knows.
pub const OPENID_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// `scope` as it was written: words, and permissions by resource name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedScope {
    /// `openid`, `profile`, `email`, `offline_access`, as far as asked for.
    pub openid: Vec<String>,
    /// Permissions, in the order they were asked for.
    pub permissions: Vec<Permission>,
}

/// A permission of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// The resource's name (`https://graph.microsoft.com`, `api://…`, a client id); `None` is
    /// Microsoft Graph.
    pub resource: Option<String>,
    /// The permission, or `.default`.
    pub value: String,
    /// The word as the client wrote it, for the answer.
    pub written: String,
}

impl RequestedScope {
    /// Reads the parameter.
    ///
    /// # Errors
    /// 70011 for a word with characters outside RFC 6749 §3.3, and for a flood.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let mut scope = Self::default();
        let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
        if words.len() > MOST_SCOPES {
            return Err(say::scope_invalid(format!("with {} words", words.len())));
        }
        for word in words {
            // RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
            let token = |b: u8| matches!(b, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
            if word.len() > 256 || !word.bytes().all(token) {
                let shown: String = word.escape_default().take(60).collect();
                return Err(say::scope_invalid(shown));
            }
            if OPENID_SCOPES.contains(&word) {
                if !scope.openid.iter().any(|known| known == word) {
                    scope.openid.push(word.to_owned());
                }
            } else {
                let permission = Permission::parse(word);
                if !scope.permissions.contains(&permission) {
                    scope.permissions.push(permission);
                }
            }
        }
        Ok(scope)
    }

    /// The resource of the first permission, as the client wrote it.
    pub fn asked_resource(&self) -> Option<String> {
        self.permissions.first().and_then(Permission::asked_resource).map(str::to_owned)
    }

    /// Whether `word` is among the OpenID Connect scopes asked for.
    pub fn has(&self, word: &str) -> bool {
        self.openid.iter().any(|known| known == word)
    }
}

impl Permission {
    /// The resource as the client wrote it, a slash at its end included: `aud` of a v1.0 token.
    pub fn asked_resource(&self) -> Option<&str> {
        self.resource.as_ref()?;
        self.written.strip_suffix(self.value.as_str())?.strip_suffix('/')
    }

    fn parse(word: &str) -> Self {
        let (resource, value) = match word.rsplit_once('/') {
            Some((resource, value)) if !resource.is_empty() => {
                (Some(resource.trim_end_matches('/').to_owned()), value)
            }
            _ => (None, word),
        };
        Self { resource, value: value.to_owned(), written: word.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::RequestedScope;

    #[test]
    fn tells_openid_scopes_from_permissions() {
        let scope = RequestedScope::parse(
            "openid  profile User.Read https://graph.microsoft.com/User.Read.All \
             api://contoso-api/Files.Read openid",
        )
        .unwrap();
        assert_eq!(scope.openid, ["openid", "profile"]);
        let read: Vec<_> =
            scope.permissions.iter().map(|p| (p.resource.as_deref(), p.value.as_str())).collect();
        assert_eq!(
            read,
            [
                (None, "User.Read"),
                (Some("https://graph.microsoft.com"), "User.Read.All"),
                (Some("api://contoso-api"), "Files.Read"),
            ]
        );
    }

    #[test]
    fn refuses_floods_and_foreign_characters() {
        assert!(RequestedScope::parse(&"a ".repeat(20_000)).is_err());
        assert!(RequestedScope::parse("op\"enid").is_err());
        assert!(RequestedScope::parse("opén").is_err());
        assert_eq!(RequestedScope::parse("").unwrap(), RequestedScope::default());
    }
}
