//! `/v1.0/identity/identityProviders`: the social networks that a tenant lets in, beside what is
//! built into every tenant.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Bearer, GraphFailure, body_object, read, retry_graph};
use crate::broker::Broker;
use crate::directory::{Role, SocialNetwork, SocialRegistration, Tenant};
use crate::fault::GraphFault;
use crate::ids::ConfigurationId;
use crate::upstream::social;

const READING: &[&str] = &["IdentityProvider.Read.All", "IdentityProvider.ReadWrite.All"];
const WRITING: &[&str] = &["IdentityProvider.ReadWrite.All"];
const ADMINISTRATORS: &[Role] =
    &[Role::ExternalIdentityProviderAdministrator, Role::GlobalAdministrator];

/// What every tenant has: id, type, name.
const BUILT_IN: &[(&str, &str, &str)] = &[
    ("AADSignup-OAUTH", "AADSignup", "Directory Sign up"),
    ("MSASignup-OAUTH", "MicrosoftAccount", "Microsoft Account"),
    ("EmailOtpSignup-OAUTH", "EmailOTP", "Email One Time Passcode"),
];

/// The body of a create.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewProvider {
    display_name: Option<String>,
    identity_provider_type: String,
    client_id: String,
    client_secret: String,
}

/// The body of an update.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProviderPatch {
    display_name: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

impl Broker {
    /// `GET /identity/identityProviders`.
    pub fn list_identity_providers(
        &self,
        bearer: &Bearer,
        origin: &str,
    ) -> Result<Value, GraphFault> {
        check_reads(bearer)?;
        let tenant = &bearer.tenant;
        let built_in = BUILT_IN.iter().map(|provider| shape_built_in(*provider));
        let networks = SocialNetwork::ALL.into_iter().filter(|n| tenant.has_network(*n));
        let networks = networks.map(|network| self.shape_network(tenant, network));
        Ok(json!({
            "@odata.context": format!("{origin}/v1.0/$metadata#identity/identityProviders"),
            "value": built_in.chain(networks).collect::<Vec<_>>(),
        }))
    }

    /// `GET /identity/identityProviders/{id}`.
    pub fn get_identity_provider(&self, bearer: &Bearer, id: &str) -> Result<Value, GraphFault> {
        check_reads(bearer)?;
        if let Some(built_in) = BUILT_IN.iter().find(|(known, ..)| *known == id) {
            return Ok(shape_built_in(*built_in));
        }
        Ok(self.shape_network(&bearer.tenant, configured(&bearer.tenant, id)?))
    }

    /// `POST /identity/identityProviders`, for status 201: the tenant lets the network in.
    pub async fn create_identity_provider(
        &self,
        bearer: &Bearer,
        body: &[u8],
    ) -> Result<Value, GraphFault> {
        check_writes(bearer)?;
        let body: NewProvider = read(body_object(body)?)?;
        let network = SocialNetwork::ALL.into_iter();
        let mut network = network.filter(|n| n.name() == body.identity_provider_type);
        let network = network.next().ok_or_else(|| {
            GraphFault::bad_request("The identityProviderType must be Google or Facebook.")
        })?;
        let registration = SocialRegistration {
            display_name: body.display_name.unwrap_or_else(|| network.name().to_owned()),
            client_id: body.client_id,
            client_secret: body.client_secret,
            configuration: Some(ConfigurationId::new(self.entropy.guid())),
        };
        check(&registration)?;
        retry_graph!(self.try_create_provider(bearer, network, &registration).await)
    }

    async fn try_create_provider(
        &self,
        bearer: &Bearer,
        network: SocialNetwork,
        registration: &SocialRegistration,
    ) -> Result<Value, GraphFailure> {
        let mut tenant = self.stored_tenant(bearer).await?;
        if tenant.has_network(network) {
            let message =
                format!("The tenant has the identity provider '{}' already.", id(network));
            return Err(GraphFault::bad_request(message).into());
        }
        switch(&mut tenant, network, true);
        tenant.social_registrations.insert(network, registration.clone());
        self.save_tenant(&tenant).await?;
        Ok(self.shape_network(&tenant, network))
    }

    /// `PATCH /identity/identityProviders/{id}`.
    pub async fn update_identity_provider(
        &self,
        bearer: &Bearer,
        id: &str,
        body: &[u8],
    ) -> Result<(), GraphFault> {
        check_writes(bearer)?;
        check_not_built_in(id)?;
        let patch: ProviderPatch = read(body_object(body)?)?;
        retry_graph!(self.try_update_provider(bearer, id, &patch).await)
    }

    async fn try_update_provider(
        &self,
        bearer: &Bearer,
        id: &str,
        patch: &ProviderPatch,
    ) -> Result<(), GraphFailure> {
        let mut tenant = self.stored_tenant(bearer).await?;
        let network = configured(&tenant, id)?;
        let mut registration = self.registration(&tenant, network);
        for (given, place) in [
            (&patch.display_name, &mut registration.display_name),
            (&patch.client_id, &mut registration.client_id),
            (&patch.client_secret, &mut registration.client_secret),
        ] {
            if let Some(given) = given {
                place.clone_from(given);
            }
        }
        check(&registration)?;
        tenant.social_registrations.insert(network, registration);
        self.save_tenant(&tenant).await
    }

    /// `DELETE /identity/identityProviders/{id}`. Who redeemed or signed up with it is locked out
    /// until the redemption is reset.
    pub async fn delete_identity_provider(
        &self,
        bearer: &Bearer,
        id: &str,
    ) -> Result<(), GraphFault> {
        check_writes(bearer)?;
        check_not_built_in(id)?;
        retry_graph!(self.try_delete_provider(bearer, id).await)
    }

    async fn try_delete_provider(&self, bearer: &Bearer, id: &str) -> Result<(), GraphFailure> {
        let mut tenant = self.stored_tenant(bearer).await?;
        let network = configured(&tenant, id)?;
        switch(&mut tenant, network, false);
        tenant.social_registrations.remove(&network);
        self.save_tenant(&tenant).await
    }

    /// The administrator's registration; the server's where there is none.
    fn registration(&self, tenant: &Tenant, network: SocialNetwork) -> SocialRegistration {
        let slot = match network {
            SocialNetwork::Facebook => &self.settings.facebook_provider,
            SocialNetwork::Google => &self.settings.google_provider,
        };
        let servers_own = || SocialRegistration {
            display_name: network.name().to_owned(),
            client_id: slot
                .as_ref()
                .map_or_else(|| social::client_id(network).to_owned(), |s| s.client_id.clone()),
            client_secret: slot
                .as_ref()
                .and_then(|slot| slot.client_secret.clone())
                .unwrap_or_else(|| self.broker_secret()),
            configuration: None,
        };
        tenant.social_registrations.get(&network).cloned().unwrap_or_else(servers_own)
    }

    fn shape_network(&self, tenant: &Tenant, network: SocialNetwork) -> Value {
        let registration = self.registration(tenant, network);
        json!({
            "@odata.type": "#microsoft.graph.socialIdentityProvider",
            "id": id(network),
            "displayName": registration.display_name,
            "identityProviderType": network.name(),
            "clientId": registration.client_id,
            "clientSecret": "****",
        })
    }
}

/// `Google-OAUTH`.
fn id(network: SocialNetwork) -> String {
    format!("{}-OAUTH", network.name())
}

fn switch(tenant: &mut Tenant, network: SocialNetwork, on: bool) {
    match network {
        SocialNetwork::Facebook => tenant.facebook = on,
        SocialNetwork::Google => tenant.google = on,
    }
}

/// The network of that id, if the tenant lets it in.
fn configured(tenant: &Tenant, name: &str) -> Result<SocialNetwork, GraphFault> {
    let mut networks = SocialNetwork::ALL.into_iter();
    let found = networks.find(|network| id(*network) == name && tenant.has_network(*network));
    found.ok_or_else(|| {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(120).collect();
        GraphFault::not_found(shown)
    })
}

fn check_not_built_in(id: &str) -> Result<(), GraphFault> {
    match BUILT_IN.iter().any(|(known, ..)| *known == id) {
        true => Err(GraphFault::bad_request("A built-in identity provider cannot be changed.")),
        false => Ok(()),
    }
}

fn check(registration: &SocialRegistration) -> Result<(), GraphFault> {
    let SocialRegistration { display_name, client_id, client_secret, .. } = registration;
    for (name, value) in
        [("displayName", display_name), ("clientId", client_id), ("clientSecret", client_secret)]
    {
        let length = value.chars().count();
        let fits = (1..=512).contains(&length) && !value.chars().any(char::is_control);
        if !fits || value.trim().is_empty() {
            return Err(GraphFault::bad_request(format!("The {name} is not valid.")));
        }
    }
    Ok(())
}

fn shape_built_in((id, kind, name): (&str, &str, &str)) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.builtInIdentityProvider",
        "id": id,
        "identityProviderType": kind,
        "displayName": name,
    })
}

fn check_reads(bearer: &Bearer) -> Result<(), GraphFault> {
    if bearer.may(READING, ADMINISTRATORS) { Ok(()) } else { Err(GraphFault::denied()) }
}

fn check_writes(bearer: &Bearer) -> Result<(), GraphFault> {
    if bearer.may(WRITING, ADMINISTRATORS) { Ok(()) } else { Err(GraphFault::denied()) }
}
