//! What comes of a sign-in for an assertion.

use crate::broker::failure::Failure;
use crate::broker::finish::way_on;
use crate::broker::reply::note_told;
use crate::broker::run::Run;
use crate::broker::standing::Standings;
use crate::broker::{Body, Broker};
use crate::decide::email;
use crate::fault::{Fault, Shown, say};
use crate::federation::sign_on::{Asked, SamlReply, SignOnRequest, claims, entity_id, response};
use crate::ids::TenantId;
use crate::interaction::{Asserting, Granted, Outcome, Visited, VisitedBy};
use crate::protocol::authority::Authority;
use crate::protocol::claims::membership::MembershipClaims;
use crate::protocol::response::AuthorizationResponse;

impl Broker {
    /// The assertion, once nothing is missing.
    pub(in crate::broker) async fn assert(
        &self,
        run: &mut Run<'_>,
        request: &SignOnRequest,
        (granted, standings): (&Granted, &Standings),
    ) -> Result<Body, Failure> {
        let (user, tenant) = (&standings.user, &standings.tenant);
        let app = self.find_application(request.client_id).await?;
        let app =
            app.ok_or_else(|| say::application_not_found(request.client_id, &tenant.display_name))?;
        let (memberships, roles) = self.memberships(user, &app).await?;
        let configuration = &app.token_configuration;
        let membership = MembershipClaims::of(user, &memberships, roles, configuration, &[]);
        let mail = email::for_assertion(user, tenant, &app);
        let facts = claims::Facts {
            user,
            email: mail,
            membership: &membership,
            amr: &granted.data().amr,
            all_groups: &self.all_groups(&run.here.origin, user),
        };
        let asserting = Asserting {
            issuer: entity_id(Authority::Tenant(tenant.id)),
            user,
            mail,
            claims: claims::of(&facts),
            configuration: &app.sign_on,
            key: self.signing_key(tenant.id),
            entropy: &self.entropy,
            now: self.clock.now(),
        };
        match asserting.answer(granted, request) {
            Ok(asserted) => {
                let (name, format) = asserted.name;
                let by = match request.asked {
                    Asked::Saml { .. } => VisitedBy::Saml { name, format: format.to_owned() },
                    Asked::WsFed { .. } => VisitedBy::WsFed,
                };
                run.visit(Visited { client: request.client_id, sid: granted.data().sid, by });
                run.end(Outcome::Granted, Some(way_on(request.reply_to.as_str())));
                Ok(Body::Answer(asserted.answer))
            }
            Err(fault) => Ok(self.refusal(run, fault)),
        }
    }

    /// A refusal as the application is told it: where nothing may be shown, and where it is to
    /// know. WS-Federation has no words for it.
    pub(in crate::broker) fn refusal_of_assertion(
        &self,
        run: &mut Run<'_>,
        fault: &Fault,
    ) -> Option<Body> {
        let request = run.interaction.request()?;
        let interactive = request.is_interactive();
        let Asked::Saml { reply, .. } = &request.sign_on()?.asked else { return None };
        if interactive && fault.shown() != Shown::Redirect {
            return None;
        }
        let tenant = run.interaction.tenant();
        let tenant = tenant.or_else(|| request.authority.tenant())?;
        let answer = self.saml_refusal(tenant, reply, (fault, !interactive)).ok()?;
        run.end(Outcome::Refused(fault.code().to_string()), None);
        Some(Body::Answer(answer))
    }

    /// A signed response that says no.
    pub(super) fn saml_refusal(
        &self,
        tenant: TenantId,
        reply: &SamlReply,
        outcome: (&Fault, bool),
    ) -> Result<AuthorizationResponse, Fault> {
        note_told(outcome.0);
        let issuer = entity_id(Authority::Tenant(tenant));
        let id = format!("_{}", self.entropy.guid());
        let (now, key) = (self.clock.now(), self.signing_key(tenant));
        response::refused(reply, outcome, (issuer, id), now, &key)
            .map_err(|fault| say::internal().with_detail(fault.to_string()))
    }
}
