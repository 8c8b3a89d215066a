//! What keys and the mouse do to the state, and which commands result.

use b3lb_tui::message::{Call, Command, Event, Refusal, Reply};
use b3lb_tui::state::dialog::{Dialog, Keys};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseEventKind};

use crate::stage::Stage;
use crate::world::{self, USUAL};

fn stage(tab: &str) -> Stage {
    let mut stage = Stage::with(USUAL, (80, 24), tab);
    stage.commands.clear();
    stage
}

fn maintenance(node: &str, on: bool) -> Call {
    Call::Maintenance { node: node.into(), on }
}

#[test]
fn keys_that_result_in_commands() {
    let table = [
        ("Nodes", "q", vec![Command::Quit]),
        ("Nodes", "2", vec![Command::WatchMeetings(true)]),
        ("Meetings", "1", vec![Command::WatchMeetings(false)]),
        ("Nodes", "<Tab>", vec![Command::WatchMeetings(true)]),
        ("Nodes", "<BackTab>", vec![Command::Call(Call::PoolHistory)]),
        ("Nodes", "c", vec![Command::Call(Call::NodeCheck("bbb-005.example.org".into()))]),
        ("Nodes", "m", vec![]),
        ("Nodes", "m<Enter>", vec![]),
        ("Nodes", "m<Tab><Enter>", vec![Command::Call(maintenance("bbb-005.example.org", true))]),
        ("Nodes", "M<Tab><Tab><Enter>", vec![]),
        ("Nodes", "M<Tab><Enter>", vec![Command::Call(maintenance("bbb-005.example.org", false))]),
        ("Nodes", "m<Tab><Esc>", vec![]),
        ("Nodes", "/m<Tab><Enter>q", vec![Command::Quit]),
        ("Tenants", "e", vec![Command::Call(Call::Secrets("SCHOOLNORD".into()))]),
        ("Events", "m", vec![]),
        ("Meetings", "x<Enter>end", vec![]),
    ];
    for (tab, keys, commands) in table {
        let mut stage = stage(tab);
        stage.press(keys);
        assert_eq!(stage.commands, commands, "{keys} on {tab}");
    }
}

#[test]
fn only_presses_count() {
    let mut stage = stage("Nodes");
    let release = KeyEvent::new_with_kind(KeyCode::Char('q'), KeyModifiers::NONE, KeyEventKind::Release);
    stage.event(Event::Key(release));
    assert_eq!(stage.commands, []);
}

#[test]
fn the_selection_stays_with_its_row() {
    let mut stage = stage("Nodes");
    stage.press("/bbb-009<Enter><Esc>");
    assert_eq!(stage.state.selected(), Some("bbb-009.example.org"));
    let line = stage.state.list().cursor();
    // All other nodes go down, and are sorted before it.
    let mut answer = world::change(USUAL, 1);
    for stats in answer.nodes.stats.iter_mut().filter(|it| it.id != 9) {
        stats.state = rpc::NodeState::Down;
    }
    stage.event(Event::Watched(Box::new(answer)));
    assert_eq!(stage.state.selected(), Some("bbb-009.example.org"));
    assert_ne!(stage.state.list().cursor(), line);

    let mut answer = world::change(USUAL, 2);
    answer.nodes.gone = vec![9];
    stage.event(Event::Watched(Box::new(answer)));
    assert!(stage.state.selected().is_some_and(|it| it != "bbb-009.example.org"));
}

/// Marks that the filter hides are kept, but operations skip them.
#[test]
fn operations_skip_hidden_marks() {
    let mut stage = stage("Nodes");
    stage.press("/bbb-001<Enter> <Esc>/bbb-009<Enter>m<Tab><Enter>");
    assert_eq!(stage.commands, [Command::Call(maintenance("bbb-009.example.org", true))]);
}

/// A row that the filter hides loses the selection, even while the snapshot is incomplete: no key works on an
/// invisible row.
#[test]
fn what_is_hidden_is_not_selected() {
    let mut stage = stage("Meetings");
    let first = stage.state.selected().map(str::to_owned).unwrap();
    // The watch of meetings was paused and resumed, and no answer has arrived yet.
    stage.press("12");
    assert_eq!(stage.state.selected(), Some(&*first));
    let other = stage.state.list().order().len();
    stage.press("G");
    let last = stage.state.selected().map(str::to_owned).unwrap();
    assert!(other > 1 && first != last);
    stage.press("g");
    let word = stage.state.snapshot.meetings.values().find(|it| it.key == last).unwrap().name.clone();
    stage.press(&format!("/{}<Enter>", word.split_whitespace().next_back().unwrap()));
    let visible: Vec<_> = stage.state.list().order().to_vec();
    let selected = stage.state.selected().unwrap();
    let number = stage.state.snapshot.meetings.iter().find(|(_, it)| it.key == selected).map(|(n, _)| *n);
    assert!(
        number.is_some_and(|it| visible.contains(&it)),
        "{selected} is not among {} visible",
        visible.len()
    );
}

#[test]
fn the_selection_outlasts_the_daemon() {
    let mut stage = stage("Nodes");
    stage.press("/bbb-009<Enter><Esc>");
    // After a restart rows have other numbers. The snapshot arrives in two parts.
    let mut first = world::snapshot(USUAL);
    first.epoch = 8;
    for (node, stats) in first.nodes.rows.iter_mut().zip(&mut first.nodes.stats) {
        (node.id, stats.id) = (node.id + 500, stats.id + 500);
    }
    let mut second = first.clone();
    (first.more, second.reset) = (true, false);
    first.nodes.rows.truncate(3);
    second.nodes.rows.drain(..3);
    stage.event(Event::Watched(Box::new(first)));
    stage.event(Event::Watched(Box::new(second)));
    assert_eq!(stage.state.selected(), Some("bbb-009.example.org"));
    assert_eq!(stage.state.list().order().len(), 12);
}

#[test]
fn new_events_move_the_selection_only_if_it_left_the_first_line() {
    let mut stage = stage("Events");
    let report = |stage: &mut Stage, seq| {
        let mut answer = world::change(USUAL, 1);
        answer.events = world::snapshot(USUAL).events;
        answer.events.truncate(1);
        answer.events[0].seq = seq;
        stage.event(Event::Watched(Box::new(answer)));
    };
    report(&mut stage, 50);
    assert_eq!(stage.state.list().cursor(), 0);
    stage.press("<Down>");
    let selected = stage.state.selected().map(str::to_owned);
    report(&mut stage, 51);
    assert_eq!((stage.state.list().cursor(), stage.state.selected()), (2, selected.as_deref()));
    // Repeated events are skipped.
    let before = stage.state.snapshot.events.len();
    report(&mut stage, 51);
    assert_eq!(stage.state.snapshot.events.len(), before);
}

#[test]
fn sorting_marks_and_filters() {
    let mut stage = stage("Nodes");
    stage.press(">>>");
    let loads = |stage: &Stage| -> Vec<i64> {
        stage.state.list().order().iter().map(|it| stage.state.snapshot.nodes[it].load().unwrap()).collect()
    };
    assert!(loads(&stage).is_sorted_by(|a, b| a >= b), "numbers begin with the greatest");
    stage.press("r");
    assert!(loads(&stage).is_sorted());
    stage.press("<<<<");
    assert_eq!(stage.state.list().sort().column, 9, "round the corner");

    stage.press("/main !down<Enter>*");
    assert_eq!(stage.state.list().order().len(), stage.state.list().marks().len());
    stage.press("*");
    assert!(stage.state.list().marks().is_empty());
    stage.press(" <Esc><Esc>");
    assert!(stage.state.list().filter().is_empty() && stage.state.list().marks().is_empty());
}

#[test]
fn marked_rows_are_done_a_few_at_a_time() {
    let mut stage = stage("Nodes");
    stage.press("*m<Tab><Enter>");
    assert_eq!(stage.calls().len(), 4);
    stage.answer();
    let job = stage.state.job.as_ref().unwrap();
    assert_eq!((job.done(), job.failed(), job.items.len()), (12, 0, 12));
    assert!(stage.state.list().marks().is_empty());
}

#[test]
fn operations_are_refused_while_stale() {
    let lose = |stage: &mut Stage| {
        stage.event(Event::Lost {
            reason: "gone".into(),
            tries: 1,
            retry_in: std::time::Duration::from_secs(1),
        });
    };
    for keys in ["m", "M", "D", "c"] {
        let mut stage = stage("Nodes");
        lose(&mut stage);
        stage.press(keys).press("<Tab><Enter>");
        assert_eq!(stage.calls(), [], "{keys}");
        assert!(stage.state.note.as_ref().unwrap().bad);
    }
    // A question that is open already cannot be confirmed either.
    let mut stage = stage("Nodes");
    stage.press("m<Tab>");
    lose(&mut stage);
    stage.press("<Enter>");
    assert_eq!(stage.calls(), []);
    // A silent daemon counts as lost.
    let mut silent = self::stage("Nodes");
    silent.later(60_000);
    silent.press("m");
    assert!(silent.state.dialogs.is_empty());
}

#[test]
fn a_refusal_says_why_and_what_to_do() {
    let mut stage = stage("Nodes");
    stage.press("m<Tab><Enter>");
    let call = stage.calls().remove(0);
    let refusal = Refusal { message: "a replica".into(), hint: Some("promote it".into()) };
    stage.event(Event::Answered(call, Err(refusal)));
    assert!(matches!(stage.state.dialogs.last(), Some(Dialog::Job(_))));
    let frame = stage.frame();
    assert!(frame.contains("a replica") && frame.contains("promote it"), "{frame}");
}

#[test]
fn late_keys_are_dropped() {
    let mut stage = stage("Tenants");
    stage.press("e").answer().press("s<Esc>");
    assert_eq!(stage.calls(), [Call::Keys("SCHOOLNORD".into())]);
    stage.answer();
    assert!(stage.state.dialogs.is_empty());
    stage.press("e");
    let Some(Dialog::Endpoints(panel)) = stage.state.dialogs.last() else { panic!("no panel") };
    assert!(matches!(panel.keys, Keys::Hidden));
    // Keys of another tenant are dropped, too.
    stage.event(Event::Answered(Call::Keys("TU".into()), Ok(Reply::Keys(world::keys("TU")))));
    assert!(!stage.frame().contains("KeyOf"));
}

#[test]
fn the_watch_extends_the_last_hour() {
    let mut stage = stage("Nodes");
    stage.press("/bbb-001<Enter><Enter>").answer();
    assert_eq!(stage.calls(), [], "asked once");
    let mut answer = world::change(USUAL, 1);
    answer.nodes.stats[0].polled_at += 10;
    answer.nodes.stats[0].load = 9_000;
    stage.event(Event::Watched(Box::new(answer)));
    assert!(stage.frame().contains("9,000"), "{}", stage.frame());
    assert_eq!(stage.calls(), []);
    stage.later(61_000);
    assert_eq!(stage.calls(), [Call::NodeDetails("bbb-001.example.org".into())], "once more after a minute");
}

#[test]
fn details_are_fetched_one_at_a_time() {
    let mut stage = stage("Nodes");
    stage.press("<Enter><Down><Down><Down>");
    assert_eq!(stage.calls().len(), 1);
    stage.answer();
    assert!(stage.frame().contains("Last hour"));
}

#[test]
fn drained_nodes_are_reported() {
    let mut stage = stage("Nodes");
    stage.press("/bbb-001<Enter>D<Tab><Enter>").answer();
    assert!(stage.state.drains.contains_key("bbb-001.example.org"));
    let empty = |polled_at| {
        let mut answer = world::change(USUAL, 1);
        let stats = &mut answer.nodes.stats[0];
        (stats.maintenance, stats.meetings, stats.attendees, stats.polled_at) =
            (true, Some(0), Some(0), polled_at);
        let changes = &mut answer.meetings.as_mut().unwrap().changes;
        changes.gone = (1..=USUAL.meetings).map(|it| i64::try_from(it).unwrap()).collect();
        changes.stats.clear();
        answer
    };
    // A poll from before the switch does not count: a create may have been on its way.
    stage.event(Event::Watched(Box::new(empty(world::NOW - 5))));
    assert!(!stage.state.drains["bbb-001.example.org"].done);
    stage.event(Event::Watched(Box::new(empty(world::NOW + 5))));
    assert!(stage.state.drains["bbb-001.example.org"].done);
    assert!(stage.state.note.as_ref().unwrap().text.contains("is drained"));
    stage.press("<Esc>");
    assert!(stage.state.drains["bbb-001.example.org"].done, "it is drained until somebody takes that back");
    let mut back = empty(world::NOW + 15);
    back.nodes.stats[0].maintenance = false;
    stage.later(1_000);
    stage.event(Event::Watched(Box::new(back)));
    assert!(stage.state.drains.is_empty());
}

/// What the daemon reports after the first node's maintenance was switched.
fn switched(maintenance: bool, drain: Option<rpc::DrainView>) -> Event {
    let mut answer = world::change(USUAL, 1);
    answer.nodes.rows = vec![rpc::NodeRow { drain, ..world::node_row(0) }];
    answer.nodes.stats[0].maintenance = maintenance;
    Event::Watched(Box::new(answer))
}

#[test]
fn a_change_is_taken_back_within_a_minute() {
    let mut stage = stage("Nodes");
    stage.press("/bbb-001<Enter>m<Tab><Enter>").answer();
    assert!(stage.state.note.as_ref().unwrap().text.ends_with("; u takes it back"));
    stage.event(switched(true, None));
    stage.press("u");
    let off = Call::Maintenance { node: "bbb-001.example.org".into(), on: false };
    assert_eq!(stage.calls(), [off]);
    stage.answer().press("u");
    assert!(stage.calls().is_empty(), "once");

    stage.event(switched(false, None));
    stage.press("m<Tab><Enter>").answer().later(61_000);
    stage.event(switched(true, None));
    stage.press("u");
    assert!(stage.calls().is_empty(), "a minute is over");
}

#[test]
fn a_drain_comes_back_with_its_reason_and_end() {
    let mut stage = stage("Nodes");
    let spec = rpc::DrainSpec { reason: "new kernel".into(), evacuate_after: Some(7200) };
    stage.event(switched(true, Some(world::drain(&spec))));
    stage.press("/bbb-001<Enter>M<Tab><Enter>").answer();
    stage.event(switched(false, None));
    stage.press("u");
    let back = rpc::DrainSpec { evacuate_after: Some(6900), ..spec };
    assert_eq!(stage.calls(), [Call::Drain("bbb-001.example.org".into(), back)]);
}

#[test]
fn a_read_only_dashboard_checks_and_changes_nothing() {
    let mut stage = stage("Nodes");
    stage.state.read_only = true;
    for keys in ["m", "M", "D"] {
        stage.press(keys);
        assert!(stage.state.dialogs.is_empty(), "{keys}");
        assert!(stage.state.note.as_ref().unwrap().text.contains("--read-only"));
    }
    assert!(stage.frame().contains("read-only"));
    stage.press("c");
    assert!(matches!(stage.calls()[..], [Call::NodeCheck(_)]));
}

#[test]
fn drains_of_others_are_followed() {
    let mut stage = stage("Nodes");
    let mut answer = world::change(USUAL, 1);
    let spec = rpc::DrainSpec { reason: "new kernel".into(), evacuate_after: Some(7200) };
    answer.nodes.rows = vec![rpc::NodeRow { drain: Some(world::drain(&spec)), ..world::node_row(0) }];
    answer.nodes.stats[0].maintenance = true;
    stage.event(Event::Watched(Box::new(answer)));
    assert!(!stage.state.drains["bbb-001.example.org"].done);
    let shown = stage.press("/bbb-001<Enter><Enter>").frame();
    for text in ["draining", "ada (1000)", "new kernel", "in 1 h 55 min"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
}

#[test]
fn visits() {
    let mut stage = stage("Nodes");
    stage.press("/bbb-011<Enter>v");
    assert_eq!((stage.tab(), stage.state.list().order().len()), ("Meetings", 4));
    stage.press("n");
    assert_eq!((stage.tab(), stage.state.selected()), ("Nodes", Some("bbb-011.example.org")));
}

#[test]
fn the_mouse_selects_sorts_and_scrolls() {
    let mut stage = stage("Nodes");
    // Line 5 is the first row: header, tabs and headings are above it.
    stage.click(20, 7);
    assert_eq!(stage.state.list().cursor(), 2);
    stage.click(20, 7);
    assert!(stage.state.pane_is_open(), "a second click opens the details");
    stage.press("<Esc>");
    stage.click(16, 4);
    assert_eq!(stage.state.list().sort().column, 1);
    stage.click(16, 4);
    assert!(stage.state.list().sort().descending);
    stage.click(20, 3);
    assert_eq!(stage.tab(), "Meetings");
    stage.mouse(MouseEventKind::ScrollDown, 20, 10);
    assert_eq!((stage.state.list().offset(), stage.state.list().cursor()), (3, 3));
    stage.mouse(MouseEventKind::ScrollUp, 20, 10);
    assert_eq!((stage.state.list().offset(), stage.state.list().cursor()), (0, 3));
}

#[test]
fn buttons_can_be_clicked() {
    let place = |frame: &str, text: &str| {
        let (y, line) = frame.lines().enumerate().find(|(_, line)| line.contains(text)).unwrap();
        let x = line[..line.find(text).unwrap()].chars().count();
        (u16::try_from(x).unwrap() + 2, u16::try_from(y).unwrap())
    };
    for (button, calls) in [("[ Cancel ]", 0), ("[ Maintenance on ]", 1)] {
        let mut stage = stage("Nodes");
        stage.press("m");
        let (x, y) = place(&stage.frame(), button);
        stage.click(x, y);
        assert_eq!((stage.calls().len(), stage.state.dialogs.len()), (calls, 0), "{button}");
    }
}

#[test]
fn the_documentation_has_the_table_of_keys() {
    let document = include_str!("../../../share/doc/dashboard.md");
    assert!(document.contains(b3lb_tui::screens::key_table().trim()), "paste what b3lb-tui --keys prints");
}
