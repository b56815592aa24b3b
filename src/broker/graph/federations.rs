//! `/v1.0/directory/federationConfigurations`: SAML and WS-Fed providers of other people's domains.

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::body::{Given, nullable_object};
use super::odata::Options;
use super::{Bearer, GraphFailure, body_object, read, retry_graph};
use crate::broker::Broker;
use crate::decide::federation::{self, Facts, Outcome};
use crate::directory::{Federation, FederationProtocol, Role, Tenant};
use crate::fault::GraphFault;
use crate::ids::{DomainName, FederationId};
use crate::protocol::certificate;
use crate::protocol::params::Params;
use crate::store::records::by;
use crate::store::{ChangeSet, Stored};

const READING: &[&str] = &[
    "Domain.Read.All",
    "Domain.ReadWrite.All",
    "IdentityProvider.Read.All",
    "IdentityProvider.ReadWrite.All",
];
const WRITING: &[&str] = &["IdentityProvider.ReadWrite.All"];
const ADMINISTRATORS: &[Role] =
    &[Role::ExternalIdentityProviderAdministrator, Role::GlobalAdministrator];
const KNOWN: &[&str] = &[
    "id",
    "displayName",
    "issuerUri",
    "metadataExchangeUri",
    "signingCertificate",
    "passiveSignInUri",
    "preferredAuthenticationProtocol",
    "domains",
];
/// The type's name in `@odata.context`.
const COLLECTION: &str =
    "directory/federationConfigurations/microsoft.graph.samlOrWsFedExternalDomainFederation";

/// The body of a create or an update. A member that is null takes the value away; one that is not
/// there leaves it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Body {
    display_name: Given<String>,
    issuer_uri: Option<String>,
    metadata_exchange_uri: Given<String>,
    passive_sign_in_uri: Given<String>,
    signing_certificate: Given<String>,
    preferred_authentication_protocol: Option<FederationProtocol>,
    #[serde(deserialize_with = "domains")]
    domains: Option<Vec<DomainName>>,
}

#[derive(Debug, Deserialize)]
struct ExternalDomainName {
    id: DomainName,
}

fn domains<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<DomainName>>, D::Error> {
    let names = Option::<Vec<ExternalDomainName>>::deserialize(deserializer)?;
    Ok(names.map(|names| names.into_iter().map(|name| name.id).collect()))
}

impl Body {
    fn read(body: &[u8]) -> Result<Self, GraphFault> {
        let body: Self = read(nullable_object(body)?)?;
        if let Given::Value(name) = &body.display_name
            && (name.trim().is_empty()
                || name.chars().count() > 256
                || name.chars().any(char::is_control))
        {
            return Err(GraphFault::bad_request("The displayName is not valid."));
        }
        Ok(body)
    }

    /// The configuration with what the body says of it.
    fn apply(self, federation: &mut Federation) {
        let speaks_of_the_provider = self.issuer_uri.is_some()
            || self.metadata_exchange_uri.is_given()
            || self.passive_sign_in_uri.is_given()
            || self.signing_certificate.is_given();
        if speaks_of_the_provider {
            federation.builtin = None;
        }
        if let Some(issuer) = self.issuer_uri {
            federation.issuer_uri = issuer;
        }
        if let Some(protocol) = self.preferred_authentication_protocol {
            federation.protocol = protocol;
        }
        let known = federation.metadata_exchange_uri.clone();
        self.metadata_exchange_uri.write(&mut federation.metadata_exchange_uri);
        federation.metadata_told_by_graph |= federation.metadata_exchange_uri != known;
        self.passive_sign_in_uri.write(&mut federation.passive_sign_in_uri);
        if self.signing_certificate.is_given() {
            federation.next_signing_certificate = None;
            self.signing_certificate.write(&mut federation.signing_certificate);
            // One that cannot be read is refused by the decision, with the reason.
            let read = federation.signing_certificate.as_deref().map(certificate::read);
            if let Some(Ok(read)) = read {
                federation.signing_certificate = Some(read.to_base64());
            }
        }
        match self.display_name {
            Given::Absent => {}
            Given::Null => federation.display_name.clone_from(&federation.issuer_uri),
            Given::Value(name) => federation.display_name = name,
        }
        if let Some(domains) = self.domains {
            federation.domains = domains;
        }
    }
}

impl Broker {
    /// `GET …/microsoft.graph.samlOrWsFedExternalDomainFederation`, with `$filter` by domain.
    pub fn list_federations(
        &self,
        bearer: &Bearer,
        origin: &str,
        params: &Params,
    ) -> Result<Value, GraphFault> {
        check_reads(bearer)?;
        let options = Options::parse(params, KNOWN)?;
        let all = bearer.tenant.federations.iter().map(shape);
        let passing = all.filter(|federation| {
            options.filter.passes(|name| federation.get(name).cloned().unwrap_or_default())
        });
        let value: Vec<_> = passing
            .take(options.top as usize)
            .map(|federation| options.selected(federation))
            .collect();
        let context = format!("{origin}/v1.0/$metadata#{COLLECTION}");
        Ok(json!({ "@odata.context": context, "value": value }))
    }

    /// `POST …/microsoft.graph.samlOrWsFedExternalDomainFederation`, for status 201.
    pub async fn create_federation(
        &self,
        bearer: &Bearer,
        body: &[u8],
    ) -> Result<Value, GraphFault> {
        check_writes(bearer)?;
        let body = Body::read(body)?;
        let missing =
            |name: &str| Err(GraphFault::bad_request(format!("The request body has no '{name}'.")));
        let Some(issuer_uri) = body.issuer_uri.clone() else { return missing("issuerUri") };
        let Some(protocol) = body.preferred_authentication_protocol else {
            return missing("preferredAuthenticationProtocol");
        };
        let mut federation = Federation {
            id: FederationId::new(self.entropy.guid()),
            display_name: issuer_uri.clone(),
            protocol,
            issuer_uri,
            domains: Vec::new(),
            passive_sign_in_uri: None,
            metadata_exchange_uri: None,
            metadata_told_by_graph: false,
            signing_certificate: None,
            next_signing_certificate: None,
            builtin: None,
        };
        body.apply(&mut federation);
        retry_graph!(self.try_create_federation(bearer, &federation).await)
    }

    async fn try_create_federation(
        &self,
        bearer: &Bearer,
        federation: &Federation,
    ) -> Result<Value, GraphFailure> {
        let mut tenant = self.stored_tenant(bearer).await?;
        check(&tenant, federation)?;
        tenant.federations.push(federation.clone());
        let order = federation::order_with_federation(&tenant.invitation_redemption.order);
        tenant.invitation_redemption.order = order;
        self.save_tenant(&tenant).await?;
        Ok(shape(federation))
    }

    /// `GET …/{id}`.
    pub fn get_federation(
        &self,
        bearer: &Bearer,
        id: &str,
        params: &Params,
    ) -> Result<Value, GraphFault> {
        check_reads(bearer)?;
        let options = Options::parse(params, KNOWN)?;
        let place = position(&bearer.tenant, id)?;
        Ok(options.selected(shape(&bearer.tenant.federations[place])))
    }

    /// `PATCH …/{id}`: the configuration as it is then.
    pub async fn update_federation(
        &self,
        bearer: &Bearer,
        id: &str,
        body: &[u8],
    ) -> Result<Value, GraphFault> {
        check_writes(bearer)?;
        let read = Body::read(body)?;
        if read.domains.is_some() {
            let message = "Domains are added and removed through the domains relationship.";
            return Err(GraphFault::bad_request(message));
        }
        retry_graph!(self.try_update_federation(bearer, id, Body::read(body)?).await)
    }

    async fn try_update_federation(
        &self,
        bearer: &Bearer,
        id: &str,
        body: Body,
    ) -> Result<Value, GraphFailure> {
        let mut tenant = self.stored_tenant(bearer).await?;
        let place = position(&tenant, id)?;
        let mut wanted = tenant.federations[place].clone();
        body.apply(&mut wanted);
        check(&tenant, &wanted)?;
        tenant.federations[place] = wanted.clone();
        self.save_tenant(&tenant).await?;
        Ok(shape(&wanted))
    }

    /// `DELETE …/{id}`. Guests who redeemed with it are locked out until they are reset.
    pub async fn delete_federation(&self, bearer: &Bearer, id: &str) -> Result<(), GraphFault> {
        check_writes(bearer)?;
        retry_graph!(self.try_delete_federation(bearer, id).await)
    }

    async fn try_delete_federation(&self, bearer: &Bearer, id: &str) -> Result<(), GraphFailure> {
        let mut tenant = self.stored_tenant(bearer).await?;
        let place = position(&tenant, id)?;
        refused(federation::delete(&tenant.federations[place]).outcome())?;
        tenant.federations.remove(place);
        self.save_tenant(&tenant).await
    }

    /// `GET …/{id}/domains`.
    pub fn list_federation_domains(
        &self,
        bearer: &Bearer,
        origin: &str,
        id: &str,
    ) -> Result<Value, GraphFault> {
        check_reads(bearer)?;
        let place = position(&bearer.tenant, id)?;
        let domains = bearer.tenant.federations[place].domains.iter();
        let value: Vec<_> = domains.map(|domain| json!({ "id": domain })).collect();
        let context = format!("{origin}/v1.0/$metadata#{COLLECTION}('{id}')/domains");
        Ok(json!({ "@odata.context": context, "value": value }))
    }

    /// `POST …/{id}/domains`, for status 201.
    pub async fn add_federation_domain(
        &self,
        bearer: &Bearer,
        id: &str,
        body: &[u8],
    ) -> Result<Value, GraphFault> {
        check_writes(bearer)?;
        let name: ExternalDomainName = read(body_object(body)?)?;
        retry_graph!(self.try_add_federation_domain(bearer, id, &name.id).await)
    }

    async fn try_add_federation_domain(
        &self,
        bearer: &Bearer,
        id: &str,
        domain: &DomainName,
    ) -> Result<Value, GraphFailure> {
        let mut tenant = self.stored_tenant(bearer).await?;
        let place = position(&tenant, id)?;
        let mut wanted = tenant.federations[place].clone();
        wanted.domains.push(domain.clone());
        check(&tenant, &wanted)?;
        tenant.federations[place] = wanted;
        self.save_tenant(&tenant).await?;
        Ok(json!({ "@odata.type": "#microsoft.graph.externalDomainName", "id": domain }))
    }

    /// `DELETE …/{id}/domains/{domain}`. Its redeemed guests are locked out until they are reset.
    pub async fn remove_federation_domain(
        &self,
        bearer: &Bearer,
        id: &str,
        domain: &str,
    ) -> Result<(), GraphFault> {
        check_writes(bearer)?;
        retry_graph!(self.try_remove_federation_domain(bearer, id, domain).await)
    }

    async fn try_remove_federation_domain(
        &self,
        bearer: &Bearer,
        id: &str,
        domain: &str,
    ) -> Result<(), GraphFailure> {
        let mut tenant = self.stored_tenant(bearer).await?;
        let place = position(&tenant, id)?;
        let federation = &mut tenant.federations[place];
        let before = federation.domains.len();
        federation.domains.retain(|known| domain.parse::<DomainName>().as_ref() != Ok(known));
        if federation.domains.len() == before {
            return Err(not_found(domain).into());
        }
        self.save_tenant(&tenant).await
    }

    /// The caller's tenant as it is now, to be changed.
    pub(super) async fn stored_tenant(
        &self,
        bearer: &Bearer,
    ) -> Result<Stored<Tenant>, GraphFailure> {
        let found = self.store.get::<Tenant>(by::tenant(bearer.tenant.id)).await?;
        found.ok_or_else(|| GraphFault::internal().into())
    }

    pub(super) async fn save_tenant(&self, tenant: &Stored<Tenant>) -> Result<(), GraphFailure> {
        let mut changes = ChangeSet::new();
        changes.update(tenant);
        Ok(self.store.commit(changes).await?)
    }
}

fn check_reads(bearer: &Bearer) -> Result<(), GraphFault> {
    if bearer.may(READING, ADMINISTRATORS) { Ok(()) } else { Err(GraphFault::denied()) }
}

fn check_writes(bearer: &Bearer) -> Result<(), GraphFault> {
    if bearer.may(WRITING, ADMINISTRATORS) { Ok(()) } else { Err(GraphFault::denied()) }
}

fn check(tenant: &Tenant, wanted: &Federation) -> Result<(), GraphFault> {
    refused(federation::decide(&Facts { tenant, wanted }).outcome())
}

fn refused(outcome: &Outcome) -> Result<(), GraphFault> {
    match outcome {
        Outcome::Accepted => Ok(()),
        Outcome::Refused(fault) => Err(fault.clone()),
    }
}

/// Where a configuration stands in the tenant's list.
fn position(tenant: &Tenant, id: &str) -> Result<usize, GraphFault> {
    let wanted = id.parse::<FederationId>().ok();
    let place = tenant.federations.iter().position(|federation| Some(federation.id) == wanted);
    place.ok_or_else(|| not_found(id))
}

fn not_found(name: &str) -> GraphFault {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(120).collect();
    GraphFault::not_found(shown)
}

/// A configuration as Graph writes it.
fn shape(federation: &Federation) -> Value {
    let domains = federation.domains.iter().map(|domain| json!({ "id": domain }));
    json!({
        "@odata.type": "#microsoft.graph.samlOrWsFedExternalDomainFederation",
        "id": federation.id,
        "displayName": federation.display_name,
        "issuerUri": federation.issuer_uri,
        "metadataExchangeUri": federation.metadata_exchange_uri,
        "signingCertificate": federation.signing_certificate,
        "passiveSignInUri": federation.passive_sign_in_uri,
        "preferredAuthenticationProtocol": federation.protocol,
        "domains": domains.collect::<Vec<_>>(),
    })
}
