//! A dashboard without terminal and daemon: tests feed it events, and read frames as text.

use b3lb_tui::edge::frame::frame_text;
use b3lb_tui::message::{Call, Command, Event, Reply};
use b3lb_tui::screens;
use b3lb_tui::state::State;
use b3lb_tui::theme::{Glyphs, Look, Theme, ThemeName};
use b3lb_tui::update::{refresh, update};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use crate::world::{self, Size};

/// The sizes of the snapshots.
pub(crate) const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

const PLACE: &str = "unix:/run/b3lb/admin.sock";

/// The dashboard, and the commands that were not carried out yet.
pub(crate) struct Stage {
    pub(crate) state: State,
    pub(crate) commands: Vec<Command>,
}

impl Stage {
    /// A dashboard that is not connected yet.
    pub(crate) fn empty(size: (u16, u16), tab: &str) -> Self {
        let tab = screens::named(tab).unwrap();
        Self { state: screens::start(Look::default(), PLACE, size, tab), commands: Vec::new() }
    }

    /// A dashboard that is connected and received the snapshot of an installation two seconds ago.
    pub(crate) fn with(installation: Size, size: (u16, u16), tab: &str) -> Self {
        let mut stage = Self::empty(size, tab);
        stage.event(Event::Clock(10_000));
        stage.event(Event::Connected { hello: world::hello(), place: PLACE.into() });
        stage.event(Event::Watched(Box::new(world::snapshot(installation))));
        stage.later(2_000);
        stage
    }

    /// Without colours, in ASCII.
    pub(crate) fn plain(mut self) -> Self {
        self.state.look = Look { theme: Theme::named(ThemeName::Mono), glyphs: Glyphs::ASCII, utf8: false };
        self
    }

    /// Applies an event.
    pub(crate) fn event(&mut self, event: Event) {
        let commands = update(&mut self.state, event);
        self.commands.extend(commands);
        refresh(&mut self.state);
        let commands = update(&mut self.state, Event::Clock(0));
        self.commands.extend(commands);
    }

    /// Advances the clock by some milliseconds.
    pub(crate) fn later(&mut self, millis: i64) {
        self.event(Event::Clock(self.state.now + millis));
    }

    /// Presses keys: characters, or names in angle brackets, such as `<Enter>`.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        let mut rest = keys;
        while let Some(first) = rest.chars().next() {
            let (code, length) = match rest.strip_prefix('<').and_then(|it| it.split_once('>')) {
                Some((name, _)) if named(name).is_some() => (named(name).unwrap(), name.len() + 2),
                _ => (KeyCode::Char(first), first.len_utf8()),
            };
            self.event(Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
            rest = &rest[length..];
        }
        self
    }

    /// Presses the left button.
    pub(crate) fn click(&mut self, column: u16, row: u16) {
        self.mouse(MouseEventKind::Down(MouseButton::Left), column, row);
    }

    /// Applies a mouse event.
    pub(crate) fn mouse(&mut self, kind: MouseEventKind, column: u16, row: u16) {
        self.event(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    }

    /// Title of the tab in front.
    pub(crate) fn tab(&self) -> &'static str {
        screens::current(&self.state).title()
    }

    /// The calls without an answer.
    pub(crate) fn calls(&self) -> Vec<Call> {
        let call = |it: &Command| if let Command::Call(call) = it { Some(call.clone()) } else { None };
        self.commands.iter().filter_map(call).collect()
    }

    /// Answers all calls with success.
    pub(crate) fn answer(&mut self) -> &mut Self {
        while let Some(at) = self.commands.iter().position(|it| matches!(it, Command::Call(_))) {
            let Command::Call(call) = self.commands.remove(at) else { continue };
            let reply = match &call {
                Call::PoolHistory => Reply::PoolHistory(Box::new(world::pool_history())),
                Call::NodeDetails(name) => {
                    let node = (0..12).find(|it| world::node_name(*it) == *name).unwrap();
                    Reply::Details(Box::new(world::details(node)))
                }
                Call::NodeCheck(name) => Reply::Check(world::check(name)),
                Call::Maintenance { .. } | Call::Drain(..) | Call::MeetingEnd { .. } => Reply::Done,
                Call::Secrets(tenant) => Reply::Secrets(world::secrets(tenant)),
                Call::Keys(tenant) => Reply::Keys(world::keys(tenant)),
            };
            self.event(Event::Answered(call, Ok(reply)));
        }
        self
    }

    /// The frame as text.
    pub(crate) fn frame(&mut self) -> String {
        frame_text(&mut self.state)
    }
}

fn named(name: &str) -> Option<KeyCode> {
    Some(match name {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Tab" => KeyCode::Tab,
        "BackTab" => KeyCode::BackTab,
        "Up" => KeyCode::Up,
        "Down" => KeyCode::Down,
        "Home" => KeyCode::Home,
        "End" => KeyCode::End,
        "PgDn" => KeyCode::PageDown,
        "PgUp" => KeyCode::PageUp,
        _ => return None,
    })
}
