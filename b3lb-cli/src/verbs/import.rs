//! `import b3lb`, `import scalelite`

use std::path::Path;

use rpc::{ApplyOptions, LeftOut, MeetingImport, wire};
use rpc_client::{Exit, Failure};
use tokio::io::AsyncReadExt as _;

use crate::app::App;
use crate::args::import::{ImportB3lb, ImportScalelite, ImportVerb};
use crate::ask;
use crate::daemon::Daemon;
use crate::import::{self, Import, Options, Outcome};
use crate::out::{document, print};
use crate::paint::Paint;

/// Existing objects are kept, invalid ones are skipped, the rest is added.
const HOW: ApplyOptions = ApplyOptions { prune: false, import: true, prune_anyway: None };

/// Room in a message for everything but the content of assets, in bytes.
const ENVELOPE: usize = 16 * 1024 * 1024;

pub(super) async fn run(app: &App, verb: ImportVerb) -> Result<Exit, Failure> {
    match verb {
        ImportVerb::B3lb(import) => b3lb(app, import).await,
        ImportVerb::Scalelite(import) => scalelite(app, import).await,
    }
}

async fn b3lb(app: &App, args: ImportB3lb) -> Result<Exit, Failure> {
    let options = Options { with_meetings: args.with_meetings };
    let converted = import::convert(&read(&args.file).await?, options)
        .map_err(|why| invalid(&args.file, &why, "manage.py dumpdata rest"))?;
    carry_out(app, "import b3lb", &args.file, args.dry_run, converted).await
}

async fn scalelite(app: &App, args: ImportScalelite) -> Result<Exit, Failure> {
    let converted = import::scalelite::convert(&read(&args.file).await?)
        .map_err(|why| invalid(&args.file, &why, "rake servers; rake tenants:showall"))?;
    carry_out(app, "import scalelite", &args.file, args.dry_run, converted).await
}

fn invalid(file: &Path, why: &str, command: &str) -> Failure {
    Failure::new(Exit::Failed, "invalid", format!("{} {why}", file.display()))
        .hint(format!("make it with: {command}"))
}

/// Shows the plan, asks, and applies it.
async fn carry_out(
    app: &App,
    verb: &'static str,
    file: &Path,
    dry_run: bool,
    converted: Import,
) -> Result<Exit, Failure> {
    let file = file.display().to_string();
    let Import { mut configuration, meetings, report } = converted;
    let too_large = import::leave_too_large(&mut configuration, wire::MAX_FRAME - ENVELOPE);

    let daemon = app.connect().await?;
    let copy = configuration.clone();
    let mut plan = daemon.call(|client, context| client.config_plan(context, copy, HOW)).await?;
    let revision = plan.revision;
    // The daemon cannot validate meetings of tenants that it does not have yet.
    if plan.steps.is_empty() {
        plan.left_out.extend(take_over(&daemon, meetings.clone(), true).await?);
    }
    plan.left_out.extend(too_large.iter().cloned());
    let planned = Outcome { verb, applied: false, meetings: meetings.len() as u64, report, plan };
    if planned.is_idle() || !wanted(app, verb, dry_run, &planned, &file).await? {
        tell(app, &planned, &file)?;
        return Ok(exit(&planned));
    }

    let mut plan =
        daemon.call(|client, context| client.config_apply(context, configuration, HOW, revision)).await?;
    plan.left_out.extend(too_large);
    // The configuration is applied, even if the meetings fail.
    let (refused, failure) = match take_over(&daemon, meetings, false).await {
        Ok(refused) => (refused, None),
        Err(failure) => (Vec::new(), Some(failure)),
    };
    let taken = if failure.is_some() { 0 } else { planned.meetings.saturating_sub(refused.len() as u64) };
    plan.left_out.extend(refused);
    let done = Outcome { applied: true, meetings: taken, plan, ..planned };
    tell(app, &done, &file)?;
    match failure {
        Some(failure) => {
            failure
                .hint("the configuration is applied; run it again for the meetings")
                .report(app.out.is_json());
            Ok(Exit::Partly)
        }
        None => Ok(exit(&done)),
    }
}

/// Whether to apply the plan: with --yes, or once the operator has seen and confirmed it.
async fn wanted(
    app: &App,
    verb: &str,
    dry_run: bool,
    planned: &Outcome,
    file: &str,
) -> Result<bool, Failure> {
    if dry_run {
        return Ok(false);
    }
    match app.has_to_ask(verb) {
        Ok(false) => Ok(true),
        Ok(true) if !app.out.is_json() => {
            print(&planned.in_words(file, Paint::for_stdout()))?;
            ask::confirm("Do it?").await.map(|()| true)
        }
        // There is no terminal to ask on: print the plan, which says how to apply it.
        _ => Ok(false),
    }
}

fn tell(app: &App, outcome: &Outcome, file: &str) -> Result<(), Failure> {
    if app.out.is_json() { document(outcome) } else { print(&outcome.in_words(file, Paint::for_stdout())) }
}

fn exit(outcome: &Outcome) -> Exit {
    if outcome.is_complete() { Exit::Done } else { Exit::Partly }
}

/// Sends the meetings to the daemon and returns those that it skipped.
async fn take_over(
    daemon: &Daemon,
    meetings: Vec<MeetingImport>,
    dry_run: bool,
) -> Result<Vec<LeftOut>, Failure> {
    if meetings.is_empty() {
        return Ok(Vec::new());
    }
    daemon.call(|client, context| client.meeting_import(context, meetings, dry_run)).await
}

/// Reads a file; `-` reads standard input.
async fn read(file: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if file == Path::new("-") {
        tokio::io::stdin().read_to_string(&mut text).await.map(|_| text)
    } else {
        tokio::fs::read_to_string(file).await
    };
    read.map_err(|error| Failure::io(format!("read {}", file.display()), error))
}
