//! A database that takes no writes: creates fail, everything else goes on, and nothing is half-written.

use std::time::Duration;

use harness::{World, eventually};
use rusqlite::Connection;
use simnode::{Fault, Scope, SimNode};
use tokio::process::Command;

use crate::support::{
    about, callbacks, create, create_with_callback, is_listed, joined_node, listed, phases, ping, pings,
    polled_again, query, settled,
};

const CLIENT: &str = "http://192.0.2.1/ended";

/// A way to keep the daemon from writing.
enum Trouble {
    /// Another process holds the write lock.
    Locked(Connection),
    /// No file of the daemon's may grow: writes fail as on a full disk.
    NoRoom,
}

impl Trouble {
    fn lock(world: &World) -> Self {
        let db = Connection::open(world.daemon.database()).unwrap();
        db.execute_batch("BEGIN IMMEDIATE").expect("nobody else holds it for long");
        Self::Locked(db)
    }

    async fn no_room(world: &World) -> Self {
        limit_files(world, "1").await;
        Self::NoRoom
    }

    async fn end(self, world: &World) {
        match self {
            Self::Locked(db) => db.execute_batch("ROLLBACK").unwrap(),
            Self::NoRoom => limit_files(world, "unlimited").await,
        }
    }

    fn in_words(&self) -> &'static str {
        match self {
            Self::Locked(_) => "locked by another process",
            Self::NoRoom => "disk I/O error",
        }
    }
}

async fn limit_files(world: &World, size: &str) {
    let pid = world.daemon.pid().to_string();
    let limit = format!("--fsize={size}:");
    let status = Command::new("prlimit").args(["--pid", &pid, &limit]).status().await.unwrap();
    assert!(status.success(), "prlimit works");
}

/// A world whose daemon is told of files that may not grow by an error, not by a deadly signal.
async fn world() -> World {
    let mut world = World::start(2).await;
    world.daemon.wrap(&["/bin/sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
    assert_eq!(world.daemon.terminate().await, Some(0));
    world.daemon.start_again().await;
    world.all_up().await;
    world
}

/// A meeting that a poll has shown.
async fn begin(world: &World) {
    assert!(create_with_callback(&world.foo, "room", CLIENT).await.ok());
    polled_again(&world.nodes[settled(world, "room").await - 1]).await;
}

fn creates(world: &World) -> usize {
    world.nodes.iter().map(|it| it.count("create")).sum()
}

async fn writes_fail_and_come_back(world: &World, trouble: Trouble) {
    let case = trouble.in_words();
    let (asked_before, rows) = (creates(world), phases(world, "new"));
    let failed = create(&world.foo, "new").await;
    assert_eq!((failed.status, failed.key().as_str()), (200, "internalError"), "{case}: {failed:?}");
    assert!(failed.text("message").unwrap().contains("could not be stored"), "{case}: {failed:?}");
    assert_eq!(creates(world), asked_before, "{case}: no node is asked for what cannot be stored");
    assert!(!ping(world).await, "{case}: ping");
    assert!(world.daemon.log().contains(case), "the log says why: {case}");

    let host = settled(world, "room").await;
    assert!(about(&world.foo, "getMeetingInfo", "room").await.ok(), "{case}");
    assert_eq!(create(&world.foo, "room").await.key(), "duplicateWarning", "{case}: answered as before");
    assert_eq!(joined_node(&world.foo, "new").await, None, "{case}: nothing is half there");
    assert_eq!(phases(world, "new"), rows, "{case}: nothing is half-written");
    let refused = world.daemon.cli(&["cluster", "add", "unwanted"]).await;
    assert_eq!(refused.status.code(), Some(1), "{case}: {refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains(case), "{case}: {refused:?}");
    assert_eq!(world.daemon.cli(&["cluster", "show", "unwanted"]).await.status.code(), Some(3), "{case}");

    // A meeting that ends now is gone, or still there, but its client is not told twice.
    world.nodes[host - 1].end_meeting("room");
    trouble.end(world).await;
    pings(world, true).await;
    is_listed(&world.foo, "room", false).await;
    assert_eq!(callbacks(world), [CLIENT], "{case}: told once");
    assert!(create(&world.foo, "new").await.ok(), "{case}: works again");
    settled(world, "new").await;
    assert_eq!(phases(world, "new"), ["live"], "{case}");
    assert_eq!(world.daemon.cli(&["cluster", "add", "wanted"]).await.status.code(), Some(0), "{case}");
    let sound = query(&world.daemon.database(), "PRAGMA integrity_check");
    assert_eq!(sound, ["ok"], "{case}");
}

#[tokio::test]
async fn a_locked_database_fails_creates_and_nothing_else() {
    let world = world().await;
    begin(&world).await;
    writes_fail_and_come_back(&world, Trouble::lock(&world)).await;
}

#[tokio::test]
async fn a_disk_without_room_fails_creates_and_nothing_else() {
    let mut world = world().await;
    begin(&world).await;
    let trouble = Trouble::no_room(&world).await;
    writes_fail_and_come_back(&world, trouble).await;
    world.daemon.kill().await;
    world.daemon.start_again().await;
    assert_eq!(
        listed(&world.foo).await,
        ["new".to_owned()].into(),
        "what was told after the trouble is kept"
    );
}

/// The trouble begins while a node is at work: the meeting is there, but cannot be confirmed.
#[tokio::test]
async fn a_meeting_that_could_not_be_confirmed_is_found_again() {
    let mut world = world().await;
    let late =
        |node: &SimNode| node.fail(Fault::Late(Duration::from_secs(1)), Scope::call("create").times(1));
    for (id, restart) in [("stays", false), ("dies", true)] {
        world.nodes.iter().for_each(late);
        let create_late = tokio::spawn({
            let foo = world.foo.clone();
            async move { create(&foo, id).await }
        });
        eventually("a node is asked", || async { (phases(&world, id) == ["creating"]).then_some(()) }).await;
        let trouble = Trouble::no_room(&world).await;
        let failed = create_late.await.unwrap();
        assert_eq!((failed.ok(), failed.key().as_str()), (false, "internalError"), "{id}: {failed:?}");
        let made = world.hosts_of(id);
        assert_eq!(made.len(), 1, "{id}: the node has made it");
        assert_eq!(phases(&world, id), ["creating"], "{id}");
        if restart {
            world.daemon.kill().await;
            world.daemon.start_again().await;
        } else {
            trouble.end(&world).await;
        }
        world.nodes.iter().for_each(SimNode::heal);
        let repeated = create(&world.foo, id).await;
        assert!(repeated.ok(), "{id}: {repeated:?}");
        let life = world.nodes[made[0] - 1].meeting(id).unwrap().internal_id;
        assert_eq!(repeated.text("internalMeetingID"), Some(life), "{id}: the one that is there");
        assert_eq!([settled(&world, id).await], *made, "{id}");
        is_listed(&world.foo, id, true).await;
        assert_eq!(phases(&world, id), ["live"], "{id}");
    }
}

/// What is written to a file that nobody will find again is not acknowledged.
#[tokio::test]
async fn finding_6_a_database_that_is_moved_away_is_noticed() {
    let world = World::start(1).await;
    begin(&world).await;
    for name in ["b3lb.db", "b3lb.db-wal"] {
        let (path, away) = (world.folder().join(name), world.folder().join("away"));
        std::fs::rename(&path, &away).unwrap();
        pings(&world, false).await;
        let failed = create(&world.foo, "new").await;
        assert_eq!((failed.ok(), failed.key().as_str()), (false, "internalError"), "{name}: {failed:?}");
        assert_eq!(creates(&world), 1, "{name}: no node is asked for what cannot be stored");
        assert!(settled(&world, "room").await > 0, "{name}: joins go on");
        assert!(world.daemon.log().contains("moved away or replaced"), "{name}");
        std::fs::rename(&away, &path).unwrap();
        pings(&world, true).await;
    }
    assert!(create(&world.foo, "new").await.ok(), "works again");
}

#[tokio::test]
async fn finding_6_a_missing_database_is_not_begun_anew_without_a_word() {
    let mut world = World::start(1).await;
    assert_eq!(world.daemon.terminate().await, Some(0));
    std::fs::remove_file(world.daemon.database()).unwrap();
    let refused = world.daemon.command().output().await.unwrap();
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{error}");
    assert!(error.contains("b3lb.db is missing") && error.contains("--new"), "{error}");
    assert!(!world.daemon.database().exists(), "nothing was made");
    world.daemon.argument("--new");
    world.daemon.start_again().await;
    assert_eq!(create(&world.foo, "room").await.key(), "checksumError", "an empty one, as the operator says");
}
