//! The `claims` parameter, OIDC Core 5.5: which claims, for which subject, and what the client can do.
//!
//! The answer of the userinfo endpoint cannot be changed in Entra, so its member is read and leaves
//! no trace. A claim that is unknown, or cannot be had, is left out, essential or not: "it is not an
//! error" (OIDC Core 5.5.1).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::fault::{Fault, say};

/// More claims than anybody asks for, and more values of one.
const MOST: usize = 50;

/// What a client asks for by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// Claims for the id token.
    pub id_token: Vec<String>,
    /// Claims for the access token.
    pub access_token: Vec<String>,
    /// The only `sub` that will do.
    pub subject: Option<String>,
    /// What the client says it can do: `xms_cc` of the access token, such as `CP1`.
    #[serde(default)]
    pub capabilities: Vec<String>,
}

/// The parameter as JSON. Members other than the three are allowed and ignored.
#[derive(Deserialize)]
struct Shape {
    #[serde(default)]
    id_token: Option<Asked>,
    #[serde(default)]
    access_token: Option<Asked>,
    #[serde(default)]
    userinfo: Option<Asked>,
}

/// Claims by name, each with what is asked of it: an object or null.
type Asked = BTreeMap<String, Option<Map<String, Value>>>;

impl ClaimsRequest {
    /// Reads the parameter.
    ///
    /// # Errors
    /// 90023 if it is not JSON of the right shape, nested without end, or a flood.
    pub fn parse(text: Option<&str>) -> Result<Self, Fault> {
        let Some(text) = text else { return Ok(Self::default()) };
        let invalid = |_| say::parameter_invalid("claims", "it is not a JSON object of claims");
        // serde_json stops at 128 levels.
        let object: Map<String, Value> = serde_json::from_str(text).map_err(invalid)?;
        let shape: Shape = serde_json::from_value(Value::Object(object)).map_err(invalid)?;
        let lists = [&shape.id_token, &shape.access_token, &shape.userinfo];
        if lists.into_iter().flatten().any(|list| list.len() > MOST) {
            return Err(say::parameter_invalid("claims", "it names too many claims"));
        }
        let id_token = shape.id_token.unwrap_or_default();
        let access_token = shape.access_token.unwrap_or_default();
        let subject = match id_token.get("sub").and_then(Option::as_ref) {
            Some(asked) => subject(asked)?,
            None => None,
        };
        let mut capabilities = values(&access_token, "xms_cc");
        capabilities.retain(|word| word.len() <= 20 && word.bytes().all(|b| b.is_ascii_graphic()));
        Ok(Self {
            subject,
            capabilities,
            id_token: id_token.into_keys().collect(),
            access_token: access_token.into_keys().collect(),
        })
    }

    /// Adds what is asked for at the token endpoint. What the client can do is what it says last.
    pub fn extend(&mut self, later: Self) {
        let Self { id_token, access_token, capabilities, subject: _ } = later;
        for (known, more) in
            [(&mut self.id_token, id_token), (&mut self.access_token, access_token)]
        {
            known.extend(more);
            known.sort();
            known.dedup();
        }
        if !capabilities.is_empty() {
            self.capabilities = capabilities;
        }
    }
}

/// The subject that is asked for: a text, or it is nobody's.
fn subject(asked: &Map<String, Value>) -> Result<Option<String>, Fault> {
    match (asked.get("value"), asked.get("values")) {
        (None, None) => Ok(None),
        (Some(Value::String(subject)), None) => Ok(Some(subject.clone())),
        _ => Err(say::parameter_invalid("claims", "sub has one value, and it is a text")),
    }
}

/// `value`, or the members of `values`.
fn values(list: &Asked, claim: &str) -> Vec<String> {
    let Some(Some(asked)) = list.get(claim) else { return Vec::new() };
    let many = asked.get("values").and_then(Value::as_array).into_iter().flatten();
    let one = asked.get("value").into_iter();
    one.chain(many).filter_map(Value::as_str).take(MOST).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::ClaimsRequest;

    #[test]
    fn reads_names_a_subject_and_capabilities() {
        let text = r#"{"id_token":{"acct":null,"sub":{"value":"abc"},"signin_state":{"essential":false}},
                       "access_token":{"xms_cc":{"values":["CP1", 1, "a b"]}},
                       "userinfo":{"given_name":{"essential":true}},"other":1}"#;
        let claims = ClaimsRequest::parse(Some(text)).unwrap();
        assert_eq!(claims.id_token, ["acct", "signin_state", "sub"]);
        assert_eq!(claims.access_token, ["xms_cc"]);
        assert_eq!(claims.subject.as_deref(), Some("abc"));
        assert_eq!(claims.capabilities, ["CP1"]);
    }

    #[test]
    fn adds_what_is_asked_for_later() {
        let parse = |text| ClaimsRequest::parse(Some(text)).unwrap();
        let mut claims = parse(r#"{"id_token":{"acct":null,"sub":{"value":"abc"}}}"#);
        claims.extend(parse(
            r#"{"id_token":{"ctry":null,"acct":null,"sub":{"value":"x"}},
                "access_token":{"xms_cc":{"value":"cp1"}}}"#,
        ));
        assert_eq!(claims.id_token, ["acct", "ctry", "sub"]);
        assert_eq!(claims.subject.as_deref(), Some("abc"), "that of the sign-in");
        assert_eq!(claims.capabilities, ["cp1"]);
        claims.extend(ClaimsRequest::default());
        assert_eq!(claims.capabilities, ["cp1"]);
    }

    #[test]
    fn refuses_what_is_no_object() {
        let deep = "[".repeat(200);
        let flood: Vec<_> = (0..51).map(|number| format!("\"c{number}\":null")).collect();
        let flood = format!("{{\"userinfo\":{{{}}}}}", flood.join(","));
        for wrong in [
            "[]",
            "1",
            "",
            "{",
            &deep,
            &flood,
            r#"{"id_token":[]}"#,
            r#"{"id_token":{"sub":"victim"}}"#,
            r#"{"id_token":{"sub":["victim"]}}"#,
            r#"{"id_token":{"sub":{"value":1}}}"#,
            r#"{"id_token":{"sub":{"values":["a","b"]}}}"#,
        ] {
            assert!(ClaimsRequest::parse(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
