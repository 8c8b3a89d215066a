//! `backup`, while the daemon works.

use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use harness::{World, eventually};
use rusqlite::{Connection, OpenFlags};
use serde_json::json;

use super::run;
use crate::support::create;

/// The copy has all that was answered before it, and is a database that opens.
#[tokio::test]
async fn a_copy_made_under_load_is_whole() {
    let world = World::start(2).await;
    let (stop, made) = (AtomicBool::new(false), AtomicUsize::new(0));
    let load = async {
        while !stop.load(Ordering::Relaxed) {
            assert!(create(&world.foo, &format!("room-{}", made.load(Ordering::Relaxed))).await.ok());
            made.fetch_add(1, Ordering::Relaxed);
        }
    };
    let file = world.folder().join("copy.db");
    let so_many = async |n: usize| {
        eventually("creates go on", || async { (made.load(Ordering::Relaxed) >= n).then_some(()) }).await;
    };
    let copy = async {
        so_many(20).await;
        let answered = made.load(Ordering::Relaxed);
        let said = run(&world, &format!("backup {} --json", file.display())).await.json();
        so_many(answered + 1).await;
        stop.store(true, Ordering::Relaxed);
        (answered, said)
    };
    let ((), (answered, said)) = tokio::join!(load, copy);
    let metadata = std::fs::metadata(&file).unwrap();
    assert_eq!((&said["file"], &said["bytes"]), (&json!(file), &json!(metadata.len())));
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "it has secrets in it");

    let db = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let whole: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    let meetings: i64 = db.query_row("SELECT count(*) FROM meeting", [], |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok");
    assert!(usize::try_from(meetings).unwrap() >= answered, "{meetings} of at least {answered}");
}

/// To restore, the copy takes the place of the database.
#[tokio::test]
async fn a_daemon_starts_with_the_copy() {
    let mut world = World::start(1).await;
    world.foo.create("room").await;
    let file = world.folder().join("copy.db");
    run(&world, &format!("backup {}", file.display())).await.good();
    run(&world, "tenant add LATER --group g").await.good();
    world.daemon.kill().await;
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", world.daemon.database().display()));
    }
    std::fs::rename(&file, world.daemon.database()).unwrap();
    world.daemon.start_again().await;
    assert_eq!(run(&world, "tenant show LATER").await.code, Some(3), "that came after the copy");
    assert!(world.foo.get("getMeetings", &[]).await.ok(), "its secret is in the copy");
    assert_eq!(run(&world, "meeting show FOO room --json").await.json()["id"], "room");
}
