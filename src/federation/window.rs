//! From when until when something holds.

use jiff::Timestamp;

use super::instant;
use super::verified::SKEW;
use super::xml::{Element, XmlFault};

/// Reads a time from an attribute, if it is there.
pub(super) fn time(element: Element<'_>, name: &str) -> Result<Option<Timestamp>, XmlFault> {
    element.attribute(name).map(instant::read).transpose()
}

/// Checks `NotBefore` and `NotOnOrAfter` of an element, and returns the second.
pub(super) fn check(element: Element<'_>, now: Timestamp) -> Result<Option<Timestamp>, XmlFault> {
    let start = time(element, "NotBefore")?;
    let end = time(element, "NotOnOrAfter")?;
    if let (Some(start), Some(end)) = (start, end)
        && start >= end
    {
        return Err(XmlFault(format!("{} holds at no time", element.name())));
    }
    if let Some(start) = start
        && start.duration_since(now) > SKEW
    {
        let name = element.name();
        return Err(XmlFault(format!("{name} does not hold before {start}, and it is {now}")));
    }
    if let Some(end) = end {
        check_end(element, end, now)?;
    }
    Ok(end)
}

/// Checks a time at which something ends.
pub(super) fn check_end(
    element: Element<'_>,
    end: Timestamp,
    now: Timestamp,
) -> Result<(), XmlFault> {
    if now.duration_since(end) >= SKEW {
        return Err(XmlFault(format!("{} expired at {end}, and it is {now}", element.name())));
    }
    Ok(())
}

/// Checks that something was not issued in the future.
pub(super) fn check_issued(element: Element<'_>, now: Timestamp) -> Result<Timestamp, XmlFault> {
    let issued = instant::read(element.required("IssueInstant")?)?;
    if issued.duration_since(now) > SKEW {
        return Err(XmlFault(format!(
            "{} was issued at {issued}, and it is {now}",
            element.name()
        )));
    }
    Ok(issued)
}
