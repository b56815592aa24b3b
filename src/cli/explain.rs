//! `guestpass explain`.

use crate::cli::output::out;
use std::process::ExitCode;
use std::sync::Arc;

use guestpass::broker::{Broker, Origins, Parts, WorldSource};
use guestpass::clock::Clock;
use guestpass::decide::explain::{ExplainedOutcome, Explanation};
use guestpass::decide::{TraceEntry, Verdict};

use guestpass::entropy::Entropy;
use guestpass::jose::KeySet;
use guestpass::server::ServeFault;
use guestpass::store::Store;

use super::args::{ExplainArgs, Global};
use super::failure::CliFault;
use super::style::{Style, wrap};
use super::{runtime, world};

pub(super) fn run(global: &Global, args: &ExplainArgs) -> Result<ExitCode, CliFault> {
    let source = world::source(global.world.as_deref())?;
    let explanation = runtime()?.block_on(async {
        let broker = broker(source).await?;
        let asked = broker.explain(&args.tenant, &args.address, args.entry).await;
        asked.map_err(|fault| {
            let hint =
                "Name a tenant of the world by id, domain or name: see `guestpass world show`.";
            CliFault::new(fault.to_string(), hint)
        })
    })?;
    if global.json {
        let text = serde_json::to_string_pretty(&explanation);
        out!("{}", text.map_err(|error| CliFault::failed(error.to_string(), ""))?);
    } else {
        crate::cli::output::write(format_args!("{}", tell(&explanation, Style::stdout())));
    }
    Ok(ExitCode::SUCCESS)
}

/// A broker that is asked, not served.
async fn broker(world: WorldSource) -> Result<Arc<Broker>, CliFault> {
    let store = Store::in_memory().map_err(ServeFault::from)?;
    let parts = Parts {
        store,
        clock: Clock::system(),
        entropy: Entropy::system(),
        keys: KeySet::development().map_err(ServeFault::from)?,
        origins: Origins::new(vec!["http://localhost".to_owned()], None),
        on_loopback: true,
        world,
    };
    Ok(Broker::start(parts).await?)
}

fn tell(explanation: &Explanation, style: Style) -> String {
    let Explanation { entry, profile, guest, tenant, .. } = explanation;
    let mut told = format!(
        "{}\n{}\n\n",
        style.bold(&headline(explanation)),
        style.quiet(&format!("tenant {tenant}, entry {entry}, profile {profile}, guest {guest}")),
    );
    told.push_str(&trace(&explanation.trace, style));
    if explanation.guest == "none" {
        let note = style.note("not invited:");
        told.push_str(&format!(
            "\n{note} this is what an invitation would lead to; as it is, the sign-in is refused \
             (AADSTS50020)\n"
        ));
    }
    for remedy in &explanation.remedies {
        told.push_str(&format!("\n{} {remedy}", style.note("what you can do:")));
    }
    if !explanation.remedies.is_empty() {
        told.push('\n');
    }
    told
}

/// Nobody has invited a stranger: it says what would come of an invitation.
fn headline(explanation: &Explanation) -> String {
    let outcome = outcome(&explanation.outcome);
    match explanation.guest == "none" {
        true => format!("{}, if invited: {outcome}", explanation.email),
        false => format!("{} {outcome}", explanation.email),
    }
}

/// An outcome as the end of a sentence that begins with the address.
pub(super) fn outcome(outcome: &ExplainedOutcome) -> String {
    match outcome {
        ExplainedOutcome::ChooseAccount { identity_providers: [one, other] } => {
            format!("is asked which account: {one} or {other}")
        }
        ExplainedOutcome::CreateAccount { identity_provider } => {
            format!("creates an account: {identity_provider}")
        }
        ExplainedOutcome::Refused { aadsts, message } => {
            format!("is refused: AADSTS{aadsts}: {message}")
        }
        ExplainedOutcome::SignIn { identity_provider } => {
            format!("signs in with {identity_provider}")
        }
    }
}

/// A trace as a table.
pub(super) fn trace(entries: &[TraceEntry], style: Style) -> String {
    let widest = entries.iter().map(|entry| entry.rule.len()).max().unwrap_or_default().max(4);
    let mut table =
        style.quiet(&format!("{:>4}  {:widest$}  {:8}  because", "step", "rule", "verdict"));
    table.push('\n');
    for entry in entries {
        let verdict = format!("{:8}", verdict(entry.verdict));
        let verdict = match entry.verdict {
            Verdict::Decided => style.good(&verdict),
            Verdict::Noted => style.note(&verdict),
            Verdict::Skipped => style.quiet(&verdict),
        };
        let indent = widest + 18;
        for (index, line) in wrap(&entry.because, 70).iter().enumerate() {
            match index {
                0 => table.push_str(&format!(
                    "{:>4}  {:widest$}  {verdict}  {line}\n",
                    entry.step, entry.rule
                )),
                _ => table.push_str(&format!("{:indent$}{line}\n", "")),
            }
        }
    }
    table
}

/// The word for a verdict.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Decided => "decided",
        Verdict::Noted => "noted",
        Verdict::Skipped => "skipped",
    }
}
