//! A code that was mailed: eight digits, 30 minutes, five tries.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ids::{InteractionId, PasscodeDigits};
use crate::jose::MacKey;

/// How long a code is good (one-time-passcode article).
const LIFETIME: SignedDuration = SignedDuration::from_mins(30);

/// Assumption: how many wrong codes spend it. Entra publishes no number.
const MOST_WRONG: u8 = 5;

/// A mailed code as the sign-in keeps it: a keyed hash that is good for this sign-in only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    code: String,
    sent_at: Timestamp,
    wrong: u8,
}

/// Why a code was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeFault {
    /// Older than 30 minutes.
    Expired,
    /// Five wrong codes were typed before.
    Spent,
    /// Another code.
    Wrong,
}

impl Challenge {
    /// Keeps a code that is being sent.
    pub fn new(key: &MacKey, id: InteractionId, code: &PasscodeDigits, now: Timestamp) -> Self {
        let code = key.code("passcode", &[&id.to_string(), code.reveal()]);
        Self { code, sent_at: now, wrong: 0 }
    }

    /// Compares what was typed. Spaces are ignored; only ASCII digits are digits.
    pub fn check(
        &self,
        key: &MacKey,
        id: InteractionId,
        typed: &str,
        now: Timestamp,
    ) -> Result<(), CodeFault> {
        if self.wrong >= MOST_WRONG {
            return Err(CodeFault::Spent);
        }
        if now.duration_since(self.sent_at) > LIFETIME {
            return Err(CodeFault::Expired);
        }
        let digits: String = typed.chars().filter(|c| *c != ' ').collect();
        match key.verifies("passcode", &[&id.to_string(), &digits], &self.code) {
            true => Ok(()),
            false => Err(CodeFault::Wrong),
        }
    }

    /// The same challenge with one more wrong code.
    #[must_use]
    pub fn with_wrong_code(mut self) -> Self {
        self.wrong = self.wrong.saturating_add(1);
        self
    }

    /// Whether no code is good any more.
    pub fn is_spent(&self) -> bool {
        self.wrong >= MOST_WRONG
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn challenge() -> (MacKey, InteractionId, Challenge, Timestamp) {
        let key = MacKey::of("a", b"b");
        let id = InteractionId::new(Uuid::from_u128(1));
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let code = PasscodeDigits::new("01234567");
        let challenge = Challenge::new(&key, id, &code, now);
        (key, id, challenge, now)
    }

    #[test]
    fn takes_the_code_for_thirty_minutes() {
        let (key, id, challenge, now) = challenge();
        let after = |seconds| now + SignedDuration::from_secs(seconds);
        assert_eq!(challenge.check(&key, id, "01234567", after(1800)), Ok(()));
        assert_eq!(challenge.check(&key, id, "0123 4567 ", now), Ok(()));
        assert_eq!(challenge.check(&key, id, "01234567", after(1801)), Err(CodeFault::Expired));
    }

    #[test]
    fn takes_no_other_code_and_none_after_five_wrong_ones() {
        let (key, id, mut challenge, now) = challenge();
        let other = InteractionId::new(Uuid::from_u128(2));
        assert_eq!(challenge.check(&key, other, "01234567", now), Err(CodeFault::Wrong));
        for wrong in ["", "1234567", "012345678", "００１２３４５６", "0123456\u{0}"] {
            assert_eq!(challenge.check(&key, id, wrong, now), Err(CodeFault::Wrong), "{wrong}");
            challenge = challenge.with_wrong_code();
        }
        assert_eq!(challenge.check(&key, id, "01234567", now), Err(CodeFault::Spent));
    }
}
