//! "Where would this address sign in, and why?"

use std::str::FromStr;

use super::Broker;
use super::discover::Question;
use super::failure::{Failure, internal};
use crate::decide::explain::{self, Explanation};
use crate::decide::hrd::{Choice, Entry, Resource};
use crate::directory::first_party;
use crate::fault::{Fault, say};
use crate::ids::{EmailAddress, InteractionId};
use crate::interaction::{Interaction, InteractionRecord};
use crate::store::records::by;

/// `direct-link`, `email-link` or `common`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryName {
    /// *Sign in to an organization* was chosen; counts as a direct link.
    Common,
    /// A link that names the tenant.
    DirectLink,
    /// The link of the invitation mail.
    EmailLink,
}

impl EntryName {
    /// The name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Common => "common",
            Self::DirectLink => "direct-link",
            Self::EmailLink => "email-link",
        }
    }
}

impl FromStr for EntryName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "common" => Ok(Self::Common),
            "direct-link" => Ok(Self::DirectLink),
            "email-link" => Ok(Self::EmailLink),
            _ => Err("an entry is direct-link, email-link or common".to_owned()),
        }
    }
}

impl Broker {
    /// Decides without signing anybody in or changing anything. An address that has no object in
    /// the tenant is judged as if it were invited and pending.
    pub async fn explain(
        &self,
        tenant: &str,
        address: &EmailAddress,
        entry: EntryName,
    ) -> Result<Explanation, Fault> {
        self.try_explain(tenant, address, entry).await.map_err(|failure| match failure {
            Failure::Fault(fault) => fault,
            Failure::Conflict => say::internal(),
        })
    }

    async fn try_explain(
        &self,
        tenant: &str,
        address: &EmailAddress,
        entry: EntryName,
    ) -> Result<Explanation, Failure> {
        let shown: String = tenant.chars().take(80).collect();
        let found = self.tenant_by_name(tenant).await?;
        let tenant = found.ok_or_else(|| say::authority_not_found(shown))?;
        let resource = Resource { id: first_party::MY_APPS, name: "My Apps".to_owned() };
        let how = match entry {
            EntryName::EmailLink => Entry::EmailLink,
            EntryName::Common | EntryName::DirectLink => Entry::DirectLink,
        };
        let choice = Choice::NotMade;
        let question = Question { tenant: &tenant, address, entry: how, choice, resource };
        let facts = self.discover(question).await?.facts;
        Ok(explain::explain(tenant.id, &facts, entry.as_str()))
    }
}

/// The state and trace of a sign-in, for the control API.
pub(super) async fn described(
    broker: &Broker,
    id: InteractionId,
) -> Result<Option<serde_json::Value>, Fault> {
    let stored = broker.store.get::<InteractionRecord>(by::interaction(id)).await;
    let Some(stored) = stored.map_err(internal)? else { return Ok(None) };
    let interaction = &stored.record.interaction;
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
