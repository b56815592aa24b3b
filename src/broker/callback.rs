//! The answer of an upstream provider: `GET /te/{t}/oauth2/authresp`.

use super::failure::{Failure, retry};
use super::upstream::no_sign_in;
use super::{Broker, Here, Reply};
use crate::decide::Trace;
use crate::fault::{Fault, say};
use crate::ids::{Digest, InteractionId, TenantId};
use crate::interaction::{Interaction, Method, Proven};
use crate::protocol::params::Params;

impl Broker {
    /// Takes a provider's answer. It must fit the one sign-in of this browser that waits for it.
    pub async fn callback_answer(
        &self,
        here: &Here,
        tenant: &str,
        params: &Params,
    ) -> Result<Reply, Fault> {
        retry!(self.try_callback(here, tenant, params).await)
    }

    async fn try_callback(
        &self,
        here: &Here,
        tenant: &str,
        params: &Params,
    ) -> Result<Reply, Failure> {
        let forged = |why: &str| say::forged_request(why.to_owned());
        if params.repeated().is_some() {
            return Err(forged("a parameter is sent twice").into());
        }
        let state = params.get("state").ok_or_else(|| forged("the answer has no state"))?;
        let id = state.split_once('.').and_then(|(id, _)| id.parse::<InteractionId>().ok());
        let id = id.ok_or_else(|| forged("the state is not one of ours"))?;
        let mut run = self.load(here, None, id).await?;
        let Interaction::Proving(proving) = run.interaction.clone() else {
            return Err(forged("no sign-in waits for this answer").into());
        };
        let Method::Upstream(upstream) = &proving.method else {
            return Err(forged("no sign-in waits for this answer").into());
        };
        let fits = upstream.state.matches(&Digest::of(state.as_bytes()))
            && tenant.parse::<TenantId>() == Ok(proving.tenant);
        if !fits {
            return Err(forged("the state is another sign-in's").into());
        }
        self.check_invitation(&proving.request.entry).await?;
        let chosen = (upstream.provider.clone(), upstream.home_tenant);
        let provider = self.provider(here, proving.tenant, &chosen).await?;
        if let Some(error) = params.get("error") {
            let shown: String = error.chars().filter(|c| c.is_ascii_graphic()).take(60).collect();
            let fault = say::upstream_failed(&provider.name, format!("it answered '{shown}'"));
            run.become_state(Interaction::Discovering(proving.back()));
            return self.refuse(run, fault, Trace::new()).await;
        }
        let code = params.get("code").ok_or_else(|| forged("the answer has no code"))?;
        let callback = Self::callback(here, proving.tenant);
        let issuer = params.get("iss");
        let finished =
            self.relying_party.finish(&provider, &callback, upstream, code, issuer).await;
        match finished {
            Ok(assertion) => {
                let proven = Proven::by_upstream(assertion);
                self.proven(run, proving, proven).await
            }
            Err(fault) => {
                let fault = no_sign_in(&provider.name, &fault);
                run.become_state(Interaction::Discovering(proving.back()));
                self.refuse(run, fault, Trace::new()).await
            }
        }
    }
}
