//! Live data: a snapshot, then only what changed.

use std::collections::{BTreeMap, BTreeSet};

use harness::World;
use harness::world::soon;
use rpc::{AdminClient, NodeState, WatchAnswer, WatchFrom};

use super::good;
use crate::support::settled;

/// What a watcher knows.
#[derive(Default)]
struct Picture {
    from: WatchFrom,
    nodes: BTreeMap<i64, String>,
    states: BTreeMap<i64, (NodeState, bool)>,
    tenants: BTreeMap<i64, String>,
    meetings: BTreeMap<i64, String>,
    attendees: BTreeMap<i64, u32>,
    events: BTreeSet<u64>,
    resets: usize,
    last: Option<WatchAnswer>,
}

impl Picture {
    fn with_meetings() -> Self {
        Self { from: WatchFrom { meetings: Some(0), ..WatchFrom::default() }, ..Self::default() }
    }

    fn take(&mut self, answer: WatchAnswer) {
        if answer.reset {
            self.resets += 1;
            (self.nodes, self.tenants) = (BTreeMap::new(), BTreeMap::new());
        }
        self.nodes.extend(answer.nodes.rows.iter().map(|it| (it.id, it.slug.clone())));
        self.states.extend(answer.nodes.stats.iter().map(|it| (it.id, (it.state, it.maintenance))));
        self.nodes.retain(|id, _| !answer.nodes.gone.contains(id));
        self.tenants.extend(answer.tenants.rows.iter().map(|it| (it.id, it.slug.clone())));
        self.tenants.retain(|id, _| !answer.tenants.gone.contains(id));
        for event in &answer.events {
            assert!(self.events.insert(event.seq), "an event is told once");
        }
        if let Some(changes) = &answer.meetings {
            if changes.reset {
                self.meetings.clear();
            }
            self.meetings.extend(changes.changes.rows.iter().map(|it| (it.number, it.id.clone())));
            self.attendees.extend(changes.changes.stats.iter().map(|it| (it.number, it.attendees)));
            self.meetings.retain(|row, _| !changes.changes.gone.contains(row));
        }
        let meetings = answer.meetings.as_ref().map(|it| it.seq).or(self.from.meetings);
        self.from = WatchFrom { epoch: answer.epoch, seq: answer.seq, meetings };
        self.last = Some(answer);
    }

    /// Watches until the picture is as wanted.
    async fn until(&mut self, admin: &AdminClient, what: &str, wanted: impl Fn(&Self) -> bool) {
        let looks = async {
            while !wanted(self) {
                self.take(good(admin.watch(soon(), self.from, 5_000).await));
            }
        };
        tokio::time::timeout(harness::eventually::PATIENCE, looks).await.unwrap_or_else(|_| panic!("{what}"));
    }

    fn node(&self, slug: &str) -> (NodeState, bool) {
        let (id, _) = self.nodes.iter().find(|(_, it)| *it == slug).expect("it is there");
        self.states[id]
    }
}

#[tokio::test]
async fn a_watcher_follows_all_that_happens() {
    let mut world = World::start(2).await;
    world.foo.create("first").await;
    settled(&world, "first").await;
    let admin = world.admin().await;
    let mut picture = Picture::with_meetings();
    picture.until(&admin, "the snapshot", |it| it.nodes.len() == 2 && it.meetings.len() == 1).await;
    assert_eq!(picture.tenants.values().collect::<Vec<_>>(), ["FOO"]);
    assert_eq!((picture.node("n1"), picture.resets), ((NodeState::Up, false), 1));

    good(admin.node_maintenance(soon(), "n1".into(), true).await);
    world.add_tenant("BAR").await;
    world.foo.create("second").await;
    picture
        .until(&admin, "changes", |it| it.tenants.len() == 2 && it.meetings.len() == 2 && it.node("n1").1)
        .await;
    let host = settled(&world, "second").await;
    world.nodes[host - 1].set_attendees("second", 9);
    picture.until(&admin, "attendees", |it| it.attendees.values().any(|it| *it == 9)).await;
    world.nodes[host - 1].end_meeting("second");
    picture.until(&admin, "an end", |it| it.meetings.len() == 1).await;
    good(admin.tenant_rm(soon(), "BAR".into()).await);
    picture.until(&admin, "a removal", |it| it.tenants.len() == 1).await;
    assert_eq!(picture.resets, 1, "only what changed was told");
    assert!(!picture.events.is_empty());

    // Another connection goes on where this one was.
    let resumed = world.admin().await;
    world.foo.create("third").await;
    picture.until(&resumed, "going on", |it| it.meetings.len() == 2).await;
    assert_eq!(picture.resets, 1);

    // After a restart the daemon sends a snapshot.
    world.daemon.kill().await;
    world.daemon.start_again().await;
    picture.events.clear();
    let again = world.admin().await;
    picture
        .until(&again, "a new life", |it| it.resets == 2 && it.nodes.len() == 2 && it.meetings.len() == 2)
        .await;
}

/// Who does not want meetings is not told of them, and a quiet pool is told of slowly.
#[tokio::test]
async fn answers_are_small_and_spaced() {
    let world = World::start(1).await;
    world.foo.create("room").await;
    let admin = world.admin().await;
    let mut picture = Picture::default();
    picture.until(&admin, "the snapshot", |it| it.nodes.len() == 1).await;
    let before = std::time::Instant::now();
    for _ in 0..3 {
        picture.take(good(admin.watch(soon(), picture.from, 30_000).await));
        let last = picture.last.as_ref().unwrap();
        assert!(
            last.meetings.is_none() && !last.reset && last.nodes.rows.is_empty() && last.clusters.is_none()
        );
        assert!(serde_json::to_string(last).unwrap().len() < 2_000);
    }
    assert!(before.elapsed() >= std::time::Duration::from_secs(2), "a second between answers");
    assert!(picture.meetings.is_empty());
}

/// Positions that never existed.
#[tokio::test]
async fn nonsense_gets_a_snapshot() {
    let world = World::start(1).await;
    let admin = world.admin().await;
    let known = good(admin.watch(soon(), WatchFrom::default(), 0).await);
    for from in [
        WatchFrom { epoch: known.epoch, seq: u64::MAX, meetings: Some(u64::MAX) },
        WatchFrom { epoch: 1, seq: 1, meetings: None },
    ] {
        let answer = good(admin.watch(soon(), from, 0).await);
        assert!(answer.reset && answer.nodes.rows.len() == 1, "{from:?}");
    }
}
