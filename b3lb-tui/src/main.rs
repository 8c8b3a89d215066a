//! `b3lb-tui`: the live dashboard of B3LB.

use std::io::Write as _;
use std::process::ExitCode;

use b3lb_tui::edge::args::{Args, Mode, Settings, man_page};
use b3lb_tui::edge::{app, frame};
use b3lb_tui::screens;
use clap::Parser as _;
use rpc_client::Failure;
use tokio::runtime::Builder;

fn main() -> ExitCode {
    let settings = Args::parse().settings();
    run(settings).unwrap_or_else(|failure| {
        failure.report(false);
        failure.exit.into()
    })
}

fn run(settings: Settings) -> Result<ExitCode, Failure> {
    match settings.mode {
        Mode::Keys => return print(&screens::key_table()),
        Mode::Man => return print(&man_page().map_err(|error| Failure::io("write the man page", error))?),
        Mode::Dashboard | Mode::Snapshot(_) => {}
    }
    // A second thread parses the daemon's answers, so that a large one delays no key.
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.map_err(|error| Failure::io("start", error))?;
    let result = runtime.block_on(async {
        match settings.mode {
            Mode::Snapshot(size) => print(&frame::take(&settings, size).await?),
            Mode::Dashboard | Mode::Keys | Mode::Man => app::run(settings).await,
        }
    });
    runtime.shutdown_background();
    result
}

fn print(text: &str) -> Result<ExitCode, Failure> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::io("write to standard output", error))
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}
