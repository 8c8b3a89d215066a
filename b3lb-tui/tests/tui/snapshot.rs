//! Applies answers of the watch to the snapshot.

use b3lb_tui::state::snapshot::Snapshot;
use b3lb_tui::state::snapshot::event::EVENTS_KEPT;
use rpc::{MeetingChanges, NodeState};

use crate::world::{self, USUAL};

fn snapshot() -> Snapshot {
    let mut snapshot = Snapshot::default();
    snapshot.apply(world::snapshot(USUAL), 1_000);
    snapshot
}

#[test]
fn statistics_may_come_before_rows() {
    let mut rows = world::snapshot(USUAL);
    let mut stats = rows.clone();
    (stats.nodes.rows, stats.tenants.rows, stats.more) = (Vec::new(), Vec::new(), true);
    stats.meetings.as_mut().unwrap().changes.rows.clear();
    (rows.reset, rows.nodes.stats, rows.tenants.stats) = (false, Vec::new(), Vec::new());
    let meetings = rows.meetings.as_mut().unwrap();
    (meetings.reset, meetings.changes.stats) = (false, Vec::new());

    let mut snapshot = Snapshot::default();
    snapshot.apply(stats, 1_000);
    assert!(snapshot.nodes.is_empty() && !snapshot.complete);
    snapshot.apply(rows, 1_000);
    let expected = self::snapshot();
    for (number, node) in &expected.nodes {
        assert_eq!(snapshot.nodes[number].stats, node.stats);
    }
    for (number, meeting) in &expected.meetings {
        assert_eq!(snapshot.meetings[number].stats, meeting.stats);
    }
    assert_eq!(snapshot.tenants[&1].attendees, expected.tenants[&1].attendees);
    assert_eq!(snapshot.clusters[0].sums, expected.clusters[0].sums);
}

#[test]
fn a_changed_row_keeps_its_statistics() {
    let mut snapshot = snapshot();
    let mut answer = world::change(USUAL, 0);
    answer.nodes.rows = world::snapshot(USUAL).nodes.rows;
    answer.nodes.rows.truncate(1);
    answer.nodes.rows[0].cluster = "burst".into();
    answer.tenants.rows = world::snapshot(USUAL).tenants.rows;
    (answer.nodes.stats, answer.tenants.stats) = (Vec::new(), Vec::new());
    let before = (snapshot.nodes[&1].stats.clone(), snapshot.tenants[&1].attendees);
    let burst = snapshot.cluster("burst").unwrap().sums.nodes;
    snapshot.apply(answer, 2_000);
    assert_eq!((snapshot.nodes[&1].stats.clone(), snapshot.tenants[&1].attendees), before);
    assert_eq!(snapshot.cluster("burst").unwrap().sums.nodes, burst + 1);
}

#[test]
fn rows_are_removed_and_a_reset_keeps_only_events() {
    let mut snapshot = snapshot();
    let mut answer = world::change(USUAL, 0);
    (answer.nodes.gone, answer.tenants.gone) = (vec![1, 99], vec![2]);
    let changes = &mut answer.meetings.as_mut().unwrap().changes;
    (changes.gone, changes.stats) = (vec![1, 2, 99], Vec::new());
    snapshot.apply(answer, 2_000);
    assert_eq!((snapshot.nodes.len(), snapshot.tenants.len(), snapshot.meetings.len()), (11, 5, 38));

    let mut reset = world::change(USUAL, 0);
    (reset.reset, reset.meetings) = (true, Some(MeetingChanges { reset: true, ..MeetingChanges::default() }));
    let events = snapshot.events.len();
    snapshot.apply(reset, 3_000);
    assert_eq!((snapshot.nodes.len(), snapshot.tenants.len(), snapshot.meetings.len()), (0, 0, 0));
    assert!(snapshot.clusters.is_empty() && snapshot.groups.is_empty());
    assert_eq!(snapshot.events.len(), events);
}

#[test]
fn a_restart_of_the_daemon_clears_everything_but_events() {
    let mut snapshot = snapshot();
    let mut other = world::change(USUAL, 0);
    (other.epoch, other.meetings) = (8, None);
    other.nodes.stats.clear();
    other.events = world::snapshot(USUAL).events;
    snapshot.apply(other, 2_000);
    assert!(snapshot.nodes.is_empty() && snapshot.meetings.is_empty());
    assert_eq!(snapshot.events.len(), 14, "its events are others, though their numbers are the same");
}

#[test]
fn events_are_kept_up_to_a_limit() {
    let mut snapshot = snapshot();
    let one = world::snapshot(USUAL).events.remove(0);
    for round in 0..5_u64 {
        let mut answer = world::change(USUAL, 0);
        answer.events =
            (1..=400).map(|it| rpc::Event { seq: 100 + round * 400 + it, ..one.clone() }).collect();
        snapshot.apply(answer, 2_000);
    }
    assert_eq!(snapshot.events.len(), EVENTS_KEPT);
    let numbers: Vec<i64> = snapshot.events.iter().map(|it| it.number).collect();
    assert!(numbers.is_sorted() && numbers.last() == Some(&2007));
}

#[test]
fn texts_are_sanitized() {
    let mut answer = world::snapshot(USUAL);
    let bad = "a\u{1b}[2J\u{202e}b\r\n";
    answer.nodes.rows[0].slug = bad.into();
    answer.nodes.rows[0].cluster = bad.into();
    answer.nodes.stats[0].error = Some(bad.into());
    answer.tenants.rows[0].description = bad.into();
    answer.clusters.as_mut().unwrap()[0].name = bad.into();
    answer.groups.as_mut().unwrap()[0].clusters[0] = bad.into();
    answer.events[0].text = bad.into();
    let row = &mut answer.meetings.as_mut().unwrap().changes.rows[0];
    (row.id, row.name) = (bad.into(), bad.into());
    let mut snapshot = Snapshot::default();
    snapshot.apply(answer, 1_000);
    let (node, meeting) = (&snapshot.nodes[&1], &snapshot.meetings[&1]);
    let event = &snapshot.events[0].text;
    let error = node.error().unwrap();
    for text in
        [&node.name, &node.cluster, &snapshot.tenants[&1].description, &meeting.id, &meeting.name, event]
    {
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\r', '\n']), "{text:?}");
    }
    assert!(!error.contains('\u{1b}'));
    // Calls need the exact id.
    assert_eq!(meeting.raw_id, bad);
}

#[test]
fn sums_count_states_and_open_nodes() {
    let snapshot = snapshot();
    let main = snapshot.cluster("main").unwrap().sums;
    assert_eq!((main.nodes, main.up, main.maintenance, main.open), (5, 4, 1, 3));
    let all: u32 = snapshot.clusters.iter().map(|it| it.sums.nodes).sum();
    assert_eq!(all as usize, snapshot.nodes.len());
    let down = snapshot.nodes.values().filter(|it| it.state() == NodeState::Down).count();
    assert_eq!(snapshot.clusters.iter().map(|it| it.sums.down as usize).sum::<usize>(), down);
}
