//! What a key binding is: keys, an action, and the places where it applies.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Where a binding applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Every tab.
    EveryTab,
    /// The tabs that list the binding's action among their own.
    OfferingTabs,
    /// The filter input.
    Filter,
    /// A question with two buttons.
    Confirm,
    /// A question that requires a typed word.
    Typed,
    /// A panel with results.
    Panel,
    /// The panel with a tenant's endpoints.
    Endpoints,
    /// The help.
    Help,
}

impl Place {
    /// All tabs and everything that can cover one.
    pub const EVERYWHERE: &'static [Self] =
        &[Self::EveryTab, Self::Filter, Self::Confirm, Self::Typed, Self::Panel, Self::Endpoints, Self::Help];

    /// Its name in the documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EveryTab | Self::OfferingTabs => "every tab",
            Self::Filter => "filter",
            Self::Confirm => "question",
            Self::Typed => "typed question",
            Self::Panel => "panel",
            Self::Endpoints => "endpoints",
            Self::Help => "help",
        }
    }
}

/// A tab as the key table sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TabActions {
    /// Title of the tab.
    pub title: &'static str,
    /// What the tab offers in addition to the actions of every tab.
    pub actions: &'static [Action],
}

/// What decides which bindings apply: the tab in front, or what covers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// A tab.
    Tab(TabActions),
    /// Something over the tab.
    Over(Place),
}

impl Context {
    /// Its name in the documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tab(tab) => tab.title,
            Self::Over(place) => place.name(),
        }
    }

    /// Whether `binding` applies here.
    pub(super) fn has(self, binding: &Binding) -> bool {
        match self {
            Self::Tab(tab) => {
                let offered = binding.places.contains(&Place::OfferingTabs);
                binding.places.contains(&Place::EveryTab) || offered && tab.actions.contains(&binding.action)
            }
            Self::Over(place) => binding.places.contains(&place),
        }
    }
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Ends the program.
    Quit,
    /// Suspends the program, as ctrl-z does elsewhere.
    Suspend,
    /// Redraws the whole screen.
    Redraw,
    /// Reconnects now instead of after the back-off.
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
    /// Opens the filter input.
    Filter,
    /// Keeps the filter.
    Accept,
    /// Closes the topmost dialog, filter or pane.
    Back,
    /// Sorts by the column to the left.
    SortLeft,
    /// Sorts by the column to the right.
    SortRight,
    /// Reverses the order.
    Reverse,
    /// Marks or unmarks the row.
    Mark,
    /// Marks all rows, or unmarks them.
    MarkAll,
    /// Puts nodes into maintenance.
    MaintenanceOn,
    /// Takes nodes out of maintenance.
    MaintenanceOff,
    /// Puts nodes into maintenance and tracks them until they are empty.
    Drain,
    /// Takes the last operation back.
    Undo,
    /// Checks nodes.
    Check,
    /// Ends meetings.
    EndMeeting,
    /// Shows a tenant's endpoints.
    Endpoints,
    /// Shows the secret keys of the endpoints.
    Reveal,
    /// Goes to the meetings of the selected row.
    VisitMeetings,
    /// Goes to the nodes of the selected row.
    VisitNodes,
    /// Goes to the node of the selected meeting.
    VisitNode,
    /// Focuses the other button.
    OtherButton,
    /// Presses the focused button.
    Press,
}

/// A key, with or without ctrl.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    code: KeyCode,
    ctrl: bool,
}

impl Chord {
    /// Whether `key` is this chord. Shift is part of the character.
    pub(super) fn is(self, key: &KeyEvent) -> bool {
        key.code == self.code
            && key.modifiers.contains(KeyModifiers::CONTROL) == self.ctrl
            && !key.modifiers.contains(KeyModifiers::ALT)
    }
}

pub(super) const fn plain(code: KeyCode) -> Chord {
    Chord { code, ctrl: false }
}

pub(super) const fn letter(c: char) -> Chord {
    plain(KeyCode::Char(c))
}

pub(super) const fn ctrl(c: char) -> Chord {
    Chord { code: KeyCode::Char(c), ctrl: true }
}

/// A line of the key table.
#[derive(Debug)]
pub struct Binding {
    /// The keys; any of them triggers the action.
    pub chords: &'static [Chord],
    /// The keys as people read them.
    pub label: &'static str,
    /// What they do.
    pub action: Action,
    /// Where they apply.
    pub places: &'static [Place],
    /// A word or two for the footer; empty if the footer leaves the binding out.
    pub hint: &'static str,
    /// A line for the help.
    pub help: &'static str,
}
