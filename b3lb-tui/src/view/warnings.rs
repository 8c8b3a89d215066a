//! The warnings under the header.

use jiff::Timestamp;
use rpc::{Problem, Severity};

use crate::state::State;
use crate::text::{clean, counted};

/// Lines of a terminal that has room for more than the gravest problem.
const ROOMY: u16 = 30;

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
    let room = if state.size.height < ROOMY { 1 } else { totals.problems.len() };
    let shown = &totals.problems[..room.min(totals.problems.len())];
    lines.extend(shown.iter().map(|it| (it.severity, problem(it, totals.now))));
    let more = u64::from(totals.problem_count).saturating_sub(shown.len() as u64);
    if more > 0
        && let Some((_, last)) = lines.last_mut()
    {
        last.insert_str(0, &format!("[{more} more: b3lb-cli status] "));
    }
    lines.extend(draining(state));
    lines
}

/// A problem on one line; `now` is in milliseconds since 1970.
fn problem(it: &Problem, now: i64) -> String {
    let since = it.since.parse().map_or(now, Timestamp::as_millisecond);
    let minutes = (now - since).max(0) / 60_000;
    let age = match minutes {
        0 => String::new(),
        1..60 => format!(", for {minutes} min"),
        60..2880 => format!(", for {} h", minutes / 60),
        _ => format!(", for {} days", minutes / 1440),
    };
    let affected = match it.meetings {
        0 => String::new(),
        meetings => format!(
            "; {} with {} of {}",
            counted(meetings, "meeting"),
            counted(it.attendees, "attendee"),
            it.tenants.join(", ")
        ),
    };
    clean(&format!("{} {}{age}{affected}", it.subject, it.text))
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
