//! Query options: `$select`, `$filter`, `$top`, `$skiptoken`, `$count`.
//!
//! The filter grammar is the part of OData that guest management needs: comparisons and `any` over
//! known properties, joined by `and`. What is not understood is refused, never ignored.

mod filter;

use serde_json::Value;

use crate::fault::GraphFault;
use crate::protocol::params::Params;

pub use filter::{Comparison, Filter};

/// Query options, checked.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `$select`; empty is the default set.
    pub select: Vec<String>,
    /// `$filter`.
    pub filter: Filter,
    /// `$top`.
    pub top: u32,
    /// `$skiptoken`, not verified yet.
    pub skiptoken: Option<String>,
    /// `$count`.
    pub count: bool,
}

const LARGEST_PAGE: u32 = 999;
const USUAL_PAGE: u32 = 100;

impl Options {
    /// Reads them. `known` are the properties that may be named.
    pub fn parse(params: &Params, known: &[&str]) -> Result<Self, GraphFault> {
        if let Some(name) = params.repeated() {
            return Err(GraphFault::bad_query(format!("The option '{name}' stands twice.")));
        }
        for refused in ["$search", "$expand", "$orderby", "$skip", "$apply", "$format"] {
            if params.has(refused) {
                let message = format!("The option '{refused}' is not supported.");
                return Err(GraphFault::bad_query(message));
            }
        }
        Ok(Self {
            select: select(params.get("$select"), known)?,
            filter: Filter::parse(params.get("$filter").unwrap_or_default(), known)?,
            top: top(params)?,
            skiptoken: params.get("$skiptoken").map(str::to_owned),
            count: match params.get("$count") {
                None | Some("false") => false,
                Some("true") => true,
                Some(_) => return Err(GraphFault::bad_query("$count is true or false.")),
            },
        })
    }

    /// An entity with what was selected; whole without a `$select`.
    pub fn selected(&self, entity: Value) -> Value {
        match entity {
            Value::Object(mut members) if !self.select.is_empty() => {
                members.retain(|name, _| self.select.iter().any(|selected| selected == name));
                Value::Object(members)
            }
            whole => whole,
        }
    }
}

fn select(text: Option<&str>, known: &[&str]) -> Result<Vec<String>, GraphFault> {
    let names = text.into_iter().flat_map(|text| text.split(',')).map(str::trim);
    let mut selected: Vec<String> = Vec::new();
    for name in names.take(200) {
        let Some(name) = known.iter().find(|known| known.eq_ignore_ascii_case(name)) else {
            let shown: String = name.escape_debug().take(60).collect();
            let message = format!("Could not find a property named '{shown}'.");
            return Err(GraphFault::bad_query(message));
        };
        if !selected.iter().any(|known| known == name) {
            selected.push((*name).to_owned());
        }
    }
    Ok(selected)
}

fn top(params: &Params) -> Result<u32, GraphFault> {
    if !params.has("$top") {
        return Ok(USUAL_PAGE);
    }
    let number = params.get("$top").unwrap_or_default();
    let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    match number.parse::<u32>() {
        Ok(top) if digits && (1..=LARGEST_PAGE).contains(&top) => Ok(top),
        _ => Err(GraphFault::bad_query(format!("$top is a number from 1 to {LARGEST_PAGE}."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["id", "mail", "userType", "otherMails", "accountEnabled"];

    fn parse(query: &str) -> Result<Options, GraphFault> {
        Options::parse(&Params::parse(query).unwrap(), KNOWN)
    }

    #[test]
    fn filters_lists_of_texts_and_of_objects() {
        let passes = |filter: &str, json: serde_json::Value| {
            let filter = Filter::parse(filter, &["domains", "otherMails"]).unwrap();
            filter.passes(|name| json[name].clone())
        };
        let federation =
            serde_json::json!({ "domains": [{ "id": "a.example" }, { "id": "b.example" }] });
        assert!(passes("domains/any(x:x/id eq 'B.example')", federation.clone()));
        assert!(passes("domains/any(x: x/id eq 'b.example')", federation.clone()));
        assert!(!passes("domains/any(x:x/id eq 'c.example')", federation.clone()));
        assert!(!passes("domains/any(x:x/name eq 'a.example')", federation.clone()));
        assert!(!passes("domains/any(x:x eq 'a.example')", federation));
        let user = serde_json::json!({ "otherMails": ["a@b.example"] });
        assert!(passes("otherMails/any(m:m eq 'a@b.example')", user.clone()));
        assert!(!passes("otherMails/any(m:m/id eq 'a@b.example')", user));
        for broken in
            ["domains/any(x:y/id eq 'a')", "domains/any(x:x/ eq 'a')", "domains/any(x:x/id"]
        {
            assert!(Filter::parse(broken, &["domains"]).is_err(), "{broken}");
        }
    }

    #[test]
    fn reads_the_options_that_it_knows() {
        let options = parse(
            "$select=id,MAIL&$filter=mail%20eq%20'a''b@x.example'%20and%20userType%20ne%20'Guest'\
             &$top=5&$count=true",
        )
        .unwrap();
        assert_eq!(options.select, ["id", "mail"]);
        assert_eq!((options.top, options.count), (5, true));
        assert_eq!(options.filter.equal_to("mail"), Some("a'b@x.example"));
    }

    /// `parse-12` to `parse-16` of the security catalogue.
    #[test]
    fn refuses_what_it_does_not_know() {
        for query in [
            "$filter='%20or%201%20eq%201",
            "$filter=mail%20eq%20'x'%20or%201%20eq%201",
            "$filter=mail%20eq%20'x",
            "$filter=mail%20eq%20x",
            "$filter=password%20eq%20'x'",
            "$select=password",
            "$select=",
            "$expand=manager",
            "$search=%22displayName:*%22",
            "$top=0",
            "$top=-1",
            "$top=9223372036854775808",
            "$top=abc",
            "$top=",
            "$count=yes",
            "$top=1&$top=2",
        ] {
            let accepted = parse(query);
            if query == "$select=" {
                assert!(accepted.unwrap().select.is_empty());
            } else {
                assert_eq!(accepted.unwrap_err().status, 400, "{query}");
            }
        }
        let nested = format!("$filter={}", "(".repeat(5000));
        assert!(parse(&nested).is_err());
    }
}
