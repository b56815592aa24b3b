//! Single sign-out toward real providers. The built-in homes need none: a session there is an entry
//! of the same account, and has ended with it; the built-in networks keep nobody signed in.

use super::Farewell;
use crate::broker::failure::{Failure, retry};
use crate::broker::{Broker, Here};
use crate::fault::{Fault, say};
use crate::ids::{Digest, InteractionId, TenantId};
use crate::interaction::{SignOutRecord, SignedIn};
use crate::protocol::params::Params;
use crate::store::ChangeSet;
use crate::store::records::by;

impl Broker {
    /// The way to `way_on` that passes every real provider whose session is to end, too.
    pub(in crate::broker) async fn by_way_of_providers(
        &self,
        here: &Here,
        ended: &[SignedIn],
        way_on: Option<String>,
    ) -> Result<Option<String>, Failure> {
        let id = InteractionId::new(self.entropy.guid());
        let state = format!("{id}.{}", self.entropy.token());
        let mut stops = Vec::new();
        let mut seen: Vec<&SignedIn> = Vec::new();
        for entry in ended {
            let Some(token) = entry.upstream_id_token() else { continue };
            if seen.iter().any(|one| one.account().is_same_account(entry.account())) {
                continue;
            }
            seen.push(entry);
            stops.extend(self.stop_at_provider(here, entry, token, &state).await);
        }
        if stops.is_empty() {
            return Ok(way_on);
        }
        let first = stops.remove(0);
        let keys = (here.browser.digest(), Digest::of(state.as_bytes()));
        let record = SignOutRecord::new(id, keys, stops, way_on, self.clock.now());
        let mut changes = ChangeSet::new();
        changes.insert(&record);
        self.store.commit(changes).await?;
        Ok(Some(first))
    }

    /// Where a provider ends its session. One that is down, or has no place for it, is passed by:
    /// here the person is signed out already.
    async fn stop_at_provider(
        &self,
        here: &Here,
        entry: &SignedIn,
        token: &str,
        state: &str,
    ) -> Option<String> {
        let account = entry.account();
        let chosen = (account.provider.clone(), account.home_tenant);
        let provider = self.provider(here, entry.tenant(), &chosen).await.ok()?;
        if provider.built_in {
            return None;
        }
        let callback = Self::sign_out_callback(here, entry.tenant());
        match self.relying_party.end_session(&provider, token, &callback, state).await {
            Ok(address) => address,
            Err(fault) => {
                tracing::info!(provider = provider.name, %fault, "not signed out upstream");
                None
            }
        }
    }

    /// Where a provider sends the browser back to; to be registered there beside the callback of
    /// the sign-in.
    fn sign_out_callback(here: &Here, tenant: TenantId) -> String {
        format!("{}/te/{tenant}/oauth2/logoutresp", here.origin)
    }

    /// `GET /te/{t}/oauth2/logoutresp`: the browser is back from a provider.
    pub async fn sign_out_returned(&self, here: &Here, params: &Params) -> Result<Farewell, Fault> {
        retry!(self.try_sign_out_returned(here, params).await)
    }

    async fn try_sign_out_returned(
        &self,
        here: &Here,
        params: &Params,
    ) -> Result<Farewell, Failure> {
        let forged = || say::forged_request("no sign-out waits for this answer");
        let state = params.get("state").filter(|_| params.count("state") == 1);
        let state = state.ok_or_else(forged)?;
        let id = state.split_once('.').and_then(|(id, _)| id.parse::<InteractionId>().ok());
        let id = id.ok_or_else(forged)?;
        let stored = self.store.get::<SignOutRecord>(by::sign_out(id)).await?;
        let browser = here.browser.digest();
        let stored = stored.filter(|record| record.fits(&browser, state, self.clock.now()));
        let mut stored = stored.ok_or_else(forged)?;
        let mut changes = ChangeSet::new();
        let next = if stored.remaining.is_empty() {
            changes.delete(&stored);
            stored.record.way_on.take()
        } else {
            let next = stored.record.remaining.remove(0);
            changes.update(&stored);
            Some(next)
        };
        self.store.commit(changes).await?;
        Ok(Farewell { next, ..Farewell::default() })
    }
}
