//! The facts behind "what is still missing" once identity is proven.

use super::Broker;
use super::failure::Failure;
use crate::decide::Decision;
use crate::decide::access::{self, AdmitFacts};
use crate::decide::audience;
use crate::decide::consent::{self, Asked, ScopeFact};
use crate::decide::hrd::Resource;
use crate::decide::provider;
use crate::decide::redemption::{self, Attributes, Review, TermsFact};
use crate::decide::sign_up::{self, Offer};
use crate::directory::{
    Consent, Invitation, InvitationStatus, LinkedAccount, Role, Tenant, TenantKind,
    TermsAcceptance, TermsAudience, TermsOfUse, TokenVersion, User, UserAttribute, first_party,
};
use crate::fault::{Fault, say};
use crate::ids::{ClientId, ObjectId, TenantId, TermsId};
use crate::interaction::{Authenticated, Entry, GrantData, Newcomer, SignInRequest, Target};
use crate::protocol::prompt::Prompt;
use crate::protocol::scope::{OPENID_SCOPES, RequestedScope};
use crate::store::Stored;
use crate::store::records::by;

/// What the person has done so far in this sign-in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress<'a> {
    pub(super) reviewed: bool,
    pub(super) accepted: &'a [(TermsId, u32)],
    pub(super) consented_now: bool,
}

/// Who wants what, for the decisions.
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub(super) struct Wish<'a> {
    pub(super) tenant: TenantId,
    pub(super) user: ObjectId,
    /// The account that was proven.
    pub(super) account: Option<&'a LinkedAccount>,
    pub(super) app: ClientId,
    /// The generation of the endpoint that was asked.
    pub(super) version: TokenVersion,
    pub(super) scope: Option<&'a RequestedScope>,
    pub(super) ask_again: bool,
    pub(super) by_invitation: bool,
    /// OpenID scopes need no consent of their own beside a permission: nobody can be asked.
    pub(super) openid_implied: bool,
    /// Somebody who signs up: there is no user yet.
    pub(super) newcomer: Option<(&'a Newcomer, &'a Authenticated)>,
    /// An assertion is wanted: no permissions, and only where the application is installed.
    pub(super) for_assertion: bool,
}

/// Everything decided about it, from the directory as it is now.
#[derive(Debug)]
pub(super) struct Standings {
    pub(super) tenant: Tenant,
    pub(super) user: Stored<User>,
    pub(super) resource: Resource,
    /// The user flow by which somebody signs up.
    pub(super) offer: Option<Offer>,
    pub(super) admitted: Decision<Result<(), Fault>>,
    pub(super) redemption: Decision<redemption::Outcome>,
    pub(super) consent: Decision<consent::Outcome>,
    /// The permissions asked for, with the resource of each.
    pub(super) scopes: Vec<(ClientId, String, ScopeFact)>,
}

impl<'a> Wish<'a> {
    pub(super) fn of(
        request: &'a SignInRequest,
        tenant: TenantId,
        user: ObjectId,
        account: &'a LinkedAccount,
    ) -> Self {
        let client = match &request.target {
            Target::Client(client) => Some(client),
            Target::Page(_) | Target::SignOn(_) => None,
        };
        Self {
            tenant,
            user,
            account: Some(account),
            app: request.application(),
            version: request.version(),
            scope: client.map(|client| &client.scope),
            ask_again: client.is_some_and(|client| client.prompt == Prompt::Consent),
            by_invitation: matches!(request.entry, Entry::Invitation { .. }),
            openid_implied: false,
            newcomer: None,
            for_assertion: request.sign_on().is_some(),
        }
    }

    pub(super) fn of_grant(data: &'a GrantData, user: &'a User) -> Self {
        Self {
            tenant: data.tenant,
            user: data.user,
            account: user.linked(),
            app: data.client,
            version: TokenVersion::V2,
            scope: Some(&data.scope),
            ask_again: false,
            by_invitation: false,
            openid_implied: data.without_page,
            newcomer: None,
            for_assertion: false,
        }
    }
}

impl Broker {
    /// Loads everything and decides everything.
    pub(super) async fn standings(
        &self,
        wish: &Wish<'_>,
        progress: Progress<'_>,
    ) -> Result<Standings, Failure> {
        let tenant = self.tenant(wish.tenant).await?;
        let resource = self.resource(wish.app).await?;
        let user = match wish.newcomer {
            // Version 0: no record. What is made of it is inserted.
            Some((newcomer, who)) => {
                let record = self.guest_to_be(&tenant, newcomer, who).await?;
                Some(Stored { version: 0, record })
            }
            None => self.user(wish.tenant, wish.user).await?,
        };
        let user = user.ok_or_else(|| {
            say::guest_not_in_tenant(
                wish.user,
                "unknown",
                &tenant.display_name,
                resource.id,
                &resource.name,
            )
        })?;
        let offer = sign_up::offer(&tenant, wish.app);
        let offer = offer.filter(|o| wish.newcomer.is_some_and(|(new, _)| new.flow == o.flow));
        let admitted = self.admit(wish, (&tenant, offer.is_some()), &user, &resource).await?;
        let redemption = self.redemption(wish, (&tenant, offer.as_ref()), &user, progress).await?;
        let scopes = match wish.scope {
            Some(scope) if first_party::name_of(wish.app).is_none() => {
                self.scope_facts(wish.tenant, &user, wish.app, scope).await?
            }
            _ => Vec::new(),
        };
        // Assumption: beside a permission that is consented to, OpenID scopes need nothing more.
        let implied = |scope: &ScopeFact| OPENID_SCOPES.contains(&scope.value.as_str());
        let names_permission = scopes.iter().any(|(_, _, scope)| !implied(scope));
        let drop_openid = wish.openid_implied && names_permission;
        let scopes: Vec<_> =
            scopes.into_iter().filter(|(_, _, s)| !(drop_openid && implied(s))).collect();
        let asked = match (wish.scope, first_party::name_of(wish.app)) {
            (Some(_), None) if wish.ask_again => Asked::ByApplicationAgain,
            (Some(_), None) => Asked::ByApplication,
            (None, _) if wish.for_assertion => Asked::ForAssertion,
            _ => Asked::ByFirstParty,
        };
        let consent = consent::decide(&consent::Facts {
            asked,
            scopes: scopes.iter().map(|(_, _, fact)| fact.clone()).collect(),
            is_administrator: user.has_role(&[Role::GlobalAdministrator]),
            accepted_now: progress.consented_now,
        });
        Ok(Standings { tenant, user, resource, offer, admitted, redemption, consent, scopes })
    }

    async fn admit(
        &self,
        wish: &Wish<'_>,
        (tenant, offered): (&Tenant, bool),
        user: &User,
        resource: &Resource,
    ) -> Result<Decision<Result<(), Fault>>, Failure> {
        let principal = self.service_principal(wish.tenant, wish.app).await?;
        let portal = match wish.by_invitation && user.is_pending() {
            true => Some(self.is_enabled(wish.tenant, first_party::INVITATION_PORTAL).await?),
            false => None,
        };
        let client = self.audience_of(wish.app, wish.version).await?;
        // A guest is the tenant's own; who is at home brings the kind of the home.
        let at_home = client.as_ref().filter(|_| user.external.is_none());
        let account_type =
            at_home.map_or(Ok(()), |client| audience::account(client, user.tenant).into_parts().0);
        let unmanaged = tenant.kind == TenantKind::Unmanaged;
        let unmanaged = unmanaged && principal.is_none() && client.is_some();
        Ok(access::admit(&AdmitFacts {
            user,
            resource,
            account_type,
            unmanaged: unmanaged.then(|| tenant.initial_domain()),
            application_missing: (wish.for_assertion && principal.is_none())
                .then_some(tenant.display_name.as_str()),
            application_enabled: principal.as_ref().is_none_or(|p| p.account_enabled),
            acceptance_portal_enabled: portal,
            provider: provider::check(tenant, user, wish.account, resource),
            at_home: self.at_home(user, wish.account).await?,
            assignment: self.assigned(user, principal.as_deref()).await?,
            sign_up: wish.newcomer.map(|_| offered),
        }))
    }

    async fn redemption(
        &self,
        wish: &Wish<'_>,
        (tenant, offer): (&Tenant, Option<&Offer>),
        user: &User,
        progress: Progress<'_>,
    ) -> Result<Decision<redemption::Outcome>, Failure> {
        let mut terms = Vec::new();
        for agreement in tenant.terms_of_use.iter().filter(|terms| concerns(terms, user)) {
            let accepted = progress.accepted.contains(&(agreement.id, agreement.version))
                || self.has_accepted(user, agreement).await?;
            let name = agreement.display_name.clone();
            terms.push(TermsFact { id: agreement.id, name, accepted });
        }
        let standing = match &user.external {
            None => redemption::Standing::Member,
            Some(_) if user.is_pending() => redemption::Standing::Pending,
            Some(_) => redemption::Standing::Accepted,
        };
        let home = wish.account.and_then(|account| account.home_tenant);
        let review = if progress.reviewed {
            Review::Accepted
        } else if self.redeems_automatically(tenant, home).await? {
            Review::AutomaticRedemption
        } else if tenant.admin_consent_skips_review && self.has_admin_consent(wish).await? {
            Review::AdminConsent
        } else {
            Review::Outstanding
        };
        let asked = offer.map_or(&[][..], |offer| &offer.attributes);
        let told = |attribute: &UserAttribute| {
            wish.newcomer.is_some_and(|(newcomer, _)| newcomer.attributes.contains_key(attribute))
        };
        let attributes = match asked {
            [] => Attributes::NotAsked,
            asked if asked.iter().all(told) => Attributes::Collected,
            _ => Attributes::Outstanding,
        };
        Ok(redemption::decide(&redemption::Facts { standing, review, terms, attributes }))
    }

    async fn has_accepted(&self, user: &User, terms: &TermsOfUse) -> Result<bool, Failure> {
        let key = by::terms_acceptance(user.tenant, user.id, terms.id);
        let acceptance = self.store.get::<TermsAcceptance>(key).await?;
        Ok(acceptance.is_some_and(|acceptance| acceptance.record.version == terms.version))
    }

    /// Home outbound and resource inbound both on; no other combination counts (automatic
    /// redemption, truth table).
    pub(super) async fn redeems_automatically(
        &self,
        tenant: &Tenant,
        home: Option<TenantId>,
    ) -> Result<bool, Failure> {
        let Some(home) = home.filter(|home| *home != tenant.id) else { return Ok(false) };
        let inbound = tenant.partners.iter().any(|p| p.tenant == home && p.inbound_allowed);
        if !inbound {
            return Ok(false);
        }
        let home = self.find_tenant(home).await?;
        Ok(home.is_some_and(|home| {
            home.partners.iter().any(|p| p.tenant == tenant.id && p.outbound_allowed)
        }))
    }

    async fn has_admin_consent(&self, wish: &Wish<'_>) -> Result<bool, Failure> {
        let graph = first_party::MICROSOFT_GRAPH;
        let key = by::consent(wish.tenant, wish.app, graph, None);
        Ok(self.store.get::<Consent>(key).await?.is_some())
    }

    /// That an invitation still stands: it exists, was not replaced, and has not outlived its time.
    pub(super) async fn check_invitation(
        &self,
        entry: &Entry,
    ) -> Result<Option<Stored<Invitation>>, Failure> {
        let Entry::Invitation { tenant, invitation, .. } = entry else { return Ok(None) };
        let found = self.store.get::<Invitation>(by::invitation(*tenant, *invitation)).await?;
        let now = self.clock.now();
        let stands = found.filter(|invitation| {
            invitation.status != InvitationStatus::Superseded
                && (invitation.status == InvitationStatus::Completed
                    || invitation.expires_at.is_none_or(|end| now < end))
        });
        match stands {
            Some(invitation) => Ok(Some(invitation)),
            None => Err(say::invitation_invalid().into()),
        }
    }
}

/// Whether a terms-of-use concerns a user.
pub(super) fn concerns(terms: &TermsOfUse, user: &User) -> bool {
    match terms.audience {
        TermsAudience::All => true,
        TermsAudience::Guests => user.external.is_some(),
    }
}
