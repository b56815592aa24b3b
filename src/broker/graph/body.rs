//! What a request's body must be before its members are read: one JSON object, each name once,
//! nothing null.

use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::fault::GraphFault;

/// A JSON object without nulls. Graph's own defaults stand for what is left out; what is null is
/// most often a mistake.
pub(super) fn body_object(body: &[u8]) -> Result<Map<String, Value>, GraphFault> {
    let object = nullable_object(body)?;
    match null_member(&object) {
        Some(name) => Err(malformed(&format!("has null for '{name}'; leave it out instead"))),
        None => Ok(object),
    }
}

/// A JSON object in which null takes a value away, for resources that document it.
pub(super) fn nullable_object(body: &[u8]) -> Result<Map<String, Value>, GraphFault> {
    let value: StrictValue =
        serde_json::from_slice(body).map_err(|_| malformed("is not valid JSON"))?;
    match value.0 {
        Value::Object(mut object) => {
            // Annotations for parsers: the SDKs say which type of Graph's they have written.
            object.retain(|name, _| !name.starts_with("@odata."));
            Ok(object)
        }
        _ => Err(malformed("is not a JSON object")),
    }
}

fn malformed(why: &str) -> GraphFault {
    GraphFault::bad_request(format!("The request body {why}."))
}

/// A member that may be null, which takes the value away.
#[derive(Debug, Clone, Default)]
pub(super) enum Given<T> {
    /// It is not there: the value stays.
    #[default]
    Absent,
    /// It is null.
    Null,
    /// It has a value.
    Value(T),
}

impl<T> Given<T> {
    /// Whether the body speaks of it.
    pub(super) fn is_given(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// Writes it where it is given.
    pub(super) fn write(self, place: &mut Option<T>) {
        match self {
            Self::Absent => {}
            Self::Null => *place = None,
            Self::Value(value) => *place = Some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|value| value.map_or(Self::Null, Self::Value))
    }
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

impl<'de> Deserialize<'de> for StrictValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(StrictValue)
    }
}

struct StrictVisitor;

impl<'de> de::Visitor<'de> for StrictVisitor {
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

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        if value.chars().any(crate::protocol::params::is_noncharacter) {
            return Err(E::custom("a noncharacter"));
        }
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(StrictValue(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, StrictValue(value))) = map.next_entry::<String, StrictValue>()? {
            if object.insert(name, value).is_some() {
                return Err(de::Error::custom("a name stands twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

/// Reads the members that matter into a struct; others are ignored, as in Graph.
pub(super) fn read<T: DeserializeOwned>(object: Map<String, Value>) -> Result<T, GraphFault> {
    serde_json::from_value(Value::Object(object)).map_err(|error| {
        let why: String = error.to_string().chars().filter(|c| !c.is_control()).take(120).collect();
        GraphFault::bad_request(format!("A value in the request body is not valid: {why}."))
    })
}

/// A member that is an object: serde would read a struct from an array, too.
pub(super) fn object<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let object = Map::deserialize(deserializer)?;
    serde_json::from_value(Value::Object(object)).map_err(de::Error::custom)
}
