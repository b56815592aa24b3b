//! The facts behind a token that are neither in its scopes nor in its user: what the registration of
//! its audience asks for, the user's groups and app roles, the account's home.

use std::collections::BTreeSet;

use super::Broker;
use super::failure::Failure;
use crate::directory::{
    AppRole, Application, Assignment, Group, GroupMembershipClaims, MemberType, Profile,
    TokenConfiguration, User, first_party,
};
use crate::ids::{ClientId, ObjectId, TenantId};
use crate::protocol::claims::audience::Audience;
use crate::protocol::claims::membership::Membership;
use crate::protocol::claims::optional::TokenKind;
use crate::store::Stored;
use crate::store::records::by;

/// What the tokens of one answer say besides who and for what.
#[derive(Debug, Clone, Default)]
pub(super) struct TokenFacts {
    /// The id token's audience.
    pub(super) client: Audience,
    /// The access token's audience.
    pub(super) resource: Audience,
    /// What the account's home tenant knows of the person.
    pub(super) home: Option<Profile>,
}

impl Broker {
    /// Facts for an id token to `client` and an access token for `resource`.
    pub(super) async fn token_facts(
        &self,
        user: &User,
        client: &Application,
        resource: Option<ClientId>,
    ) -> Result<TokenFacts, Failure> {
        let resource = match resource {
            Some(id) if id == client.client_id => {
                self.audience(user, client, TokenKind::Access).await?
            }
            Some(first_party::MICROSOFT_GRAPH) => graph(user),
            Some(id) => match self.find_application(id).await? {
                Some(resource) => self.audience(user, &resource, TokenKind::Access).await?,
                None => Audience::default(),
            },
            None => Audience::default(),
        };
        let client = self.audience(user, client, TokenKind::Id).await?;
        let home = match self.home_user(user).await? {
            Some(home) => Some(home.record.profile),
            None => user.external.is_none().then(|| user.profile.clone()),
        };
        Ok(TokenFacts { client, resource, home })
    }

    async fn audience(
        &self,
        user: &User,
        application: &Application,
        kind: TokenKind,
    ) -> Result<Audience, Failure> {
        let configuration = application.token_configuration.clone();
        let (memberships, roles) = self.memberships(user, application).await?;
        Ok(Audience::of(configuration, kind, user, &memberships, roles))
    }

    /// The groups of a user as far as an application's tokens may name them, and the app roles.
    pub(super) async fn memberships(
        &self,
        user: &User,
        application: &Application,
    ) -> Result<(Vec<Membership>, Vec<String>), Failure> {
        let configuration = &application.token_configuration;
        let for_users = |role: &&AppRole| role.is_for(MemberType::User);
        let offered: Vec<_> = application.app_roles.iter().filter(for_users).collect();
        let wants_groups = configuration.group_membership_claims.wants_groups();
        if offered.is_empty() && !wants_groups {
            return Ok((Vec::new(), Vec::new()));
        }
        let mut memberships = Vec::new();
        let mut given = self.roles_of(user.tenant, application, user.id).await?;
        for (group, direct) in self.groups_of(user.tenant, user.id).await? {
            let roles = self.roles_of(user.tenant, application, group.id).await?;
            let assigned = roles.is_some();
            // A nested group's assignment is not its members' (app-role assignment article).
            if let Some(roles) = roles.filter(|_| direct) {
                given.get_or_insert_default().extend(roles);
            }
            memberships.push(Membership { group, direct, assigned });
        }
        let given = given.unwrap_or_default();
        let roles = offered.iter().filter(|role| given.contains(&role.value));
        let roles = roles.map(|role| role.value.clone()).collect();
        Ok((memberships, roles))
    }

    /// The roles with which a user or group is assigned to an application; `None` if it is not.
    async fn roles_of(
        &self,
        tenant: TenantId,
        application: &Application,
        principal: ObjectId,
    ) -> Result<Option<Vec<String>>, Failure> {
        let key = by::assignment(tenant, application.client_id, principal);
        let found = self.store.get::<Assignment>(key).await?;
        Ok(found.map(|assignment| assignment.record.roles))
    }

    /// The groups that a user is in, and whether directly; those first, each once.
    pub(super) async fn groups_of(
        &self,
        tenant: TenantId,
        user: ObjectId,
    ) -> Result<Vec<(Group, bool)>, Failure> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        let mut level = vec![user];
        let mut direct = true;
        while !level.is_empty() {
            let mut next = Vec::new();
            for member in level {
                let groups = self.store.find::<Group>(by::groups_with(tenant, member)).await?;
                for Stored { record: group, .. } in groups {
                    if seen.insert(group.id) {
                        next.push(group.id);
                        found.push((group, direct));
                    }
                }
            }
            (level, direct) = (next, false);
        }
        Ok(found)
    }

    /// The user object of a guest's account in its home tenant, where that is one of ours.
    async fn home_user(&self, user: &User) -> Result<Option<Stored<User>>, Failure> {
        let home = user.linked().and_then(|account| Some((account.home_tenant?, account)));
        match home.map(|(tenant, account)| (tenant, account.subject.parse::<ObjectId>())) {
            Some((tenant, Ok(id))) => self.user(tenant, id).await,
            _ => Ok(None),
        }
    }
}

/// Microsoft Graph as an audience: its tokens name directory roles, and what clients can do.
fn graph(user: &User) -> Audience {
    let group_membership_claims =
        GroupMembershipClaims { directory_roles: true, ..GroupMembershipClaims::default() };
    let mut configuration =
        TokenConfiguration { group_membership_claims, ..TokenConfiguration::default() };
    configuration.optional_claims.access_token = vec!["xms_cc".to_owned().into()];
    Audience::of(configuration, TokenKind::Access, user, &[], Vec::new())
}
