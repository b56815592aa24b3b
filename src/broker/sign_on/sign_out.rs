//! Signing out over SAML and WS-Federation: an application asks, or answers.

use crate::broker::failure::{Failure, retry};
use crate::broker::sign_out::{AskedBy, AskedByName, Wanted};
use crate::broker::{Broker, Farewell, Here, SignOutAnswer, SignedOut};
use crate::directory::Application;
use crate::fault::Fault;
use crate::federation::saml::binding::{self, Carried, Direction};
use crate::federation::saml::logout::{LogoutRequest, LogoutResponse};
use crate::federation::sign_on::entity_id;
use crate::federation::sign_on::saml::{self, Logout};
use crate::federation::wsfed::request::Request;
use crate::ids::TenantId;
use crate::interaction::{SignedIn, session_index};
use crate::protocol::authority::Authority;
use crate::protocol::params::Params;
use crate::store::records::UsedAssertion;
use uuid::Uuid;

/// What shows that a sign-out is wanted: where the browser came from, and what the person said.
#[derive(Debug, Clone, Copy, Default)]
pub struct SignOutIntent<'a> {
    /// The origin of the page that the browser came from, if it says so.
    pub from: Option<&'a str>,
    /// What the person answered; the form's token was verified.
    pub answer: Option<SignOutAnswer>,
}

impl Broker {
    /// A `LogoutRequest`: ends the session that is meant, once it is clear that the person wants
    /// it, and tells the application so.
    pub(super) async fn saml_sign_out(
        &self,
        here: &Here,
        segment: &str,
        (carried, issuer): (&Carried, &str),
        intent: SignOutIntent<'_>,
    ) -> Result<SignedOut, Fault> {
        // The question came here by an address of its own.
        let is_answer = intent.answer.is_some();
        let read = retry!(self.read_logout(segment, (carried, issuer), is_answer).await);
        let (authority, app, logout) = read?;
        let relay_state = carried.relay_state().map(str::to_owned);
        let mut fields = vec![("SAMLRequest", binding::to_form(carried.xml()))];
        fields.extend(relay_state.clone().map(|state| ("RelayState", state)));
        let until = LogoutRequest::replay_until(self.clock.now());
        let once = UsedAssertion::sign_out(app.client_id, &logout.id, until);
        let wanted = Wanted {
            from: intent.from,
            answer: intent.answer,
            asked: AskedBy::Saml(AskedByName {
                client: app.client_id,
                name: &logout.name,
                sessions: &logout.sessions,
                signed: logout.signed.then_some(once),
            }),
            fields,
        };
        let ended = match self.end_sessions(here, &wanted, authority).await? {
            Ok(ended) => ended,
            Err(ask) => return Ok(SignedOut::Ask(ask)),
        };
        let tenant = authority.tenant().unwrap_or(app.tenant);
        let way_on = app
            .logout_url
            .as_deref()
            .map(|to| self.logout_response(tenant, to, (&logout.id, relay_state.as_deref())));
        let farewell = retry!(self.told(here, &ended, &app, way_on.clone()).await)?;
        Ok(SignedOut::Done(farewell))
    }

    async fn read_logout(
        &self,
        segment: &str,
        (carried, issuer): (&Carried, &str),
        is_answer: bool,
    ) -> Result<(Authority, Application, Logout), Failure> {
        let authority = self.sign_on_authority(segment).await?;
        let app = self.sign_on_application(issuer, authority).await?;
        let addresses = self.addresses_of(segment, authority);
        let now = self.clock.now();
        let addresses = Some(addresses.as_slice()).filter(|_| !is_answer);
        let logout = saml::read_logout(carried, (&app, issuer), addresses, now)?;
        Ok((authority, app, logout))
    }

    /// Every other application is told, and the browser goes on.
    async fn told(
        &self,
        here: &Here,
        ended: &[SignedIn],
        app: &Application,
        way_on: Option<String>,
    ) -> Result<Farewell, Failure> {
        let tell = self.front_channel(here, ended, Some(app.client_id)).await?;
        let next = self.by_way_of_providers(here, ended, way_on).await?;
        Ok(Farewell { tell, next, unregistered: None })
    }

    /// `wsignout1.0` and `wsignoutcleanup1.0`.
    pub(super) async fn ws_fed_sign_out(
        &self,
        here: &Here,
        segment: &str,
        (params, request): (&Params, &Request),
        intent: SignOutIntent<'_>,
    ) -> Result<SignedOut, Fault> {
        let (reply_to, realm) = match request {
            Request::SignOut { reply_to, realm } => (reply_to.as_deref(), realm.as_deref()),
            Request::CleanUp { reply_to } => (reply_to.as_deref(), None),
            Request::SignIn(_) => (None, None),
        };
        let asker = retry!(self.ws_fed_asker(segment, realm).await);
        let (authority, app) = asker?;
        let names = ["wa", "wtrealm", "wreply"];
        let fields =
            names.into_iter().filter_map(|name| Some((name, params.get(name)?.to_owned())));
        let wanted = Wanted {
            from: intent.from,
            answer: intent.answer,
            asked: AskedBy::WsFed,
            fields: fields.collect(),
        };
        let ended = match self.end_sessions(here, &wanted, authority).await? {
            Ok(ended) => ended,
            Err(ask) => return Ok(SignedOut::Ask(ask)),
        };
        let client = app.as_ref().map(|app| app.client_id);
        let farewell = || async {
            let tell = self.front_channel(here, &ended, None).await?;
            let may_go = match reply_to {
                Some(target) => self.may_go_to(authority, client, &ended, target).await?,
                None => false,
            };
            let way_on = reply_to.filter(|_| may_go).map(str::to_owned);
            let next = self.by_way_of_providers(here, &ended, way_on).await?;
            let unregistered = reply_to.filter(|_| !may_go).map(str::to_owned);
            Ok(Farewell { tell, next, unregistered })
        };
        Ok(SignedOut::Done(retry!(farewell().await)?))
    }

    async fn ws_fed_asker(
        &self,
        segment: &str,
        realm: Option<&str>,
    ) -> Result<(Authority, Option<Application>), Failure> {
        let authority = self.sign_on_authority(segment).await?;
        let app = match realm {
            Some(realm) => Some(self.sign_on_application(realm, authority).await?),
            None => None,
        };
        Ok((authority, app))
    }

    /// The address by which an application is asked to sign somebody out.
    pub(in crate::broker) fn logout_request(
        &self,
        tenant: TenantId,
        to: &str,
        (name, format): (&str, &str),
        sid: Uuid,
    ) -> String {
        let request = LogoutRequest {
            id: format!("_{}", self.entropy.guid()),
            issuer: entity_id(Authority::Tenant(tenant)),
            name: name.to_owned(),
            format: Some(format.to_owned()),
            sessions: vec![session_index(sid)],
        };
        let xml = request.to_xml(to, self.clock.now());
        binding::redirect(to, Direction::Request, &xml, None, Some(&self.signing_key(tenant)))
    }

    /// The address by which an application hears that it is done.
    fn logout_response(
        &self,
        tenant: TenantId,
        to: &str,
        (request, relay_state): (&str, Option<&str>),
    ) -> String {
        let response = LogoutResponse {
            id: format!("_{}", self.entropy.guid()),
            issuer: entity_id(Authority::Tenant(tenant)),
            in_response_to: Some(request.to_owned()),
            complete: true,
        };
        let xml = response.to_xml(to, self.clock.now());
        let key = self.signing_key(tenant);
        binding::redirect(to, Direction::Response, &xml, relay_state, Some(&key))
    }
}
