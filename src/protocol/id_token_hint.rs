//! `id_token_hint`: an id token that comes back and says who is meant (OIDC Core 3.1.2.1,
//! RP-Initiated Logout §2). Whoever reads it here has verified the signature. Its age does not
//! matter: it proves that a client of ours had it, not that somebody is signed in.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::ids::{ClientId, TenantId};

/// What an id token of ours says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdTokenHint {
    /// The client it was made for.
    pub client: ClientId,
    /// The tenant that issued it.
    pub tenant: TenantId,
    /// `sub`.
    pub subject: String,
    /// `sid`.
    pub sid: Option<Uuid>,
    /// What the person signs in with.
    pub name: Option<String>,
}

/// Claims of access tokens, and of logout tokens, that no id token has.
const NEVER: [&str; 5] = ["appid", "azp", "events", "idtyp", "scp"];

impl IdTokenHint {
    /// Reads verified claims; `None` if they are not those of an id token.
    pub fn read(claims: &Map<String, Value>) -> Option<Self> {
        if NEVER.iter().any(|name| claims.contains_key(*name)) {
            return None;
        }
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        Some(Self {
            client: text("aud")?.parse().ok()?,
            tenant: text("tid")?.parse().ok()?,
            subject: text("sub").filter(|subject| !subject.is_empty())?.to_owned(),
            sid: text("sid").and_then(|sid| sid.parse().ok()),
            name: text("preferred_username").map(str::to_owned),
        })
    }

    /// Whether it was made for the client and by the tenant, as far as those are known.
    pub fn fits(&self, client: Option<ClientId>, tenant: Option<TenantId>) -> bool {
        client.is_none_or(|client| client == self.client)
            && tenant.is_none_or(|tenant| tenant == self.tenant)
    }
}
