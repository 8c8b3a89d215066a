//! Copies of the database, while it works.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::World;
use harness::world::soon;
use rpc::ErrorCode;
use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::{good, refused};
use crate::support::create;

/// A copy that is made while meetings are created is whole, and has all that was answered before it.
#[tokio::test]
async fn a_backup_under_load_is_whole() {
    let world = World::start(2).await;
    let (stop, made) = (AtomicBool::new(false), AtomicUsize::new(0));
    let load = async {
        while !stop.load(Ordering::Relaxed) {
            let n = made.fetch_add(1, Ordering::Relaxed);
            assert!(create(&world.foo, &format!("room-{n}")).await.ok());
        }
    };
    let copy = async {
        while made.load(Ordering::Relaxed) < 20 {
            tokio::task::yield_now().await;
        }
        let admin = world.admin().await;
        let answered = made.load(Ordering::Relaxed) - 1;
        let backup = good(admin.backup_begin(soon()).await);
        let mut bytes = Vec::new();
        loop {
            let part = good(admin.backup_read(soon(), backup.id, bytes.len() as u64).await);
            if part.reveal().is_empty() {
                break;
            }
            bytes.extend(STANDARD.decode(part.reveal()).unwrap());
        }
        good(admin.backup_end(soon(), backup.id).await);
        refused(admin.backup_read(soon(), backup.id, 0).await, ErrorCode::NotFound);
        stop.store(true, Ordering::Relaxed);
        (bytes, backup, answered)
    };
    let ((), (bytes, backup, answered)) = tokio::join!(load, copy);
    assert_eq!((bytes.len() as u64, hex::encode(Sha256::digest(&bytes))), (backup.bytes, backup.sha256));
    let path = world.folder().join("copy.db");
    std::fs::write(&path, bytes).unwrap();
    let db = Connection::open(&path).unwrap();
    let whole: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    let meetings: i64 = db.query_row("SELECT count(*) FROM meeting", [], |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok");
    assert!(meetings >= i64::try_from(answered).unwrap(), "{meetings} of at least {answered}");
    let left = std::fs::read_dir(world.folder())
        .unwrap()
        .filter(|it| it.as_ref().unwrap().file_name().to_string_lossy().starts_with(".b3lb-backup"));
    assert_eq!(left.count(), 0, "the copy is gone");
}

/// Nobody reads another one's copy, and it goes with who made it.
#[tokio::test]
async fn a_copy_belongs_to_its_connection() {
    let world = World::start(0).await;
    let (one, other) = (world.admin().await, world.admin().await);
    let backup = good(one.backup_begin(soon()).await);
    refused(other.backup_read(soon(), backup.id, 0).await, ErrorCode::NotFound);
    drop(one);
    harness::eventually("the copy is gone", || async {
        let left = std::fs::read_dir(world.folder())
            .unwrap()
            .filter(|it| it.as_ref().unwrap().file_name().to_string_lossy().starts_with(".b3lb-backup"));
        (left.count() == 0).then_some(())
    })
    .await;
}
