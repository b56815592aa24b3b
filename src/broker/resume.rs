//! Every step ends here: gather the facts, ask the dispatcher, show or do what it says.

use super::discover::Question;
use super::failure::{Failure, retry};
use super::run::Run;
use super::standing::{Progress, Standings, Wish};
use super::{Body, Broker, Here, Reply, View};
use crate::decide::hrd::{Choice, Entry as HrdEntry};
use crate::decide::{Trace, consent, redemption};
use crate::directory::User;
use crate::fault::{Fault, Shown, say};
use crate::ids::{EmailAddress, InteractionId};
use crate::interaction::{
    Discovering, Entry, Interaction, Names, Next, Outcome, Standing, Step, dispatch,
};
use crate::store::Stored;

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
        run.check_session(self.clock.now())?;
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
                    state.sign_up = false;
                    run.become_state(Interaction::Discovering(state));
                    return self.to_resume(run).await;
                }
                Some("sign-up") => {
                    let state = state.clone();
                    return self.wants_to_sign_up(run, state).await;
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
        let standing = Standing::Discovering { account: &decision, sign_up: state.sign_up };
        match dispatch(&standing, interactive) {
            Next::UseSession(index) => {
                let Some(session) = sessions.get(index) else { return Err(Failure::Conflict) };
                let used = self.use_session(run, state, session, decision.into_parts().1).await;
                match used {
                    Ok(()) => Ok(None),
                    Err(Failure::Fault(fault)) => Ok(Some(self.refusal(run, fault))),
                    Err(conflict) => Err(conflict),
                }
            }
            Next::Refuse(fault) => Ok(Some(self.refusal(run, fault))),
            Next::Ask(Step::PickAccount) => {
                let organization = self.organization_name(&state).await?;
                let accounts = sessions.iter().map(super::known::tile).collect();
                Ok(Some(Body::Show(Box::new(View::PickAccount {
                    accounts,
                    organization,
                    alert: None,
                }))))
            }
            Next::Ask(Step::ContinueAs) => {
                let organization = self.organization_name(&state).await?;
                let signed_in = sessions.iter().map(|s| s.name().to_owned()).collect();
                let invited = self.invited(&state).await?.filter(|guest| guest.is_pending());
                let invited = invited.map(|guest| guest.address().to_owned());
                let view = View::ContinueAs { signed_in, invited, organization };
                Ok(Some(Body::Show(Box::new(view))))
            }
            _ => self.ask_who(run, state).await,
        }
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
        // Once it is redeemed, the link is an ordinary way in: whoever holds it learns no address.
        if let Some(guest) = self.invited(&state).await?.filter(|guest| guest.is_pending()) {
            return self.route_invited(run, state, &guest).await;
        }
        let hint = state.request.login_hint().map(str::to_owned);
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
        let (request, who, redeemed, asks, progress) = match &run.interaction {
            Interaction::Redeeming(state) => {
                let progress = Progress {
                    reviewed: state.reviewed,
                    accepted: &state.accepted,
                    consented_now: false,
                };
                let asks = (false, state.typed_password);
                (&state.request, &state.authenticated, false, asks, progress)
            }
            Interaction::Consenting(state) => {
                let progress =
                    Progress { reviewed: true, accepted: &[], consented_now: state.consented_now };
                let asks = (state.confirm_device, state.ask_to_stay);
                (&state.request, &state.authenticated, true, asks, progress)
            }
            _ => return Ok(None),
        };
        self.check_invitation(&request.entry).await?;
        let account = who.proven().account();
        let newcomer = match &run.interaction {
            Interaction::Redeeming(state) => state.newcomer.as_ref().map(|new| (new, who)),
            _ => None,
        };
        let wish = Wish { newcomer, ..Wish::of(request, who.tenant(), who.user(), account) };
        let interactive = request.is_interactive();
        let standings = match self.standings(&wish, progress).await {
            Err(Failure::Fault(fault)) if fault.shown() == Shown::Redirect => {
                return Ok(Some(self.refusal(run, fault)));
            }
            standings => standings?,
        };
        if let Err(fault) = who.check_still_is(&standings.user, &standings.tenant.display_name) {
            return Ok(Some(self.refusal(run, fault)));
        }
        match next(&standings, redeemed, asks, interactive) {
            Next::Redeem => {
                self.redeem(run, standings).await?;
                Ok(None)
            }
            Next::Complete => self.complete(run, standings).await.map(Some),
            Next::Refuse(fault) => {
                let trace = why(&standings);
                run.interaction.note(trace);
                Ok(Some(self.refusal(run, fault)))
            }
            next => Self::proven_page(run, &standings, next).map(Some),
        }
    }

    /// A refusal: an error to the client where pages may not be shown or the client is to know, a
    /// page otherwise.
    pub(super) fn refusal(&self, run: &mut Run<'_>, fault: Fault) -> Body {
        if let Some(body) = self.refusal_of_assertion(run, &fault) {
            return body;
        }
        let redirected = fault.shown() == Shown::Redirect;
        let client = run.interaction.request().and_then(|request| request.client().cloned());
        let interactive = run.interaction.request().is_none_or(|r| r.is_interactive());
        match client.filter(|client| client.device.is_none()) {
            Some(client) if redirected || !interactive => {
                let authority = run.interaction.core().authority;
                let to = (&client.target, client.version);
                let body = self.refused_to(run.here, authority, to, &fault);
                run.end(Outcome::Refused(fault.code().to_string()), None);
                body
            }
            _ => {
                let trace = run.interaction.core().trace.clone();
                Body::Refused { fault, trace, may_retry: true }
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
        let body = self.refusal(&mut run, fault);
        self.reply(run, body).await
    }

    pub(super) async fn organization_name(&self, state: &Discovering) -> Result<String, Failure> {
        match state.tenant() {
            Some(tenant) => Ok(self.tenant(tenant).await?.display_name),
            None => Ok(String::new()),
        }
    }
}

/// Asks the dispatcher about somebody who is proven.
fn next(
    standings: &Standings,
    redeemed: bool,
    (confirm_device, ask_to_stay): (bool, bool),
    interactive: bool,
) -> Next {
    let app = standings.resource.id.to_string();
    let standing = Standing::Proven {
        admitted: &standings.admitted,
        redemption: &standings.redemption,
        redeemed,
        consent: &standings.consent,
        confirm_device,
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
