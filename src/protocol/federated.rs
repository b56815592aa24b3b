//! Workload identity federation: another issuer's token as the client's proof.
//!
//! Source: workload-identity-federation articles. Issuer, subject and audience are compared byte by
//! byte with what the application has registered before anything is fetched.

use super::client_assertion::{ClientAssertion, shown};
use crate::directory::{Application, FederatedIdentityCredential};
use crate::fault::{Fault, say};
use crate::ids::ClientId;

/// A token of an outside issuer whose signature and time were verified. `upstream/` makes it, and
/// nobody else (tests/architecture.rs).
#[derive(Debug)]
pub struct OutsideProof(ClientId);

impl OutsideProof {
    /// Wraps the client that a verified outside token speaks for.
    pub(crate) fn from_verified_token(application: ClientId) -> Self {
        Self(application)
    }

    /// For which client.
    pub fn application(&self) -> ClientId {
        self.0
    }
}

/// Finds the credential that a token is for.
///
/// # Errors
/// 70021 if the application has none, else 700211, 700212, 700213 or 7002138: what differs.
pub fn find<'a>(
    application: &'a Application,
    assertion: &ClientAssertion,
) -> Result<&'a FederatedIdentityCredential, Fault> {
    let token = assertion.token();
    let issuer = token.text("iss").unwrap_or_default();
    let subject = token.text("sub").unwrap_or_default();
    let audience = token.sole_audience().unwrap_or_default();
    let known = &application.federated_identity_credentials;
    if known.is_empty() {
        return Err(say::no_federated_credential(shown(issuer), shown(subject), shown(audience)));
    }
    let of_issuer: Vec<_> = known.iter().filter(|c| c.issuer == issuer).collect();
    if of_issuer.is_empty() {
        return Err(say::federated_issuer_unknown(shown(issuer)));
    }
    let of_subject: Vec<_> = of_issuer.iter().filter(|c| c.subject == subject).collect();
    if of_subject.is_empty() {
        let folded = |c: &&&FederatedIdentityCredential| c.subject.eq_ignore_ascii_case(subject);
        return Err(match of_issuer.iter().any(|c| folded(&c)) {
            true => say::federated_subject_in_other_case(shown(subject)),
            false => say::federated_subject_unknown(shown(subject)),
        });
    }
    let found = of_subject.iter().find(|c| c.audiences.iter().any(|a| a == audience));
    found.map(|found| **found).ok_or_else(|| say::federated_audience_unknown(shown(audience)))
}
