//! `rh` of an access token: the family that it belongs to, and the redemption under which it was
//! issued. Entra's is opaque; ours leads a token back to what it rests on.

use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::ids::GrantId;

/// What an access token rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenHandle {
    /// The family.
    pub grant: GrantId,
    /// `externalUserStateChangeDateTime` of a guest then: after a reset the token is worth nothing,
    /// and no later redemption brings it back.
    pub standing_since: Option<Timestamp>,
}

impl TokenHandle {
    /// Reads the claim.
    pub fn of(claims: &Map<String, Value>) -> Option<Self> {
        let text = claims.get("rh")?.as_str()?;
        let (grant, standing) = text.strip_prefix("1.")?.split_once('.')?;
        let standing_since = match standing {
            "" => None,
            micros => {
                Some(Timestamp::from_microsecond(i64::from_str_radix(micros, 16).ok()?).ok()?)
            }
        };
        Some(Self { grant: grant.parse().ok()?, standing_since })
    }

    /// Whether a user whose standing is `now` still is the one to whom the token was given. Changes
    /// of a standing are a microsecond apart at least.
    pub fn stands(&self, now: Option<Timestamp>) -> bool {
        let micros = |at: Timestamp| at.as_microsecond();
        self.standing_since.map(micros) == now.map(micros)
    }
}

impl fmt::Display for TokenHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}.", self.grant)?;
        match self.standing_since {
            Some(at) => write!(f, "{:x}", at.as_microsecond()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(rh: &str) -> Map<String, Value> {
        Map::from_iter([("rh".to_owned(), json!(rh))])
    }

    #[test]
    fn comes_back_as_it_was_written() {
        let grant = GrantId::new(uuid::Uuid::from_u128(7));
        let at: Timestamp = "2026-01-02T03:04:05.000006Z".parse().unwrap();
        for standing_since in [None, Some(at)] {
            let handle = TokenHandle { grant, standing_since };
            assert_eq!(TokenHandle::of(&claims(&handle.to_string())), Some(handle));
            assert!(handle.stands(standing_since));
        }
        let handle = TokenHandle { grant, standing_since: Some(at) };
        assert!(!handle.stands(None));
        assert!(!handle.stands(at.checked_add(jiff::SignedDuration::from_micros(1)).ok()));
        for wrong in ["", "1.", "0.x.", "1.x.", &format!("1.{grant}"), &format!("1.{grant}.x")] {
            assert_eq!(TokenHandle::of(&claims(wrong)), None, "{wrong}");
        }
    }
}
