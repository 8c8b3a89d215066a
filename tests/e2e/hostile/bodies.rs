//! The bodies of the fuzz targets (`tests/fuzz`), with expat as the strict parser.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::time::Instant;

use harness::StrictXml;
use harness::fuzz::{Mutator, seeds, targets};

use super::{mutations, requests, seed};

/// Of 1,000 mutations, those that must get behind the first check for it to be worth while.
const LEAST_ACCEPTED: usize = 30;

fn run(name: &str, rounds: usize, mut target: impl FnMut(&[u8]) -> bool) {
    let began = Instant::now();
    let seeds = seeds(name);
    for input in &seeds {
        target(input);
    }
    let mut mutator = Mutator::new(seed(), seeds);
    let mut accepted = 0;
    for round in 0..rounds {
        let input = mutator.input();
        let shown = Shown { input: &input, round };
        accepted += usize::from(target(shown.input));
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{name}: seed {}, {rounds} mutations, {accepted} accepted, {seconds:.1} s", seed());
    assert!(accepted * 1000 >= rounds * LEAST_ACCEPTED, "{name}: {accepted} of {rounds} are accepted");
}

/// Says in a panic what the input was.
struct Shown<'a> {
    input: &'a [u8],
    round: usize,
}

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("seed {}, round {}: {}", seed(), self.round, self.input.escape_ascii());
        }
    }
}

/// Expat, which is asked once only for each document.
fn strict() -> impl FnMut(&[u8]) -> Result<(), String> {
    let mut parser = StrictXml::start();
    let mut known = HashSet::new();
    move |document| {
        let mut hasher = DefaultHasher::new();
        document.hash(&mut hasher);
        if known.contains(&hasher.finish()) {
            return Ok(());
        }
        parser.check(document)?;
        known.insert(hasher.finish());
        Ok(())
    }
}

#[test]
fn mutated_queries() {
    run("query", requests(), targets::query);
}

#[test]
fn mutated_lists() {
    let mut strict = strict();
    run("lists", mutations() / 2, |input| targets::lists(input, &mut strict));
}

#[test]
fn mutated_create_answers() {
    let mut strict = strict();
    run("create_answer", mutations() / 4, |input| targets::create_answer(input, &mut strict));
}

#[test]
fn mutated_modules() {
    let mut strict = strict();
    run("modules", mutations() / 8, |input| targets::modules(input, &mut strict));
}

#[test]
fn mutated_load_figures() {
    run("load", mutations() / 8, targets::load);
}
