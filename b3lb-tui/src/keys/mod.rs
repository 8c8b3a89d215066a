//! All keys of the dashboard. Dispatch, footer, help and documentation come from this table.

pub mod binding;
mod bindings;

use std::fmt::Write as _;

use ratatui::crossterm::event::KeyEvent;

pub use binding::{Action, Binding, Context, Place, TabActions};
pub use bindings::BINDINGS;

/// The action of `key` in `context`.
pub fn action(context: Context, key: &KeyEvent) -> Option<Action> {
    let pressed = |it: &&Binding| it.chords.iter().any(|chord| chord.is(key));
    of(context).find(pressed).map(|it| it.action)
}

/// The bindings that apply in `context`, in the order of the table.
pub fn of(context: Context) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |it| context.has(it))
}

/// The table as Markdown, for a dashboard with these tabs.
pub fn markdown(tabs: &[TabActions]) -> String {
    let mut text = "| key | where | what it does |\n|---|---|---|\n".to_owned();
    for binding in BINDINGS {
        let places = places(binding, tabs).join(", ");
        let _ = writeln!(text, "| `{}` | {places} | {} |", binding.label, binding.help);
    }
    text
}

fn places(binding: &Binding, tabs: &[TabActions]) -> Vec<&'static str> {
    if binding.places == Place::EVERYWHERE {
        return vec!["everywhere"];
    }
    let offering = |place: &Place| match place {
        Place::OfferingTabs => {
            tabs.iter().filter(|it| it.actions.contains(&binding.action)).map(|it| it.title).collect()
        }
        place => vec![place.name()],
    };
    binding.places.iter().flat_map(offering).collect()
}
