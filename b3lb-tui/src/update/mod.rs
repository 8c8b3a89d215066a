//! Changes the state: an event goes in, commands come out. Pure: no I/O and no clock.

mod act;
mod mouse;
mod refresh;

use std::time::Duration;

use ratatui::crossterm::event::{Event as TerminalEvent, KeyEvent, KeyEventKind};
use rpc::WatchAnswer;
use tui_input::backend::crossterm::EventHandler as _;
use tui_input::{Input, InputRequest};

pub use self::refresh::refresh;

use crate::keys;
use crate::message::{Call, Command, Event, Refusal, Reply};
use crate::screens;
use crate::state::State;
use crate::state::dialog::{Dialog, Keys};
use crate::state::drain;
use crate::state::link::Phase;
use crate::text::clean;
use crate::view::layout;

/// Greatest length of an input, in characters.
const LONGEST_INPUT: usize = 200;

/// Applies an event to the state. Returns the commands for the edge.
pub fn update(state: &mut State, event: Event) -> Vec<Command> {
    let mut commands = Vec::new();
    match event {
        Event::Clock(now) => {
            state.now = state.now.max(now);
            state.drop_old_note();
        }
        Event::Key(key) if key.kind == KeyEventKind::Release => {}
        Event::Key(key) => commands = pressed(state, &key),
        Event::Mouse(mouse) => commands = mouse::handle(state, mouse),
        Event::Paste(text) => paste(state, &text),
        Event::Resize(width, height) => state.size = (width, height).into(),
        Event::Connecting(attempt) => state.link.phase = Phase::Connecting(attempt),
        Event::Connected { hello, place } => {
            if state.link.lost_at.is_some() {
                state.notify("the daemon is back");
            }
            state.link.connected(hello, place);
            state.details.reconnected();
            state.pool.reconnected();
        }
        Event::Lost { reason, tries, retry_in } => lost(state, &reason, tries, retry_in),
        Event::Watched(answer) => watched(state, *answer),
        Event::Answered(call, answer) => commands = answered(state, &call, answer),
    }
    commands.extend(watch_what_is_needed(state));
    commands.extend(fetch_details(state));
    commands.extend(fetch_pool(state));
    commands
}

fn lost(state: &mut State, reason: &str, tries: u32, retry_in: Duration) {
    let retry_in = i64::try_from(retry_in.as_millis()).unwrap_or(i64::MAX);
    state.link.lost(clean(reason), tries, state.now, state.now.saturating_add(retry_in));
}

fn watched(state: &mut State, answer: WatchAnswer) {
    let nodes = &state.snapshot.nodes;
    let number_of = |name: &str| nodes.iter().find(|(_, node)| node.name == name).map(|(number, _)| *number);
    state.details.follow(&answer.nodes.stats, number_of);
    state.snapshot.apply(answer, state.now);
    for node in drain::follow(&mut state.drains, &state.snapshot, state.now) {
        state.notify(format!("node {node} is drained: no meetings left"));
    }
}

fn answered(state: &mut State, call: &Call, answer: Result<Reply, Refusal>) -> Vec<Command> {
    state.details.answered(call, &answer, state.now);
    state.pool.answered(call, &answer, state.now);
    endpoints_answered(state, call, &answer);
    act::answered(state, call, answer)
}

/// Answers that arrive after the panel was closed are dropped, above all keys.
fn endpoints_answered(state: &mut State, call: &Call, answer: &Result<Reply, Refusal>) {
    let panels = state.dialogs.iter_mut().filter_map(|dialog| match dialog {
        Dialog::Endpoints(panel) => Some(panel),
        _ => None,
    });
    for panel in panels {
        match (call, answer) {
            (Call::Secrets(tenant), Ok(Reply::Secrets(secrets))) if *tenant == panel.tenant => {
                panel.secrets = Some(Ok(secrets.clone()));
            }
            (Call::Secrets(tenant), Err(refusal)) if *tenant == panel.tenant => {
                panel.secrets = Some(Err(refusal.clone()));
            }
            (Call::Keys(tenant), Ok(Reply::Keys(keys))) if *tenant == panel.tenant => {
                panel.keys = Keys::Revealed(keys.clone());
            }
            (Call::Keys(tenant), Err(refusal)) if *tenant == panel.tenant => {
                panel.keys = Keys::Refused(refusal.clone());
            }
            _ => {}
        }
    }
}

/// Starts or stops the watch of meetings, depending on what is visible.
fn watch_what_is_needed(state: &mut State) -> Option<Command> {
    let needed = screens::needs_meetings(state);
    if needed == state.watches_meetings {
        return None;
    }
    state.watches_meetings = needed;
    if !needed {
        state.snapshot.mark_meetings_stale();
    }
    Some(Command::WatchMeetings(needed))
}

/// Fetches what the visible details need beyond the snapshot.
fn fetch_details(state: &mut State) -> Option<Command> {
    if !state.pane_is_open() || !state.link.is_up() {
        return None;
    }
    let subject = screens::current(state).subject(state.selected()?)?;
    state.details.fetch(subject, state.now).map(Command::Call)
}

/// Fetches the pool over time while it is visible.
fn fetch_pool(state: &mut State) -> Option<Command> {
    if !state.list().is_below_picture() || !state.link.is_up() {
        return None;
    }
    state.pool.fetch(state.now).map(Command::Call)
}

fn pressed(state: &mut State, key: &KeyEvent) -> Vec<Command> {
    if layout::areas(state).is_none() {
        // What is invisible must not be changed, but the program can be left.
        return match keys::action(screens::context(state), key) {
            Some(keys::Action::Quit) => vec![Command::Quit],
            Some(keys::Action::Suspend) => vec![Command::Suspend],
            _ => Vec::new(),
        };
    }
    refresh(state);
    match keys::action(screens::context(state), key) {
        Some(action) => act::run(state, action, key),
        None => {
            type_key(state, key);
            Vec::new()
        }
    }
}

fn type_key(state: &mut State, key: &KeyEvent) {
    type_into(state, |input| {
        input.handle_event(&TerminalEvent::Key(*key));
    });
}

fn paste(state: &mut State, text: &str) {
    let text = clean(text);
    type_into(state, |input| {
        for c in text.chars().take(LONGEST_INPUT) {
            input.handle(InputRequest::InsertChar(c));
        }
    });
}

/// Edits the input that is open, if any.
fn type_into(state: &mut State, change: impl FnOnce(&mut Input)) {
    let short_enough = |input: &Input| input.value().chars().count() <= LONGEST_INPUT;
    if let Some(dialog) = state.dialogs.last_mut() {
        if let Dialog::Confirm(confirm) = dialog
            && let Some(input) = &mut confirm.typed
        {
            let before = input.clone();
            change(input);
            if !short_enough(input) {
                *input = before;
            }
        }
        return;
    }
    let Some(mut input) = state.typing.clone() else { return };
    change(&mut input);
    if short_enough(&input) {
        state.list_mut().filter_by(input.value());
        state.typing = Some(input);
    }
}
