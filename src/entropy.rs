//! Randomness as a parameter.
//!
//! [`Entropy::system`] is the operating system's generator through aws-lc. [`Entropy::seeded`] gives
//! the same sequence each time, for snapshot tests; it is for tests only and says so.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::ids::PasscodeDigits;

/// A source of random bytes. Clones share it.
#[derive(Clone)]
pub struct Entropy(Arc<Inner>);

struct Inner {
    source: Source,
    given: AtomicU64,
}

enum Source {
    System(SystemRandom),
    Seeded { key: Box<hmac::Key>, counter: AtomicU64 },
}

impl Entropy {
    /// The operating system's generator.
    pub fn system() -> Self {
        Self::of(Source::System(SystemRandom::new()))
    }

    /// A reproducible sequence: for tests, never for a server that others can reach.
    pub fn seeded(seed: u64) -> Self {
        let key = digest::digest(&digest::SHA256, &seed.to_be_bytes());
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_ref());
        Self::of(Source::Seeded { key: Box::new(key), counter: AtomicU64::new(0) })
    }

    fn of(source: Source) -> Self {
        Self(Arc::new(Inner { source, given: AtomicU64::new(0) }))
    }

    /// A number that is larger each time: what was made first, where the clock cannot tell.
    pub fn ordinal(&self) -> u64 {
        self.0.given.fetch_add(1, Ordering::Relaxed)
    }

    /// 32 random bytes.
    pub fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        match &self.0.source {
            Source::System(random) => fill(random, &mut bytes),
            Source::Seeded { key, counter } => {
                let count = counter.fetch_add(1, Ordering::Relaxed);
                bytes.copy_from_slice(hmac::sign(key, &count.to_be_bytes()).as_ref());
            }
        }
        bytes
    }

    /// A random (version 4) GUID.
    pub fn guid(&self) -> Uuid {
        let mut half = [0; 16];
        half.copy_from_slice(&self.bytes()[..16]);
        uuid::Builder::from_random_bytes(half).into_uuid()
    }

    /// A 256-bit secret in base64url, 43 characters.
    pub fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes())
    }

    /// Eight decimal digits, each value equally likely, leading zeros kept.
    pub fn passcode(&self) -> PasscodeDigits {
        loop {
            let bytes = self.bytes();
            for word in bytes.chunks_exact(4) {
                let value = word.iter().fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
                // 42 × 10⁸ is the largest multiple of 10⁸ in 32 bits: above it lies the bias.
                if value < 4_200_000_000 {
                    return PasscodeDigits::new(format!("{:08}", value % 100_000_000));
                }
            }
        }
    }

    /// Nine letters and digits that cannot be mistaken for each other, for a person to type.
    pub fn user_code(&self) -> String {
        const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        let bytes = self.bytes();
        bytes[..9].iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
    }

    /// A number of seconds in `low..high`, near enough to uniform for a lifetime.
    pub fn seconds_between(&self, low: u32, high: u32) -> u32 {
        let bytes = self.bytes();
        let value = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        low + value % high.saturating_sub(low).max(1)
    }
}

#[expect(clippy::expect_used, reason = "without the system's generator no secret can be made")]
fn fill(random: &SystemRandom, bytes: &mut [u8]) {
    random.fill(bytes).expect("the operating system's random generator works");
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0.source {
            Source::System(_) => "Entropy(system)",
            Source::Seeded { .. } => "Entropy(seeded)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Entropy;

    #[test]
    fn repeats_itself_when_seeded_and_only_then() {
        assert_eq!(Entropy::seeded(7).token(), Entropy::seeded(7).token());
        assert_ne!(Entropy::seeded(7).token(), Entropy::seeded(8).token());
        assert_ne!(Entropy::system().token(), Entropy::system().token());
    }

    /// `otp-17`: 100,000 codes, digits uniform by chi-square, leading zeros kept.
    #[test]
    fn spreads_passcodes_evenly() {
        let entropy = Entropy::seeded(1);
        let mut counts = [[0_u32; 10]; 8];
        for _ in 0..100_000 {
            let code = entropy.passcode();
            assert_eq!(code.reveal().len(), 8);
            for (place, digit) in code.reveal().bytes().enumerate() {
                counts[place][usize::from(digit - b'0')] += 1;
            }
        }
        for place in counts {
            let chi: f64 =
                place.iter().map(|n| (f64::from(*n) - 10_000.0).powi(2) / 10_000.0).sum();
            assert!(chi < 33.7, "chi-square {chi} over 9 degrees of freedom (p < 0.0001)");
        }
    }
}
