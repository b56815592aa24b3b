//! The opaque `login_hint`: made for tokens, and read when it comes back.

use super::Broker;
use super::failure::Failure;
use crate::directory::User;
use crate::protocol::login_hint::{self, LABEL};
use crate::store::Stored;

impl Broker {
    /// The value of the claim for a user.
    pub(super) fn login_hint(&self, user: &User) -> String {
        let code = self.mac.code(LABEL, &[&user.tenant.to_string(), &user.id.to_string()]);
        login_hint::write(user.tenant, user.id, &code)
    }

    /// The user for whom an opaque hint was made, if it was made here and the user still exists.
    pub(super) async fn hinted_user(&self, hint: &str) -> Result<Option<Stored<User>>, Failure> {
        let Some(read) = login_hint::read(hint) else { return Ok(None) };
        let parts = [read.tenant.to_string(), read.user.to_string()];
        if !self.mac.verifies(LABEL, &[&parts[0], &parts[1]], read.code) {
            return Ok(None);
        }
        self.user(read.tenant, read.user).await
    }

    /// The name that a hint stands for: itself, or what the hinted person signs in with at home. An
    /// opaque hint that means nobody stands for nothing.
    pub(super) async fn hinted_name(&self, hint: &str) -> Result<Option<String>, Failure> {
        if !login_hint::is_opaque(hint) {
            return Ok(Some(hint.to_owned()));
        }
        let user = self.hinted_user(hint).await?;
        Ok(user.map(|user| crate::protocol::claims::preferred_username(&user).to_owned()))
    }
}
