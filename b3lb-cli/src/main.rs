//! `b3lb-cli`: the scriptable command line of B3LB.
//!
//! `args` defines the command line, `verbs` carries it out with calls to the `daemon`, `out` prints the
//! answers, and `rpc-client` turns failures into an error line and an exit code.

mod app;
mod args;
mod ask;
mod complete;
mod config_file;
mod daemon;
mod draft;
mod duration;
mod import;
mod order;
mod out;
mod paint;
mod plan;
mod table;
mod text;
mod time;
mod verbs;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use rpc_client::{Exit, Failure};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::App;
use crate::args::{Cli, Verb};

fn main() -> ExitCode {
    complete::answer_shell();
    let Cli { global, verb } = Cli::parse();
    let every = global.watch;
    let app = App::new(global);
    match run(&app, verb, every) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.report(app.out.is_json());
            failure.exit.into()
        }
    }
}

/// Runs a verb, once or again and again. A daemon that goes away is waited for.
async fn repeat(app: &App, verb: Verb, every: Option<Duration>) -> Result<Exit, Failure> {
    let Some(every) = every else { return verbs::run(app, verb).await };
    if !verb.is_repeatable() {
        return Err(Failure::usage("--watch is for list, show and status"));
    }
    let mut verb = verb;
    loop {
        out::begin_frame()?;
        match verbs::run(app, verb).await {
            Err(failure) if failure.exit == Exit::Unreachable => {
                app.disconnect();
                failure.report(app.out.is_json());
            }
            Err(failure) => return Err(failure),
            Ok(_) if out::is_closed() => return Ok(Exit::Done),
            Ok(_) => {}
        }
        tokio::time::sleep(every).await;
        // The same verb: its arguments are consumed by each run.
        verb = Cli::parse().verb;
    }
}

fn run(app: &App, verb: Verb, every: Option<Duration>) -> Result<Exit, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| {
        Failure::new(Exit::Failed, "failed", format!("the program cannot start: {error}"))
    })?;
    let result = runtime.block_on(async {
        // From here on, before anything is asked: an answer that is not shown must not outlast Ctrl-C.
        let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| {
            Failure::new(Exit::Failed, "failed", format!("Ctrl-C cannot be handled: {error}"))
        })?;
        tokio::select! {
            result = repeat(app, verb, every) => result,
            _ = interrupt.recv() => Err(Failure::interrupted()),
        }
    });
    // A prompt that waits for input must not delay the exit.
    runtime.shutdown_background();
    result
}
