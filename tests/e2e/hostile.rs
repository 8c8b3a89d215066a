//! Hostile clients and nodes in numbers: some seconds of each in every run, and as much as one likes by
//! `tests/hostile/run`. The seed is printed; the same seed gives the same requests and answers.

mod answers;
mod bodies;
mod generator;
mod memory;
mod mutant;
mod requests;
mod slow_readers;
mod wire;

use std::str::FromStr;

use harness::Daemon;

/// Above this, in MB, the daemon holds what it should not.
const MOST_MEMORY: u64 = 300;

/// A figure from the environment, `B3LB_HOSTILE_` and `name`.
fn figure<T: FromStr>(name: &str, default: T) -> T {
    match std::env::var(format!("B3LB_HOSTILE_{name}")) {
        Ok(value) => value.parse().unwrap_or_else(|_| panic!("B3LB_HOSTILE_{name} must be a number")),
        Err(_) => default,
    }
}

fn seed() -> u64 {
    figure("SEED", 0xB31B)
}

/// Over real sockets.
fn requests() -> usize {
    figure("REQUESTS", 20_000)
}

/// At the level of the parsers.
fn mutations() -> usize {
    figure("ANSWERS", 100_000)
}

/// Prints the peak of the daemon's memory, and looks that it is no higher than it may be.
fn peak_memory(daemon: &Daemon) -> u64 {
    let peak = daemon.peak_memory();
    println!("peak memory of the daemon: {peak} MB");
    assert!(peak < MOST_MEMORY, "{peak} MB");
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
    peak
}
