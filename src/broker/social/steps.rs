//! The forms of a sign-in at a built-in network.

use super::{SocialReply, shown};
use crate::broker::failure::{Failure, retry};
use crate::broker::{Broker, Here};
use crate::directory::social::phone_number;
use crate::directory::{SocialAccount, SocialNetwork};
use crate::fault::{Fault, say};
use crate::ids::{EmailAddress, InteractionId};
use crate::protocol::params::Params;
use crate::store::records::{Guesses, by};
use crate::store::{ChangeSet, Stored};
use crate::upstream::social::{Proved, SocialPage, SocialSignIn};

impl Broker {
    /// A form of a sign-in; its token was verified.
    pub async fn social_answer(
        &self,
        network: SocialNetwork,
        here: &Here,
        id: InteractionId,
        step: &str,
        form: &Params,
    ) -> Result<SocialReply, Fault> {
        retry!(self.try_social_answer(network, here, id, step, form).await)
    }

    async fn try_social_answer(
        &self,
        network: SocialNetwork,
        here: &Here,
        id: InteractionId,
        step: &str,
        form: &Params,
    ) -> Result<SocialReply, Failure> {
        let mut sign_in = self.load_social(network, here, id).await?;
        let mut changes = ChangeSet::new();
        let reply = match network {
            SocialNetwork::Facebook => {
                self.facebook_step(&mut sign_in, step, form, &mut changes).await?
            }
            SocialNetwork::Google => {
                self.google_step(&mut sign_in, step, form, &mut changes).await?
            }
        };
        changes.update(&sign_in);
        self.store.commit(changes).await?;
        Ok(reply)
    }

    async fn google_step(
        &self,
        sign_in: &mut SocialSignIn,
        step: &str,
        form: &Params,
        changes: &mut ChangeSet,
    ) -> Result<SocialReply, Failure> {
        match (step, sign_in.page()) {
            ("identifier", SocialPage::Identifier | SocialPage::Password(_)) => {
                let typed = form.get("identifier").unwrap_or_default().trim();
                let name = sign_in_name(typed);
                match self.social_account(sign_in.network, &name).await? {
                    Some(_) => sign_in.identify(&name),
                    None => return Ok(shown(sign_in, Some(unknown(sign_in.network, typed)))),
                }
                Ok(shown(sign_in, None))
            }
            ("password", SocialPage::Password(_)) if form.has("back") => {
                sign_in.back();
                Ok(shown(sign_in, None))
            }
            ("password", SocialPage::Password(name)) => {
                let typed = form.get("Passwd").unwrap_or_default();
                self.social_password(sign_in, &name, typed, changes).await
            }
            ("password", SocialPage::Identifier) => {
                Err(say::out_of_order("identifier", "password").into())
            }
            _ => Ok(shown(sign_in, None)),
        }
    }

    async fn facebook_step(
        &self,
        sign_in: &mut SocialSignIn,
        step: &str,
        form: &Params,
        changes: &mut ChangeSet,
    ) -> Result<SocialReply, Failure> {
        match (step, sign_in.page()) {
            ("login", SocialPage::Identifier) => {
                let name = sign_in_name(form.get("email").unwrap_or_default());
                let typed = form.get("pass").unwrap_or_default();
                self.social_password(sign_in, &name, typed, changes).await
            }
            ("consent", SocialPage::Consent(_)) if form.has("back") => {
                sign_in.back();
                Ok(shown(sign_in, None))
            }
            ("consent", SocialPage::Consent(_)) if form.has("cancel") => {
                let to = sign_in.decline().ok_or_else(say::sign_in_gone)?;
                Ok(SocialReply::Go(to))
            }
            ("consent", SocialPage::Consent(_)) if form.affirms("confirm") => {
                let (entropy, now) = (&self.entropy, self.clock.now());
                let code = sign_in.consent(form.affirms("share_email"), entropy, now);
                let code = code.ok_or_else(say::sign_in_gone)?;
                Ok(SocialReply::Go(sign_in.request.answer("code", code.reveal())))
            }
            ("consent", SocialPage::Consent(_)) => {
                let (network, id) = (sign_in.network.slug(), sign_in.id);
                Ok(SocialReply::Go(format!("/idp/{network}/signin/{id}")))
            }
            ("consent", SocialPage::Identifier) => {
                Err(say::out_of_order("login", "consent").into())
            }
            _ => Ok(shown(sign_in, None)),
        }
    }

    pub(in crate::broker) async fn social_account(
        &self,
        network: SocialNetwork,
        name: &str,
    ) -> Result<Option<Stored<SocialAccount>>, Failure> {
        Ok(self.store.find_one(by::social_account_named(network, name)).await?)
    }

    /// A password was typed. Too many wrong ones for a name lock it.
    async fn social_password(
        &self,
        sign_in: &mut SocialSignIn,
        name: &str,
        typed: &str,
        changes: &mut ChangeSet,
    ) -> Result<SocialReply, Failure> {
        let guessed = self.guessed(Guesses::at_provider(sign_in.network.slug(), name)).await?;
        if let Err(fault) = guessed.check() {
            return Ok(shown(sign_in, Some(fault)));
        }
        let now = self.clock.now();
        let proved = match self.social_account(sign_in.network, name).await? {
            Some(account) => sign_in.prove(&account, typed, &self.entropy, now),
            None => Proved::Not,
        };
        match proved {
            Proved::Asking => Ok(shown(sign_in, None)),
            Proved::Code(code) => {
                Ok(SocialReply::Go(sign_in.request.answer("code", code.reveal())))
            }
            Proved::Not => {
                guessed.note_wrong(changes);
                Ok(shown(sign_in, Some(say::wrong_password())))
            }
        }
    }
}

fn unknown(network: SocialNetwork, typed: &str) -> Fault {
    say::account_not_found(typed.escape_debug(), network.name())
}

/// What was typed, in the form in which accounts are found by it.
fn sign_in_name(typed: &str) -> String {
    let typed = typed.trim();
    match typed.parse::<EmailAddress>() {
        Ok(address) => address.to_string(),
        Err(_) => phone_number(typed).unwrap_or_default(),
    }
}
