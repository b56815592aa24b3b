//! The answer of an upstream provider: `GET /te/{t}/oauth2/authresp`.
//!
//! The sign-in stops waiting before the code is sent anywhere: of several answers with one state one
//! is taken. Whatever becomes of the code, a person can sign in again from there.

use super::failure::{Failure, retry};
use super::upstream::no_sign_in;
use super::{Broker, Here, Reply};
use crate::decide::Trace;
use crate::decide::provider::check_answer;
use crate::fault::{Fault, say};
use crate::ids::{Digest, InteractionId, TenantId};
use crate::interaction::{Interaction, Method, Proven, Proving, Upstream};
use crate::protocol::params::Params;
use crate::upstream::Provider;

/// An answer that the sign-in has waited for, and waits for no longer.
struct Taken {
    id: InteractionId,
    /// The sign-in as it was when it waited.
    proving: Proving,
    upstream: Upstream,
    /// The sign-in as it is now.
    left: Interaction,
    /// Where to redeem the code; or why not.
    redeem_at: Result<Provider, Fault>,
}

impl Broker {
    /// Takes a provider's answer. It must fit the one sign-in of this browser that waits for it.
    pub async fn callback_answer(
        &self,
        here: &Here,
        tenant: &str,
        params: &Params,
    ) -> Result<Reply, Fault> {
        let taken = retry!(self.take_answer(here, tenant, params).await)?;
        let proven = match &taken.redeem_at {
            Ok(provider) => self.redeem_upstream(here, &taken, provider, params).await,
            Err(fault) => Err(fault.clone()),
        };
        retry!(self.end_answer(here, &taken, &proven).await)
    }

    async fn take_answer(
        &self,
        here: &Here,
        tenant: &str,
        params: &Params,
    ) -> Result<Taken, Failure> {
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
        let Method::Upstream(upstream) = proving.method.clone() else {
            return Err(forged("no sign-in waits for this answer").into());
        };
        let fits = upstream.state.matches(&Digest::of(state.as_bytes()))
            && tenant.parse::<TenantId>() == Ok(proving.tenant);
        if !fits {
            return Err(forged("the state is another sign-in's").into());
        }
        if !params.has("error") && !params.has("code") {
            return Err(forged("the answer has no code").into());
        }
        self.check_invitation(&proving.request.entry).await?;
        let redeem_at = self.redeem_at(here, &proving, &upstream, params).await?;
        let left = Interaction::Discovering(proving.clone().back());
        run.become_state(left.clone());
        self.save(&mut run).await?;
        Ok(Taken { id, proving, upstream, left, redeem_at })
    }

    /// Where the code of an answer is to be redeemed; or why it is not.
    async fn redeem_at(
        &self,
        here: &Here,
        proving: &Proving,
        upstream: &Upstream,
        params: &Params,
    ) -> Result<Result<Provider, Fault>, Failure> {
        let tenant = self.tenant(proving.tenant).await?;
        if let Err(fault) = check_answer(&tenant, &upstream.provider, upstream.configuration) {
            return Ok(Err(fault));
        }
        let chosen = (upstream.provider.clone(), upstream.home_tenant);
        let provider = self.provider(here, proving.tenant, &chosen).await?;
        let Some(error) = params.get("error") else { return Ok(Ok(provider)) };
        let shown: String = error.chars().filter(|c| c.is_ascii_graphic()).take(60).collect();
        Ok(Err(say::upstream_failed(&provider.name, format!("it answered '{shown}'"))))
    }

    async fn redeem_upstream(
        &self,
        here: &Here,
        taken: &Taken,
        provider: &Provider,
        params: &Params,
    ) -> Result<Proven, Fault> {
        let (code, issuer) = (params.get("code").unwrap_or_default(), params.get("iss"));
        let callback = Self::callback(here, taken.proving.tenant);
        let finished =
            self.relying_party.finish(provider, &callback, &taken.upstream, code, issuer).await;
        finished.map(Proven::by_upstream).map_err(|fault| no_sign_in(&provider.name, &fault))
    }

    /// Goes on with what the answer has proven, unless the person has gone on without it.
    async fn end_answer(
        &self,
        here: &Here,
        taken: &Taken,
        proven: &Result<Proven, Fault>,
    ) -> Result<Reply, Failure> {
        let run = self.load(here, None, taken.id).await?;
        if run.interaction != taken.left {
            return self.to_resume(run).await;
        }
        let Taken { proving, upstream, .. } = taken;
        let tenant = self.tenant(proving.tenant).await?;
        // Nor may it have been taken away while the code was redeemed.
        let still = check_answer(&tenant, &upstream.provider, upstream.configuration);
        match proven.clone().and_then(|proven| still.map(|()| proven)) {
            Ok(proven) => self.proven(run, proving.clone(), proven).await,
            Err(fault) => self.refuse(run, fault, Trace::new()).await,
        }
    }
}
