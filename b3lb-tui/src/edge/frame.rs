//! `--snapshot`: one frame as text, for scripts and for the documentation.

use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use rpc_client::Failure;
use tokio::time::{Instant, timeout_at};
use unicode_width::UnicodeWidthStr as _;

use super::args::Settings;
use super::conn::{Conn, caller};
use crate::message::{Command, Event};
use crate::screens;
use crate::state::State;
use crate::update::{refresh, update};
use crate::view::render;

/// Time-out for the complete snapshot.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Waits for a complete snapshot of the daemon and renders one frame of it.
pub async fn take(settings: &Settings, size: (u16, u16)) -> Result<String, Failure> {
    let caller = caller(settings.read_only);
    let first = rpc_client::connect(&settings.target, caller.clone(), false).await?;
    let mut conn = Conn::start(settings.target.clone(), caller, Some(first));
    let mut state = screens::start(settings.look, &settings.target.to_string(), size, settings.tab);
    state.read_only = settings.read_only;
    let mut unanswered = 0_usize;
    let end = Instant::now() + TIMEOUT;
    while !is_complete(&state) || unanswered > 0 {
        let event = timeout_at(end, conn.next()).await.map_err(|_| {
            let seconds = TIMEOUT.as_secs();
            Failure::timed_out(format!("the daemon did not send everything within {seconds} s"))
                .hint("see the log of b3lbd")
        })?;
        match event {
            Some(Event::Lost { reason, .. }) => return Err(lost(reason)),
            None => return Err(lost("the connection broke")),
            Some(event) => {
                unanswered -= usize::from(matches!(event, Event::Answered(..)));
                let commands = update(&mut state, event);
                // The selection, and with it what to fetch, depends on the list.
                refresh(&mut state);
                let asked = update(&mut state, Event::Clock(0));
                for command in commands.into_iter().chain(asked) {
                    unanswered += usize::from(matches!(command, Command::Call(_)));
                    conn.send(command);
                }
            }
        }
    }
    Ok(frame_text(&mut state))
}

fn lost(reason: impl Into<String>) -> Failure {
    Failure::unreachable(reason).hint("see the log of b3lbd")
}

fn is_complete(state: &State) -> bool {
    let snapshot = &state.snapshot;
    let meetings = snapshot.meetings_complete || !screens::needs_meetings(state);
    snapshot.totals.is_some() && snapshot.complete && meetings
}

/// Renders the state as text, without trailing spaces.
pub fn frame_text(state: &mut State) -> String {
    refresh(state);
    // A terminal in memory cannot fail.
    let Ok(mut terminal) = Terminal::new(TestBackend::new(state.size.width, state.size.height));
    let Ok(frame) = terminal.draw(|frame| render(state, frame));
    text(frame.buffer)
}

fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut line = String::new();
        let mut x = buffer.area.left();
        while x < buffer.area.right() {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            // Skip the cells that a wide character covers.
            x += u16::try_from(symbol.width()).unwrap_or(1).max(1);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
