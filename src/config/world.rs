//! The world file: the directories, people and applications a server starts with.

mod build;
mod certificates;
mod check;
pub mod file;
mod locate;

pub(super) use locate::{SEE_SCHEMA, syntax};

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::directory::{
    AppRoleAssignment, Application, Assignment, Consent, Contact, ExternalProvider,
    FederationAccount, Group, ServicePrincipal, ServiceProvider, SocialAccount, Tenant,
    TermsAcceptance, User,
};
use crate::ids::{Digest, DomainName, ObjectId, TenantId};

/// The default world, `fixtures/worlds/contoso.toml`.
pub const DEFAULT: &str = include_str!("../../fixtures/worlds/contoso.toml");

/// A world: everything the store is seeded with.
#[derive(Debug, Clone)]
pub struct World {
    /// What holds for the whole server.
    pub settings: Settings,
    /// Tenants, the Microsoft-account tenant included.
    pub tenants: Vec<Tenant>,
    /// Members, guests and Microsoft accounts.
    pub users: Vec<User>,
    /// Accounts at the built-in Google and Facebook.
    pub social_accounts: Vec<SocialAccount>,
    /// Accounts at the built-in SAML and WS-Fed providers.
    pub federation_accounts: Vec<FederationAccount>,
    /// Whom those answer.
    pub service_providers: Vec<ServiceProvider>,
    /// App registrations.
    pub applications: Vec<Application>,
    /// Their instances.
    pub service_principals: Vec<ServicePrincipal>,
    /// Who is assigned to what.
    pub assignments: Vec<Assignment>,
    /// Delegated permissions on record.
    pub consents: Vec<Consent>,
    /// Application permissions on record.
    pub app_role_assignments: Vec<AppRoleAssignment>,
    /// Contact objects.
    pub contacts: Vec<Contact>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Terms of use accepted before.
    pub acceptances: Vec<TermsAcceptance>,
    /// Guests whose invitation is sent when the store is seeded.
    pub invitations: Vec<SeededInvitation>,
}

/// What holds for the whole server, kept in the store so that a store file stays itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    /// Digest of the world the store was seeded with.
    pub world: Digest,
    /// A random secret of the installation; see [`crate::jose::MacKey`].
    pub secret: String,
    /// The tenants in the order of the world file, for pages that list them.
    #[serde(default)]
    pub tenants: Vec<TenantId>,
    /// Domains of consumer mail.
    pub consumer_domains: Vec<DomainName>,
    /// A real issuer in Google's place.
    pub google_provider: Option<ExternalProvider>,
    /// A real issuer in Facebook's place.
    #[serde(default)]
    pub facebook_provider: Option<ExternalProvider>,
    /// A real issuer in the place of the Microsoft-account tenant.
    pub microsoft_account_provider: Option<ExternalProvider>,
}

/// An invitation that is part of the world.
#[derive(Debug, Clone)]
pub struct SeededInvitation {
    /// The inviting tenant.
    pub tenant: TenantId,
    /// The guest.
    pub guest: ObjectId,
    /// When the mail is dated.
    pub sent_at: Timestamp,
}

/// One mistake in a world file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line, counted from 1.
    pub line: usize,
    /// Column, counted from 1.
    pub column: usize,
    /// What is wrong, with the value.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// A world file that cannot be used: every mistake found, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct InvalidWorld {
    /// The file, as it was named.
    pub file: String,
    /// The mistakes; never empty.
    pub problems: Vec<Problem>,
}

impl fmt::Display for InvalidWorld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            let Problem { line, column, message, hint } = problem;
            write!(f, "{}:{line}:{column}: {message}\nhint: {hint}", self.file)?;
        }
        Ok(())
    }
}

impl World {
    /// Reads a world file. `file` is its name, for error messages; `now` dates the records.
    ///
    /// # Errors
    /// Every mistake that could be found, each with line, column and hint.
    pub fn parse(text: &str, file: &str, now: Timestamp) -> Result<Self, InvalidWorld> {
        let parsed = parse_file(text, file)?;
        Ok(build::build(&parsed, now))
    }

    /// The same world with the records dated anew: what a reset seeds.
    pub fn effective(text: &str, file: &str) -> Result<file::WorldFile, InvalidWorld> {
        parse_file(text, file)
    }
}

fn parse_file(text: &str, file: &str) -> Result<file::WorldFile, InvalidWorld> {
    let invalid = |problems| InvalidWorld { file: file.to_owned(), problems };
    let mut parsed: file::WorldFile =
        toml::from_str(text).map_err(|error| invalid(vec![locate::syntax(text, &error)]))?;
    let folder = std::path::Path::new(file).parent().unwrap_or(std::path::Path::new(""));
    let mut mistakes = certificates::resolve(&mut parsed, folder);
    mistakes.extend(check::check(&parsed));
    if mistakes.is_empty() {
        return Ok(parsed);
    }
    Err(invalid(locate::locate(text, mistakes)))
}

/// The JSON Schema of a world file: `fixtures/worlds/world.schema.json`.
pub fn schema() -> String {
    let schema = schemars::schema_for!(file::WorldFile);
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests;
