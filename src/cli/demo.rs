//! `guestpass demo`: a guest's whole journey, told hop by hop.
//!
//! The server is in this process and listens on nothing the demo uses: the scripted browser calls
//! it directly, and sees what any browser would.

mod compare;
mod hops;
mod journey;
mod pick;
mod tell;

use crate::cli::output::out;
use std::process::ExitCode;

use guestpass::Server;
use guestpass::broker::EntryName;

use super::args::{DemoArgs, Global, Journey};
use super::failure::CliFault;
use super::style::Style;
use super::{runtime, world};

pub(super) fn run(global: &Global, args: &DemoArgs) -> Result<ExitCode, CliFault> {
    let source = world::source(global.world.as_deref())?;
    let file = world::file(&source)?;
    let cast = pick::cast(&file, args)?;
    runtime()?.block_on(async {
        // Each journey has a world of its own, in which the guest has not been before.
        let story = |entry: EntryName| {
            let (source, cast) = (source.clone(), &cast);
            async move {
                let server = Server::builder().world_source(source).start().await?;
                journey::walk(&server, cast, entry).await
            }
        };
        let style = Style::stdout();
        match args.journey {
            Journey::Compare => {
                let email = story(EntryName::EmailLink).await?;
                let direct = story(EntryName::DirectLink).await?;
                if global.json {
                    let both = serde_json::json!({ "email": email, "direct_link": direct });
                    out!("{both:#}");
                } else {
                    crate::cli::output::write(format_args!(
                        "{}",
                        compare::side_by_side(&cast, &email, &direct, style)
                    ));
                }
            }
            Journey::DirectLink | Journey::Email => {
                let entry = match args.journey {
                    Journey::Email => EntryName::EmailLink,
                    _ => EntryName::DirectLink,
                };
                let told = story(entry).await?;
                if global.json {
                    out!("{:#}", serde_json::json!(told));
                } else {
                    crate::cli::output::write(format_args!("{}", tell::tell(&cast, &told, style)));
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}
