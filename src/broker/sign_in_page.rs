//! The page on which a name is typed.

use super::failure::Failure;
use super::{Body, Broker, ProviderButton, View};
use crate::directory::{SocialNetwork, Tenant};
use crate::interaction::Discovering;

impl Broker {
    /// The page on which a name is typed, with a button for each provider of the tenant;
    /// or the one for those who sign up.
    pub(super) async fn sign_in_page(
        &self,
        state: &Discovering,
        hint: String,
        alert: Option<String>,
    ) -> Result<Body, Failure> {
        if state.sign_up {
            return self.sign_up_page(state, hint, alert).await;
        }
        let app = self.resource(state.request.application()).await?.name;
        let sign_up = self.offer(&state.request, state.tenant()).await?.is_some();
        let (organization, providers) = (None, Vec::new());
        let mut view = View::SignIn { organization, app, hint, alert, providers, sign_up };
        if let (Some(id), View::SignIn { organization, providers, .. }) =
            (state.tenant(), &mut view)
        {
            let tenant = self.tenant(id).await?;
            *providers = provider_buttons(&tenant);
            *organization = Some(tenant.display_name);
        }
        Ok(Body::Show(Box::new(view)))
    }
}

/// A button for each provider that the tenant has configured.
fn provider_buttons(tenant: &Tenant) -> Vec<ProviderButton> {
    let mut buttons = Vec::new();
    // Google first: it redeems, and it was there first.
    for network in SocialNetwork::ALL.into_iter().rev().filter(|n| tenant.has_network(*n)) {
        let (id, name) = (network.slug().to_owned(), network.name().to_owned());
        buttons.push(ProviderButton { id, name });
    }
    buttons.extend(tenant.federations.iter().map(|federation| ProviderButton {
        id: federation.issuer_uri.clone(),
        name: federation.display_name.clone(),
    }));
    buttons
}
