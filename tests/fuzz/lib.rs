//! Fuzz targets of B3LB. What they check is in `tests/harness/fuzz/targets.rs`; `tests/run` runs the same for a
//! bounded time.
//!
//! With libFuzzer, for as long as one likes, from the folder of the repository:
//!
//! ```text
//! cargo install cargo-fuzz
//! mkdir -p tests/fuzz/corpus/lists
//! cargo +nightly fuzz run --fuzz-dir tests/fuzz lists tests/fuzz/corpus/lists tests/fuzz/seeds/lists
//! ```
//!
//! Without it, on any toolchain, the seeds and random mutations of them, or single files such as libFuzzer leaves in
//! `artifacts`:
//!
//! ```text
//! cargo run --release --manifest-path tests/fuzz/Cargo.toml --bin lists -- [--seed N] [--rounds N] [FILE…]
//! ```

use std::time::Instant;

use harness::fuzz::{Mutator, seeds};

/// What a target does with an input: whether it is accepted.
pub type Target = fn(&[u8]) -> bool;

/// Makes the program of a target.
#[macro_export]
macro_rules! target {
    ($name:literal, $run:expr) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|data: &[u8]| {
            let run: $crate::Target = $run;
            run(data);
        });

        #[cfg(not(fuzzing))]
        fn main() {
            $crate::run($name, $run);
        }
    };
}

/// A strict parser in pure Rust.
///
/// # Errors
/// If the document is not well-formed, or has a document type.
pub fn strict(document: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(document).map_err(|error| error.to_string())?;
    roxmltree::Document::parse(text).map(drop).map_err(|error| error.to_string())
}

/// Runs a target without libFuzzer.
///
/// # Panics
/// If the target finds something, or the arguments are wrong.
pub fn run(name: &str, target: Target) {
    let (mut seed, mut rounds, mut files) = (1, 1_000_000, Vec::new());
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut number = || args.next().and_then(|it| it.parse().ok()).expect("a number");
        match arg.as_str() {
            "--seed" => seed = number(),
            "--rounds" => rounds = number(),
            _ => files.push(std::fs::read(&arg).expect("the file can be read")),
        }
    }
    if !files.is_empty() {
        files.iter().for_each(|file| println!("accepted: {}", target(file)));
        return;
    }
    let began = Instant::now();
    let seeds = seeds(name);
    for input in &seeds {
        target(input);
    }
    let mut mutator = Mutator::new(seed, seeds);
    let mut accepted = 0;
    for round in 0..rounds {
        let input = mutator.input();
        let input = Input { bytes: &input, seed, round };
        accepted += u64::from(target(input.bytes));
    }
    println!(
        "{name}: seed {seed}, {rounds} mutations, {accepted} accepted, {:.1} s",
        began.elapsed().as_secs_f64()
    );
}

/// Says in a panic what it was.
struct Input<'a> {
    bytes: &'a [u8],
    seed: u64,
    round: u64,
}

impl Drop for Input<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}, round {}: {}", self.seed, self.round, self.bytes.escape_ascii());
        }
    }
}
