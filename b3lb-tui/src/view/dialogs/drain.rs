//! The progress of drains.

use crate::page::Page;
use crate::screens::nodes::drain_fields;
use crate::state::State;
use crate::state::drain::estimate;
use crate::state::snapshot::Node;
use crate::text::{age, counted, duration};

/// Meetings that are listed for each node.
const LISTED: usize = 8;

pub(super) fn write(page: &mut Page, state: &State) -> String {
    if state.drains.is_empty() {
        page.dim("No node is being drained.");
    }
    for (at, (name, drain)) in state.drains.iter().enumerate() {
        if at > 0 {
            page.gap();
        }
        let since = format!("for {}", duration((state.now - drain.since) / 1000));
        page.title(name, &since, page.look.theme.dim);
        if let Some(node) = state.snapshot.node(name) {
            drain_fields(page, node, state.daemon_clock());
        }
        if drain.done {
            page.styled(&format!("{} drained: no meetings left", page.look.glyphs.up), page.look.theme.up);
            continue;
        }
        let Some(left) = drain.left else {
            page.dim("the node was not asked yet");
            continue;
        };
        progress(page, drain.most.saturating_sub(left), drain.most);
        remaining(page, state, name, left);
    }
    page.gap();
    page.dim("Closing this does not stop it: the daemon goes on. M on the Nodes tab ends it.");
    "Drain".to_owned()
}

fn progress(page: &mut Page, ended: u64, most: u64) {
    let part = |it: u64| u32::try_from(it).map_or(0.0, f64::from);
    page.bar("ended", &format!("{ended} of {most}"), part(ended), part(most));
}

fn remaining(page: &mut Page, state: &State, name: &str, left: u64) {
    let meetings = state.snapshot.meetings_on(name);
    let listed = meetings.iter().map(|it| u64::from(it.stats.attendees)).sum();
    let polled = state.snapshot.node(name).and_then(Node::attendees).map_or(0, u64::from);
    let attendees = if state.snapshot.meetings_complete { listed } else { polled };
    page.field("left", &format!("{} with {}", counted(left, "meeting"), counted(attendees, "attendee")));
    let rough = match estimate(&state.snapshot, name, state.now) {
        Some(seconds) => {
            format!("in about {}: a rough guess from the ages of all meetings", duration(seconds))
        }
        None => "not known yet".to_owned(),
    };
    page.field("empty", &rough);
    let now = state.daemon_clock();
    for meeting in meetings.iter().take(LISTED) {
        let size = counted(meeting.stats.attendees, "attendee");
        page.row(&meeting.name, &format!("{:<14} {size:>14} {:>7}", meeting.secret, age(meeting.age(now))));
    }
    if meetings.len() > LISTED {
        page.dim(&format!("  and {} more", meetings.len() - LISTED));
    }
}
