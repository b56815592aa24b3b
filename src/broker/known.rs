//! The sessions that a browser has already, and what they are good for in this sign-in.

use super::failure::Failure;
use super::run::Run;
use super::{Broker, Tile};
use crate::decide::account::{self, AskedSession, SessionFact, Wanted};
use crate::decide::{Decision, Trace, audience};
use crate::fault::say;
use crate::ids::MICROSOFT_ACCOUNT_TENANT;
use crate::interaction::{Discovering, Interaction, Proven, SignedIn};
use crate::protocol::authority::Authority;
use crate::protocol::prompt::{Prompt, is_recent};

impl Broker {
    /// The browser's sessions that matter here, and what they are good for.
    pub(super) async fn known_sessions(
        &self,
        run: &Run<'_>,
        state: &Discovering,
    ) -> Result<(Vec<SignedIn>, Decision<account::Outcome>), Failure> {
        let now = self.clock.now();
        let sessions = self.usable_sessions(run, state).await?;
        let client = state.request.client();
        let invited = self.invited(state).await?;
        let hint = state.request.login_hint().filter(|_| !state.other_name);
        let subject = client.and_then(|client| client.claims.subject.as_deref());
        let sid = client.and_then(|c| c.sid.as_deref()).filter(|_| !state.other_name);
        let asked = match sid {
            Some(sid) => Some(self.asked_session(run, state, &sessions, sid).await?),
            None => None,
        };
        let mut facts = Vec::new();
        for session in &sessions {
            let user = self.linked_user(session.tenant(), session.account()).await?;
            let wanted = match (&invited, subject, client) {
                (Some(invited), _, _) => match user {
                    Some(user) => user.id == invited.id,
                    // Proven before, but not bound yet.
                    None => invited.external.as_ref().is_some_and(|external| {
                        external.invited_user_email_address.as_str() == session.name()
                    }),
                },
                (None, Some(subject), Some(client)) => user.is_some_and(|user| {
                    Self::subject(user.tenant, user.id, client.client_id) == subject
                }),
                _ if asked == Some(AskedSession::Here) => sid == Some(&session.sid().to_string()),
                _ => hint.is_some_and(|hint| hint.eq_ignore_ascii_case(session.name())),
            };
            let max_age = state.request.max_age();
            let recent = is_recent(session.auth_time(), max_age, now);
            facts.push(SessionFact { name: session.name().to_owned(), recent, wanted });
        }
        let prompt = state.request.prompt();
        let decision = account::decide(&account::Facts {
            sessions: facts,
            wanted: match (state.other_account, &invited, hint, &asked) {
                (true, _, _, _) => Wanted::SomebodyElse,
                (false, Some(_), _, _) => Wanted::Invited,
                (false, None, Some(_), _) | (false, None, None, Some(AskedSession::Here)) => {
                    Wanted::Hinted
                }
                (false, None, None, _) => Wanted::Anyone,
            },
            may_pass: prompt.lets_session_pass(),
            select: prompt == Prompt::SelectAccount,
            subject_asked: subject.is_some(),
            session_asked: asked,
            silent: !state.request.is_interactive(),
            tenant_name: self.organization_name(state).await?,
        });
        Ok((sessions, decision))
    }

    /// What is known of the session that a client names.
    async fn asked_session(
        &self,
        run: &Run<'_>,
        state: &Discovering,
        usable: &[SignedIn],
        sid: &str,
    ) -> Result<AskedSession, Failure> {
        let is_asked = |session: &&SignedIn| session.sid().to_string() == sid;
        if usable.iter().any(|session| is_asked(&session)) {
            return Ok(AskedSession::Here);
        }
        let all = run.sessions(None, self.clock.now());
        let Some(session) = all.iter().find(is_asked) else { return Ok(AskedSession::Nowhere) };
        let Some(tenant) = state.tenant().filter(|tenant| *tenant != session.tenant()) else {
            return Ok(AskedSession::Elsewhere);
        };
        let known =
            match (self.linked_user(tenant, session.account()).await?, session.name().parse()) {
                (Some(user), _) => Some(user),
                (None, Ok(address)) => self.user_meant_by(tenant, &address).await?,
                (None, Err(_)) => None,
            };
        Ok(match known {
            Some(_) => AskedSession::Elsewhere,
            None => AskedSession::OfStranger(session.name().to_owned()),
        })
    }

    /// The sessions whose account the endpoint signs in, and whose user is still the one that was
    /// proven: a reset ends them.
    pub(super) async fn usable_sessions(
        &self,
        run: &Run<'_>,
        state: &Discovering,
    ) -> Result<Vec<SignedIn>, Failure> {
        let tenant = state.tenant();
        let version = state.request.version();
        let client = self.audience_of(state.request.application(), version).await?;
        let serves = |home| {
            let decision = client.as_ref().map(|client| audience::account(client, home));
            decision.is_none_or(|decision| decision.outcome().is_ok())
        };
        let mut usable = Vec::new();
        for session in run.sessions(tenant, self.clock.now()) {
            let home = session.account().home_tenant;
            let fits = match (tenant, state.request.authority) {
                (Some(_), _) => true,
                // Without a tenant everybody is at home.
                (None, Authority::Organizations) => {
                    home == Some(session.tenant()) && home != Some(MICROSOFT_ACCOUNT_TENANT)
                }
                (None, _) => home == Some(session.tenant()),
            };
            let fits = fits && (tenant.is_some() || serves(session.tenant()));
            let user = self.user(session.tenant(), session.user()).await?;
            if fits && user.is_some_and(|user| session.stands_for(&user)) {
                usable.push(session);
            }
        }
        Ok(usable)
    }

    /// A session of the browser vouches for somebody; who that is in the tenant is decided anew.
    pub(super) async fn use_session(
        &self,
        run: &mut Run<'_>,
        state: Discovering,
        session: &SignedIn,
        trace: Trace,
    ) -> Result<(), Failure> {
        let now = self.clock.now();
        let proven = Proven::by_session(session, now).ok_or_else(say::not_signed_in)?;
        let tenant = state.tenant().unwrap_or_else(|| session.tenant());
        let found = self.identify(&state.request, tenant, (None, false), proven).await?;
        let (authenticated, identified) = (found.authenticated, found.trace);
        let mut all = trace;
        all.extend(identified);
        let state = state.recognise(authenticated, session.sid(), all);
        run.become_state(Interaction::Redeeming(state));
        Ok(())
    }
}

/// A session as one chooses it.
pub(super) fn tile(session: &SignedIn) -> Tile {
    Tile {
        sid: session.sid().to_string(),
        name: session.name().to_owned(),
        display_name: session.display_name().to_owned(),
    }
}
