//! Whether a SAML or WS-Fed provider may be configured.

use std::collections::BTreeMap;
use std::path::Path;

use guestpass::decide::Decision;
use guestpass::decide::federation::{self, Facts, Outcome};
use guestpass::directory::{Federation, FederationProtocol, Tenant, TenantKind};
use guestpass::ids::{DomainName, FederationId, TenantId};
use serde::Deserialize;
use uuid::Uuid;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    issuer: Option<String>,
    domains: Vec<DomainName>,
    metadata: Option<String>,
    passive: Option<String>,
    /// A good one, or a broken one.
    certificate: Option<bool>,
    /// The TXT records, where they are looked at.
    records: Option<BTreeMap<DomainName, String>>,
    /// Whether the configuration is to go.
    #[serde(default)]
    delete: bool,
}

pub(super) fn case(path: &Path) -> datatest_stable::Result<()> {
    super::run(path, decide, |outcome| match outcome {
        Outcome::Accepted => "accepted".to_owned(),
        Outcome::Refused(fault) => format!("refused {} {}", fault.status, fault.code),
    })
}

fn decide(input: Input) -> Decision<Outcome> {
    let litware = configuration(1, "https://idp.litware.example/saml", &["litware.example"]);
    let tenant = Tenant {
        federations: vec![litware],
        direct_fed_auth_urls: input.records,
        ..Tenant::bare(
            TenantId::new(Uuid::from_u128(7)),
            "Contoso".to_owned(),
            domains(&["contoso.onmicrosoft.com", "contoso.example"]),
            TenantKind::Managed,
        )
    };
    let issuer = input.issuer.unwrap_or_else(|| "urn:partner".to_owned());
    let wanted = Federation {
        domains: input.domains,
        metadata_exchange_uri: input.metadata,
        passive_sign_in_uri: input.passive,
        signing_certificate: input.certificate.map(certificate),
        ..configuration(2, &issuer, &[])
    };
    if input.delete {
        return federation::delete(&wanted);
    }
    federation::decide(&Facts { tenant: &tenant, wanted: &wanted })
}

fn configuration(number: u128, issuer: &str, names: &[&str]) -> Federation {
    Federation {
        id: FederationId::new(Uuid::from_u128(number)),
        display_name: issuer.to_owned(),
        protocol: FederationProtocol::Saml,
        issuer_uri: issuer.to_owned(),
        domains: domains(names),
        passive_sign_in_uri: None,
        metadata_exchange_uri: None,
        metadata_told_by_graph: false,
        signing_certificate: None,
        next_signing_certificate: None,
        builtin: None,
    }
}

fn domains(names: &[&str]) -> Vec<DomainName> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn certificate(good: bool) -> String {
    if !good {
        return "MIIDADCCAeigAwIBAgIQEX41y8r6".to_owned();
    }
    guestpass::jose::KeySet::development().unwrap().google.certificate().to_owned()
}
