//! A model test of [`b3lbd::role`]: three daemons and a store in virtual time, with a network that delays and
//! drops requests and replies, partitions, daemons that pause or restart, machines that reboot, and boot clocks of
//! their own rate. Wall clocks may say anything, because the rules have none.
//!
//! `B3LB_MODEL_SEEDS` is the number of seeds to try, and `B3LB_MODEL_FROM` the first one.

#![allow(clippy::unwrap_used, reason = "a test may fail")]
#![allow(missing_docs, unreachable_pub, reason = "a test has no readers but its own")]

mod daemon;
mod network;
mod run;
mod store;

/// The number of seeds that a debug build runs in a few seconds.
const FEW: u64 = 200;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|it| it.parse().ok())
}

#[test]
fn one_primary_for_every_seed() {
    let (from, count) = (number("B3LB_MODEL_FROM").unwrap_or(0), number("B3LB_MODEL_SEEDS").unwrap_or(FEW));
    let mut totals = run::Totals::default();
    for seed in from..from + count {
        match run::run(seed, run::Fault::None) {
            Ok(one) => totals.add(one),
            Err(error) => {
                panic!("seed {seed}: {error}\nB3LB_MODEL_FROM={seed} B3LB_MODEL_SEEDS=1 repeats it")
            }
        }
    }
    println!("{count} seeds from {from}: {totals:?}");
    let all_happened = totals.acts > 0 && totals.by_hand > 0 && totals.automatic > 0 && totals.told_late > 0;
    assert!(count < FEW || all_happened, "something never happened in {count} seeds: {totals:?}");
}

/// Rules, a seed near which a run fails without each, and how it fails.
const RULES: [(run::Fault, u64, &str); 4] = [
    (run::Fault::NoLease, 0, "act at once"),
    (run::Fault::RenewalCountsFromItsReply, 1_800, "act at once"),
    (run::Fault::NoCheckAtTheAct, 0, "act at once"),
    (run::Fault::RestartEndsThePause, 0, "automatic takeovers at"),
];

#[test]
fn the_model_finds_rules_that_are_left_out() {
    for (fault, from, how) in RULES {
        let found =
            (from..from + 5_000).find_map(|seed| run::run(seed, fault).err().map(|error| (seed, error)));
        let (seed, error) = found.unwrap_or_else(|| panic!("{fault:?} is not found from seed {from} on"));
        assert!(error.contains(how), "{fault:?}, seed {seed}: {error}");
        println!("{fault:?}: seed {seed}: {error}");
    }
}
