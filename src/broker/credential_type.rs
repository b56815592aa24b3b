//! `GetCredentialType`: what the sign-in page of a context would do with a name.

use serde_json::Value;

use super::discover::{Question, domain_owner};
use super::failure::{Failure, retry};
use super::{Broker, Here};
use crate::decide::credential_type::{self, Redirect, Told};
use crate::decide::hrd::{Choice, Entry as HrdEntry};
use crate::decide::route::HomeFacts;
use crate::decide::sign_up::Offer;
use crate::directory::{BuiltInFederation, Tenant, TenantKind, TokenVersion, first_party};
use crate::fault::{Fault, say};
use crate::ids::{ClientId, EmailAddress, InteractionId, MICROSOFT_ACCOUNT_TENANT, TenantId};
use crate::interaction::{Entry, Interaction};
use crate::protocol::authority::Authority;
use crate::protocol::credential_type::{CredentialTypeRequest, IfExists};
use crate::store::ChangeSet;
use crate::store::records::Guesses;
use crate::upstream::idp;

/// Where a name was typed.
struct Context {
    authority: Authority,
    tenant: Option<TenantId>,
    entry: HrdEntry,
    application: ClientId,
    /// What the page on which people sign up offers.
    sign_up: Option<Offer>,
}

impl Broker {
    /// `POST /{t}/GetCredentialType`. Signs nobody in and changes nothing, but counts names that
    /// nobody has.
    pub async fn credential_type(
        &self,
        here: &Here,
        segment: &str,
        request: &CredentialTypeRequest,
    ) -> Result<Value, Fault> {
        retry!(self.try_credential_type(here, segment, request).await)
    }

    async fn try_credential_type(
        &self,
        here: &Here,
        segment: &str,
        request: &CredentialTypeRequest,
    ) -> Result<Value, Failure> {
        let context = self.context_of(here, segment, request).await?;
        let asked = self.guessed(Guesses::names_from_network(&here.peer)).await?;
        let name = request.username();
        let address = name.trim().parse::<EmailAddress>().ok();
        let told = match &address {
            _ if asked.is_throttled() => credential_type::throttled(),
            Some(address) => self.told_of(&context, address).await?,
            None => credential_type::nobody(None),
        };
        if told.kind.exists == IfExists::NotFound {
            let mut changes = ChangeSet::new();
            asked.note_wrong(&mut changes);
            self.store.commit(changes).await?;
        }
        let redirect = match &address {
            Some(address) => self.redirect_of(here, &context, address, &told.redirect).await?,
            None => None,
        };
        let canary = self.form_token(
            InteractionId::new(uuid::Uuid::nil()),
            "GetCredentialType",
            &here.browser,
        );
        let tokens = (self.entropy.token(), canary);
        Ok(told.kind.document(name, redirect.as_deref(), (&tokens.0, &tokens.1)))
    }

    /// The sign-in that `originalRequest` names, if it is one of this browser; else the path.
    async fn context_of(
        &self,
        here: &Here,
        segment: &str,
        request: &CredentialTypeRequest,
    ) -> Result<Context, Failure> {
        let shown: String = segment.chars().take(80).collect();
        let authority = self.resolve_segment(segment).await?;
        let authority = authority.ok_or_else(|| say::authority_not_found(shown))?;
        let by_path = Context {
            authority,
            tenant: authority.tenant(),
            entry: HrdEntry::DirectLink,
            application: first_party::MY_APPS,
            sign_up: None,
        };
        let id = request.original_request().and_then(|id| id.parse::<InteractionId>().ok());
        let Some(id) = id else { return Ok(by_path) };
        let run = match self.load(here, None, id).await {
            Ok(run) => run,
            Err(Failure::Fault(_)) => return Ok(by_path),
            Err(conflict) => return Err(conflict),
        };
        let Some(request) = run.interaction.request() else { return Ok(by_path) };
        let sign_up = match &run.interaction {
            Interaction::Discovering(state) if state.sign_up => {
                self.offer(request, state.tenant()).await?
            }
            _ => None,
        };
        Ok(Context {
            authority: request.authority,
            tenant: run.interaction.tenant(),
            entry: match request.entry {
                Entry::Direct => HrdEntry::DirectLink,
                Entry::Invitation { .. } => HrdEntry::EmailLink,
            },
            application: request.application(),
            sign_up,
        })
    }

    /// What the sign-in page would decide.
    async fn told_of(&self, context: &Context, address: &EmailAddress) -> Result<Told, Failure> {
        let tenant = context.tenant.filter(|tenant| *tenant != MICROSOFT_ACCOUNT_TENANT);
        let Some(tenant) = tenant else { return self.told_at_home(context, address).await };
        let tenant = self.tenant(tenant).await?;
        let resource = self.resource(context.application).await?;
        let entry = context.entry;
        let choice = Choice::NotMade;
        let question = Question { tenant: &tenant, address, entry, choice, resource };
        let facts = self.discover(question).await?.facts;
        Ok(credential_type::at_tenant(&facts, context.sign_up.as_ref()))
    }

    async fn told_at_home(
        &self,
        context: &Context,
        address: &EmailAddress,
    ) -> Result<Told, Failure> {
        let authority = match context.tenant {
            Some(_) => Authority::Consumers,
            None => context.authority,
        };
        let facts = self.home_facts(authority, address, Choice::NotMade).await?;
        let client = self.audience_of(context.application, TokenVersion::V2).await?;
        let facts = HomeFacts { client, ..facts };
        let domain = address.domain();
        let owner = self.tenant_of_domain(&domain).await?;
        let home = match facts.entra {
            Some((tenant, _)) => self.find_tenant(tenant).await?,
            None => None,
        };
        let is_unmanaged = home.is_some_and(|home| home.kind == TenantKind::Unmanaged);
        let owner = owner.map(|owner| domain_owner(&owner, &domain));
        Ok(credential_type::at_home(&facts, owner.as_ref(), is_unmanaged))
    }

    /// `FederationRedirectUrl`.
    async fn redirect_of(
        &self,
        here: &Here,
        context: &Context,
        address: &EmailAddress,
        redirect: &Redirect,
    ) -> Result<Option<String>, Failure> {
        match redirect {
            Redirect::Nowhere => Ok(None),
            Redirect::Domain => Ok(self.realm_of(address).await?.address(address.as_str())),
            Redirect::Federation(issuer) => {
                let Some(tenant) = context.tenant else { return Ok(None) };
                let tenant: Tenant = self.tenant(tenant).await?;
                let found = tenant.federations.iter().find(|f| f.issuer_uri == *issuer);
                Ok(found.and_then(|federation| {
                    let built_in = federation.builtin.as_deref();
                    let built_in = built_in.and_then(BuiltInFederation::named);
                    let built_in = built_in.map(|at| idp::sign_on(at, &here.origin));
                    built_in.or_else(|| federation.passive_sign_in_uri.clone())
                }))
            }
        }
    }
}
