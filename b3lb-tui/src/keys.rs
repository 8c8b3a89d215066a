//! Every key of the dashboard, defined once: dispatch, footer, help and README all come from this table.

use std::fmt::Write as _;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

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

use Context::{Clusters, Confirm, Endpoints, Events, Help, Meetings, Nodes, Panel, Tenants, Typed};

const LISTS: &[Context] = &[Nodes, Meetings, Tenants, Clusters, Events];
const SCROLLED: &[Context] = &[Nodes, Meetings, Tenants, Clusters, Events, Panel, Endpoints, Help];
const CLOSED_BY_Q: &[Context] = &[Panel, Endpoints, Help];

/// The table. What is first in a context stands first in its footer.
pub const BINDINGS: &[Binding] = &[
    Binding {
        chords: &[letter('s')],
        label: "s",
        action: Action::Reveal,
        contexts: &[Endpoints],
        hint: "show keys",
        help: "show the secret keys until the panel closes",
    },
    Binding {
        chords: &[plain(KeyCode::Enter)],
        label: "Enter",
        action: Action::Press,
        contexts: &[Confirm, Typed],
        hint: "press",
        help: "press the focused button",
    },
    Binding {
        chords: &[
            plain(KeyCode::Tab),
            plain(KeyCode::BackTab),
            plain(KeyCode::Left),
            plain(KeyCode::Right),
            letter('h'),
            letter('l'),
        ],
        label: "Tab/Left/Right",
        action: Action::OtherButton,
        contexts: &[Confirm],
        hint: "other button",
        help: "focus the other button",
    },
    Binding {
        chords: &[plain(KeyCode::Enter)],
        label: "Enter",
        action: Action::Accept,
        contexts: &[Context::Filter],
        hint: "keep",
        help: "keep the filter",
    },
    Binding {
        chords: &[plain(KeyCode::Enter)],
        label: "Enter",
        action: Action::Details,
        contexts: LISTS,
        hint: "details",
        help: "open or close the details",
    },
    Binding {
        chords: &[letter('/')],
        label: "/",
        action: Action::Filter,
        contexts: LISTS,
        hint: "filter",
        help: "filter: all words must match, !words must not",
    },
    Binding {
        chords: &[letter('m')],
        label: "m",
        action: Action::MaintenanceOn,
        contexts: &[Nodes],
        hint: "maintenance",
        help: "maintenance on, for the line or all marked ones",
    },
    Binding {
        chords: &[letter('M')],
        label: "M",
        action: Action::MaintenanceOff,
        contexts: &[Nodes],
        hint: "off",
        help: "maintenance off, for the line or all marked ones",
    },
    Binding {
        chords: &[letter('D')],
        label: "D",
        action: Action::Drain,
        contexts: &[Nodes],
        hint: "drain",
        help: "maintenance on, and follow until the last meeting has ended",
    },
    Binding {
        chords: &[letter('c')],
        label: "c",
        action: Action::Check,
        contexts: &[Nodes],
        hint: "check",
        help: "examine the line, or all marked ones, on the spot",
    },
    Binding {
        chords: &[letter('x')],
        label: "x",
        action: Action::EndMeeting,
        contexts: &[Meetings],
        hint: "end",
        help: "end the meeting, or all marked ones",
    },
    Binding {
        chords: &[letter('n')],
        label: "n",
        action: Action::VisitNode,
        contexts: &[Meetings],
        hint: "node",
        help: "go to the meeting's node",
    },
    Binding {
        chords: &[letter('e')],
        label: "e",
        action: Action::Endpoints,
        contexts: &[Tenants],
        hint: "endpoints",
        help: "the tenant's endpoints, and on a second key their secret keys",
    },
    Binding {
        chords: &[letter('v')],
        label: "v",
        action: Action::Visit,
        contexts: &[Nodes, Tenants],
        hint: "its meetings",
        help: "go to the meetings of the node or tenant",
    },
    Binding {
        chords: &[letter('v')],
        label: "v",
        action: Action::Visit,
        contexts: &[Clusters],
        hint: "its nodes",
        help: "go to the nodes of the cluster",
    },
    Binding {
        chords: &[letter(' ')],
        label: "Space",
        action: Action::Mark,
        contexts: &[Nodes, Meetings],
        hint: "mark",
        help: "mark the line, or no longer",
    },
    Binding {
        chords: &[letter('*')],
        label: "*",
        action: Action::MarkAll,
        contexts: &[Nodes, Meetings],
        hint: "",
        help: "mark all lines that the filter shows, or none",
    },
    Binding {
        chords: &[letter('>')],
        label: ">",
        action: Action::SortRight,
        contexts: LISTS,
        hint: "sort",
        help: "sort by the next column",
    },
    Binding {
        chords: &[letter('<')],
        label: "<",
        action: Action::SortLeft,
        contexts: LISTS,
        hint: "",
        help: "sort by the column before",
    },
    Binding {
        chords: &[letter('r')],
        label: "r",
        action: Action::Reverse,
        contexts: LISTS,
        hint: "reverse",
        help: "turn the order round",
    },
    Binding {
        chords: &[plain(KeyCode::Up), letter('k')],
        label: "Up/k",
        action: Action::Up,
        contexts: SCROLLED,
        hint: "",
        help: "one line up",
    },
    Binding {
        chords: &[plain(KeyCode::Down), letter('j')],
        label: "Down/j",
        action: Action::Down,
        contexts: SCROLLED,
        hint: "",
        help: "one line down",
    },
    Binding {
        chords: &[plain(KeyCode::PageUp)],
        label: "PgUp",
        action: Action::PageUp,
        contexts: SCROLLED,
        hint: "",
        help: "one page up",
    },
    Binding {
        chords: &[plain(KeyCode::PageDown)],
        label: "PgDn",
        action: Action::PageDown,
        contexts: SCROLLED,
        hint: "",
        help: "one page down",
    },
    Binding {
        chords: &[plain(KeyCode::Home), letter('g')],
        label: "Home/g",
        action: Action::First,
        contexts: SCROLLED,
        hint: "",
        help: "to the first line",
    },
    Binding {
        chords: &[plain(KeyCode::End), letter('G')],
        label: "End/G",
        action: Action::Last,
        contexts: SCROLLED,
        hint: "",
        help: "to the last line",
    },
    Binding {
        chords: &[letter('[')],
        label: "[",
        action: Action::PaneUp,
        contexts: LISTS,
        hint: "",
        help: "scroll the details up",
    },
    Binding {
        chords: &[letter(']')],
        label: "]",
        action: Action::PaneDown,
        contexts: LISTS,
        hint: "",
        help: "scroll the details down",
    },
    Binding {
        chords: &[letter('1'), letter('2'), letter('3'), letter('4'), letter('5')],
        label: "1-5",
        action: Action::ChooseTab,
        contexts: LISTS,
        hint: "",
        help: "the tab of that number",
    },
    Binding {
        chords: &[plain(KeyCode::Tab), plain(KeyCode::Right)],
        label: "Tab/Right",
        action: Action::NextTab,
        contexts: LISTS,
        hint: "next tab",
        help: "the next tab",
    },
    Binding {
        chords: &[plain(KeyCode::BackTab), plain(KeyCode::Left)],
        label: "Shift-Tab/Left",
        action: Action::PreviousTab,
        contexts: LISTS,
        hint: "",
        help: "the tab before",
    },
    Binding {
        chords: &[letter('?'), plain(KeyCode::F(1))],
        label: "?/F1",
        action: Action::Help,
        contexts: &[Nodes, Meetings, Tenants, Clusters, Events, Panel, Endpoints, Confirm],
        hint: "help",
        help: "this help",
    },
    Binding {
        chords: &[plain(KeyCode::Esc)],
        label: "Esc",
        action: Action::Back,
        contexts: LISTS,
        hint: "",
        help: "close the details, else clear the filter, else drop the marks",
    },
    Binding {
        chords: &[plain(KeyCode::Esc)],
        label: "Esc",
        action: Action::Back,
        contexts: &[Context::Filter],
        hint: "clear",
        help: "clear the filter",
    },
    Binding {
        chords: &[plain(KeyCode::Esc)],
        label: "Esc",
        action: Action::Back,
        contexts: &[Confirm, Typed],
        hint: "cancel",
        help: "cancel",
    },
    Binding {
        chords: &[plain(KeyCode::Esc), plain(KeyCode::Enter), letter('q')],
        label: "Esc/Enter/q",
        action: Action::Back,
        contexts: CLOSED_BY_Q,
        hint: "close",
        help: "close the panel",
    },
    Binding {
        chords: &[ctrl('r')],
        label: "ctrl-r",
        action: Action::Reconnect,
        contexts: LISTS,
        hint: "",
        help: "try the daemon now, when it is lost",
    },
    Binding {
        chords: &[ctrl('l')],
        label: "ctrl-l",
        action: Action::Redraw,
        contexts: Context::ALL,
        hint: "",
        help: "draw the screen anew",
    },
    Binding {
        chords: &[ctrl('z')],
        label: "ctrl-z",
        action: Action::Suspend,
        contexts: Context::ALL,
        hint: "",
        help: "back to the shell until fg",
    },
    Binding {
        chords: &[letter('q')],
        label: "q",
        action: Action::Quit,
        contexts: LISTS,
        hint: "quit",
        help: "quit",
    },
    Binding {
        chords: &[ctrl('c')],
        label: "ctrl-c",
        action: Action::Quit,
        contexts: Context::ALL,
        hint: "",
        help: "quit, from anywhere",
    },
];

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
