//! `/v1.0/directory/federationConfigurations`.

use axum::extract::{Path, Request};
use axum::response::Response;

use super::{answer, caller, done, json_body, query};
use crate::fault::GraphFault;
use crate::http::extract::Context;

/// What an address below the collection means. Graph writes the type's name before the id or after
/// it, or not at all (the pages of each method).
#[derive(Debug, PartialEq, Eq)]
enum Target<'a> {
    Collection,
    Domain(&'a str, &'a str),
    Domains(&'a str),
    One(&'a str),
}

impl<'a> Target<'a> {
    fn parse(rest: &'a str) -> Result<Self, GraphFault> {
        let parts: Vec<&str> = rest.split('/').filter(|part| !is_type(part)).collect();
        match parts.as_slice() {
            [] => Ok(Self::Collection),
            [id] => Ok(Self::One(id)),
            [id, "domains"] => Ok(Self::Domains(id)),
            [id, "domains", domain] => Ok(Self::Domain(id, domain)),
            _ => {
                let shown: String = rest.chars().filter(|c| !c.is_control()).take(120).collect();
                Err(GraphFault::not_found(shown))
            }
        }
    }
}

fn is_type(part: &str) -> bool {
    let name = part.strip_prefix("microsoft.").unwrap_or(part);
    name == "graph.samlOrWsFedExternalDomainFederation"
}

fn unknown() -> GraphFault {
    GraphFault::bad_request("The method does not fit the resource.")
}

/// `GET`: the list, a configuration, its domains.
pub(in crate::http) async fn read(context: Context, Path(rest): Path<String>) -> Response {
    let outcome = async {
        let target = Target::parse(&rest)?;
        let bearer = caller(&context).await?;
        let (broker, origin) = (&context.app.broker, &context.here.origin);
        match target {
            Target::Collection => broker.list_federations(&bearer, origin, &query(&context)?),
            Target::One(id) => broker.get_federation(&bearer, id, &query(&context)?),
            Target::Domains(id) => broker.list_federation_domains(&bearer, origin, id),
            Target::Domain(..) => Err(unknown()),
        }
    };
    answer(&context, 200, outcome.await)
}

/// `POST`: a configuration, or a domain of one.
pub(in crate::http) async fn create(
    context: Context,
    Path(rest): Path<String>,
    request: Request,
) -> Response {
    let outcome = async {
        let target = Target::parse(&rest)?;
        let bearer = caller(&context).await?;
        let body = json_body(request).await?;
        match target {
            Target::Collection => context.app.broker.create_federation(&bearer, &body).await,
            Target::Domains(id) => {
                context.app.broker.add_federation_domain(&bearer, id, &body).await
            }
            Target::Domain(..) | Target::One(_) => Err(unknown()),
        }
    };
    answer(&context, 201, outcome.await)
}

/// `PATCH` of a configuration.
pub(in crate::http) async fn update(
    context: Context,
    Path(rest): Path<String>,
    request: Request,
) -> Response {
    let outcome = async {
        let target = Target::parse(&rest)?;
        let bearer = caller(&context).await?;
        let body = json_body(request).await?;
        match target {
            Target::One(id) => context.app.broker.update_federation(&bearer, id, &body).await,
            _ => Err(unknown()),
        }
    };
    answer(&context, 200, outcome.await)
}

/// `DELETE` of a configuration, or of a domain of one.
pub(in crate::http) async fn delete(context: Context, Path(rest): Path<String>) -> Response {
    let outcome = async {
        let target = Target::parse(&rest)?;
        let bearer = caller(&context).await?;
        match target {
            Target::One(id) => context.app.broker.delete_federation(&bearer, id).await,
            Target::Domain(id, domain) => {
                context.app.broker.remove_federation_domain(&bearer, id, domain).await
            }
            Target::Collection | Target::Domains(_) => Err(unknown()),
        }
    };
    done(&context, outcome.await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_name_may_stand_before_the_id_or_after_it() {
        let long = "microsoft.graph.samlOrWsFedExternalDomainFederation";
        let short = "graph.samlOrWsFedExternalDomainFederation";
        let parse = |rest: &str| format!("{:?}", Target::parse(rest).map_err(|fault| fault.status));
        for kind in [long, short] {
            assert_eq!(parse(kind), "Ok(Collection)");
            assert_eq!(parse(&format!("{kind}/7")), r#"Ok(One("7"))"#);
            assert_eq!(parse(&format!("7/{kind}/domains")), r#"Ok(Domains("7"))"#);
            assert_eq!(parse(&format!("{kind}/7/domains")), r#"Ok(Domains("7"))"#);
            let one = parse(&format!("{kind}/7/domains/a.example"));
            assert_eq!(one, r#"Ok(Domain("7", "a.example"))"#);
        }
        assert_eq!(parse("7"), r#"Ok(One("7"))"#);
        assert_eq!(parse("7/domains/a.example/more"), "Err(404)");
        assert_eq!(parse("7/certificates"), "Err(404)");
    }
}
