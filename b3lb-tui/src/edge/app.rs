//! The event loop: feeds events to `update`, carries out its commands, and draws a frame when needed.

use std::io::{IsTerminal as _, Write as _, stderr, stdin, stdout};
use std::process::ExitCode;
use std::time::Duration;

use futures::StreamExt as _;
use ratatui::crossterm::event::{Event as TerminalEvent, EventStream};
use rpc::ClientInfo;
use rpc_client::{Connection, Failure, Target};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::args::Settings;
use super::conn::{Conn, caller};
use super::term::Term;
use crate::message::{Command, Event, Millis};
use crate::screens;
use crate::state::State;
use crate::update::{refresh, update};
use crate::view::render;

/// Least time between two frames.
const FRAME: Duration = Duration::from_millis(33);

/// Runs the dashboard until the operator quits or a signal arrives.
pub async fn run(settings: Settings) -> Result<ExitCode, Failure> {
    if !stdout().is_terminal() {
        let hint = "b3lb-cli has all of it for scripts; b3lb-tui --snapshot prints one frame";
        return Err(Failure::failed("standard output is not a terminal").hint(hint));
    }
    let caller = caller(settings.read_only);
    let first = log_in(&settings.target, caller.clone()).await;
    let mut conn = Conn::start(settings.target.clone(), caller, first);
    let mut signals = Signals::new().map_err(terminal)?;
    let mut term = Term::enter(settings.mouse).map_err(terminal)?;
    let size = term.size().map_err(terminal)?;
    let mut state =
        screens::start(settings.look, &settings.target.to_string(), (size.width, size.height), settings.tab);
    state.read_only = settings.read_only;
    run_loop(&mut state, &mut term, &mut conn, &mut signals).await
}

/// Makes the first ssh connection before the dashboard takes the terminal: ssh may ask for a password.
async fn log_in(target: &Target, caller: ClientInfo) -> Option<Connection> {
    if !matches!(target, Target::Ssh(_)) || !stdin().is_terminal() {
        return None;
    }
    let _ = writeln!(stderr(), "connecting to {target}");
    // On failure the dashboard shows the reason and retries.
    rpc_client::connect(target, caller, true).await.ok()
}

async fn run_loop(
    state: &mut State,
    term: &mut Term,
    conn: &mut Conn,
    signals: &mut Signals,
) -> Result<ExitCode, Failure> {
    let started = Instant::now();
    let mut input = EventStream::new();
    let mut clock = interval(Duration::from_secs(1));
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    // When the next frame is due; none if nothing has changed.
    let mut due = Some(started);
    let mut drawn = started;
    loop {
        conn.flush();
        let event = tokio::select! {
            biased;
            end = signals.next() => match end {
                Wake::Signal(number) => return Ok(ExitCode::from(128 + number)),
                Wake::Continued => {
                    term.resume().map_err(terminal)?;
                    due = Some(Instant::now());
                    continue;
                }
            },
            () = sleep_until(due.unwrap_or(started)), if due.is_some() => {
                draw(state, term, conn)?;
                (drawn, due) = (Instant::now(), None);
                continue;
            }
            event = input.next() => match event {
                Some(Ok(event)) => from_terminal(event),
                Some(Err(error)) => return Err(terminal(error)),
                None => return Err(Failure::failed("the terminal is gone").hint("b3lb-tui needs one")),
            },
            event = conn.next() => match event {
                Some(event) => Some(event),
                None => return Err(Failure::failed("the connection broke unexpectedly").hint("start it again")),
            },
            _ = clock.tick() => None,
        };
        let clock = Event::Clock(millis(started.elapsed()));
        for event in std::iter::once(clock).chain(event) {
            for command in update(state, event) {
                match command {
                    Command::Quit => return Ok(ExitCode::SUCCESS),
                    Command::Suspend => term.suspend().map_err(terminal)?,
                    Command::Redraw => term.clear().map_err(terminal)?,
                    command => conn.send(command),
                }
            }
        }
        due = due.or(Some(Instant::now().max(drawn + FRAME)));
    }
}

fn draw(state: &mut State, term: &mut Term, conn: &mut Conn) -> Result<(), Failure> {
    let size = term.size().map_err(terminal)?;
    if size != state.size {
        for command in update(state, Event::Resize(size.width, size.height)) {
            conn.send(command);
        }
    }
    refresh(state);
    term.draw(|frame| render(state, frame)).map_err(terminal)?;
    Ok(())
}

/// The terminal, or a signal handler, does not work.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn terminal(error: std::io::Error) -> Failure {
    Failure::failed(format!("the terminal: {error}")).hint("b3lb-cli does the same without a dashboard")
}

fn from_terminal(event: TerminalEvent) -> Option<Event> {
    match event {
        TerminalEvent::Key(key) => Some(Event::Key(key)),
        TerminalEvent::Mouse(mouse) => Some(Event::Mouse(mouse)),
        TerminalEvent::Paste(text) => Some(Event::Paste(text)),
        TerminalEvent::Resize(width, height) => Some(Event::Resize(width, height)),
        TerminalEvent::FocusGained | TerminalEvent::FocusLost => None,
    }
}

fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX)
}

/// A signal to the process.
enum Wake {
    /// Terminate; the number of the signal.
    Signal(u8),
    /// Resumed after a stop.
    Continued,
}

struct Signals {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
    go_on: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        let go_on = SignalKind::from_raw(nix::sys::signal::Signal::SIGCONT as i32);
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            go_on: signal(go_on)?,
        })
    }

    async fn next(&mut self) -> Wake {
        tokio::select! {
            _ = self.terminate.recv() => Wake::Signal(15),
            _ = self.hang_up.recv() => Wake::Signal(1),
            _ = self.interrupt.recv() => Wake::Signal(2),
            _ = self.go_on.recv() => Wake::Continued,
        }
    }
}
