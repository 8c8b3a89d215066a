//! A model test of the lifecycle. It runs the daemon's own modules against nodes that behave like BBB, in
//! virtual time, under a scheduler whose choices are derived from a seed. After each step it checks the
//! invariants of the contract: nobody reaches a foreign meeting, nothing that was acknowledged is lost,
//! nothing exists twice.
//!
//! `B3LB_MODEL_SEEDS` is the number of seeds to try, and `B3LB_MODEL_FROM` the first one. The default is
//! small enough for a debug build; `tests/run` tries 100,000 in a release build, and `tests/model` any
//! number.

#![allow(clippy::unwrap_used, reason = "a test may fail")]
#![allow(missing_docs, unreachable_pub, reason = "a test has no readers but its own")]

mod daemon;
mod network;
mod run;
mod scheduler;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use b3lbd::store::MemoryStore;
use parking_lot::Mutex;

/// Seeds that fail if the fix of this fault is reverted.
const KEPT: [(u64, &str); 8] = [
    (3, "nodes are asked by external ids"),
    (60, "a repeat is not durable before its node is asked"),
    (199, "the nonce of an attempt that is over counts as that of the next life"),
    (1_079, "an end does not wait for the create under way"),
    (5_030, "an operator's end forgets an attempt that may still come through"),
    (6_112, "a poll that is older than an end binds its meeting again"),
    (8_269, "a repeat that shows the same life forgets an earlier one that is on its way"),
    (72_938, "the callback of one of two attempts settles the other one"),
];
/// The number of seeds that a debug build runs in a few seconds.
const FEW: u64 = 200;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|it| it.parse().ok())
}

#[test]
fn the_invariants_hold_for_every_seed() {
    let (from, count) = (number("B3LB_MODEL_FROM").unwrap_or(0), number("B3LB_MODEL_SEEDS").unwrap_or(FEW));
    let next = AtomicU64::new(0);
    let failed: Mutex<Option<(u64, String)>> = Mutex::default();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let begun = std::time::Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let db = Arc::new(MemoryStore::new().unwrap());
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count || failed.lock().is_some() {
                        return;
                    }
                    if let Err(error) = run::run(from + n, &db, false) {
                        failed.lock().get_or_insert((from + n, error));
                    }
                }
            });
        }
    });
    if let Some((seed, error)) = failed.into_inner() {
        let db = Arc::new(MemoryStore::new().unwrap());
        let again = run::run(seed, &db, true);
        panic!("seed {seed}: {error}\nB3LB_MODEL_FROM={seed} B3LB_MODEL_SEEDS=1 shows it again: {again:?}");
    }
    println!("{count} seeds from {from} in {:.1} s", begun.elapsed().as_secs_f64());
}

#[test]
fn seeds_that_found_a_fault_find_none() {
    let db = Arc::new(MemoryStore::new().unwrap());
    for (seed, fault) in KEPT {
        if let Err(error) = run::run(seed, &db, false) {
            panic!("seed {seed}, which is for {fault}: {error}");
        }
    }
}
