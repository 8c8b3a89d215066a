//! `apply`: applies a configuration file

use std::path::Path;

use rpc::{ApplyOptions, Configuration, Plan, wire};
use rpc_client::Failure;
use tokio::io::AsyncReadExt as _;

use crate::app::App;
use crate::args::config::Apply;
use crate::ask;
use crate::config_file;
use crate::out::{document, note, print};
use crate::paint::Paint;
use crate::plan;

/// The daemon's message limit, minus room for the rest of the message.
const MOST_BYTES: usize = wire::MAX_FRAME - 16 * 1024 * 1024;

pub(super) async fn run(app: &App, apply: Apply) -> Result<(), Failure> {
    let config = read(&apply.file).await?;
    let options = ApplyOptions { prune: apply.prune, import: false, prune_anyway: apply.prune_anyway };
    let daemon = app.connect().await?;
    let planned = config.clone();
    let plan = daemon.call(|client, deadline| client.config_plan(deadline, planned, options)).await?;
    show(app, &plan)?;
    let excess = plan.excess.as_ref().filter(|it| options.prune_anyway != Some(it.removed));
    if let Some(excess) = excess.filter(|_| apply.dry_run) {
        note(&format!("would be refused without --prune-anyway {}: removes {}", excess.removed, excess.text));
    }
    if apply.dry_run || plan.steps.is_empty() {
        return if app.out.is_json() { document(&plan) } else { Ok(()) };
    }
    if let Some(excess) = excess {
        return Err(excess.refusal().into());
    }
    if let Some(removals) = plan::removals(&plan)
        && app.has_to_ask(&format!("apply, which removes {removals},"))?
    {
        ask::confirm(&format!("Remove {removals}?")).await?;
    }
    let revision = plan.revision;
    let done =
        daemon.call(|client, deadline| client.config_apply(deadline, config, options, revision)).await?;
    app.out.changed(&done, &["Applied".to_owned()])
}

async fn read(file: &Path) -> Result<Configuration, Failure> {
    let (name, text) = if file == Path::new("-") {
        let mut text = String::new();
        let read = tokio::io::stdin().read_to_string(&mut text).await;
        ("standard input".to_owned(), read.map(|_| text))
    } else {
        (file.display().to_string(), tokio::fs::read_to_string(file).await)
    };
    let text = text.map_err(|error| Failure::io(format!("read {name}"), error))?;
    if text.len() > MOST_BYTES {
        return Err(Failure::usage(format!("{name} is too large for one call"))
            .hint("omit the content of assets (base64), and upload it with asset set"));
    }
    config_file::read(&text, &name)
}

/// Prints the diff with totals. Objects that only the daemon has are printed as a note.
fn show(app: &App, plan: &Plan) -> Result<(), Failure> {
    if app.out.is_json() {
        return Ok(());
    }
    if !plan.kept.is_empty() {
        note(&format!(
            "kept, though the file does not have it (--prune removes it): {}",
            plan.kept.join(", ")
        ));
    }
    if plan.steps.is_empty() {
        return print("Nothing to do: the configuration is that of the file");
    }
    let mut lines = plan::diff(plan, Paint::for_stdout());
    lines.push(plan::sums(plan));
    print(&lines.join("\n"))
}
