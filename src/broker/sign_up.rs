//! Self-service sign-up: *No account? Create one*, what the person tells, and the guest to be. The
//! object itself is made in `redeem.rs`, in the one commit that makes a guest *Accepted*.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::failure::Failure;
use super::run::Run;
use super::standing::Standings;
use super::{AttributeField, Body, Broker, ProviderButton, Reply, View};
use crate::decide::hrd::Choice;
use crate::decide::sign_up::{self, Offer, SignUp};
use crate::directory::{
    Contact, FlowProvider, IdentityProvider, Tenant, TenantKind, User, UserAttribute,
};
use crate::fault::say;
use crate::ids::{EmailAddress, MICROSOFT_ACCOUNT_TENANT, ObjectId, TenantId};
use crate::interaction::{
    Authenticated, Discovering, Entry, Interaction, Newcomer, Proven, Redeeming, SignInRequest,
};
use crate::protocol::params::Params;
use crate::store::Stored;
use crate::store::records::by;

/// A provider's button, its name in the form, and how the provider is asked.
const BUTTONS: &[(FlowProvider, &str, IdentityProvider)] = &[
    (FlowProvider::Google, "google", IdentityProvider::Google),
    (FlowProvider::Facebook, "facebook", IdentityProvider::Facebook),
    (FlowProvider::MicrosoftAccount, "microsoft-account", IdentityProvider::MicrosoftAccount),
];

/// A proven account, and whether its holder wants to sign up.
pub(super) struct SignUpWish {
    /// The application lets strangers sign up.
    pub(super) offered: bool,
    /// And this one wants to.
    offer: Option<Offer>,
    new_id: ObjectId,
    address: Option<EmailAddress>,
    holder: Option<Stored<User>>,
    /// Who else vouches for the address's domain.
    vouched_by: Option<String>,
}

impl SignUpWish {
    pub(super) fn facts(&self, tenant: &Tenant) -> Option<SignUp<'_>> {
        let own_domain = self.address.as_ref().is_some_and(|a| tenant.owns(&a.domain()));
        self.offer.as_ref().map(|offer| SignUp {
            offer,
            new_id: self.new_id,
            address: self.address.as_ref(),
            holder: self.holder.as_deref(),
            own_domain,
            vouched_by: self.vouched_by.as_deref(),
        })
    }

    /// The guest to be.
    pub(super) fn newcomer(self, since: Timestamp) -> Option<Newcomer> {
        let (offer, address) = self.offer.zip(self.address)?;
        Some(Newcomer { flow: offer.flow, address, since, attributes: BTreeMap::new() })
    }
}

/// The longest value of an attribute.
const LONGEST: usize = 256;

impl Broker {
    /// What the application of a sign-in offers to people without an account. The link of an
    /// invitation is for whom it invites.
    pub(super) async fn offer(
        &self,
        request: &SignInRequest,
        tenant: Option<TenantId>,
    ) -> Result<Option<Offer>, Failure> {
        let tenant = tenant.filter(|tenant| *tenant != MICROSOFT_ACCOUNT_TENANT);
        let (Some(tenant), Entry::Direct) = (tenant, request.entry) else { return Ok(None) };
        Ok(sign_up::offer(&self.tenant(tenant).await?, request.application()))
    }

    /// `?view=sign-up`: the person wants an account, if the application offers any.
    pub(super) async fn wants_to_sign_up(
        &self,
        mut run: Run<'_>,
        mut state: Discovering,
    ) -> Result<Reply, Failure> {
        if self.offer(&state.request, state.tenant()).await?.is_some() {
            (state.other_account, state.other_name, state.choosing) = (true, true, None);
            state.sign_up = true;
            run.become_state(Interaction::Discovering(state));
        }
        self.to_resume(run).await
    }

    /// The page on which an address is typed or a provider chosen, to sign up with.
    pub(super) async fn sign_up_page(
        &self,
        state: &Discovering,
        hint: String,
        alert: Option<String>,
    ) -> Result<Body, Failure> {
        let app = self.resource(state.request.application()).await?.name;
        let (Some(offer), Some(tenant)) =
            (self.offer(&state.request, state.tenant()).await?, state.tenant())
        else {
            return Err(say::sign_up_not_offered(&app).into());
        };
        let organization = self.tenant(tenant).await?.display_name;
        let buttons = BUTTONS.iter().filter(|(provider, ..)| offer.providers.contains(provider));
        let providers = buttons.map(|(provider, id, _)| ProviderButton {
            id: (*id).to_owned(),
            name: provider.name().to_owned(),
        });
        let (providers, by_address) = (providers.collect(), offer.takes_addresses());
        let view = View::SignUp { organization, app, hint, alert, providers, by_address };
        Ok(Body::Show(Box::new(view)))
    }

    /// The form of that page.
    pub(super) async fn answer_sign_up(
        &self,
        mut run: Run<'_>,
        mut state: Discovering,
        form: &Params,
    ) -> Result<Reply, Failure> {
        let offer = self.offer(&state.request, state.tenant()).await?.filter(|_| state.sign_up);
        let Some(offer) = offer else { return self.to_resume(run).await };
        if let Some(chosen) = form.get("provider") {
            let mut buttons = BUTTONS.iter();
            let button = buttons.find(|(p, id, _)| *id == chosen && offer.providers.contains(p));
            let Some((_, _, provider)) = button else { return self.to_resume(run).await };
            state.trace.note(0, "provider-button", "a provider's button was chosen to sign up");
            let body = self.go_upstream(&mut run, state, (provider.clone(), None), None).await?;
            return self.finish_step(run, body).await;
        }
        if !form.has("loginfmt") {
            return self.to_resume(run).await;
        }
        let typed = form.get("loginfmt").unwrap_or_default().trim().to_owned();
        self.typed_name(run, state, &typed, Choice::NotMade).await
    }

    /// What there is to know about a proven account whose holder may want to sign up.
    pub(super) async fn sign_up_wish(
        &self,
        request: &SignInRequest,
        tenant: &Tenant,
        wanted: bool,
        proven: &Proven,
    ) -> Result<SignUpWish, Failure> {
        let offer = self.offer(request, Some(tenant.id)).await?;
        let offered = offer.is_some();
        let offer = offer.filter(|_| wanted);
        let address = sign_up::address_of(proven.account(), proven.verified_address());
        let holder = match (&offer, &address) {
            (Some(_), Some(address)) => self.user_at(tenant.id, address).await?,
            _ => None,
        };
        let vouched_by = match &address {
            Some(address) => self.vouches_for_domain_of(tenant, address).await?,
            None => None,
        };
        let new_id = ObjectId::new(self.entropy.guid());
        Ok(SignUpWish { offered, offer, new_id, address, holder, vouched_by })
    }

    /// Who vouches for the addresses of a domain: a federation of the tenant, or the Entra tenant
    /// that has verified it. That of Microsoft accounts vouches for its accounts alone.
    async fn vouches_for_domain_of(
        &self,
        tenant: &Tenant,
        address: &EmailAddress,
    ) -> Result<Option<String>, Failure> {
        let domain = address.domain();
        if let Some(federation) = tenant.federation_for(&domain) {
            return Ok(Some(federation.display_name.clone()));
        }
        let owner = self.tenant_of_domain(&domain).await?;
        let owner = owner.filter(|owner| owner.kind != TenantKind::Consumer);
        Ok(owner.map(|owner| owner.display_name.clone()))
    }

    /// The guest that somebody who signs up would be.
    pub(super) async fn guest_to_be(
        &self,
        tenant: &Tenant,
        newcomer: &Newcomer,
        who: &Authenticated,
    ) -> Result<User, Failure> {
        let contact = self.store.get::<Contact>(by::contact(tenant.id, &newcomer.address)).await?;
        Ok(newcomer.user(who, tenant.initial_domain(), contact.is_some()))
    }

    /// Makes the guest, unless somebody has got the address meanwhile.
    pub(super) async fn insert_newcomer(
        &self,
        run: &mut Run<'_>,
        tenant: &Tenant,
        newcomer: &Newcomer,
        user: &User,
    ) -> Result<(), Failure> {
        let address = &newcomer.address;
        if self.user_at(tenant.id, address).await?.is_some() {
            return Err(say::sign_up_address_taken(address, &tenant.display_name).into());
        }
        run.changes.insert(user);
        Ok(())
    }

    /// The form on which the person tells what the user flow asks for.
    pub(super) async fn answer_attributes(
        &self,
        mut run: Run<'_>,
        mut state: Redeeming,
        standings: &Standings,
        form: &Params,
    ) -> Result<Reply, Failure> {
        if form.has("back") {
            return self.decline(run).await;
        }
        let (Some(offer), Some(newcomer)) = (&standings.offer, &mut state.newcomer) else {
            return self.to_resume(run).await;
        };
        if !offer.attributes.iter().any(|attribute| form.has(attribute.as_str())) {
            return self.to_resume(run).await;
        }
        let told = told(&offer.attributes, form);
        let missing = offer.attributes.iter().find(|attribute| !told.contains_key(attribute));
        if let Some(missing) = missing {
            let alert = format!(
                "{}: type 1 to {LONGEST} characters, without control characters.",
                missing.label()
            );
            let page = attributes_page(standings, &told, Some(alert));
            return self.reply(run, page).await;
        }
        newcomer.attributes = told;
        state.trace.note(11, "attributes", "the person told what the user flow asks for");
        run.become_state(Interaction::Redeeming(state));
        self.to_resume(run).await
    }
}

/// The values that can be taken.
fn told(asked: &[UserAttribute], form: &Params) -> BTreeMap<UserAttribute, String> {
    let values = asked.iter().map(|attribute| (*attribute, form.get(attribute.as_str())));
    values
        .filter_map(|(attribute, value)| {
            let value = value?.trim();
            let fits = (1..=LONGEST).contains(&value.chars().count())
                && !value.chars().any(char::is_control);
            fits.then(|| (attribute, value.to_owned()))
        })
        .collect()
}

/// The page that asks for what the user flow wants to know.
pub(super) fn attributes_page(
    standings: &Standings,
    told: &BTreeMap<UserAttribute, String>,
    alert: Option<String>,
) -> Body {
    let attributes = standings.offer.iter().flat_map(|offer| &offer.attributes);
    let fields = attributes.map(|attribute| {
        let known = match attribute {
            UserAttribute::DisplayName => standings.user.display_name.as_str(),
            _ => "",
        };
        AttributeField {
            name: attribute.as_str(),
            label: attribute.label(),
            autocomplete: attribute.autocomplete(),
            value: told.get(attribute).map_or(known, String::as_str).to_owned(),
        }
    });
    Body::Show(Box::new(View::Attributes {
        organization: standings.tenant.display_name.clone(),
        user: standings.user.address().to_owned(),
        fields: fields.collect(),
        alert,
    }))
}

#[cfg(test)]
mod tests {
    use super::{BUTTONS, FlowProvider};
    use crate::directory::SocialNetwork;

    #[test]
    fn each_button_asks_the_provider_that_it_names() {
        for (provider, id, asked) in BUTTONS {
            assert_eq!(FlowProvider::of(asked), Some(*provider), "{id}");
            if let Some(network) = SocialNetwork::of(asked) {
                assert_eq!(network.slug(), *id);
            }
        }
    }
}
