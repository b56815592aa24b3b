//! The ways in: an application's authorize request, the directory's own pages, an invitation link.

use jiff::SignedDuration;

use super::failure::{Failure, retry};
use super::run::Run;
use super::{Broker, Here, Reply};
use crate::decide::Trace;
use crate::decide::access::portal_switch;
use crate::directory::{Application, Invitation, first_party};
use crate::fault::{Fault, say};
use crate::ids::{Digest, InteractionId, InvitationId, TenantId, TicketValue};
use crate::interaction::{Discovering, Entry, Interaction, PageTarget, SignInRequest, Target};
use crate::protocol::authority::Authority;
use crate::protocol::authorize::{self, AuthorizationRequest, Refusal};
use crate::protocol::claims;
use crate::protocol::params::Params;
use crate::protocol::scope::RequestedScope;
use crate::store::records::{Guesses, by};

/// How long a sign-in may take.
const LIFETIME: SignedDuration = SignedDuration::from_hours(2);

impl Broker {
    /// `/{t}/oauth2/v2.0/authorize`.
    pub async fn authorize(
        &self,
        here: &Here,
        segment: &str,
        params: &Params,
    ) -> Result<Reply, Fault> {
        retry!(self.try_authorize(here, segment, params).await)
    }

    async fn try_authorize(
        &self,
        here: &Here,
        segment: &str,
        params: &Params,
    ) -> Result<Reply, Failure> {
        let authority = self.authority_of(segment, params).await?;
        let client_id = authorize::check_client_id(params)?;
        let callback = params.get("redirect_uri");
        let client = self.client_for(client_id, authority, params.version(), callback).await?;
        let request = match authorize::check(params, &client) {
            Ok(request) => request,
            Err(Refusal::Shown(fault)) => return Err(fault.into()),
            Err(Refusal::Redirected(target, fault)) => {
                let interaction = InteractionId::new(self.entropy.guid());
                let to = (&*target, params.version());
                let body = self.refused_to(here, authority, to, &fault);
                return Ok(Reply { interaction, authority, session: None, body });
            }
        };
        self.start_for(here, authority, &client, request).await
    }

    async fn start_for(
        &self,
        here: &Here,
        authority: Authority,
        client: &Application,
        mut request: AuthorizationRequest,
    ) -> Result<Reply, Failure> {
        if let Some(hint) = request.login_hint.take() {
            request.login_hint = self.hinted_name(&hint).await?;
        }
        let checked = match self.check_hint(authority, client, &mut request).await {
            Ok(()) => self.check_scope(authority, &request.scope).await,
            Err(fault) => Err(Failure::Fault(fault)),
        };
        if let Err(Failure::Fault(fault)) = checked {
            let interaction = InteractionId::new(self.entropy.guid());
            let to = (&request.target, request.version);
            let body = self.refused_to(here, authority, to, &fault);
            return Ok(Reply { interaction, authority, session: None, body });
        }
        let target = Target::Client(Box::new(request));
        let run = self.new_run(here, authority, Entry::Direct, target).await?;
        self.drive(run).await
    }

    /// Each permission must exist, and its resource stand in the tenant that is named.
    async fn check_scope(&self, at: Authority, scope: &RequestedScope) -> Result<(), Failure> {
        let resources = self.resolve_scope(scope).await?;
        let Some(tenant) = at.tenant() else { return Ok(()) };
        for resource in &resources {
            self.check_resource(tenant, resource, false).await?;
        }
        Ok(())
    }

    /// An `id_token_hint` must be a token that we issued to this client here; it names the account.
    async fn check_hint(
        &self,
        authority: Authority,
        client: &Application,
        request: &mut AuthorizationRequest,
    ) -> Result<(), Fault> {
        let Some(hint) = &request.id_token_hint else { return Ok(()) };
        let hint = self.read_hint(hint).await?;
        if !hint.fits(Some(client.client_id), authority.tenant()) {
            return Err(say::id_token_hint_invalid());
        }
        if request.login_hint.is_none() {
            request.login_hint = hint.name;
        }
        Ok(())
    }

    /// The authority of a path segment; `?tenantid=` on `common` selects the tenant too.
    async fn authority_of(&self, segment: &str, params: &Params) -> Result<Authority, Failure> {
        let shown: String = segment.chars().take(80).collect();
        let authority = self.resolve_segment(segment).await?;
        let authority = authority.ok_or_else(|| say::tenant_not_found(shown))?;
        match params.get_ignoring_case("tenantid") {
            Some(tenant) if matches!(authority, Authority::Common | Authority::Organizations) => {
                Ok(Authority::Tenant(self.selected_tenant(tenant).await?))
            }
            _ => Ok(authority),
        }
    }

    /// A tenant that a link names by id or verified domain.
    pub(super) async fn selected_tenant(&self, name: &str) -> Result<TenantId, Failure> {
        let shown: String = name.chars().take(80).collect();
        match self.resolve_segment(name).await? {
            Some(Authority::Tenant(tenant)) => Ok(tenant),
            _ => Err(say::tenant_not_found(shown).into()),
        }
    }

    /// A sign-in that leads to a page of the directory.
    pub(super) async fn start_page(
        &self,
        here: &Here,
        authority: Authority,
        page: PageTarget,
    ) -> Result<Reply, Failure> {
        let run = self.new_run(here, authority, Entry::Direct, Target::Page(page)).await?;
        self.drive(run).await
    }

    /// `/invitations/redeem/?tenant=&user=&ticket=`: opens a sign-in, and changes nothing yet.
    pub async fn open_invitation(&self, here: &Here, params: &Params) -> Result<Reply, Fault> {
        retry!(self.try_open_invitation(here, params).await)
    }

    async fn try_open_invitation(&self, here: &Here, params: &Params) -> Result<Reply, Failure> {
        let Some(invitation) = self.ticket_fits(params).await? else {
            return Err(self.note_wrong_ticket(&here.peer).await?.into());
        };
        let tenant = invitation.tenant;
        let entry =
            Entry::Invitation { tenant, guest: invitation.guest, invitation: invitation.id };
        self.check_invitation(&entry).await?;
        let enabled = self.is_enabled(tenant, first_party::INVITATION_PORTAL).await?;
        let pending = self.user(tenant, invitation.guest).await?.is_some_and(|u| u.is_pending());
        if let Some(fault) = portal_switch(Some(enabled)).filter(|_| pending) {
            return Err(fault.into());
        }
        let page = match &invitation.invite_redirect_url {
            Some(url) => PageTarget::Url(url.clone()),
            None => PageTarget::MyApps,
        };
        let authority = Authority::Tenant(tenant);
        let run = self.new_run(here, authority, entry, Target::Page(page)).await?;
        self.drive(run).await
    }

    /// The invitation whose tenant, id and ticket are the ones of the link.
    async fn ticket_fits(&self, params: &Params) -> Result<Option<Invitation>, Failure> {
        if params.repeated().is_some() {
            return Ok(None);
        }
        let tenant = params.get("tenant").and_then(|t| t.parse::<TenantId>().ok());
        let id = params.get("user").and_then(|t| t.parse::<InvitationId>().ok());
        let (Some(tenant), Some(id)) = (tenant, id) else { return Ok(None) };
        let ticket = TicketValue::new(params.get("ticket").unwrap_or_default()).digest();
        let found = self.store.get::<Invitation>(by::invitation(tenant, id)).await?;
        let found = found.map(|stored| stored.record);
        Ok(found.filter(|invitation| invitation.ticket.matches(&ticket)))
    }

    /// Wrong tickets are limited by network address; a right one never is.
    async fn note_wrong_ticket(&self, peer: &str) -> Result<Fault, Failure> {
        let guessed = self.guessed(Guesses::from_network(peer)).await?;
        if guessed.is_locked() {
            return Ok(say::too_many_guesses());
        }
        let mut changes = crate::store::ChangeSet::new();
        guessed.note_wrong(&mut changes);
        self.store.commit(changes).await?;
        Ok(say::invitation_invalid())
    }

    pub(super) async fn new_run<'h>(
        &self,
        here: &'h Here,
        authority: Authority,
        entry: Entry,
        target: Target,
    ) -> Result<Run<'h>, Failure> {
        let now = self.clock.now();
        let browser: Digest = here.browser.digest();
        let request = SignInRequest {
            id: InteractionId::new(self.entropy.guid()),
            browser,
            authority,
            origin: here.origin.clone(),
            peer: here.peer.clone(),
            entry,
            target,
            started_at: now,
            expires_at: now.checked_add(LIFETIME).unwrap_or(now),
        };
        let mut discovering = Discovering::start(request);
        let mut trace = Trace::new();
        if let Entry::Invitation { guest, .. } = entry {
            trace.note(0, "invitation-opened", format!("the link of the invitation of {guest}"));
        }
        discovering.trace.extend(trace);
        self.begin(here, Interaction::Discovering(discovering)).await
    }

    /// `sub` of a user at a client, to compare with what a request asks for.
    pub(super) fn subject(
        tenant: TenantId,
        user: crate::ids::ObjectId,
        client: crate::ids::ClientId,
    ) -> String {
        claims::pairwise(tenant, user, client)
    }
}
