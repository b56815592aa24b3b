//! Whom a token is for, in SAML 1.1 and 2.0 alike.

use super::verified::Expected;
use super::xml::{Element, XmlFault};

/// An `AudienceRestrictionCondition` or `AudienceRestriction`: each has to name us (SAML Core
/// §2.5.1.4).
pub(super) fn check(
    restriction: Element<'_>,
    namespace: &str,
    expected: &Expected<'_>,
) -> Result<(), XmlFault> {
    let mut parts = restriction.sequence()?;
    let names = parts.several(namespace, "Audience");
    parts.end()?;
    let names = names.into_iter().map(Element::value).collect::<Result<Vec<_>, _>>()?;
    if names.iter().any(|name| expected.audiences.contains(name)) {
        return Ok(());
    }
    let own = expected.audiences.first().map_or("", String::as_str);
    let names: String = names.join(", ").chars().take(200).collect();
    Err(XmlFault(format!("its audience is '{names}', not '{own}'")))
}
