//! What is wrong, in lines under the header.

use crate::state::State;
use crate::text::{clean, counted};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Good to know.
    Note,
    /// Somebody should look.
    Warning,
    /// It does not work.
    Error,
}

/// The lines, the worst first.
pub fn lines(state: &State) -> Vec<(Weight, String)> {
    let mut lines = Vec::new();
    if let Some(trouble) = state.link.trouble(state.now)
        && state.picture.totals.is_some()
    {
        let reason = state.link.reason().map(|it| format!(": {}", clean(it))).unwrap_or_default();
        lines.push((Weight::Error, format!("{trouble}{reason}")));
    } else if state.is_stale() && state.picture.totals.is_some() {
        lines.push((Weight::Error, format!("the daemon has told nothing for {} s", state.data_age())));
    }
    if let Some(totals) = &state.picture.totals {
        if let Some(error) = &totals.store_error {
            lines.push((Weight::Error, format!("the database takes no writes: {}", clean(error))));
        }
        if totals.outage {
            let text = "most nodes fail at once: the fault is probably on our side";
            lines.push((Weight::Warning, text.to_owned()));
        }
    }
    let draining: Vec<_> = state.drains.values().filter(|drain| !drain.done).collect();
    if !draining.is_empty() {
        let left: u64 = draining.iter().filter_map(|drain| drain.left).sum();
        let nodes = counted(draining.len() as u64, "node");
        lines.push((Weight::Note, format!("draining {nodes}: {} left (D shows)", counted(left, "meeting"))));
    }
    lines
}
