//! Sending a person to an upstream provider.

use super::failure::Failure;
use super::run::Run;
use super::{Body, Broker, Here};
use crate::decide::Trace;
use crate::decide::provider::configuration;
use crate::directory::{ExternalProvider, IdentityProvider, SocialNetwork, first_party};
use crate::fault::{Fault, say};
use crate::ids::{EmailAddress, MICROSOFT_ACCOUNT_TENANT, TenantId};
use crate::interaction::{Discovering, Interaction, Method};
use crate::protocol::discovery;
use crate::protocol::prompt::Prompt;
use crate::upstream::{Provider, Start, UpstreamFault, UpstreamFaultKind, social};

/// Which provider: its kind, and the home tenant for Entra.
pub(super) type Chosen = (IdentityProvider, Option<TenantId>);

impl Broker {
    /// The broker's registration at a provider, for a sign-in that runs at `here` into a tenant.
    pub(super) async fn provider(
        &self,
        here: &Here,
        tenant: TenantId,
        (kind, home): &Chosen,
    ) -> Result<Provider, Failure> {
        let (external, home, name) = match kind {
            IdentityProvider::ExternalAzureAd => {
                let tenant = home.ok_or_else(say::sign_in_gone)?;
                let tenant = self.tenant(tenant).await?;
                (tenant.provider, Some((tenant.id, tenant.domains)), tenant.display_name)
            }
            IdentityProvider::MicrosoftAccount => {
                let external = self.settings.microsoft_account_provider.clone();
                let home = Some((MICROSOFT_ACCOUNT_TENANT, Vec::new()));
                (external, home, "Microsoft account".to_owned())
            }
            IdentityProvider::Facebook => {
                let external = self.settings.facebook_provider.clone();
                let external = self.registered(tenant, SocialNetwork::Facebook, external).await?;
                (external, None, "Facebook".to_owned())
            }
            IdentityProvider::Google => {
                let external = self.settings.google_provider.clone();
                let external = self.registered(tenant, SocialNetwork::Google, external).await?;
                (external, None, "Google".to_owned())
            }
            IdentityProvider::Federation(_) | IdentityProvider::Mail => {
                return Err(say::sign_in_gone().into());
            }
        };
        let built_in = external.is_none();
        let network = SocialNetwork::of(kind).unwrap_or(SocialNetwork::Google);
        let own_issuer = match &home {
            Some((tenant, _)) => discovery::issuer(self.origins.issuer(&here.origin), *tenant),
            None => social::issuer(network, &here.origin),
        };
        let client_id = match &home {
            Some(_) => first_party::BROKER.to_string(),
            None => social::client_id(network).to_owned(),
        };
        let own = || ExternalProvider {
            issuer: own_issuer,
            client_id,
            client_secret: Some(self.broker_secret()),
        };
        let ExternalProvider { issuer, client_id, client_secret } = external.unwrap_or_else(own);
        let (home_tenant, home_domains) = home.unzip();
        Ok(Provider {
            identity_provider: kind.clone(),
            home_tenant,
            home_domains: home_domains.unwrap_or_default(),
            name,
            issuer,
            client_id,
            client_secret,
            built_in,
        })
    }

    /// A real network is asked in the name under which the tenant's administrator has registered
    /// there; without such, in the server's.
    async fn registered(
        &self,
        tenant: TenantId,
        network: SocialNetwork,
        external: Option<ExternalProvider>,
    ) -> Result<Option<ExternalProvider>, Failure> {
        let Some(ExternalProvider { issuer, client_id, client_secret }) = external else {
            return Ok(None);
        };
        let tenant = self.tenant(tenant).await?;
        let own = tenant.social_registrations.get(&network);
        Ok(Some(match own {
            Some(own) => ExternalProvider {
                issuer,
                client_id: own.client_id.clone(),
                client_secret: Some(own.client_secret.clone()),
            },
            None => ExternalProvider { issuer, client_id, client_secret },
        }))
    }

    /// Where a provider sends its answers for a tenant.
    pub(super) fn callback(here: &Here, tenant: TenantId) -> String {
        format!("{}/te/{tenant}/oauth2/authresp", here.origin)
    }

    /// Sends the person to a provider. `None`: the state has changed.
    pub(super) async fn go_upstream(
        &self,
        run: &mut Run<'_>,
        state: Discovering,
        chosen: Chosen,
        typed: Option<&EmailAddress>,
    ) -> Result<Option<Body>, Failure> {
        if !state.request.is_interactive() {
            return Ok(Some(self.refusal(run, say::not_signed_in())));
        }
        let Some(tenant) = state.tenant() else { return Err(say::sign_in_gone().into()) };
        if let IdentityProvider::Federation(issuer) = &chosen.0 {
            let tenant = self.tenant(tenant).await?;
            return Box::pin(self.go_to_federation(run, state, (&tenant, issuer), typed)).await;
        }
        let provider = self.provider(run.here, tenant, &chosen).await?;
        // On the redeem link another account of the provider may be used, if the person asks.
        let hint = typed.map(EmailAddress::as_str).filter(|_| !state.other_name);
        let start = Start {
            callback: Self::callback(run.here, tenant),
            configuration: configuration(&self.tenant(tenant).await?, &chosen.0),
            prefix: state.request.id.to_string(),
            login_hint: hint,
            select_account: state.other_name || typed.is_none(),
            login: state.request.prompt() == Prompt::Login,
            max_age: state.request.max_age(),
        };
        let name = provider.name.clone();
        match self.relying_party.start(&provider, start).await {
            Ok(upstream) => {
                let mut trace = Trace::new();
                trace.note(5, "sent-upstream", format!("to {name} ({})", provider.issuer));
                let method = Method::Upstream(upstream);
                let state = state.prove(tenant, typed.cloned(), method, trace);
                run.become_state(Interaction::Proving(state));
                Ok(None)
            }
            Err(fault) => {
                let fault = no_sign_in(&name, &fault);
                run.become_state(Interaction::Discovering(state));
                Ok(Some(self.refusal(run, fault)))
            }
        }
    }

    /// The provider behind a button of the sign-in page.
    pub(super) async fn chosen_provider(
        &self,
        state: &Discovering,
        id: &str,
    ) -> Result<Option<Chosen>, Failure> {
        let Some(tenant) = state.tenant() else { return Ok(None) };
        let tenant = self.tenant(tenant).await?;
        let mut networks = SocialNetwork::ALL.into_iter();
        let network = networks.find(|network| network.slug() == id && tenant.has_network(*network));
        if let Some(network) = network {
            return Ok(Some((network.identity_provider(), None)));
        }
        let federation = tenant.federations.into_iter().find(|f| f.issuer_uri == id);
        Ok(federation.map(|f| (IdentityProvider::Federation(f.issuer_uri), None)))
    }

    /// The provider that `domain_hint` names: a look-up key, ignored if it finds nothing.
    pub(super) async fn hinted_provider(
        &self,
        state: &Discovering,
    ) -> Result<Option<Chosen>, Failure> {
        let request = Some(&state.request).filter(|request| request.login_hint().is_none());
        let hint = request.and_then(|request| request.domain_hint());
        let (Some(hint), Some(tenant)) = (hint.filter(|_| !state.other_name), state.tenant())
        else {
            return Ok(None);
        };
        if tenant == MICROSOFT_ACCOUNT_TENANT {
            return Ok(None);
        }
        let tenant = self.tenant(tenant).await?;
        match hint {
            "google.com" | "gmail.com" if tenant.google => {
                return Ok(Some((IdentityProvider::Google, None)));
            }
            "facebook.com" if tenant.facebook => {
                return Ok(Some((IdentityProvider::Facebook, None)));
            }
            "consumers" | "live.com" => {
                return Ok(Some((IdentityProvider::MicrosoftAccount, None)));
            }
            _ => {}
        }
        let Ok(domain) = hint.parse() else { return Ok(None) };
        if let Some(federation) = tenant.federation_for(&domain) {
            let issuer = federation.issuer_uri.clone();
            return Ok(Some((IdentityProvider::Federation(issuer), None)));
        }
        let owner = self.tenant_of_domain(&domain).await?.filter(|owner| owner.id != tenant.id);
        Ok(owner.map(|owner| (IdentityProvider::ExternalAzureAd, Some(owner.id))))
    }
}

/// A provider's failure, as the person sees it.
pub(super) fn no_sign_in(provider: &str, fault: &UpstreamFault) -> Fault {
    let check = "Or check the provider's entry in the world file.";
    match fault.kind() {
        UpstreamFaultKind::Refused => say::upstream_failed(provider, fault),
        UpstreamFaultKind::Unreachable => say::upstream_unreachable(provider, fault)
            .with_remedy("Try again in a moment: nothing has changed.")
            .with_remedy(check),
        UpstreamFaultKind::Unusable => say::upstream_unusable(provider, fault)
            .with_remedy("Try again later: nothing has changed.")
            .with_remedy(check),
    }
}
