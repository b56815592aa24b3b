//! `grant_type=password`: a client sends what a member typed into it.

use super::{Broker, Caller, TokenCall};
use crate::broker::application::check_audience;
use crate::broker::discover::account_of;
use crate::broker::failure::Failure;
use crate::broker::prove::may_sign_in_as;
use crate::decide::password::{self, Facts};
use crate::directory::{Tenant, User};
use crate::fault::{Fault, say};
use crate::ids::{EmailAddress, GrantId, InteractionId, MICROSOFT_ACCOUNT_TENANT, TypedPassword};
use crate::interaction::{GrantData, GrantRecord, Proven, TokenResponse};
use crate::protocol::authority::Authority;
use crate::protocol::scope::RequestedScope;
use crate::store::records::Guesses;
use crate::store::{ChangeSet, Stored};

impl Broker {
    pub(super) async fn password(
        &self,
        call: &TokenCall<'_>,
        caller: &Caller,
        (username, password): (&str, &TypedPassword),
        scope: RequestedScope,
    ) -> Result<TokenResponse, Failure> {
        let Ok(typed) = username.parse::<EmailAddress>() else {
            let shown: String = username.chars().filter(|c| !c.is_control()).take(80).collect();
            return Err(say::account_not_found(shown, call.segment).into());
        };
        let tenant = self.tenant_of_password(caller.authority, &typed).await?;
        let application = &caller.application;
        let place = &tenant.display_name;
        for authority in [caller.authority, Authority::Tenant(tenant.id)] {
            check_audience(application, caller.version, authority, place)?;
        }
        let asked = self.asked(call, caller, scope).await?;
        let user = self.member(&tenant, &typed, caller).await?;
        let proven = self.check_password(&user, password).await?;
        let ids = (self.entropy.guid(), InteractionId::new(self.entropy.guid()));
        let data = GrantData::by_password(&proven, &user, asked, ids)?;
        let (granted, standings) = self.renew(data).await?;
        let wanted = self.wanted(&caller.application, &granted, &standings).await?;

        let id = GrantId::new(self.entropy.guid());
        let grant = GrantRecord::begin(&granted, id, self.clock.now());
        let grant = grant.begun_by(&caller.client);
        let mut changes = ChangeSet::new();
        changes.insert(&grant).unchanged(&standings.user);
        let refresh = self.new_refresh_token(&grant, &mut changes);
        self.store.commit(changes).await?;
        let refresh = (grant.id(), refresh.as_ref());
        Ok(self.sign(call.origin, caller, (&granted, &standings), refresh, wanted))
    }

    /// The tenant of the endpoint; at `organizations`, the one that has verified the name's domain.
    async fn tenant_of_password(
        &self,
        authority: Authority,
        typed: &EmailAddress,
    ) -> Result<Tenant, Failure> {
        let domain = typed.domain();
        match authority {
            Authority::Common | Authority::Consumers => {
                Err(say::password_needs_an_organization().into())
            }
            Authority::Tenant(tenant) => self.tenant(tenant).await,
            Authority::Organizations => match self.tenant_of_domain(&domain).await? {
                Some(tenant) => Ok(tenant),
                None if self.settings.consumer_domains.contains(&domain) => {
                    Err(say::domain_of_another_account_type().into())
                }
                None => Err(say::no_tenant_information().into()),
            },
        }
    }

    /// The member whose name was typed.
    async fn member(
        &self,
        tenant: &Tenant,
        typed: &EmailAddress,
        caller: &Caller,
    ) -> Result<Stored<User>, Failure> {
        let user = self.user_meant_by(tenant.id, typed).await?;
        let accounts = self.home_accounts(typed.as_str()).await?;
        let mut elsewhere: Vec<&User> = accounts.iter().filter(|a| a.tenant != tenant.id).collect();
        elsewhere.sort_by_key(|account| account.tenant == MICROSOFT_ACCOUNT_TENANT);
        let elsewhere = elsewhere.first().map(|account| account_of(account).idp());
        let decision = password::decide(&Facts {
            typed,
            tenant_name: &tenant.display_name,
            user: user.as_deref(),
            may_be_typed: user.as_ref().is_some_and(|user| may_sign_in_as(tenant, user, typed)),
            signs_in_elsewhere: tenant.provider.is_some(),
            elsewhere: elsewhere.as_deref(),
            app: caller.application.client_id,
            app_name: &caller.application.display_name,
        });
        decision.outcome().clone()?;
        Ok(user.ok_or_else(|| say::account_not_found(typed, &tenant.display_name))?)
    }

    /// Compares the password, within the limits of the password page and counting for it.
    async fn check_password(
        &self,
        user: &User,
        password: &TypedPassword,
    ) -> Result<Proven, Failure> {
        let key = user.user_principal_name.parse::<EmailAddress>();
        let key = key.map_err(|_| say::wrong_password())?;
        let guessed = self.guessed(Guesses::at_address(&key)).await?;
        guessed.check()?;
        if let Some(proven) = Proven::by_password(user, password.reveal(), self.clock.now()) {
            return Ok(proven);
        }
        let mut changes = ChangeSet::new();
        guessed.note_wrong(&mut changes);
        self.store.commit(changes).await?;
        Err(Fault::into(say::wrong_password()))
    }
}
