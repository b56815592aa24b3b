//! `xs:dateTime`, as SAML Core §1.3.3 narrows it: UTC, and nothing to guess.

use jiff::Timestamp;

use super::xml::XmlFault;

/// Longest fraction of a second; .NET writes seven digits.
const MOST_DIGITS: usize = 9;

/// Reads `2026-01-01T00:00:00Z`, with or without a fraction. Offsets and local times are refused.
/// The end of the year 9999, which .NET writes for *never*, is the last time there is here.
pub fn read(text: &str) -> Result<Timestamp, XmlFault> {
    let fault = || {
        let shown: String = text.chars().take(40).collect();
        XmlFault(format!("'{shown}' is not a time in UTC such as 2026-01-01T00:00:00Z"))
    };
    let bare = text.strip_suffix('Z').ok_or_else(fault)?;
    let (whole, fraction) = bare.split_once('.').unwrap_or((bare, "0"));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let shape = whole.len() == 19
        && whole.bytes().zip(b"0000-00-00T00:00:00").all(|(byte, wanted)| match wanted {
            b'0' => byte.is_ascii_digit(),
            other => byte == *other,
        });
    // A leap second would be read as the one before it; nobody sends one.
    let minute = whole.get(17..).is_some_and(|seconds| seconds < "60");
    if !shape || !minute || fraction.is_empty() || fraction.len() > MOST_DIGITS || !digits(fraction)
    {
        return Err(fault());
    }
    match (text.parse(), bare.strip_prefix("9999")) {
        (Ok(read), _) => Ok(read),
        // `Timestamp` ends a day before that year does; the year before has the same days.
        (Err(_), Some(rest)) if format!("9998{rest}Z").parse::<Timestamp>().is_ok() => {
            Ok(Timestamp::MAX)
        }
        _ => Err(fault()),
    }
}

/// As every SAML implementation reads it: whole milliseconds.
pub fn write(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::{read, write};

    #[test]
    fn reads_what_providers_send_and_writes_it_back() {
        for (text, written) in [
            ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z"),
            ("2026-12-31T23:59:59.123Z", "2026-12-31T23:59:59.123Z"),
            ("2013-03-18T03:28:54.1839884Z", "2013-03-18T03:28:54.183Z"),
        ] {
            assert_eq!(write(read(text).unwrap()), written);
        }
    }

    #[test]
    fn reads_the_end_of_time_as_never() {
        for text in ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59.9999999Z", "9999-12-31T00:00:00Z"]
        {
            assert_eq!(read(text), Ok(jiff::Timestamp::MAX), "{text}");
        }
        assert_eq!(write(read("9999-12-29T23:59:59Z").unwrap()), "9999-12-29T23:59:59.000Z");
    }

    /// `saml-40`, `saml-41`.
    #[test]
    fn refuses_what_would_have_to_be_guessed() {
        let long = format!("2026-01-01T00:00:00.{}Z", "1".repeat(1_000_000));
        for text in [
            "",
            "Z",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00+00:00",
            "2026-01-01T00:00:00+02:00",
            "2026-01-01T00:00:00z",
            "2026-01-01 00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:60Z",
            "2026-13-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "9999-02-29T00:00:00Z",
            "9999-12-32T00:00:00Z",
            "9999-12-31T24:00:00Z",
            "9999-12-31T23:59:60Z",
            "10000-01-01T00:00:00Z",
            "2026-01-01T00:00:00.Z",
            "+2026-01-01T00:00:00Z",
            "-002026-01-01T00:00:00Z",
            "02026-01-01T00:00:00Z",
            " 2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00Z ",
            "٢٠٢٦-01-01T00:00:00Z",
            &long,
        ] {
            assert!(read(text).is_err(), "{text:.40}");
        }
    }
}
