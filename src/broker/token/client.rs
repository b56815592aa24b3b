//! Who calls the token endpoint: the client, and how it proves to be itself.

use super::{Broker, TokenCall, may_read};
use crate::broker::failure::Failure;
use crate::directory::{Application, TokenVersion, first_party};
use crate::fault::say;
use crate::protocol::authority::Authority;
use crate::protocol::client_assertion::{Expected, SingleUse, check_time};
use crate::protocol::client_auth::{AuthenticatedClient, Credentials};
use crate::protocol::federated;
use crate::protocol::token::TokenRequest;
use crate::store::records::{UsedAssertion, by};
use crate::store::{ChangeSet, CommitFault, Stored};
use crate::upstream::OutsideFault;

/// An authenticated call of the token endpoint.
pub(in crate::broker) struct Caller {
    pub(in crate::broker) authority: Authority,
    pub(in crate::broker) application: Application,
    pub(in crate::broker) client: AuthenticatedClient,
    pub(in crate::broker) version: TokenVersion,
}

impl Broker {
    /// Authenticates the client. `readable_by` is set as soon as it is known which page may read
    /// the answer, refusals included.
    pub(super) async fn caller(
        &self,
        call: &TokenCall<'_>,
        readable_by: &mut Option<String>,
    ) -> Result<Caller, Failure> {
        let shown: String = call.segment.chars().take(80).collect();
        let authority = self.resolve_segment(call.segment).await?;
        let authority = authority.ok_or_else(|| say::tenant_not_found(shown))?;
        if authority == Authority::Consumers && call.params.version() == TokenVersion::V1 {
            return Err(say::microsoft_account_at_v1().into());
        }
        let credentials = match Credentials::read(call.params, call.authorization) {
            Ok(credentials) => credentials,
            // A body that is no token request at all is said to be that first.
            Err(fault) if call.authorization.is_none() => {
                TokenRequest::parse(call.params)?;
                return Err(fault.into());
            }
            Err(fault) => return Err(fault.into()),
        };
        let id = credentials.client();
        let application = match id {
            first_party::BROKER => self.broker_application(call.params.get("redirect_uri")).await,
            id => match self.find_application(id).await? {
                Some(found) => found,
                None => {
                    let place = self.place_of(authority).await?;
                    return Err(say::application_not_found(id, place).into());
                }
            },
        };
        *readable_by = call.cross_origin.filter(|o| may_read(&application, o)).map(str::to_owned);
        let client = self.authenticate(call, authority, credentials, &application).await?;
        Ok(Caller { authority, application, client, version: call.params.version() })
    }

    async fn authenticate(
        &self,
        call: &TokenCall<'_>,
        authority: Authority,
        credentials: Credentials,
        application: &Application,
    ) -> Result<AuthenticatedClient, Failure> {
        let grant_type = call.params.get("grant_type").unwrap_or_default();
        let now = self.clock.now();
        // Only an assertion says where it may be used.
        let (names, origins): (Vec<String>, Vec<String>) = match credentials.assertion() {
            Some(_) => (
                self.names_of(authority, call.segment).await?,
                self.origins.issuers().map(str::to_owned).collect(),
            ),
            None => (Vec::new(), Vec::new()),
        };
        let expected = Expected { origins: &origins, names: &names, now };
        let single = match credentials.assertion() {
            Some(assertion) if assertion.is_self_issued() => {
                assertion.single_use(application, now)?
            }
            _ => None,
        };
        if credentials.assertion().is_some_and(|assertion| !assertion.is_self_issued()) {
            return self.vouched_for(credentials, application).await;
        }
        let client = credentials.authenticate(application, grant_type, &expected)?;
        if let Some(single) = single {
            self.use_once(single).await?;
        }
        Ok(client)
    }

    /// An outside issuer's token as the proof. What it says is compared with the registration
    /// before the issuer is asked for anything.
    async fn vouched_for(
        &self,
        credentials: Credentials,
        application: &Application,
    ) -> Result<AuthenticatedClient, Failure> {
        let Some(assertion) = credentials.assertion() else {
            return Err(say::secret_missing().into());
        };
        let found = federated::find(application, assertion)?;
        let (issuer, token, now) = (&found.issuer, assertion.token(), self.clock.now());
        check_time(token, now)?;
        let id = application.client_id;
        let proof = self.outside_issuers.verify(id, issuer, token, now).await;
        let proof = proof.map_err(|fault| match fault {
            OutsideFault::Algorithm(_) => say::jwt_invalid(fault),
            OutsideFault::KeyUnknown { kid, failure } => {
                let failure =
                    failure.map(|why| format!(", whose keys could not be read anew: {why}"));
                say::outside_key_unknown(kid, issuer, failure.unwrap_or_default())
            }
            OutsideFault::Signature => say::assertion_signature_invalid(format!(
                "Reason - The provided signature value did not match the keys of issuer '{issuer}'."
            )),
            OutsideFault::Unreachable(why) => say::outside_issuer_unreachable(issuer, why),
        })?;
        Ok(credentials.vouched_for(application, &proof)?)
    }

    /// The names by which an assertion may call the endpoint: the word, or id and domains.
    async fn names_of(&self, authority: Authority, segment: &str) -> Result<Vec<String>, Failure> {
        let Authority::Tenant(tenant) = authority else {
            return Ok(vec![authority.to_string(), segment.to_owned()]);
        };
        let tenant = self.tenant(tenant).await?;
        let domains = tenant.domains.iter().map(ToString::to_string);
        Ok(std::iter::once(tenant.id.to_string()).chain(domains).collect())
    }

    /// Notes that an assertion was used; the second of two is refused, at whichever replica.
    async fn use_once(&self, single: SingleUse) -> Result<(), Failure> {
        let SingleUse { key, until } = single;
        let known = self.store.get::<UsedAssertion>(by::used_assertion(&key)).await?;
        let record = UsedAssertion { key, until };
        let mut changes = ChangeSet::new();
        match known {
            Some(known) if self.clock.now() < known.until => {
                return Err(say::assertion_replayed().into());
            }
            Some(Stored { version, .. }) => changes.update(&Stored { version, record }),
            None => changes.insert(&record),
        };
        match self.store.commit(changes).await {
            Ok(()) => Ok(()),
            Err(CommitFault::Conflict) => Err(say::assertion_replayed().into()),
            Err(other) => Err(other.into()),
        }
    }
}
