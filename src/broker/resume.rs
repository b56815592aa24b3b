//! Every step ends here: gather the facts, ask the dispatcher, show or do what it says.

use super::discover::Question;
use super::failure::{Failure, internal, retry};
use super::run::Run;
use super::standing::{Progress, Standings, Wish};
use super::{Body, Broker, Here, Reply, Tile, View};
use crate::decide::account::{self, SessionFact, Wanted};
use crate::decide::hrd::{Choice, Entry as HrdEntry};
use crate::decide::{Decision, Trace, consent, redemption};
use crate::directory::User;
use crate::fault::{Fault, say};
use crate::ids::{EmailAddress, InteractionId};
use crate::interaction::{
    Discovering, Entry, Interaction, InteractionRecord, Names, Next, Outcome, Proven, SignedIn,
    Standing, Step, dispatch,
};
use crate::protocol::prompt::{Prompt, is_recent};
use crate::store::Stored;
use crate::store::records::by;

impl Broker {
    /// `GET /{t}/resume/{id}`.
    pub async fn resume(
        &self,
        here: &Here,
        segment: &str,
        id: InteractionId,
        view: Option<&str>,
    ) -> Result<Reply, Fault> {
        retry!(self.try_resume(here, segment, id, view).await)
    }

    async fn try_resume(
        &self,
        here: &Here,
        segment: &str,
        id: InteractionId,
        view: Option<&str>,
    ) -> Result<Reply, Failure> {
        let authority = self.resolve_segment(segment).await?.ok_or_else(say::sign_in_gone)?;
        let mut run = self.load(here, Some(authority), id).await?;
        if let Interaction::Discovering(state) = &run.interaction {
            // Links between the pages on which nothing is known yet. They change nothing else.
            match view {
                Some("options") => return self.show(run, View::SignInOptions).await,
                Some("organization") => {
                    let page = View::Organization { typed: String::new(), alert: None };
                    return self.show(run, page).await;
                }
                Some("another") => {
                    let mut state = state.clone();
                    (state.other_account, state.other_name, state.choosing) = (true, true, None);
                    run.become_state(Interaction::Discovering(state));
                    return self.to_resume(run).await;
                }
                _ => {}
            }
        }
        self.drive(run).await
    }

    pub(super) async fn show(&self, run: Run<'_>, view: View) -> Result<Reply, Failure> {
        self.reply(run, Body::Show(Box::new(view))).await
    }

    /// Goes as far as it can without asking anybody.
    pub(super) async fn drive(&self, mut run: Run<'_>) -> Result<Reply, Failure> {
        loop {
            match &run.interaction {
                Interaction::Discovering(state) => {
                    let state = state.clone();
                    if let Some(reply) = self.drive_discovering(&mut run, state).await? {
                        return self.reply(run, reply).await;
                    }
                }
                Interaction::Proving(state) => {
                    let standing = Standing::Proving { step: state.step() };
                    let interactive = state.request.is_interactive();
                    return match dispatch(&standing, interactive) {
                        Next::Refuse(fault) => self.refuse(run, fault, Trace::new()).await,
                        _ => {
                            let state = state.clone();
                            let body = self.proving_page(&state, None).await?;
                            self.reply(run, body).await
                        }
                    };
                }
                Interaction::Redeeming(_) | Interaction::Consenting(_) => {
                    if let Some(body) = self.drive_proven(&mut run).await? {
                        return self.reply(run, body).await;
                    }
                }
                Interaction::Ended(state) => {
                    let declined = state.outcome == Outcome::Declined;
                    let view = View::Done { way_on: state.way_on.clone(), declined };
                    return self.show(run, view).await;
                }
            }
        }
    }

    /// `None` means that the state has changed and is to be looked at again.
    async fn drive_discovering(
        &self,
        run: &mut Run<'_>,
        state: Discovering,
    ) -> Result<Option<Body>, Failure> {
        self.check_invitation(&state.request.entry).await?;
        let (sessions, decision) = self.known_sessions(run, &state).await?;
        let interactive = state.request.is_interactive();
        match dispatch(&Standing::Discovering { account: &decision }, interactive) {
            Next::UseSession(index) => {
                let Some(session) = sessions.get(index) else { return Err(Failure::Conflict) };
                let used = self.use_session(run, state, session, decision.into_parts().1).await;
                match used {
                    Ok(()) => Ok(None),
                    Err(Failure::Fault(fault)) => Ok(Some(self.refusal(run, fault).await?)),
                    Err(conflict) => Err(conflict),
                }
            }
            Next::Refuse(fault) => Ok(Some(self.refusal(run, fault).await?)),
            Next::Ask(Step::PickAccount) => {
                let organization = self.organization_name(&state).await?;
                let accounts = sessions.iter().map(tile).collect();
                Ok(Some(Body::Show(Box::new(View::PickAccount { accounts, organization }))))
            }
            Next::Ask(Step::ContinueAs) => {
                let organization = self.organization_name(&state).await?;
                let signed_in = sessions.iter().map(|s| s.name().to_owned()).collect();
                let invited = self.invited(&state).await?.map(|u| u.address().to_owned());
                let invited = invited.unwrap_or_default();
                let view = View::ContinueAs { signed_in, invited, organization };
                Ok(Some(Body::Show(Box::new(view))))
            }
            _ => self.ask_who(run, state).await,
        }
    }

    /// The browser's sessions that matter here, and what they are good for.
    async fn known_sessions(
        &self,
        run: &Run<'_>,
        state: &Discovering,
    ) -> Result<(Vec<SignedIn>, Decision<account::Outcome>), Failure> {
        let now = self.clock.now();
        let tenant = state.tenant();
        let mut sessions = run.sessions(tenant, now);
        if tenant.is_none() {
            // Without a tenant everybody is at home.
            sessions.retain(|s| s.account().home_tenant == Some(s.tenant()));
        }
        let client = state.request.client();
        let invited = self.invited(state).await?;
        let hint = client.and_then(|c| c.login_hint.as_deref()).filter(|_| !state.other_name);
        let subject = client.and_then(|client| client.claims.subject.as_deref());
        let mut facts = Vec::new();
        for session in &sessions {
            let user = self.linked_user(session.tenant(), session.account()).await?;
            let wanted = match (&invited, subject, client) {
                (Some(invited), _, _) => user.is_some_and(|user| user.id == invited.id),
                (None, Some(subject), Some(client)) => user.is_some_and(|user| {
                    Self::subject(user.tenant, user.id, client.client_id) == subject
                }),
                _ => hint.is_some_and(|hint| hint.eq_ignore_ascii_case(session.name())),
            };
            let max_age = client.and_then(|client| client.max_age);
            let recent = is_recent(session.auth_time(), max_age, now);
            facts.push(SessionFact { name: session.name().to_owned(), recent, wanted });
        }
        let prompt = state.request.prompt();
        let decision = account::decide(&account::Facts {
            sessions: facts,
            wanted: match (state.other_account, &invited, hint) {
                (true, _, _) => Wanted::SomebodyElse,
                (false, Some(_), _) => Wanted::Invited,
                (false, None, Some(_)) => Wanted::Hinted,
                (false, None, None) => Wanted::Anyone,
            },
            may_pass: prompt.lets_session_pass(),
            select: prompt == Prompt::SelectAccount,
            subject_asked: subject.is_some(),
        });
        Ok((sessions, decision))
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
        let (authenticated, identified) =
            self.identify(&state.request, tenant, None, proven).await?;
        let mut all = trace;
        all.extend(identified);
        let state = state.recognise(authenticated, session.sid(), all);
        run.become_state(Interaction::Redeeming(state));
        Ok(())
    }

    /// The page on which a name is typed, unless the name is known already.
    async fn ask_who(
        &self,
        run: &mut Run<'_>,
        state: Discovering,
    ) -> Result<Option<Body>, Failure> {
        if let Some(name) = state.choosing.clone() {
            let view = View::ChooseAccount { name: name.to_string() };
            return Ok(Some(Body::Show(Box::new(view))));
        }
        if let Some(guest) = self.invited(&state).await? {
            return self.route_invited(run, state, &guest).await;
        }
        let client = state.request.client();
        let hint = client.and_then(|client| client.login_hint.clone());
        let hint = hint.filter(|_| !state.other_name).unwrap_or_default();
        if let Some(provider) = self.hinted_provider(&state).await? {
            return self.go_upstream(run, state, provider, None).await;
        }
        match hint.parse::<EmailAddress>() {
            Ok(address) => self.route(run, state, &address, Choice::NotMade, true).await,
            Err(_) => Ok(Some(self.sign_in_page(&state, hint, None).await?)),
        }
    }

    /// The guest whose invitation was opened.
    pub(super) async fn invited(
        &self,
        state: &Discovering,
    ) -> Result<Option<Stored<User>>, Failure> {
        match state.request.entry {
            Entry::Direct => Ok(None),
            Entry::Invitation { tenant, guest, .. } => {
                let guest = self.user(tenant, guest).await?;
                guest.ok_or_else(|| say::invitation_invalid().into()).map(Some)
            }
        }
    }

    /// A question for discovery in the name of this sign-in.
    pub(super) async fn question<'a>(
        &self,
        state: &Discovering,
        tenant: &'a crate::directory::Tenant,
        address: &'a EmailAddress,
        choice: Choice,
    ) -> Result<Question<'a>, Failure> {
        let entry = match state.request.entry {
            Entry::Direct => HrdEntry::DirectLink,
            Entry::Invitation { .. } => HrdEntry::EmailLink,
        };
        let resource = self.resource(state.request.application()).await?;
        Ok(Question { tenant, address, entry, choice, resource })
    }

    /// Redemption, consent and the end. `None` means: look again.
    async fn drive_proven(&self, run: &mut Run<'_>) -> Result<Option<Body>, Failure> {
        let (request, who, redeemed, ask_to_stay, progress) = match &run.interaction {
            Interaction::Redeeming(state) => {
                let progress = Progress {
                    reviewed: state.reviewed,
                    accepted: &state.accepted,
                    consented_now: false,
                };
                (&state.request, &state.authenticated, false, state.typed_password, progress)
            }
            Interaction::Consenting(state) => {
                let progress =
                    Progress { reviewed: true, accepted: &[], consented_now: state.consented_now };
                (&state.request, &state.authenticated, true, state.ask_to_stay, progress)
            }
            _ => return Ok(None),
        };
        self.check_invitation(&request.entry).await?;
        let home = who.proven().account().home_tenant;
        let wish = Wish::of(request, who.tenant(), who.user(), home);
        let interactive = request.is_interactive();
        let standings = self.standings(&wish, progress).await?;
        match next(&standings, redeemed, ask_to_stay, interactive) {
            Next::Redeem => {
                self.redeem(run, standings).await?;
                Ok(None)
            }
            Next::Complete => self.complete(run, standings).await.map(Some),
            Next::Refuse(fault) => {
                let trace = why(&standings);
                run.interaction.note(trace);
                self.refusal(run, fault).await.map(Some)
            }
            next => self.proven_page(run, &standings, next).await.map(Some),
        }
    }

    /// A refusal: an error to the client where pages may not be shown or the client is to know, a
    /// page otherwise.
    pub(super) async fn refusal(&self, run: &mut Run<'_>, fault: Fault) -> Result<Body, Failure> {
        let redirected = fault.shown() == crate::fault::Shown::Redirect;
        let client = run.interaction.request().and_then(|request| request.client().cloned());
        let interactive = run.interaction.request().is_none_or(|r| r.is_interactive());
        match client {
            Some(client) if redirected || !interactive => {
                let issuer = self.issuer_of(run);
                let answer = client.target.respond(super::finish::error_fields(&fault), &issuer);
                run.end(Outcome::Refused(fault.code().to_string()), None);
                Ok(Body::Answer(answer))
            }
            _ => {
                let trace = run.interaction.core().trace.clone();
                Ok(Body::Refused { fault, trace, may_retry: true })
            }
        }
    }

    pub(super) async fn refuse(
        &self,
        mut run: Run<'_>,
        fault: Fault,
        trace: Trace,
    ) -> Result<Reply, Failure> {
        run.interaction.note(trace);
        let body = self.refusal(&mut run, fault).await?;
        self.reply(run, body).await
    }

    async fn organization_name(&self, state: &Discovering) -> Result<String, Failure> {
        match state.tenant() {
            Some(tenant) => Ok(self.tenant(tenant).await?.display_name),
            None => Ok(String::new()),
        }
    }
}

/// Asks the dispatcher about somebody who is proven.
fn next(standings: &Standings, redeemed: bool, ask_to_stay: bool, interactive: bool) -> Next {
    let app = standings.resource.id.to_string();
    let standing = Standing::Proven {
        admitted: &standings.admitted,
        redemption: &standings.redemption,
        redeemed,
        consent: &standings.consent,
        ask_to_stay,
        names: Names {
            user: standings.user.address(),
            tenant: &standings.tenant.display_name,
            app: &app,
            app_name: &standings.resource.name,
        },
    };
    dispatch(&standing, interactive)
}

/// The traces of what decided against somebody.
fn why(standings: &Standings) -> Trace {
    let mut trace = standings.admitted.trace().clone();
    if standings.admitted.outcome().is_ok() {
        trace.extend(standings.redemption.trace().clone());
        if *standings.redemption.outcome() == redemption::Outcome::Complete
            && *standings.consent.outcome() != consent::Outcome::Consented
        {
            trace.extend(standings.consent.trace().clone());
        }
    }
    trace
}

fn tile(session: &SignedIn) -> Tile {
    Tile {
        sid: session.sid().to_string(),
        name: session.name().to_owned(),
        display_name: session.display_name().to_owned(),
    }
}

/// The state and trace of a sign-in, for the control API.
pub(super) async fn described(
    broker: &Broker,
    id: InteractionId,
) -> Result<Option<serde_json::Value>, Fault> {
    let stored = broker.store.get::<InteractionRecord>(by::interaction(id)).await;
    let Some(stored) = stored.map_err(internal)? else { return Ok(None) };
    let interaction = &stored.record.0;
    let core = interaction.core();
    let step = match interaction {
        Interaction::Proving(state) => Some(state.step().as_str()),
        _ => None,
    };
    let outcome = match interaction {
        Interaction::Ended(ended) => serde_json::to_value(&ended.outcome).ok(),
        _ => None,
    };
    Ok(Some(serde_json::json!({
        "id": id,
        "state": interaction.state(),
        "step": step,
        "outcome": outcome,
        "authority": core.authority.to_string(),
        "tenant": interaction.tenant(),
        "expires_at": core.expires_at,
        "trace": core.trace,
    })))
}
