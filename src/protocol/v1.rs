//! Requests to the v1.0 endpoints, read as what they mean in v2.0, and answers written as v1.0's.
//!
//! There `resource` names what an access token is for, with every permission that was consented to;
//! `scope` knows `openid` only, and a sign-in always comes with an id token and a refresh token.
//! Source: the v1.0 authorization-code, OpenID Connect and client-credentials articles.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::params::Params;
use crate::directory::TokenVersion;

/// What a sign-in through v1.0 brings without being asked for.
const IMPLIED: [&str; 3] = ["openid", "profile", "offline_access"];

/// A request to the authorization or device-code endpoint.
pub fn sign_in(params: Params) -> Params {
    let mut words: Vec<String> = IMPLIED.map(str::to_owned).to_vec();
    words.extend(asked(&params, &["email"]));
    words.extend(permission(&params));
    rewritten(params, &words)
}

/// A request to the token endpoint. A device sends its code as `code`.
pub fn token(mut params: Params) -> Params {
    let words: Vec<String> =
        asked(&params, &["openid", "email"]).into_iter().chain(permission(&params)).collect();
    let device = params.get("grant_type").is_some_and(|grant| grant.ends_with("device_code"));
    if device && !params.has("device_code") {
        params = params.renamed("code", "device_code");
    }
    rewritten(params, &words)
}

fn rewritten(params: Params, words: &[String]) -> Params {
    let scope = words.join(" ");
    params
        .with("scope", Some(scope.as_str()).filter(|scope| !scope.is_empty()))
        .of(TokenVersion::V1)
}

fn asked(params: &Params, known: &[&str]) -> Vec<String> {
    let scope = params.get("scope").unwrap_or_default();
    let words = scope.split(' ').filter(|word| known.contains(word));
    words.map(str::to_owned).collect()
}

/// Everything on a resource. What cannot stand in a scope is escaped, and found nowhere.
fn permission(params: &Params) -> Option<String> {
    let resource = params.get("resource")?;
    let plain = |c: char| matches!(c, '\x21' | '\x23'..='\x5B' | '\x5D'..='\x7E');
    let mut named = String::new();
    for c in resource.chars().take(200) {
        if plain(c) {
            named.push(c);
        } else {
            let bytes = c.to_string().into_bytes();
            named.extend(bytes.iter().map(|byte| format!("%{byte:02X}")));
        }
    }
    Some(format!("{named}/.default"))
}

/// The answer of the token endpoint: numbers are texts, and the end of the token is told twice.
pub fn token_response(tokens: &impl Serialize, resource: &str, now: Timestamp) -> Value {
    let Ok(Value::Object(mut answer)) = serde_json::to_value(tokens) else { return Value::Null };
    let seconds = answer.get("expires_in").and_then(Value::as_i64).unwrap_or_default();
    for name in ["expires_in", "ext_expires_in"] {
        if let Some(number) = answer.get(name).and_then(Value::as_i64) {
            answer.insert(name.to_owned(), json!(number.to_string()));
        }
    }
    answer.insert("expires_on".into(), json!((now.as_second() + seconds).to_string()));
    answer.insert("not_before".into(), json!((now.as_second() - 300).to_string()));
    answer.insert("resource".into(), json!(resource));
    Value::Object(answer)
}

/// The answer of the device-code endpoint: it is `verification_url`, and numbers are texts.
pub fn device_response(mut answer: Value) -> Value {
    if let Value::Object(answer) = &mut answer {
        if let Some(page) = answer.remove("verification_uri") {
            answer.insert("verification_url".into(), page);
        }
        for name in ["expires_in", "interval"] {
            if let Some(number) = answer.get(name).and_then(Value::as_i64) {
                answer.insert(name.to_owned(), json!(number.to_string()));
            }
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Params {
        Params::parse(query).unwrap()
    }

    #[test]
    fn a_resource_is_everything_on_it() {
        let params =
            sign_in(read("resource=https%3A%2F%2Fgraph.microsoft.com%2F&scope=openid+x+email"));
        let scope = "openid profile offline_access email https://graph.microsoft.com//.default";
        assert_eq!((params.get("scope"), params.version()), (Some(scope), TokenVersion::V1));
        assert_eq!(token(read("resource=api%3A%2F%2Fx")).get("scope"), Some("api://x/.default"));
        assert_eq!(token(read("scope=User.Read")).get("scope"), None);
        // A space cannot smuggle another word in.
        let params = token(read("resource=api%3A%2F%2Fx+openid"));
        assert_eq!(params.get("scope"), Some("api://x%20openid/.default"));
    }

    #[test]
    fn a_device_sends_its_code_as_a_code() {
        let params = token(read("grant_type=device_code&code=1.x"));
        assert_eq!(params.get("device_code"), Some("1.x"));
        assert_eq!(token(read("grant_type=authorization_code&code=1.x")).get("code"), Some("1.x"));
    }
}
