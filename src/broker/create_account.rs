//! Making an account on the way: a Microsoft account, or one in an unmanaged Entra tenant. The
//! address is proven with a mailed code first; then the person goes on to the new account's
//! provider like everybody else.

use super::failure::Failure;
use super::run::Run;
use super::{Broker, Reply};
use crate::decide::Trace;
use crate::decide::hrd::NewAccount;
use crate::directory::user::password_digest;
use crate::directory::{IdentityProvider, Profile, Tenant, TenantKind, User, UserType};
use crate::fault::say;
use crate::ids::{EmailAddress, MICROSOFT_ACCOUNT_TENANT, ObjectId, TenantId};
use crate::interaction::{Discovering, Interaction, Method, Proving};
use crate::mail::Purpose;
use crate::protocol::params::Params;

impl Broker {
    /// The state in which a password for the new account is chosen.
    pub(super) fn create_account(
        &self,
        state: Discovering,
        tenant: &Tenant,
        address: &EmailAddress,
        account: NewAccount,
        trace: Trace,
    ) -> Proving {
        let microsoft = account == NewAccount::MicrosoftAccount;
        // The id of a Microsoft account starts with zeros, as in MSAL's constants.
        let guid = self.entropy.guid();
        let user = match microsoft {
            true => uuid::Uuid::from_u128(guid.as_u128() & u128::from(u64::MAX)),
            false => guid,
        };
        let method = Method::CreateAccount {
            microsoft,
            address: address.clone(),
            user: ObjectId::new(user),
            password: None,
            challenge: None,
        };
        state.prove(tenant.id, Some(address.clone()), method, trace)
    }

    pub(super) async fn microsoft_account_exists(
        &self,
        address: &EmailAddress,
    ) -> Result<bool, Failure> {
        let accounts = self.home_accounts(address.as_str()).await?;
        Ok(accounts.iter().any(|account| account.tenant == MICROSOFT_ACCOUNT_TENANT))
    }

    /// The password was chosen, the code typed, or the existing account preferred.
    pub(super) async fn answer_create(
        &self,
        run: Run<'_>,
        mut state: Proving,
        form: &Params,
    ) -> Result<Reply, Failure> {
        let Method::CreateAccount { microsoft, address, user, password, challenge } =
            &mut state.method
        else {
            return self.to_resume(run).await;
        };
        let (microsoft, owner) = (*microsoft, *user);
        let address = address.clone();
        if form.has("existing") && microsoft && self.microsoft_account_exists(&address).await? {
            return self.to_new_account(run, state, address, MICROSOFT_ACCOUNT_TENANT).await;
        }
        let Some(_) = challenge else {
            let chosen = form.get("passwd").unwrap_or_default();
            if !(8..=256).contains(&chosen.chars().count()) {
                let alert = say::parameter_invalid("passwd", "choose 8 to 256 characters");
                let page = self.proving_page(&state, Some(alert)).await?;
                return self.reply(run, page).await;
            }
            *password = Some(password_digest(&owner.to_string(), chosen));
            return self.send_code(run, state, address, Purpose::NewAccount).await;
        };
        if form.has("resend") {
            return self.send_code(run, state, address, Purpose::NewAccount).await;
        }
        self.answer_verification(run, state, form).await
    }

    async fn answer_verification(
        &self,
        mut run: Run<'_>,
        mut state: Proving,
        form: &Params,
    ) -> Result<Reply, Failure> {
        let Method::CreateAccount {
            microsoft,
            address,
            user,
            password: Some(password),
            challenge: Some(challenge),
        } = state.method.clone()
        else {
            return self.to_resume(run).await;
        };
        if !form.has("otc") {
            return self.to_resume(run).await;
        }
        let now = self.clock.now();
        let typed = form.get("otc").unwrap_or_default();
        let id = state.request.id;
        let checked = self.check_code(&mut run, &address, (id, &challenge), typed).await?;
        if let Err((after, fault)) = checked {
            let compared = after != challenge;
            let (password, challenge) = (Some(password), Some(after));
            state.method = Method::CreateAccount { microsoft, address, user, password, challenge };
            let page = self.proving_page(&state, Some(fault)).await?;
            if compared {
                run.become_state(Interaction::Proving(state));
            }
            return self.reply(run, page).await;
        }
        let home = match microsoft {
            true => MICROSOFT_ACCOUNT_TENANT,
            false => self.joined_tenant(&mut run, &address).await?,
        };
        if !self.home_accounts(address.as_str()).await?.iter().any(|a| a.tenant == home) {
            let mut account = member(home, user, &address, now);
            account.password = Some(password);
            run.changes.insert(&account);
        }
        let because = format!("{address} was proven, and an account made in {home}");
        state.trace.note(if microsoft { 10 } else { 9 }, "account-created", because);
        self.to_new_account(run, state, address, home).await
    }

    /// The tenant that the domain of a new work account belongs to; a new unmanaged one if no
    /// tenant has it.
    async fn joined_tenant(
        &self,
        run: &mut Run<'_>,
        address: &EmailAddress,
    ) -> Result<TenantId, Failure> {
        let domain = address.domain();
        if let Some(owner) = self.tenant_of_domain(&domain).await? {
            return Ok(owner.id);
        }
        let id = TenantId::new(self.entropy.guid());
        let mut name = domain.first_label().to_owned();
        if let Some(first) = name.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        run.changes.insert(&Tenant::bare(id, name, vec![domain], TenantKind::Unmanaged));
        Ok(id)
    }

    /// On to the account's provider. What was changed is committed first: the provider is asked
    /// for the account at once.
    async fn to_new_account(
        &self,
        mut run: Run<'_>,
        state: Proving,
        address: EmailAddress,
        home: TenantId,
    ) -> Result<Reply, Failure> {
        self.save(&mut run).await?;
        let id = run.interaction.core().id;
        let mut run = self.load(run.here, None, id).await?;
        let provider = match home {
            MICROSOFT_ACCOUNT_TENANT => (IdentityProvider::MicrosoftAccount, None),
            _ => (IdentityProvider::ExternalAzureAd, Some(home)),
        };
        let mut back = state.back();
        (back.other_account, back.other_name) = (false, false);
        let body = self.go_upstream(&mut run, back, provider, Some(&address)).await?;
        self.finish_step(run, body).await
    }
}

fn member(tenant: TenantId, id: ObjectId, address: &EmailAddress, now: jiff::Timestamp) -> User {
    User {
        id,
        tenant,
        user_principal_name: address.to_string(),
        display_name: address.local_part().to_owned(),
        mail: Some(address.clone()),
        other_mails: Vec::new(),
        proxy_addresses: vec![address.clone()],
        aliases: Vec::new(),
        user_type: UserType::Member,
        creation_type: Some("EmailVerified".to_owned()),
        external: None,
        account_enabled: true,
        password: None,
        roles: Vec::new(),
        created_at: now,
        profile: Profile::default(),
    }
}
