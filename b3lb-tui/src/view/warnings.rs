//! The warnings under the header.

use rpc::Severity;

use crate::state::State;
use crate::text::{clean, counted};

/// The warnings, one a line, worst first.
pub(super) fn lines(state: &State) -> Vec<(Severity, String)> {
    let Some(totals) = &state.snapshot.totals else { return draining(state).into_iter().collect() };
    let mut lines = Vec::new();
    if let Some(progress) = state.link.progress(state.now) {
        let reason = state.link.reason().map(|it| format!(": {}", clean(it))).unwrap_or_default();
        lines.push((Severity::Error, format!("{progress}{reason}")));
    } else if state.is_stale() {
        lines.push((Severity::Error, format!("the daemon has told nothing for {} s", state.data_age())));
    }
    if let Some(error) = &totals.store_error {
        lines.push((Severity::Error, format!("the database takes no writes: {}", clean(error))));
    }
    if totals.outage {
        let text = "most nodes fail at once: the fault is probably on our side";
        lines.push((Severity::Warning, text.to_owned()));
    }
    lines.extend(draining(state));
    lines
}

fn draining(state: &State) -> Option<(Severity, String)> {
    let draining: Vec<_> = state.drains.values().filter(|drain| !drain.done).collect();
    if draining.is_empty() {
        return None;
    }
    let left: u64 = draining.iter().filter_map(|drain| drain.left).sum();
    let nodes = counted(draining.len() as u64, "node");
    Some((Severity::Info, format!("draining {nodes}: {} left (D shows)", counted(left, "meeting"))))
}
