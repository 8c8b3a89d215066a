//! Every key of the dashboard, defined once: dispatch, footer, help and documentation all come from this table.

mod bindings;

use std::fmt::Write as _;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

pub use bindings::BINDINGS;
use bindings::LISTS;

/// Where a key is pressed: the tab in front, or what lies over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// The list of nodes.
    Nodes,
    /// The list of meetings.
    Meetings,
    /// The list of tenants.
    Tenants,
    /// The list of clusters.
    Clusters,
    /// The list of events.
    Events,
    /// The filter is being typed.
    Filter,
    /// A question with two buttons.
    Confirm,
    /// A question that wants a word typed.
    Typed,
    /// A panel that shows results.
    Panel,
    /// A panel with a tenant's endpoints.
    Endpoints,
    /// The help.
    Help,
}

impl Context {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Nodes,
        Self::Meetings,
        Self::Tenants,
        Self::Clusters,
        Self::Events,
        Self::Filter,
        Self::Confirm,
        Self::Typed,
        Self::Panel,
        Self::Endpoints,
        Self::Help,
    ];

    /// Its name in the documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nodes => "Nodes",
            Self::Meetings => "Meetings",
            Self::Tenants => "Tenants",
            Self::Clusters => "Clusters",
            Self::Events => "Events",
            Self::Filter => "filter",
            Self::Confirm => "question",
            Self::Typed => "typed question",
            Self::Panel => "panel",
            Self::Endpoints => "endpoints",
            Self::Help => "help",
        }
    }
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Ends the program.
    Quit,
    /// Stops the program until the shell brings it back.
    Suspend,
    /// Draws everything anew.
    Redraw,
    /// Tries the daemon now rather than after the wait.
    Reconnect,
    /// Opens the help.
    Help,
    /// The tab of the digit that was pressed.
    ChooseTab,
    /// The tab to the right.
    NextTab,
    /// The tab to the left.
    PreviousTab,
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
    /// To the first line.
    First,
    /// To the last line.
    Last,
    /// Opens or closes the details.
    Details,
    /// Scrolls the details up.
    PaneUp,
    /// Scrolls the details down.
    PaneDown,
    /// Begins to type a filter.
    Filter,
    /// Keeps the filter.
    Accept,
    /// Closes, clears or leaves whatever is in front.
    Back,
    /// Sorts by the column to the left.
    SortLeft,
    /// Sorts by the column to the right.
    SortRight,
    /// Turns the order round.
    Reverse,
    /// Marks the line, or no longer.
    Mark,
    /// Marks all lines, or none.
    MarkAll,
    /// Puts nodes into maintenance.
    MaintenanceOn,
    /// Takes nodes out of maintenance.
    MaintenanceOff,
    /// Puts nodes into maintenance and follows them until they are empty.
    Drain,
    /// Examines nodes.
    Check,
    /// Ends meetings.
    EndMeeting,
    /// Shows a tenant's endpoints.
    Endpoints,
    /// Shows the keys of these endpoints.
    Reveal,
    /// The meetings of what is selected, or the nodes of a cluster.
    Visit,
    /// The node of a meeting.
    VisitNode,
    /// The other button.
    OtherButton,
    /// The focused button.
    Press,
}

/// A key with or without ctrl.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    code: KeyCode,
    ctrl: bool,
}

impl Chord {
    /// Whether this is the key that was pressed; shift is part of the character.
    fn is(self, key: &KeyEvent) -> bool {
        key.code == self.code
            && key.modifiers.contains(KeyModifiers::CONTROL) == self.ctrl
            && !key.modifiers.contains(KeyModifiers::ALT)
    }
}

const fn plain(code: KeyCode) -> Chord {
    Chord { code, ctrl: false }
}

const fn letter(c: char) -> Chord {
    plain(KeyCode::Char(c))
}

const fn ctrl(c: char) -> Chord {
    Chord { code: KeyCode::Char(c), ctrl: true }
}

/// A line of the table.
#[derive(Debug)]
pub struct Binding {
    /// The keys.
    pub chords: &'static [Chord],
    /// The keys as people read them.
    pub label: &'static str,
    /// What they do.
    pub action: Action,
    /// Where.
    pub contexts: &'static [Context],
    /// A word or two for the footer; empty if it is not shown there.
    pub hint: &'static str,
    /// A line for the help.
    pub help: &'static str,
}

/// What a key does in a context.
pub fn action(context: Context, key: &KeyEvent) -> Option<Action> {
    let pressed =
        |it: &&Binding| it.contexts.contains(&context) && it.chords.iter().any(|chord| chord.is(key));
    BINDINGS.iter().find(pressed).map(|it| it.action)
}

/// The lines of a context.
pub fn of(context: Context) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |it| it.contexts.contains(&context))
}

/// The table as Markdown.
pub fn markdown() -> String {
    let mut text = "| key | where | what it does |\n|---|---|---|\n".to_owned();
    for binding in BINDINGS {
        let places = match binding.contexts.len() {
            all if all == Context::ALL.len() => "everywhere".to_owned(),
            _ if LISTS.iter().all(|it| binding.contexts.contains(it)) => {
                let more = binding.contexts.iter().filter(|it| !LISTS.contains(it));
                std::iter::once("every tab").chain(more.map(|it| it.name())).collect::<Vec<_>>().join(", ")
            }
            _ => binding.contexts.iter().map(|it| it.name()).collect::<Vec<_>>().join(", "),
        };
        let _ = writeln!(text, "| `{}` | {places} | {} |", binding.label, binding.help);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_does_two_things_in_a_context() {
        for context in Context::ALL {
            let mut seen = std::collections::HashSet::new();
            for chord in of(*context).flat_map(|it| it.chords) {
                assert!(seen.insert(chord), "{chord:?} twice in {context:?}");
            }
        }
    }

    #[test]
    fn every_line_is_complete() {
        for binding in BINDINGS {
            assert!(!binding.chords.is_empty() && !binding.contexts.is_empty(), "{binding:?}");
            assert!(!binding.label.is_empty() && !binding.help.is_empty(), "{binding:?}");
        }
    }

    #[test]
    fn every_context_can_be_left() {
        for context in Context::ALL {
            let leaves = |it: &Binding| matches!(it.action, Action::Back | Action::Quit);
            assert!(of(*context).filter(|it| leaves(it)).count() >= 2, "{context:?}");
        }
    }

    #[test]
    fn ctrl_and_plain_are_two_keys() {
        let key = |c, modifiers| KeyEvent::new(KeyCode::Char(c), modifiers);
        assert_eq!(action(Context::Nodes, &key('r', KeyModifiers::NONE)), Some(Action::Reverse));
        assert_eq!(action(Context::Nodes, &key('r', KeyModifiers::CONTROL)), Some(Action::Reconnect));
        assert_eq!(action(Context::Nodes, &key('M', KeyModifiers::SHIFT)), Some(Action::MaintenanceOff));
        assert_eq!(action(Context::Nodes, &key('m', KeyModifiers::ALT)), None);
        assert_eq!(action(Context::Filter, &key('q', KeyModifiers::NONE)), None);
    }
}
