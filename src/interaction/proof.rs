//! Proof values. Each has private fields and one way to come into being, which is the check that it
//! proves.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::challenge::{Challenge, CodeFault};
use super::session::SignedIn;
use crate::decide::access::Identified;
use crate::decide::{Decision, consent, redemption};
use crate::directory::user::password_digest;
use crate::directory::{IdentityProvider, LinkedAccount, User};
use crate::fault::{Fault, say};
use crate::ids::{EmailAddress, InteractionId, MICROSOFT_ACCOUNT_TENANT, ObjectId, TenantId};
use crate::jose::MacKey;

/// What is known of an account. Plain data: holding it proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AccountData {
    pub(super) account: LinkedAccount,
    pub(super) verified_address: Option<EmailAddress>,
    pub(super) display_name: String,
    pub(super) amr: Vec<String>,
    pub(super) auth_time: Timestamp,
    /// The id token of a real provider: it ends the session there when the person signs out here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) upstream_id_token: Option<String>,
}

/// An account whose holder sits at the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven(pub(super) AccountData);

/// An id token of an upstream provider whose signature, issuer, audience, nonce and time were
/// verified, or a SAML or WS-Fed token of which the same holds. `upstream/` makes it, and nobody else (tests/architecture.rs).
#[derive(Debug)]
pub struct VerifiedAssertion(AccountData);

impl VerifiedAssertion {
    /// Wraps what a verified answer says: an id token, or a SAML or WS-Fed token.
    pub(crate) fn from_verified_answer(
        account: LinkedAccount,
        verified_address: Option<EmailAddress>,
        display_name: String,
        amr: Vec<String>,
        auth_time: Timestamp,
    ) -> Self {
        let upstream_id_token = None;
        Self(AccountData {
            account,
            verified_address,
            display_name,
            amr,
            auth_time,
            upstream_id_token,
        })
    }

    /// Keeps the token itself, for the sign-out at a real provider.
    pub(crate) fn keeping(mut self, id_token: String) -> Self {
        self.0.upstream_id_token = Some(id_token);
        self
    }
}

impl Proven {
    /// The password of a user whose account lives in its tenant.
    pub fn by_password(user: &User, typed: &str, now: Timestamp) -> Option<Self> {
        let expected = user.password.as_ref()?;
        if !expected.matches(&password_digest(&user.id.to_string(), typed)) {
            return None;
        }
        let provider = match user.tenant {
            MICROSOFT_ACCOUNT_TENANT => IdentityProvider::MicrosoftAccount,
            _ => IdentityProvider::ExternalAzureAd,
        };
        Some(Self(AccountData {
            account: LinkedAccount {
                provider,
                home_tenant: Some(user.tenant),
                subject: user.id.to_string(),
                sign_in_name: user.user_principal_name.clone(),
                unverified_name: false,
            },
            verified_address: user.user_principal_name.parse().ok(),
            display_name: user.display_name.clone(),
            amr: vec!["pwd".to_owned()],
            auth_time: now,
            upstream_id_token: None,
        }))
    }

    /// The code that was mailed to `address`.
    pub fn by_passcode(
        address: &EmailAddress,
        challenge: &Challenge,
        key: &MacKey,
        id: InteractionId,
        typed: &str,
        now: Timestamp,
    ) -> Result<Self, CodeFault> {
        challenge.check(key, id, typed, now)?;
        Ok(Self(AccountData {
            account: LinkedAccount {
                provider: IdentityProvider::Mail,
                home_tenant: None,
                subject: address.to_string(),
                sign_in_name: address.to_string(),
                unverified_name: false,
            },
            verified_address: Some(address.clone()),
            display_name: address.local_part().to_owned(),
            amr: vec!["otp".to_owned()],
            auth_time: now,
            upstream_id_token: None,
        }))
    }

    /// The word of an upstream provider.
    pub fn by_upstream(assertion: VerifiedAssertion) -> Self {
        Self(assertion.0)
    }

    /// An earlier proof, remembered in the browser's session, while it lasts.
    pub fn by_session(session: &SignedIn, now: Timestamp) -> Option<Self> {
        session.is_live(now).then(|| Self(session.account_data().clone()))
    }

    /// The account.
    pub fn account(&self) -> &LinkedAccount {
        &self.0.account
    }

    /// An address of it that its provider verified.
    pub fn verified_address(&self) -> Option<&EmailAddress> {
        self.0.verified_address.as_ref()
    }

    /// The name on the account.
    pub fn display_name(&self) -> &str {
        &self.0.display_name
    }

    /// When it was proven.
    pub fn auth_time(&self) -> Timestamp {
        self.0.auth_time
    }

    /// How (`amr`).
    pub fn amr(&self) -> &[String] {
        &self.0.amr
    }
}

/// A proven account that is a user of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticated {
    pub(super) proven: Proven,
    pub(super) tenant: TenantId,
    pub(super) user: ObjectId,
    /// `externalUserStateChangeDateTime` of the guest when that was decided.
    pub(super) state_of: Option<Timestamp>,
}

impl Authenticated {
    /// Takes the decision that says which user the account is, or is going to be: of a user who is
    /// not in the directory nothing comes but the object itself ([`Redeemed`] is made of it).
    ///
    /// # Errors
    /// The refusal, if the account is nobody who may come in.
    pub fn identified(
        proven: Proven,
        tenant: TenantId,
        decision: &Decision<Identified>,
        state_of: Option<Timestamp>,
    ) -> Result<Self, Fault> {
        match decision.outcome() {
            Identified::SignsUp(user) | Identified::User(user) => {
                Ok(Self { proven, tenant, user: *user, state_of })
            }
            Identified::Refused(fault) => Err(fault.clone()),
        }
    }

    /// The account.
    pub fn proven(&self) -> &Proven {
        &self.proven
    }

    /// The tenant.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The user there.
    pub fn user(&self) -> ObjectId {
        self.user
    }

    /// That the user is still the one who was identified: not reset since, and not bound to another
    /// account that was quicker.
    ///
    /// # Errors
    /// 50014 after a reset: who was proven and what was agreed to before counts for nothing.
    /// `wrong-account` if another account has redeemed.
    pub fn check_still_is(&self, user: &User, tenant_name: &str) -> Result<(), Fault> {
        let account = self.proven.account();
        match (user.linked(), user.standing_since()) {
            (None, since) if user.is_pending() && since != self.state_of => {
                Err(say::guest_pending(user.address(), tenant_name))
            }
            (Some(linked), _) if !linked.is_same_account(account) => {
                Err(say::wrong_account(&account.sign_in_name, user.address(), tenant_name))
            }
            _ => Ok(()),
        }
    }
}

/// A user with nothing left to redeem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redeemed {
    pub(super) tenant: TenantId,
    pub(super) user: ObjectId,
    pub(super) since: Option<Timestamp>,
}

impl Redeemed {
    /// Takes the user as it is stored now and the decision that nothing is missing.
    ///
    /// # Errors
    /// 50014 if the guest is pending or something is still to be accepted.
    pub fn complete(user: &User, decision: &Decision<redemption::Outcome>) -> Result<Self, Fault> {
        if user.is_pending() || *decision.outcome() != redemption::Outcome::Complete {
            return Err(say::guest_pending(user.address(), user.tenant));
        }
        Ok(Self { tenant: user.tenant, user: user.id, since: user.standing_since() })
    }
}

/// An application that may have what it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consented(());

impl Consented {
    /// Takes the decision that nothing is missing.
    pub fn given(decision: &Decision<consent::Outcome>) -> Option<Self> {
        (*decision.outcome() == consent::Outcome::Consented).then_some(Self(()))
    }
}
