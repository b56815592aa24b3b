//! Whose accounts an application serves, and where (`signInAudience`).
//!
//! [`at_endpoint`] looks at the application and the path segment, before anybody is known.
//! [`account`] looks at where somebody has their home. A guest is served as what the tenant made of
//! them: there the application counts, not the guest's home.

use super::{Decision, Trace};
use crate::directory::{Application, SignInAudience, TokenVersion};
use crate::fault::{Fault, say};
use crate::ids::{ClientId, MICROSOFT_ACCOUNT_TENANT, TenantId};
use crate::protocol::authority::Authority;

/// The application that asks, and by which generation of the endpoints.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// Its name.
    pub name: String,
    /// Whose accounts may sign in.
    pub audience: SignInAudience,
    /// The tenant that registered it.
    pub tenant: TenantId,
    /// The generation of the endpoint that it came by.
    pub version: TokenVersion,
}

impl Client {
    /// What counts of an application that is used by this generation of the endpoints.
    pub fn of(application: &Application, version: TokenVersion) -> Self {
        Self {
            id: application.client_id,
            name: application.display_name.clone(),
            audience: application.sign_in_audience,
            tenant: application.tenant,
            version,
        }
    }
}

/// Decides whether an application may be used under an authority; `place` names a tenant.
pub fn at_endpoint(
    client: &Client,
    authority: Authority,
    place: &str,
) -> Decision<Result<(), Fault>> {
    use SignInAudience as Audience;
    let trace = Trace::new();
    let (id, name, audience) = (client.id, &client.name, client.audience);
    let single = audience == Audience::AzureAdMyOrg;
    let refusal = match authority {
        Authority::Consumers if !serves_personal(audience) => {
            Some(say::authority_not_for_application(id, name, authority))
        }
        Authority::Consumers if client.version == TokenVersion::V1 => {
            Some(say::microsoft_account_at_v1())
        }
        Authority::Consumers => None,
        _ if !serves_work(audience) => Some(say::microsoft_accounts_only(id, name)),
        Authority::Common | Authority::Organizations if single => {
            Some(say::not_multi_tenant(id, name, authority))
        }
        Authority::Tenant(tenant) if single && tenant != client.tenant => {
            Some(say::application_not_found(id, place).with_remedy(format!(
                "{name} belongs to the tenant {}, and serves that alone. In a world file it stands \
                 after the [[tenant]] that owns it.",
                client.tenant
            )))
        }
        Authority::Common | Authority::Organizations | Authority::Tenant(_) => None,
    };
    let rule = "sign-in-audience";
    match refusal {
        None => trace.decided(0, rule, format!("{name} may be used at /{authority}"), Ok(())),
        Some(fault) => {
            trace.decided(0, rule, format!("{name} may not be used at /{authority}"), Err(fault))
        }
    }
}

/// Decides whether an application serves the accounts that have their home in a tenant.
pub fn account(client: &Client, home: TenantId) -> Decision<Result<(), Fault>> {
    let (trace, rule) = (Trace::new(), "account-type");
    let refusal = match home {
        MICROSOFT_ACCOUNT_TENANT if !serves_personal(client.audience) => {
            Some(say::account_type_unfit())
        }
        MICROSOFT_ACCOUNT_TENANT if client.version == TokenVersion::V1 => {
            Some(say::microsoft_account_at_v1())
        }
        MICROSOFT_ACCOUNT_TENANT => None,
        _ if !serves_work(client.audience) => {
            Some(say::microsoft_accounts_only(client.id, &client.name))
        }
        _ => None,
    };
    match refusal {
        None => {
            trace.decided(0, rule, format!("{} serves accounts of {home}", client.name), Ok(()))
        }
        Some(fault) => {
            let because = format!("{} does not serve accounts of {home}", client.name);
            trace.decided(0, rule, because, Err(fault))
        }
    }
}

fn serves_work(audience: SignInAudience) -> bool {
    audience != SignInAudience::PersonalMicrosoftAccount
}

fn serves_personal(audience: SignInAudience) -> bool {
    matches!(
        audience,
        SignInAudience::AzureAdAndPersonalMicrosoftAccount
            | SignInAudience::PersonalMicrosoftAccount
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: u128 = 1;

    fn client(audience: SignInAudience, version: TokenVersion) -> Client {
        let tenant = TenantId::new(uuid::Uuid::from_u128(HOME));
        let id = "fab21ca0-0000-4000-8000-0000000000b1".parse().unwrap();
        Client { id, name: "Portal".to_owned(), audience, tenant, version }
    }

    #[test]
    fn each_audience_has_its_endpoints_and_accounts() {
        use Authority::{Common, Consumers, Organizations, Tenant};
        use SignInAudience as A;
        let own = TenantId::new(uuid::Uuid::from_u128(HOME));
        let other = TenantId::new(uuid::Uuid::from_u128(2));
        let endpoints = [Common, Organizations, Consumers, Tenant(own), Tenant(other)];
        let number = |decision: Decision<Result<(), Fault>>| {
            decision.outcome().as_ref().err().and_then(Fault::number)
        };
        for (audience, at, [work, personal]) in [
            (
                A::AzureAdMyOrg,
                [Some(50194), Some(50194), Some(9002332), None, Some(700016)],
                [None, Some(500207)],
            ),
            (A::AzureAdMultipleOrgs, [None, None, Some(9002332), None, None], [None, Some(500207)]),
            (A::AzureAdAndPersonalMicrosoftAccount, [None; 5], [None, None]),
            (
                A::PersonalMicrosoftAccount,
                [Some(9002331), Some(9002331), None, Some(9002331), Some(9002331)],
                [Some(9002331), None],
            ),
        ] {
            let v2 = client(audience, TokenVersion::V2);
            let seen = endpoints.map(|at| number(at_endpoint(&v2, at, "Contoso")));
            assert_eq!(seen, at, "{audience:?}");
            let seen = [own, MICROSOFT_ACCOUNT_TENANT].map(|home| number(account(&v2, home)));
            assert_eq!(seen, [work, personal], "{audience:?}");
        }
        let v1 = client(A::AzureAdAndPersonalMicrosoftAccount, TokenVersion::V1);
        assert_eq!(number(at_endpoint(&v1, Consumers, "")), Some(90027));
        assert_eq!(number(account(&v1, MICROSOFT_ACCOUNT_TENANT)), Some(90027));
        assert_eq!(number(at_endpoint(&v1, Common, "")), None);
    }
}
