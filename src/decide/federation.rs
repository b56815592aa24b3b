//! Whether a SAML or WS-Fed provider may be configured as it is asked for.
//!
//! Sources: `samlOrWsFedExternalDomainFederation` resource, and "Add federation with SAML/WS-Fed
//! identity providers" for the rules on domains, addresses and DNS. What Graph says in each case is
//! not published: status 400 with a sentence of ours.

use crate::decide::{Decision, Trace};
use crate::directory::{Federation, PrimaryIdentityProvider, Tenant};
use crate::fault::GraphFault;
use crate::protocol::{certificate, federation_uri};

/// What the decision looks at.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The tenant as it is.
    pub tenant: &'a Tenant,
    /// The configuration as it would be.
    pub wanted: &'a Federation,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// So be it.
    Accepted,
    /// No.
    Refused(GraphFault),
}

/// A rule: its id, and the reason to refuse, or what speaks for it.
type Rule = (&'static str, fn(&Facts<'_>) -> Result<String, String>);

const RULES: &[Rule] = &[
    ("issuer", issuer),
    ("source", source),
    ("addresses", addresses),
    ("certificate", certificates),
    ("own-domain", own_domain),
    ("domain-taken", domain_taken),
    ("dns-record", dns_record),
];

/// Decides about a configuration, new or changed.
pub fn decide(facts: &Facts<'_>) -> Decision<Outcome> {
    let mut trace = Trace::new();
    for (id, judge) in RULES {
        match judge(facts) {
            Ok(because) => trace.skipped(0, id, because),
            Err(message) => {
                let refused = Outcome::Refused(GraphFault::bad_request(message.clone()));
                return trace.decided(0, id, message, refused);
            }
        }
    }
    trace.decided(0, "federation", "nothing speaks against it", Outcome::Accepted)
}

/// The tenant's other configurations.
fn others<'a>(facts: &'a Facts<'_>) -> impl Iterator<Item = &'a Federation> {
    facts.tenant.federations.iter().filter(|other| other.id != facts.wanted.id)
}

fn issuer(facts: &Facts<'_>) -> Result<String, String> {
    let issuer = &facts.wanted.issuer_uri;
    federation_uri::check_issuer(issuer)
        .map_err(|why| format!("The issuerUri '{}' is not valid: {why}.", shown(issuer)))?;
    if others(facts).any(|other| other.issuer_uri == *issuer) {
        return Err(format!("The issuerUri '{}' belongs to another configuration.", shown(issuer)));
    }
    Ok(format!("{issuer} is new here"))
}

/// By metadata, or by address and certificate; nobody could sign in otherwise.
fn source(facts: &Facts<'_>) -> Result<String, String> {
    let wanted = facts.wanted;
    let by_hand = wanted.passive_sign_in_uri.is_some() && wanted.signing_certificate.is_some();
    match (&wanted.builtin, &wanted.metadata_exchange_uri) {
        (Some(name), _) => Ok(format!("{name} is built in")),
        (None, Some(url)) => Ok(format!("its metadata is at {url}")),
        (None, None) if by_hand => Ok("address and certificate are given".to_owned()),
        (None, None) => Err("Give a metadataExchangeUri, or both passiveSignInUri and \
                             signingCertificate."
            .to_owned()),
    }
}

fn addresses(facts: &Facts<'_>) -> Result<String, String> {
    let passive = facts.wanted.passive_sign_in_uri.as_deref();
    let metadata = facts.wanted.metadata_exchange_uri.as_deref();
    for (name, uri, checked) in [
        ("passiveSignInUri", passive, passive.map(federation_uri::check_passive)),
        ("metadataExchangeUri", metadata, metadata.map(federation_uri::check_metadata)),
    ] {
        if let (Some(uri), Some(Err(why))) = (uri, checked) {
            return Err(format!("The {name} '{}' is not valid: {why}.", shown(uri)));
        }
    }
    Ok("https, or a loopback host".to_owned())
}

fn certificates(facts: &Facts<'_>) -> Result<String, String> {
    let given = facts.wanted.signing_certificate.as_deref();
    match given.map(certificate::read_for_signatures) {
        Some(Err(why)) => Err(format!("The signingCertificate is not valid: {why}.")),
        Some(Ok(read)) => Ok(format!("the certificate is good until {}", read.not_after)),
        None => Ok("none is given; the metadata has it".to_owned()),
    }
}

fn own_domain(facts: &Facts<'_>) -> Result<String, String> {
    match facts.wanted.domains.iter().find(|domain| facts.tenant.owns(domain)) {
        Some(domain) => Err(format!(
            "The domain '{domain}' is verified in this tenant. Only domains of other organizations \
             can be federated."
        )),
        None => Ok(format!("{} has verified none of them", facts.tenant.display_name)),
    }
}

fn domain_taken(facts: &Facts<'_>) -> Result<String, String> {
    let domains = &facts.wanted.domains;
    for (index, domain) in domains.iter().enumerate() {
        if domains[..index].contains(domain) {
            return Err(format!("The domain '{domain}' is named twice."));
        }
        if others(facts).any(|other| other.domains.contains(domain)) {
            return Err(format!("The domain '{domain}' belongs to another configuration."));
        }
    }
    Ok("no other configuration has them".to_owned())
}

fn dns_record(facts: &Facts<'_>) -> Result<String, String> {
    let (Some(records), Some(passive)) =
        (&facts.tenant.direct_fed_auth_urls, &facts.wanted.passive_sign_in_uri)
    else {
        return Ok("TXT records are not looked at here".to_owned());
    };
    let may = |domain| {
        federation_uri::belongs_to(passive, domain, records.get(domain).map(String::as_str))
    };
    match facts.wanted.domains.iter().find(|domain| !may(domain)) {
        Some(domain) => Err(format!(
            "The passiveSignInUri '{0}' is on no host of '{domain}'. Its DNS needs the TXT record \
             DirectFedAuthUrl={0}.",
            shown(passive)
        )),
        None => Ok("each domain answers for the address".to_owned()),
    }
}

/// Decides whether a configuration may go: the article has one reduce it to one domain first.
pub fn delete(federation: &Federation) -> Decision<Outcome> {
    let trace = Trace::new();
    let rule = "one-domain-left";
    match federation.domains.len() {
        0 | 1 => trace.decided(0, rule, "at most one domain is left", Outcome::Accepted),
        count => {
            let message =
                format!("The configuration has {count} domains. Delete all but one of them first.");
            let fault = GraphFault::bad_request(message.clone());
            trace.decided(0, rule, message, Outcome::Refused(fault))
        }
    }
}

/// The redemption order once a provider is configured: if it had no place, it is the last ("The
/// SAML/WS-Fed IdP is added to the redemption order as the last entry").
pub fn order_with_federation(order: &[PrimaryIdentityProvider]) -> Vec<PrimaryIdentityProvider> {
    let mut order = order.to_vec();
    if !order.contains(&PrimaryIdentityProvider::ExternalFederation) {
        order.push(PrimaryIdentityProvider::ExternalFederation);
    }
    order
}

/// Foreign text in a message: short, and without what cannot be seen.
fn shown(text: &str) -> String {
    text.chars().take(120).collect::<String>().escape_debug().to_string()
}
