//! Snapshots of frames: every tab, pane and dialog at three sizes.

use std::time::Duration;

use b3lb_tui::message::{Call, Command, Event, Refusal, Reply};
use b3lb_tui::screens::SCREENS;
use rpc::Role;

use crate::stage::{SIZES, Stage};
use crate::world::{self, EMPTY, HUGE, Size, USUAL};

/// Compares a frame with its snapshot.
fn check(name: &str, stage: &mut Stage) {
    let (width, height) = (stage.state.size.width, stage.state.size.height);
    let frame = stage.frame();
    assert_eq!(frame.lines().count(), usize::from(height));
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(format!("{name}-{width}x{height}"), frame);
    });
}

/// Presses the same keys at every size.
fn at_all_sizes(name: &str, tab: &str, keys: &str) {
    for size in SIZES {
        let mut stage = Stage::with(USUAL, size, tab);
        stage.answer().press(keys).answer();
        check(name, &mut stage);
    }
}

#[test]
fn tabs() {
    for tab in SCREENS.iter().map(|it| it.title()) {
        at_all_sizes(&format!("tab-{}", tab.to_lowercase()), tab, "");
    }
}

#[test]
fn tabs_without_colours_and_utf8() {
    for tab in SCREENS.iter().map(|it| it.title()) {
        let mut stage = Stage::with(USUAL, (120, 40), tab).plain();
        stage.answer();
        check(&format!("ascii-{}", tab.to_lowercase()), &mut stage);
        assert!(stage.frame().is_ascii(), "{}", stage.frame());
    }
    let mut stage = Stage::with(USUAL, (80, 24), "Nodes").plain();
    stage.answer().press("<Enter>").answer();
    check("ascii-node-details", &mut stage);
    stage.press("<Esc>m");
    check("ascii-confirm", &mut stage);
}

#[test]
fn tabs_of_a_new_installation() {
    for tab in SCREENS.iter().map(|it| it.title()) {
        let mut stage = Stage::with(EMPTY, (80, 24), tab);
        if tab == "Pool" {
            stage.event(Event::Answered(Call::PoolHistory, Ok(Reply::PoolHistory(Box::default()))));
        }
        check(&format!("empty-{}", tab.to_lowercase()), &mut stage);
    }
}

#[test]
fn tabs_of_a_huge_installation() {
    for tab in SCREENS.iter().map(|it| it.title()) {
        for size in [(80, 24), (200, 60)] {
            let mut stage = Stage::with(HUGE, size, tab);
            if tab == "Pool" {
                stage.answer();
            }
            stage.press("<Down><Down><PgDn>");
            check(&format!("huge-{}", tab.to_lowercase()), &mut stage);
        }
    }
}

/// Opens the details, unless a wide terminal has them open already.
fn details_at_all_sizes(name: &str, tab: &str, keys: &str) {
    for size in SIZES {
        let mut stage = Stage::with(USUAL, size, tab);
        stage.answer().press(keys);
        if !stage.state.pane_is_open() {
            stage.press("<Enter>");
        }
        stage.answer();
        check(name, &mut stage);
    }
}

#[test]
fn details() {
    details_at_all_sizes("details-node-up", "Nodes", "/bbb-001<Enter>");
    details_at_all_sizes("details-node-down", "Nodes", "");
    details_at_all_sizes("details-node-maintenance", "Nodes", "/bbb-007<Enter>");
    details_at_all_sizes("details-meeting", "Meetings", "/grüße<Enter>");
    details_at_all_sizes("details-tenant", "Tenants", "/schoolnord<Enter>");
    details_at_all_sizes("details-cluster", "Clusters", "<Down>");
    details_at_all_sizes("details-event", "Events", "/placed<Enter>");
}

#[test]
fn details_scroll() {
    let mut stage = Stage::with(USUAL, (80, 24), "Nodes");
    stage.press("/bbb-001<Enter><Enter>").answer().press("]]]]]]]]]]");
    check("details-scrolled", &mut stage);
}

#[test]
fn sorted_filtered_marked() {
    at_all_sizes("filter-typed", "Nodes", "/main !maint");
    at_all_sizes("filter-none-passes", "Meetings", "/nothing-like-it<Enter>");
    at_all_sizes("sorted-marked", "Nodes", ">>><Home>  <Down> ");
}

#[test]
fn questions() {
    at_all_sizes("confirm-maintenance", "Nodes", "/bbb-001<Enter>m");
    at_all_sizes("confirm-maintenance-many", "Nodes", "*m");
    at_all_sizes("confirm-maintenance-off", "Nodes", "/maint<Enter>*M");
    at_all_sizes("confirm-drain", "Nodes", "/bbb-011<Enter>D<Tab>");
    at_all_sizes("confirm-end-meeting", "Meetings", "x");
    at_all_sizes("confirm-end-many", "Meetings", "  xend");
}

#[test]
fn panels() {
    at_all_sizes("check", "Nodes", "/bbb-001<Enter>c");
    at_all_sizes("check-many", "Nodes", "  c");
    at_all_sizes("endpoints", "Tenants", "e");
    at_all_sizes("help-nodes", "Nodes", "?");
    at_all_sizes("help-meetings", "Meetings", "?");
    at_all_sizes("help-question", "Nodes", "m?");
    for size in SIZES {
        let mut stage = Stage::with(USUAL, size, "Tenants");
        stage.press("e").answer().press("s").answer();
        check("endpoints-keys", &mut stage);
    }
}

#[test]
fn progress_of_a_drain() {
    for size in SIZES {
        let mut stage = Stage::with(USUAL, size, "Nodes");
        stage.press("/bbb-001<Enter>D<Tab><Enter>").answer();
        // The node is in maintenance now, and two of its meetings have ended.
        let mut answer = world::change(USUAL, 1);
        answer.totals.now += 60_000;
        answer.nodes.stats.retain(|it| it.id == 1);
        let stats = &mut answer.nodes.stats[0];
        (stats.maintenance, stats.load, stats.meetings) = (true, -2, stats.meetings.map(|it| it - 2));
        stats.polled_at += 60;
        let spec = rpc::DrainSpec { reason: "new kernel".into(), evacuate_after: Some(7200) };
        answer.nodes.rows = vec![rpc::NodeRow { drain: Some(world::drain(&spec)), ..world::node_row(0) }];
        let changes = &mut answer.meetings.as_mut().unwrap().changes;
        let mut there: Vec<i64> =
            stage.state.snapshot.meetings.iter().filter(|it| it.1.node == 1).map(|it| *it.0).collect();
        there.sort_unstable();
        changes.gone = there[..2].to_vec();
        changes.stats.clear();
        stage.later(60_000);
        stage.event(Event::Watched(Box::new(answer)));
        check("drain", &mut stage);
        stage.press("<Esc>");
        check("drain-behind", &mut stage);
    }
}

#[test]
fn results_of_many() {
    for size in SIZES {
        let mut stage = Stage::with(USUAL, size, "Nodes");
        stage.answer().press("   m<Tab><Enter>");
        let calls: Vec<Call> =
            stage.calls().into_iter().filter(|it| matches!(it, Call::Maintenance { .. })).collect();
        assert_eq!(calls.len(), 3);
        let refusal = Refusal {
            message: "this daemon is a replica: it changes nothing".into(),
            hint: Some("b3lb-cli promote makes it the primary, once the old one is off".into()),
        };
        stage.event(Event::Answered(calls[0].clone(), Err(refusal)));
        check("results-running", &mut stage);
        stage.commands.retain(|it| *it != Command::Call(calls[0].clone()));
        stage.answer();
        check("results", &mut stage);
    }
}

#[test]
fn connection() {
    for size in SIZES {
        let mut stage = Stage::empty(size, "Nodes");
        check("connecting", &mut stage);
        let lost = |tries| Event::Lost {
            reason: "no daemon at /run/b3lb/admin.sock or /run/user/1000/b3lb/admin.sock".into(),
            tries,
            retry_in: Duration::from_secs(5),
        };
        stage.event(lost(3));
        check("unreachable", &mut stage);

        let mut stage = Stage::with(USUAL, size, "Nodes");
        stage.answer();
        stage.event(lost(1));
        stage.later(8_000);
        stage.event(lost(3));
        stage.later(1_500);
        check("lost", &mut stage);
        stage.press("m");
        check("lost-refused", &mut stage);
    }
}

#[test]
fn failures() {
    for size in SIZES {
        let mut stage = Stage::with(USUAL, size, "Events");
        let mut answer = world::change(USUAL, 1);
        answer.totals.role = Role::Replica;
        answer.totals.problem_count = 7;
        answer.totals.problems = world::problems();
        stage.event(Event::Watched(Box::new(answer)));
        stage.later(61_000);
        check("trouble", &mut stage);
    }
}

#[test]
fn meetings_on_their_way() {
    let mut stage = Stage::empty((120, 40), "Meetings");
    stage.event(Event::Connected { hello: world::hello(), place: "unix:/run/b3lb/admin.sock".into() });
    let mut answer = world::snapshot(Size { meetings: 7, ..USUAL });
    (answer.more, answer.totals.meetings) = (true, 20_000);
    stage.event(Event::Watched(Box::new(answer)));
    check("meetings-loading", &mut stage);
}

#[test]
fn too_small() {
    for size in [(79, 24), (80, 23), (30, 8), (5, 2), (1, 1)] {
        let mut stage = Stage::with(USUAL, size, "Nodes");
        check("too-small", &mut stage);
    }
}
