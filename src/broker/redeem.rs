//! Review permissions and terms of use, and the one commit that makes a guest *Accepted*.

use std::collections::BTreeMap;

use super::failure::Failure;
use super::run::Run;
use super::sign_up::attributes_page;
use super::standing::{Progress, Standings, Wish, concerns};
use super::{Body, Broker, Reply, ScopeLine, View};
use crate::decide::{Trace, redemption};
use crate::directory::{
    ExternalUser, ExternalUserState, Invitation, InvitationStatus, TermsAcceptance, User,
};
use crate::fault::say;
use crate::ids::TermsId;
use crate::interaction::{Interaction, Next, Outcome, Redeemed, Redeeming, Step};
use crate::protocol::authorize::AuthorizationRequest;
use crate::protocol::params::Params;
use crate::store::Stored;
use crate::store::records::by;

impl Broker {
    /// A page that asks somebody who is proven.
    pub(super) fn proven_page(
        run: &Run<'_>,
        standings: &Standings,
        next: Next,
    ) -> Result<Body, Failure> {
        let user = standings.user.address().to_owned();
        let organization = standings.tenant.display_name.clone();
        let view = match next {
            Next::Ask(Step::Attributes) => {
                return Ok(attributes_page(standings, &BTreeMap::new(), None));
            }
            Next::Ask(Step::ReviewPermissions) => View::ReviewPermissions {
                organization,
                domain: standings.tenant.initial_domain().to_owned(),
                privacy_statement_url: standings.tenant.privacy_statement_url.clone(),
                user,
            },
            Next::Ask(Step::ConfirmDevice) => {
                View::ConfirmDevice { app: standings.resource.name.clone(), organization, user }
            }
            Next::Ask(Step::StaySignedIn) => View::StaySignedIn { name: user },
            Next::AskTerms(_) => return terms_page(run, standings, next, None),
            Next::AskConsent(scopes) => {
                let asked = standings.scopes.iter().filter(|(_, _, s)| scopes.contains(&s.value));
                let line = |resource: &str, name: &str| ScopeLine {
                    name: name.to_owned(),
                    resource: resource.to_owned(),
                };
                let app = standings.resource.name.clone();
                let scopes = asked.map(|(_, name, scope)| line(name, &scope.value)).collect();
                View::AppConsent { app, organization, user, scopes }
            }
            _ => return Err(say::internal().into()),
        };
        Ok(Body::Show(Box::new(view)))
    }

    /// A form of Review permissions or terms of use.
    pub(super) async fn answer_redeeming(
        &self,
        run: Run<'_>,
        state: Redeeming,
        step: Step,
        form: &Params,
    ) -> Result<Reply, Failure> {
        self.check_invitation(&state.request.entry).await?;
        let who = &state.authenticated;
        let account = who.proven().account();
        let newcomer = state.newcomer.as_ref().map(|newcomer| (newcomer, who));
        let wish = Wish { newcomer, ..Wish::of(&state.request, who.tenant(), who.user(), account) };
        let progress =
            Progress { reviewed: state.reviewed, accepted: &state.accepted, consented_now: false };
        let standings = self.standings(&wish, progress).await?;
        if let Err(fault) = who.check_still_is(&standings.user, &standings.tenant.display_name) {
            return self.refuse(run, fault, Trace::new()).await;
        }
        if let Err(fault) = standings.admitted.outcome() {
            return self.refuse(run, fault.clone(), standings.admitted.trace().clone()).await;
        }
        match (step, standings.redemption.outcome()) {
            (Step::Attributes, redemption::Outcome::Attributes) => {
                self.answer_attributes(run, state, &standings, form).await
            }
            (Step::ReviewPermissions, redemption::Outcome::ReviewPermissions) => {
                self.answer_review(run, state, form).await
            }
            (Step::TermsOfUse, redemption::Outcome::TermsOfUse(id)) => {
                let id = *id;
                self.answer_terms(run, state, &standings, id, form).await
            }
            (_, outstanding) => {
                let expected = match outstanding {
                    redemption::Outcome::Attributes => Step::Attributes,
                    redemption::Outcome::ReviewPermissions => Step::ReviewPermissions,
                    redemption::Outcome::TermsOfUse(_) => Step::TermsOfUse,
                    redemption::Outcome::Complete => Step::AppConsent,
                };
                if step.part() < expected.part() {
                    return self.to_resume(run).await;
                }
                Err(say::out_of_order(expected, step).into())
            }
        }
    }

    async fn answer_review(
        &self,
        mut run: Run<'_>,
        mut state: Redeeming,
        form: &Params,
    ) -> Result<Reply, Failure> {
        if form.has("back") || !form.affirms("accept") {
            return self.declined_or_again(run, form).await;
        }
        state.reviewed = true;
        state.trace.note(11, "review-permissions", "accepted");
        run.become_state(Interaction::Redeeming(state));
        self.to_resume(run).await
    }

    async fn answer_terms(
        &self,
        mut run: Run<'_>,
        mut state: Redeeming,
        standings: &Standings,
        id: TermsId,
        form: &Params,
    ) -> Result<Reply, Failure> {
        let terms = standings.tenant.terms_of_use.iter().find(|terms| terms.id == id);
        let terms = terms.ok_or_else(say::internal)?;
        if form.get("terms") != Some(format!("{id}@{}", terms.version).as_str()) {
            // Another one than is outstanding now: show the one that is.
            return self.to_resume(run).await;
        }
        if form.has("open") {
            state.opened.push(id);
            run.become_state(Interaction::Redeeming(state));
            return self.to_resume(run).await;
        }
        if form.has("back") || !form.affirms("accept") {
            return self.declined_or_again(run, form).await;
        }
        if terms.is_viewing_before_acceptance_required && !state.opened.contains(&id) {
            let alert = "Open the terms of use before you accept them.".to_owned();
            let page = terms_page(&run, standings, Next::AskTerms(id), Some(alert))?;
            return self.reply(run, page).await;
        }
        state.accepted.push((id, terms.version));
        let because = format!("“{}” version {}", terms.display_name, terms.version);
        state.trace.note(11, "terms-of-use", format!("accepted {because}"));
        run.become_state(Interaction::Redeeming(state));
        self.to_resume(run).await
    }

    /// An empty form shows the step again; a decline ends the sign-in.
    async fn declined_or_again(&self, run: Run<'_>, form: &Params) -> Result<Reply, Failure> {
        if form.has("back") { self.decline(run).await } else { self.to_resume(run).await }
    }

    /// The person said no: nothing about the guest has changed.
    pub(super) async fn decline(&self, mut run: Run<'_>) -> Result<Reply, Failure> {
        let mut trace = Trace::new();
        trace.note(11, "declined", "the person declined; the guest object is as it was");
        run.interaction.note(trace);
        let client = run.interaction.request().and_then(|request| request.client().cloned());
        let body = match client {
            Some(AuthorizationRequest { device: Some(device), .. }) => {
                self.decline_device(&mut run, &device).await?
            }
            Some(client) => {
                let authority = run.interaction.core().authority;
                let to = (&client.target, client.version);
                self.refused_to(run.here, authority, to, &say::user_declined())
            }
            None => match self.refusal_of_assertion(&mut run, &say::user_declined()) {
                Some(body) => body,
                None => Body::Show(Box::new(View::Done { way_on: None, declined: true })),
            },
        };
        run.end(Outcome::Declined, None);
        self.reply(run, body).await
    }

    /// Everything is accepted: the guest object, the acceptances and the invitation change together.
    pub(super) async fn redeem(
        &self,
        run: &mut Run<'_>,
        standings: Standings,
    ) -> Result<(), Failure> {
        let Interaction::Redeeming(state) = run.interaction.clone() else { return Ok(()) };
        let now = self.clock.now();
        let Standings { tenant, mut user, redemption, .. } = standings;
        let mut trace = redemption.trace().clone();
        let accepted = tenant.terms_of_use.iter().filter(|terms| {
            concerns(terms, &user) && state.accepted.contains(&(terms.id, terms.version))
        });
        for terms in accepted {
            run.changes.overwrite(&TermsAcceptance {
                tenant: tenant.id,
                terms: terms.id,
                version: terms.version,
                user: user.id,
                accepted_at: now,
            });
        }
        let pending = user.is_pending();
        if pending {
            let account = state.authenticated.proven().account().clone();
            let taken = self.linked_user(user.tenant, &account).await?;
            let taken = taken.is_some_and(|other| other.id != user.id);
            if let (true, Some(newcomer)) = (taken, &state.newcomer) {
                let fault = say::sign_up_address_taken(&newcomer.address, &tenant.display_name);
                return Err(fault.into());
            }
            if taken {
                let name = &account.sign_in_name;
                return Err(say::invitation_account_taken(name, &tenant.display_name).into());
            }
            let invited = user.address().to_owned();
            let how = if state.newcomer.is_some() { "signed up as" } else { "invited" };
            let (name, idp) = (&account.sign_in_name, account.idp());
            let because = format!("{how} {invited}, linked {name} of {idp}");
            trace.note(11, "redeemed", because);
            accept(&mut user, account, now);
            match &state.newcomer {
                Some(newcomer) => self.insert_newcomer(run, &tenant, newcomer, &user).await?,
                None => {
                    run.changes.update(&user);
                }
            }
            self.complete_invitations(run, &user).await?;
        } else {
            run.changes.unchanged(&user);
        }
        let redeemed = Redeemed::complete(&user, &redemption)?;
        let state_accepted = state.accepted.len();
        run.become_state(Interaction::Consenting(state.redeemed(redeemed, trace)?));
        if !pending && state_accepted == 0 {
            return Ok(());
        }
        // Committed at once: what comes next reads it, and a code comes only after it.
        let id = run.interaction.core().id;
        self.save(run).await?;
        let session = run.take_new_session();
        let mut again = self.load(run.here, None, id).await?;
        again.put_new_session(session);
        *run = again;
        Ok(())
    }

    /// The open invitations of a guest become ways back.
    async fn complete_invitations(&self, run: &mut Run<'_>, user: &User) -> Result<(), Failure> {
        let index = by::invitations_of(user.tenant, user.id);
        for mut invitation in self.store.find::<Invitation>(index).await? {
            if invitation.status == InvitationStatus::PendingAcceptance {
                invitation.status = InvitationStatus::Completed;
                run.changes.update(&invitation);
            }
        }
        Ok(())
    }
}

/// The guest object after redemption (user-properties article): state, time, linked account.
fn accept(user: &mut Stored<User>, account: crate::directory::LinkedAccount, now: jiff::Timestamp) {
    if let Some(external) = &user.external {
        user.record.external = Some(ExternalUser {
            invited_user_email_address: external.invited_user_email_address.clone(),
            state: ExternalUserState::Accepted,
            state_changed_at: external.next_change(now),
            linked: Some(account),
        });
    }
}

fn terms_page(
    run: &Run<'_>,
    standings: &Standings,
    next: Next,
    alert: Option<String>,
) -> Result<Body, Failure> {
    let (Next::AskTerms(id), Interaction::Redeeming(state)) = (next, &run.interaction) else {
        return Err(say::internal().into());
    };
    let user = &standings.user;
    let in_scope: Vec<_> =
        standings.tenant.terms_of_use.iter().filter(|terms| concerns(terms, user)).collect();
    let position = in_scope.iter().position(|terms| terms.id == id);
    let position = position.ok_or_else(say::internal)?;
    Ok(Body::Show(Box::new(View::TermsOfUse {
        organization: standings.tenant.display_name.clone(),
        terms: Box::new(in_scope[position].clone()),
        opened: state.opened.contains(&id),
        number: (position + 1, in_scope.len()),
        alert,
    })))
}
