//! The body of `POST /v1.0/$batch`: several requests of one caller (Graph's article on JSON batching).
//!
//! They are done in the order in which they stand, so a request can depend only on one that stands
//! before it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::body::nullable_object;
use crate::fault::GraphFault;

/// Most requests in a batch.
const MOST: usize = 20;

#[derive(Deserialize)]
struct Batch {
    requests: Vec<BatchedRequest>,
}

/// One of the requests.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchedRequest {
    /// Its name in the batch. Some write a number.
    #[serde(deserialize_with = "name")]
    pub id: String,
    /// The HTTP method, in any case.
    pub method: String,
    /// Relative to the version: `/me`, or `me`.
    pub url: String,
    /// Headers of its own.
    #[serde(default)]
    pub headers: Option<BTreeMap<String, String>>,
    /// JSON.
    pub body: Option<Value>,
    /// The requests that have to succeed before it is done.
    #[serde(default, deserialize_with = "names")]
    pub depends_on: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Name {
    Number(u64),
    Text(String),
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        match name {
            Name::Number(number) => number.to_string(),
            Name::Text(text) => text,
        }
    }
}

fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Name::deserialize(deserializer).map(String::from)
}

fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let names = Option::<Vec<Name>>::deserialize(deserializer)?;
    Ok(names.into_iter().flatten().map(String::from).collect())
}

/// Reads a batch.
///
/// # Errors
/// If the batch as a whole is none: too many, one `id` twice, a dependency that does not stand
/// before.
pub fn read(body: &[u8]) -> Result<Vec<BatchedRequest>, GraphFault> {
    let object: Map<String, Value> = nullable_object(body)?;
    let batch: Batch = serde_json::from_value(Value::Object(object)).map_err(|error| {
        GraphFault::bad_request(format!("The request body is not a batch: {error}."))
    })?;
    let parts = batch.requests;
    if parts.is_empty() || parts.len() > MOST {
        let message = format!("A batch has from 1 to {MOST} requests, not {}.", parts.len());
        return Err(GraphFault::bad_request(message));
    }
    for (place, part) in parts.iter().enumerate() {
        let before = &parts[..place];
        let shown: String = part.id.escape_debug().take(60).collect();
        if part.id.is_empty() || before.iter().any(|other| other.id == part.id) {
            return Err(GraphFault::bad_request(format!("The id '{shown}' is not unique.")));
        }
        if !part.depends_on.iter().all(|id| before.iter().any(|other| other.id == *id)) {
            let message = format!("'{shown}' depends on a request that does not stand before it.");
            return Err(GraphFault::bad_request(message));
        }
    }
    Ok(parts)
}
