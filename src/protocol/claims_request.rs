//! The `claims` parameter, OIDC Core 5.5: which claims, and for which subject.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::fault::{Fault, say};

/// What a client asks for by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// Claims for the id token.
    pub id_token: Vec<String>,
    /// Claims for the access token.
    pub access_token: Vec<String>,
    /// The only `sub` that will do.
    pub subject: Option<String>,
}

/// The parameter as JSON. Members other than the three are allowed and ignored.
#[derive(Deserialize)]
struct Shape {
    #[serde(default)]
    id_token: Option<BTreeMap<String, Option<Value>>>,
    #[serde(default)]
    access_token: Option<BTreeMap<String, Option<Value>>>,
}

impl ClaimsRequest {
    /// Reads the parameter.
    ///
    /// # Errors
    /// 90023 if it is not JSON of the right shape, or nested without end.
    pub fn parse(text: Option<&str>) -> Result<Self, Fault> {
        let Some(text) = text else { return Ok(Self::default()) };
        let invalid = |_| say::parameter_invalid("claims", "it is not a JSON object of claims");
        // serde_json stops at 128 levels.
        let object: Map<String, Value> = serde_json::from_str(text).map_err(invalid)?;
        let shape: Shape = serde_json::from_value(Value::Object(object)).map_err(invalid)?;
        let id_token = shape.id_token.unwrap_or_default();
        let subject = id_token.get("sub").and_then(Option::as_ref);
        let subject = subject.and_then(|sub| sub.get("value")).and_then(Value::as_str);
        Ok(Self {
            subject: subject.map(str::to_owned),
            id_token: id_token.into_keys().collect(),
            access_token: shape.access_token.unwrap_or_default().into_keys().collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::ClaimsRequest;

    #[test]
    fn reads_names_and_a_subject() {
        let text = r#"{"id_token":{"acct":null,"sub":{"value":"abc"},"signin_state":{"essential":false}},
                       "access_token":{"xms_cc":{"values":["CP1"]}},"other":1}"#;
        let claims = ClaimsRequest::parse(Some(text)).unwrap();
        assert_eq!(claims.id_token, ["acct", "signin_state", "sub"]);
        assert_eq!(claims.access_token, ["xms_cc"]);
        assert_eq!(claims.subject.as_deref(), Some("abc"));
    }

    #[test]
    fn refuses_what_is_no_object() {
        let deep = "[".repeat(200);
        for wrong in ["[]", "1", "{", deep.as_str(), r#"{"id_token":[]}"#] {
            assert!(ClaimsRequest::parse(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
