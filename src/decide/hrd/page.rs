//! The table of rules in docs/REDEMPTION.md.

use std::fmt::Write as _;

use super::rules::{self, Book};
use super::{FacebookUse, Policy};
use crate::directory::{
    FallbackIdentityProvider, InvitationRedemption, RedemptionProfile as Profile,
};

/// The generated part of docs/REDEMPTION.md: one table a profile, in the order of evaluation.
pub fn redemption_page() -> String {
    let mut page = String::new();
    for (profile, title) in [
        (Profile::Classic, "`classic` (2021 to 2022)"),
        (Profile::ManagedOnly, "`managed-only` (2023)"),
        (Profile::Current, "`current` (2025), default order and fallback"),
    ] {
        let policy = policy(profile, FallbackIdentityProvider::DefaultConfiguredIdp);
        table(&mut page, title, &rules::book(&policy), profile != Profile::Classic);
    }
    let policy = policy(Profile::Current, FallbackIdentityProvider::EmailOneTimePasscode);
    table(&mut page, "`current` with another fallback", &rules::book(&policy), true);
    page
}

fn table(page: &mut String, title: &str, book: &Book, later: bool) {
    let _ = writeln!(page, "### {title}\n");
    let _ = writeln!(page, "| step | rule | decides when | outcome |\n| --- | --- | --- | --- |");
    for rule in &book.rules {
        let step = rule.step(later);
        let _ = writeln!(page, "| {step} | `{}` | {} | {} |", rule.id, rule.when, rule.then);
    }
    let last = book.last;
    let step = last.step(later);
    let _ = writeln!(page, "| {step} | `{}` | {} | {} |\n", last.id, last.when, last.then);
}

fn policy(profile: Profile, fallback: FallbackIdentityProvider) -> Policy {
    Policy {
        tenant_name: String::new(),
        profile,
        one_time_passcode: true,
        google: true,
        facebook: FacebookUse::SignUp,
        classic_email_link_checks_msa: false,
        order: InvitationRedemption::default().order,
        fallback,
    }
}
