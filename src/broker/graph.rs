//! Microsoft Graph: invitations, users, service principals.
//!
//! The tenant is always the token's; no id of another tenant can be read or changed.

mod invitations;
mod json;
pub mod odata;
mod service_principals;
mod users;

use serde_json::{Map, Value};

use super::failure::Failure;
use crate::fault::GraphFault;

pub use crate::broker::userinfo::Bearer;
pub(super) use invitations::invitation_mail;

/// Why a call did not go through.
#[derive(Debug)]
enum GraphFailure {
    Conflict,
    Fault(GraphFault),
}

impl From<GraphFault> for GraphFailure {
    fn from(fault: GraphFault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Failure> for GraphFailure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Conflict => Self::Conflict,
            Failure::Fault(_) => Self::Fault(GraphFault::internal()),
        }
    }
}

impl From<crate::store::StoreFault> for GraphFailure {
    fn from(fault: crate::store::StoreFault) -> Self {
        Self::from(Failure::from(fault))
    }
}

impl From<crate::store::CommitFault> for GraphFailure {
    fn from(fault: crate::store::CommitFault) -> Self {
        Self::from(Failure::from(fault))
    }
}

/// Runs an attempt until it goes through or is refused.
macro_rules! retry_graph {
    ($attempt:expr) => {{
        let mut outcome = Err($crate::fault::GraphFault::internal());
        for _ in 0..$crate::broker::failure::ATTEMPTS {
            match $attempt {
                Ok(value) => {
                    outcome = Ok(value);
                    break;
                }
                Err($crate::broker::graph::GraphFailure::Fault(fault)) => {
                    outcome = Err(fault);
                    break;
                }
                Err($crate::broker::graph::GraphFailure::Conflict) => {}
            }
        }
        outcome
    }};
}
use retry_graph;

/// A JSON object without nulls. Graph's own defaults stand for what is left out; what is null is
/// most often a mistake.
fn body_object(body: &[u8]) -> Result<Map<String, Value>, GraphFault> {
    let malformed = |why: &str| GraphFault::bad_request(format!("The request body {why}."));
    let value: StrictValue =
        serde_json::from_slice(body).map_err(|_| malformed("is not valid JSON"))?;
    let Value::Object(object) = value.0 else { return Err(malformed("is not a JSON object")) };
    if let Some(name) = null_member(&object) {
        return Err(malformed(&format!("has null for '{name}'; leave it out instead")));
    }
    Ok(object)
}

fn null_member(object: &Map<String, Value>) -> Option<&str> {
    object.iter().find_map(|(name, value)| match value {
        Value::Null => Some(name.as_str()),
        Value::Object(inner) => null_member(inner),
        Value::Array(items) if items.iter().any(Value::is_null) => Some(name.as_str()),
        _ => None,
    })
}

/// JSON in which no object has a name twice: two readers must not see two things.
struct StrictValue(Value);

impl<'de> serde::Deserialize<'de> for StrictValue {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(StrictValue)
    }
}

struct StrictVisitor;

impl<'de> serde::de::Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        if value.chars().any(crate::protocol::params::is_noncharacter) {
            return Err(E::custom("a noncharacter"));
        }
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(StrictValue(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, StrictValue(value))) = map.next_entry::<String, StrictValue>()? {
            if object.insert(name, value).is_some() {
                return Err(serde::de::Error::custom("a name stands twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

/// Reads the members that matter into a struct; others are ignored, as in Graph.
fn read<T: serde::de::DeserializeOwned>(object: Map<String, Value>) -> Result<T, GraphFault> {
    serde_json::from_value(Value::Object(object)).map_err(|error| {
        let why: String = error.to_string().chars().filter(|c| !c.is_control()).take(120).collect();
        GraphFault::bad_request(format!("A value in the request body is not valid: {why}."))
    })
}
