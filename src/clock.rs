//! Time as a parameter.
//!
//! Every lifetime is judged by a [`Clock`], never by the machine's. A clock can be advanced or set;
//! it keeps running from there, so a test waits for nothing and a person can watch a passcode
//! expire. A fixed clock stands still until it is advanced.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

/// The first second of the year 9000.
const LAST_SECOND: i64 = 221_845_392_000;

/// Tells the time, plus an offset that tests and the control API may change. Clones share it.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    base: Base,
    offset_us: AtomicI64,
}

#[derive(Debug)]
enum Base {
    System,
    Fixed(Timestamp),
}

/// A time the calendar does not hold (years −9999 to 9999).
#[derive(Debug, Clone, thiserror::Error)]
#[error("the clock cannot show that time: {0}")]
pub struct OutOfRange(String);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Arc::new(Inner { base: Base::System, offset_us: AtomicI64::new(0) }))
    }

    /// A clock that stands still at `instant` until it is advanced.
    pub fn fixed(instant: Timestamp) -> Self {
        Self(Arc::new(Inner { base: Base::Fixed(instant), offset_us: AtomicI64::new(0) }))
    }

    /// The time now, offset included.
    pub fn now(&self) -> Timestamp {
        let offset = SignedDuration::from_micros(self.0.offset_us.load(Ordering::Relaxed));
        self.base().checked_add(offset).unwrap_or(Timestamp::MAX)
    }

    /// Moves the clock by a calendar span such as `PT31M` or `P5Y` (in UTC) and tells the time.
    pub fn advance(&self, span: Span) -> Result<Timestamp, OutOfRange> {
        let now = self.now().to_zoned(TimeZone::UTC);
        let then = now.checked_add(span).map_err(|e| OutOfRange(e.to_string()))?;
        self.set(then.timestamp())
    }

    /// Sets the clock; it runs on from there.
    ///
    /// # Errors
    /// Before 1970 and from the year 9000 on: lifetimes must still fit behind it.
    pub fn set(&self, instant: Timestamp) -> Result<Timestamp, OutOfRange> {
        if !(0..LAST_SECOND).contains(&instant.as_second()) {
            return Err(OutOfRange("the clock runs from 1970 to 8999".to_owned()));
        }
        let offset = instant.duration_since(self.base()).as_micros();
        let offset = i64::try_from(offset).map_err(|e| OutOfRange(e.to_string()))?;
        self.0.offset_us.store(offset, Ordering::Relaxed);
        Ok(self.now())
    }

    /// Takes every change back.
    pub fn reset(&self) {
        self.0.offset_us.store(0, Ordering::Relaxed);
    }

    fn base(&self) -> Timestamp {
        match self.0.base {
            Base::System => system_now(),
            Base::Fixed(instant) => instant,
        }
    }
}

/// Whole microseconds, as the offset is, so that a clock that was set never shows less.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
fn system_now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::Clock;
    use jiff::{Span, Timestamp};

    #[test]
    fn advances_by_calendar_spans_and_comes_back() {
        let start: Timestamp = "2026-01-31T00:00:00Z".parse().unwrap();
        let clock = Clock::fixed(start);
        clock.advance(Span::new().minutes(31)).unwrap();
        assert_eq!(clock.now().to_string(), "2026-01-31T00:31:00Z");
        clock.advance(Span::new().years(5)).unwrap();
        assert_eq!(clock.now().to_string(), "2031-01-31T00:31:00Z");
        clock.reset();
        assert_eq!(clock.now(), start);
    }

    #[test]
    fn refuses_a_time_beyond_the_calendar() {
        let clock = Clock::fixed("2026-01-01T00:00:00Z".parse().unwrap());
        assert!(clock.advance(Span::new().years(9000)).is_err());
        assert_eq!(clock.now().to_string(), "2026-01-01T00:00:00Z");
    }
}
