//! Consent to the application, "Stay signed in?", and the end of a sign-in.

use std::sync::Arc;

use super::failure::Failure;
use super::run::Run;
use super::standing::{Progress, Standings, Wish};
use super::{Body, Broker, Here, Reply};
use crate::decide::{Trace, consent};
use crate::directory::{Consent, ConsentType, ServicePrincipal, TokenVersion};
use crate::fault::{Fault, say};
use crate::ids::{ObjectId, TenantId};
use crate::interaction::{
    Consented, Consenting, Interaction, Outcome, PageTarget, Step, Target, Visited, VisitedBy,
};
use crate::jose::Role;
use crate::protocol::authority::Authority;
use crate::protocol::claims;
use crate::protocol::discovery;
use crate::protocol::params::Params;
use crate::protocol::response::RedirectTarget;
use crate::store::records::by;

impl Broker {
    /// A form of Permissions requested or "Stay signed in?".
    pub(super) async fn answer_consenting(
        &self,
        mut run: Run<'_>,
        mut state: Consenting,
        step: Step,
        form: &Params,
    ) -> Result<Reply, Failure> {
        let who = &state.authenticated;
        let wish = Wish::of(&state.request, who.tenant(), who.user(), who.proven().account());
        let progress =
            Progress { reviewed: true, accepted: &[], consented_now: state.consented_now };
        let standings = self.standings(&wish, progress).await?;
        if let Err(fault) = who.check_still_is(&standings.user, &standings.tenant.display_name) {
            return self.refuse(run, fault, Trace::new()).await;
        }
        if let Err(fault) = standings.admitted.outcome() {
            return self.refuse(run, fault.clone(), standings.admitted.trace().clone()).await;
        }
        let asking = matches!(standings.consent.outcome(), consent::Outcome::Ask(_));
        match step {
            Step::AppConsent if asking => {
                if form.has("back") {
                    return self.decline(run).await;
                }
                if !form.affirms("accept") {
                    return self.to_resume(run).await;
                }
                self.record_consent(&mut run, &standings, who.user()).await?;
                state.consented_now = true;
                state.trace.extend(standings.consent.into_parts().1);
                state.trace.note(11, "app-consent", "accepted");
                run.become_state(Interaction::Consenting(state));
                self.to_resume(run).await
            }
            Step::ConfirmDevice if state.confirm_device && !asking => {
                if form.has("back") {
                    return self.decline(run).await;
                }
                if !form.affirms("accept") {
                    return self.to_resume(run).await;
                }
                state.confirm_device = false;
                state.trace.note(11, "confirm-device", "the person says that the device is theirs");
                run.become_state(Interaction::Consenting(state));
                self.to_resume(run).await
            }
            Step::StaySignedIn if state.confirm_device => {
                Err(say::out_of_order(Step::ConfirmDevice, step).into())
            }
            Step::StaySignedIn if state.ask_to_stay && !asking => {
                self.answer_stay_signed_in(run, state, form).await
            }
            Step::ConfirmDevice | Step::StaySignedIn if asking => {
                Err(say::out_of_order(Step::AppConsent, step).into())
            }
            _ => self.to_resume(run).await,
        }
    }

    async fn answer_stay_signed_in(
        &self,
        mut run: Run<'_>,
        mut state: Consenting,
        form: &Params,
    ) -> Result<Reply, Failure> {
        if form.affirms("accept") || form.has("back") {
            let stay = !form.has("back");
            let (sid, now) = (state.sid, self.clock.now());
            let (_, session) = self.rekeyed(&mut run);
            session.stay_signed_in(sid, stay, now);
            state.ask_to_stay = false;
            run.become_state(Interaction::Consenting(state));
        }
        self.to_resume(run).await
    }

    /// Remembers what the user consented to; an application of another tenant gets its instance.
    async fn record_consent(
        &self,
        run: &mut Run<'_>,
        standings: &Standings,
        user: ObjectId,
    ) -> Result<(), Failure> {
        let (tenant, client) = (standings.tenant.id, standings.resource.id);
        let mut resources: Vec<_> = standings.scopes.iter().map(|(id, _, _)| *id).collect();
        resources.sort();
        resources.dedup();
        for resource in resources {
            let asked =
                standings.scopes.iter().filter(|(id, _, scope)| *id == resource && !scope.granted);
            let mut scopes: Vec<String> = asked.map(|(_, _, scope)| scope.value.clone()).collect();
            if scopes.is_empty() {
                continue;
            }
            let key = by::consent(tenant, client, resource, Some(user));
            let before = self.store.get::<Consent>(key).await?;
            match before {
                Some(mut before) => {
                    before.scopes.append(&mut scopes);
                    run.changes.update(&before);
                }
                None => {
                    let consent_type = ConsentType::Principal(user);
                    let consent = Consent { tenant, client, resource, consent_type, scopes };
                    run.changes.insert(&consent);
                }
            }
        }
        if self.service_principal(tenant, client).await?.is_none() {
            run.changes.insert(&ServicePrincipal {
                id: ObjectId::new(tenant.derive(&format!("service principal {client}"))),
                tenant,
                app_id: client,
                display_name: standings.resource.name.clone(),
                account_enabled: true,
                app_role_assignment_required: false,
            });
        }
        Ok(())
    }

    /// Nothing is missing: a code, or the page.
    pub(super) async fn complete(
        &self,
        run: &mut Run<'_>,
        standings: Standings,
    ) -> Result<Body, Failure> {
        let Interaction::Consenting(state) = run.interaction.clone() else {
            return Err(say::internal().into());
        };
        let consented = Consented::given(&standings.consent).ok_or_else(say::internal)?;
        let tenant = standings.tenant.id;
        let granted = match (&state.request.target, state.grant(&consented)) {
            (Target::Page(page), _) => {
                let to = address_of(page, tenant, state.sid);
                run.end(Outcome::Opened, Some(to.clone()));
                return Ok(Body::Go(to));
            }
            (Target::SignOn(request), Some(granted)) => {
                return self.assert(run, request, (&granted, &standings)).await;
            }
            (Target::Client(_), Some(granted)) => granted,
            (Target::Client(_) | Target::SignOn(_), None) => return Err(say::internal().into()),
        };
        let Target::Client(client) = &state.request.target else {
            return Err(say::internal().into());
        };
        if let Some(device) = &client.device {
            let app = standings.resource.name.clone();
            return self.approve_device(run, (device, &granted), app).await;
        }
        let by = match client.version {
            TokenVersion::V1 => VisitedBy::OidcV1,
            TokenVersion::V2 => VisitedBy::Oidc,
        };
        let client_id = client.client_id;
        run.visit(Visited { client: client_id, sid: state.sid, by });
        let mut fields = self.answer_parts(run, client, (&granted, &standings)).await?;
        let mut field = |name: &str, value: String| fields.push((name.to_owned(), value));
        if client.client_info {
            field("client_info", claims::client_info(&standings.user));
        }
        field("session_state", state.sid.to_string());
        let iss = self.response_issuer(run.here, run.interaction.core().authority, client.version);
        let answer = client.target.respond(fields, iss.as_deref());
        run.end(Outcome::Granted, Some(way_on(client.target.uri())));
        Ok(Body::Answer(answer))
    }

    /// The key that signs for a tenant.
    pub(super) fn signing_key(&self, tenant: TenantId) -> Arc<crate::jose::SigningKey> {
        let role = match tenant {
            crate::ids::MICROSOFT_ACCOUNT_TENANT => Role::Consumer,
            _ => Role::Work,
        };
        self.keys().current.of(role).clone()
    }

    /// `iss` for the answer to a client that came by an authority.
    pub(super) fn response_issuer(
        &self,
        here: &Here,
        authority: Authority,
        version: TokenVersion,
    ) -> Option<String> {
        let origin = self.origins.issuer(&here.origin);
        authority.tenant().map(|tenant| discovery::issuer_of(version, origin, tenant))
    }

    /// A refusal as an authorization response. MSAL reads the number in `error_uri`.
    pub(super) fn refused_to(
        &self,
        here: &Here,
        authority: Authority,
        (target, version): (&RedirectTarget, TokenVersion),
        fault: &Fault,
    ) -> Body {
        super::reply::note_told(fault);
        let mut fields = vec![
            ("error".to_owned(), fault.error().to_owned()),
            ("error_description".to_owned(), here.described(fault, self.clock.now()).0),
        ];
        fields.extend(here.error_uri(fault).map(|address| ("error_uri".to_owned(), address)));
        if let Some(suberror) = fault.suberror() {
            fields.push(("suberror".to_owned(), suberror.to_owned()));
        }
        let issuer = self.response_issuer(here, authority, version);
        Body::Answer(target.respond(fields, issuer.as_deref()))
    }
}

fn address_of(page: &PageTarget, tenant: TenantId, sid: uuid::Uuid) -> String {
    match page {
        PageTarget::Application { url, .. } | PageTarget::Url(url) => url.clone(),
        PageTarget::MyApps => format!("/myapps?tenantid={tenant}&sid={sid}"),
        PageTarget::Portal => format!("/portal/{tenant}/users?sid={sid}"),
    }
}

/// The application's own start: where a person can go once the code was sent.
pub(super) fn way_on(redirect_uri: &str) -> String {
    match url::Url::parse(redirect_uri) {
        Ok(url) => url.join("/").map_or_else(|_| redirect_uri.to_owned(), String::from),
        Err(_) => redirect_uri.to_owned(),
    }
}
