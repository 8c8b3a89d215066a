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

use clap::Parser as _;
use rpc_client::{Exit, Failure};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::App;
use crate::args::{Cli, Verb};

fn main() -> ExitCode {
    complete::answer_shell();
    let Cli { global, verb } = Cli::parse();
    let app = App::new(global);
    match run(&app, verb) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.report(app.out.is_json());
            failure.exit.into()
        }
    }
}

fn run(app: &App, verb: Verb) -> Result<Exit, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| {
        Failure::new(Exit::Failed, "failed", format!("the program cannot start: {error}"))
    })?;
    let result = runtime.block_on(async {
        // From here on, before anything is asked: an answer that is not shown must not outlast Ctrl-C.
        let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| {
            Failure::new(Exit::Failed, "failed", format!("Ctrl-C cannot be handled: {error}"))
        })?;
        tokio::select! {
            result = verbs::run(app, verb) => result,
            _ = interrupt.recv() => Err(Failure::interrupted()),
        }
    });
    // A prompt that waits for input must not delay the exit.
    runtime.shutdown_background();
    result
}
