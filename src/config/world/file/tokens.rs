//! What applications say about their tokens, and lists of names or tables.

use std::fmt;
use std::marker::PhantomData;

use jiff::Span;
use schemars::JsonSchema;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::directory::OptionalClaim;

/// `optionalClaims`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OptionalClaimsEntry {
    /// In id tokens for the application: names, or tables with `name` and `additional_properties`.
    #[serde(deserialize_with = "names_or_tables")]
    #[schemars(with = "Vec<NameOr<OptionalClaim>>")]
    pub id_token: Vec<OptionalClaim>,
    /// In access tokens that clients get for the application.
    #[serde(deserialize_with = "names_or_tables")]
    #[schemars(with = "Vec<NameOr<OptionalClaim>>")]
    pub access_token: Vec<OptionalClaim>,
}

/// A token lifetime policy.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenLifetimeEntry {
    /// `AccessTokenLifetime`, from `PT10M` to `P1D`: of access tokens for the application and of id
    /// tokens to it.
    #[schemars(with = "String")]
    pub access_token: Span,
}

/// What may be written where a name says enough.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "describes the file for the schema; names_or_tables is what reads")]
pub(super) enum NameOr<T> {
    /// The name.
    Name(String),
    /// The whole.
    Table(T),
}

/// Reads a list whose entries are names or tables.
///
/// An untagged enum would hide which key is wrong, so the two spellings are visited by hand.
pub(super) fn names_or_tables<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + From<String>,
{
    let list = Vec::<Spelled<T>>::deserialize(deserializer)?;
    Ok(list.into_iter().map(|Spelled(entry)| entry).collect())
}

struct Spelled<T>(T);

impl<'de, T: Deserialize<'de> + From<String>> Deserialize<'de> for Spelled<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Spelling(PhantomData))
    }
}

struct Spelling<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + From<String>> Visitor<'de> for Spelling<T> {
    type Value = Spelled<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name, or a table")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Spelled<T>, E> {
        Ok(Spelled(T::from(name.to_owned())))
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Spelled<T>, M::Error> {
        T::deserialize(de::value::MapAccessDeserializer::new(map)).map(Spelled)
    }
}
