//! The one place where the state changes: an event in, commands out; no I/O, no clock of its own.

mod act;
mod mouse;

use std::time::Duration;

use ratatui::crossterm::event::{Event as TerminalEvent, KeyEvent, KeyEventKind};
use rpc::WatchAnswer;
use tui_input::backend::crossterm::EventHandler as _;
use tui_input::{Input, InputRequest};

use crate::details;
use crate::dialogs::{Dialog, Keys};
use crate::drain;
use crate::keys;
use crate::layout;
use crate::message::{Call, Command, Event, Refusal, Reply};
use crate::state::State;
use crate::text::clean;

/// Longest text that can be typed or pasted.
const LONGEST_INPUT: usize = 200;

/// Takes an event into the state; what must be done outside because of it.
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
        Event::Connecting(attempt) => state.link.phase = crate::link::Phase::Connecting(attempt),
        Event::Connected { hello, place } => {
            if state.link.lost_at.is_some() {
                state.tell("the daemon is back");
            }
            state.link.connected(hello, place);
            state.story.reconnected();
        }
        Event::Lost { reason, tries, retry_in } => lost(state, &reason, tries, retry_in),
        Event::Watched(answer) => watched(state, *answer),
        Event::Answered(call, answer) => commands = answered(state, &call, answer),
    }
    commands.extend(watch_what_is_needed(state));
    commands.extend(details::ask(state));
    commands
}

fn lost(state: &mut State, reason: &str, tries: u32, retry_in: Duration) {
    let retry_in = i64::try_from(retry_in.as_millis()).unwrap_or(i64::MAX);
    state.link.lost(clean(reason), tries, state.now, state.now.saturating_add(retry_in));
}

fn watched(state: &mut State, answer: WatchAnswer) {
    let nodes = &state.picture.nodes;
    let number_of = |name: &str| nodes.iter().find(|(_, node)| node.name == name).map(|(number, _)| *number);
    state.story.follow(&answer.node_figures, number_of);
    state.picture.apply(answer, state.now);
    drain::follow(state);
}

fn answered(state: &mut State, call: &Call, answer: Result<Reply, Refusal>) -> Vec<Command> {
    state.story.answered(call, &answer, state.now);
    endpoints_answered(state, call, &answer);
    act::answered(state, call, answer)
}

/// An answer that comes after the panel was closed is dropped, keys above all.
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
                panel.keys = Keys::Shown(keys.clone());
            }
            (Call::Keys(tenant), Err(refusal)) if *tenant == panel.tenant => {
                panel.keys = Keys::Refused(refusal.clone());
            }
            _ => {}
        }
    }
}

fn watch_what_is_needed(state: &mut State) -> Option<Command> {
    let needed = state.needs_meetings();
    if needed == state.watches_meetings {
        return None;
    }
    state.watches_meetings = needed;
    if !needed {
        state.picture.meetings_go_stale();
    }
    Some(Command::WatchMeetings(needed))
}

fn pressed(state: &mut State, key: &KeyEvent) -> Vec<Command> {
    if layout::areas(state).is_none() {
        // What cannot be seen must not be worked with; but it can be left.
        return match keys::action(state.context(), key) {
            Some(keys::Action::Quit) => vec![Command::Quit],
            Some(keys::Action::Suspend) => vec![Command::Suspend],
            _ => Vec::new(),
        };
    }
    state.refresh();
    match keys::action(state.context(), key) {
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

/// Lets an input that is open change, and takes over what is in it then.
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
