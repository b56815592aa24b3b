//! Forms of a sign-in. A form for a part that is behind changes nothing; one for a part that lies
//! ahead is refused; the form of the step at hand is taken.

use super::failure::{Failure, retry};
use super::run::Run;
use super::{Broker, Here, Reply, View, alert};
use crate::decide::Trace;
use crate::decide::hrd::{Choice, Standing};
use crate::decide::route::{self, HomeFacts, HomeRoute, Route};
use crate::decide::sign_up;
use crate::fault::{Fault, say};
use crate::ids::{EmailAddress, InteractionId, MICROSOFT_ACCOUNT_TENANT, ObjectId, TenantId};
use crate::interaction::{Discovering, Interaction, Method, Step};
use crate::protocol::authority::Authority;
use crate::protocol::params::Params;
use crate::protocol::prompt::lets_picked_pass;

use super::Body;

impl Broker {
    /// `POST /{t}/signin/{id}/{step}`; the form's token was verified.
    pub async fn answer(
        &self,
        here: &Here,
        segment: &str,
        id: InteractionId,
        step: Step,
        form: &Params,
    ) -> Result<Reply, Fault> {
        retry!(Box::pin(self.try_answer(here, segment, id, step, form)).await)
    }

    async fn try_answer(
        &self,
        here: &Here,
        segment: &str,
        id: InteractionId,
        step: Step,
        form: &Params,
    ) -> Result<Reply, Failure> {
        let authority = self.resolve_segment(segment).await?.ok_or_else(say::sign_in_gone)?;
        let run = self.load(here, Some(authority), id).await?;
        let current = current(&run.interaction);
        if step.part() < current.part() {
            return self.to_resume(run).await;
        }
        run.check_session(self.clock.now())?;
        match run.interaction.clone() {
            Interaction::Discovering(state) if step.part() == 0 => {
                self.answer_discovering(run, state, step, form).await
            }
            Interaction::Proving(state) => {
                Box::pin(self.answer_proving(run, state, step, form)).await
            }
            Interaction::Redeeming(state) => self.answer_redeeming(run, state, step, form).await,
            Interaction::Consenting(state) => self.answer_consenting(run, state, step, form).await,
            Interaction::Ended(_) => self.to_resume(run).await,
            Interaction::Discovering(_) => Err(say::out_of_order(current, step).into()),
        }
    }

    async fn answer_discovering(
        &self,
        mut run: Run<'_>,
        mut state: Discovering,
        step: Step,
        form: &Params,
    ) -> Result<Reply, Failure> {
        match step {
            Step::SignIn => {
                if let Some(provider) = form.get("provider") {
                    let Some(provider) = self.chosen_provider(&state, provider).await? else {
                        return self.to_resume(run).await;
                    };
                    state.trace.note(0, "provider-button", "a provider's button was chosen");
                    let body = self.go_upstream(&mut run, state, provider, None).await?;
                    return self.finish_step(run, body).await;
                }
                if !form.has("loginfmt") {
                    return self.to_resume(run).await;
                }
                let typed = form.get("loginfmt").unwrap_or_default().trim().to_owned();
                self.typed_name(run, state, &typed, Choice::NotMade).await
            }
            Step::SignUp => self.answer_sign_up(run, state, form).await,
            Step::ChooseAccount => {
                let Some(name) = state.choosing.clone() else { return self.to_resume(run).await };
                let choice = match form.get("account") {
                    Some("aad") => Choice::Entra,
                    Some("msa") => Choice::MicrosoftAccount,
                    _ => return self.to_resume(run).await,
                };
                self.typed_name(run, state, name.as_str(), choice).await
            }
            Step::Organization => self.typed_organization(run, state, form).await,
            Step::PickAccount => self.picked_account(run, state, form).await,
            Step::ContinueAs => {
                if form.has("back") {
                    return self.decline(run).await;
                }
                if !form.affirms("accept") {
                    return self.to_resume(run).await;
                }
                state.other_account = true;
                run.become_state(Interaction::Discovering(state));
                self.to_resume(run).await
            }
            _ => self.to_resume(run).await,
        }
    }

    /// A name was typed, or a tile chosen for it.
    pub(super) async fn typed_name(
        &self,
        mut run: Run<'_>,
        state: Discovering,
        typed: &str,
        choice: Choice,
    ) -> Result<Reply, Failure> {
        let Ok(address) = typed.parse::<EmailAddress>() else {
            let alert = "Enter a valid email address, such as someone@example.com.".to_owned();
            let page = self.sign_in_page(&state, typed.to_owned(), Some(alert)).await?;
            return self.reply(run, page).await;
        };
        let body = self.route(&mut run, state, &address, choice, false).await?;
        self.finish_step(run, body).await
    }

    /// A page that is shown again is shown here; everything else goes through the dispatcher.
    pub(super) async fn finish_step(
        &self,
        run: Run<'_>,
        body: Option<Body>,
    ) -> Result<Reply, Failure> {
        match body {
            Some(body) => self.reply(run, body).await,
            None => self.to_resume(run).await,
        }
    }

    /// Finds out where a name signs in, and goes there. `None`: the state has changed.
    ///
    /// A name that is only a hint and leads nowhere is left in the box without a complaint.
    pub(super) async fn route(
        &self,
        run: &mut Run<'_>,
        state: Discovering,
        address: &EmailAddress,
        choice: Choice,
        only_a_hint: bool,
    ) -> Result<Option<Body>, Failure> {
        let tenant = match state.tenant() {
            Some(tenant) if tenant != MICROSOFT_ACCOUNT_TENANT => tenant,
            _ => return self.route_home(run, state, address, choice, only_a_hint).await,
        };
        let tenant = self.tenant(tenant).await?;
        let question = self.question(&state, &tenant, address, choice).await?;
        let found = self.discover(question).await?;
        let offer = self.offer(&state.request, state.tenant()).await?;
        let stranger = found.facts.standing == Standing::Stranger;
        let offered = offer.is_some() && stranger && !state.sign_up;
        let decision = match offer {
            Some(offer) if state.sign_up => sign_up::route(&found.facts, &offer),
            _ => route::at_tenant(&found.facts),
        };
        let (route, trace) = decision.into_parts();
        match route {
            Route::Alert(fault) => {
                let alert = (!only_a_hint).then(|| alert(&fault));
                Ok(Some(self.sign_in_page(&state, address.to_string(), alert).await?))
            }
            Route::Refuse(fault) => {
                let fault = if offered { fault.with_remedy(sign_up::REMEDY) } else { fault };
                let mut state = state;
                state.trace.extend(trace);
                run.become_state(Interaction::Discovering(state));
                Ok(Some(self.refusal(run, fault)))
            }
            Route::Choose => {
                let mut state = state;
                state.choosing = Some(address.clone());
                state.trace.extend(trace);
                run.become_state(Interaction::Discovering(state));
                Ok(None)
            }
            Route::Create(account) => {
                let state = self.create_account(state, &tenant, address, account, trace);
                run.become_state(Interaction::Proving(state));
                Ok(None)
            }
            Route::Prove(home) => {
                let mut state = state;
                state.choosing = None;
                state.trace.extend(trace);
                self.prove_at(run, state, &tenant, home, (address, found.user.as_deref())).await
            }
        }
    }

    /// Without a tenant in the address, everybody signs in at home.
    async fn route_home(
        &self,
        run: &mut Run<'_>,
        mut state: Discovering,
        address: &EmailAddress,
        choice: Choice,
        only_a_hint: bool,
    ) -> Result<Option<Body>, Failure> {
        let authority = match state.tenant() {
            Some(_) => Authority::Consumers,
            None => state.request.authority,
        };
        let version = state.request.version();
        let client = self.audience_of(state.request.application(), version).await?;
        let facts = HomeFacts { client, ..self.home_facts(authority, address, choice).await? };
        let (route, trace) = route::at_home(&facts).into_parts();
        match route {
            HomeRoute::Alert(fault) => {
                let alert = (!only_a_hint).then(|| {
                    let said = std::iter::once(alert(&fault));
                    said.chain(fault.remedies().iter().cloned()).collect::<Vec<_>>().join(" ")
                });
                Ok(Some(self.sign_in_page(&state, address.to_string(), alert).await?))
            }
            HomeRoute::Choose => {
                state.choosing = Some(address.clone());
                state.trace.extend(trace);
                run.become_state(Interaction::Discovering(state));
                Ok(None)
            }
            HomeRoute::Password(tenant, user) => {
                let method = Method::Password { user };
                let state = state.prove(tenant, Some(address.clone()), method, trace);
                run.become_state(Interaction::Proving(state));
                Ok(None)
            }
        }
    }

    /// The accounts of a name, in whichever tenant is their home.
    pub(super) async fn home_facts(
        &self,
        authority: Authority,
        address: &EmailAddress,
        choice: Choice,
    ) -> Result<HomeFacts, Failure> {
        let accounts = self.home_accounts(address.as_str()).await?;
        let named = |microsoft: bool| -> Option<(TenantId, ObjectId)> {
            let mut found = accounts.iter();
            let found = found.find(|user| (user.tenant == MICROSOFT_ACCOUNT_TENANT) == microsoft);
            let found = found.filter(|user| user.user_principal_name == address.as_str());
            found.map(|user| (user.tenant, user.id))
        };
        let (entra, microsoft) = (named(false), named(true));
        let name = address.to_string();
        Ok(HomeFacts { name, authority, entra, microsoft, choice, client: None })
    }

    async fn typed_organization(
        &self,
        mut run: Run<'_>,
        mut state: Discovering,
        form: &Params,
    ) -> Result<Reply, Failure> {
        let typed: String =
            form.get("organization").unwrap_or_default().chars().take(200).collect();
        let tenant = self.tenant_by_name(&typed).await?;
        let tenant = tenant.filter(|tenant| tenant.id != MICROSOFT_ACCOUNT_TENANT);
        // Where a tenant is named already, the name cannot be changed.
        let Some(tenant) = tenant.filter(|_| state.request.authority.tenant().is_none()) else {
            let fault = say::organization_not_found(&typed);
            let view = View::Organization { alert: Some(alert(&fault)), typed };
            return self.show(run, view).await;
        };
        let because = format!("“{typed}” is {}", tenant.display_name);
        state.trace.note(0, "sign-in-to-an-organization", because);
        state.organization = Some(tenant.id);
        run.become_state(Interaction::Discovering(state));
        self.to_resume(run).await
    }

    async fn picked_account(
        &self,
        mut run: Run<'_>,
        mut state: Discovering,
        form: &Params,
    ) -> Result<Reply, Failure> {
        if !form.has("session") {
            return self.to_resume(run).await;
        }
        let sid = form.get("session");
        let sessions = self.usable_sessions(&run, &state).await?;
        let picked = sessions.into_iter().find(|s| Some(s.sid().to_string().as_str()) == sid);
        let Some(session) = picked else {
            if sid != Some("other") {
                return self.pick_again(run, &state).await;
            }
            (state.other_account, state.other_name) = (true, true);
            run.become_state(Interaction::Discovering(state));
            return self.to_resume(run).await;
        };
        let max_age = state.request.max_age();
        let (prompt, now) = (state.request.prompt(), self.clock.now());
        if !lets_picked_pass(prompt, session.auth_time(), max_age, now) {
            // The account is chosen; that the person is there has to be shown anew.
            state.other_account = true;
            let name = session.name().to_owned();
            return self.typed_name(run, state, &name, Choice::NotMade).await;
        }
        let mut trace = Trace::new();
        trace.note(0, "account-picked", format!("{} was picked", session.name()));
        match self.use_session(&mut run, state, &session, trace).await {
            Ok(()) => self.to_resume(run).await,
            Err(Failure::Fault(fault)) => self.refuse(run, fault, Trace::new()).await,
            Err(conflict) => Err(conflict),
        }
    }
}

impl Broker {
    /// The account of a tile was signed out meanwhile: the tiles that are left, else a name.
    async fn pick_again(&self, run: Run<'_>, state: &Discovering) -> Result<Reply, Failure> {
        let alert = Some(alert(&say::session_gone()));
        let sessions = self.usable_sessions(&run, state).await?;
        if sessions.is_empty() {
            let page = self.sign_in_page(state, String::new(), alert).await?;
            return self.reply(run, page).await;
        }
        let accounts = sessions.iter().map(super::known::tile).collect();
        let organization = self.organization_name(state).await?;
        self.show(run, View::PickAccount { accounts, organization, alert }).await
    }
}

/// The step that a sign-in is at, as far as its state alone says.
pub(super) fn current(interaction: &Interaction) -> Step {
    match interaction {
        Interaction::Consenting(_) => Step::AppConsent,
        Interaction::Discovering(_) => Step::SignIn,
        Interaction::Ended(_) => Step::Done,
        Interaction::Proving(state) => state.step(),
        Interaction::Redeeming(state) if state.newcomer.is_some() => Step::Attributes,
        Interaction::Redeeming(_) => Step::ReviewPermissions,
    }
}
