//! The operator at eight in the morning: everything that is wrong is in `status`, and closes by itself.

use std::collections::BTreeMap;

use harness::world::soon;
use harness::{World, eventually};
use rpc::{EventFilter, EventKind, NodeState, Problem, ProblemKind, Severity};
use simnode::{Fault, Scope};

use crate::support::create;

async fn problems(world: &World) -> Vec<Problem> {
    world.admin().await.status(soon()).await.unwrap().unwrap().problems
}

/// The problems by kind, with their subjects.
fn kinds(problems: &[Problem]) -> BTreeMap<&'static str, Vec<&str>> {
    let mut kinds: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for it in problems {
        kinds.entry(it.kind.as_str()).or_default().push(&*it.subject);
    }
    kinds
}

fn find(problems: &[Problem], kind: ProblemKind) -> &Problem {
    problems.iter().find(|it| it.kind == kind).unwrap_or_else(|| panic!("{kind:?} in {problems:?}"))
}

#[tokio::test]
async fn a_morning_drill() {
    let world = World::start_with(4, &[("NODE_REQUEST_TIMEOUT", "0.3")]).await;
    let bar = world.add_tenant("BAR").await;
    assert!(create(&world.foo, "room").await.ok());
    world.host_of("room").set_attendees("room", 7);
    eventually("a poll has seen them", || async {
        let list = world.foo.get("getMeetings", &[]).await.body;
        list.contains("<participantCount>7<").then_some(())
    })
    .await;
    let host = world.hosts_of("room")[0];
    assert_eq!(problems(&world).await, []);

    // One node hangs, with a class on it; another one refuses.
    let other = if host == 1 { 2 } else { 1 };
    world.nodes[host - 1].fail(Fault::Hang, Scope::all());
    world.nodes[other - 1].refuse().await;
    world.node_state(host, NodeState::Down).await;
    world.node_state(other, NodeState::Down).await;
    // BAR is at its limit.
    let limited = world.daemon.cli(&["tenant", "set", "BAR", "--meeting-limit", "1"]).await;
    assert!(limited.status.success(), "{limited:?}");
    assert!(create(&bar, "one").await.ok());
    for n in 0..3 {
        assert!(!create(&bar, &format!("more {n}")).await.ok());
    }
    let found = problems(&world).await;
    assert_eq!(
        kinds(&found).keys().copied().collect::<Vec<_>>(),
        ["limit_reached", "node_down"],
        "{found:?}"
    );
    let down: Vec<_> = found.iter().filter(|it| it.kind == ProblemKind::NodeDown).collect();
    let hung = down.iter().find(|it| it.meetings > 0).unwrap();
    assert_eq!((down.len(), hung.meetings, hung.attendees), (2, 1, 7), "{hung:?}");
    assert_eq!((hung.tenants.as_slice(), hung.severity), (["FOO".to_owned()].as_slice(), Severity::Error));
    assert!(hung.advice.contains("node check") && hung.since.ends_with('Z'), "{hung:?}");
    let limit = find(&found, ProblemKind::LimitReached);
    assert_eq!((&*limit.subject, &*limit.text), ("tenant BAR", "1 of 1 meetings, 3 creates refused"));

    // The rest goes down: 40 creates are refused.
    let rest: Vec<_> = (1..=4).filter(|n| *n != host && *n != other).collect();
    for n in &rest {
        world.nodes[n - 1].refuse().await;
        world.node_state(*n, NodeState::Down).await;
    }
    for n in 0..40 {
        assert!(!create(&world.foo, &format!("new {n}")).await.ok());
    }
    let found = problems(&world).await;
    let refused = find(&found, ProblemKind::CreatesRefused);
    assert_eq!((refused.count, &*refused.text), (40, "40 creates refused: no node available (FOO)"));
    assert_eq!(found[0].severity, Severity::Error);
    let status = world.daemon.cli(&["status"]).await;
    let said = String::from_utf8_lossy(&status.stdout).into_owned();
    assert_eq!(status.status.code(), Some(8), "{said}");
    assert!(said.contains("40 creates refused: no node available (FOO); since "), "{said}");

    // After the mend all close by themselves, but for what is told for some minutes.
    world.nodes[host - 1].heal();
    for n in rest.iter().chain([&other]) {
        world.nodes[n - 1].accept_again().await.unwrap();
    }
    for n in 1..=4 {
        world.node_state(n, NodeState::Up).await;
    }
    eventually("nodes are well", || async {
        let found = problems(&world).await;
        (kinds(&found).keys().copied().collect::<Vec<_>>() == ["creates_refused", "limit_reached"])
            .then_some(())
    })
    .await;
    let filter = EventFilter { kinds: vec![EventKind::System], ..EventFilter::default() };
    let events = world.admin().await.event_list(soon(), filter, 0).await.unwrap().unwrap();
    assert!(events.iter().any(|it| it.text.contains("1 of 1 meetings")), "{events:?}");
}

#[tokio::test]
async fn a_planned_reboot_is_no_problem() {
    let world = World::start(2).await;
    assert!(world.daemon.cli(&["node", "maintenance", "n2", "on"]).await.status.success());
    world.nodes[1].refuse().await;
    world.node_state(2, NodeState::Down).await;
    assert_eq!(problems(&world).await, []);
    assert_eq!(world.daemon.cli(&["status"]).await.status.code(), Some(0));
}
