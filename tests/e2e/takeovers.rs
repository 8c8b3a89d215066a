//! Takeovers while something is broken: two daemons under load with the real litestream, and an S3 server behind a proxy
//! that breaks it. `check.rs` tells what must be true afterwards, whatever was broken.
//!
//! `B3LB_TAKEOVER_ROUNDS` repeats each of them, for a longer run: `tests/replicas/rounds 20`.

mod check;
mod load;
mod round;

use std::time::Duration;

use round::Round;
use tokio::process::Command;

use crate::pair::{number, signal};
use crate::replication::s3_server::gate::Fault;

/// Repeats a test as often as is wanted.
async fn rounds<F: Future<Output = ()>>(round: impl Fn(usize) -> F) {
    for n in 0..number("B3LB_TAKEOVER_ROUNDS").unwrap_or(1) {
        round(n).await;
    }
}

/// Another moment in each round.
async fn a_while(round: usize) {
    tokio::time::sleep(Duration::from_millis(500 + 70 * (round as u64 % 15))).await;
}

#[tokio::test]
async fn the_primary_is_killed() {
    rounds(|n| async move {
        let mut round = Round::start(&[]).await;
        a_while(n).await;
        round.kill_primary().await;
        round.refuses(3).await;
        round.take_over().await;
        round.goes_on(40).await;
        // It comes back with its old database.
        round.pair.world.daemon.start_again().await;
        round.former_primary_follows().await;
        round.check().await;
    })
    .await;
}

#[tokio::test]
async fn the_primary_hangs() {
    rounds(|n| async move {
        let mut round = Round::start(&[]).await;
        a_while(n).await;
        let pid = round.pair.world.daemon.pid();
        round.is_broken();
        signal(pid, "STOP").await;
        round.refuses(3).await;
        round.take_over().await;
        round.goes_on(20).await;
        // It goes on with what waits in its sockets, and thinks that no time has passed.
        signal(pid, "CONT").await;
        round.former_primary_follows().await;
        round.check().await;
    })
    .await;
}

#[tokio::test]
async fn the_store_is_away_for_the_primary_only() {
    rounds(|n| async move {
        let mut round = Round::start(&[]).await;
        round.is_broken();
        round.breaks(0, Fault::Away);
        a_while(n).await;
        round.take_over().await;
        round.goes_on(40).await;
        round.breaks(0, Fault::None);
        round.former_primary_follows().await;
        round.check().await;
    })
    .await;
}

#[tokio::test]
async fn the_store_is_away_for_the_replica_only() {
    rounds(|n| async move {
        let mut round = Round::start(&[]).await;
        round.breaks(1, Fault::Away);
        a_while(n).await;
        round.cannot_take_over("store").await;
        round.goes_on(20).await;
        round.breaks(1, Fault::None);
        round.take_over().await;
        round.former_primary_follows().await;
        round.check().await;
    })
    .await;
}

#[tokio::test]
async fn the_store_is_away_for_both() {
    rounds(|n| async move {
        let mut round = Round::start(&[]).await;
        round.is_broken();
        round.breaks_both(Fault::Away);
        a_while(n).await;
        round.kill_primary().await;
        round.cannot_take_over("store").await;
        round.breaks_both(Fault::None);
        round.take_over().await;
        round.pair.world.daemon.start_again().await;
        round.former_primary_follows().await;
        round.check().await;
    })
    .await;
}

#[tokio::test]
async fn the_store_answers_with_errors() {
    rounds(|n| async move {
        let mut round = Round::start(&[]).await;
        round.breaks_both(Fault::Errors);
        a_while(n).await;
        round.cannot_take_over("store").await;
        round.breaks_both(Fault::None);
        round.take_over().await;
        round.former_primary_follows().await;
        round.check().await;
    })
    .await;
}

#[tokio::test]
async fn the_store_is_slow() {
    rounds(|n| async move {
        let mut round = Round::start(&[]).await;
        round.breaks_both(Fault::Slow(Duration::from_secs(20)));
        a_while(n).await;
        round.cannot_take_over("store").await;
        round.breaks_both(Fault::None);
        round.take_over().await;
        round.former_primary_follows().await;
        round.check().await;
    })
    .await;
}

#[tokio::test]
async fn the_answer_to_the_claim_is_lost() {
    rounds(|n| async move {
        let mut round = Round::start(&[]).await;
        a_while(n).await;
        round.kill_primary().await;
        round.breaks(1, Fault::LosesAnswers);
        round.take_over().await;
        round.breaks(1, Fault::None);
        round.pair.world.daemon.start_again().await;
        round.former_primary_follows().await;
        round.check().await;
    })
    .await;
}

#[tokio::test]
async fn the_follower_is_killed() {
    rounds(|n| async move {
        let mut round = Round::start(&[]).await;
        let plan = round.pair.folder.path().join("other/b3lb.db.follow.json");
        kill_those_with(&plan).await;
        a_while(n).await;
        round.kill_primary().await;
        kill_those_with(&plan).await;
        round.take_over().await;
        round.pair.world.daemon.start_again().await;
        round.former_primary_follows().await;
        round.check().await;
    })
    .await;
}

#[tokio::test]
async fn litestream_is_killed_again_and_again() {
    rounds(|n| async move {
        let mut round = Round::start(&[]).await;
        let plan = round.pair.world.daemon.database().with_extension("db.litestream.json");
        round.is_broken();
        for _ in 0..3 {
            kill_those_with(&plan).await;
            round.goes_on(40).await;
        }
        a_while(n).await;
        round.kill_primary().await;
        round.take_over().await;
        round.pair.world.daemon.start_again().await;
        round.former_primary_follows().await;
        round.check().await;
    })
    .await;
}

/// Kills programs with this file among their arguments, if there are any now.
async fn kill_those_with(file: &std::path::Path) {
    let status = Command::new("pkill").args(["-9", "-f", file.to_str().unwrap()]).status().await.unwrap();
    assert!(matches!(status.code(), Some(0 | 1)), "pkill works");
}

#[tokio::test]
async fn files_of_the_store_are_lost() {
    rounds(|n| async move {
        let mut round = Round::start(&[]).await;
        let files = round.server.files("b3lb/epoch-1/").await;
        let newest: Vec<_> = files.iter().filter(|it| it.contains("/0000/")).rev().take(3).collect();
        assert!(!newest.is_empty(), "{files:?}");
        round.is_broken();
        for file in newest {
            round.server.delete(file).await;
        }
        a_while(n).await;
        round.kill_primary().await;
        round.take_over().await;
        round.pair.world.daemon.start_again().await;
        round.former_primary_follows().await;
        round.check().await;
    })
    .await;
}

#[tokio::test]
async fn the_replica_has_no_room() {
    rounds(|n| async move {
        let mut round = Round::prepare(&[]).await;
        // It is told by an error, not by a deadly signal.
        round.pair.other.wrap(&["/bin/sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
        assert_eq!(round.pair.other.terminate().await, Some(0));
        round.pair.other.start_again().await;
        round.pair.is_replica(&round.pair.other).await;
        round.begin().await;
        round.limit_files_of_replica("1").await;
        a_while(n).await;
        round.replica_tells("copy").await;
        round.limit_files_of_replica("unlimited").await;
        round.pair.is_replica(&round.pair.other).await;
        round.kill_primary().await;
        round.take_over().await;
        round.pair.world.daemon.start_again().await;
        round.former_primary_follows().await;
        round.check().await;
    })
    .await;
}

#[tokio::test]
async fn clocks_jump() {
    rounds(|n| async move {
        let mut round = Round::prepare(&[]).await;
        let clocks = tempfile::tempdir().unwrap();
        let files = [0, 1].map(|n| clocks.path().join(n.to_string()));
        for (daemon, file) in [&mut round.pair.world.daemon, &mut round.pair.other].into_iter().zip(&files) {
            std::fs::write(file, "+0").unwrap();
            daemon.fake_clock(file);
            assert_eq!(daemon.terminate().await, Some(0));
            daemon.start_again().await;
        }
        round.pair.is_replica(&round.pair.other).await;
        round.begin().await;
        // The primary is an hour ahead, then an hour behind.
        for jump in ["+3600", "-3600"] {
            std::fs::write(&files[0], jump).unwrap();
            round.goes_on(40).await;
        }
        std::fs::write(&files[1], ["+3600", "-7200"][n % 2]).unwrap();
        round.goes_on(20).await;
        round.pair.is_replica(&round.pair.other).await;
        round.take_over().await;
        round.former_primary_follows().await;
        round.check().await;
    })
    .await;
}

#[tokio::test]
async fn the_primary_hangs_and_the_replica_takes_over_by_itself() {
    rounds(|n| async move {
        let mut round = Round::start(&[("FAILOVER", "auto")]).await;
        a_while(n).await;
        let pid = round.pair.world.daemon.pid();
        round.is_broken();
        signal(pid, "STOP").await;
        round.refuses(3).await;
        round.goes_on(1).await;
        // For longer than the lease lasts, in which it has to notice that it was away.
        tokio::time::sleep(Duration::from_secs(15)).await;
        signal(pid, "CONT").await;
        round.former_primary_follows().await;
        round.check().await;
    })
    .await;
}
