//! The tabs: one file each, and one line in [`SCREENS`].

pub mod clusters;
pub mod column;
pub mod events;
pub mod meetings;
pub mod nodes;
pub mod pool;
pub mod screen;
pub mod tenants;

use std::collections::BTreeSet;

use self::screen::{AnyScreen, Screen};
use crate::keys::{self, Context, Place};
use crate::state::State;
use crate::state::dialog::Dialog;
use crate::theme::Look;

/// The tabs from left to right, numbered from 0.
pub const SCREENS: &[&dyn AnyScreen] = &[
    &pool::Pool,
    &nodes::Nodes,
    &meetings::Meetings,
    &tenants::Tenants,
    &clusters::Clusters,
    &events::Events,
];

/// The initial state of a dashboard that connects to `place`.
pub fn start(look: Look, place: &str, size: (u16, u16), tab: usize) -> State {
    State::new(look, place, size, SCREENS.iter().map(|it| it.list()).collect(), tab)
}

/// The tab in front.
pub fn current(state: &State) -> &'static dyn AnyScreen {
    SCREENS[state.tab]
}

/// The table of keys as Markdown.
pub fn key_table() -> String {
    let tabs: Vec<_> = SCREENS.iter().map(|it| it.actions()).collect();
    keys::markdown(&tabs)
}

/// Position of a tab.
pub fn position<S: Screen>() -> usize {
    named(S::TITLE).unwrap_or_default()
}

/// Position of the tab with this title, in any case.
pub fn named(title: &str) -> Option<usize> {
    SCREENS.iter().position(|it| it.title().eq_ignore_ascii_case(title))
}

/// Decides which keys apply.
pub fn context(state: &State) -> Context {
    match state.dialogs.last() {
        Some(dialog) => dialog.context(),
        None if state.typing.is_some() => Context::Over(Place::Filter),
        None => Context::Tab(current(state).actions()),
    }
}

/// Whether anything on the screen shows meetings.
pub fn needs_meetings(state: &State) -> bool {
    current(state).needs_meetings(state.pane_is_open()) || state.dialogs.iter().any(Dialog::needs_meetings)
}

/// Names of all rows of the tab in front that pass its filter.
pub fn visible_names(state: &State) -> BTreeSet<String> {
    current(state).names(state.list(), &state.snapshot)
}

/// What an operation runs on: the marked rows that pass the filter, or else the selected row.
pub fn targets(state: &State) -> Vec<String> {
    let mut marked = visible_names(state);
    marked.retain(|it| state.list().marks().contains(it));
    if marked.is_empty() {
        state.selected().map(str::to_owned).into_iter().collect()
    } else {
        marked.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use super::*;
    use crate::keys::{Action, BINDINGS, Binding, action, of};

    /// Everything that decides which keys apply.
    fn contexts() -> impl Iterator<Item = Context> {
        let over = Place::EVERYWHERE.iter().filter(|it| **it != Place::EveryTab);
        let tabs = SCREENS.iter().map(|it| Context::Tab(it.actions()));
        tabs.chain(over.map(|it| Context::Over(*it)))
    }

    #[test]
    fn titles_are_unique_and_sorts_exist() {
        let titles: HashSet<_> = SCREENS.iter().map(|it| it.title()).collect();
        assert_eq!(titles.len(), SCREENS.len());
        for screen in SCREENS {
            assert!(screen.headings().len() > screen.list().sort().column, "{}", screen.title());
        }
    }

    #[test]
    fn the_digits_of_all_tabs_are_documented() {
        let label = format!("0-{}", SCREENS.len() - 1);
        assert!(BINDINGS.iter().any(|it| it.label == label), "no binding is labelled {label}");
    }

    #[test]
    fn no_key_has_two_actions_in_a_context() {
        for context in contexts() {
            let mut seen = HashSet::new();
            for chord in of(context).flat_map(|it| it.chords) {
                assert!(seen.insert(chord), "{chord:?} twice in {context:?}");
            }
        }
    }

    #[test]
    fn every_binding_is_complete_and_applies_somewhere() {
        for binding in BINDINGS {
            assert!(!binding.chords.is_empty() && !binding.places.is_empty(), "{binding:?}");
            assert!(!binding.label.is_empty() && !binding.help.is_empty(), "{binding:?}");
            assert!(contexts().any(|it| of(it).any(|it| it.action == binding.action)), "{binding:?}");
        }
    }

    #[test]
    fn every_action_of_a_tab_has_a_key() {
        for screen in SCREENS {
            for action in screen.actions().actions {
                let bound = of(Context::Tab(screen.actions())).any(|it| it.action == *action);
                assert!(bound, "{action:?} of {}", screen.title());
            }
        }
    }

    #[test]
    fn every_context_can_be_left() {
        for context in contexts() {
            let leaves = |it: &Binding| matches!(it.action, Action::Back | Action::Quit);
            assert!(of(context).filter(|it| leaves(it)).count() >= 2, "{context:?}");
        }
    }

    #[test]
    fn ctrl_and_plain_are_two_keys() {
        let key = |c, modifiers| KeyEvent::new(KeyCode::Char(c), modifiers);
        let nodes = Context::Tab(nodes::Nodes.actions());
        assert_eq!(action(nodes, &key('r', KeyModifiers::NONE)), Some(Action::Reverse));
        assert_eq!(action(nodes, &key('r', KeyModifiers::CONTROL)), Some(Action::Reconnect));
        assert_eq!(action(nodes, &key('M', KeyModifiers::SHIFT)), Some(Action::MaintenanceOff));
        assert_eq!(action(nodes, &key('m', KeyModifiers::ALT)), None);
        assert_eq!(action(Context::Over(Place::Filter), &key('q', KeyModifiers::NONE)), None);
    }
}
