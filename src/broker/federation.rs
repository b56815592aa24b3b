//! Guests of SAML and WS-Fed providers: sent there, and taken back at `/login.srf`.

use super::failure::{Failure, retry};
use super::run::Run;
use super::upstream::no_sign_in;
use super::{Body, Broker, Here, Reply};
use crate::decide::{Trace, provider};
use crate::directory::{
    BuiltInFederation, Federation, FederationProtocol, IdentityProvider, Tenant,
};
use crate::fault::{Fault, say};
use crate::federation::xmldsig::SignatureFault;
use crate::federation::{Certificate, EMAIL_CLAIM, Expected, Posted, Protocol, Refusal};
use crate::ids::{ConfigurationId, Digest, EmailAddress, InteractionId, TenantId};
use crate::interaction::{Discovering, Interaction, Method, Proven, Proving, Upstream};
use crate::protocol::params::Params;
use crate::protocol::prompt::Prompt;
use crate::store::records::{UsedAssertion, by};
use crate::upstream::UpstreamFault;
use crate::upstream::federation::{Ask, Federated, OwnProvider, believe};
use crate::upstream::idp;

impl Broker {
    /// The name of a tenant toward providers, and the audience of their tokens.
    pub(super) fn entity_id(&self, origin: &str, tenant: TenantId) -> String {
        format!("{}/{tenant}/", self.origins.issuer(origin))
    }

    fn own_provider(&self, here: &Here, federation: &Federation) -> Option<OwnProvider> {
        let at = BuiltInFederation::named(federation.builtin.as_deref()?)?;
        let certificate = Certificate::of(&self.idp_key(at)).ok()?;
        Some((idp::sign_on(at, &here.origin), certificate))
    }

    async fn federated(
        &self,
        here: &Here,
        federation: &Federation,
    ) -> Result<Federated, UpstreamFault> {
        let own = self.own_provider(here, federation);
        self.federations.provider(federation, own).await
    }

    /// Sends the person to a provider. `None`: the state has changed.
    pub(super) async fn go_to_federation(
        &self,
        run: &mut Run<'_>,
        state: Discovering,
        (tenant, issuer): (&Tenant, &str),
        typed: Option<&EmailAddress>,
    ) -> Result<Option<Body>, Failure> {
        let federation = tenant.federations.iter().find(|f| f.issuer_uri == issuer);
        let federation = federation.ok_or_else(|| say::realm_unknown(issuer))?;
        let provider = match self.federated(run.here, federation).await {
            Ok(provider) => provider,
            Err(fault) => {
                let fault = no_sign_in(&federation.display_name, &fault);
                run.become_state(Interaction::Discovering(state));
                return Ok(Some(self.refusal(run, fault)));
            }
        };
        let answer_state = format!("{}.{}", state.request.id, self.entropy.token());
        let request = format!("_{}", self.entropy.guid());
        let max_age = state.request.max_age();
        let ask = Ask {
            request: &request,
            state: &answer_state,
            entity_id: &self.entity_id(&run.here.origin, tenant.id),
            reply_to: &reply_address(run.here),
            // On the redeem link another account of the provider may be used, if the person asks.
            hint: typed.map(EmailAddress::as_str).filter(|_| !state.other_name),
            force: state.request.prompt() == Prompt::Login || max_age.is_some(),
            now: self.clock.now(),
        };
        let upstream = Upstream {
            provider: IdentityProvider::Federation(issuer.to_owned()),
            home_tenant: None,
            configuration: Some(ConfigurationId::new(federation.id.as_uuid())),
            state: Digest::of(answer_state.as_bytes()),
            url: provider.address(&ask),
            nonce: request,
            verifier: String::new(),
        };
        let mut trace = Trace::new();
        trace.note(5, "sent-upstream", format!("to {} ({issuer})", provider.name));
        let method = Method::Upstream(upstream);
        let state = state.prove(tenant.id, typed.cloned(), method, trace);
        run.become_state(Interaction::Proving(state));
        Ok(None)
    }

    /// `POST /login.srf`: the answer of a provider. It must fit the one sign-in of this browser
    /// that waits for it.
    pub async fn login_srf(&self, here: &Here, form: &Params) -> Result<Reply, Fault> {
        let posted = Posted::read(form)?;
        retry!(self.try_login_srf(here, &posted).await)
    }

    async fn try_login_srf(&self, here: &Here, posted: &Posted) -> Result<Reply, Failure> {
        let state = posted.state().ok_or_else(|| posted.unsolicited())?;
        let id = state.split_once('.').and_then(|(id, _)| id.parse::<InteractionId>().ok());
        let id = id.ok_or_else(|| posted.unsolicited())?;
        let mut run = match self.load(here, None, id).await {
            Err(Failure::Fault(_)) => return Err(unexpected().into()),
            loaded => loaded?,
        };
        let Interaction::Proving(proving) = run.interaction.clone() else {
            return Err(unexpected().into());
        };
        let (Method::Upstream(upstream), tenant) = (&proving.method, proving.tenant) else {
            return Err(unexpected().into());
        };
        let IdentityProvider::Federation(issuer) = &upstream.provider else {
            return Err(unexpected().into());
        };
        if !upstream.state.matches(&Digest::of(state.as_bytes())) {
            return Err(unexpected().into());
        }
        self.check_invitation(&proving.request.entry).await?;
        let tenant = self.tenant(tenant).await?;
        let found = tenant.federations.iter().find(|f| f.issuer_uri == *issuer);
        let speaks = |federation: &&Federation| match federation.protocol {
            FederationProtocol::Saml => posted.protocol() == Protocol::Saml,
            FederationProtocol::WsFed => posted.protocol() == Protocol::WsFed,
        };
        let same = provider::check_answer(&tenant, &upstream.provider, upstream.configuration);
        let outcome = match (same, found.filter(speaks)) {
            (Err(fault), _) => Err(fault),
            (Ok(()), Some(federation)) => {
                self.judge(here, (&proving, upstream), federation, posted).await?
            }
            (Ok(()), None) => Err(say::realm_unknown(issuer)),
        };
        match outcome {
            Ok((proven, used)) => {
                run.changes.insert(&used);
                self.proven(run, proving, proven).await
            }
            Err(fault) => {
                run.become_state(Interaction::Discovering(proving.back()));
                self.refuse(run, fault, Trace::new()).await
            }
        }
    }

    /// What an answer proves, and the record of its use.
    async fn judge(
        &self,
        here: &Here,
        (proving, upstream): (&Proving, &Upstream),
        federation: &Federation,
        posted: &Posted,
    ) -> Result<Result<(Proven, UsedAssertion), Fault>, Failure> {
        let failed = |fault| no_sign_in(&federation.display_name, &fault);
        let provider = match self.federated(here, federation).await {
            Ok(provider) => provider,
            Err(fault) => return Ok(Err(failed(fault))),
        };
        let audiences = [self.entity_id(&here.origin, proving.tenant)];
        let expected = Expected {
            realm: &provider.realm,
            audiences: &audiences,
            address: &reply_address(here),
            request: Some(&upstream.nonce),
            now: self.clock.now(),
        };
        let mut verified = posted.verify(&expected);
        if matches!(verified, Err(Refusal::Signature(..))) {
            // The provider may have a new key: read its metadata anew, once per cool-down.
            if let Some(renewed) = self.federations.renewed(federation).await {
                verified = posted.verify(&Expected { realm: &renewed.realm, ..expected });
            }
        }
        let judged = verified.and_then(|token| {
            let account = token.account(&provider.realm)?;
            Ok((token, account))
        });
        let (token, account) = match judged {
            Ok(judged) => judged,
            Err(refusal) => return Ok(Err(explained(&refusal, federation))),
        };
        let (issuer, id) = (token.issuer(), token.assertion());
        let used = UsedAssertion::federated(proving.tenant, issuer, id, token.replay_until());
        if self.store.get::<UsedAssertion>(by::used_assertion(&used.key)).await?.is_some() {
            return Ok(Err(say::saml_token_invalid("the assertion was used before")));
        }
        let assertion = believe(&token, account, self.clock.now());
        Ok(Ok((Proven::by_upstream(assertion), used)))
    }
}

/// Where providers send their answers.
pub(super) fn reply_address(here: &Here) -> String {
    format!("{}/login.srf", here.origin)
}

/// It answers a request, but none that this browser waits for.
fn unexpected() -> Fault {
    say::saml_token_invalid(
        "it answers no sign-in that is under way in this browser; it may have been used before",
    )
    .with_remedy("Start again from the application, in one browser.")
}

/// The refusal, with what an administrator can do about it.
fn explained(refusal: &Refusal, federation: &Federation) -> Fault {
    let fault = refusal.fault();
    let name = &federation.display_name;
    match refusal {
        Refusal::Signature(_, SignatureFault::Shape(_)) => fault.with_remedy(format!(
            "{name} has to sign with RSA and SHA-256: an enveloped signature over the response or \
             the assertion, in the exclusive canonical form."
        )),
        Refusal::Signature(_, _) => fault.with_remedy(format!(
            "Compare the certificate of {name} with the federation's signingCertificate, or give \
             its metadata URL."
        )),
        Refusal::Unsolicited(_) => fault.with_remedy(format!(
            "Nobody asked for it: {name} has to repeat the request's ID as InResponseTo."
        )),
        Refusal::Realm(_) => fault.with_remedy(format!(
            "The federation's issuerUri is '{}'; {name} has to send that.",
            federation.issuer_uri
        )),
        Refusal::EmailNotOfRealm => {
            let domains: Vec<_> = federation.domains.iter().map(ToString::to_string).collect();
            fault.with_remedy(format!(
                "The federation is for {}: {name} has to send one address of it, as the claim \
                 {EMAIL_CLAIM}.",
                domains.join(", ")
            ))
        }
        _ => fault,
    }
}
