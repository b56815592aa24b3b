//! The built-in SAML and WS-Fed providers.

use std::sync::Arc;

use super::failure::{Failure, retry};
use super::{Broker, Here};
use crate::directory::{BuiltInFederation, FederationAccount, ServiceProvider};
use crate::fault::{Fault, say};
use crate::federation::saml::binding::{Carried, Direction, redirect};
use crate::federation::saml::logout::{LogoutResponse, claimed_request};
use crate::federation::saml::request::AuthnRequest;
use crate::federation::wsfed::request::{Request, SignIn};
use crate::federation::xml::XmlFault;
use crate::ids::{EmailAddress, InteractionId, TenantId};
use crate::jose::{Role, SigningKey};
use crate::protocol::params::Params;
use crate::store::records::{Guesses, by};
use crate::store::{ChangeSet, Stored};
use crate::upstream::idp::{self, Asked, Delivery, FederationSignIn, SamlRequest};

/// What a built-in provider answers.
#[derive(Debug)]
pub enum IdpReply {
    /// Back to the service provider, by a form that posts itself.
    Deliver(Delivery),
    /// Go there.
    Go(String),
    /// The page on which to sign in.
    Show {
        /// The sign-in.
        id: InteractionId,
        /// Where.
        at: BuiltInFederation,
        /// Who wants to know.
        party: String,
        /// What to prefill.
        hint: String,
        /// What went wrong.
        alert: Option<Fault>,
    },
}

/// A service provider, as a built-in provider knows it.
struct Party {
    /// The name that people know.
    name: String,
    /// The name by which it knows the provider.
    issuer: String,
    reply_to: Vec<String>,
    logout_url: Option<String>,
}

impl Broker {
    /// The key that a built-in provider signs with now.
    pub(super) fn idp_key(&self, at: BuiltInFederation) -> Arc<SigningKey> {
        self.keys().current.of(role(at)).clone()
    }

    /// A built-in provider's metadata.
    ///
    /// # Errors
    /// Only if a value cannot stand in a document.
    pub fn idp_metadata(&self, at: BuiltInFederation, origin: &str) -> Result<String, Fault> {
        let key = self.idp_key(at);
        idp::metadata(at, origin, vec![key.certificate().to_owned()], &key).map_err(unwritable)
    }

    /// `/idp/litware/saml`: an `AuthnRequest`, by query or form.
    pub async fn idp_saml(
        &self,
        here: &Here,
        carried: &Carried,
        hint: Option<String>,
    ) -> Result<IdpReply, Fault> {
        let at = BuiltInFederation::Litware;
        let request = AuthnRequest::read(carried.xml()).map_err(malformed)?;
        let party = self.party(at, &request.issuer).await?;
        let reply_to = reply_of(&party, request.reply_to.as_deref(), request.reply_index)?;
        let destination = request.destination.as_deref();
        if destination.is_some_and(|to| to != idp::sign_on(at, &here.origin)) {
            return Err(say::request_malformed("the request is for another provider"));
        }
        let asked = Asked {
            issuer: party.issuer,
            party: party.name,
            audience: request.issuer,
            reply_to,
            context: carried.relay_state().map(str::to_owned),
            hint: hint.or(request.subject),
            saml: Some(SamlRequest {
                id: request.id,
                format: request.format,
                contexts: request.contexts,
            }),
        };
        let refused = asked.saml.as_ref().and_then(|asked| asked.unfulfillable(request.passive));
        if let Some(refused) = refused {
            let id = self.entropy.guid().to_string();
            let answer = asked.refused(&refused, (&id, &self.idp_key(at)), self.clock.now());
            return answer.map(IdpReply::Deliver).map_err(unwritable);
        }
        self.idp_begin(here, at, asked).await
    }

    /// `/idp/litware/logout`: a `LogoutRequest`. No session is kept here, so none is left: that is
    /// the answer, to the registered address.
    pub async fn idp_logout(&self, carried: &Carried) -> Result<IdpReply, Fault> {
        let at = BuiltInFederation::Litware;
        let (request, entity) = claimed_request(carried.xml()).map_err(malformed)?;
        let party = self.party(at, &entity).await?;
        let Some(to) = party.logout_url else {
            return Ok(IdpReply::Go(format!("/idp/{}", at.name())));
        };
        let answer = LogoutResponse {
            id: format!("_{}", self.entropy.guid()),
            issuer: party.issuer,
            in_response_to: Some(request),
            complete: true,
        };
        let xml = answer.to_xml(&to, self.clock.now());
        let key = self.idp_key(at);
        let state = carried.relay_state();
        Ok(IdpReply::Go(redirect(&to, Direction::Response, &xml, state, Some(&key))))
    }

    /// `/idp/adatum/wsfed`: `wsignin1.0` and its like.
    pub async fn idp_ws_fed(&self, here: &Here, params: &Params) -> Result<IdpReply, Fault> {
        let at = BuiltInFederation::Adatum;
        let SignIn { realm, reply_to, context, hint, .. } =
            match Request::read(params).map_err(malformed)? {
                Request::SignIn(sign_in) => sign_in,
                // No session is kept here, so there is none to end.
                Request::SignOut { reply_to, realm } => {
                    return self.idp_signed_out(at, realm.as_deref(), reply_to.as_deref()).await;
                }
                Request::CleanUp { .. } => return self.idp_signed_out(at, None, None).await,
            };
        let party = self.party(at, &realm).await?;
        let reply_to = reply_of(&party, reply_to.as_deref(), None)?;
        let asked = Asked {
            issuer: party.issuer,
            party: party.name,
            audience: realm,
            reply_to,
            context,
            hint,
            saml: None,
        };
        self.idp_begin(here, at, asked).await
    }

    /// Back to where the relying party wants, if that is one of its registered addresses.
    async fn idp_signed_out(
        &self,
        at: BuiltInFederation,
        realm: Option<&str>,
        reply_to: Option<&str>,
    ) -> Result<IdpReply, Fault> {
        let about = format!("/idp/{}", at.name());
        let (Some(realm), Some(reply_to)) = (realm, reply_to) else {
            return Ok(IdpReply::Go(about));
        };
        let party = self.party(at, realm).await?;
        let mut registered = party.reply_to.iter().chain(&party.logout_url);
        let known = registered.any(|address| address == reply_to);
        Ok(IdpReply::Go(if known { reply_to.to_owned() } else { about }))
    }

    async fn idp_begin(
        &self,
        here: &Here,
        at: BuiltInFederation,
        asked: Asked,
    ) -> Result<IdpReply, Fault> {
        let id = InteractionId::new(self.entropy.guid());
        let now = self.clock.now();
        let sign_in = FederationSignIn::new(id, at, here.browser.digest(), asked, now);
        retry!(self.keep_federation(sign_in.clone()).await)
    }

    async fn keep_federation(&self, mut sign_in: FederationSignIn) -> Result<IdpReply, Failure> {
        let mut changes = ChangeSet::new();
        sign_in.slot = Some(self.slot_for_federation(sign_in.id, &mut changes).await?);
        changes.insert(&sign_in);
        self.store.commit(changes).await?;
        Ok(shown(&sign_in, None, None))
    }

    /// Who may ask: every tenant that has configured the provider, and who is registered there.
    async fn party(&self, at: BuiltInFederation, entity: &str) -> Result<Party, Fault> {
        let found = retry!(self.try_party(at, entity).await)?;
        found.ok_or_else(|| {
            let entity: String = entity.escape_debug().take(300).collect();
            say::request_malformed(format!("{} does not know '{entity}'", at.title())).with_remedy(
                "Register it in the world file: [[federation_service_provider]] with builtin, \
                 entity_id and reply_to.",
            )
        })
    }

    async fn try_party(
        &self,
        at: BuiltInFederation,
        entity: &str,
    ) -> Result<Option<Party>, Failure> {
        if let Some(party) = self.own_party(at, entity).await? {
            return Ok(Some(party));
        }
        let key = by::service_provider(at, entity);
        let found = self.store.get::<ServiceProvider>(key).await?;
        let issuer = at.entity_id().to_owned();
        Ok(found.map(|stored| Party {
            name: entity.to_owned(),
            issuer,
            reply_to: stored.record.reply_to,
            logout_url: stored.record.logout_url,
        }))
    }

    /// A tenant of this server, under whichever of our origins.
    async fn own_party(
        &self,
        at: BuiltInFederation,
        entity: &str,
    ) -> Result<Option<Party>, Failure> {
        let origins = self.origins.all();
        let rest = origins.iter().find_map(|origin| entity.strip_prefix(origin.as_str()));
        let tenant = rest.and_then(|rest| rest.strip_prefix('/')?.strip_suffix('/'));
        let Some(Ok(tenant)) = tenant.map(str::parse::<TenantId>) else { return Ok(None) };
        let Some(tenant) = self.find_tenant(tenant).await? else { return Ok(None) };
        let mut federations = tenant.federations.iter();
        let federation = federations.find(|f| f.builtin.as_deref() == Some(at.name()));
        Ok(federation.map(|federation| Party {
            name: tenant.display_name.clone(),
            issuer: federation.issuer_uri.clone(),
            reply_to: origins.iter().map(|origin| format!("{origin}/login.srf")).collect(),
            logout_url: None,
        }))
    }

    /// `GET /idp/{name}/signin/{id}`: the page it is at.
    pub async fn idp_page(
        &self,
        here: &Here,
        at: BuiltInFederation,
        id: InteractionId,
    ) -> Result<IdpReply, Fault> {
        let loaded = retry!(self.load_idp(here, at, id).await)?;
        Ok(shown(&loaded, None, None))
    }

    async fn load_idp(
        &self,
        here: &Here,
        at: BuiltInFederation,
        id: InteractionId,
    ) -> Result<Stored<FederationSignIn>, Failure> {
        let found = self.store.get::<FederationSignIn>(by::federation_sign_in(id)).await?;
        let ours = found.filter(|sign_in| {
            sign_in.browser.matches(&here.browser.digest())
                && sign_in.at == at
                && !sign_in.answered
                && self.clock.now() < sign_in.expires_at
        });
        ours.ok_or_else(|| say::sign_in_gone().into())
    }

    /// `POST /idp/{name}/signin/{id}/password`; the form's token was verified.
    pub async fn idp_answer(
        &self,
        here: &Here,
        at: BuiltInFederation,
        id: InteractionId,
        form: &Params,
    ) -> Result<IdpReply, Fault> {
        retry!(self.try_idp_answer(here, at, id, form).await)
    }

    async fn try_idp_answer(
        &self,
        here: &Here,
        at: BuiltInFederation,
        id: InteractionId,
        form: &Params,
    ) -> Result<IdpReply, Failure> {
        let mut sign_in = self.load_idp(here, at, id).await?;
        let typed = form.get("UserName").unwrap_or_default().trim();
        let wrong =
            |sign_in: &FederationSignIn| shown(sign_in, Some(typed), Some(say::wrong_password()));
        let Ok(address) = typed.parse::<EmailAddress>() else { return Ok(wrong(&sign_in)) };
        let guessed = self.guessed(Guesses::at_provider(at.name(), address.as_str())).await?;
        if let Err(fault) = guessed.check() {
            return Ok(shown(&sign_in, Some(typed), Some(fault)));
        }
        let account = by::federation_account(at, &address);
        let account = self.store.get::<FederationAccount>(account).await?;
        let password = form.get("Password").unwrap_or_default();
        let (made, now) = (self.entropy.guid().to_string(), self.clock.now());
        let key = self.idp_key(at);
        let with = (made.as_str(), &*key);
        let answer = account.and_then(|account| sign_in.answer(&account, password, with, now));
        let mut changes = ChangeSet::new();
        let Some(answer) = answer else {
            guessed.note_wrong(&mut changes);
            self.store.commit(changes).await?;
            return Ok(wrong(&sign_in));
        };
        changes.update(&sign_in);
        self.store.commit(changes).await?;
        Ok(answer.map(IdpReply::Deliver).map_err(unwritable)?)
    }
}

fn role(at: BuiltInFederation) -> Role {
    match at {
        BuiltInFederation::Adatum => Role::Adatum,
        BuiltInFederation::Litware => Role::Litware,
    }
}

/// The address for the answer: the one that is asked for, if it is registered, else the first.
fn reply_of(party: &Party, wanted: Option<&str>, index: Option<u16>) -> Result<String, Fault> {
    let registered = &party.reply_to;
    let found = match (wanted, index) {
        (Some(wanted), _) => registered.iter().find(|address| *address == wanted),
        (None, Some(index)) => registered.get(usize::from(index)),
        (None, None) => registered.first(),
    };
    let fault = || {
        let wanted = wanted.unwrap_or("of that index").escape_debug().take(300);
        let wanted: String = wanted.collect();
        say::request_malformed(format!("the reply address '{wanted}' is not registered"))
    };
    found.cloned().ok_or_else(fault)
}

fn malformed(fault: XmlFault) -> Fault {
    say::request_malformed(fault)
}

/// A value of ours that cannot stand in a document.
fn unwritable(fault: XmlFault) -> Fault {
    say::internal().with_detail(fault.to_string())
}

fn shown(sign_in: &FederationSignIn, typed: Option<&str>, alert: Option<Fault>) -> IdpReply {
    let hint = typed.map(str::to_owned).or_else(|| sign_in.asked.hint.clone());
    IdpReply::Show {
        id: sign_in.id,
        at: sign_in.at,
        party: sign_in.asked.party.clone(),
        hint: hint.unwrap_or_default(),
        alert,
    }
}
