//! Turns the wheel: events into the state, commands out of it, a frame when something changed.

use std::io::{IsTerminal as _, Write as _, stderr, stdin, stdout};
use std::process::ExitCode;
use std::time::Duration;

use futures::StreamExt as _;
use ratatui::crossterm::event::{Event as TerminalEvent, EventStream};
use rpc::client;
use rpc::{Target, client::Connection};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use crate::args::Settings;
use crate::conn::{Conn, program};
use crate::exit::Failure;
use crate::message::{Command, Event};
use crate::model::Millis;
use crate::render::render;
use crate::state::State;
use crate::term::Term;
use crate::update::update;

/// Least time between two frames.
const FRAME: Duration = Duration::from_millis(33);

/// Runs the dashboard until the operator leaves, or a signal ends it.
pub async fn run(settings: Settings) -> Result<ExitCode, Failure> {
    if !stdout().is_terminal() {
        let hint = "b3lb-cli has all of it for scripts; b3lb-tui --snapshot prints one frame";
        return Err(Failure::new("standard output is not a terminal", hint));
    }
    let first = log_in(&settings.target).await;
    let mut conn = Conn::start(settings.target.clone(), first);
    let mut signals = Signals::new()?;
    let mut term = Term::enter(settings.mouse)?;
    let size = term.size()?;
    let mut state =
        State::new(settings.look, &settings.target.to_string(), (size.width, size.height), settings.tab);
    turn(&mut state, &mut term, &mut conn, &mut signals).await
}

/// On another machine, ssh may want a password: it has the terminal to itself for the first try.
async fn log_in(target: &Target) -> Option<Connection> {
    if !matches!(target, Target::Ssh(_)) || !stdin().is_terminal() {
        return None;
    }
    let _ = writeln!(stderr(), "connecting to {target}");
    // If it fails, the dashboard says why and goes on trying.
    client::connect(target, &program(), true).await.ok()
}

async fn turn(
    state: &mut State,
    term: &mut Term,
    conn: &mut Conn,
    signals: &mut Signals,
) -> Result<ExitCode, Failure> {
    let started = Instant::now();
    let mut input = EventStream::new();
    let mut clock = interval(Duration::from_secs(1));
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    // When the next frame is due; none while nothing changed.
    let mut due = Some(started);
    let mut drawn = started;
    loop {
        conn.flush();
        let event = tokio::select! {
            biased;
            end = signals.next() => match end {
                End::Signal(number) => return Ok(ExitCode::from(128 + number)),
                End::Continued => {
                    term.resume()?;
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
                Some(Err(error)) => return Err(error.into()),
                None => return Err(Failure::new("the terminal is gone", "b3lb-tui needs one")),
            },
            event = conn.next() => match event {
                Some(event) => Some(event),
                None => return Err(Failure::new("the connection broke in an unforeseen way", "start it again")),
            },
            _ = clock.tick() => None,
        };
        let clock = Event::Clock(millis(started.elapsed()));
        for event in std::iter::once(clock).chain(event) {
            for command in update(state, event) {
                match command {
                    Command::Quit => return Ok(ExitCode::SUCCESS),
                    Command::Suspend => term.suspend()?,
                    Command::Redraw => term.clear()?,
                    command => conn.send(command),
                }
            }
        }
        due = due.or(Some(Instant::now().max(drawn + FRAME)));
    }
}

fn draw(state: &mut State, term: &mut Term, conn: &mut Conn) -> Result<(), Failure> {
    let size = term.size()?;
    if size != state.size {
        for command in update(state, Event::Resize(size.width, size.height)) {
            conn.send(command);
        }
    }
    state.refresh();
    term.draw(|frame| render(state, frame))?;
    Ok(())
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

/// What the system says to the process.
enum End {
    /// It shall end, by the signal of that number.
    Signal(u8),
    /// It was stopped, and goes on.
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

    async fn next(&mut self) -> End {
        tokio::select! {
            _ = self.terminate.recv() => End::Signal(15),
            _ = self.hang_up.recv() => End::Signal(1),
            _ = self.interrupt.recv() => End::Signal(2),
            _ = self.go_on.recv() => End::Continued,
        }
    }
}
