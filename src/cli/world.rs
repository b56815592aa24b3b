//! `guestpass world check|show`, and reading the world for every other command.

use crate::cli::output::out;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use guestpass::broker::WorldSource;
use guestpass::config::world::World;
use guestpass::config::world::file::WorldFile;
use serde_json::json;

use super::args::Global;
use super::failure::CliFault;
use super::style::Style;

/// The world that was named, or the default one.
pub(super) fn source(file: Option<&Path>) -> Result<WorldSource, CliFault> {
    let Some(path) = file else { return Ok(WorldSource::default_world()) };
    let text = std::fs::read_to_string(path).map_err(|e| CliFault::unreadable(path, &e))?;
    Ok(WorldSource { text, name: path.display().to_string() })
}

/// The same, read.
pub(super) fn file(source: &WorldSource) -> Result<WorldFile, CliFault> {
    Ok(World::effective(&source.text, &source.name)?)
}

pub(super) fn check(global: &Global, file: Option<PathBuf>) -> Result<ExitCode, CliFault> {
    let source = source(file.as_deref().or(global.world.as_deref()))?;
    let world = match World::effective(&source.text, &source.name) {
        Ok(world) => world,
        Err(invalid) if global.json => {
            let problems: Vec<_> = invalid
                .problems
                .iter()
                .map(|p| json!({ "line": p.line, "column": p.column, "message": p.message, "hint": p.hint }))
                .collect();
            out!("{}", json!({ "file": source.name, "valid": false, "problems": problems }));
            return Ok(ExitCode::from(2));
        }
        Err(invalid) => return Err(invalid.into()),
    };
    let count = |each: fn(&guestpass::config::world::file::TenantEntry) -> usize| {
        world.tenant.iter().map(each).sum::<usize>()
    };
    let (tenants, members) = (world.tenant.len(), count(|t| t.user.len()));
    let (guests, applications) = (count(|t| t.guest.len()), count(|t| t.application.len()));
    if global.json {
        let counts = json!({
            "tenants": tenants, "members": members, "guests": guests, "applications": applications,
        });
        out!("{}", json!({ "file": source.name, "valid": true, "world": counts }));
    } else {
        let ok = Style::stdout().good("ok");
        out!(
            "{}: {ok} ({tenants} tenants, {members} members, {guests} guests, {applications} applications)",
            source.name
        );
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn show(global: &Global) -> Result<ExitCode, CliFault> {
    let world = file(&source(global.world.as_deref())?)?;
    let shown = match global.json {
        true => serde_json::to_string_pretty(&world).map_err(|error| error.to_string()),
        false => toml::to_string(&world).map_err(|error| error.to_string()),
    };
    let shown = shown.map_err(|why| CliFault::failed(why, "Report this: it is our mistake."))?;
    crate::cli::output::write(format_args!("{shown}"));
    if global.json {
        out!("");
    }
    Ok(ExitCode::SUCCESS)
}
