//! Applications with SAML or WS-Federation sign-on: the tenant is their identity provider.

mod answer;
mod sign_out;

use super::failure::{Failure, retry};
use super::{Body, Broker, Here, Reply, SignedOut};
use crate::directory::{Application, ServicePrincipal, TokenVersion};
use crate::fault::{Fault, say};
use crate::federation::saml::binding::Carried;
use crate::federation::sign_on::saml::Message;
use crate::federation::sign_on::{
    Named, Refusal, SignOnRequest, Sources, named, saml, sign_on_address, ws_fed,
};
use crate::federation::wsfed::request::Request;
use crate::ids::{ClientId, InteractionId};
use crate::interaction::{Entry, Target};
use crate::protocol::authority::Authority;
use crate::protocol::params::Params;
use crate::store::Stored;
use crate::store::records::by;

pub use sign_out::SignOutIntent;

/// What comes of a message.
#[derive(Debug)]
pub enum SignOnReply {
    /// A sign-in, or its end.
    SignIn(Box<Reply>),
    /// A sign-out, or a question.
    SignOut(SignedOut),
}

/// A message as the browser brings it.
#[derive(Debug, Clone, Copy)]
pub enum Brought<'a> {
    /// In a form.
    Form(&'a Params),
    /// In a query, as it was sent: a signature covers its octets.
    Query(&'a str),
}

impl Broker {
    /// `/{t}/saml2`.
    pub async fn saml(
        &self,
        here: &Here,
        segment: &str,
        brought: Brought<'_>,
        intent: SignOutIntent<'_>,
    ) -> Result<SignOnReply, Fault> {
        let (carried, sources) = match brought {
            Brought::Form(form) => (saml::from_form(form)?, Sources::read(form)?),
            Brought::Query(query) => {
                (saml::from_query(query)?, Sources::read(&Params::parse(query)?)?)
            }
        };
        let (message, issuer) = saml::look_at(&carried)?;
        match message {
            Message::AuthnRequest => {
                let asking = (&carried, issuer.as_str(), &sources);
                let reply = retry!(self.try_authn_request(here, segment, asking).await);
                reply.map(|reply| SignOnReply::SignIn(Box::new(reply)))
            }
            Message::LogoutRequest => {
                let asking = (&carried, issuer.as_str());
                let done = self.saml_sign_out(here, segment, asking, intent).await;
                done.map(SignOnReply::SignOut)
            }
            // An application has heard of it, in one of the hidden frames. Anybody can say so.
            Message::LogoutResponse => Ok(SignOnReply::SignOut(SignedOut::Heard)),
        }
    }

    /// The address by which the message of a form can come again by GET: from another site's page,
    /// the browser brought no cookies.
    pub fn saml_by_get(&self, path: &str, form: &Params) -> Option<String> {
        saml::as_address(path, form)
    }

    async fn try_authn_request(
        &self,
        here: &Here,
        segment: &str,
        (carried, issuer, sources): (&Carried, &str, &Sources),
    ) -> Result<Reply, Failure> {
        let authority = self.sign_on_authority(segment).await?;
        let app = self.sign_on_application(issuer, authority).await?;
        let addresses = self.addresses_of(segment, authority);
        match saml::check(carried, &app, &addresses, sources.clone()) {
            Ok(request) => self.start_sign_on(here, authority, request).await,
            Err(Refusal::Shown(fault)) => Err(fault.into()),
            Err(Refusal::Answered(reply, fault)) => {
                let tenant = authority.tenant().unwrap_or(app.tenant);
                let answer = self.saml_refusal(tenant, &reply, (&fault, true))?;
                let interaction = InteractionId::new(self.entropy.guid());
                let body = Body::Answer(answer);
                Ok(Reply { interaction, authority, session: None, body })
            }
        }
    }

    /// `/{t}/wsfed`.
    pub async fn ws_fed(
        &self,
        here: &Here,
        segment: &str,
        params: &Params,
        intent: SignOutIntent<'_>,
    ) -> Result<SignOnReply, Fault> {
        let sources = Sources::read(params)?;
        match ws_fed::read(params)? {
            Request::SignIn(asked) => {
                let attempt = || async {
                    let authority = self.sign_on_authority(segment).await?;
                    let app = self.sign_on_application(&asked.realm, authority).await?;
                    let request = ws_fed::check(asked.clone(), &app, sources.clone())?;
                    self.start_sign_on(here, authority, request).await
                };
                let reply = retry!(attempt().await);
                reply.map(|reply| SignOnReply::SignIn(Box::new(reply)))
            }
            request @ (Request::SignOut { .. } | Request::CleanUp { .. }) => {
                let asking = (params, &request);
                let done = self.ws_fed_sign_out(here, segment, asking, intent).await;
                done.map(SignOnReply::SignOut)
            }
        }
    }

    pub(super) async fn start_sign_on(
        &self,
        here: &Here,
        authority: Authority,
        mut request: SignOnRequest,
    ) -> Result<Reply, Failure> {
        if let Some(hint) = request.login_hint.take() {
            request.login_hint = self.hinted_name(&hint).await?;
        }
        let target = Target::SignOn(Box::new(request));
        let run = self.new_run(here, authority, Entry::Direct, target).await?;
        self.drive(run).await
    }

    async fn sign_on_authority(&self, segment: &str) -> Result<Authority, Failure> {
        let shown: String = segment.chars().take(80).collect();
        let authority = self.resolve_segment(segment).await?;
        authority.ok_or_else(|| say::tenant_not_found(shown).into())
    }

    /// The application that names itself so, if it is installed where it asks: nobody installs it on
    /// the way, since nothing is consented to.
    async fn sign_on_application(
        &self,
        name: &str,
        authority: Authority,
    ) -> Result<Application, Failure> {
        let shown: String = name.escape_debug().take(200).collect();
        let place = self.place_of(authority).await?;
        let not_found = || say::application_not_found(&shown, &place);
        let found = match named(name) {
            Named::Id(id) => self.find_application(id).await?,
            Named::Uri(uri) => {
                let found = self.store.find_one::<Application>(by::identifier_uri(&uri)).await?;
                found.map(|stored| stored.record)
            }
        };
        let app = found.ok_or_else(not_found)?;
        super::application::check_audience(&app, TokenVersion::V1, authority, &place)?;
        if let Some(tenant) = authority.tenant() {
            let principal: Option<Stored<ServicePrincipal>> =
                self.service_principal(tenant, app.client_id).await?;
            principal.ok_or_else(not_found)?;
        }
        Ok(app)
    }

    /// The addresses that a request to a segment may call its destination.
    fn addresses_of(&self, segment: &str, authority: Authority) -> Vec<String> {
        let own = self.origins.all().iter();
        own.flat_map(|origin| {
            [sign_on_address(origin, authority), format!("{origin}/{segment}/saml2")]
        })
        .collect()
    }

    /// That metadata is asked for with the id of an application that can sign in there. Every
    /// application has the same keys here, and so the same metadata.
    pub async fn check_metadata_of(
        &self,
        authority: Authority,
        app: Option<&str>,
    ) -> Result<(), Fault> {
        let Some(app) = app else { return Ok(()) };
        let shown: String = app.chars().take(60).collect();
        let id: ClientId =
            app.parse().map_err(|_| say::application_not_found(shown, "any tenant"))?;
        let known =
            || async { self.client_for(id, authority, TokenVersion::V1, None).await.map(drop) };
        retry!(known().await)
    }
}
