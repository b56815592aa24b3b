//! `GetCredentialType`: what the sign-in page asks about a name before it shows the next box.
//!
//! Microsoft documents none of it. Fields and numbers are those of recorded answers, on which
//! automation of the real page relies.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::fault::{Fault, say};

/// What is asked. The real page sends a dozen switches besides; they are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialTypeRequest {
    /// The name that was typed.
    #[serde(alias = "Username")]
    username: Option<String>,
    /// The sign-in it was typed in: `ctx` of the sign-in page.
    original_request: Option<String>,
}

impl CredentialTypeRequest {
    /// Reads a body, whatever its type says: the real one does, too.
    ///
    /// # Errors
    /// 9002313 for what is no JSON object with these fields, 900144 without a name.
    pub fn parse(body: &[u8]) -> Result<Self, Fault> {
        let request: Self = serde_json::from_slice(body).map_err(|error| {
            let why: String = error.to_string().chars().filter(|c| !c.is_control()).collect();
            let why: String = why.chars().take(200).collect();
            say::request_malformed(format!("the body is not the JSON of a name ({why})"))
        })?;
        match request.username() {
            "" => Err(say::parameter_missing("username")),
            _ => Ok(request),
        }
    }

    /// The name.
    pub fn username(&self) -> &str {
        self.username.as_deref().unwrap_or_default()
    }

    /// The sign-in.
    pub fn original_request(&self) -> Option<&str> {
        self.original_request.as_deref()
    }
}

/// `IfExistsResult`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfExists {
    /// 0: there is such an account.
    Exists,
    /// 1: there is none.
    NotFound,
    /// 2: too many names were asked about.
    Throttled,
    /// 5: a Microsoft account.
    OtherMicrosoftIdp,
    /// 6: a work account and a Microsoft account.
    Both,
}

/// `DomainType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DomainType {
    /// 1: no tenant has verified it.
    Unknown,
    /// 2: accounts of consumers.
    Consumer,
    /// 3: verified in a tenant.
    Managed,
    /// 4: verified in a tenant whose users sign in at a server of their own.
    Federated,
    /// 5: federated with the resource tenant.
    CloudFederated,
}

/// `PrefCredential`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrefCredential {
    /// 1: a password.
    Password,
    /// 3: a code by mail.
    OneTimeCode,
    /// 4: the domain's own server.
    Federation,
    /// 5: the provider with which the resource tenant federates.
    CloudFederation,
    /// 6: a Microsoft account.
    OtherMicrosoftIdp,
    /// 14: Facebook.
    Facebook,
    /// 12: Google.
    Google,
}

impl IfExists {
    fn number(self) -> u8 {
        match self {
            Self::Exists => 0,
            Self::NotFound => 1,
            Self::Throttled => 2,
            Self::OtherMicrosoftIdp => 5,
            Self::Both => 6,
        }
    }
}

impl DomainType {
    fn number(self) -> u8 {
        match self {
            Self::Unknown => 1,
            Self::Consumer => 2,
            Self::Managed => 3,
            Self::Federated => 4,
            Self::CloudFederated => 5,
        }
    }
}

impl PrefCredential {
    fn number(self) -> u8 {
        match self {
            Self::Password => 1,
            Self::OneTimeCode => 3,
            Self::Federation => 4,
            Self::CloudFederation => 5,
            Self::OtherMicrosoftIdp => 6,
            Self::Facebook => 14,
            Self::Google => 12,
        }
    }
}

/// What is known of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CredentialType {
    /// Whether there is such an account.
    pub exists: IfExists,
    /// What its domain is.
    pub domain: DomainType,
    /// How it is proven.
    pub preferred: PrefCredential,
    /// It lives in an unmanaged tenant.
    pub is_unmanaged: bool,
}

impl CredentialType {
    /// The answer. `redirect` is where a federated name signs in.
    pub fn document(
        &self,
        username: &str,
        redirect: Option<&str>,
        (flow_token, canary): (&str, &str),
    ) -> Value {
        json!({
            "Username": username,
            "Display": username,
            "IfExistsResult": self.exists.number(),
            "IsUnmanaged": self.is_unmanaged,
            "ThrottleStatus": u8::from(self.exists == IfExists::Throttled),
            "Credentials": {
                "PrefCredential": self.preferred.number(),
                "HasPassword": self.preferred == PrefCredential::Password,
                "RemoteNgcParams": null,
                "FidoParams": null,
                "SasParams": null,
                "CertAuthParams": null,
                "GoogleParams": null,
                "FacebookParams": null,
                "FederationRedirectUrl": redirect,
            },
            "EstsProperties": {
                "UserTenantBranding": null,
                "DomainType": self.domain.number(),
                "DesktopSsoEnabled": false,
            },
            "FlowToken": flow_token,
            "apiCanary": canary,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::CredentialTypeRequest;

    #[test]
    fn reads_a_name_in_either_spelling_and_says_what_is_wrong() {
        let read = |body: &str| CredentialTypeRequest::parse(body.as_bytes());
        for body in [
            r#"{"username":"a@b.example","flowToken":null,"isSignup":false}"#,
            r#"{"Username":"a@b.example"}"#,
        ] {
            assert_eq!(read(body).unwrap().username(), "a@b.example", "{body}");
        }
        for (body, number) in [
            ("", 9002313),
            ("{", 9002313),
            ("[]", 9002313),
            (r#"{"username":1}"#, 9002313),
            (r#"{"username":"a@b.example","Username":"c@d.example"}"#, 9002313),
            (r#"{"username":"\ud800"}"#, 9002313),
            ("{}", 900144),
            (r#"{"username":null}"#, 900144),
            (r#"{"username":""}"#, 900144),
        ] {
            assert_eq!(read(body).unwrap_err().number(), Some(number), "{body}");
        }
    }
}
