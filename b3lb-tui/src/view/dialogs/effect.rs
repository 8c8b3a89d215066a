//! The effect of an operation, in numbers.

use rpc::NodeState;
use rpc_client::what_if::{self, Expected, Rest};

use crate::page::Page;
use crate::state::State;
use crate::state::job::Operation;
use crate::state::snapshot::capacity::capacity_without;
use crate::state::snapshot::{Meeting, Node};
use crate::text::{counted, duration};

/// Targets that are listed by name; the others are counted.
const NAMED: usize = 5;

/// The name of a target as people read it.
pub(super) fn display_name(state: &State, operation: Operation, target: &str) -> String {
    match operation {
        Operation::EndMeeting => state.snapshot.meeting(target).map_or(target, |it| &it.name).to_owned(),
        _ => target.to_owned(),
    }
}

pub(super) fn write(page: &mut Page, state: &State, operation: Operation, targets: &[String]) {
    match operation {
        Operation::EndMeeting => end_meetings(page, state, targets),
        Operation::MaintenanceOff => maintenance_off(page, state, targets),
        Operation::MaintenanceOn | Operation::Drain => maintenance_on(page, state, operation, targets),
        Operation::Check => {}
    }
}

fn nodes<'a>(state: &'a State, targets: &[String]) -> Vec<&'a Node> {
    targets.iter().filter_map(|name| state.snapshot.node(name)).collect()
}

fn maintenance_on(page: &mut Page, state: &State, operation: Operation, targets: &[String]) {
    let nodes = nodes(state, targets);
    let sum = |figure: fn(&Node) -> Option<u32>| {
        nodes.iter().filter_map(|it| figure(it)).map(u64::from).sum::<u64>()
    };
    let (meetings, attendees) = (sum(Node::meetings), sum(Node::attendees));
    let keep = if meetings == 1 { "keeps" } else { "keep" };
    let running = format!("{} with {}", counted(meetings, "meeting"), counted(attendees, "attendee"));
    page.text(&format!("{running} {keep} running; no new ones."));
    let already = nodes.iter().filter(|it| it.maintenance()).count() as u64;
    if already > 0 {
        page.dim(&format!("{} in maintenance already.", counted(already, "node")));
    }
    name(
        page,
        nodes.iter().map(|it| {
            let meetings = it.meetings().map_or_else(|| "not known".to_owned(), |it| counted(it, "meeting"));
            (it.name.clone(), meetings)
        }),
    );
    if operation == Operation::Drain {
        page.gap();
        page.text("Progress is shown until the last meeting has ended; nobody is thrown out.");
    }
    let groups = capacity_without(&state.snapshot, targets);
    if groups.is_empty() {
        return;
    }
    page.heading("Left for new meetings");
    // Known if the Pool tab was in front before that hour.
    let history = state.pool.get().and_then(|it| it.as_ref().ok());
    let history = history.filter(|it| it.forecast.is_some_and(|told| told.at > state.daemon_clock()));
    if let Some(rest) = rest(state, targets).in_words(history.and_then(Expected::from)) {
        page.text(&rest);
    }
    for it in groups {
        let tenants = counted(it.tenants as u64, "tenant");
        if it.left == 0 {
            let text = format!(
                "{} group {}: no node at all; creates of {tenants} will fail",
                page.look.glyphs.warning, it.group
            );
            page.styled(&text, page.look.theme.down);
        } else {
            page.text(&format!(
                "group {}: {} of {}, for {tenants}",
                it.group,
                it.left,
                counted(it.open as u64, "node")
            ));
        }
    }
}

/// What the other nodes will carry.
fn rest(state: &State, targets: &[String]) -> Rest {
    let facts: Vec<_> = state
        .snapshot
        .nodes
        .values()
        .map(|it| what_if::Node {
            cluster: &it.cluster,
            takes_meetings: it.takes_meetings(),
            cpu: it.cpu(),
            attendees: it.attendees().map_or(0, u64::from),
            leaves: targets.contains(&it.name),
        })
        .collect();
    let groups = state.snapshot.groups.iter().map(|it| (it.name.as_str(), it.clusters.as_slice()));
    what_if::rest(&facts, &groups.collect::<Vec<_>>())
}

fn maintenance_off(page: &mut Page, state: &State, targets: &[String]) {
    let nodes = nodes(state, targets);
    let in_maintenance: Vec<_> = nodes.iter().filter(|it| it.maintenance()).collect();
    let ready = in_maintenance.iter().filter(|it| it.state() == NodeState::Up).count();
    let sick = in_maintenance.len() - ready;
    page.text(&format!("{} will get new meetings from the next create on.", counted(ready as u64, "node")));
    if sick > 0 {
        page.styled(
            &format!("{} not up: none will get meetings before.", counted(sick as u64, "node")),
            page.look.theme.suspect,
        );
    }
    if in_maintenance.len() < nodes.len() {
        let others = (nodes.len() - in_maintenance.len()) as u64;
        page.dim(&format!("{} not in maintenance: nothing changes.", counted(others, "node")));
    }
    let glyphs = page.look.glyphs;
    name(page, nodes.iter().map(|it| (it.name.clone(), glyphs.state(it.state(), it.maintenance()))));
}

fn end_meetings(page: &mut Page, state: &State, targets: &[String]) {
    let meetings: Vec<&Meeting> = targets.iter().filter_map(|key| state.snapshot.meeting(key)).collect();
    let attendees: u64 = meetings.iter().map(|it| u64::from(it.stats.attendees)).sum();
    let ended = counted(meetings.len() as u64, "meeting");
    page.styled(&format!("{} thrown out of {ended} at once.", counted_are(attendees)), page.look.theme.down);
    if meetings.len() < targets.len() {
        let gone = (targets.len() - meetings.len()) as u64;
        page.dim(&format!("{} ended by itself meanwhile.", counted(gone, "meeting")));
    }
    let now = state.daemon_clock();
    name(
        page,
        meetings.iter().map(|it| {
            let age = duration(it.age(now));
            (it.name.clone(), format!("{}, {}, {age}", it.secret, counted(it.stats.attendees, "attendee")))
        }),
    );
}

fn counted_are(attendees: u64) -> String {
    let are = if attendees == 1 { "is" } else { "are" };
    format!("{} {are}", counted(attendees, "attendee"))
}

/// Lists the first names with a remark each, and counts the others.
fn name(page: &mut Page, targets: impl ExactSizeIterator<Item = (String, String)>) {
    let more = targets.len().saturating_sub(NAMED);
    page.gap();
    for (name, about) in targets.take(NAMED) {
        page.row(&name, &about);
    }
    if more > 0 {
        page.dim(&format!("  and {more} more"));
    }
}
