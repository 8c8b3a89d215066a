//! `--snapshot`: one frame as text, for scripts and for the documentation.

use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use rpc::client;
use tokio::time::{Instant, timeout_at};
use unicode_width::UnicodeWidthStr as _;

use crate::args::Settings;
use crate::conn::{Conn, program};
use crate::exit::Failure;
use crate::message::{Command, Event};
use crate::render::render;
use crate::state::State;
use crate::update::update;

/// How long the daemon may take to tell the whole picture.
const PATIENCE: Duration = Duration::from_mins(1);

/// One frame of the daemon's picture, once that is complete.
pub async fn take(settings: &Settings, size: (u16, u16)) -> Result<String, Failure> {
    let first = client::connect(&settings.target, &program(), false).await?;
    let mut conn = Conn::start(settings.target.clone(), Some(first));
    let mut state = State::new(settings.look, &settings.target.to_string(), size, settings.tab);
    let mut unanswered = 0_usize;
    let end = Instant::now() + PATIENCE;
    while !is_complete(&state) || unanswered > 0 {
        let event = timeout_at(end, conn.next()).await.map_err(|_| {
            Failure::timed_out(format!(
                "the daemon did not tell the whole picture within {} s",
                PATIENCE.as_secs()
            ))
        })?;
        match event {
            Some(Event::Lost { reason, .. }) => return Err(Failure::unreachable(reason)),
            None => return Err(Failure::unreachable("the connection broke")),
            Some(event) => {
                unanswered -= usize::from(matches!(event, Event::Answered(..)));
                let commands = update(&mut state, event);
                // What is selected, and so what must be asked of it, is known only once the list is made.
                state.refresh();
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

fn is_complete(state: &State) -> bool {
    let picture = &state.picture;
    picture.totals.is_some() && picture.complete && (picture.meetings_complete || !state.needs_meetings())
}

/// A frame of the state as text, without spaces at the ends of lines.
pub fn frame_text(state: &mut State) -> String {
    state.refresh();
    // Neither making nor drawing a terminal in memory can fail.
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
            // The cells under a wide character are empty.
            x += u16::try_from(symbol.width()).unwrap_or(1).max(1);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
