//! Proving an identity: the ways, their pages, passwords and passcodes.

use super::failure::Failure;
use super::identify::Found;
use super::run::Run;
use super::{Body, Broker, Reply, View, alert};
use crate::decide::Trace;
use crate::decide::hrd::{Choice, Home};
use crate::directory::{IdentityProvider, Tenant, User};
use crate::fault::{Fault, say};
use crate::ids::{EmailAddress, InteractionId};
use crate::interaction::{
    Challenge, CodeFault, Discovering, Interaction, Method, Proven, Proving, Redeeming, Step,
};
use crate::mail::{Content, Message, Purpose};
use crate::protocol::params::Params;
use crate::store::Stored;
use crate::store::records::Guesses;

impl Broker {
    /// The invited guest needs to type no name; which provider it is, discovery says.
    pub(super) async fn route_invited(
        &self,
        run: &mut Run<'_>,
        state: Discovering,
        guest: &Stored<User>,
    ) -> Result<Option<Body>, Failure> {
        let Some(external) = &guest.external else {
            return Err(say::invitation_invalid().into());
        };
        let address = external.invited_user_email_address.clone();
        self.route(run, state, &address, Choice::NotMade, false).await
    }

    /// Goes to where discovery says. `None`: the state has changed.
    pub(super) async fn prove_at(
        &self,
        run: &mut Run<'_>,
        state: Discovering,
        tenant: &Tenant,
        home: Home,
        (address, user): (&EmailAddress, Option<&User>),
    ) -> Result<Option<Body>, Failure> {
        let method = match home {
            Home::ThisTenant { .. } => match user {
                Some(user) if may_sign_in_as(tenant, user, address) => {
                    Method::Password { user: user.id }
                }
                _ => {
                    // Only a name that may be used gets a password page; an alias stays in the box.
                    let fault = say::account_not_found(address, &tenant.display_name);
                    let name = user.map_or("", |user| &user.user_principal_name);
                    let alert = format!("{} Sign in as {name}.", alert(&fault));
                    let page = self.sign_in_page(&state, address.to_string(), Some(alert)).await?;
                    return Ok(Some(page));
                }
            },
            Home::Mail => Method::Passcode { address: mailbox(user, address), challenge: None },
            Home::Federation(federation) => {
                let provider = (IdentityProvider::Federation(federation.issuer.clone()), None);
                return self.go_upstream(run, state, provider, Some(address)).await;
            }
            Home::ExternalAzureAd(home) => {
                let provider = (IdentityProvider::ExternalAzureAd, Some(home.id));
                return self.go_upstream(run, state, provider, Some(address)).await;
            }
            Home::MicrosoftAccount => {
                let provider = (IdentityProvider::MicrosoftAccount, None);
                return self.go_upstream(run, state, provider, Some(address)).await;
            }
            Home::Facebook => {
                let provider = (IdentityProvider::Facebook, None);
                return self.go_upstream(run, state, provider, Some(address)).await;
            }
            Home::Google => {
                let provider = (IdentityProvider::Google, None);
                return self.go_upstream(run, state, provider, Some(address)).await;
            }
        };
        let proving = state.prove(tenant.id, Some(address.clone()), method, Trace::new());
        run.become_state(Interaction::Proving(proving));
        Ok(None)
    }

    /// The page of the step that a proof is at.
    pub(super) async fn proving_page(
        &self,
        state: &Proving,
        alert: Option<Fault>,
    ) -> Result<Body, Failure> {
        let tenant = self.tenant(state.tenant).await?;
        let organization = tenant.display_name;
        let view = match &state.method {
            Method::Upstream(upstream) => return Ok(Body::Go(upstream.url.clone())),
            Method::Password { user } => {
                let user = self.user(state.tenant, *user).await?;
                let name = user.map(|user| user.user_principal_name.clone()).unwrap_or_default();
                View::Password { name, organization, alert }
            }
            Method::Passcode { address, challenge: None } => {
                View::SendCode { address: address.to_string(), organization }
            }
            Method::Passcode { address, challenge: Some(challenge) } => {
                let (address, spent) = (address.to_string(), challenge.is_spent());
                View::Passcode { address, spent, alert }
            }
            Method::CreateAccount { address, challenge: Some(challenge), .. } => {
                let (address, spent) = (address.to_string(), challenge.is_spent());
                View::VerifyAddress { address, spent, alert }
            }
            Method::CreateAccount { microsoft, address, .. } => {
                let exists = *microsoft && self.microsoft_account_exists(address).await?;
                let alert = alert.map(|fault| super::alert(&fault));
                let (address, microsoft) = (address.to_string(), *microsoft);
                View::CreateAccount { address, microsoft, exists, alert }
            }
        };
        Ok(Body::Show(Box::new(view)))
    }

    /// A form of the proof at hand.
    pub(super) async fn answer_proving(
        &self,
        mut run: Run<'_>,
        state: Proving,
        step: Step,
        form: &Params,
    ) -> Result<Reply, Failure> {
        match (step, state.step()) {
            (sent, current) if sent == current => {}
            // The form before, sent twice or from the browser's history.
            (Step::SendCode, Step::Passcode) | (Step::CreateAccount, Step::VerifyAddress) => {
                return self.to_resume(run).await;
            }
            (sent, current) => return Err(say::out_of_order(current, sent).into()),
        }
        if form.has("back") {
            run.become_state(Interaction::Discovering(state.back()));
            return self.to_resume(run).await;
        }
        self.check_invitation(&state.request.entry).await?;
        match &state.method {
            Method::Password { .. } => self.answer_password(run, state, form).await,
            Method::Passcode { address, .. } if form.has("send") || form.has("resend") => {
                let address = address.clone();
                self.send_code(run, state, address, Purpose::SignIn).await
            }
            Method::Passcode { address, .. } => {
                let address = address.clone();
                self.answer_passcode(run, state, address, form).await
            }
            Method::CreateAccount { .. } => self.answer_create(run, state, form).await,
            Method::Upstream(_) => self.to_resume(run).await,
        }
    }

    async fn answer_password(
        &self,
        mut run: Run<'_>,
        state: Proving,
        form: &Params,
    ) -> Result<Reply, Failure> {
        let Method::Password { user } = state.method else { return self.to_resume(run).await };
        if !form.has("passwd") {
            return self.to_resume(run).await;
        }
        let user = self.user(state.tenant, user).await?;
        let user = user.ok_or_else(say::sign_in_gone)?;
        let now = self.clock.now();
        let key = user.user_principal_name.parse::<EmailAddress>();
        let key = key.map_err(|_| say::sign_in_gone())?;
        let guessed = self.guessed(Guesses::at_address(&key)).await?;
        if let Err(fault) = guessed.check() {
            let page = self.proving_page(&state, Some(fault)).await?;
            return self.reply(run, page).await;
        }
        let Some(proven) = Proven::by_password(&user, form.get("passwd").unwrap_or_default(), now)
        else {
            guessed.note_wrong(&mut run.changes);
            let page = self.proving_page(&state, Some(say::wrong_password())).await?;
            return self.reply(run, page).await;
        };
        self.proven(run, state, proven).await
    }

    /// Mails a code; an earlier one is no good from then on.
    pub(super) async fn send_code(
        &self,
        mut run: Run<'_>,
        mut state: Proving,
        address: EmailAddress,
        purpose: Purpose,
    ) -> Result<Reply, Failure> {
        let now = self.clock.now();
        let tenant = self.tenant(state.tenant).await?;
        let code = self.entropy.passcode();
        let sent = Challenge::new(&self.mac, state.request.id, &code, now);
        match &mut state.method {
            Method::CreateAccount { challenge, .. } | Method::Passcode { challenge, .. } => {
                *challenge = Some(sent);
            }
            Method::Password { .. } | Method::Upstream(_) => return self.to_resume(run).await,
        }
        let content = Content::Passcode {
            organization: tenant.display_name,
            code: code.reveal().to_owned(),
            purpose,
        };
        let mail = Message::new(address, Some(tenant.id), content, now, &self.entropy);
        run.changes.insert(&mail);
        run.become_state(Interaction::Proving(state));
        self.to_resume(run).await
    }

    async fn answer_passcode(
        &self,
        mut run: Run<'_>,
        mut state: Proving,
        address: EmailAddress,
        form: &Params,
    ) -> Result<Reply, Failure> {
        let Method::Passcode { challenge: Some(challenge), .. } = &state.method else {
            return self.to_resume(run).await;
        };
        if !form.has("otc") {
            return self.to_resume(run).await;
        }
        let (typed, id) = (form.get("otc").unwrap_or_default(), state.request.id);
        let challenge = challenge.clone();
        match self.check_code(&mut run, &address, (id, &challenge), typed).await? {
            Ok(proven) => self.proven(run, state, proven).await,
            Err((after, fault)) => {
                let compared = after != challenge;
                state.method = Method::Passcode { address, challenge: Some(after) };
                let page = self.proving_page(&state, Some(fault)).await?;
                if compared {
                    run.become_state(Interaction::Proving(state));
                }
                self.reply(run, page).await
            }
        }
    }

    /// Compares a code that was typed. A wrong one counts against the code and the address; the
    /// challenge as it is then comes back with what to say. One that is not compared changes nothing:
    /// a flood of guesses ends where the code does.
    pub(super) async fn check_code(
        &self,
        run: &mut Run<'_>,
        address: &EmailAddress,
        (id, challenge): (InteractionId, &Challenge),
        typed: &str,
    ) -> Result<Result<Proven, (Challenge, Fault)>, Failure> {
        let guessed = self.guessed(Guesses::at_address(address)).await?;
        if let Err(fault) = guessed.check() {
            return Ok(Err((challenge.clone(), fault)));
        }
        let now = self.clock.now();
        match Proven::by_passcode(address, challenge, &self.mac, id, typed, now) {
            Ok(proven) => return Ok(Ok(proven)),
            Err(CodeFault::Expired) => {
                return Ok(Err((challenge.clone(), say::passcode_expired())));
            }
            Err(CodeFault::Spent) => return Ok(Err((challenge.clone(), say::passcode_spent()))),
            Err(CodeFault::Wrong) => {}
        }
        guessed.note_wrong(&mut run.changes);
        let challenge = challenge.clone().with_wrong_code();
        let fault = match challenge.is_spent() {
            true => say::passcode_spent(),
            false => say::passcode_wrong(),
        };
        Ok(Err((challenge, fault)))
    }

    /// Somebody is proven: who is that in the tenant?
    pub(super) async fn proven(
        &self,
        mut run: Run<'_>,
        state: Proving,
        proven: Proven,
    ) -> Result<Reply, Failure> {
        let typed = state.typed.clone();
        let wish = (typed.as_ref(), state.sign_up);
        let identified = self.identify(&state.request, state.tenant, wish, proven).await;
        match identified {
            Ok(Found { authenticated, trace, newcomer }) => {
                let sid = self.sign_in(&mut run, &authenticated);
                let state = Redeeming { newcomer, ..state.prove(authenticated, sid, trace) };
                run.become_state(Interaction::Redeeming(state));
                self.to_resume(run).await
            }
            Err(Failure::Fault(fault)) => {
                // Another account may be tried.
                let mut trace = Trace::new();
                trace.note(11, "identify", fault.to_string());
                run.become_state(Interaction::Discovering(state.back()));
                self.refuse(run, fault, trace).await
            }
            Err(conflict) => Err(conflict),
        }
    }
}

/// A member signs in with the user principal name; with an alias only where the tenant allows it.
pub(super) fn may_sign_in_as(tenant: &Tenant, user: &User, typed: &EmailAddress) -> bool {
    user.user_principal_name == typed.as_str()
        || (tenant.alternate_login_id && user.aliases.contains(typed))
}

/// A passcode goes to the invited address, or to the one the guest redeemed with.
fn mailbox(user: Option<&User>, typed: &EmailAddress) -> EmailAddress {
    let external = user.and_then(|user| user.external.as_ref());
    let bound = external.and_then(|e| e.linked.as_ref()).and_then(|a| a.subject.parse().ok());
    bound
        .or_else(|| external.map(|e| e.invited_user_email_address.clone()))
        .unwrap_or_else(|| typed.clone())
}
